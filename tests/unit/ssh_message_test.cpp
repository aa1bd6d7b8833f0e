#include <catch2/catch.hpp>

#include "harness/protocols/ssh_message.hpp"

using namespace haetae;
using namespace haetae::protocols;

TEST_CASE("banners of all SSH versions are told apart") {
  const auto modern = parse_ssh_banner("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3");
  REQUIRE(modern.has_value());
  CHECK(modern->protocol == "2.0");
  CHECK(modern->software == "OpenSSH_9.2p1");
  CHECK(parse_ssh_banner("SSH-1.99-Cisco-1.25")->protocol == "1.99");
  CHECK(parse_ssh_banner("SSH-1.99-Cisco-1.25")->software == "Cisco-1.25");
  CHECK(parse_ssh_banner("SSH-1.5-old")->protocol == "1");
  CHECK(parse_ssh_banner("SSH-3.0-new")->protocol == "unknown");
  CHECK(parse_ssh_banner("SSH-2.0")->software.empty());
  CHECK(parse_ssh_banner("SSH-2.0-x\033[2Jy")->software.find('\033') == std::string::npos);
  CHECK_FALSE(parse_ssh_banner("220 ftp").has_value());
}

TEST_CASE("KEXINIT keeps the order of its lists and bounds them") {
  SshKexInit offer;
  offer.kex = {"b", "a"};
  offer.host_keys = {"ssh-ed25519"};
  offer.macs_to_client = {"hmac-sha1", "hmac-md5"};
  const Bytes payload = encode_kexinit(offer, Bytes(16, 3));
  CHECK(parse_kexinit(payload) == offer);
  for (std::size_t cut = 0; cut < payload.size(); ++cut) {
    INFO(cut);
    CHECK_FALSE(parse_kexinit(ByteView(payload).first(cut)).has_value());
  }
  SshKexInit many;
  many.kex = SshNames(5000, "name");
  CHECK(parse_kexinit(encode_kexinit(many, {}))->kex.size() == 256);
  SshKexInit dirty;
  dirty.kex = {std::string("a\n\x01\xff") + std::string(500, 'z')};
  const auto cleaned = parse_kexinit(encode_kexinit(dirty, {}));
  REQUIRE(cleaned.has_value());
  CHECK(cleaned->kex[0] == "a???" + std::string(60, 'z'));
}

TEST_CASE("host keys are sized by their type") {
  const Bytes modulus(128, 0x91);
  const Bytes exponent{1, 0, 1};
  const auto rsa =
      parse_host_key(SshBytes().string(as_bytes("ssh-rsa")).mpint(exponent).mpint(modulus).bytes());
  REQUIRE(rsa.has_value());
  CHECK(rsa->bits == 1024);
  CHECK(rsa->fingerprint.size() == 7 + 43);
  const auto dsa = parse_host_key(SshBytes().string(as_bytes("ssh-dss")).mpint(modulus).bytes());
  CHECK(dsa->bits == 1024);
  const auto edwards =
      parse_host_key(SshBytes().string(as_bytes("ssh-ed25519")).string(Bytes(32, 1)).bytes());
  CHECK(edwards->bits == 256);
  const auto cut =
      parse_host_key(SshBytes().string(as_bytes("ssh-ed25519")).string(Bytes(9, 1)).bytes());
  CHECK(cut->bits == 0);
  const auto unknown = parse_host_key(SshBytes().string(as_bytes("x-new")).bytes());
  REQUIRE(unknown.has_value());
  CHECK(unknown->bits == 0);
  CHECK_FALSE(parse_host_key({}).has_value());
  CHECK_FALSE(parse_host_key(SshBytes().string(as_bytes("ssh-rsa")).bytes()).has_value());
  CHECK_FALSE(parse_host_key(SshBytes().uint32(0xffffffff).bytes()).has_value());
}

TEST_CASE("numbers have the two's complement form of the protocol") {
  CHECK(to_hex(SshBytes().mpint(Bytes{0, 0, 0x80}).bytes()) == "000000020080");
  CHECK(to_hex(SshBytes().mpint(Bytes{}).bytes()) == "00000000");
  CHECK(number_bits(Bytes{0, 1, 0}) == 9);
  CHECK(number_bits(Bytes{}) == 0);
}
