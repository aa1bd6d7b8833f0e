#include "harness/protocols/http_server.hpp"

#include <algorithm>
#include <charconv>

#include "harness/protocols/login.hpp"

namespace haetae::protocols {
namespace {

constexpr std::size_t kMostFields = 64;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

Result<ServedRequest> parse_request_head(std::string_view head) {
  ServedRequest out;
  const std::string_view line = take_line(head);
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1."))
    return fail(ErrorKind::protocol, "the device sent no HTTP request");
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, second - first - 1);
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (out.method.empty() || out.target.empty() || !std::ranges::all_of(out.method, capital))
    return fail(ErrorKind::protocol, "the device sent no HTTP request");
  while (!head.empty()) {
    const std::string_view field = take_line(head);
    if (field.empty()) break;
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos || out.fields.size() >= kMostFields)
      return fail(ErrorKind::protocol, "the HTTP request of the device is malformed");
    out.fields.push_back(
        {std::string(field.substr(0, colon)), std::string(trim(field.substr(colon + 1)))});
  }
  return out;
}

Result<ServedRequest> read_request(net::Conn& conn, SteadyTime deadline) {
  const auto head = net::read_until(conn, "\r\n\r\n", kRequestHeadLimit, deadline);
  if (!head) return tl::unexpected(head.error());
  auto out = parse_request_head(*head);
  if (!out) return out;
  for (const HttpField& field : out->fields) {
    if (lower(field.name) != "content-length") continue;
    std::size_t length = 0;
    const auto* end = field.value.data() + field.value.size();
    const auto [at, code] = std::from_chars(field.value.data(), end, length);
    if (code != std::errc() || at != end || length > kRequestBodyLimit)
      return fail(ErrorKind::protocol,
                  "the HTTP request of the device has a body beyond the limit");
    const auto body = net::read_exactly(conn, length, deadline);
    if (!body) return tl::unexpected(body.error());
    out->body = as_text(*body);
    break;
  }
  return out;
}

Result<void> answer(net::Conn& conn, int status, std::string_view content_type, ByteView body,
                    SteadyTime deadline, std::size_t most) {
  const std::string head =
      "HTTP/1.1 " + std::to_string(status) + (status == 200 ? " OK" : " Not Found") +
      "\r\nContent-Type: " + std::string(content_type) +
      "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
  if (auto sent = conn.write(as_bytes(head), deadline); !sent) return sent;
  return conn.write(body.first(std::min(body.size(), most)), deadline);
}

}  // namespace haetae::protocols
