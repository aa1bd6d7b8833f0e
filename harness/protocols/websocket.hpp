#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "harness/net/door.hpp"

/// WebSocket (RFC 6455) as a client that listens: the messages of a server, bounded. No extensions.
namespace haetae::protocols {

inline constexpr std::size_t kWebSocketMessageLimit = 256 * 1024;

/// websocket_accept() is the Sec-WebSocket-Accept that belongs to a key (section 4.2.2).
[[nodiscard]] std::string websocket_accept(std::string_view key);

/// WebSocketReader takes the frames of a server apart as they come. It holds at most one message of
/// kWebSocketMessageLimit, and at most 64 whole ones that were not taken yet.
class WebSocketReader {
 public:
  /// put() takes bytes; ErrorKind::protocol for a masked, reserved, oversized or misplaced frame
  /// (section 5), or when nobody takes the messages.
  [[nodiscard]] Result<void> put(ByteView bytes);
  /// next() is the next whole text or binary message.
  [[nodiscard]] std::optional<std::string> next();
  /// ping() is the payload of a ping that wants a pong.
  [[nodiscard]] std::optional<Bytes> ping();
  [[nodiscard]] bool closed() const { return closed_; }

 private:
  [[nodiscard]] Result<bool> frame();
  [[nodiscard]] Result<void> control(int opcode, ByteView payload);
  [[nodiscard]] Result<void> data(int opcode, bool last, ByteView payload);

  Bytes buffer_;
  std::string message_;
  bool within_ = false;  ///< a fragmented message has begun
  bool closed_ = false;
  std::deque<std::string> messages_;
  std::deque<Bytes> pings_;
};

/// WebSocket is one open connection.
class WebSocket {
 public:
  /// open() makes the opening handshake; ErrorKind::refused if the server answers with anything but
  /// 101 and the right key.
  [[nodiscard]] static Result<WebSocket> open(std::unique_ptr<net::Conn> conn,
                                              std::string_view host, std::string_view target,
                                              SteadyTime deadline);
  /// read() waits for a message until `deadline`; ErrorKind::closed when the server has ended.
  [[nodiscard]] Result<std::string> read(SteadyTime deadline);
  [[nodiscard]] EvidenceId evidence() const { return conn_->evidence(); }

 private:
  explicit WebSocket(std::unique_ptr<net::Conn> conn) : conn_(std::move(conn)) {}
  [[nodiscard]] Result<void> pong(ByteView payload, SteadyTime deadline);

  std::unique_ptr<net::Conn> conn_;
  WebSocketReader reader_;
};

}  // namespace haetae::protocols
