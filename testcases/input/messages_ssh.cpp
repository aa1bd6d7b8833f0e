#include <algorithm>

#include "harness/protocols/ssh_message.hpp"
#include "testcases/input/message.hpp"

namespace haetae::testcases::input {
namespace {

/// packet() is a clear packet with the least padding (RFC 4253, section 6).
Bytes packet(const Bytes& payload) {
  std::size_t padding = 8 - (payload.size() + 5) % 8;
  if (padding < 4) padding += 8;
  return Wire().u32(payload.size() + padding + 1).u8(padding).put(payload).many(padding, 0).bytes();
}

Bytes lists(std::uint64_t seed) {
  const protocols::SshNames ciphers{"aes128-ctr", "aes256-ctr"}, macs{"hmac-sha2-256"},
      none{"none"};
  return protocols::encode_kexinit({.kex = {"curve25519-sha256", "diffie-hellman-group14-sha256"},
                                    .host_keys = {"ssh-ed25519", "rsa-sha2-256", "ssh-rsa"},
                                    .ciphers_to_server = ciphers,
                                    .ciphers_to_client = ciphers,
                                    .macs_to_server = macs,
                                    .macs_to_client = macs,
                                    .compressions_to_server = none,
                                    .compressions_to_client = none},
                                   sha256(Wire().number(seed, 8).bytes()));
}

Bytes line(std::string_view text) { return bytes_of(std::string(text) + "\r\n"); }

void add_identification(MessageList& list) {
  list.of("identification")
      .fixed("line", "version-9", line("SSH-9.9-haetae"))
      .fixed("line", "version-1", line("SSH-1.0-haetae"))
      .fixed("line", "only-the-name", line("SSH-"))
      .fixed("line", "high-bytes", line("SSH-2.0-\xff\xfe\xc0\x80"))
      .fixed("line", "format-letters", line("SSH-2.0-%n%n%s%s%x"))
      .fixed("line", "zero-bytes", Wire().text("SSH-2.0-").many(8, 0).text("\r\n").bytes())
      .sized("line", "long-software",
             [](std::size_t n) { return Wire().text("SSH-2.0-").many(n).text("\r\n").bytes(); })
      .sized("line", "no-line-end", [](std::size_t n) { return Wire().many(n).bytes(); })
      .sized("line", "many-lines", [](std::size_t n) {
        Wire out;
        while (out.size() + 2 <= n) out.text("\r\n");
        return out.bytes();
      });
}

void add_packets(MessageList& list, const Bytes& whole) {
  const std::size_t size = whole.size() - 4;
  for (const auto& [name, length] : std::initializer_list<std::pair<const char*, std::size_t>>{
           {"packet-length-0", 0},
           {"packet-length-1", 1},
           {"packet-length-max", 0xffffffff},
           {"packet-length-sign", 0x80000000},
           {"packet-length-35001", 35001},
           {"packet-length-more", size + 1},
           {"packet-length-less", size - 1}})
    list.fixed("packet length", name, changed(whole, 0, length, 4));
  list.fixed("packet", "cut-in-half", cut(whole, whole.size() / 2))
      .fixed("padding length", "padding-0", changed(whole, 4, 0, 1))
      .fixed("padding length", "padding-255", changed(packet({20}), 4, 255, 1))
      .fixed("payload", "empty-payload", packet({}));
}

}  // namespace

// RFC 4253: identification, binary packets, KEXINIT, and what may stand around it.
std::vector<Message> ssh_messages(const Talk& talk) {
  const Bytes payload = lists(talk.seed), whole = packet(payload);
  MessageList list;
  add_identification(list);
  list.of("KEXINIT", {talk.ordinary});
  add_packets(list, whole);
  // The first list begins behind the type and the cookie.
  list.fixed("list length", "list-length-max", packet(changed(payload, 17, 0xffffffff, 4)))
      .fixed("list length", "list-length-0", packet(changed(payload, 17, 0, 4)))
      .fixed("list length", "list-length-more", packet(changed(payload, 17, payload.size(), 4)))
      .fixed("lists", "cut-lists", packet(cut(payload, 40)))
      .fixed("list", "no-names", packet(Wire(cut(payload, 17)).many(45, 0).bytes()))
      .shaken(talk.seed, whole, 5, 4)
      .sized("list", "long-list", [payload](std::size_t n) {
        return packet(Wire(cut(payload, 17)).u32(n).many(n).many(41, 0).bytes());
      });
  list.of("before KEXINIT", {talk.ordinary})
      .fixed("order", "new-keys-first", packet({21}))
      .fixed("order", "login-first", packet(Wire().u8(50).u32(0).u32(0).u32(0).bytes()))
      .fixed("message type", "type-255", packet({255}))
      .fixed("debug text", "debug-lies", packet(Wire().u8(4).u8(1).u32(0xffffffff).bytes()))
      .fixed("ignored data", "ignore-lies", packet(Wire().u8(2).u32(0x7fffffff).bytes()));
  // The server's lists came before ours, which it does not answer.
  list.of("key exchange", {Wire(talk.ordinary).put(whole).bytes()})
      .fixed("order", "lists-again", whole)
      .fixed("key length", "key-length-0", packet(Wire().u8(30).u32(0).bytes()))
      .fixed("key length", "key-length-max", packet(Wire().u8(30).u32(0xffffffff).bytes()))
      .fixed("key", "key-of-zeros", packet(Wire().u8(30).u32(32).many(32, 0).bytes()))
      .sized("key", "long-key",
             [](std::size_t n) { return packet(Wire().u8(30).u32(n).many(n).bytes()); });
  return list.take();
}

}  // namespace haetae::testcases::input
