#include <algorithm>

#include "harness/protocols/ber.hpp"
#include "harness/protocols/coap.hpp"
#include "harness/protocols/snmp.hpp"
#include "testcases/input/message.hpp"

/// SNMP, CoAP and DNS: protocols of one datagram.
namespace haetae::testcases::input {
namespace {

namespace ber = protocols::ber;

constexpr std::size_t kMostDatagram = 60000;

Bytes snmp_get(std::uint8_t kind, std::string_view community, const Bytes& name,
               std::int64_t version = 1) {
  const Bytes binding = ber::wrap(0x30, ber::join({ber::wrap(6, name), Bytes{5, 0}}));
  const Bytes pdu = ber::wrap(kind, ber::join({ber::integer(1), ber::integer(0), ber::integer(0),
                                               ber::wrap(0x30, binding)}));
  return ber::wrap(0x30, ber::join({ber::integer(version), ber::text(community), pdu}));
}

Bytes nested(std::size_t depth) {
  Bytes out{5, 0};
  for (std::size_t i = 0; i < depth && out.size() < 3000; ++i) out = ber::wrap(0x30, out);
  return out;
}

// Where things stand in snmp_get() of "public" with a name of eight bytes.
constexpr std::size_t kVersion = 2, kCommunity = 5, kPdu = 13, kId = 15, kBindings = 24;

void add_snmp_lengths(MessageList& list, const Bytes& get) {
  list.fixed("message", "cut-in-half", cut(get, get.size() / 2))
      .fixed("message length", "length-0", changed(get, 1, 0, 1))
      .fixed("message length", "length-more", changed(get, 1, get[1] + 1U, 1))
      .fixed("message length", "length-less", changed(get, 1, get[1] - 1U, 1))
      .fixed("message length", "length-four-bytes",
             Wire().u8(0x30).u8(0x84).u32(0xffffffff).put(ByteView(get).subspan(2)).bytes())
      .fixed("message length", "length-of-126-bytes",
             Wire().u8(0x30).u8(0xfe).put(ByteView(get).subspan(2)).bytes())
      .fixed("message length", "length-without-end",
             Wire().u8(0x30).u8(0x80).put(ByteView(get).subspan(2)).bytes())
      .fixed("community length", "community-max", changed(get, kCommunity + 1, 0x7f, 1))
      .fixed("community length", "community-lies",
             Wire(cut(get, kCommunity + 1)).u8(0x84).u32(0x7fffffff).text("public").bytes())
      .fixed("PDU length", "pdu-more", changed(get, kPdu + 1, get[kPdu + 1] + 9U, 1))
      .fixed("PDU length", "pdu-0", changed(get, kPdu + 1, 0, 1))
      .fixed("bindings length", "bindings-max", changed(get, kBindings + 1, 0x7f, 1))
      .fixed("name length", "name-length-max", changed(get, kBindings + 5, 0x7f, 1))
      .fixed("name length", "name-length-0", changed(get, kBindings + 5, 0, 1));
}

}  // namespace

// RFC 1157, RFC 3416, RFC 3412; X.690 for the form. No SetRequest.
std::vector<Message> snmp_messages(const Talk& talk) {
  const Bytes name{0x2b, 6, 1, 2, 1, 1, 1, 0};
  const Bytes get = snmp_get(0xa0, "public", name);
  MessageList list;
  list.of("GetRequest");
  add_snmp_lengths(list, get);
  list.fixed("version", "version-9", snmp_get(0xa0, "public", name, 9))
      .fixed("version", "version-negative", changed(get, kVersion + 2, 0xff, 1))
      .fixed("version", "version-is-text", changed(get, kVersion, 4, 1))
      .fixed("PDU type", "pdu-unknown", changed(get, kPdu, 0xbf, 1))
      .fixed("PDU type", "response-first", changed(get, kPdu, 0xa2, 1))
      .fixed("request id", "id-without-bytes", changed(get, kId + 1, 0, 1))
      .fixed("name", "name-never-ends", snmp_get(0xa0, "public", Bytes(8, 0xff)))
      .fixed("bindings", "nested", nested(400))
      .shaken(talk.seed, get, kId, 4)
      .sized("community", "long-community",
             [name](std::size_t n) {
               return snmp_get(0xa0, std::string(std::min(n, kMostDatagram), 'A'), name);
             })
      .sized("name", "long-name", [](std::size_t n) {
        return snmp_get(0xa0, "public", Bytes(std::min(n, kMostDatagram), 1));
      });
  // Non-repeaters and repetitions take the places of error status and index (RFC 3416, 4.2.3).
  list.of("GetBulkRequest")
      .fixed("repetitions", "repetitions-negative",
             changed(changed(snmp_get(0xa5, "public", name), kId + 5, 0xff, 1), kId + 8, 0xff, 1));
  const Bytes engine = protocols::snmp::engine_request(1);
  list.of("version 3")
      .fixed("header", "header-cut", cut(engine, engine.size() / 2))
      .fixed("header length", "header-max", changed(engine, 6, 0x7f, 1))
      .fixed("message length", "engine-length-less", changed(engine, 1, engine[1] - 1U, 1))
      .shaken(talk.seed + 1, engine, 5, 3);
  return list.take();
}

// RFC 7252, sections 3 and 5; RFC 7959 for blocks. Only GET and codes that no one has.
std::vector<Message> coap_messages(const Talk& talk) {
  const Bytes get = protocols::coap::get(0x4854, 0x5a5a, "/.well-known/core");
  const Bytes head = cut(get, 6);  // with the token
  const auto with = [&](std::initializer_list<std::uint8_t> more) {
    Bytes out = head;
    out.insert(out.end(), more);
    return out;
  };
  MessageList list;
  list.of("GET")
      .fixed("header", "cut-header", cut(get, 3))
      .fixed("message", "cut-in-half", cut(get, get.size() / 2))
      .fixed("version", "version-3", changed(get, 0, 0xc2, 1))
      .fixed("version", "version-0", changed(get, 0, 0x02, 1))
      .fixed("token length", "token-15", changed(get, 0, 0x4f, 1))
      .fixed("token length", "token-8-cut", cut(changed(get, 0, 0x48, 1), 8))
      .fixed("code", "code-0-31", changed(get, 1, 0x1f, 1))
      .fixed("code", "code-7-31", changed(get, 1, 0xff, 1))
      .fixed("code", "empty-with-bytes", changed(get, 1, 0, 1))
      .fixed("type", "reset-unasked", changed(get, 0, 0x72, 1))
      .fixed("type", "acknowledgement-unasked", changed(get, 0, 0x62, 1))
      .fixed("option length", "option-length-15", with({0xbf, 'a'}))
      .fixed("option length", "option-length-more", with({0xbc, 'a'}))
      .fixed("option length", "option-length-max", with({0xbe, 0xff, 0xff, 'a'}))
      .fixed("option length", "option-length-cut", with({0xbe, 0xff}))
      .fixed("option delta", "option-delta-15", with({0xf1, 'a'}))
      .fixed("option delta", "option-delta-max",
             with({0xe1, 0xff, 0xff, 'a', 0xe1, 0xff, 0xff, 'a'}))
      .fixed("option", "unknown-critical", with({0xd0, 0xfe}))
      .fixed("option", "path-high-bytes", with({0xb4, 0xff, 0xfe, 0xc0, 0x80}))
      .fixed("option", "accept-of-8-bytes", with({0xd8, 4, 1, 2, 3, 4, 5, 6, 7, 8}))
      .fixed("option", "block-lies", with({0xb1, 'a', 0xc4, 0xff, 0xff, 0xff, 0xff}))
      .fixed("payload", "empty-payload", with({0xff}))
      .shaken(talk.seed, get, 6, 4)
      .sized("option", "long-path",
             [head](std::size_t n) {
               n = std::clamp<std::size_t>(n, 269, kMostDatagram);
               return Wire(head).u8(0xbe).u16(n - 269).many(n, 'a').bytes();
             })
      .sized("option", "many-parts", [head](std::size_t n) {
        Wire out(head);
        out.u8(0xb1).u8('a');
        while (out.size() + 2 <= std::min(n, kMostDatagram)) out.u8(0x01).u8('a');
        return out.bytes();
      });
  return list.take();
}

namespace {

/// dns_message() is a query whose counts and question are as given (RFC 1035, 4.1). Over a stream
/// its length stands in front (4.2.2).
Bytes dns_message(const Talk& talk, std::uint16_t flags, std::vector<std::uint16_t> counts,
                  const Bytes& rest) {
  Wire out;
  out.u16(0x4854).u16(flags);
  for (const std::uint16_t one : counts) out.u16(one);
  out.put(rest);
  if (talk.datagrams) return out.bytes();
  return Wire().u16(out.size()).put(out.bytes()).bytes();
}

Bytes question(const Bytes& name, std::uint16_t type = 1, std::uint16_t klass = 1) {
  return Wire(name).u16(type).u16(klass).bytes();
}

}  // namespace

// RFC 1035, section 4; RFC 6891 for OPT. No dynamic updates.
std::vector<Message> dns_messages(const Talk& talk) {
  const Bytes host = Wire().u8(6).text("haetae").u8(4).text("test").u8(0).bytes();
  const Bytes asked = question(host);
  const auto one = [&](const Bytes& rest, std::uint16_t flags = 0) {
    return dns_message(talk, flags, {1, 0, 0, 0}, rest);
  };
  const auto with_option = [&](std::uint16_t said, const Bytes& data) {
    return dns_message(talk, 0, {1, 0, 0, 1},
                       Wire(asked).u8(0).u16(41).u16(4096).u32(0).u16(said).put(data).bytes());
  };
  const Bytes whole = one(asked);
  MessageList list;
  list.of("query")
      .fixed("header", "cut-header", cut(whole, whole.size() - asked.size() - 3))
      .fixed("question", "cut-question", one(cut(asked, asked.size() - 3)))
      .fixed("counts", "counts-0", dns_message(talk, 0, {0, 0, 0, 0}, {}))
      .fixed("counts", "questions-max", dns_message(talk, 0, {0xffff, 0, 0, 0}, asked))
      .fixed("counts", "all-counts-max",
             dns_message(talk, 0, {0xffff, 0xffff, 0xffff, 0xffff}, asked))
      .fixed("counts", "two-questions",
             dns_message(talk, 0, {2, 0, 0, 0}, Wire(asked).put(asked).bytes()))
      .fixed("flags", "is-an-answer", one(asked, 0x8400))
      .fixed("flags", "operation-15", one(asked, 0x7800))
      .fixed("label length", "label-longer-than-message",
             one(question(Wire().u8(63).text("a").bytes())))
      .fixed("label length", "label-kind-reserved",
             one(question(Wire().u8(0x80).text("a").u8(0).bytes())))
      .fixed("pointer", "pointer-to-itself", one(question({0xc0, 12})))
      .fixed("pointer", "pointer-ahead", one(question({0xff, 0xff})))
      .fixed("pointer", "pointers-in-a-ring", one(question({1, 'a', 0xc0, 16, 1, 'b', 0xc0, 12})))
      .fixed("label", "high-bytes", one(question({4, 0xff, 0xfe, 0xc0, 0x80, 0})))
      .fixed("label", "zero-bytes", one(question({3, 0, 0, 0, 0})))
      .fixed("type", "type-65535", one(question(host, 0xffff, 0xffff)))
      .fixed("record", "data-length-max", with_option(0xffff, {}))
      .fixed("record", "option-lies", with_option(4, {0, 10, 0xff, 0xff}))
      .fixed("record", "two-options",
             dns_message(talk, 0, {1, 0, 0, 2},
                         Wire(asked)
                             .u8(0)
                             .u16(41)
                             .u16(0)
                             .u32(0)
                             .u16(0)
                             .u8(0)
                             .u16(41)
                             .u16(0)
                             .u32(0xffffffff)
                             .u16(0)
                             .bytes()))
      .shaken(talk.seed, one(asked), talk.datagrams ? 4 : 6, 4)
      .sized("name", "long-name",
             [one](std::size_t n) {
               Wire name;
               while (name.size() + 64 <= std::min(n, kMostDatagram)) name.u8(63).many(63, 'a');
               return one(question(name.u8(0).bytes()));
             })
      .sized("message", "bytes-behind", [one, asked](std::size_t n) {
        return one(Wire(asked).many(std::min(n, kMostDatagram), 0).bytes());
      });
  if (!talk.datagrams)
    list.of("stream")
        .fixed("length", "length-0", Bytes{0, 0})
        .fixed("length", "length-max", changed(whole, 0, 0xffff, 2))
        .fixed("length", "length-less", changed(whole, 0, asked.size(), 2));
  return list.take();
}

}  // namespace haetae::testcases::input
