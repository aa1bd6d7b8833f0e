#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "harness/model/address.hpp"

namespace haetae::test {

/// bound() is a socket bound to `address` with a port that the kernel chose.
inline int bound(const char* address, int type) {
  const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  inet_pton(AF_INET, address, &name.sin_addr);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
    throw std::runtime_error("cannot bind a test socket");
  }
  return fd;
}

inline Endpoint name_of(int fd) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  Endpoint out;
  std::memcpy(out.address.octets.data(), &name.sin_addr, 4);
  out.port = ntohs(name.sin_port);
  return out;
}

/// Peer accepts on 127.x.y.z and hands each connection to `serve`, one at a time; the connection is
/// closed when `serve` returns. gone() tells `serve` that the test is over.
class Peer {
 public:
  using Serve = std::function<void(int fd, const Peer& peer)>;
  Peer(const char* address, Serve serve)
      : fd_(bound(address, SOCK_STREAM)), endpoint_(name_of(fd_)), serve_(std::move(serve)) {
    listen(fd_, 64);
    thread_ = std::jthread([this] { loop(); });
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    gone_ = true;
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  [[nodiscard]] Endpoint endpoint() const { return endpoint_; }
  [[nodiscard]] int accepted() const { return accepted_; }
  [[nodiscard]] bool gone() const { return gone_; }
  /// hold() keeps the connection without a word until the test is over or the other side ends it.
  void hold(int fd) const {
    while (!gone_) {
      pollfd entry{fd, POLLIN, 0};
      if (poll(&entry, 1, 5) <= 0) continue;
      char byte = 0;
      if (recv(fd, &byte, 1, 0) <= 0) return;
    }
  }
  static void say(int fd, std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// reset() makes the coming close() an RST.
  static void reset(int fd) {
    const linger now{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  void loop() {
    for (;;) {
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      ++accepted_;
      serve_(fd, *this);
      ::close(fd);
    }
  }

  int fd_;
  Endpoint endpoint_;
  Serve serve_;
  std::atomic<int> accepted_{0};
  std::atomic<bool> gone_{false};
  std::jthread thread_;
};

/// free_port() is an endpoint on which nobody listens.
inline Endpoint free_port(const char* address) {
  const int fd = bound(address, SOCK_STREAM);
  const Endpoint out = name_of(fd);
  ::close(fd);
  return out;
}

}  // namespace haetae::test
