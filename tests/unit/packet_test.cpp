#include <catch2/catch.hpp>

#include "harness/net/packet.hpp"

using namespace haetae;
using namespace haetae::net;

namespace {

const Address kFrom = Address::parse("198.51.100.1").value();
const Address kTo = Address::parse("198.51.100.2").value();

// ipv4() is a header of five words around `payload`.
Bytes ipv4(std::uint8_t protocol, ByteView payload) {
  Bytes out(20, 0);
  out[0] = 0x45;
  out[9] = protocol;
  std::copy_n(kFrom.octets.begin(), 4, out.begin() + 12);
  std::copy_n(kTo.octets.begin(), 4, out.begin() + 16);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

std::uint32_t folded(ByteView bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    sum += static_cast<std::uint32_t>(bytes[at] << 8U | bytes[at + 1]);
  }
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return sum;
}

}  // namespace

TEST_CASE("a SYN has ports, sequence, flags, and a checksum that adds up") {
  for (const auto& [from, to] : {std::pair{kFrom, kTo}, std::pair{Address::parse("fe80::1").value(),
                                                                  Address::parse("::1").value()}}) {
    const auto syn = syn_segment({from, 50000}, {to, 443}, 0x89abcdefU);
    CHECK(to_hex(ByteView(syn).first(14)) == "c35001bb89abcdef000000006002");
    Bytes covered;
    const auto size = static_cast<std::ptrdiff_t>(from.v6 ? 16 : 4);
    covered.insert(covered.end(), from.octets.begin(), from.octets.begin() + size);
    covered.insert(covered.end(), to.octets.begin(), to.octets.begin() + size);
    covered.insert(covered.end(), {0, 6, 0, 24});
    covered.insert(covered.end(), syn.begin(), syn.end());
    CHECK(folded(covered) == 0xffffU);
  }
}

TEST_CASE("answers are read, and whatever is cut short is nothing") {
  Bytes answer(20, 0);
  answer[0] = 0x01;
  answer[1] = 0xbb;
  answer[2] = 0xc3;
  answer[3] = 0x50;
  answer[8] = 0x89;
  answer[11] = 0x01;
  answer[13] = 0x12;
  const Bytes packet = ipv4(6, answer);
  const auto read = parse_ipv4(packet);
  REQUIRE(read.has_value());
  CHECK(read->from == kFrom);
  CHECK(read->to == kTo);
  CHECK(parse_tcp(read->payload) == TcpAnswer{.from_port = 443,
                                              .to_port = 50000,
                                              .acknowledged = 0x89000001U,
                                              .syn = true,
                                              .ack = true,
                                              .rst = false});
  for (std::size_t size = 0; size < packet.size(); ++size) {
    const auto part = parse_ipv4(ByteView(packet).first(size));
    CHECK(part.has_value() == (size >= 20));
    if (part) CHECK_FALSE(parse_tcp(part->payload).has_value());
  }
  Bytes lying = packet;
  lying[0] = 0x4f;  // 60 bytes of header
  CHECK_FALSE(parse_ipv4(lying).has_value());
  lying[0] = 0x44;
  CHECK_FALSE(parse_ipv4(lying).has_value());
  lying[0] = 0x65;
  CHECK_FALSE(parse_ipv4(lying).has_value());
}

TEST_CASE("an ICMP unreachable is bound to the segment that it quotes") {
  const auto syn = syn_segment({kFrom, 50000}, {kTo, 443}, 77);
  const Bytes quoted = ipv4(6, ByteView(syn).first(8));
  Bytes message{3, 13, 0, 0, 0, 0, 0, 0};
  message.insert(message.end(), quoted.begin(), quoted.end());
  CHECK(parse_unreachable(message, false) ==
        Unreachable{.to = kTo, .from_port = 50000, .to_port = 443, .sequence = 77});
  for (std::size_t size = 0; size < message.size(); ++size) {
    CHECK_FALSE(parse_unreachable(ByteView(message).first(size), false).has_value());
  }
  CHECK_FALSE(parse_unreachable(message, true).has_value());
  message[0] = 11;
  CHECK_FALSE(parse_unreachable(message, false).has_value());

  const Address v6 = Address::parse("fd51::2").value();
  Bytes six{1, 1, 0, 0, 0, 0, 0, 0};
  Bytes header(40, 0);
  header[0] = 0x60;
  header[6] = 6;
  std::copy_n(v6.octets.begin(), 16, header.begin() + 24);
  six.insert(six.end(), header.begin(), header.end());
  six.insert(six.end(), syn.begin(), syn.begin() + 8);
  CHECK(parse_unreachable(six, true) ==
        Unreachable{.to = v6, .from_port = 50000, .to_port = 443, .sequence = 77});
  for (std::size_t size = 0; size < six.size(); ++size) {
    CHECK_FALSE(parse_unreachable(ByteView(six).first(size), true).has_value());
  }
}
