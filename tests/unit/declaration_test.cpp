#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "harness/declaration/declaration.hpp"

using namespace haetae;
using namespace haetae::declaration;

namespace {

const std::filesystem::path kSource = HAETAE_SOURCE_DIR;

std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string sample() { return slurp(kSource / "fixtures/declarations/camera.device.xml"); }

int line_of(const std::string& text, std::string_view what) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// schema_accepts() asks xmllint, an independent reader, about the published XSD.
bool schema_accepts(const std::string& text) {
  const auto file = std::filesystem::path(HAETAE_BINARY_DIR) /
                    fmt::format("device-{}.xml", std::hash<std::string>()(text));
  std::ofstream(file, std::ios::binary) << text;
  const int code =
      std::system(fmt::format("xmllint --noout --nonet --schema {} {} >/dev/null 2>&1",
                              (kSource / "harness/declaration/device.xsd").string(), file.string())
                      .c_str());
  std::filesystem::remove(file);
  REQUIRE((code == 0 || WEXITSTATUS(code) == 1 || WEXITSTATUS(code) == 3));
  return code == 0;
}

struct Bad {
  std::string_view from, to, says;
  bool schema_knows = true;  ///< the XSD can tell
  int lines_below = 0;       ///< where the error stands, counted from `from`
};

#define CALL(attributes) \
  "  <calls><call port=\"tcp/443\" path=\"/x\" " attributes "/></calls>  <password-policy"

#define RECORDS(children) "  <records>" children "</records>  <password-policy"

const std::vector<Bad> kBad{
    {"  <password-policy", RECORDS("<listen address=\"127.42.0.99\" port=\"514\"/>"),
     "address 127.42.0.99 is outside the scope", false},
    {"  <password-policy", RECORDS("<event kind=\"change\"/>"),
     "what causes the event is needed: 'call' or <cause>", false},
    {"  <password-policy", RECORDS("<event kind=\"change\" call=\"nothing\"/>"),
     "no call 'nothing'", false},
    {"  <password-policy", RECORDS("<event kind=\"login\" call=\"x\"/>"),
     "logins are caused at every declared login", false},
    {"  <password-policy", RECORDS("<event kind=\"fire\" text=\"x\"/>"),
     "is 'fire'; allowed: login, login-failure, change, update"},
    {"  <password-policy", RECORDS("<event kind=\"login\"/><event kind=\"login\"/>"),
     "event 'login' stands twice"},
    {"  <password-policy", RECORDS("<set-time port=\"tcp/443\" path=\"/time\"/>"),
     "no place for the time: {time} is needed", false},
    {"  <password-policy", RECORDS("<erase port=\"tcp/443\" path=\"/x\" roles=\"king\"/>"),
     "'king' is no role"},
    {"  <password-policy", RECORDS("<read port=\"tcp/443\" path=\"/x\" login=\"none\"/>"),
     "no login 'none'", false},
    {"<permit hazard=\"lockout-risk\"/>", "<permits/>",
     "unknown element <permits> in <device>; allowed: identity"},
    {" category=\"ip-camera\"", "",
     "<identity> lacks the attribute 'category'; needed: maker, model"},
    {"maker=\"Haetae\"", "maker=\" \"", "attribute 'maker' of <identity> is empty"},
    {"maker=\"Haetae\"", "maker=\"Haetae\" colour=\"red\"",
     "unknown attribute 'colour' of <identity>; allowed: maker"},
    {"maker=\"Haetae\"", "maker=\"Haetae\" maker=\"x\"", "stands twice"},
    {"type=\"standard\"", "type=\"gold\"", "is 'gold'; allowed: lite, basic, standard"},
    {"format=\"1\"", "format=\"2\"", "attribute 'format' of <device> is '2'; allowed: 1"},
    {"<address>127.42.0.10</address>", "<address>127.42.0.11</address>",
     "outside the scope; allowed: 127.42.0.10/32", false},
    {"<address>127.42.0.10</address>", "<address>camera</address>", "'camera' is no address",
     false},
    {"<address>127.42.0.10</address>",
     "<address>127.42.0.10</address><address>127.42.0.10</address>",
     "address '127.42.0.10' stands twice", false},
    {"<address>127.42.0.10</address>", "", "<addresses> lacks the element <address>", true, -1},
    {"127.42.0.10/32", "0.0.0.0/0", "is no network", false},
    {"from=\"2026-01-01\"", "from=\"2026-02-30\"", "'2026-02-30' is no date"},
    {"from=\"2026-01-01\"", "from=\"01.01.2026\"", "is no date"},
    {"until=\"2099-12-31\"", "until=\"2025-12-31\"", "ends (2025-12-31) before it begins", false},
    {"<permit hazard=\"lockout-risk\"/>", "<permit hazard=\"anything\"/>",
     "allowed: passive, safe"},
    {"<permit hazard=\"lockout-risk\"/>", "<permit hazard=\"safe\"/>\n<permit hazard=\"safe\"/>",
     "second <permit> in <device>; allowed: one", true, 1},
    {"port=\"tcp/22\" protocol=\"ssh\"", "port=\"tcp/443\" protocol=\"ssh\"",
     "service on port 'tcp/443' stands twice"},
    {"port=\"tcp/22\" protocol=\"ssh\"", "port=\"tcp/70000\" protocol=\"ssh\"", "is no port",
     false},
    {"port=\"tcp/22\" protocol=\"ssh\"", "port=\"22\" protocol=\"ssh\"",
     "'22' is no port; allowed: tcp/1 to tcp/65535"},
    {"protocol=\"rtsp\"", "protocol=\"RTSP\"", "allowed: http, ssh"},
    {"tls=\"yes\"", "tls=\"true\"", "is 'true'; allowed: yes, no"},
    {"<login id=\"stream\"", "<login id=\"web\"", "login 'web' stands twice"},
    {"<login id=\"stream\"", "<login id=\"a b\"", "holds a blank"},
    {"user-field=\"user\" ", "", "method http-json needs the attribute 'user-field'", false},
    {"method=\"ssh\"/>", "method=\"ssh\" path=\"/x\"/>", "'path' has no meaning for method ssh",
     false},
    {"method=\"ssh\"/>", "method=\"snmp\"/>", "method snmp goes over udp", false},
    {"<account name=\"guard\"", "<account name=\"admin\"", "account 'admin' stands twice"},
    {"logins=\"shell events\"", "logins=\"shell event\"",
     "no login 'event'; allowed: web, stream, shell, events", false},
    {"logins=\"shell events\"", "logins=\"shell shell\"", "'shell' stands twice in 'logins'",
     false},
    {"<password-change login=\"web\"", "<password-change login=\"www\"", "no login 'www'", false},
    {"<password-change login=\"web\"", "<password-change login=\"shell\"", "is no HTTP login",
     false},
    {"minimum-length=\"8\"", "minimum-length=\"eight\"", "is 'eight'; allowed: 1 to 1024"},
    {"maximum-length=\"64\"", "maximum-length=\"6\"", "the longest password is shorter", false},
    {"failures=\"5\"", "failures=\"0\"", "allowed: 1 to 1000"},
    {"success-status=\"200\"", "success-status=\"20\"", "allowed: 100 to 599"},
    {"port=\"443\" protocol=\"https\"", "port=\"65536\" protocol=\"https\"", "allowed: 1 to 65535"},
    {"<!-- <document kind=\"manual\" title=\"User manual\" file=\"manual.pdf\"/> -->",
     "<document kind=\"manual\" title=\"m\"/>", "<document> lacks the attribute 'file'"},
    {"<!-- <hook name=\"power-cycle\"", "<hook name=\"reboot\" command=\"x\"/><!-- ",
     "is 'reboot'; allowed: power-cycle, factory-reset"},
    {"<!-- <hook name=\"power-cycle\"", "<hook name=\"version\" command=\"\"/><!-- ",
     "attribute 'command' of <hook> is empty"},
    {"  <password-policy", CALL("id=\"a b\" roles=\"user\""), "allowed: up to 40 of a-z"},
    {"  <password-policy", CALL("id=\"a\" roles=\"guest\""), "'guest' is no role"},
    {"  <password-policy", CALL("id=\"a\""), "<call> lacks the attribute 'roles'"},
    {"  <password-policy", CALL("id=\"a\" roles=\"user\" login=\"wob\""), "no login 'wob'", false},
    {"  <password-policy", CALL("id=\"a\" roles=\"user\" owner=\"nobody\""), "no account 'nobody'",
     false},
    {"  <password-policy", CALL("id=\"a\" roles=\"user\" undo=\"a\""),
     "only a call with changes=\"yes\"", false},
    {"  <password-policy", CALL("id=\"a\" roles=\"user\" changes=\"yes\" undo=\"b\""),
     "no call 'b'", false},
    {"  <password-policy", CALL("id=\"a\" roles=\"user\" kind=\"other\""),
     "is 'other'; allowed: view"},
    {"login=\"web\"/>\n    <shown field=\"firmware\"",
     "login=\"wob\"/>\n    <shown field=\"firmware\"", "no login 'wob'", false},
    {"The product has no secure element.", " ", "item 7.5 is said not to apply without a reason",
     false},
    {"item=\"7.5\"", "item=\"3.4\"", "statement on item '3.4' stands twice"},
    {"item=\"7.5\"", "item=\"seven\"", "'seven' is no item"},
    {"  <scope>", "  words\n  <scope>", "text is not allowed in <device>"},
    {"<device format",
     "<!DOCTYPE device [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<device format",
     "a DOCTYPE is not allowed", false},
    {"purpose=\"video\"", "purpose=\"&x;\"", "unknown entity"},
    {"encoding=\"UTF-8\"", "encoding=\"EUC-KR\"", "encoding is not allowed", false},
    {"purpose=\"video\"", "purpose=\"\xb0\xa1\"", "this is not UTF-8"},
    {"purpose=\"video\"", "purpose=\"\x01\"", "control character 0x01"},
    {"</device>", "</device>\n<device/>", "second root element", true, 1},
    {"</device>", "</device>\nmore", "text outside the root element", true, 1},
    {"</device>", "", "not well-formed XML", true},
};
#undef CALL

}  // namespace

TEST_CASE("the sample declaration loads with every value", "[declaration]") {
  const auto loaded = load(kSource / "fixtures/declarations/camera.device.xml");
  if (!loaded) FAIL(loaded.error().message());
  const Declaration& d = loaded->value;
  CHECK(d.identity.model == "SimCam 200");
  CHECK(d.identity.firmware == "1.4.2");
  CHECK(d.certification.profile == "ip-camera");
  CHECK(d.addresses.front().text() == "127.42.0.10");
  CHECK(d.permit == Hazard::lockout_risk);
  CHECK(d.services.size() == 7);
  CHECK(d.services[1].tls);
  CHECK(d.services[1].management);
  CHECK(d.services[5].port.subject() == "lan:udp/1900");
  REQUIRE(d.login("web") != nullptr);
  CHECK(d.login("web")->success_status == 200);
  CHECK(d.login("nobody") == nullptr);
  CHECK(d.accounts[0].factory_password == "SC200-7f3K");
  CHECK(d.accounts[1].sacrificial);
  CHECK(d.accounts[2].logins == std::vector<std::string>{"shell", "events"});
  CHECK(d.password_changes[0].body == "json");
  CHECK(d.password_policy.maximum_length == 64);
  CHECK(d.lockout.block == std::chrono::seconds(30));
  CHECK(d.session.cookies == std::vector<std::string>{"SESSION"});
  CHECK(d.resources.size() == 5);
  CHECK(d.product_information[1].login == "web");
  CHECK(d.statements[1].reason == "The product has no secure element.");
  CHECK_FALSE(d.statements[1].applies);
  CHECK(d.hook("power-cycle") == nullptr);
}

TEST_CASE("everything that is wrong in a declaration is told with its line", "[declaration]") {
  const std::string good = sample();
  for (const Bad& bad : kBad) {
    const std::string text = replaced(good, bad.from, bad.to);
    CAPTURE(bad.from, bad.to, bad.says);
    const auto loaded = load_text(text, "dut.xml");
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::invalid_input);
    CAPTURE(loaded.error().text);
    CHECK(loaded.error().text.find(bad.says) != std::string::npos);
    if (bad.says.find("well-formed") == std::string_view::npos) {
      const int line = line_of(good, bad.from) + bad.lines_below;
      CHECK(loaded.error().text.find(fmt::format("dut.xml:{}: ", line)) == 0);
    }
    CHECK(schema_accepts(text) == !bad.schema_knows);
  }
}

TEST_CASE("an attribute is told with its own line", "[declaration]") {
  const std::string text =
      replaced(sample(), " type=\"standard\" profile", "\n    profile=\"x\"\n    type=\"gold\" x");
  const auto loaded = load_text(replaced(text, " x=\"ip-camera\"", ""), "dut.xml");
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().text.find("dut.xml:7: attribute 'type'") == 0);
}

TEST_CASE("the published schema accepts what the loader accepts", "[declaration]") {
  CHECK(schema_accepts(sample()));
  CHECK(schema_accepts(template_text()));
}

TEST_CASE("how a device fetches its update, saves its settings and holds a canary is read whole",
          "[declaration]") {
  const std::string update =
      "<update mechanism=\"http-upload\" description=\"signed image on the "
      "settings page\"/>";
  const std::string ask =
      "<ask port=\"tcp/443\" tls=\"yes\" path=\"/check\" login=\"web\"><field name=\"now\" "
      "value=\"1\"/></ask>";
  const std::string pull =
      "<update mechanism=\"pull\"><pull address=\"127.42.0.10\" port=\"8443\" "
      "image-path=\"/image\" wait-seconds=\"9\">" +
      ask + "</pull></update>";
  const std::string settings =
      "<settings backup=\"file\" settle-seconds=\"7\"><save port=\"tcp/443\" path=\"/s\" "
      "login=\"web\"/><restore port=\"tcp/443\" path=\"/r\" body=\"raw\"/><value from=\"a=1\" "
      "to=\"a=2\"/></settings>";
  const std::string firmware =
      "<firmware><file id=\"main\" file=\"fw.bin\"/><canary name=\"wireless\" "
      "value=\"kept-in-flash\"/></firmware>";
  const std::string hook =
      "<hooks><hook name=\"media\" command=\"/bin/card\" timeout-seconds=\"5\"/>";
  const std::string good =
      replaced(replaced(sample(), update, pull + settings + firmware), "<hooks>", hook);
  const auto loaded = load_text(good, "dut.xml");
  if (!loaded) FAIL(loaded.error().message());
  CHECK(schema_accepts(good));
  const Declaration& d = loaded->value;
  REQUIRE(d.update.pull);
  CHECK(d.update.pull->wait == std::chrono::seconds(9));
  REQUIRE(d.update.pull->ask);
  CHECK(d.update.pull->ask->path == "/check");
  CHECK(d.update.pull->ask->login == "web");
  CHECK(d.update.pull->ask->method == "POST");
  CHECK(d.update.pull->ask->body == "form");
  CHECK(d.update.pull->ask->fields.size() == 1);
  REQUIRE(d.canaries.size() == 1);
  CHECK(d.canaries[0].name == "wireless");
  CHECK(d.canaries[0].value == "kept-in-flash");
  CHECK(d.settings.backup == "file");
  CHECK(d.settings.settle == std::chrono::seconds(7));
  REQUIRE(d.settings.save);
  CHECK(d.settings.save->method == "GET");
  REQUIRE(d.settings.restore);
  CHECK(d.settings.restore->body == "raw");
  CHECK_FALSE(d.settings.shown);
  CHECK(d.settings.from == "a=1");
  REQUIRE(d.hook("media") != nullptr);
  const auto wrong = [&](std::string_view from, std::string_view to) {
    const auto bad = load_text(replaced(good, from, to), "dut.xml");
    return bad ? std::string("it loads") : bad.error().text;
  };
  CHECK_THAT(wrong("path=\"/check\" login=\"web\"", "path=\"/check\" login=\"wob\""),
             Catch::Contains("no login 'wob'"));
  CHECK_THAT(wrong("path=\"/check\"", "path=\"check\""), Catch::Contains("a path starts with '/'"));
  CHECK_THAT(wrong(ask, ask + ask), Catch::Contains("second <ask>"));
  CHECK_THAT(wrong("value=\"kept-in-flash\"", "value=\"short\""),
             Catch::Contains("found by chance"));
  CHECK_THAT(wrong("canary name=\"wireless\" ", "canary "), Catch::Contains("lacks the attribute"));
  CHECK_THAT(wrong("path=\"/s\" login=\"web\"", "path=\"/s\" login=\"wob\""),
             Catch::Contains("no login 'wob'"));
  CHECK_THAT(wrong("to=\"a=2\"", "to=\"a=1\""), Catch::Contains("are the same"));
  CHECK_THAT(wrong("path=\"/r\" body=\"raw\"", "path=\"/r\" body=\"form\""),
             Catch::Contains("only multipart and raw hold a file"));
  CHECK_THAT(wrong("<restore port=\"tcp/443\" path=\"/r\" body=\"raw\"/>", ""),
             Catch::Contains("need <save> and <restore>"));
}

TEST_CASE("every declaration of this repository loads", "[declaration]") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource / "devices")) {
    if (!entry.path().string().ends_with(".device.xml")) continue;
    ++count;
    CAPTURE(entry.path());
    const auto loaded = load(entry.path());
    if (!loaded) FAIL(loaded.error().message());
    CHECK(schema_accepts(slurp(entry.path())));
  }
  CHECK(count > 0);
}

TEST_CASE("a declared call is read with its request and its roles", "[declaration]") {
  const auto loaded = declaration::load_text(
      replaced(
          sample(), "  <password-policy",
          "  <calls>\n<call id=\"rename\" port=\"tcp/443\" tls=\"yes\" method=\"PUT\" "
          "path=\"/name\" "
          "login=\"web\" body=\"json\" roles=\"administrator user\" kind=\"data\" changes=\"yes\" "
          "undo=\"rename\" proof-field=\"password\" owner=\"guard\"><field name=\"name\" "
          "value=\"x\"/></call></calls>\n  <password-policy"),
      "device.xml");
  REQUIRE(loaded);
  REQUIRE(loaded->value.call("rename") != nullptr);
  CHECK(loaded->value.call("other") == nullptr);
  const declaration::Call& call = *loaded->value.call("rename");
  CHECK(call.http.method == "PUT");
  CHECK(call.http.body == "json");
  CHECK(call.http.fields.size() == 1);
  CHECK(call.roles == std::vector<std::string>{"administrator", "user"});
  CHECK(call.kind == "data");
  CHECK(call.changes);
  CHECK(call.undo == "rename");
  CHECK(call.proof_field == "password");
  CHECK(call.owner == "guard");
}

namespace {

std::string with_call(const std::string& attributes, const std::string& inside) {
  return replaced(sample(), "  <password-policy",
                  "  <calls>\n<call id=\"rename\" port=\"tcp/443\" path=\"/name\" login=\"web\" "
                  "roles=\"administrator\" " +
                      attributes + ">" + inside + "</call></calls>\n  <password-policy");
}

}  // namespace

TEST_CASE("a call says where its token comes from and where it goes", "[declaration]") {
  const auto token = [](const std::string& attributes, const std::string& inside) {
    const std::string text = with_call(attributes, inside);
    const auto loaded = load_text(text, "device.xml");
    if (!loaded) FAIL(loaded.error().text);
    CHECK(schema_accepts(text));
    REQUIRE(loaded->value.call("rename")->http.token);
    return *loaded->value.call("rename")->http.token;
  };
  using declaration::PageToken;
  CHECK(token("body=\"form\"", "<token page=\"/p\" name=\"t\"/>") ==
        PageToken{"/p", "field", "t", "field", "t"});
  CHECK(token("body=\"none\"", "<token page=\"/p\" name=\"t\"/>") ==
        PageToken{"/p", "field", "t", "query", "t"});
  CHECK(token("", "<token from=\"cookie\" name=\"x\" as=\"X-X\"/>") ==
        PageToken{"", "cookie", "x", "header", "X-X"});
  CHECK(token("", "<token page=\"/\" from=\"meta\" name=\"x\" to=\"header\" as=\"X-X\"/>") ==
        PageToken{"/", "meta", "x", "header", "X-X"});
}

TEST_CASE("a token that cannot be had or sent is told", "[declaration]") {
  const auto says = [](const std::string& attributes, const std::string& inside) {
    const auto loaded = load_text(with_call(attributes, inside), "device.xml");
    return loaded ? std::string() : loaded.error().text;
  };
  CHECK(says("", "<token name=\"t\"/>").find("a path that starts") != std::string::npos);
  CHECK(says("", "<token page=\"p\" name=\"t\"/>").find("a path that starts") != std::string::npos);
  CHECK(says("body=\"none\"", "<token page=\"/p\" name=\"t\" to=\"field\"/>")
            .find("header or query") != std::string::npos);
  CHECK(says("", "<token page=\"/p\" name=\"a b\" from=\"header\"/>").find("header field") !=
        std::string::npos);
  CHECK(says("", "<token page=\"/p\" name=\"t\" from=\"air\"/>").find("'from'") !=
        std::string::npos);
  CHECK(says("", "<token page=\"/p\" name=\"t\"/><token page=\"/p\" name=\"t\"/>") != "");
}

TEST_CASE("a login and a password change carry tokens and fields of their own", "[declaration]") {
  const std::string text = replaced(
      replaced(template_text(), "check-path=\"/status\"/>",
               "check-path=\"/status\" logout-path=\"/out\"><token page=\"/status\" name=\"t\" "
               "to=\"query\"/></login>"),
      "confirm-field=\"confirm\"/>",
      "confirm-field=\"confirm\"><field name=\"do\" value=\"profile\"/><token page=\"/p\" "
      "name=\"t\"/></password-change>");
  const auto loaded = load_text(text, "device.xml");
  if (!loaded) FAIL(loaded.error().text);
  CHECK(schema_accepts(text));
  REQUIRE(loaded->value.logins.at(0).token);
  CHECK(loaded->value.logins.at(0).token->to == "query");
  REQUIRE(loaded->value.password_changes.size() == 1);
  const auto& change = loaded->value.password_changes[0];
  CHECK(change.fields == std::vector<std::pair<std::string, std::string>>{{"do", "profile"}});
  REQUIRE(change.token);
  CHECK(change.token->page == "/p");
}

TEST_CASE("the declared record of events is read", "[declaration]") {
  const std::string text = replaced(
      sample(), "  <password-policy",
      "  <records wait-seconds=\"2\" time-form=\"unix\">\n"
      "<read port=\"tcp/443\" path=\"/log\" login=\"web\"/>"
      "<listen address=\"127.42.0.10\" port=\"514\" transport=\"tcp\"/>"
      "<event kind=\"login\" text=\"entered\"/>"
      "<event kind=\"update\"><cause port=\"tcp/443\" path=\"/update\" method=\"POST\"/></event>"
      "<erase port=\"tcp/443\" path=\"/log/clear\" roles=\"administrator service\"/>"
      "<show-time port=\"tcp/443\" path=\"/time\"/>"
      "<set-time port=\"tcp/443\" path=\"/time?to={time}\" method=\"POST\"/>"
      "<time-server address=\"127.42.0.10\" port=\"123\" wait-seconds=\"3\">"
      "<ask port=\"tcp/443\" path=\"/ask\" login=\"web\"/></time-server>"
      "</records>\n  <password-policy");
  const auto loaded = declaration::load_text(text, "device.xml");
  if (!loaded) FAIL(loaded.error().message());
  CHECK(schema_accepts(text));
  REQUIRE(loaded->value.records);
  const declaration::Records& records = *loaded->value.records;
  CHECK(records.wait == std::chrono::seconds(2));
  CHECK(records.time_form == "unix");
  CHECK(records.read->path == "/log");
  CHECK(records.listen->transport == "tcp");
  CHECK(records.listen->at.port == 514);
  CHECK(records.event("login")->text == "entered");
  CHECK(records.event("update")->cause->path == "/update");
  CHECK(records.event("change") == nullptr);
  CHECK(records.erase->roles == std::vector<std::string>{"administrator", "service"});
  CHECK(records.set_time->roles == std::vector<std::string>{"administrator"});
  CHECK(records.show_time->path == "/time");
  REQUIRE(records.time_server);
  CHECK(records.time_server->wait == std::chrono::seconds(3));
  CHECK(records.time_server->ask->path == "/ask");
}

TEST_CASE("a second unit is read with its factory passwords, and must be another one",
          "[declaration]") {
  const auto with = [](const std::string& attributes, const std::string& inside) {
    return replaced(sample(), "<hooks>",
                    "<second-unit " + attributes + ">" + inside + "</second-unit><hooks>");
  };
  const auto loaded = load_text(sample(), "x");
  REQUIRE(loaded);
  const std::string first = loaded->value.addresses.front().text();
  const std::string network = loaded->value.scope.networks.front().text();
  // An address beside the device's own, with the scope widened to hold both.
  const std::string other = first.substr(0, first.rfind('.') + 1) + "251";
  const auto widened = [&](const std::string& text) {
    return replaced(text, "<network>" + network + "</network>",
                    "<network>" + network + "</network><network>" + other + "/32</network>");
  };
  const std::string account = "<account name=\"admin\" factory-password=\"Other-4711\"/>";
  const std::string good = widened(with("address=\"" + other + "\" serial=\"9\"", account));
  const auto read = load_text(good, "x");
  if (!read) FAIL(read.error().message());
  REQUIRE(read->value.second_unit);
  CHECK(read->value.second_unit->address.text() == other);
  CHECK(read->value.second_unit->serial == "9");
  CHECK(read->value.second_unit->factory_password("admin") == "Other-4711");
  CHECK(read->value.second_unit->factory_password("guard").empty());
  CHECK(read->redacted_text.find("Other-4711") == std::string::npos);
  CHECK(schema_accepts(good));
  const auto wrong = [](const std::string& text) {
    const auto broken = load_text(text, "x");
    return broken ? std::string("it loads") : broken.error().message();
  };
  CHECK_THAT(wrong(with("address=\"" + first + "\"", "")),
             Catch::Contains("is that of the device itself"));
  CHECK_THAT(wrong(with("address=\"198.51.100.7\"", "")), Catch::Contains("outside the scope"));
  CHECK_THAT(wrong(with("address=\"camera\"", "")), Catch::Contains("is no address"));
  CHECK_THAT(wrong(with("serial=\"9\"", "")), Catch::Contains("address"));
  CHECK_THAT(
      wrong(widened(
          with("address=\"" + other + "\" serial=\"" + loaded->value.identity.serial + "\"", ""))),
      Catch::Contains("serial number"));
  CHECK_THAT(wrong(widened(with("address=\"" + other + "\"", account + account))),
             Catch::Contains("stands twice"));
  CHECK_THAT(wrong(widened(with("address=\"" + other + "\"",
                                "<account name=\"nobody\" factory-password=\"x\"/>"))),
             Catch::Contains("no account 'nobody'"));
}

TEST_CASE("the template loads as it is", "[declaration]") {
  const auto loaded = load_text(template_text(), "new.xml");
  if (!loaded) FAIL(loaded.error().message());
  CHECK(loaded->value.addresses.front().text() == "192.0.2.10");
  CHECK(loaded->value.accounts.size() == 2);
}

TEST_CASE("no password stands in the redacted text", "[declaration]") {
  std::string text =
      replaced(sample(), "<hooks>",
               "<!-- <account name='old' password='Hidden-in-comment'/> Guard!2026-q "
               "--><hooks><hook name=\"version\" command=\"ask Sim!Cam-2026x\"/>");
  const auto loaded = load_text(text, "dut.xml");
  if (!loaded) FAIL(loaded.error().message());
  for (const std::string_view secret :
       {"Sim!Cam-2026x", "SC200-7f3K", "Guard!2026-q", "Serv1ce!Cam-77", "Hidden-in-comment"}) {
    CHECK(loaded->text.find(secret) != std::string::npos);
    CHECK(loaded->redacted_text.find(secret) == std::string::npos);
  }
  const auto again = load_text(loaded->redacted_text, "dut.xml");
  if (!again) FAIL(again.error().message());
  Declaration expected = loaded->value;
  for (Account& account : expected.accounts) {
    account.password = "withheld";
    if (!account.factory_password.empty()) account.factory_password = "withheld";
  }
  expected.hooks[0].command = "ask withheld";
  CHECK(again->value == expected);
}

TEST_CASE("files that cannot be a declaration are refused", "[declaration]") {
  CHECK(load("/nonexistent/device.xml").error().kind == ErrorKind::not_found);
  CHECK(load("/").error().text == "/: is not a file");
  const std::string large = sample() + std::string(1U << 20U, ' ');
  CHECK(load_text(large, "x").error().text.find("too large; allowed: 1048576 bytes") !=
        std::string::npos);
  CHECK(load_text("", "x").error().text == "x:1: no element in the file");
  std::string deep = "<device>";
  for (int depth = 0; depth < 50'000; ++depth) deep += "<a>";
  for (int depth = 0; depth < 50'000; ++depth) deep += "</a>";
  CHECK(load_text(deep + "</device>", "x").error().text.find("nested too deeply; allowed: 12") !=
        std::string::npos);
  CHECK(load_text("<catalogue/>", "x").error().text ==
        "x:1: unknown root element <catalogue>; allowed: device");
}

TEST_CASE("relative file names count from the folder of the declaration", "[declaration]") {
  const std::string text = replaced(
      sample(), "<documents>", "<documents><document kind=\"manual\" title=\"m\" file=\"m.pdf\"/>");
  const auto loaded = load_text(text, "/lab/dut/device.xml");
  if (!loaded) FAIL(loaded.error().message());
  CHECK(loaded->value.documents[0].file == "/lab/dut/m.pdf");
}

TEST_CASE("port names", "[declaration]") {
  CHECK(PortName::parse("tcp/443")->text() == "tcp/443");
  CHECK(PortName::parse("udp/161")->subject() == "lan:udp/161");
  for (const char* bad :
       {"", "tcp", "tcp/", "tcp/0", "tcp/65536", "tcp/-1", "tcp/+1", "sctp/1", "tcp/1 ", "TCP/1"}) {
    CAPTURE(bad);
    CHECK_FALSE(PortName::parse(bad));
  }
}

TEST_CASE("explain names what is tested and what stays unanswered", "[declaration]") {
  const auto has = [](const std::vector<std::string>& lines, std::string_view what) {
    return std::ranges::any_of(
        lines, [&](const std::string& line) { return line.find(what) != std::string::npos; });
  };
  const auto full = load_text(sample(), "x");
  REQUIRE(full);
  const auto lines = explain(full->value);
  CHECK(has(lines, "login web: http-json on tcp/443 in TLS, accounts: admin, guard"));
  CHECK(has(lines, "item 3.4: said not to apply: No validated module"));
  CHECK_FALSE(has(lines, "not declared: services"));
  CHECK_FALSE(has(lines, "Sim!Cam"));
  Declaration bare = full->value;
  bare.services_declared = false;
  bare.logins.clear();
  CHECK(has(explain(bare), "not declared: services"));
  CHECK(has(explain(bare), "not declared: logins"));
  bare.console.reset();
  CHECK(has(explain(bare), "not declared: a console"));
  bare.console.emplace();
  bare.hooks.clear();
  bare.permit = Hazard::state_changing;
  CHECK(has(explain(bare), "the boot is not interrupted at the console"));
  CHECK(has(explain(bare), "somebody has to switch the device off and on"));
  CHECK(has(explain(bare, true), "사람이 기기를 껐다 켜야 함"));
}

TEST_CASE("a session may be carried by a token in a header or by the address", "[declaration]") {
  const auto text = [](std::string_view attributes) {
    return replaced(sample(), "cookies=\"SESSION\"", attributes);
  };
  const std::string good =
      text("bearer-field=\"access\" header=\"X-Auth-Token\" url-parameter=\"sid\"");
  const auto loaded = load_text(good, "x");
  if (!loaded) FAIL(loaded.error().message());
  CHECK(loaded->value.session.bearer_field == "access");
  CHECK(loaded->value.session.header == "X-Auth-Token");
  CHECK(loaded->value.session.url_parameter == "sid");
  CHECK(schema_accepts(good));
  const std::string bad = text("header=\"X-Auth: Token\"");
  const auto broken = load_text(bad, "x");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().message().find("a name has letters") != std::string::npos);
  CHECK_FALSE(schema_accepts(bad));
}
