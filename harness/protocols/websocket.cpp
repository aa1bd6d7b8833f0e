#include "harness/protocols/websocket.hpp"

#include <openssl/evp.h>

#include <array>

#include "harness/protocols/http.hpp"
#include "harness/protocols/login.hpp"

namespace haetae::protocols {
namespace {

constexpr std::size_t kMostWaiting = 64;
constexpr std::size_t kMostControl = 125;
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string base64(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key) + std::string(kGuid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr);
  return base64(ByteView(digest.data(), length));
}

Result<void> WebSocketReader::put(ByteView bytes) {
  if (closed_) return {};
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  while (true) {
    const auto more = frame();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
  }
}

std::optional<std::string> WebSocketReader::next() {
  if (messages_.empty()) return std::nullopt;
  std::string out = std::move(messages_.front());
  messages_.pop_front();
  return out;
}

std::optional<Bytes> WebSocketReader::ping() {
  if (pings_.empty()) return std::nullopt;
  Bytes out = std::move(pings_.front());
  pings_.pop_front();
  return out;
}

/// frame() takes one frame off the buffer; false if it is not whole yet.
Result<bool> WebSocketReader::frame() {
  if (closed_ || buffer_.size() < 2) return false;
  const int opcode = buffer_[0] & 0x0F;
  const bool last = (buffer_[0] & 0x80) != 0;
  if ((buffer_[0] & 0x70) != 0)
    return fail(ErrorKind::protocol, "a WebSocket frame with reserved bits");
  if ((buffer_[1] & 0x80) != 0)
    return fail(ErrorKind::protocol, "a masked WebSocket frame from a server");
  std::uint64_t length = buffer_[1] & 0x7F;
  const std::size_t width = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (buffer_.size() < 2 + width) return false;
  if (width != 0) length = 0;
  for (std::size_t i = 0; i < width; ++i) length = length << 8U | buffer_[2 + i];
  if (length > kWebSocketMessageLimit)
    return fail(ErrorKind::protocol, "a WebSocket frame beyond the limit");
  const std::size_t begin = 2 + width;
  if (buffer_.size() - begin < length) return false;
  const auto payload = ByteView(buffer_).subspan(begin, static_cast<std::size_t>(length));
  const auto done = opcode >= 8 ? (last ? control(opcode, payload)
                                        : fail(ErrorKind::protocol, "a split control frame"))
                                : data(opcode, last, payload);
  if (!done) return tl::unexpected(done.error());
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin + length));
  return true;
}

Result<void> WebSocketReader::control(int opcode, ByteView payload) {
  if (payload.size() > kMostControl)
    return fail(ErrorKind::protocol, "a control frame that is too long");
  if (opcode == 8) {
    closed_ = true;
  } else if (opcode == 9) {
    if (pings_.size() < kMostWaiting) pings_.emplace_back(payload.begin(), payload.end());
  } else if (opcode != 10) {
    return fail(ErrorKind::protocol, "a WebSocket frame of an unknown kind");
  }
  return {};
}

Result<void> WebSocketReader::data(int opcode, bool last, ByteView payload) {
  if (opcode > 2 || (opcode == 0) != within_)
    return fail(ErrorKind::protocol, "a WebSocket frame out of place");
  if (message_.size() + payload.size() > kWebSocketMessageLimit)
    return fail(ErrorKind::protocol, "a WebSocket message beyond the limit");
  message_ += as_text(payload);
  within_ = !last;
  if (!last) return {};
  if (messages_.size() >= kMostWaiting)
    return fail(ErrorKind::protocol, "more WebSocket messages at once than are held");
  messages_.push_back(std::exchange(message_, {}));
  return {};
}

Result<WebSocket> WebSocket::open(std::unique_ptr<net::Conn> conn, std::string_view host,
                                  std::string_view target, SteadyTime deadline) {
  const std::string key = base64(random_bytes(16));
  const std::string request = "GET " + std::string(target) +
                              " HTTP/1.1\r\nHost: " + std::string(host) +
                              "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Key: " +
                              key + "\r\nSec-WebSocket-Version: 13\r\n\r\n";
  if (auto sent = conn->write(as_bytes(request), deadline); !sent)
    return tl::unexpected(sent.error());
  // The reader of HTTP takes a 101 for an interim answer: the head is read by itself.
  const auto head = read_until(*conn, "\r\n\r\n", kHttpHeaderLimit, deadline);
  if (!head) return tl::unexpected(head.error());
  const std::string low = lower(*head);
  const std::size_t at = low.find("sec-websocket-accept:");
  const std::size_t end = at == std::string::npos ? at : low.find("\r\n", at);
  const std::string given =
      at == std::string::npos
          ? ""
          : std::string(trim(std::string_view(*head).substr(at + 21, end - at - 21)));
  const bool switched = head->rfind("HTTP/1.1 101", 0) == 0;
  if (!switched || given != websocket_accept(key))
    return fail(ErrorKind::refused,
                "no WebSocket is opened: " + printable(head->substr(0, head->find('\r')), 100));
  return WebSocket(std::move(conn));
}

Result<void> WebSocket::pong(ByteView payload, SteadyTime deadline) {
  const Bytes mask = random_bytes(4);
  Bytes frame{0x8A, static_cast<std::uint8_t>(0x80U | payload.size())};
  frame.insert(frame.end(), mask.begin(), mask.end());
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame.push_back(static_cast<std::uint8_t>(payload[i] ^ mask[i % 4]));
  return conn_->write(frame, deadline);
}

Result<std::string> WebSocket::read(SteadyTime deadline) {
  std::array<std::uint8_t, 16384> buffer{};
  while (true) {
    if (auto message = reader_.next()) return *message;
    while (const auto asked = reader_.ping())
      if (auto sent = pong(*asked, deadline); !sent) return tl::unexpected(sent.error());
    if (reader_.closed()) return fail(ErrorKind::closed, "the server closed the WebSocket");
    const auto got = conn_->read_some(buffer, deadline);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return fail(ErrorKind::closed, "the server ended the WebSocket");
    if (auto put = reader_.put(ByteView(buffer).first(*got)); !put)
      return tl::unexpected(put.error());
  }
}

}  // namespace haetae::protocols
