#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/error.hpp"

namespace haetae {

/// Address is one IPv4 or IPv6 address (RFC 4291 text form, no zone).
struct Address {
  std::array<std::uint8_t, 16> octets{};  ///< IPv4 uses the first four
  bool v6 = false;
  auto operator<=>(const Address&) const = default;

  [[nodiscard]] static Result<Address> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
};

/// Endpoint is an address with a port.
struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
  [[nodiscard]] std::string text() const;  ///< 127.0.0.1:80, [::1]:80
};

/// Network is an address prefix, 192.0.2.0/24.
struct Network {
  Address address;
  int prefix = 0;
  bool operator==(const Network&) const = default;
  [[nodiscard]] static Result<Network> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool contains(const Address& address) const;
};

/// Scope is the set of networks that the authorisation covers. Nothing else is ever contacted.
struct Scope {
  std::vector<Network> networks;
  bool operator==(const Scope&) const = default;
  [[nodiscard]] bool contains(const Address& address) const;
};

}  // namespace haetae
