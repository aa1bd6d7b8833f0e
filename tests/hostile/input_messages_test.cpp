#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <set>

#include "testcases/facts/facts.hpp"
#include "testcases/input/message.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/input_catalogue.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::test;
using testcases::input::Message;

namespace {

struct Tried {
  FakeContext context;
  std::string subject;
  Tried(const Endpoint& at, const std::string& transport, const std::string& protocol,
        const std::string& tls = "no")
      : context(lab_declaration(at.address.text()), input_catalogue()),
        subject("lan:" + transport + "/" + std::to_string(at.port)) {
    facts::Service service;
    service.evidence = 1;
    service.subject = subject;
    service.protocol = protocol;
    service.tls = tls;
    context.given(service);
    REQUIRE(testcases::malformed_messages_procedure().run(context));
  }
  [[nodiscard]] Coverage coverage() const { return context.coverage("input.messages", subject); }
  [[nodiscard]] std::vector<facts::InputTrial> trials() const {
    return runner::facts<facts::InputTrial>(context);
  }
  [[nodiscard]] std::vector<facts::InputCrash> crashes() const {
    return runner::facts<facts::InputCrash>(context);
  }
  /// open() is true where nothing was tried and the coverage says why.
  [[nodiscard]] bool open(const std::string& why) const {
    return coverage().state == CoverageState::partial && coverage().cause == Cause::device &&
           coverage().why.find(why) != std::string::npos && trials().empty() && crashes().empty();
  }
};

/// take() reads what is there at once.
std::string take(int fd) {
  char buffer[65536];
  pollfd entry{fd, POLLIN, 0};
  if (poll(&entry, 1, 200) <= 0) return {};
  const ssize_t count = recv(fd, buffer, sizeof buffer, 0);
  return count > 0 ? std::string(buffer, static_cast<std::size_t>(count)) : std::string();
}

const std::string kConnack("\x20\x02\x00\x05", 4);

/// Datagrams answers each datagram on an address of its own as `answer` says; empty: not at all.
class Datagrams {
 public:
  using Answer = std::function<std::string(const std::string&)>;
  Datagrams(const char* address, Answer answer)
      : fd_(bound(address, SOCK_DGRAM)), endpoint_(name_of(fd_)), answer_(std::move(answer)) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd entry{fd_, POLLIN, 0};
        if (poll(&entry, 1, 5) <= 0) continue;
        char buffer[65536];
        sockaddr_in from{};
        socklen_t size = sizeof from;
        const ssize_t count =
            recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
        if (count <= 0) continue;
        const std::string out = answer_(std::string(buffer, static_cast<std::size_t>(count)));
        if (!out.empty())
          sendto(fd_, out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
    });
  }
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;
  ~Datagrams() {
    thread_.request_stop();
    thread_.join();
    ::close(fd_);
  }
  [[nodiscard]] Endpoint endpoint() const { return endpoint_; }

 private:
  int fd_;
  Endpoint endpoint_;
  Answer answer_;
  std::jthread thread_;
};

}  // namespace

TEST_CASE("a service that never answers, closes at once, floods or talks nonsense is no pass") {
  const Peer silent("127.87.1.1", [](int fd, const Peer& peer) { peer.hold(fd); });
  CHECK(Tried(silent.endpoint(), "tcp", "mqtt").open("no ordinary question of mqtt"));
  const Peer closing("127.87.1.2", [](int fd, const Peer&) { Peer::reset(fd); });
  CHECK(Tried(closing.endpoint(), "tcp", "rtsp").open("no ordinary question of rtsp"));
  CHECK(Tried(closing.endpoint(), "tcp", "http", "yes").open("no ordinary question of tls"));
  const Peer flooding("127.87.1.3", [](int fd, const Peer& peer) {
    const std::string block(65536, 'A');
    for (int turn = 0; turn < 200 && !peer.gone(); ++turn) Peer::say(fd, block);
  });
  CHECK(Tried(flooding.endpoint(), "tcp", "ssh").open("no ordinary question of ssh"));
  CHECK(Tried(flooding.endpoint(), "tcp", "dns").open("no ordinary question of dns"));
  const Datagrams nonsense("127.87.1.4", [](const std::string& asked) { return asked; });
  for (const char* protocol : {"snmp", "coap", "dns"})
    CHECK(Tried(nonsense.endpoint(), "udp", protocol).open("no ordinary question of"));
}

TEST_CASE("who answers only so many questions blocks us, and did not die of an input") {
  std::atomic<int> asked{0};
  const Peer peer("127.87.1.5", [&](int fd, const Peer&) {
    take(fd);
    if (++asked <= 20)
      Peer::say(fd, kConnack);
    else
      Peer::reset(fd);
  });
  CHECK(Tried(peer.endpoint(), "tcp", "mqtt").open("it blocks us, or cannot bear the number"));
}

TEST_CASE("who begins to answer otherwise is no pass and no crash") {
  std::atomic<int> malformed{0};
  const Peer peer("127.87.1.6", [&](int fd, const Peer&) {
    const std::string asked = take(fd);
    if (!asked.starts_with(std::string("\x10\x18\x00\x04MQTT", 8))) ++malformed;
    Peer::say(fd, malformed < 3 ? kConnack : std::string("\x20\x02\x00\x03", 4));
  });
  const Tried tried(peer.endpoint(), "tcp", "mqtt");
  CHECK(tried.coverage().why.find("answered otherwise (CONNACK 3 instead of CONNACK 5)") !=
        std::string::npos);
  CHECK(tried.crashes().empty());
  for (const auto& one : runner::facts<facts::InputControl>(tried.context))
    CHECK(one.ordinary == "not-answered");
}

TEST_CASE("a service that dies of one length stops the test, with the shortest that does it") {
  // A client identifier of more than 3000 letters ends it for a while.
  using Clock = std::chrono::steady_clock;
  std::atomic<Clock::rep> dead_until{0};
  std::atomic<int> deaths{0};
  const Peer broker("127.87.1.7", [&](int fd, const Peer&) {
    const auto now = Clock::now().time_since_epoch();
    const std::string asked = now.count() < dead_until ? std::string() : take(fd);
    if (asked.size() > 3000) {
      ++deaths;
      dead_until = (Clock::now().time_since_epoch() + std::chrono::milliseconds(250)).count();
    }
    if (asked.empty() || asked.size() > 3000)
      Peer::reset(fd);
    else
      Peer::say(fd, kConnack);
  });
  const Tried tried(broker.endpoint(), "tcp", "mqtt");
  REQUIRE(tried.crashes().size() == 1);
  const facts::InputCrash crash = tried.crashes().front();
  CHECK(crash.protocol == "mqtt");
  CHECK(crash.target == "CONNECT");
  CHECK(crash.family == "overlong");
  CHECK(crash.effect == "comes-back");
  CHECK(crash.repeated == "yes");
  CHECK(crash.length > 3000);
  CHECK(crash.length < 4000);
  CHECK(crash.evidence != 0);
  CHECK(deaths <= 8);
  CHECK(tried.coverage().state == CoverageState::partial);
  CHECK(tried.coverage().why.find("stopped answering after long-id of mqtt") != std::string::npos);
}

TEST_CASE("a service that is gone once and stands the same input afterwards is not said to die") {
  std::atomic<bool> once{false};
  std::atomic<int> refused{0};
  const Peer broker("127.87.1.8", [&](int fd, const Peer&) {
    if (refused > 0) {
      --refused;
      return;
    }
    const std::string asked = take(fd);
    if (asked.starts_with(std::string("\x10\xff\xff\xff\x7f", 5)) && !once.exchange(true))
      refused = 4;
    Peer::say(fd, kConnack);
  });
  const Tried tried(broker.endpoint(), "tcp", "mqtt");
  REQUIRE(tried.crashes().size() == 1);
  CHECK(tried.crashes().front().effect == "comes-back");
  CHECK(tried.crashes().front().repeated == "no");
}

TEST_CASE("each list is bounded, the same each time, and every input has its place") {
  const auto& protocols = testcases::input::message_protocols();
  CHECK(protocols.size() == 7);
  for (const auto& protocol : protocols) {
    INFO(protocol.name);
    testcases::input::Talk talk;
    talk.to = {*Address::parse("127.87.1.8"), 1};
    talk.datagrams = protocol.name == "snmp" || protocol.name == "coap" || protocol.name == "dns";
    talk.ordinary = protocol.ordinary(talk).front().question;
    talk.inside = true;
    const std::vector<Message> first = protocol.messages(talk), again = protocol.messages(talk);
    CHECK(first.size() >= 24);
    CHECK(first.size() <= 60);
    REQUIRE(first.size() == again.size());
    std::set<std::string> names, families;
    for (std::size_t i = 0; i < first.size(); ++i) {
      INFO(first[i].name);
      CHECK(names.insert(first[i].name).second);
      families.insert(first[i].family);
      CHECK_FALSE(first[i].target.empty());
      CHECK_FALSE(first[i].place.empty());
      for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{65536}}) {
        const Bytes bytes = first[i].make(length);
        CHECK(bytes == again[i].make(length));
        CHECK(bytes.size() <= (talk.datagrams ? std::size_t{65507} : std::size_t{70000}));
        // What is asked around it is ordinary; this is not.
        CHECK((bytes != talk.ordinary || length == 0 || first[i].place == "order"));
      }
      if (first[i].sized) CHECK(first[i].make(512).size() < first[i].make(4096).size());
    }
    CHECK(families == std::set<std::string>{"malformed", "overlong"});
    talk.seed = 2;
    CHECK(protocol.messages(talk).size() == first.size());
  }
}
