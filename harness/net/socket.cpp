#include "harness/net/socket.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <system_error>

#include <fmt/format.h>

namespace haetae::net {
namespace {

using Interfaces = std::unique_ptr<ifaddrs, decltype(&freeifaddrs)>;

Interfaces interfaces() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) list = nullptr;
  return {list, &freeifaddrs};
}

bool is_link_local(const Address& address) {
  return address.v6 && address.octets[0] == 0xfe && (address.octets[1] & 0xc0U) == 0x80;
}

Address address_from(const sockaddr* from) {
  SocketAddress copy;
  const bool v6 = from->sa_family == AF_INET6;
  std::memcpy(&copy.storage, from, v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  return endpoint_of(copy).address;
}

int prefix_of(const Address& mask) {
  int bits = 0;
  for (const std::uint8_t octet : mask.octets) {
    for (unsigned bit = 0x80; bit != 0 && (octet & bit) != 0; bit >>= 1U) ++bits;
  }
  return bits;
}

unsigned only_link_local_interface() {
  std::set<unsigned> found;
  const Interfaces list = interfaces();
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET6) continue;
    if ((entry->ifa_flags & IFF_UP) == 0 || !is_link_local(address_from(entry->ifa_addr))) continue;
    found.insert(if_nametoindex(entry->ifa_name));
  }
  return found.size() == 1 ? *found.begin() : 0;
}

}  // namespace

void Fd::reset() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

SocketAddress socket_address(const Endpoint& endpoint) {
  SocketAddress out;
  if (endpoint.address.v6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.octets.data(), 16);
    if (is_link_local(endpoint.address)) v6.sin6_scope_id = only_link_local_interface();
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.octets.data(), 4);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  }
  return out;
}

Endpoint endpoint_of(const SocketAddress& address) {
  Endpoint out;
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof v6);
    out.address.v6 = true;
    std::memcpy(out.address.octets.data(), &v6.sin6_addr, 16);
    out.port = ntohs(v6.sin6_port);
  } else if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);
    std::memcpy(out.address.octets.data(), &v4.sin_addr, 4);
    out.port = ntohs(v4.sin_port);
  }
  return out;
}

Endpoint local_endpoint(int descriptor) {
  SocketAddress address;
  if (getsockname(descriptor, address.get(), &address.size) != 0) return {};
  return endpoint_of(address);
}

tl::unexpected<Error> error_of(int code, std::string_view what) {
  ErrorKind kind = ErrorKind::internal;
  switch (code) {
    case ECONNREFUSED: kind = ErrorKind::refused; break;
    case ETIMEDOUT: kind = ErrorKind::timed_out; break;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED: kind = ErrorKind::closed; break;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EACCES:
    case EPERM:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT: kind = ErrorKind::unreachable; break;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: kind = ErrorKind::budget; break;
    default: break;
  }
  return fail(kind, fmt::format("{}: {}", what, std::generic_category().message(code)));
}

bool is_loopback(const Address& address) {
  if (!address.v6) return address.octets[0] == 127;
  Address one;
  one.v6 = true;
  one.octets[15] = 1;
  return address == one;
}

std::optional<unsigned> link_of(const Scope& scope, bool v6) {
  const Interfaces list = interfaces();
  for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_netmask == nullptr) continue;
    if (entry->ifa_addr->sa_family != (v6 ? AF_INET6 : AF_INET)) continue;
    if ((entry->ifa_flags & IFF_UP) == 0) continue;
    Network link{address_from(entry->ifa_addr), prefix_of(address_from(entry->ifa_netmask))};
    for (const Network& network : scope.networks) {
      if (network.prefix >= link.prefix && link.contains(network.address)) {
        return if_nametoindex(entry->ifa_name);
      }
    }
  }
  return std::nullopt;
}

}  // namespace haetae::net
