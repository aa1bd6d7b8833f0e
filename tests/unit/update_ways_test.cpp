#include <catch2/catch.hpp>

#include <string>
#include <thread>

#include "harness/net/flow.hpp"
#include "harness/net/listener.hpp"
#include "harness/protocols/http_server.hpp"
#include "harness/protocols/swupdate.hpp"
#include "harness/protocols/tftp.hpp"
#include "harness/protocols/tls_server.hpp"
#include "harness/protocols/websocket.hpp"
#include "testcases/authentication/http_call.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;

namespace {

std::string frame(int opcode, const std::string& payload, bool last = true) {
  std::string out;
  out += static_cast<char>((last ? 0x80 : 0) | opcode);
  out += static_cast<char>(payload.size());
  return out + payload;
}

Scope scope_of(const std::string& network) { return {.networks = {*Network::parse(network)}}; }

}  // namespace

TEST_CASE("a WebSocket key is answered as in RFC 6455") {
  CHECK(protocols::websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("frames of a server become messages, whole or in pieces") {
  const std::string bytes =
      frame(1, "ab", false) + frame(9, "x") + frame(0, "cd") + frame(2, "e") + frame(8, "");
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
    protocols::WebSocketReader reader;
    for (std::size_t at = 0; at < bytes.size(); at += step)
      REQUIRE(reader.put(as_bytes(std::string_view(bytes).substr(at, step))));
    CHECK(reader.next().value_or("") == "abcd");
    CHECK(reader.next().value_or("") == "e");
    CHECK_FALSE(reader.next());
    CHECK(reader.ping() == Bytes{'x'});
    CHECK(reader.closed());
  }
}

TEST_CASE("frames that no server may send are errors") {
  const std::string longer("\x81\x7f\x00\x00\x00\x00\x10\x00\x00\x00", 10);
  const std::string split_control("\x09\x00", 2);
  for (const std::string& bad :
       {std::string("\x81\x80", 2), std::string("\xC1\x00", 2), std::string("\x83\x00", 2),
        std::string("\x80\x00", 2), split_control, longer, frame(1, "a", false) + frame(1, "b")}) {
    protocols::WebSocketReader reader;
    const auto put = reader.put(as_bytes(bad));
    REQUIRE_FALSE(put);
    CHECK(put.error().kind == ErrorKind::protocol);
  }
  protocols::WebSocketReader flooded;
  bool good = true;
  for (int i = 0; i < 100 && good; ++i) good = flooded.put(as_bytes(frame(1, "x"))).has_value();
  CHECK_FALSE(good);
}

TEST_CASE("what SWUpdate tells is read, and nothing else") {
  const auto event = protocols::swupdate_event(R"({"type":"status","status":"FAILURE"})");
  REQUIRE(event);
  CHECK(event->status == "FAILURE");
  CHECK(protocols::swupdate_event(R"({"type":"message","level":"3","text":"bad\u001b"})")->text ==
        "bad\\x1b");
  for (const char* bad : {"", "[]", "{}", R"({"type":3})", "{\"type\":\"status\""})
    CHECK_FALSE(protocols::swupdate_event(bad));
  CHECK_FALSE(protocols::swupdate_event(std::string(5000, '[')));
}

TEST_CASE("an upload holds the file where file_offset() says") {
  declaration::HttpCall call;
  call.fields = {{"token", "1"}};
  call.field = "fw";
  const std::string file = "\r\n--payload";
  const auto form = testcases::request_of(call, as_bytes(file), "a\"b.bin");
  const auto at = testcases::file_offset(call, form, as_bytes(file));
  CHECK(form.body.substr(at, file.size()) == file);
  CHECK(form.body.find("filename=\"a%22b.bin\"") != std::string::npos);
  call.body = "raw";
  const auto raw = testcases::request_of(call, as_bytes(file), "x");
  CHECK(raw.body == file);
  CHECK(testcases::file_offset(call, raw, as_bytes(file)) == 0);
}

TEST_CASE("an answer is success only by what is declared, or by its status") {
  using testcases::Told;
  using testcases::told_by;
  declaration::HttpCall call;
  const auto answer = [](int status, const std::string& body) {
    protocols::HttpResponse out;
    out.status = status;
    out.body = body;
    return out;
  };
  CHECK(told_by(call, answer(200, "")) == Told::done);
  CHECK(told_by(call, answer(302, "")) == Told::refused);
  CHECK(told_by(call, answer(500, "")) == Told::refused);
  call.success_text = "installed";
  CHECK(told_by(call, answer(200, "working")) == Told::nothing);
  CHECK(told_by(call, answer(200, "installed")) == Told::done);
  call.failure_text = "wrong";
  CHECK(told_by(call, answer(200, "installed wrong")) == Told::refused);
  call = {};
  call.success_status = 202;
  CHECK(told_by(call, answer(202, "")) == Told::done);
  CHECK(told_by(call, answer(200, "")) == Told::refused);
}

TEST_CASE("the head of a request is read strictly") {
  const auto good = protocols::parse_request_head("GET /v?a=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(good);
  CHECK(good->target == "/v?a=1");
  CHECK(good->fields.size() == 1);
  for (const char* bad : {"", "GET /", "get / HTTP/1.1\r\n", "GET  HTTP/1.1\r\n",
                          "GET / HTTP/1.1\r\nno colon\r\n", "\x16\x03\x01"})
    CHECK_FALSE(protocols::parse_request_head(bad));
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) many += "a: b\r\n";
  CHECK_FALSE(protocols::parse_request_head(many));
}

TEST_CASE("the door listens inside the scope only, and hears nobody from outside it") {
  NoRecorder recorder;
  net::Door door(scope_of("127.45.2.1/32"), {}, system_clock());
  const auto outside =
      door.listen({.address = *Address::parse("127.45.3.1"), .port = 0}, recorder, "lan");
  REQUIRE_FALSE(outside);
  CHECK(outside.error().kind == ErrorKind::out_of_scope);
  auto listener =
      door.listen({.address = *Address::parse("127.45.2.1"), .port = 0}, recorder, "lan");
  REQUIRE(listener);
  const auto nobody = (*listener)->accept("test", std::chrono::steady_clock::now());
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().kind == ErrorKind::timed_out);
  // A client whose address is the machine's own default, 127.0.0.1, is a stranger.
  net::Door stranger(scope_of("127.0.0.0/8"), {}, system_clock());
  const auto until = std::chrono::steady_clock::now() + 10s;
  auto conn = stranger.connect((*listener)->endpoint(), recorder, "lan", "stranger", until);
  std::jthread waiting([&](const std::stop_token&) {
    std::uint8_t byte = 0;
    if (conn) static_cast<void>((*conn)->read_some({&byte, 1}, until));
  });
  std::stop_source stop;
  std::jthread watch([&] {
    while ((*listener)->strangers() == 0 && std::chrono::steady_clock::now() < until)
      std::this_thread::yield();
    stop.request_stop();
  });
  const auto heard = (*listener)->accept("test", until, stop.get_token());
  REQUIRE_FALSE(heard);
  CHECK(heard.error().kind == ErrorKind::stopped);
  CHECK((*listener)->strangers() == 1);
}

TEST_CASE("our server makes a TLS handshake and answers one request") {
  NoRecorder recorder;
  net::Door door(scope_of("127.0.0.0/8"), {}, system_clock());
  auto listener =
      door.listen({.address = *Address::parse("127.45.2.2"), .port = 0}, recorder, "lan");
  REQUIRE(listener);
  const auto until = std::chrono::steady_clock::now() + 20s;
  std::string got;
  std::jthread client([&, to = (*listener)->endpoint()] {
    auto conn = door.connect(to, recorder, "lan", "client", until);
    if (!conn) return;
    auto inside = protocols::wrap_tls(std::move(*conn), {}, until);
    if (!inside) return;
    if (!(*inside)->write(as_bytes("GET /version HTTP/1.1\r\nHost: x\r\n\r\n"), until)) return;
    got = std::string(as_text(net::read_all(**inside, 4096, 10s, until)));
  });
  auto conn = (*listener)->accept("server", until);
  REQUIRE(conn);
  const auto identity = protocols::made_up_identity("update server");
  REQUIRE(identity);
  auto inside = protocols::serve_tls(std::move(*conn), *identity, until);
  REQUIRE(inside);
  const auto request = protocols::read_request(**inside, until);
  REQUIRE(request);
  CHECK(request->target == "/version");
  REQUIRE(protocols::answer(**inside, 200, "text/plain", as_bytes("1.2.3"), until));
  (*inside)->close();
  client.join();
  CHECK(got.ends_with("\r\n\r\n1.2.3"));
  CHECK_FALSE(protocols::serve_tls(nullptr, {.certificate_pem = "x", .key_pem = "y"}, until));
}

namespace {

/// TftpServer takes writes on a port of its own per transfer, or refuses them.
class TftpServer {
 public:
  explicit TftpServer(bool refuses)
      : asked_(test::bound("127.45.2.3", SOCK_DGRAM)),
        own_(test::bound("127.45.2.3", SOCK_DGRAM)),
        refuses_(refuses),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}
  ~TftpServer() {
    thread_.request_stop();
    thread_.join();
    ::close(asked_);
    ::close(own_);
  }
  [[nodiscard]] Endpoint endpoint() const { return test::name_of(asked_); }
  std::string file;
  bool done = false;

 private:
  void run(const std::stop_token& stop) {
    std::uint16_t wanted = 0;
    while (!stop.stop_requested()) {
      pollfd both[2] = {{asked_, POLLIN, 0}, {own_, POLLIN, 0}};
      if (poll(both, 2, 20) <= 0) continue;
      const int fd = both[0].revents != 0 ? asked_ : own_;
      char buffer[1024];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const auto got =
          recvfrom(fd, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 4) continue;
      std::string reply{0, 4, buffer[2], buffer[3]};
      if (buffer[1] == 2) reply = refuses_ ? std::string("\0\5\0\2no\0", 7) : std::string(4, '\0');
      if (buffer[1] == 2 && !refuses_) reply[1] = 4;
      const auto number = static_cast<std::uint16_t>((buffer[2] & 0xFF) << 8 | (buffer[3] & 0xFF));
      if (buffer[1] == 3 && number == static_cast<std::uint16_t>(wanted + 1)) {
        ++wanted;
        file.append(buffer + 4, static_cast<std::size_t>(got) - 4);
        done = got < 516;
      }
      sendto(own_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }
  int asked_, own_;
  bool refuses_;
  std::jthread thread_;
};

}  // namespace

TEST_CASE("a file is written by TFTP, whole, cut, or refused") {
  NoRecorder recorder;
  net::Door door(scope_of("127.45.2.0/24"), {}, system_clock());
  const auto until = std::chrono::steady_clock::now() + 20s;
  const auto flow = [&] {
    return net::open_flow(door, *Address::parse("127.45.2.3"), recorder, "lan:udp/69", "tftp",
                          system_clock());
  };
  const std::string text(1024, 'u');
  {
    TftpServer server(false);
    auto open = flow();
    REQUIRE(open);
    const auto put =
        protocols::tftp::put(**open, server.endpoint(), "fw.bin", as_bytes(text), until);
    REQUIRE(put);
    CHECK(put->whole);
    CHECK(put->sent == text.size());
  }
  {
    TftpServer server(false);
    auto open = flow();
    const auto put =
        protocols::tftp::put(**open, server.endpoint(), "fw.bin", as_bytes(text), until, 100);
    REQUIRE(put);
    CHECK_FALSE(put->whole);
    CHECK(put->sent == 512);
  }
  {
    TftpServer server(true);
    auto open = flow();
    const auto put =
        protocols::tftp::put(**open, server.endpoint(), "fw.bin", as_bytes(text), until);
    REQUIRE(put);
    CHECK(put->refused);
    CHECK(put->text == "no");
  }
  CHECK_FALSE(
      net::open_flow(door, *Address::parse("127.46.0.1"), recorder, "lan", "x", system_clock()));
}
