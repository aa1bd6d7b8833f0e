#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace haetae::devices {

using std::chrono::milliseconds;

/// Power is what every connection asks before it goes on: whether the device runs, hangs or is off.
class Power {
 public:
  void hang();
  void off();
  void on();
  /// running() waits while the device hangs, and is false once it is off.
  [[nodiscard]] bool running();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hanging_ = false, off_ = false;
};

/// Connection is one accepted TCP connection, plain or in TLS. Reads wait at most `patience`; any
/// failure ends it, later calls then fail at once.
class Connection {
 public:
  Connection(int descriptor, std::string peer, std::string local, Power& power);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool start_tls(const std::shared_ptr<SSL_CTX>& context);
  [[nodiscard]] bool tls() const { return ssl_ != nullptr; }
  [[nodiscard]] const std::string& peer() const { return peer_; }
  [[nodiscard]] const std::string& local() const { return local_; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool alive() const { return alive_; }

  /// peek() looks at the first bytes without taking them, waiting until `wanted` are there.
  [[nodiscard]] std::string peek(std::size_t wanted);
  /// read_exact(), read_line(), read_until() take bytes; nothing if they do not come.
  [[nodiscard]] std::optional<std::string> read_exact(std::size_t count);
  [[nodiscard]] std::optional<std::string> read_line(std::size_t most);
  [[nodiscard]] std::optional<std::string> read_until(std::string_view mark, std::size_t most);
  /// wait_for_input() is true when bytes can be read; it also returns, false, when `wake` can.
  [[nodiscard]] bool wait_for_input(milliseconds limit, int wake = -1);
  bool write(std::string_view bytes);
  /// reset() makes the close send RST.
  void reset();
  void close();

  milliseconds patience{30000};

 private:
  [[nodiscard]] bool fill();
  [[nodiscard]] bool wait(short events, milliseconds limit);

  int descriptor_;
  std::string peer_, local_, buffer_;
  Power& power_;
  SSL* ssl_ = nullptr;
  bool alive_ = true;
};

}  // namespace haetae::devices
