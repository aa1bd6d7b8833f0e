#pragma once

#include <sys/socket.h>

#include <optional>
#include <string_view>
#include <utility>

#include "harness/model/address.hpp"
#include "harness/model/error.hpp"

/// What the files of the door share about sockets; not for other folders.
namespace haetae::net {

/// Fd owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int descriptor) : descriptor_(descriptor) {}
  Fd(Fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }
  void reset();
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// SocketAddress is an Endpoint as the kernel wants it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// socket_address() converts; an IPv6 link-local address gets the index of the only interface that
/// has one too, 0 (which the kernel refuses) where there are several.
[[nodiscard]] SocketAddress socket_address(const Endpoint& endpoint);
[[nodiscard]] Endpoint endpoint_of(const SocketAddress& address);
[[nodiscard]] inline int family_of(const Address& address) {
  return address.v6 ? AF_INET6 : AF_INET;
}

/// local_endpoint() is the address that the socket is bound to.
[[nodiscard]] Endpoint local_endpoint(int descriptor);

/// error_of() turns an errno value of a socket call into an Error; `what` starts the sentence.
[[nodiscard]] tl::unexpected<Error> error_of(int code, std::string_view what);

/// is_loopback() holds for 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback(const Address& address);

/// link_of() is the index of an interface on whose link (by its prefix) one of the scope's networks
/// lies, for `v6` or IPv4; absent if they all lie behind a router.
[[nodiscard]] std::optional<unsigned> link_of(const Scope& scope, bool v6);

}  // namespace haetae::net
