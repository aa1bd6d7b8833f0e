#include <catch2/catch.hpp>

#include "testcases/authentication/answer_forms.hpp"

using namespace haetae;
using namespace haetae::testcases;

namespace {

Refusal said(int status, const std::string& body, const std::string& header = "") {
  Attempt attempt;
  protocols::HttpResponse response;
  response.status = status;
  response.body = body;
  if (!header.empty()) response.fields.push_back({header, "x"});
  attempt.response = std::make_shared<const protocols::HttpResponse>(response);
  return refusal_of(attempt, "guard", "qzkvm");
}

Alike of(const std::vector<Turn>& turns, const std::string& aspect) {
  for (const Likeness& one : compare(turns))
    if (one.aspect == aspect) return one.alike;
  throw std::runtime_error(aspect);
}

std::vector<Turn> pairs(int count, const std::function<std::string(int)>& known,
                        const std::function<std::string(int)>& unfamiliar) {
  std::vector<Turn> out;
  for (int i = 0; i < count; ++i)
    out.push_back(
        {.position = i % 3, .known = said(401, known(i)), .unfamiliar = said(401, unfamiliar(i))});
  return out;
}

}  // namespace

TEST_CASE("a page that quotes the name typed, or names an account by itself, is alike for both") {
  const auto turns = pairs(
      6, [](int) { return "guard: wrong. Ask guard."; },
      [](int) { return "qzkvm: wrong. Ask guard."; });
  for (const char* aspect : {"status", "fields", "text", "length"}) {
    INFO(aspect);
    CHECK(of(turns, aspect) == Alike::yes);
  }
}

TEST_CASE("another status, header field, text or length tells the user") {
  const auto alike = said(401, "wrong");
  CHECK(of({{0, alike, said(404, "wrong")}, {0, alike, said(404, "wrong")}}, "status") ==
        Alike::no);
  const auto header = said(401, "wrong", "X-Tries");
  CHECK(of({{0, alike, header}, {0, alike, header}}, "fields") == Alike::no);
  const auto turns = pairs(
      6, [](int) { return "wrong password"; }, [](int) { return "no user"; });
  CHECK(of(turns, "text") == Alike::no);
  CHECK(of(turns, "length") == Alike::no);
  CHECK(of(turns, "status") == Alike::yes);
  for (const Likeness& one : compare(turns))
    if (one.aspect == "text") {
      CHECK(one.known == "wrong password");
      CHECK(one.unfamiliar == "no user");
    }
}

TEST_CASE("a count of the tries that are left tells the user only where both have tried as often") {
  const auto left = [](int i) { return std::to_string(5 - i % 3) + " tries left"; };
  CHECK(of(pairs(6, left, left), "text") == Alike::yes);
  CHECK(of(pairs(6, left, [](int) { return "5 tries left"; }), "text") == Alike::no);
}

TEST_CASE("tokens and clocks are no difference, and what changes without rule tells nothing") {
  const auto token = [](int i) {
    return "wrong <input value=\"a9f8e7d6c5b4a3" + std::to_string(100 + i) + "\">";
  };
  const auto other = [](int i) {
    return "wrong <input value=\"0123456789abcd" + std::to_string(700 + i) + "\">";
  };
  CHECK(of(pairs(9, token, other), "text") == Alike::yes);
  const auto clock = [](int i) { return "wrong at 12:00:" + std::to_string(10 + i); };
  CHECK(of(pairs(9, clock, clock), "text") == Alike::yes);
  const auto noise = [](int i) {
    return std::string(static_cast<std::size_t>(1 + i * 7 % 5), 'x');
  };
  CHECK(of(pairs(9, noise, noise), "text") == Alike::unknown);
  CHECK(of(pairs(9, noise, noise), "length") == Alike::yes);
  const auto longer = [&](int i) { return noise(i) + "longer than any"; };
  CHECK(of(pairs(9, noise, longer), "length") == Alike::no);
  CHECK(of(pairs(4, noise, longer), "length") == Alike::unknown);
}

TEST_CASE("one answer of each kind does not show what changes by itself") {
  CHECK(of(pairs(
               1, [](int) { return "one"; }, [](int) { return "two"; }),
           "text") == Alike::unknown);
  CHECK(of({}, "text") == Alike::unknown);
  CHECK(of(pairs(
               1, [](int) { return "one"; }, [](int) { return "one"; }),
           "text") == Alike::yes);
}

TEST_CASE("a protocol without pages tells by its words") {
  Attempt attempt;
  attempt.why = "530 guard is not known";
  const Refusal refusal = refusal_of(attempt, "guard", "qzkvm");
  CHECK(refusal.text == "530 * is not known");
  CHECK(refusal.status == 0);
}
