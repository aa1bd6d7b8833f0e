#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"

/// The clear messages of an SSH connection, as bytes and as plain values (RFC 4253, 4419, 5656,
/// 8731). Names from the peer are kept as they are, cut to printable ASCII of at most 64 bytes
/// (RFC 4251, section 6), 256 names a list.
namespace haetae::protocols {

/// SshBanner is the identification line (RFC 4253, section 4.2).
struct SshBanner {
  std::string protocol = "unknown";  ///< 1 (any 1.x), 1.99, 2.0
  std::string software{};            ///< without the comment, printable
  std::string line{};                ///< whole, printable
  bool operator==(const SshBanner&) const = default;
};
/// parse_ssh_banner() is empty for a line that does not begin with "SSH-".
[[nodiscard]] std::optional<SshBanner> parse_ssh_banner(std::string_view line);

using SshNames = std::vector<std::string>;

/// SshKexInit is SSH_MSG_KEXINIT: what one side offers, in its order.
struct SshKexInit {
  SshNames kex{}, host_keys{};
  SshNames ciphers_to_server{}, ciphers_to_client{};
  SshNames macs_to_server{}, macs_to_client{};
  SshNames compressions_to_server{}, compressions_to_client{};
  bool operator==(const SshKexInit&) const = default;
};
[[nodiscard]] std::optional<SshKexInit> parse_kexinit(ByteView payload);
/// encode_kexinit() is the payload with `cookie` (16 bytes are taken).
[[nodiscard]] Bytes encode_kexinit(const SshKexInit& offer, ByteView cookie);

/// SshHostKey is a public key of a server.
struct SshHostKey {
  std::string type{};  ///< as in the blob: ssh-rsa, ssh-ed25519, …
  int bits = 0;
  std::string fingerprint{};  ///< SHA256: and base64 without padding, as ssh-keygen prints it
  bool operator==(const SshHostKey&) const = default;
};
/// parse_host_key() is empty if the blob breaks the rules of its type; an unknown type has 0 bits.
[[nodiscard]] std::optional<SshHostKey> parse_host_key(ByteView blob);

/// SshBytes builds the data types of RFC 4251, section 5.
class SshBytes {
 public:
  SshBytes& byte(std::uint8_t value);
  SshBytes& uint32(std::uint32_t value);
  SshBytes& string(ByteView bytes);
  SshBytes& names(const SshNames& names);
  /// mpint() takes a positive number, big-endian.
  SshBytes& mpint(ByteView number);
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_{};
};

/// SshFields reads them; once it wanted more than there was, it stays failed and gives nothing.
class SshFields {
 public:
  explicit SshFields(ByteView bytes) : bytes_(bytes) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  std::uint8_t byte();
  std::uint32_t uint32();
  ByteView take(std::size_t count);
  ByteView string();
  SshNames names();

 private:
  ByteView bytes_;
  bool ok_ = true;
};

/// number_bits() is the bit length of a big-endian number.
[[nodiscard]] int number_bits(ByteView number);

}  // namespace haetae::protocols
