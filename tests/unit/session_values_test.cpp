#include <catch2/catch.hpp>

#include "testcases/authentication/session_values.hpp"
#include "tests/support/fakes.hpp"

using namespace haetae;
using namespace haetae::testcases;

namespace {

protocols::HttpResponse answer(std::string body, std::vector<protocols::HttpField> fields = {}) {
  protocols::HttpResponse out;
  out.status = 200;
  out.body = std::move(body);
  out.fields = std::move(fields);
  return out;
}

protocols::HttpClient client() {
  return protocols::HttpClient(
      []() -> Result<std::unique_ptr<net::Conn>> { return fail(ErrorKind::refused, "no network"); },
      "device", system_clock());
}

}  // namespace

TEST_CASE("a session value is found where it stands", "[sessions]") {
  auto bearer = client();
  adopt_session(bearer, {}, "http-json", answer(R"({"data":{"access_token":"abc"}})"));
  CHECK(session_values(bearer) == std::vector<SessionValue>{{"bearer", "Authorization", "abc"}});
  auto named = client();
  declaration::Session session;
  session.bearer_field = "sid";
  session.header = "X-Auth";
  adopt_session(named, session, "http-form", answer(R"({"sid":"q1","token":"other"})"));
  CHECK(session_values(named) == std::vector<SessionValue>{{"header", "X-Auth", "q1"}});
  auto field = client();
  session.bearer_field.clear();
  adopt_session(field, session, "http-form", answer("", {{"x-auth", "h2"}}));
  CHECK(session_values(field) == std::vector<SessionValue>{{"header", "X-Auth", "h2"}});
  auto url = client();
  session = {};
  session.url_parameter = "sid";
  adopt_session(url, session, "http-form", answer("", {{"Location", "/home?x=1&sid=u3#top"}}));
  CHECK(session_values(url) == std::vector<SessionValue>{{"url", "sid", "u3"}});
  auto none = client();
  adopt_session(none, session, "http-form",
                answer("<a href=\"/home?resid=1&amp;asid=2\">home</a>"));
  CHECK(session_values(none).empty());
}

TEST_CASE("values carried by a client are those that it gives back", "[sessions]") {
  const std::vector<SessionValue> all{{"bearer", "Authorization", "t"},
                                      {"url", "sid", "u"},
                                      {"cookie", "a", "1"},
                                      {"cookie", "b", "2"}};
  auto fresh = client();
  carry(fresh, all);
  CHECK(session_values(fresh) == all);
}

TEST_CASE("tokens of a megabyte and answers without end are not taken", "[sessions][hostile]") {
  const std::string huge(1U << 20U, 'a');
  auto one = client();
  adopt_session(one, {}, "http-json", answer("{\"token\":\"" + huge + "\"}"));
  CHECK(session_values(one).empty());
  auto two = client();
  declaration::Session session;
  session.header = "X-Auth";
  adopt_session(two, session, "http-form", answer("", {{"X-Auth", huge}}));
  CHECK(session_values(two).empty());
  auto three = client();
  session = {};
  session.url_parameter = "sid";
  adopt_session(three, session, "http-form", answer("", {{"Location", "/?sid=" + huge}}));
  REQUIRE(session_values(three).size() == 1);
  CHECK(session_values(three)[0].value.size() <= 8192);
  auto many = client();
  for (int i = 0; i < 60; ++i) many.with_cookie("c" + std::to_string(i), "v");
  CHECK(session_values(many).size() == 16);
}

TEST_CASE("values made from what everybody knows are told", "[sessions]") {
  // md5("admin"), sha1("1760000003"), sha256("42"), made with coreutils.
  CHECK(made_from_known("21232f297a57a5a743894a0e4a801fc3", "admin", 0) == "user");
  CHECK(made_from_known("21232F297A57A5A743894A0E4A801FC3", "admin", 0) == "user");
  CHECK(made_from_known("21232f297a57a5a7", "admin", 0) == "user");
  CHECK(made_from_known("21232f297a57a5a", "admin", 0) == "none");
  CHECK(made_from_known("1760000003", "admin", 1'760'000'000) == "time");
  CHECK(made_from_known("1760000006", "admin", 1'760'000'000) == "none");
  CHECK(made_from_known("73475cb40a568e8da8a045ced110137e159f890ac4da883b6b17dc651b3a8049", "admin",
                        0) == "counter");
  CHECK(made_from_known("21232f297a57a5a743894a0e4a801fc4", "admin", 0) == "none");
}
