#include "harness/protocols/ssh_message.hpp"

#include <algorithm>
#include <bit>

namespace haetae::protocols {
namespace {

constexpr std::uint8_t kKexInit = 20;
constexpr std::size_t kMaxNames = 256;
constexpr std::size_t kMaxName = 64;

std::string clean(std::string_view text, std::size_t limit) {
  std::string out;
  for (const char letter : text.substr(0, limit)) {
    out.push_back(letter > 0x20 && letter < 0x7f ? letter : '?');
  }
  return out;
}

std::string base64(ByteView bytes) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i) word = word << 8 | (i < count ? bytes[at + i] : 0U);
    for (std::size_t i = 0; i <= count; ++i) out += kLetters[word >> (18 - 6 * i) & 63];
  }
  return out;
}

bool certificate(std::string_view type) { return type.ends_with("-cert-v01@openssh.com"); }

}  // namespace

int number_bits(ByteView number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  if (number.empty()) return 0;
  return static_cast<int>(number.size() - 1) * 8 + std::bit_width(number.front());
}

SshBytes& SshBytes::byte(std::uint8_t value) {
  bytes_.push_back(value);
  return *this;
}
SshBytes& SshBytes::uint32(std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) byte(static_cast<std::uint8_t>(value >> shift));
  return *this;
}
SshBytes& SshBytes::string(ByteView bytes) {
  uint32(static_cast<std::uint32_t>(bytes.size()));
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}
SshBytes& SshBytes::names(const SshNames& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ",") + name;
  return string(as_bytes(joined));
}
SshBytes& SshBytes::mpint(ByteView number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  Bytes padded;
  if (!number.empty() && number.front() >= 0x80) padded.push_back(0);
  padded.insert(padded.end(), number.begin(), number.end());
  return string(padded);
}

ByteView SshFields::take(std::size_t count) {
  if (!ok_ || count > bytes_.size()) {
    ok_ = false;
    return {};
  }
  const ByteView out = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return out;
}
std::uint8_t SshFields::byte() {
  const ByteView one = take(1);
  return one.empty() ? std::uint8_t{0} : one[0];
}
std::uint32_t SshFields::uint32() {
  std::uint32_t value = 0;
  for (const std::uint8_t part : take(4)) value = value << 8 | part;
  return value;
}
ByteView SshFields::string() { return take(uint32()); }
SshNames SshFields::names() {
  SshNames out;
  std::string_view rest = as_text(string());
  while (!rest.empty() && out.size() < kMaxNames) {
    const std::size_t comma = rest.find(',');
    if (comma != 0) out.push_back(clean(rest.substr(0, comma), kMaxName));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return out;
}

std::optional<SshBanner> parse_ssh_banner(std::string_view line) {
  if (!line.starts_with("SSH-")) return std::nullopt;
  SshBanner out;
  out.line = printable(line, 255);
  const std::string_view rest = line.substr(4);
  const std::size_t dash = rest.find('-');
  const std::string_view version = rest.substr(0, dash);
  if (version == "2.0" || version == "1.99") {
    out.protocol = version;
  } else if (version.starts_with("1.")) {
    out.protocol = "1";
  }
  if (dash != std::string_view::npos) {
    const std::string_view software = rest.substr(dash + 1);
    out.software = printable(software.substr(0, software.find(' ')), 200);
  }
  return out;
}

std::optional<SshKexInit> parse_kexinit(ByteView payload) {
  SshFields fields(payload);
  if (fields.byte() != kKexInit) return std::nullopt;
  fields.take(16);
  SshKexInit out;
  for (SshNames* list : {&out.kex, &out.host_keys, &out.ciphers_to_server, &out.ciphers_to_client,
                         &out.macs_to_server, &out.macs_to_client, &out.compressions_to_server,
                         &out.compressions_to_client}) {
    *list = fields.names();
  }
  fields.string();  // languages
  fields.string();
  fields.byte();
  fields.uint32();
  if (!fields.ok()) return std::nullopt;
  return out;
}

Bytes encode_kexinit(const SshKexInit& offer, ByteView cookie) {
  SshBytes out;
  out.byte(kKexInit);
  for (std::size_t i = 0; i < 16; ++i) out.byte(i < cookie.size() ? cookie[i] : std::uint8_t{0});
  for (const SshNames* list :
       {&offer.kex, &offer.host_keys, &offer.ciphers_to_server, &offer.ciphers_to_client,
        &offer.macs_to_server, &offer.macs_to_client, &offer.compressions_to_server,
        &offer.compressions_to_client}) {
    out.names(*list);
  }
  return out.names({}).names({}).byte(0).uint32(0).bytes();
}

std::optional<SshHostKey> parse_host_key(ByteView blob) {
  SshFields fields(blob);
  SshHostKey out;
  out.type = clean(as_text(fields.string()), kMaxName);
  out.fingerprint = "SHA256:" + base64(sha256(blob));
  if (!fields.ok() || out.type.empty()) return std::nullopt;
  if (certificate(out.type)) fields.string();  // nonce
  const std::string_view type = out.type;
  if (type.starts_with("ssh-rsa")) {
    fields.string();  // exponent
    out.bits = number_bits(fields.string());
  } else if (type.starts_with("ssh-dss")) {
    out.bits = number_bits(fields.string());
  } else if (type.find("nistp") != std::string_view::npos) {
    const std::string_view curve = as_text(fields.string());
    out.bits = curve == "nistp256"   ? 256
               : curve == "nistp384" ? 384
               : curve == "nistp521" ? 521
                                     : 0;
  } else if (type.find("ed25519") != std::string_view::npos) {
    out.bits = fields.string().size() == 32 ? 256 : 0;
  } else if (type.find("ed448") != std::string_view::npos) {
    out.bits = fields.string().size() == 57 ? 456 : 0;
  }
  if (!fields.ok()) return std::nullopt;
  return out;
}

}  // namespace haetae::protocols
