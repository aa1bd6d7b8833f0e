#include <algorithm>

#include "testcases/input/message.hpp"

namespace haetae::testcases::input {
namespace {

constexpr std::size_t kMostRecord = 16384;  // RFC 8446, section 5.1
constexpr std::uint8_t kHandshake = 22;

std::size_t number_at(const Bytes& bytes, std::size_t at, int width) {
  std::size_t out = 0;
  for (int i = 0; i < width; ++i)
    out = out << 8U |
          (at + static_cast<std::size_t>(i) < bytes.size() ? bytes[at + static_cast<std::size_t>(i)]
                                                           : 0U);
  return out;
}

/// Places are where the fields of a ClientHello stand in its record (RFC 8446, section 4.1.2).
struct Places {
  std::size_t session = 43, suites = 0, compressions = 0, extensions = 0;
};

Places places_in(const Bytes& hello) {
  Places out;
  out.suites = out.session + 1 + number_at(hello, out.session, 1);
  out.compressions = out.suites + 2 + number_at(hello, out.suites, 2);
  out.extensions = out.compressions + 1 + number_at(hello, out.compressions, 1);
  return out;
}

Bytes record(std::uint8_t type, ByteView body) {
  Wire out;
  do {
    const std::size_t size = std::min(kMostRecord, body.size());
    out.u8(type).u16(0x0303).u16(size).put(body.first(size));
    body = body.subspan(size);
  } while (!body.empty());
  return out.bytes();
}

Bytes handshake(std::uint8_t type, const Bytes& body) {
  return record(kHandshake, Wire().u8(type).number(body.size(), 3).put(body).bytes());
}

/// body_of() is the ClientHello without record and handshake header.
Bytes body_of(const Bytes& hello) {
  return hello.size() > 9 ? Bytes(hello.begin() + 9, hello.end()) : Bytes{};
}

/// extended() is the hello with one more extension, all lengths right.
Bytes extended(const Bytes& hello, std::uint16_t type, const Bytes& body) {
  Bytes out = body_of(hello);
  const std::size_t at = places_in(hello).extensions - 9;
  if (at + 2 > out.size()) return hello;
  const Bytes more = Wire().u16(type).u16(body.size()).put(body).bytes();
  const std::size_t size = number_at(out, at, 2) + more.size();
  out.insert(out.end(), more.begin(), more.end());
  return handshake(1, changed(std::move(out), at, size, 2));
}

/// with_suites() is the hello with another list of suites.
Bytes with_suites(const Bytes& hello, const Bytes& suites) {
  const Bytes body = body_of(hello);
  const Places places = places_in(hello);
  if (places.compressions > hello.size()) return hello;
  Wire out(cut(body, places.suites - 9));
  out.u16(suites.size()).put(suites);
  out.put(ByteView(hello).subspan(places.compressions));
  return handshake(1, out.bytes());
}

void add_lengths(MessageList& list, const Bytes& hello, const Places& places) {
  const std::size_t record_size = number_at(hello, 3, 2), message_size = number_at(hello, 6, 3);
  list.fixed("record", "cut-in-half", cut(hello, hello.size() / 2))
      .fixed("record length", "record-length-0", cut(changed(hello, 3, 0, 2), 5))
      .fixed("record length", "record-length-max", changed(hello, 3, 0xffff, 2))
      .fixed("record length", "record-length-more", changed(hello, 3, record_size + 1, 2))
      .fixed("record length", "record-length-less", changed(hello, 3, record_size - 1, 2))
      .fixed("message length", "message-length-0", changed(hello, 6, 0, 3))
      .fixed("message length", "message-length-max", changed(hello, 6, 0xffffff, 3))
      .fixed("message length", "message-length-more", changed(hello, 6, message_size + 1, 3))
      .fixed("message length", "message-length-less", changed(hello, 6, message_size - 1, 3))
      .fixed("session id length", "session-id-255", changed(hello, places.session, 255, 1))
      .fixed("suites length", "suites-length-0", changed(hello, places.suites, 0, 2))
      .fixed("suites length", "suites-length-odd",
             changed(hello, places.suites, number_at(hello, places.suites, 2) - 1, 2))
      .fixed("suites length", "suites-length-max", changed(hello, places.suites, 0xffff, 2))
      .fixed("compression length", "compression-255", changed(hello, places.compressions, 255, 1))
      .fixed("extensions length", "extensions-max", changed(hello, places.extensions, 0xffff, 2))
      .fixed("extensions length", "extensions-less",
             changed(hello, places.extensions, number_at(hello, places.extensions, 2) - 1, 2));
}

void add_kinds(MessageList& list, const Bytes& hello) {
  list.fixed("record type", "record-type-99", changed(hello, 0, 99, 1))
      .fixed("record type", "data-first", record(23, Bytes(64, 0x41)))
      .fixed("record version", "record-version-ffff", changed(hello, 1, 0xffff, 2))
      .fixed("version", "version-0", changed(hello, 9, 0, 2))
      .fixed("message type", "server-hello", changed(hello, 5, 2, 1))
      .fixed("message type", "finished-first", changed(hello, 5, 20, 1))
      .fixed("message type", "message-type-254", changed(hello, 5, 254, 1))
      .fixed("extension", "repeated-groups", extended(hello, 10, {0, 2, 0, 29}))
      .fixed("extension", "server-name-lies", extended(hello, 0, {0xff, 0xff, 0, 0xff, 0xff, 'a'}))
      .fixed("extension", "server-name-bytes",
             extended(hello, 0, {0, 7, 0, 0, 4, 0xff, 0xc0, 0x80, 0}))
      .fixed("extension", "key-share-lies", extended(hello, 51, {0xff, 0xff, 0, 29, 0xff, 0xff}));
}

}  // namespace

// RFC 5246 and RFC 8446; a hello of either.
std::vector<Message> tls_messages(const Talk& talk) {
  const Bytes& hello = talk.ordinary;
  MessageList list;
  list.of("ClientHello");
  add_lengths(list, hello, places_in(hello));
  add_kinds(list, hello);
  list.shaken(talk.seed, hello, 43, 4)
      .sized("suites", "many-suites",
             [hello](std::size_t n) {
               return with_suites(hello, Bytes(std::min<std::size_t>(n, 0xfffe) & ~1U, 0x0a));
             })
      .sized("extension", "long-extension",
             [hello](std::size_t n) {
               return extended(hello, 21, Bytes(std::min<std::size_t>(n, 60000)));
             })
      .sized("extension", "long-server-name", [hello](std::size_t n) {
        n = std::min<std::size_t>(n, 60000);
        return extended(hello, 0, Wire().u16(n + 3).u8(0).u16(n).many(n, 'a').bytes());
      });
  list.of("after ClientHello", {hello})
      .fixed("order", "hello-again", hello)
      .fixed("key exchange", "key-exchange-empty", handshake(16, {}))
      .fixed("key exchange", "key-exchange-lies", handshake(16, {0xff, 0xff, 1}))
      .fixed("change of cipher", "change-two-bytes", record(20, Bytes{1, 1}))
      .fixed("alert", "alert-one-byte", record(21, Bytes{1}))
      .fixed("order", "finished-early", handshake(20, Bytes(12, 0x41)))
      .sized("certificate", "long-certificate",
             [](std::size_t n) { return handshake(11, Wire().number(n, 3).many(n).bytes()); });
  return list.take();
}

}  // namespace haetae::testcases::input
