#include "harness/protocols/http.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>

using namespace haetae;
using namespace haetae::protocols;

namespace {

class StoppedClock final : public Clock {
 public:
  SteadyTime now() const override { return SteadyTime{}; }
  WallTime wall() const override { return WallTime{}; }
  bool sleep(Duration, std::stop_token) override { return true; }
};

// What the server of a scripted conversation says, one element per read; then the end.
struct Script {
  std::deque<std::string> reads;
  std::string written;
};

class ScriptedConn final : public net::Conn {
 public:
  explicit ScriptedConn(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime) override {
    if (script_->reads.empty()) return std::size_t{0};
    std::string& next = script_->reads.front();
    if (next == "RESET") return fail(ErrorKind::closed, "reset");
    const std::size_t count = std::min(next.size(), into.size());
    std::copy_n(next.begin(), count, into.begin());
    next.erase(0, count);
    if (next.empty()) script_->reads.pop_front();
    return count;
  }
  Result<void> write(ByteView bytes, SteadyTime) override {
    script_->written += as_text(bytes);
    return {};
  }
  void close() override {}
  EvidenceId evidence() const override { return 7; }
  void note(Direction, ByteView) override {}
  int descriptor() const override { return -1; }

 private:
  std::shared_ptr<Script> script_;
};

Connector scripted(std::vector<std::shared_ptr<Script>> scripts) {
  auto at = std::make_shared<std::size_t>(0);
  return [scripts = std::move(scripts), at]() -> Result<std::unique_ptr<net::Conn>> {
    if (*at >= scripts.size()) return fail(ErrorKind::refused, "no more connections");
    return std::make_unique<ScriptedConn>(scripts[(*at)++]);
  };
}

std::shared_ptr<Script> script(std::initializer_list<std::string> reads) {
  auto out = std::make_shared<Script>();
  out->reads.assign(reads);
  return out;
}

Result<HttpResponse> parse(std::string_view text, std::string_view method = "GET",
                           std::size_t limit = kHttpBodyLimit, std::size_t step = 0) {
  HttpReader reader(method, limit);
  if (step == 0) step = std::max<std::size_t>(text.size(), 1);
  for (std::size_t at = 0; at < text.size() && !reader.done(); at += step)
    if (auto put = reader.put(as_bytes(text.substr(at, step))); !put)
      return tl::unexpected(put.error());
  if (!reader.done())
    if (auto ended = reader.end(); !ended) return tl::unexpected(ended.error());
  return reader.take();
}

}  // namespace

TEST_CASE("an HTTP response is read the same whole or byte by byte") {
  const std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\nSet-Cookie: a=1\r\n"
      "set-cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;e=1\r\n world\r\n0\r\n"
      "Trailer: t\r\n\r\n";
  for (const std::size_t step : {0, 1, 2, 7}) {
    const auto response = parse(text, "GET", kHttpBodyLimit, step);
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->body == "hello world");
    CHECK(response->field("SERVER") == "x");
    CHECK(response->all("Set-Cookie").size() == 2);
    CHECK(response->keep_alive);
    CHECK_FALSE(response->truncated);
  }
}

TEST_CASE("what ends a body is respected") {
  CHECK(parse("HTTP/1.0 200 OK\r\n\r\nall until the end")->body == "all until the end");
  CHECK_FALSE(parse("HTTP/1.0 200 OK\r\n\r\nall until the end")->keep_alive);
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")->truncated);
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")->broken_off());
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "HEAD")->body.empty());
  CHECK_FALSE(parse("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "HEAD")->truncated);
  CHECK(parse("HTTP/1.1 204 No Content\r\n\r\n")->status == 204);
  const auto cut = parse("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", "GET", 4);
  CHECK(cut->body == "0123");
  CHECK(cut->truncated);
  CHECK_FALSE(cut->broken_off());
  CHECK_FALSE(cut->keep_alive);
}

TEST_CASE("a body of no chunk is read however its last line is cut") {
  for (std::size_t step = 1; step < 8; ++step)
    for (const char* end : {"0\r\n\r\n", "0;why=none\r\n\r\n", "0\r\nLast: one\r\n\r\n"}) {
      const auto response =
          parse(std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") + end, "GET",
                kHttpBodyLimit, step);
      REQUIRE(response);
      CHECK(response->body.empty());
      CHECK_FALSE(response->truncated);
    }
  CHECK(
      parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "GET", kHttpBodyLimit, 1)
          ->truncated);
}

TEST_CASE("what is no HTTP response is a protocol error, never an answer") {
  for (const char* text :
       {"SSH-2.0-dropbear\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    const auto response = parse(text);
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::protocol);
  }
  CHECK(parse("").error().kind == ErrorKind::closed);
  CHECK(parse("HTTP/1.1 200 OK\r\nServer: x").error().kind == ErrorKind::closed);
  const std::string huge = "HTTP/1.1 200 OK\r\nA: " + std::string(70 * 1024, 'a') + "\r\n\r\n";
  CHECK(parse(huge).error().kind == ErrorKind::protocol);
  CHECK(parse(huge, "GET", kHttpBodyLimit, 100).error().kind == ErrorKind::protocol);
  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(parse(interim)->status == 100);
}

TEST_CASE("challenges of WWW-Authenticate are taken apart") {
  const auto both = parse_challenges(
      R"(Digest realm="a, \"b\"", nonce="n1", qop="auth,auth-int", algorithm=SHA-256, Basic realm=x)");
  REQUIRE(both.size() == 2);
  CHECK(both[0].scheme == "digest");
  CHECK(both[0].params.at("realm") == "a, \"b\"");
  CHECK(both[0].params.at("qop") == "auth,auth-int");
  CHECK(both[1].scheme == "basic");
  CHECK(both[1].params.at("realm") == "x");
  CHECK(parse_challenges("Negotiate, NTLM").size() == 2);
  CHECK(parse_challenges("Negotiate YIIabc==, Basic realm=\"r\"").size() == 2);
  CHECK(parse_challenges("").empty());
  CHECK(parse_challenges(",,=,;\"").empty());
  CHECK(parse_challenges("Basic realm=\"unfinished").size() == 1);
}

TEST_CASE("Basic and Digest answers are those of RFC 7617 and RFC 7616") {
  CHECK(basic_authorization("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(basic_authorization("", "") == "Basic Og==");
  // RFC 7616 section 3.9.1
  const std::string common =
      R"(Digest realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS", algorithm=)";
  const DigestInput input{.user = "Mufasa",
                          .password = "Circle of Life",
                          .method = "GET",
                          .uri = "/dir/index.html",
                          .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
                          .count = 1};
  const auto md5 = parse_challenges(common + "MD5");
  const auto sha = parse_challenges(common + "SHA-256");
  CHECK(
      digest_authorization(md5[0], input)->find("response=\"8ca523f5e9506fed4657c9700eebdbec\"") !=
      std::string::npos);
  CHECK(
      digest_authorization(sha[0], input)
          ->find("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"") !=
      std::string::npos);
  // RFC 2069: no qop
  const auto old = parse_challenges(
      R"(Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")");
  const auto answer = digest_authorization(old[0], {.user = "Mufasa",
                                                    .password = "CircleOfLife",
                                                    .method = "GET",
                                                    .uri = "/dir/index.html",
                                                    .cnonce = "x",
                                                    .count = 1});
  CHECK(answer->find("response=\"1949323746fe6a43ef61f9606e7febea\"") != std::string::npos);
  CHECK(answer->find("qop") == std::string::npos);

  auto many = md5;
  many.push_back(sha[0]);
  CHECK(best_digest(many)->params.at("algorithm") == "SHA-256");
  CHECK(best_digest(parse_challenges("Basic realm=x")) == nullptr);
  const auto strange = parse_challenges(R"(Digest realm=x, nonce=y, algorithm=ROT13)");
  CHECK(best_digest(strange) == nullptr);
  CHECK(digest_authorization(strange[0], input).error().kind == ErrorKind::unsupported);
  const auto integrity = parse_challenges(R"(Digest realm=x, nonce=y, qop="auth-int")");
  CHECK(digest_authorization(integrity[0], input).error().kind == ErrorKind::unsupported);
}

TEST_CASE("cookies show their attributes") {
  const auto full =
      parse_set_cookie("SESSION=ab=c; Path=/; secure ;HttpOnly; SameSite=Lax; Max-Age=60");
  REQUIRE(full);
  CHECK(full->name == "SESSION");
  CHECK(full->value == "ab=c");
  CHECK(full->secure);
  CHECK(full->http_only);
  CHECK(full->same_site == "lax");
  CHECK_FALSE(full->expired);
  CHECK(parse_set_cookie("a=; max-age=0")->expired);
  CHECK(parse_set_cookie("a=1; SameSite=whatever")->same_site.empty());
  CHECK_FALSE(parse_set_cookie("novalue"));
  CHECK_FALSE(parse_set_cookie(""));
  CHECK_FALSE(parse_set_cookie("=x"));
  CHECK_FALSE(parse_set_cookie("a=securely")->secure);
}

TEST_CASE("redirects are told apart by where they lead") {
  const auto to = [](const std::string& location, int status = 302) {
    HttpResponse response;
    response.status = status;
    if (!location.empty()) response.fields.push_back({"Location", location});
    return classify_redirect(response, "10.0.0.1:8080");
  };
  CHECK(to("https://10.0.0.1/") == Redirect::https_same_host);
  CHECK(to("HTTPS://10.0.0.1:8443/") == Redirect::https_same_host);
  CHECK(to("http://10.0.0.1:8080/login") == Redirect::http_same_host);
  CHECK(to("https://10.0.0.1.evil.example/") == Redirect::other_host);
  CHECK(to("https://10.0.0.1@evil.example/") == Redirect::other_host);
  CHECK(to("//evil.example/") == Redirect::other_host);
  CHECK(to("/login.html") == Redirect::relative);
  CHECK(to("login.html?a=b:c") == Redirect::relative);
  CHECK(to("javascript:alert(1)") == Redirect::unknown);
  CHECK(to("") == Redirect::unknown);
  CHECK(to("/x", 200) == Redirect::none);
  CHECK(local_target("http://10.0.0.1/a?b#c", "10.0.0.1") == "/a?b");
  CHECK(local_target("x.cgi", "h", "/dir/page?q") == "/dir/x.cgi");
  CHECK_FALSE(local_target("http://other/a", "10.0.0.1"));
}

TEST_CASE("login forms are found and not invented") {
  const auto forms = login_forms(R"(<html><!-- <form><input type=password name=no></form> -->
    <script>var x = "<input type='password' name='js'>";</script>
    <FORM METHOD=post Action='/login.cgi?a=1&amp;b=2'><input name=user><input type="hidden" name=tok value="t&quot;1">
    <input TYPE="Password" name=pw></FORM><form><input name=q></form>)");
  REQUIRE(forms.size() == 1);
  CHECK(forms[0].method == "post");
  CHECK(forms[0].action == "/login.cgi?a=1&b=2");
  CHECK(forms[0].user_field == "user");
  CHECK(forms[0].password_field == "pw");
  CHECK(forms[0].hidden == std::vector<std::pair<std::string, std::string>>{{"tok", "t\"1"}});
  CHECK(login_forms("<div><input id=u><input type=password id=p></div>").size() == 1);
  CHECK(login_forms("<form><input name=q>").empty());
  CHECK(login_forms("<").empty());
  CHECK(login_forms("<input type=\"password").size() <= 1);
  CHECK(html_text("<b>Model</b>:&nbsp;X<br>\n 1 <style>p{}</style>&amp; 2") == "Model : X 1 & 2");
  CHECK(directory_listing("<title>Index of /</title><a href=\"a\">a</a>"));
  CHECK_FALSE(directory_listing("<title>Index of products</title>"));
}

TEST_CASE("a kept connection is used again and renewed when the server ended it") {
  StoppedClock clock;
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nSet-Cookie: s=1\r\n\r\na";
  auto first = script({ok});
  auto second = script({ok, ok});
  HttpClient client(scripted({first, second}), "h", clock);
  CHECK(client.get("/1")->status == 200);
  CHECK(client.get("/2")->status == 200);
  CHECK(client.get("/3 x\r\nEvil: 1")->status == 200);
  CHECK(second->written.find("Cookie: s=1\r\n") != std::string::npos);
  CHECK(second->written.find("GET /3%20x%0D%0AEvil:%201 HTTP/1.1") != std::string::npos);
  CHECK(client.get("/4").error().kind == ErrorKind::refused);
}

TEST_CASE("a first connection that ends without an answer is an error, not an empty answer") {
  StoppedClock clock;
  HttpClient silent(scripted({script({})}), "h", clock);
  CHECK(silent.get("/").error().kind == ErrorKind::closed);
  HttpClient reset(scripted({script({"HTTP/1.1 200 OK\r\n", "RESET"})}), "h", clock);
  CHECK(reset.get("/").error().kind == ErrorKind::closed);
}

TEST_CASE("a stale nonce is answered anew once") {
  StoppedClock clock;
  const std::string stale =
      "HTTP/1.1 401 No\r\nContent-Length: 0\r\nWWW-Authenticate: Digest realm=r, nonce=n2, "
      "qop=auth, stale=true\r\n\r\n";
  auto only = script({stale, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  HttpClient client(scripted({only}), "h", clock);
  client.with_digest(parse_challenges("Digest realm=r, nonce=n1, qop=auth")[0], "u", "p");
  CHECK(client.get("/")->status == 200);
  CHECK(only->written.find("nonce=\"n2\"") != std::string::npos);
}

TEST_CASE("tokens and bodies") {
  CHECK(json_token(R"({"token":"abc"})") == "abc");
  CHECK(json_token(R"({"data":{"access_token":"t"}})") == "t");
  CHECK_FALSE(json_token(R"({"token":1})"));
  CHECK_FALSE(json_token(std::string(100000, '[')));
  CHECK_FALSE(json_token(std::string(5000, '[')));
  CHECK(form_body({{"a b", "c&d"}, {"e", "\xed"}}) == "a%20b=c%26d&e=%ED");
  CHECK(json_body({{"u", "a\"b"}}) == R"({"u":"a\"b"})");
}

namespace {

std::string answer(const std::string& head, const std::string& body) {
  return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

HttpRequest carrying(HttpToken token, const std::string& type, const std::string& body) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/set";
  request.content_type = type;
  request.body = body;
  request.token = std::move(token);
  return request;
}

}  // namespace

TEST_CASE("a token is found where it is said to stand, and nowhere else") {
  HttpResponse page;
  page.body =
      "<!-- <input name=\"t\" value=\"old\"> --><meta name=t content='m&amp;1'>"
      "<form><input name=t value=''><input type=hidden name=\"t\" value=\"f&quot;1\"></form>";
  page.fields = {{"X-T", "h1"}, {"Set-Cookie", "t=c1; Path=/"}};
  using From = HttpToken::From;
  CHECK(page_token(page, {.page = "/", .from = From::field, .name = "t", .as = "t"}) == "f\"1");
  CHECK(page_token(page, {.page = "/", .from = From::meta, .name = "t", .as = "t"}) == "m&1");
  CHECK(page_token(page, {.page = "/", .from = From::header, .name = "x-t", .as = "t"}) == "h1");
  CHECK(page_token(page, {.page = "/", .from = From::cookie, .name = "t", .as = "t"}) == "c1");
  for (const From from : {From::field, From::meta, From::json, From::header, From::cookie})
    CHECK_FALSE(page_token(page, {.page = "/", .from = from, .name = "u", .as = "u"}));
  page.body = R"({"data":{"t":"j1"}})";
  CHECK(page_token(page, {.page = "/", .from = From::json, .name = "t", .as = "t"}) == "j1");
  page.body = "<input name=t value=" + std::string(20000, 'a') + ">";
  const auto cut = page_token(page, {.page = "/", .from = From::field, .name = "t", .as = "t"});
  CHECK((!cut || cut->size() <= 8192));
}

TEST_CASE("a token goes into every kind of request") {
  const auto sent = [](HttpToken::To to, const std::string& type, const std::string& body) {
    HttpRequest request = carrying({.page = "/", .name = "t", .to = to, .as = "k"}, type, body);
    REQUIRE(add_token(request, "a&b"));
    return request;
  };
  using To = HttpToken::To;
  CHECK(sent(To::field, "application/x-www-form-urlencoded", "x=1").body == "x=1&k=a%26b");
  CHECK(sent(To::field, "", "").body == "k=a%26b");
  CHECK(sent(To::field, "application/json", R"({"x":"1"})").body == R"({"x":"1","k":"a&b"})");
  CHECK(sent(To::field, "application/json", "{}").body == R"({"k":"a&b"})");
  CHECK(sent(To::field, "multipart/form-data; boundary=B", "--B--\r\n").body ==
        "--B\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\na&b\r\n--B--\r\n");
  CHECK(sent(To::query, "", "").target == "/set?k=a%26b");
  CHECK(sent(To::header, "", "").fields.back() == HttpField{"k", "a&b"});
  HttpRequest raw = carrying({.page = "/", .name = "t", .to = To::field, .as = "k"},
                             "application/octet-stream", "bytes");
  CHECK_FALSE(add_token(raw, "a"));
  HttpRequest list =
      carrying({.page = "/", .name = "t", .to = To::field, .as = "k"}, "application/json", "[1]");
  CHECK_FALSE(add_token(list, "a"));
  CHECK(list.body == "[1]");
}

TEST_CASE("a request asks for its token first, whatever the status of the page") {
  StoppedClock clock;
  auto only = script({answer("409 Conflict\r\nX-Id: abc", ""), answer("200 OK", "done")});
  HttpClient client(scripted({only}), "h", clock);
  const auto got = client.exchange(carrying({.page = "/rpc",
                                             .from = HttpToken::From::header,
                                             .name = "X-Id",
                                             .to = HttpToken::To::header,
                                             .as = "X-Id"},
                                            "application/json", "{}"));
  REQUIRE(got);
  CHECK(got->body == "done");
  CHECK_FALSE(got->without_token);
  CHECK(only->written.find("GET /rpc HTTP/1.1") == 0);
  CHECK(only->written.find("X-Id: abc\r\n") != std::string::npos);
}

TEST_CASE("without a token to be had a request is sent as it is, and says so") {
  StoppedClock clock;
  auto only = script({answer("200 OK", "no form"), answer("403 No", "")});
  HttpClient client(scripted({only}), "h", clock);
  const auto got = client.exchange(
      carrying({.page = "/p", .name = "t", .as = "t"}, "application/x-www-form-urlencoded", "x=1"));
  REQUIRE(got);
  CHECK(got->without_token);
  CHECK(only->written.ends_with("\r\n\r\nx=1"));
  HttpClient silent(scripted({script({})}), "h", clock);
  const auto none = silent.exchange(carrying({.page = "/p", .name = "t", .as = "t"}, "", ""));
  REQUIRE_FALSE(none);
  CHECK(none.error().message().find("token") != std::string::npos);
}

TEST_CASE("a cookie that is there already is a token without a page") {
  StoppedClock clock;
  auto only = script({answer("200 OK\r\nSet-Cookie: xsrf=v1", ""), answer("200 OK", "")});
  HttpClient client(scripted({only}), "h", clock);
  REQUIRE(client.get("/"));
  const auto got = client.exchange(carrying({.page = "",
                                             .from = HttpToken::From::cookie,
                                             .name = "xsrf",
                                             .to = HttpToken::To::header,
                                             .as = "X-XSRF"},
                                            "", ""));
  REQUIRE(got);
  CHECK_FALSE(got->without_token);
  CHECK(only->written.find("X-XSRF: v1\r\n") != std::string::npos);
}
