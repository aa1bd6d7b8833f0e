#include <catch2/catch.hpp>

#include <string>

#include "harness/protocols/http_page_links.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/input/probe.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/input_catalogue.hpp"
#include "tests/support/peer.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

/// request_on() reads one request head, and the target of it.
std::string request_on(int fd) {
  std::string text;
  char buffer[4096];
  while (text.find("\r\n\r\n") == std::string::npos && text.size() < 100000) {
    const ssize_t count = recv(fd, buffer, sizeof buffer, 0);
    if (count <= 0) return {};
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

std::string page(const std::string& body, const std::string& more = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

std::string decoded(const std::string& text) { return protocols::percent_decode(text); }

struct Tried {
  FakeContext context;
  std::string subject;
  explicit Tried(const Peer& peer)
      : context(lab_declaration(peer.endpoint().address.text()), input_catalogue()),
        subject("lan:tcp/" + std::to_string(peer.endpoint().port)) {
    facts::Service service;
    service.subject = subject;
    service.protocol = "http";
    service.tls = "no";
    context.given(service);
    REQUIRE(testcases::injection_procedure().run(context));
  }
  [[nodiscard]] int executed() const {
    int out = 0;
    for (const auto& one : runner::facts<facts::InputTrial>(context))
      out += one.outcome == "executed" ? 1 : 0;
    return out;
  }
  [[nodiscard]] Coverage coverage() const { return context.coverage("input.injection", subject); }
};

}  // namespace

TEST_CASE("a page that echoes everything it gets executes nothing") {
  const Peer peer("127.86.1.1", [](int fd, const Peer&) {
    const std::string text = request_on(fd);
    Peer::say(fd, page("<a href='/x?name=one'>x</a><p>" + decoded(text) + "</p>"));
  });
  const Tried tried(peer);
  CHECK(tried.executed() == 0);
  for (const auto& one : runner::facts<facts::ErrorAnswer>(tried.context))
    CHECK(one.reveals == "no");
}

TEST_CASE("a crawl without end is bounded, and what it leaves open is said") {
  int number = 0;
  const Peer peer("127.86.1.2", [&](int fd, const Peer&) {
    request_on(fd);
    std::string links;
    for (int i = 0; i < 20; ++i) links += "<a href='/p" + std::to_string(++number) + "'>x</a>";
    Peer::say(fd, page(links));
  });
  const Tried tried(peer);
  CHECK(tried.executed() == 0);
  CHECK(tried.coverage().state == CoverageState::partial);
  CHECK(tried.coverage().why.find("more than 20 pages") != std::string::npos);
}

TEST_CASE("redirects without end, and lengths that lie, end") {
  int number = 0;
  const Peer round("127.86.1.3", [&](int fd, const Peer&) {
    request_on(fd);
    Peer::say(fd, "HTTP/1.1 302 Found\r\nLocation: /r" + std::to_string(++number) +
                      "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  const Tried redirected(round);
  CHECK(redirected.executed() == 0);
  CHECK(redirected.coverage().state == CoverageState::partial);
  const Peer liar("127.86.1.4", [](int fd, const Peer&) {
    request_on(fd);
    Peer::say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\nConnection: close\r\n\r\nshort");
  });
  const Tried lied(liar);
  CHECK(lied.executed() == 0);
  CHECK(lied.coverage().state == CoverageState::partial);
}

TEST_CASE("an answer that is different each time shows no condition") {
  int number = 0;
  const Peer peer("127.86.1.5", [&](int fd, const Peer&) {
    request_on(fd);
    ++number;
    std::string noise;
    for (int i = 0; i < 8; ++i) noise += static_cast<char>('a' + (number * 7 + i * number) % 26);
    Peer::say(fd, page("<a href='/x?id=1'>x</a>" + noise));
  });
  const Tried tried(peer);
  CHECK(tried.executed() == 0);
  bool unclear = false;
  for (const auto& one : runner::facts<facts::InputTrial>(tried.context))
    unclear = unclear || (one.family == "sql" && one.outcome == "unknown");
  CHECK(unclear);
}

TEST_CASE("no listed input holds an error text, or what it expects to see") {
  const auto catalogue = input_catalogue();
  const auto texts = testcases::input::error_texts(catalogue);
  for (const auto& probe : testcases::input::probes(catalogue)) {
    const auto shot = testcases::input::load(probe, "value", "http://127.0.0.1:1/", 2);
    CAPTURE(probe.name);
    if (probe.shows == "computed" || probe.shows == "content")
      CHECK(testcases::input::match(shot.text, shot.expect).empty());
    for (const auto& one : texts) CHECK(testcases::input::match(shot.text, one.text).empty());
  }
}

TEST_CASE("forms and links are read within bounds") {
  std::string html =
      "<form action='/a' method=POST><input name=x value=1><select name=s><option "
      "value=v></select></form><script>get('/api/x?y=1')</script>";
  const auto forms = protocols::page_forms(html);
  REQUIRE(forms.size() == 1);
  CHECK(forms[0].method == "post");
  CHECK(forms[0].fields ==
        std::vector<std::pair<std::string, std::string>>{{"x", "1"}, {"s", "v"}});
  CHECK(protocols::page_links(html) == std::vector<std::string>{"/a", "/api/x?y=1"});
  for (int i = 0; i < 2000; ++i)
    html += "<a href='/" + std::to_string(i) + "'><form><input name=a>";
  CHECK(protocols::page_links(html).size() == 256);
  CHECK(protocols::page_forms(html).size() == 32);
  CHECK(protocols::query_of("/x?a=%41&b&=c#d") ==
        std::vector<std::pair<std::string, std::string>>{{"a", "A"}, {"b", ""}});
}

TEST_CASE("a service that goes away after long input is seen, and the shortest input is kept") {
  int down = 0;
  const Peer peer("127.86.1.6", [&](int fd, const Peer&) {
    if (down > 0) {
      --down;
      return;
    }
    const std::string text = request_on(fd);
    if (text.size() > 2000) {
      down = 6;
      return;
    }
    Peer::say(fd, page("<p>hello</p>"));
  });
  FakeContext context(lab_declaration(peer.endpoint().address.text()), input_catalogue());
  facts::Service service;
  service.subject = "lan:tcp/" + std::to_string(peer.endpoint().port);
  service.protocol = "http";
  service.tls = "no";
  context.given(service);
  REQUIRE(testcases::malformed_http_procedure().run(context));
  const auto crashes = runner::facts<facts::InputCrash>(context);
  REQUIRE_FALSE(crashes.empty());
  for (const auto& one : crashes) {
    CAPTURE(one.place, one.probe, one.length);
    CHECK(one.family == "overlong");
    CHECK(one.effect == "comes-back");
    CHECK(one.repeated == "yes");
    CHECK(one.length > 2000);
    CHECK(one.length < 3000);
  }
}

TEST_CASE("a service that stays away ends the test, and nothing after it counts as handled") {
  bool dead = false;
  const Peer peer("127.86.1.7", [&](int fd, const Peer&) {
    if (dead) return;
    const std::string text = request_on(fd);
    dead = text.find("Range: ") != std::string::npos;
    if (!dead) Peer::say(fd, page("<p>hello</p>"));
  });
  FakeContext context(lab_declaration(peer.endpoint().address.text()), input_catalogue());
  facts::Service service;
  service.subject = "lan:tcp/" + std::to_string(peer.endpoint().port);
  service.protocol = "http";
  service.tls = "no";
  context.given(service);
  REQUIRE(testcases::malformed_http_procedure().run(context));
  const auto crashes = runner::facts<facts::InputCrash>(context);
  REQUIRE(crashes.size() == 1);
  CHECK(crashes[0].effect == "stays-away");
  CHECK(crashes[0].place == "header Range");
  CHECK(context.coverage("input.malformed", service.subject).state == CoverageState::partial);
  for (const auto& one : runner::facts<facts::InputControl>(context))
    CHECK(one.ordinary == "not-answered");
}
