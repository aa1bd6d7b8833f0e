#pragma once

#include <filesystem>
#include <string>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// Time stamps (RFC 3161) over the signature of a seal: that it existed at a time which somebody
/// else vouches for.
namespace haetae::evidence {

/// stamp_query() is a TimeStampReq over the SHA-256 of a signature, in DER; it asks for the
/// authority's certificate.
[[nodiscard]] Result<Bytes> stamp_query(ByteView signature);

/// token_of() takes the token out of a TimeStampResp; an authority that refuses, and a token over
/// something else, is an error that says so.
[[nodiscard]] Result<Bytes> token_of(ByteView reply, ByteView signature);

/// check_authorities() is whether a file holds certificates in PEM that can be trusted.
[[nodiscard]] Result<void> check_authorities(const std::filesystem::path& authorities);

struct CheckedStamp {
  std::string time;       ///< as the authority says it, UTC: 2026-11-22T12:00:00Z
  std::string authority;  ///< subject of its certificate
  bool known = false;     ///< its certificate leads to one of those that the caller trusts
};

/// check_stamp() checks a token: its signature, the certificate's purpose, and the imprint over
/// `signature`. `authorities` is a PEM file of trusted certificates; empty: the authority is
/// unknown.
[[nodiscard]] Result<CheckedStamp> check_stamp(ByteView token, ByteView signature,
                                               const std::filesystem::path& authorities);

}  // namespace haetae::evidence
