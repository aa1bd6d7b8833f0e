#include <catch2/catch.hpp>
#include <sstream>
#include <string>

#include "harness/formats/conversation.hpp"
#include "tests/support/daemon.hpp"

/// Captures made from transcripts; tshark, which other people wrote, is the witness.
namespace {

using namespace haetae;
using namespace haetae::formats;

constexpr std::uint64_t kBegan = 1'795'000'000'000'000;

ConversationInfo info(Transport transport, std::uint16_t port,
                      std::string_view device = "192.168.10.20", std::string_view lab = "192.0.2.1",
                      std::uint16_t lab_port = 40000) {
  return {.transport = transport,
          .lab = {*Address::parse(lab), lab_port},
          .device = {*Address::parse(device), port},
          .began = kBegan,
          .comments = {"evidence 7, procedure tls", "item 2.1, criterion 2.1-tls-version"}};
}

/// Capture is a file that tshark reads.
class Capture {
 public:
  Capture()
      : writer_(stream_, "haetae test", "made from a transcript"), on_(add_interfaces(writer_)) {}
  Conversation conversation(ConversationInfo about) { return {writer_, on_, std::move(about)}; }
  [[nodiscard]] std::string bytes() const { return stream_.str(); }

  /// ask() runs tshark with all checksums checked; one line a packet that `filter` takes.
  std::string ask(const std::string& filter, const std::vector<std::string>& fields) {
    const std::string file = folder_.write("a.pcapng", stream_.str());
    std::vector<std::string> argv{"/usr/bin/tshark",
                                  "-n",
                                  "-r",
                                  file,
                                  "-o",
                                  "tcp.check_checksum:TRUE",
                                  "-o",
                                  "udp.check_checksum:TRUE",
                                  "-o",
                                  "ip.check_checksum:TRUE",
                                  "-Y",
                                  filter,
                                  "-T",
                                  "fields",
                                  "-E",
                                  "occurrence=a"};
    for (const auto& field : fields) argv.insert(argv.end(), {"-e", field});
    const auto result = test::run_tool(argv);
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
    std::string out;
    std::istringstream lines(result.output);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("Running as user")) out += line + "\n";
    }
    return out;
  }
  /// complaints() are what Wireshark would mark: warnings, errors, notes of its TCP analysis.
  std::string complaints() {
    return ask(
        "_ws.malformed or tcp.analysis.flags or ip.checksum.status == 0 or "
        "tcp.checksum.status == 0 or udp.checksum.status == 0 or "
        "_ws.expert.severity >= 6291456",
        {"frame.number", "_ws.expert.message"});
  }

 private:
  test::TempDir folder_;
  std::ostringstream stream_;
  PcapngWriter writer_;
  Interfaces on_;
};

void say(Conversation& to, Direction direction, std::string_view text, std::uint64_t at = 1000) {
  to.add(direction, at, as_bytes(text), Part::last);
}

}  // namespace

TEST_CASE("an HTTP transcript is read by tshark as HTTP over a whole TCP connection", "[unit]") {
  for (const bool v6 : {false, true}) {
    Capture capture;
    auto talk = capture.conversation(v6 ? info(Transport::tcp, 80, "fd00::20", "2001:db8::1")
                                        : info(Transport::tcp, 80));
    say(talk, Direction::event, "connected to 192.168.10.20:80 from 192.0.2.1:40000 in 1 ms", 0);
    say(talk, Direction::sent, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", 100);
    const std::string body(5000, 'x');
    say(talk, Direction::received, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + body, 2500);
    say(talk, Direction::event, "closed by the harness", 3000);
    talk.finish();
    CHECK(capture.complaints().empty());
    CHECK(capture.ask("http.request", {"http.request.uri", "tcp.dstport", "frame.time_epoch"}) ==
          "/a\t80\t1795000000.000100000\n");
    CHECK(capture.ask("http.response", {"http.response.code", "http.content_length"}) ==
          "200\t5000\n");
    CHECK(capture.ask("tcp.flags.syn == 1", {"tcp.flags.ack"}) == "0\n1\n");
    CHECK(capture.ask("tcp.flags.fin == 1", {"frame.comment"}) ==
          "event: closed by the harness\n\n");
    CHECK(capture.ask("tcp.len > 1460", {"frame.number"}).empty());
    CHECK(capture.ask("frame.number == 1", {"frame.comment"})
              .starts_with("evidence 7, procedure tls,item 2.1, criterion 2.1-tls-version"));
  }
}

TEST_CASE("datagrams of DNS, SNMP and CoAP are read as such", "[unit]") {
  Capture capture;
  auto dns = capture.conversation(info(Transport::udp, 53));
  const std::string question(
      "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04"
      "bind\x00\x00\x10\x00\x03",
      30);
  say(dns, Direction::sent, question);
  say(dns, Direction::event, "ICMP type 3 code 3: Connection refused");
  dns.finish();
  auto empty = capture.conversation(info(Transport::udp, 514, "192.168.10.20", "192.0.2.1", 40001));
  say(empty, Direction::sent, "");
  empty.finish();
  CHECK(capture.complaints().empty());
  CHECK(capture.ask("dns", {"dns.qry.name", "udp.dstport"}) == "version.bind\t53\n");
  CHECK(capture.ask("udp.length == 8", {"udp.dstport"}) == "514\n");
  CHECK(capture.ask("exported_pdu", {"frame.comment"}) ==
        "event: ICMP type 3 code 3: Connection refused\n");
}

TEST_CASE("clear bytes inside a channel never stand in a frame", "[unit]") {
  Capture capture;
  auto talk = capture.conversation(info(Transport::tcp, 443));
  const std::string hello(
      "\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03"
      "0123456789abcdef0123456789abcdef\x00\x00\x02\x13\x01\x01\x00",
      50);
  say(talk, Direction::sent, hello);
  say(talk, Direction::inside_sent, "GET /secret HTTP/1.1\r\n\r\n");
  say(talk, Direction::inside_received, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  say(talk, Direction::inside_received, "not http\x01\x02");
  talk.finish();
  CHECK(capture.complaints().empty());
  CHECK(capture.ask("tls.handshake.type == 1", {"tls.handshake.ciphersuite"}) == "0x1301\n");
  CHECK(capture.ask("eth and frame contains \"secret\"", {"frame.number"}).empty());
  CHECK(capture.ask("exported_pdu and http.request", {"http.request.uri"}) == "/secret\n");
  CHECK(capture.ask("exported_pdu and http.response", {"http.response.code"}) == "200\n");
  CHECK(capture.ask("exported_pdu and data and not http", {"frame.comment"}) ==
        "inside the channel: these bytes did not stand on the wire like this\n");
}

TEST_CASE("an MQTT connect is read as MQTT, in pieces too", "[unit]") {
  Capture capture;
  auto talk = capture.conversation(info(Transport::tcp, 1883));
  const std::string connect(
      "\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03"
      "abc",
      17);
  talk.add(Direction::sent, 10, as_bytes(connect).first(5), Part::more);
  talk.add(Direction::sent, 10, as_bytes(connect).subspan(5), Part::last);
  say(talk, Direction::received, std::string("\x20\x02\x00\x05", 4));
  talk.finish();
  CHECK(capture.complaints().empty());
  CHECK(capture.ask("mqtt", {"mqtt.msgtype"}) == "1\n2\n");
}

TEST_CASE("what was never connected is a note, not a packet", "[unit]") {
  Capture capture;
  auto talk = capture.conversation(info(Transport::tcp, 81));
  say(talk, Direction::event, "refused\x1b[31m\n");
  talk.finish();
  CHECK(capture.ask("tcp", {"frame.number"}).empty());
  CHECK(capture.ask("exported_pdu", {"frame.comment"}).find("event: refused\\x1b[31m\\x0a") !=
        std::string::npos);
}

TEST_CASE("hostile transcripts make a sound capture", "[unit]") {
  Capture capture;
  auto talk = capture.conversation(info(Transport::tcp, 9));
  for (int count = 0; count < 1000; ++count)
    say(talk, Direction::event, std::string(9000, '\xff'), ~0ULL);
  say(talk, Direction::received, std::string(300000, 'a'), 5);
  say(talk, Direction::inside_received, std::string(300000, 'b'), 6);
  talk.finish();
  auto datagram = capture.conversation(info(Transport::udp, 9, "192.168.10.20", "192.0.2.1", 1));
  say(datagram, Direction::received, std::string(200000, 'c'));
  datagram.finish();
  CHECK(capture.complaints().empty());
  CHECK(capture.ask("udp", {"udp.length"}) == "65008\n65008\n65008\n5008\n");
  CHECK(capture.bytes().find("982 more events") != std::string::npos);
}
