#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/verdict.hpp"

using namespace haetae;

namespace {
constexpr std::array kAll{Verdict::not_applicable, Verdict::pass,         Verdict::pending,
                          Verdict::not_run,        Verdict::inconclusive, Verdict::fail};

/// goodness() orders headlines: better is larger.
int goodness(Headline value) {
  return value == Headline::conformant ? 2 : value == Headline::incomplete ? 1 : 0;
}
}  // namespace

TEST_CASE("making any row worse never makes the headline better", "[model]") {
  // Every list of up to four rows, every row, every worse word: exhaustive, so no seed is needed.
  std::vector<std::vector<Verdict>> lists{{}};
  for (int length = 1; length <= 4; ++length) {
    std::vector<std::vector<Verdict>> longer;
    for (const auto& list : lists) {
      for (const Verdict verdict : kAll) {
        longer.push_back(list);
        longer.back().push_back(verdict);
      }
    }
    lists = longer;
    for (const auto& list : lists) {
      for (const bool whole : {false, true}) {
        const int before = goodness(headline(list, whole));
        CHECK(goodness(headline(list, false)) <= goodness(headline(list, true)));
        for (std::size_t row = 0; row < list.size(); ++row) {
          // A failed row may become not-applicable only by a declaration, so "worse" starts at
          // pass.
          if (list[row] == Verdict::not_applicable) continue;
          for (const Verdict worse : kAll) {
            if (worse <= list[row]) continue;
            auto changed = list;
            changed[row] = worse;
            REQUIRE(goodness(headline(changed, whole)) <= before);
          }
        }
      }
    }
  }
}

TEST_CASE("the headline is conformant only on a pass and nothing but not-applicable", "[model]") {
  using V = Verdict;
  CHECK(headline({}, true) == Headline::incomplete);
  CHECK(headline(std::array{V::not_applicable}, true) == Headline::incomplete);
  CHECK(headline(std::array{V::pass, V::not_applicable}, true) == Headline::conformant);
  CHECK(headline(std::array{V::pass, V::not_applicable}, false) == Headline::incomplete);
  CHECK(headline(std::array{V::pass, V::pending}, true) == Headline::incomplete);
  CHECK(headline(std::array{V::pass, V::not_run}, true) == Headline::incomplete);
  CHECK(headline(std::array{V::pass, V::inconclusive}, true) == Headline::incomplete);
  CHECK(headline(std::array{V::inconclusive, V::fail}, false) == Headline::non_conformant);
}

TEST_CASE("reduce is the maximum, and its words survive a round trip", "[model]") {
  for (const Verdict one : kAll) {
    for (const Verdict other : kAll) {
      CHECK(reduce(std::array{one, other}) == reduce(std::array{other, one}));
      CHECK(reduce(std::array{one, other}) == std::max(one, other));
    }
    CHECK(verdict_from(word(one)) == one);
  }
  CHECK(reduce({}) == Verdict::not_applicable);
  CHECK_FALSE(verdict_from("passed").has_value());
}

TEST_CASE("device text cannot reach a terminal unescaped", "[model]") {
  CHECK(printable("plain 한국어") == "plain 한국어");
  CHECK(printable("\x1b[31mred\n") == "\\x1b[31mred\\x0a");
  CHECK(printable("\xff\xc0\x80") == "\\xff\\xc0\\x80");
  CHECK(printable("a\xe2\x80\xae"
                  "b") ==
        "a\\xe2\\x80\\xae"
        "b");
  CHECK(printable("abcdef", 3) == "abc…");
}

TEST_CASE("addresses and networks are read strictly", "[model]") {
  CHECK(Address::parse("192.0.2.1")->text() == "192.0.2.1");
  CHECK(Address::parse("2001:db8::1")->text() == "2001:db8::1");
  for (const auto* bad :
       {"", "192.0.2", "192.0.2.256", "example.org", "fe80::1%eth0", "1.2.3.4/8"}) {
    CHECK_FALSE(Address::parse(bad).has_value());
  }
  for (const auto* bad :
       {"192.0.2.0/33", "192.0.2.1/24", "192.0.2.0/", "192.0.2.0/x", "2001:db8::/129"}) {
    CHECK_FALSE(Network::parse(bad).has_value());
  }
  const Scope scope{{*Network::parse("192.0.2.0/24"), *Network::parse("2001:db8::/32")}};
  CHECK(scope.contains(*Address::parse("192.0.2.255")));
  CHECK_FALSE(scope.contains(*Address::parse("192.0.3.0")));
  CHECK(scope.contains(*Address::parse("2001:db8:ffff::1")));
  CHECK_FALSE(scope.contains(*Address::parse("::ffff:192.0.2.1")));
}
