#include <catch2/catch.hpp>

#include "harness/formats/record_lines.hpp"
#include "harness/protocols/syslog.hpp"

/// Records that devices show, and syslog messages, as other people's programs write them.
namespace {

using namespace haetae::formats;
namespace syslog = haetae::protocols::syslog;
using Lines = std::vector<std::string>;

constexpr std::int64_t kNow = 1'795'392'330;  // 2026-11-23T00:05:30Z

std::int64_t seconds(std::string_view record) {
  const auto found = record_time(record, kNow);
  return found ? found->seconds - kNow : -1;
}

bool zone(std::string_view record) {
  const auto found = record_time(record, kNow);
  return found && found->zone;
}

}  // namespace

TEST_CASE("records are the lines of a text, the rows of a page, the elements of a list",
          "[records]") {
  CHECK(record_lines("").lines.empty());
  CHECK(record_lines(" \n\n").lines.empty());
  CHECK(record_lines("one\r\ntwo\n\n three ").lines == Lines{"one", "two", "three"});
  CHECK(record_lines("<!DOCTYPE html><table><tr><td>admin</td><td>login</td></tr>"
                     "<TR><td>guard</td></TR></table>a < b")
            .lines == Lines{"admin  login", "guard", "a < b"});
  CHECK(record_lines(R"({"log":[{"user":"admin"},{"user":"guard, [x]"}],"more":["y"]})").lines ==
        Lines{R"({"user":"admin"})", R"({"user":"guard, [x]"})", R"("y")"});
  CHECK(record_lines(R"([["a","b"],["c"]])").lines == Lines{R"(["a","b"])", R"(["c"])"});
  CHECK(record_lines(R"({"log":"one\ntwo \u00e9"})").lines ==
        Lines{"{\"log\":\"one", "two \xC3\xA9\"}"});
  CHECK(record_lines(R"({"log":[]})").lines.empty());
  CHECK(record_lines(R"([{"broken":)").lines == Lines{R"({"broken":)"});
  CHECK(record_lines("[\"\\").lines.size() == 1);
}

TEST_CASE("a record beyond bounds is told, and bounded", "[records]") {
  const RecordLines many = record_lines(std::string(5U << 20U, 'x') + "\nlast");
  CHECK_FALSE(many.whole);
  REQUIRE(many.lines.size() == 1);
  CHECK(many.lines.front().size() == 4096);
  std::string rows;
  for (int i = 0; i < 50'001; ++i) rows += "r\n";
  CHECK_FALSE(record_lines(rows).whole);
  CHECK(record_lines(rows).lines.size() == 50'000);
}

TEST_CASE("times are found in every form that logs use", "[records]") {
  CHECK(seconds("2026-11-23T00:05:30Z admin") == 0);
  CHECK(seconds("at 2026-11-23T09:05:30.123+09:00 admin") == 0);
  CHECK(seconds("2026-11-23 00:05:31 +0000") == 1);
  CHECK(seconds("2026/11/23 00:05:30") == 0);
  CHECK(seconds("Nov 23 00:05:30 cam sshd[7]: x") == 0);
  CHECK(seconds("Mon Nov 23 00:05:30 2026") == 0);
  CHECK(seconds("127.0.0.1 - - [23/Nov/2026:00:05:30 +0000]") == 0);
  CHECK(seconds("{\"time\":1795392330,\"a\":1}") == 0);
  CHECK(seconds("{\"time\":1795392331000}") == 1);
  CHECK(zone("2026-11-23T00:05:30Z"));
  CHECK(zone("{\"time\":1795392330}"));
  CHECK_FALSE(zone("2026-11-23 00:05:30 admin"));
  CHECK_FALSE(zone("Nov 23 00:05:30 cam"));
  // RFC 3164 has no year: the nearest one is meant.
  CHECK(record_time("Dec 31 23:59:59 cam", kNow + 40 * 86'400)->seconds == 1'798'761'599);
}

TEST_CASE("what is no time is not taken for one", "[records]") {
  for (const char* text :
       {"", "version 1.4.2", "2026-13-23T00:05:30Z", "2026-11-23T24:05:30Z",
        "serial 1234567890123456", "Marvin", "Nov", "Nov 23 00:05", "0000000001", "2026-11-23"})
    CHECK_FALSE(record_time(text, kNow));
}

TEST_CASE("a time without a zone may be any zone's", "[records]") {
  const RecordTime local{.seconds = 9 * 3600 + 100, .zone = false};
  CHECK(seconds_apart(local, 100, 105) == 0);
  CHECK(seconds_apart({.seconds = 9 * 3600 + 100, .zone = true}, 100, 105) == 9 * 3600 - 5);
  CHECK(seconds_apart({.seconds = 400, .zone = false}, 100, 105) == 295);
  CHECK(seconds_apart({.seconds = 20 * 3600, .zone = false}, 0, 0) == 6 * 3600);
  CHECK(seconds_apart({.seconds = 90, .zone = true}, 100, 105) == 10);
}

TEST_CASE("syslog messages of all forms are read", "[records]") {
  const auto old = syslog::parse("<38>Nov 23 00:05:30 cam sshd[7]: Accepted password for admin\n");
  CHECK(old.facility == 4);
  CHECK(old.severity == 6);
  CHECK(old.form == "rfc3164");
  CHECK(old.host == "cam");
  CHECK(old.content == "sshd[7]: Accepted password for admin");
  const auto forwarded = syslog::parse("<38>2026-11-23T00:05:30+00:00 admin sshd[7]: x");
  CHECK(forwarded.form == "rfc3164");
  CHECK(forwarded.host == "admin");
  CHECK(forwarded.content == "sshd[7]: x");
  const auto recent = syslog::parse("<165>1 2026-11-23T00:05:30.1Z cam app 7 ID [a b=\"c\"] text");
  CHECK(recent.form == "rfc5424");
  CHECK(recent.facility == 20);
  CHECK(recent.time == "2026-11-23T00:05:30.1Z");
  CHECK(recent.content == "app 7 ID [a b=\"c\"] text");
  CHECK(syslog::parse("<192>x").facility == -1);
  CHECK(syslog::parse("<>x").content == "<>x");
  CHECK(syslog::parse("<1").content == "<1");
  CHECK(syslog::parse("").content.empty());
  CHECK(syslog::parse("<13>1 ").form == "rfc5424");
}

TEST_CASE("syslog over TCP is taken apart by counts and by lines", "[records]") {
  syslog::Stream counted;
  CHECK(counted.feed("5 <1>a\n7 <1>b").size() == 1);
  CHECK(counted.feed(" c\n<1>line\n").size() == 2);
  syslog::Stream lines;
  CHECK(lines.feed("<1>one\n<1>two\n<1>thr") == Lines{"<1>one", "<1>two"});
  CHECK(lines.rest() == "<1>thr");
  CHECK(lines.rest().empty());
  syslog::Stream nul;
  CHECK(nul.feed(std::string("<1>one\0<1>two\0", 14)) == Lines{"<1>one", "<1>two"});
  // A count that lies, and a line without end, are bounded.
  syslog::Stream liar;
  CHECK(liar.feed("99999 <1>x\n") == Lines{"99999 <1>x"});
  syslog::Stream endless;
  CHECK(endless.feed(std::string(70'000, 'x')).size() == 1);
  CHECK(endless.feed(std::string(70'000, 'x')).empty());
  CHECK(endless.feed("\n<1>after\n") == Lines{"<1>after"});
}
