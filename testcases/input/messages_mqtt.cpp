#include <algorithm>

#include "testcases/input/message.hpp"

namespace haetae::testcases::input {
namespace {

/// length_of() is the remaining length of MQTT 3.1.1, section 2.2.3.
Bytes length_of(std::size_t size) {
  Wire out;
  do {
    out.u8((size & 0x7fU) | (size > 0x7f ? 0x80U : 0U));
    size >>= 7U;
  } while (size > 0);
  return out.bytes();
}

Bytes packet(std::uint8_t head, const Bytes& body) {
  return Wire().u8(head).put(length_of(body.size())).put(body).bytes();
}

/// lying() says `size` in front of the body, whatever the body is.
Bytes lying(std::uint8_t head, std::size_t size, const Bytes& body) {
  return Wire().u8(head).put(length_of(size)).put(body).bytes();
}

Bytes greeting(std::string_view name, std::uint8_t level, std::uint8_t flags,
               std::string_view client) {
  return Wire().text16(name).u8(level).u8(flags).u16(60).text16(client).bytes();
}

void add_connect(MessageList& list, std::uint64_t seed) {
  const Bytes body = greeting("MQTT", 4, 2, "haetae-input");
  list.of("CONNECT")
      .fixed("remaining length", "length-0", Bytes{0x10, 0})
      .fixed("remaining length", "length-max", lying(0x10, 268435455, body))
      .fixed("remaining length", "length-five-bytes",
             Wire().u8(0x10).many(5, 0xff).u8(0x7f).put(body).bytes())
      .fixed("remaining length", "length-more", lying(0x10, body.size() + 1, body))
      .fixed("remaining length", "length-less", lying(0x10, body.size() - 1, body))
      .fixed("packet", "cut-in-half", cut(packet(0x10, body), body.size() / 2))
      .fixed("protocol name", "name-length-max", packet(0x10, changed(body, 0, 0xffff, 2)))
      .fixed("protocol name", "name-length-0", packet(0x10, changed(body, 0, 0, 2)))
      .fixed("protocol name", "other-name", packet(0x10, greeting("QTTM", 4, 2, "haetae-input")))
      .fixed("protocol level", "level-0", packet(0x10, greeting("MQTT", 0, 2, "haetae-input")))
      .fixed("protocol level", "level-255", packet(0x10, greeting("MQTT", 255, 2, "haetae-input")))
      .fixed("flags", "flags-reserved", packet(0x10, greeting("MQTT", 4, 3, "haetae-input")))
      .fixed("flags", "flags-without-fields", packet(0x10, greeting("MQTT", 4, 0xfe, "haetae")))
      .fixed("flags", "will-quality-3", packet(0x10, greeting("MQTT", 4, 0x1e, "haetae")))
      .fixed("client id", "id-length-more", packet(0x10, changed(body, 10, 0xffff, 2)))
      .fixed("client id", "id-high-bytes",
             packet(0x10, greeting("MQTT", 4, 2, "\xff\xfe\xc0\x80\xed\xa0\x80")))
      .fixed("client id", "id-zero-bytes",
             packet(0x10, greeting("MQTT", 4, 2, std::string_view("a\0b", 3))))
      .fixed("properties", "properties-max",
             packet(0x10, Wire()
                              .text16("MQTT")
                              .u8(5)
                              .u8(2)
                              .u16(60)
                              .put(length_of(268435455))
                              .text16("haetae")
                              .bytes()))
      .fixed("properties", "property-twice",
             packet(0x10, Wire()
                              .text16("MQTT")
                              .u8(5)
                              .u8(2)
                              .u16(60)
                              .u8(6)
                              .u8(0x21)
                              .u16(1)
                              .u8(0x21)
                              .u16(1)
                              .text16("haetae")
                              .bytes()))
      .fixed("packet type", "type-0", packet(0x00, body))
      .fixed("packet type", "type-15", packet(0xf0, body))
      .fixed("order", "subscribe-first", packet(0x82, Wire().u16(1).text16("haetae").u8(0).bytes()))
      .fixed("order", "ping-first", Bytes{0xc0, 0})
      .shaken(seed, packet(0x10, body), 2, 4)
      .sized("client id", "long-id",
             [](std::size_t n) {
               return packet(
                   0x10, greeting("MQTT", 4, 2, std::string(std::min<std::size_t>(n, 65535), 'a')));
             })
      .sized("user name", "long-user", [](std::size_t n) {
        return packet(0x10, Wire(greeting("MQTT", 4, 0x82, "haetae-input"))
                                .text16(std::string(std::min<std::size_t>(n, 65535), 'a'))
                                .bytes());
      });
}

// What only a connected client may say.
void add_session(MessageList& list, const Bytes& connect) {
  const Bytes filter = Wire().u16(1).text16("haetae/input").u8(0).bytes();
  list.of("SUBSCRIBE", {connect})
      .fixed("filter", "filter-length-max", packet(0x82, changed(filter, 2, 0xffff, 2)))
      .fixed("filter", "no-filter", packet(0x82, Bytes{0, 1}))
      .fixed("filter", "wildcard-inside", packet(0x82, Wire().u16(1).text16("a#/+b").u8(0).bytes()))
      .fixed("quality", "quality-255", packet(0x82, changed(filter, filter.size() - 1, 255, 1)))
      .fixed("flags", "flags-0", packet(0x80, filter))
      .sized("filter", "deep-filter", [](std::size_t n) {
        return packet(
            0x82,
            Wire().u16(1).text16(std::string(std::min<std::size_t>(n, 65535), '/')).u8(0).bytes());
      });
  list.of("PUBLISH", {connect})
      .fixed("topic", "topic-length-max", packet(0x30, Wire().u16(0xffff).text("haetae").bytes()))
      .fixed("topic", "topic-empty", packet(0x30, Bytes{0, 0}))
      .fixed("topic", "topic-high-bytes", packet(0x30, Wire().text16("\xff\xc0\x80").bytes()))
      .fixed("quality", "quality-3", packet(0x36, Wire().text16("haetae").u16(1).bytes()))
      .fixed("packet id", "packet-id-missing", packet(0x32, Wire().text16("haetae").bytes()))
      .fixed("remaining length", "publish-length-0", Bytes{0x30, 0});
  list.of("in a session", {connect})
      .fixed("order", "connect-again", connect)
      .fixed("order", "release-unasked", packet(0x62, Bytes{0, 9}))
      .fixed("packet type", "connack-from-client", packet(0x20, Bytes{0, 0}));
}

}  // namespace

// MQTT 3.1.1 and 5. With no session to be had, only CONNECT gets to a parser.
std::vector<Message> mqtt_messages(const Talk& talk) {
  MessageList list;
  add_connect(list, talk.seed);
  if (talk.inside) add_session(list, talk.ordinary);
  return list.take();
}

}  // namespace haetae::testcases::input
