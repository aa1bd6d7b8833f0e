#pragma once

#include <string>

#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"

struct evp_pkey_st;

namespace haetae::reports {

/// Signing is what a signature in a PDF says beside the signature itself.
struct Signing {
  WallTime at;           ///< claimed time of signing
  std::string name;      ///< who signs; empty: the common name of the certificate
  std::string reason;    ///< why: the release of report …
  std::string location;  ///< where; may be empty
};

/// sign_pdf() appends a PAdES signature (ETSI EN 319 142-1, SubFilter ETSI.CAdES.detached) in an
/// invisible field of the first page, as an incremental update: the signed bytes are all bytes of
/// the result but the signature itself. `key` is an EC or RSA key (also one of a PKCS #11 token);
/// `certificates` is PEM, the signer's first, then those that lead to a root.
/// The bytes are the same each time apart from the nonce of ECDSA.
/// ErrorKind::invalid_input if the key is of another kind or does not fit the certificate, the
/// certificate was not valid at that time, or the file is no PDF of pdf() or signed already.
[[nodiscard]] Result<Bytes> sign_pdf(ByteView pdf, evp_pkey_st* key,
                                     const std::string& certificates, const Signing& signing);

}  // namespace haetae::reports
