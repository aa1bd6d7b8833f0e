#include "harness/model/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace haetae {

Result<Address> Address::parse(std::string_view text) {
  const std::string copy(text);
  Address address;
  if (inet_pton(AF_INET, copy.c_str(), address.octets.data()) == 1) return address;
  if (inet_pton(AF_INET6, copy.c_str(), address.octets.data()) == 1) {
    address.v6 = true;
    return address;
  }
  return fail(ErrorKind::invalid_input, fmt::format("'{}' is no IPv4 or IPv6 address", text));
}

std::string Address::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6 ? AF_INET6 : AF_INET, octets.data(), buffer, sizeof buffer);
  return buffer;
}

std::string Endpoint::text() const {
  return address.v6 ? fmt::format("[{}]:{}", address.text(), port)
                    : fmt::format("{}:{}", address.text(), port);
}

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return tl::unexpected(address.error());
  const int most = address->v6 ? 128 : 32;
  Network network{*address, most};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix);
  if (error != std::errc{} || end != digits.data() + digits.size() || network.prefix < 0 ||
      network.prefix > most) {
    return fail(ErrorKind::invalid_input,
                fmt::format("'{}' has no prefix length from 0 to {}", text, most));
  }
  for (int bit = network.prefix; bit < most; ++bit) {
    const auto octet = static_cast<std::size_t>(bit / 8);
    if ((network.address.octets[octet] & (0x80U >> (bit % 8))) != 0) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("'{}' has bits set behind its prefix of {}", text, network.prefix));
    }
  }
  return network;
}

std::string Network::text() const { return fmt::format("{}/{}", address.text(), prefix); }

bool Network::contains(const Address& other) const {
  if (address.v6 != other.v6) return false;
  for (int bit = 0; bit < prefix; ++bit) {
    const auto octet = static_cast<std::size_t>(bit / 8);
    const unsigned mask = 0x80U >> (bit % 8);
    if ((address.octets[octet] & mask) != (other.octets[octet] & mask)) return false;
  }
  return true;
}

bool Scope::contains(const Address& address) const {
  return std::ranges::any_of(networks,
                             [&](const Network& network) { return network.contains(address); });
}

}  // namespace haetae
