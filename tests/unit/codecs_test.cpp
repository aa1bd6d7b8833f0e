#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "harness/protocols/coap.hpp"
#include "harness/protocols/dns.hpp"
#include "harness/protocols/ftp.hpp"
#include "harness/protocols/identity.hpp"
#include "harness/protocols/ike.hpp"
#include "harness/protocols/mdns.hpp"
#include "harness/protocols/mqtt.hpp"
#include "harness/protocols/ntp.hpp"
#include "harness/protocols/rtsp.hpp"
#include "harness/protocols/service_probe.hpp"
#include "harness/protocols/snmp.hpp"
#include "harness/protocols/ssdp.hpp"
#include "harness/protocols/telnet.hpp"
#include "harness/protocols/tftp.hpp"
#include "harness/protocols/udp_probe.hpp"
#include "tests/support/scripted_conn.hpp"

using namespace haetae;
using namespace haetae::protocols;
using haetae::test::FakeClock;
using haetae::test::ScriptedConn;
using namespace std::string_literals;

namespace {

Bytes bytes(std::string_view text) { return Bytes(text.begin(), text.end()); }

LoginAnswer telnet_says(std::string_view script,
                        ScriptedConn::End end = ScriptedConn::End::silent) {
  FakeClock clock;
  ScriptedConn conn(script, clock, end);
  const auto answer = telnet::login(conn, "admin", "secret", clock, clock.now() + 10s);
  REQUIRE(answer);
  return *answer;
}

/// Dialogue answers each write of ours by the next part.
class Dialogue final : public net::Conn {
 public:
  Dialogue(std::vector<std::string> parts, FakeClock& clock)
      : parts_(std::move(parts)), clock_(clock) {}
  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime deadline) override {
    if (turn_ >= parts_.size() || parts_[turn_].empty()) {
      if (deadline > clock_.now()) clock_.move(deadline - clock_.now());
      return fail(ErrorKind::timed_out, "silent");
    }
    std::string& part = parts_[turn_];
    const std::size_t count = std::min(part.size(), into.size());
    std::copy_n(part.begin(), count, into.begin());
    part.erase(0, count);
    return count;
  }
  Result<void> write(ByteView sent, SteadyTime) override {
    if (as_text(sent).find('\n') != std::string_view::npos) ++turn_;
    written += as_text(sent);
    return {};
  }
  void close() override {}
  [[nodiscard]] EvidenceId evidence() const override { return 1; }
  void note(Direction, ByteView) override {}
  [[nodiscard]] int descriptor() const override { return -1; }
  std::string written;

 private:
  std::vector<std::string> parts_;
  FakeClock& clock_;
  std::size_t turn_ = 0;
};

LoginAnswer telnet_dialogue(std::vector<std::string> parts) {
  FakeClock clock;
  Dialogue conn(std::move(parts), clock);
  const auto answer = telnet::login(conn, "admin", "secret", clock, clock.now() + 10s);
  REQUIRE(answer);
  return *answer;
}

}  // namespace

TEST_CASE("telnet: options are answered once, and text is left") {
  telnet::Decoder decoder;
  Bytes reply;
  const std::string text =
      decoder.feed(bytes("\xff\xfd\x18\xff\xfb\x01\xff\xfa\x18\x01\xff\xf0lo\xff\xffgin"), reply);
  CHECK(text == "lo\xffgin");
  CHECK(reply == bytes("\xff\xfc\x18\xff\xfd\x01"));
  CHECK(decoder.negotiated());
  CHECK(decoder.peer_echoes());
  reply.clear();
  (void)decoder.feed(bytes("\xff\xfd\x18\xff\xfd\x18"), reply);
  CHECK(reply.empty());
}

TEST_CASE("telnet: prompts") {
  CHECK(telnet::prompt_of("Welcome\r\ncam login: ") == telnet::Prompt::user);
  CHECK(telnet::prompt_of("Username:") == telnet::Prompt::user);
  CHECK(telnet::prompt_of("x\nPassword for admin: ") == telnet::Prompt::password);
  CHECK(telnet::prompt_of("\x1b[1mPassword:\x1b[0m ") == telnet::Prompt::password);
  CHECK(telnet::prompt_of("BusyBox\r\n~ # ") == telnet::Prompt::shell);
  CHECK(telnet::prompt_of("router>") == telnet::Prompt::shell);
  CHECK(telnet::prompt_of("Last login: Mon\r\n") == telnet::Prompt::none);
  CHECK(telnet::prompt_of("100% ready.") == telnet::Prompt::none);
  CHECK(telnet::prompt_of("") == telnet::Prompt::none);
}

TEST_CASE("telnet: what a login dialogue means") {
  using O = LoginOutcome;
  CHECK(telnet_dialogue({"login: ", "Password: ", "\r\n# ", "\r\n# "}).outcome == O::accepted);
  CHECK(telnet_dialogue({"login: ", "Password: ", "\r\nLogin incorrect\r\nlogin: "}).outcome ==
        O::refused);
  CHECK(telnet_dialogue({"login: ", "Password: ", "\r\nlogin: "}).outcome == O::refused);
  CHECK(telnet_dialogue({"login: ", "Password: ", "\r\nToo many failures\r\n"}).outcome ==
        O::blocked);
  CHECK(telnet_dialogue({"login: ", "Password: ", "\r\nWelcome\r\n1) Video 2) Audio "}).outcome ==
        O::unknown);
  CHECK(telnet_dialogue({"login: ", "Password: ", ""}).outcome == O::unknown);
  // A prompt that does not come back after an empty line is no shell.
  CHECK(telnet_dialogue({"login: ", "Password: ", "\r\nprice in $", ""}).outcome == O::unknown);
  const LoginAnswer alone = telnet_dialogue({"login: ", "\r\n~ # ", "\r\n~ # "});
  CHECK(alone.outcome == O::accepted);
  CHECK_FALSE(alone.needs_password);
  const LoginAnswer open = telnet_dialogue({"~ # ", "\r\n~ # "});
  CHECK(open.outcome == O::accepted);
  CHECK_FALSE(open.needs_login);
  CHECK(telnet_says("Account locked\r\n", ScriptedConn::End::closes).outcome == O::blocked);
  CHECK(telnet_says("").outcome == O::unknown);
  CHECK(telnet_says("", ScriptedConn::End::closes).closed);
}

TEST_CASE("telnet: an echoed password stays out of the reason") {
  const LoginAnswer answer =
      telnet_dialogue({"login: ", "Password: ", "secret\r\nLogin incorrect\r\nlogin: "});
  CHECK(answer.outcome == LoginOutcome::refused);
  CHECK(answer.why.find("secret") == std::string::npos);
}

TEST_CASE("telnet: a peer that never stops talking ends") {
  std::string flood(1024 * 1024, 'A');
  CHECK(telnet_says(flood).outcome == LoginOutcome::unknown);
}

TEST_CASE("ftp: replies and outcomes") {
  FakeClock clock;
  const auto says = [&](std::string_view script) {
    ScriptedConn conn(script, clock, ScriptedConn::End::closes, 3);
    return ftp::login(conn, "admin", "secret", clock, clock.now() + 5s);
  };
  CHECK(says("220 hi\r\n331 pw\r\n230 in\r\n")->outcome == LoginOutcome::accepted);
  CHECK(says("220-a\r\n b\r\n220 c\r\n331 pw\r\n530 Login incorrect.\r\n")->outcome ==
        LoginOutcome::refused);
  CHECK(says("220 hi\r\n331 pw\r\n421 Too many\r\n")->outcome == LoginOutcome::blocked);
  CHECK(says("220 hi\r\n331 pw\r\n530 Account locked\r\n")->outcome == LoginOutcome::blocked);
  CHECK(says("421 busy\r\n")->outcome == LoginOutcome::blocked);
  const auto tls = says("220 hi\r\n530 Non-anonymous sessions must use encryption.\r\n");
  CHECK(tls->outcome == LoginOutcome::unknown);
  CHECK(tls->needs_tls);
  const auto name = says("220 hi\r\n230 in\r\n");
  CHECK(name->outcome == LoginOutcome::accepted);
  CHECK_FALSE(name->needs_password);
  CHECK(says("220 hi\r\n331 pw\r\n")->closed);
  CHECK_FALSE(says("hello\r\n"));
  CHECK_FALSE(says("220-" + std::string(10000, 'x')));
  std::string endless = "220-a\r\n";
  for (int i = 0; i < 1000; ++i) endless += "220-b\r\n";
  CHECK_FALSE(says(endless));
  ScriptedConn conn("220 hi\r\n", clock);
  CHECK(ftp::login(conn, "a\r\nDELE x", "b", clock, clock.now() + 5s).error().kind ==
        ErrorKind::invalid_input);
}

TEST_CASE("mqtt: packets") {
  CHECK(mqtt::connect_packet(mqtt::Version::v3_1_1, "a", std::nullopt) ==
        bytes("\x10\x0d\0\4MQTT\4\2\0\x3c\0\1a"s));
  CHECK(mqtt::connect_packet(mqtt::Version::v5, "a", mqtt::Credential{"u", "p"}) ==
        bytes("\x10\x14\0\4MQTT\5\xc2\0\x3c\0\0\1a\0\1u\0\1p"s));
  using V = mqtt::Version;
  CHECK(mqtt::outcome(0, V::v5) == LoginOutcome::accepted);
  CHECK(mqtt::outcome(5, V::v3_1_1) == LoginOutcome::refused);
  CHECK(mqtt::outcome(0x86, V::v5) == LoginOutcome::refused);
  CHECK(mqtt::outcome(0x8a, V::v5) == LoginOutcome::blocked);
  CHECK(mqtt::outcome(3, V::v3_1_1) == LoginOutcome::unknown);
  CHECK(mqtt::outcome(0x86, V::v3_1_1) == LoginOutcome::unknown);
  FakeClock clock;
  for (const std::string& bad :
       {"\x20\xff\xff\xff\xff"s, "\x20\xff\xff\x7f"s, "\x20\x02\x05\x00"s, "\x30\x00"s, "\x20"s}) {
    ScriptedConn conn(bad, clock);
    const auto answer = mqtt::login(conn, V::v3_1_1, std::nullopt, clock, clock.now() + 5s);
    CHECK((!answer || answer->outcome == LoginOutcome::unknown));
  }
  const auto message =
      mqtt::publish({.type = 3, .flags = 2, .body = bytes("\0\1t\0\7\0hi"s)}, V::v5);
  REQUIRE(message);
  CHECK(message->topic == "t");
  CHECK(as_text(message->payload) == "hi");
  CHECK_FALSE(mqtt::publish({.type = 3, .flags = 2, .body = bytes("\0\1t\0"s)}, V::v3_1_1));
}

TEST_CASE("rtsp: login by digest, basic, and not at all") {
  FakeClock clock;
  const auto says = [&](std::string_view script) {
    ScriptedConn conn(script, clock);
    return rtsp::login(conn, "rtsp://192.0.2.1:554/live", "admin", "secret", clock,
                       clock.now() + 5s);
  };
  const std::string ask =
      "RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=\"c\", "
      "nonce=\"n\"\r\n"
      "\r\n";
  CHECK(says(ask + "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n")->outcome == LoginOutcome::accepted);
  CHECK(says(ask + "RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\n\r\n")->outcome ==
        LoginOutcome::refused);
  CHECK(says(ask + "RTSP/1.0 404 Not Found\r\nCSeq: 2\r\n\r\n")->outcome == LoginOutcome::unknown);
  CHECK(says(ask)->closed);
  const auto open = says("$\0\0\3abcRTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\nhi"s);
  CHECK(open->outcome == LoginOutcome::accepted);
  CHECK_FALSE(open->needs_login);
  const auto odd = says("RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Negotiate\r\n\r\n");
  REQUIRE_FALSE(odd);
  CHECK(odd.error().kind == ErrorKind::unsupported);
  CHECK_FALSE(says("HTTP/1.1 200 OK\r\n\r\n"));
  CHECK_FALSE(says("RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n"));
}

TEST_CASE("dns: questions and answers, loops and cuts") {
  CHECK(dns::query(0x1234, {.name = "version.bind", .type = dns::kTxt, .klass = dns::kChaos}) ==
        bytes("\x12\x34\0\0\0\1\0\0\0\0\0\0\7version\4bind\0\0\x10\0\3"s));
  CHECK(dns::query(1, {.name = "", .type = dns::kNs, .recursion = true}) ==
        bytes("\0\1\1\0\0\1\0\0\0\0\0\0\0\0\2\0\1"s));
  const std::string good =
      "\x12\x34\x85\x80\0\1\0\1\0\0\0\0\7version\4bind\0\0\x10\0\3"
      "\xc0\x0c\0\x10\0\3\0\0\0\0\0\x0d\x0c"
      "dnsmasq-2.90"s;
  const auto message = dns::decode(bytes(good));
  REQUIRE(message);
  CHECK(message->authoritative);
  CHECK(message->recursion_available);
  REQUIRE(message->answers.size() == 1);
  CHECK(message->answers[0].text == "dnsmasq-2.90");
  CHECK(message->answers[0].name == "version.bind");
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto cut = dns::decode(bytes(good.substr(0, size)));
    CHECK((!cut || !cut->whole));
  }
  // A name that points at itself.
  CHECK_FALSE(dns::decode(bytes("\0\0\x80\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"s)));
}

TEST_CASE("snmp: requests, responses, reports and cuts") {
  CHECK(to_hex(snmp::get_request(snmp::Version::v2c, "public", 1)) ==
        "3034020101"
        "04067075626c6963"
        "a027020101020100020100"
        "301c"
        "300c06082b060102010101000500"
        "300c06082b060102010105000500");
  const auto decode = [](const std::string& hex) {
    Bytes out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      out.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    return out;
  };
  // Version 1, community public, id 7, sysDescr.0 = "cam".
  const Bytes good = decode(
      "302a0201010406"
      "7075626c6963"
      "a21d020107020100020100"
      "3012"
      "3010"
      "06082b06010201010100"
      "0404"
      "2063616d");
  const auto message = snmp::decode(good);
  REQUIRE(message);
  CHECK(message->community == "public");
  CHECK(message->request_id == 7);
  CHECK(message->description == " cam");
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK_FALSE(snmp::decode(ByteView(good).first(size)));
  // A request is no answer, and neither is an indefinite length.
  CHECK_FALSE(snmp::decode(snmp::get_request(snmp::Version::v1, "public", 1)));
  CHECK_FALSE(snmp::decode(snmp::engine_request(1)));
  CHECK_FALSE(snmp::decode(bytes("\x30\x80\x02\x01\x00")));
}

TEST_CASE("other datagrams: what is an answer and what is not") {
  CHECK(ntp::client_request(0x0102030405060708).size() == 48);
  CHECK_FALSE(ntp::decode(ntp::client_request(1)));
  Bytes server(48, 0);
  server[0] = 0x24;
  server[1] = 2;
  server[31] = 9;
  CHECK(ntp::decode(server)->origin == 9);
  CHECK(ntp::decode(server)->stratum == 2);
  CHECK_FALSE(ntp::decode(ByteView(server).first(47)));
  CHECK(ntp::decode(bytes("\x16\x82\0\1\0\0\0\0\0\0\0\3abc"s))->variables == "abc");

  CHECK(tftp::decode(bytes("\0\5\0\1File not found\0"s))->text == "File not found");
  CHECK_FALSE(tftp::decode(bytes("\0\5\0\1no end"s)));
  CHECK_FALSE(tftp::decode(tftp::read_request("x")));

  CHECK(coap::get(0x1234, 0xabcd, "/.well-known/core") ==
        bytes("\x42\1\x12\x34\xab\xcd\xbb.well-known\4core"));
  CHECK(coap::decode(bytes("\x62\x45\x12\x34\xab\xcd\xc1\x28\xff</s>"))->payload == "</s>");
  CHECK(coap::decode(bytes("\x70\0\x12\x34"s))->type == coap::Type::reset);
  CHECK_FALSE(coap::decode(bytes("\x70\0\x12\x34\xff"s)));
  CHECK_FALSE(coap::decode(bytes("\x60\x45\0\0\xff"s)));
  CHECK_FALSE(coap::decode(bytes("\x60\x45\0\0\xd0"s)));

  CHECK(ssdp::decode(bytes("HTTP/1.1 200 OK\r\nServer: A/1 B/2\r\nST: x\r\n\r\n"))->server ==
        "A/1 B/2");
  CHECK_FALSE(ssdp::decode(ssdp::search("239.255.255.250:1900")));
  CHECK_FALSE(mdns::decode(mdns::services_query()));

  CHECK_FALSE(ike::decode(ike::sa_init(7)));
  CHECK_FALSE(ike::decode(ike::main_mode(7)));
  Bytes answer = ike::sa_init(7);
  answer[19] = 0x20;
  CHECK(ike::decode(answer)->initiator == 7);
  answer.pop_back();
  CHECK_FALSE(ike::decode(answer));
}

TEST_CASE("no probe takes its own question for an answer") {
  for (const UdpProbe& probe : udp_probes({})) {
    INFO(probe.label);
    CHECK_FALSE(probe.read(probe.payload));
    CHECK_FALSE(probe.read({}));
  }
}

TEST_CASE("banners: product and version as they tell") {
  const auto named = [](std::string_view text) {
    const ServiceSeen seen = name_and_version(text);
    return seen.product + "|" + seen.version;
  };
  CHECK(named("nginx/1.22.1") == "nginx|1.22.1");
  CHECK(named("(vsFTPd 3.0.3)") == "vsFTPd|3.0.3");
  CHECK(named("lighttpd/1.4.69") == "lighttpd|1.4.69");
  CHECK(named("mail.example ESMTP Exim 4.96 Mon, 1 Jan") == "Exim|4.96");
  CHECK(named("Camera web server") == "|");
  CHECK(named("") == "|");
}

TEST_CASE("banners: what a service is told by") {
  const auto is = [](const std::string& text, std::string_view asked = "") {
    const Bytes tag = {'H', 'T', 1, 2};
    return recognise(bytes(text), asked, tag).protocol;
  };
  CHECK(is("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n") == "ssh");
  CHECK(is("HTTP/1.0 404 Not Found\r\n\r\n", "http") == "http");
  CHECK(is("220 ProFTPD Server ready\r\n") == "ftp");
  CHECK(is("220 mail ESMTP\r\n") == "smtp");
  CHECK(is("220 hello\r\n").empty());
  CHECK(is("\xff\xfd\x18") == "telnet");
  CHECK(is("cam login: ") == "telnet");
  CHECK(is("RFB 003.008\n") == "vnc");
  CHECK(is("\x20\2\0\5"s, "mqtt") == "mqtt");
  CHECK(is("\x20\2\0\5"s).empty());
  CHECK(is("HT\0\0\0\3\1\xab\1"s, "modbus") == "modbus");
  CHECK(is("XX\0\0\0\3\1\xab\1"s, "modbus").empty());
  CHECK(is("hello there").empty());
}

TEST_CASE("identity: what makes it the same device") {
  const auto with = [](std::vector<Print> prints) {
    Fingerprint out;
    out.alive = true;
    out.prints = std::move(prints);
    return out;
  };
  const Print key{22, true, "ssh-host-key", "aa"};
  const Print other{22, true, "ssh-host-key", "bb"};
  const Print web{80, true, "http", "server: x"};
  const Print gone{80, false, "", ""};
  const Print mute{22, true, "silent", ""};
  const Print banner{22, true, "ssh-banner", "SSH-2.0-x"};
  CHECK(compare(with({key, web}), with({key, web})) == Likeness::same);
  CHECK(compare(with({key, web}), with({key, gone})) == Likeness::same);
  CHECK(compare(with({key, web}), with({other, web})) == Likeness::changed);
  CHECK(compare(with({key}), with({mute})) == Likeness::unclear);
  CHECK(compare(with({key}), with({banner})) == Likeness::unclear);
  CHECK(compare(with({key}), with({})) == Likeness::unclear);
  CHECK(compare(with({}), with({})) == Likeness::unclear);
  CHECK(compare(with({key}), Fingerprint{}) == Likeness::silent);
}
