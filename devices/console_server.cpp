#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "devices/console.hpp"

namespace haetae::devices {
namespace {

constexpr int kStep = 20;  // milliseconds between two looks at what the board says

class Socket {
 public:
  explicit Socket(int value) : value_(value) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

bool send_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

struct ConsoleServer::Impl {
  explicit Impl(ConsoleBoard& what) : board(what) {}
  ~Impl() {
    stopping = true;
    const std::uint64_t one = 1;
    (void)!::write(wake.get(), &one, sizeof one);
    if (thread.joinable()) thread.join();
    // A child that another thread has forked holds the port until it executes its program.
    (void)::shutdown(listener.get(), SHUT_RDWR);
  }
  void run() const {
    while (!stopping) {
      std::array<pollfd, 2> entries{{{listener.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}}};
      if (::poll(entries.data(), entries.size(), -1) <= 0 || entries[0].revents == 0) continue;
      const Socket line(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (line.get() >= 0) serve(line.get());
    }
  }
  void serve(int descriptor) const {
    const int on = 1;
    (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{2, 0};
    (void)::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    // What the board said while nobody was connected is gone.
    (void)board.step({}, std::chrono::steady_clock::now());
    while (!stopping) {
      std::array<pollfd, 2> entries{{{descriptor, POLLIN, 0}, {wake.get(), POLLIN, 0}}};
      (void)::poll(entries.data(), entries.size(), kStep);
      std::array<char, 512> typed;
      std::size_t got = 0;
      if (entries[0].revents != 0) {
        const auto count = ::recv(descriptor, typed.data(), typed.size(), 0);
        if (count <= 0) return;
        got = static_cast<std::size_t>(count);
      }
      if (!send_all(descriptor, board.step({typed.data(), got}, std::chrono::steady_clock::now())))
        return;
    }
  }

  ConsoleBoard& board;
  Socket listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Socket wake{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  std::atomic<bool> stopping{false};
  std::thread thread;
};

ConsoleServer::ConsoleServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ConsoleServer::~ConsoleServer() = default;

Outcome<std::unique_ptr<ConsoleServer>> ConsoleServer::start(const std::string& address,
                                                             std::uint16_t port,
                                                             ConsoleBoard& board) {
  auto impl = std::make_unique<Impl>(board);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  const int on = 1;
  (void)::setsockopt(impl->listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1 ||
      ::bind(impl->listener.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0 ||
      ::listen(impl->listener.get(), 4) != 0)
    return tl::unexpected(fmt::format("cannot open the console at {} tcp/{}: {}", address, port,
                                      std::strerror(errno)));
  impl->thread = std::thread([raw = impl.get()] { raw->run(); });
  return std::unique_ptr<ConsoleServer>(new ConsoleServer(std::move(impl)));
}

}  // namespace haetae::devices
