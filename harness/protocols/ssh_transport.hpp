#pragma once

#include <cstdint>
#include <string>

#include "harness/net/door.hpp"
#include "harness/protocols/ssh_message.hpp"

/// The start of an SSH connection by own bytes, up to the server's host key. Nothing here is
/// encrypted, so no algorithm of the server is beyond our reach, except key exchanges that need
/// more than Diffie-Hellman over a prime or a NIST curve or curve25519.
namespace haetae::protocols {

struct SshGreeting {
  SshBanner banner{};
  bool has_lists = false;  ///< false for a server of SSH 1 alone
  SshKexInit kexinit{};
};

/// ssh_greet() exchanges banners and reads the server's KEXINIT.
[[nodiscard]] Result<SshGreeting> ssh_greet(net::Conn& conn, SteadyTime deadline);

struct SshHostKeyAnswer {
  SshHostKey key{};
  int group_bits = 0;  ///< of the prime that a group exchange handed out, 0 if there was none
};

/// ssh_host_key() makes a key exchange on a fresh connection that asks for `algorithm` alone, up to
/// the reply that holds the key. The signature under it is not verified: the key is what the server
/// shows. `unsupported` if the server offers no key exchange that we have.
[[nodiscard]] Result<SshHostKeyAnswer> ssh_host_key(net::Conn& conn, const std::string& algorithm,
                                                    SteadyTime deadline);

}  // namespace haetae::protocols
