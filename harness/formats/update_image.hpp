#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// Update files as devices take them: what is header, manifest, payload and signature in them, who
/// signed them how, and altered ones made with that knowledge. Only what is handed in is changed;
/// nothing here says whether a device ought to take it.
namespace haetae::formats {

/// Region is a stretch of an update file with a meaning.
struct Region {
  std::string name;  ///< header, manifest, payload, signature, version, model
  std::uint64_t offset = 0, length = 0;
};

/// ImageSignature is one signature found in an update file.
struct ImageSignature {
  std::string scheme;  ///< cms, rsa-pkcs1, rsa-pss, ecdsa, ed25519, crc, none, unknown
  std::string digest;  ///< sha256, sha1, crc32 …, unknown
  std::string key_algorithm = "unknown";  ///< rsa, rsa-pss, ec, ed25519, ed448, dsa, unknown
  std::string key_curve;
  int key_bits = 0;                  ///< 0 where nothing tells
  std::string over;                  ///< name of the region that it covers
  std::string verifies = "unknown";  ///< yes, no, unknown: with a key that was handed over
  std::vector<Bytes> certificates;   ///< DER, the signer first
  std::uint64_t offset = 0, length = 0;
};

/// UpdateFile is an update file taken apart.
struct UpdateFile {
  std::string format;  ///< uimage, fit, trx, swu, rauc, mcuboot, mender, tar, zip, android-ota,
                       ///< raw, unknown
  std::vector<Region> regions;
  std::vector<ImageSignature> signatures;
  std::string version, model;  ///< as the file tells, empty if it does not
  std::optional<std::uint64_t>
      counter;  ///< security counter or rollback index, where there is a field
};

/// DeclaredSignature is where the maker says that the signature of a file without a format stands.
struct DeclaredSignature {
  std::int64_t offset = 0;  ///< negative counts from the end
  std::uint64_t length = 0;
};

/// read_update_file() takes a file apart. `keys` are PEM or DER public keys or certificates that
/// check its signatures. An unknown format gives "raw" (a signature was declared) or "unknown".
[[nodiscard]] Result<UpdateFile> read_update_file(ByteView file,
                                                  const std::optional<DeclaredSignature>& declared,
                                                  const std::vector<Bytes>& keys);

/// Mutation is an altered update file.
struct Mutation {
  std::string id;  ///< genuine, flip-header, flip-manifest, flip-payload, flip-signature,
                   ///< truncated, trailing-data, empty, wrong-model, unsigned, foreign-key,
                   ///< expired-certificate, unknown-certificate, version-mismatch, path-traversal
  std::string format;
  std::string what;  ///< what was changed where, for the reader: "bit 0 of byte 4711 (payload)"
  std::string
      marker;  ///< text inside the payload by which an installation can be known, may be empty
  /// covered: the change lies in what a signature covers or in the signature itself. What is not
  /// covered (bytes behind the end, an extra member beside a signed manifest) may be taken by a
  /// device that checks every signature.
  bool covered = true;
  Bytes bytes;
};

/// mutation_ids() are the ids that mutate() makes for the file, in order.
[[nodiscard]] std::vector<std::string> mutation_ids(const UpdateFile& known);

/// mutate_one() makes one of them, so that a large file is held twice and not fifteen times; an
/// error says why this file does not allow it. Id "genuine" gives the file as it is.
[[nodiscard]] Result<Mutation> mutate_one(ByteView file, const UpdateFile& known,
                                          std::string_view id);

/// mutate() makes every altered file that makes sense for the format, in the order above without
/// the genuine one; what this very file does not allow (a part in a compression that is not read)
/// is left out, and mutate_one() says why. The same file gives the same mutations but for fresh
/// keys and signatures.
[[nodiscard]] std::vector<Mutation> mutate(ByteView file, const UpdateFile& known);

/// not_made() is, for each mutation id that mutate() does not make for this file, one sentence why.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> not_made(const UpdateFile& known);

}  // namespace haetae::formats
