#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "testcases/facts/facts.hpp"
#include "testcases/update/own_server.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/peer.hpp"

/// Devices that mean ill to the update server of ours: none of them may hold the run up, get more
/// than the declared files, or be taken for a device that fetched its update.
namespace {

using namespace haetae;
using testcases::update::Visit;

constexpr const char* kAddress = "127.82.5.1";
const std::string kImage(200'000, 'i');

/// free_port() is a port that nobody has now.
std::uint16_t free_port() {
  const int fd = test::bound(kAddress, SOCK_STREAM);
  const auto port = test::name_of(fd).port;
  ::close(fd);
  return port;
}

/// connected() is a client at the server, as soon as it listens; -1 when the test is over.
int connected(std::uint16_t port, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const int fd = test::bound(kAddress, SOCK_STREAM);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    inet_pton(AF_INET, kAddress, &name.sin_addr);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0) return fd;
    ::close(fd);
    std::this_thread::yield();
  }
  return -1;
}

std::string all_of(int fd) {
  std::string out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
    out.append(buffer, static_cast<std::size_t>(got));
  return out;
}

using Device = std::function<void(std::uint16_t, const std::stop_token&)>;

/// says() sends bytes on one connection and gives back what it gets; the connection stays open
/// until the server ends it.
Device says(std::string bytes, std::shared_ptr<std::string> answer = {}) {
  return [bytes = std::move(bytes), answer](std::uint16_t port, const std::stop_token& stop) {
    const int fd = connected(port, stop);
    if (fd < 0) return;
    test::Peer::say(fd, bytes);
    const std::string got = all_of(fd);
    if (answer) *answer = got;
    ::close(fd);
  };
}

struct Met {
  Visit visit;
  std::chrono::steady_clock::duration took{};
};

Met meet(const Device& device, bool tls = false, bool with_image = true) {
  declaration::Declaration declared = test::lab_declaration(kAddress);
  declared.update.mechanism = "pull";
  declared.update.settle = std::chrono::seconds(1);
  const std::uint16_t port = free_port();
  declaration::UpdatePull pull;
  pull.listen = {.address = *Address::parse(kAddress), .port = port};
  pull.tls = tls;
  pull.version_path = "/version";
  pull.version_body = "{version}";
  pull.image_path = "/image";
  pull.wait = std::chrono::seconds(2);
  declared.update.pull = pull;
  test::FakeContext context(declared);
  std::optional<protocols::ServerIdentity> identity;
  if (tls) identity = *protocols::made_up_identity("update server");
  testcases::update::Wares wares{.version = "1.5.0", .image = {}, .cut = {}};
  if (with_image) wares.image = as_bytes(kImage);
  Met out;
  std::jthread peer([&](const std::stop_token& stop) { device(port, stop); });
  const auto begin = std::chrono::steady_clock::now();
  out.visit = testcases::update::host(context, identity, wares, "server");
  out.took = std::chrono::steady_clock::now() - begin;
  peer.request_stop();
  // A visit that took place is recorded.
  if (out.visit.connected) CHECK(out.visit.evidence != 0);
  return out;
}

}  // namespace

TEST_CASE("a device that never comes is a cause, not a wait without end") {
  const Met met = meet([](std::uint16_t, const std::stop_token&) {});
  CHECK_FALSE(met.visit.connected);
  CHECK(met.visit.cause == Cause::device);
  CHECK_THAT(met.visit.why, Catch::Contains("did not connect to the update server"));
}

TEST_CASE("half a request, silence and lies about lengths end within the limits") {
  for (const std::string& bytes : {std::string(), std::string("GET /im"),
                                   std::string("POST /image HTTP/1.1\r\nContent-Length: "
                                               "4000\r\n\r\nshort")}) {
    INFO(bytes);
    const Met met = meet(says(bytes));
    CHECK(met.visit.connected);
    CHECK_FALSE(met.visit.asked);
    CHECK_FALSE(met.visit.fetched);
    CHECK_FALSE(met.visit.served);
    CHECK_FALSE(met.visit.message.empty());
    CHECK(met.took < std::chrono::seconds(60));
  }
}

TEST_CASE("impossible lengths, floods and garbage are refused at once") {
  for (const std::string& bytes :
       {std::string("POST /image HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        std::string("POST /image HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
        std::string("POST /image HTTP/1.1\r\nContent-Length: 70000\r\n\r\n"),
        "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n" + std::string(100'000, 'a'), std::string("\x16\x03\x01\x02\r\n\r\n"),
        std::string(1'000'000, '\0')}) {
    INFO(bytes.substr(0, 60));
    const Met met = meet(says(bytes));
    CHECK(met.visit.connected);
    CHECK_FALSE(met.visit.asked);
    CHECK_FALSE(met.visit.served);
    CHECK_FALSE(met.visit.message.empty());
  }
}

TEST_CASE("no path leads out of what is declared") {
  for (const char* path :
       {"/../../../../etc/passwd", "/image/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd", "/image/", "/IMAGE", "http://127.82.5.1/image", "file:///etc/passwd"}) {
    INFO(path);
    const auto answer = std::make_shared<std::string>();
    const Met met = meet(says(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n", answer));
    CHECK(met.visit.asked);
    CHECK_FALSE(met.visit.fetched);
    CHECK_FALSE(met.visit.served);
    CHECK_THAT(*answer, Catch::StartsWith("HTTP/1.1 404 "));
    CHECK(answer->find("root:") == std::string::npos);
  }
}

TEST_CASE("TLS garbage is no request") {
  for (const std::string& bytes :
       {std::string("GET /image HTTP/1.1\r\n\r\n"),
        std::string("\x16\x03\x01\xff\xff\x01\xff\xff\xff"), std::string(50'000, '\x16')}) {
    const Met met = meet(says(bytes), true);
    CHECK(met.visit.connected);
    CHECK_FALSE(met.visit.asked);
    CHECK_FALSE(met.visit.served);
    CHECK_FALSE(met.visit.message.empty());
  }
}

TEST_CASE("a device that hangs up in the middle of the file has not fetched it") {
  const Met met = meet([](std::uint16_t port, const std::stop_token& stop) {
    const int fd = connected(port, stop);
    if (fd < 0) return;
    test::Peer::say(fd, "GET /version HTTP/1.1\r\n\r\n");
    ::close(fd);
  });
  CHECK(met.visit.connected);
  CHECK_FALSE(met.visit.served);
}

TEST_CASE("ten thousand connections are bounded") {
  std::atomic<int> made{0};
  const Met met = meet([&](std::uint16_t port, const std::stop_token& stop) {
    for (int i = 0; i < 10'000 && !stop.stop_requested(); ++i) {
      const int fd = connected(port, stop);
      if (fd < 0) return;
      ++made;
      ::close(fd);
    }
  });
  CHECK(made > 0);
  CHECK(met.visit.connected);
  CHECK_FALSE(met.visit.asked);
  CHECK_FALSE(met.visit.served);
  CHECK(met.took < std::chrono::seconds(60));
}
