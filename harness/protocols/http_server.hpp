#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/net/door.hpp"
#include "harness/protocols/http.hpp"

/// The little of HTTP/1.1 that a server of ours needs (RFC 9112): one request, one answer, then the
/// connection ends.
namespace haetae::protocols {

inline constexpr std::size_t kRequestHeadLimit = 16 * 1024;
inline constexpr std::size_t kRequestBodyLimit = 64 * 1024;

struct ServedRequest {
  std::string method, target;
  std::vector<HttpField> fields;  ///< at most 64
  std::string body;               ///< at most kRequestBodyLimit, by Content-Length only
};

/// parse_request_head() reads request line and fields; ErrorKind::protocol if they are none.
[[nodiscard]] Result<ServedRequest> parse_request_head(std::string_view head);

/// read_request() waits for one request. Errors: `protocol` for what is no HTTP or beyond the
/// limits, `closed`, `timed_out`.
[[nodiscard]] Result<ServedRequest> read_request(net::Conn& conn, SteadyTime deadline);

/// answer() sends status, length and as much of the body as `most` allows, then nothing more.
[[nodiscard]] Result<void> answer(net::Conn& conn, int status, std::string_view content_type,
                                  ByteView body, SteadyTime deadline,
                                  std::size_t most = static_cast<std::size_t>(-1));

}  // namespace haetae::protocols
