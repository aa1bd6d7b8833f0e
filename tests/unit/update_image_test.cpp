#include "harness/formats/update_image.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/update_maker.hpp"

using namespace haetae;
using formats::UpdateFile;
using test::Maker;

namespace {

UpdateFile read(ByteView file, const std::optional<formats::DeclaredSignature>& declared,
                const std::vector<Bytes>& keys) {
  auto out = formats::read_update_file(file, declared, keys);
  INFO((out ? "" : out.error().message()));
  REQUIRE(out);
  return *out;
}

bool makes(const UpdateFile& known, std::string_view id) {
  const auto ids = formats::mutation_ids(known);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Payload and detached signature in one file, as a maker without a format of its own does it.
Bytes raw_file(const Maker& maker, const std::vector<std::string>& sign) {
  maker.rootfs();
  maker.run(sign);
  Bytes file = maker.bytes("rootfs.img");
  const Bytes signature = maker.bytes("rootfs.sig");
  file.insert(file.end(), signature.begin(), signature.end());
  return file;
}

}  // namespace

TEST_CASE("a declared signature at the end is judged with the keys that were handed over") {
  const Maker maker;
  const Bytes file = raw_file(maker, {"openssl", "dgst", "-sha256", "-sign", "signer.key", "-out",
                                      "rootfs.sig", "rootfs.img"});
  const formats::DeclaredSignature place{-256, 256};
  const UpdateFile known = read(file, place, {maker.bytes("signer.pub")});
  CHECK(known.format == "raw");
  REQUIRE(known.signatures.size() == 1);
  CHECK(known.signatures[0].scheme == "rsa-pkcs1");
  CHECK(known.signatures[0].digest == "sha256");
  CHECK(known.signatures[0].key_bits == 2048);
  CHECK(known.signatures[0].verifies == "yes");
  // Without a key 256 bytes may be anything.
  const UpdateFile blind = read(file, place, {});
  CHECK(blind.signatures[0].scheme == "unknown");
  CHECK(blind.signatures[0].key_bits == 0);
  CHECK(blind.signatures[0].verifies == "unknown");
  for (const auto& one : formats::mutate(file, known)) {
    INFO(one.id << ": " << one.what);
    if (one.bytes.size() <= 256) continue;
    CHECK(read(one.bytes, place, {maker.bytes("signer.pub")}).signatures[0].verifies ==
          (one.covered ? "no" : "yes"));
  }
  // A checksum that nobody told of must still fit, so that the signature alone is tried.
  const auto content = [](const Bytes& bytes, std::size_t size) {
    return Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  };
  const auto bare = formats::mutate_one(file, known, "unsigned");
  const auto foreign = formats::mutate_one(file, known, "foreign-key");
  REQUIRE((bare && foreign));
  CHECK(bare->bytes == content(file, file.size() - 256));
  CHECK(foreign->bytes.size() == file.size());
  CHECK(content(foreign->bytes, file.size() - 256) == bare->bytes);
  CHECK_FALSE(makes(known, "expired-certificate"));
}

TEST_CASE("a declared signature of Ed25519, ECDSA, PSS and CMS") {
  const auto scheme_of = [](const Maker& maker, const Bytes& file, std::size_t length,
                            const char* key) {
    const formats::DeclaredSignature place{-static_cast<std::int64_t>(length), length};
    const UpdateFile known = read(file, place, {maker.bytes(key)});
    CHECK(known.signatures[0].verifies == "yes");
    const auto ours = formats::mutate_one(file, known, "foreign-key");
    REQUIRE(ours);
    const UpdateFile again = read(ours->bytes, place, {maker.bytes(key)});
    CHECK(again.signatures[0].verifies == "no");
    return known.signatures[0].scheme;
  };
  const Maker ec("ec");
  Bytes file = raw_file(ec, {"openssl", "dgst", "-sha384", "-sign", "signer.key", "-out",
                             "rootfs.sig", "rootfs.img"});
  const std::size_t length = ec.bytes("rootfs.sig").size();
  CHECK(scheme_of(ec, file, length, "signer.pub") == "ecdsa");
  const formats::DeclaredSignature place{-static_cast<std::int64_t>(length), length};
  CHECK(read(file, place, {}).signatures[0].scheme == "ecdsa");
  CHECK(read(file, place, {}).signatures[0].key_bits == 256);
  const Maker edwards("ed25519");
  file = raw_file(edwards, {"openssl", "pkeyutl", "-sign", "-rawin", "-inkey", "signer.key", "-in",
                            "rootfs.img", "-out", "rootfs.sig"});
  CHECK(scheme_of(edwards, file, 64, "signer.pub") == "ed25519");
  const Maker rsa("rsa:3072");
  file = raw_file(rsa, {"openssl", "dgst", "-sha512", "-sigopt", "rsa_padding_mode:pss", "-sign",
                        "signer.key", "-out", "rootfs.sig", "rootfs.img"});
  CHECK(scheme_of(rsa, file, 384, "signer.pem") == "rsa-pss");
  file = raw_file(
      rsa, {"openssl", "cms", "-sign", "-binary", "-in", "rootfs.img", "-signer", "signer.pem",
            "-inkey", "signer.key", "-outform", "DER", "-out", "rootfs.sig"});
  const UpdateFile known =
      read(file, formats::DeclaredSignature{65536, rsa.bytes("rootfs.sig").size()},
           {rsa.bytes("ca.pem")});
  CHECK(known.signatures[0].scheme == "cms");
  CHECK(known.signatures[0].verifies == "yes");
  CHECK(makes(known, "expired-certificate"));
}

TEST_CASE("a declared place outside of the file is an error that says where") {
  const Bytes file(100, 1);
  for (const formats::DeclaredSignature place : {formats::DeclaredSignature{-101, 1},
                                                 {101, 1},
                                                 {0, 101},
                                                 {99, 2},
                                                 {0, 0},
                                                 {INT64_MIN, 1},
                                                 {INT64_MAX, ~0ULL},
                                                 {-1, ~0ULL}}) {
    const auto out = formats::read_update_file(file, place, {});
    REQUIRE_FALSE(out);
    CHECK(out.error().kind == ErrorKind::invalid_input);
    CHECK(out.error().text.find("<update><signature>") != std::string::npos);
  }
}

TEST_CASE("a file of no known format gets the general alterations, and the rest says why not") {
  Bytes file(5000, 0);
  for (std::size_t at = 0; at < file.size(); at += 3) file[at] = static_cast<std::uint8_t>(at);
  const UpdateFile known = read(file, std::nullopt, {});
  CHECK(known.format == "unknown");
  CHECK(known.signatures[0].scheme == "unknown");
  const auto all = formats::mutate(file, known);
  CHECK(all.size() == 5);
  CHECK(formats::not_made(known).size() == 9);
  for (const auto& [id, why] : formats::not_made(known)) {
    CHECK_FALSE(why.empty());
    CHECK_FALSE(formats::mutate_one(file, known, id));
  }
  for (const auto& one : all) CHECK(one.bytes != file);
  const auto genuine = formats::mutate_one(file, known, "genuine");
  REQUIRE(genuine);
  CHECK(genuine->bytes == file);
  CHECK_FALSE(formats::mutate_one(file, known, "nonsense"));
  CHECK_FALSE(formats::read_update_file({}, std::nullopt, {}));
}

TEST_CASE("archives with a signature file: tar, compressed tar and zip") {
  const Maker maker;
  const std::string payload = maker.rootfs();
  maker.folder().write("manifest.txt", "model: camera\nversion: 1.2.0\nsha256: " +
                                           to_hex(sha256(maker.bytes(payload))) + "\n");
  maker.run({"openssl", "dgst", "-sha256", "-sign", "signer.key", "-out", "manifest.sig",
             "manifest.txt"});
  maker.run(
      {"tar", "--format=ustar", "-cf", "update.tar", "manifest.txt", "manifest.sig", payload});
  maker.run({"tar", "-czf", "update.tgz", "manifest.txt", "manifest.sig", payload});
  maker.run({"tar", "--format=pax", "-cf", "update.pax", "manifest.txt", "manifest.sig", payload});
  maker.run({"zip", "-q", "update.zip", "manifest.txt", "manifest.sig", payload});
  const std::vector<Bytes> keys{maker.bytes("signer.pub")};
  for (const char* name : {"update.tar", "update.tgz", "update.pax", "update.zip"}) {
    INFO(name);
    const Bytes file = maker.bytes(name);
    const UpdateFile known = read(file, std::nullopt, keys);
    CHECK(known.version == "1.2.0");
    CHECK(known.model == "camera");
    REQUIRE(known.signatures.size() == 1);
    CHECK(known.signatures[0].scheme == "rsa-pkcs1");
    CHECK(known.signatures[0].verifies == "yes");
    CHECK(known.signatures[0].over == "manifest");
    CHECK(formats::not_made(known).size() == 2);
    for (const auto& one : formats::mutate(file, known)) {
      INFO(one.id << ": " << one.what);
      CHECK(one.bytes != file);
      if (one.id == "truncated" || one.id == "empty") continue;
      maker.write("altered", one.bytes);
      const bool zip = std::string(name) == "update.zip";
      const auto listed = maker.try_run(zip ? std::vector<std::string>{"unzip", "-t", "altered"}
                                            : std::vector<std::string>{"tar", "-tf", "altered"});
      INFO(listed.output);
      const bool odd = one.id == "trailing-data" || one.id == "path-traversal";
      CHECK((listed.exit_code == 0 || odd));
      const UpdateFile judged = read(one.bytes, std::nullopt, keys);
      const std::string wanted = one.id == "unsigned" ? "unknown" : one.covered ? "no" : "yes";
      CHECK(judged.signatures[0].verifies == wanted);
      if (one.id == "wrong-model") CHECK(judged.model == "haetae-other-model");
      if (one.id == "version-mismatch") CHECK(judged.version == "1.2.1");
    }
  }
}
