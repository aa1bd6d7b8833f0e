#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "harness/declaration/declaration.hpp"
#include "tests/support/daemon.hpp"

/// <support>, <exports> and <wipe> of device.xml.
namespace {

using namespace haetae;
const std::string kSource = HAETAE_SOURCE_DIR;

constexpr const char* kWhole = R"(
  <support>
    <security-txt port="tcp/443" tls="yes" address="127.42.0.10" host="maker.example"/>
    <period port="tcp/443" tls="yes" path="/support" until="2031-12-31" text="end of 2031"/>
    <update-notice port="tcp/443" tls="yes" path="/status" login="web" success-text="new">
      <ask port="tcp/443" tls="yes" method="POST" path="/look" login="web"/>
    </update-notice>
  </support>
  <exports><export name="backup" port="tcp/443" tls="yes" path="/backup" login="web"/></exports>
  <wipe settle-seconds="9">
    <plant name="note" port="tcp/443" tls="yes" method="POST" path="/notes" login="web" body="json"><field name="text" value="{canary}"/></plant>
    <look name="notes" port="tcp/443" tls="yes" path="/notes" login="web"/>
    <reset port="tcp/443" tls="yes" method="POST" path="/reset" login="web" body="form"><field name="password" value="{password}"/></reset>
    <set-up port="tcp/443" tls="yes" method="POST" path="/password" login="web" body="json"><field name="new" value="{new-password}"/></set-up>
  </wipe>
)";

std::string with(const std::string& part) {
  std::ifstream in(kSource + "/fixtures/declarations/camera.device.xml");
  std::stringstream text;
  text << in.rdbuf();
  std::string out = text.str();
  const auto at = out.find("  <outbound");
  REQUIRE(at != std::string::npos);
  return out.insert(at, part);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("support, exports and wipe are read, and the schema knows them", "[declaration]") {
  const std::string text = with(kWhole);
  const auto loaded = declaration::load_text(text, "device.xml");
  if (!loaded) FAIL(loaded.error().message());
  const auto& device = loaded->value;
  REQUIRE(device.support.security_txt);
  CHECK(device.support.security_txt->path == "/.well-known/security.txt");
  CHECK(device.support.security_txt->host == "maker.example");
  REQUIRE(device.support.period);
  CHECK(device.support.period->until == "2031-12-31");
  REQUIRE(device.support.notice);
  CHECK(device.support.notice->look.method == "GET");
  CHECK(device.support.notice->ask->path == "/look");
  REQUIRE(device.exports.size() == 1);
  CHECK(device.exports[0].name == "backup");
  REQUIRE(device.wipe);
  CHECK(device.wipe->settle == std::chrono::seconds(9));
  CHECK(device.wipe->plants.at(0).http.fields.at(0).second == "{canary}");
  CHECK(device.wipe->reset->body == "form");
  CHECK(device.wipe->set_up.size() == 1);
  for (const bool korean : {false, true}) CHECK(declaration::explain(device, korean).size() > 20);

  const test::TempDir folder;
  const std::string file = folder.write("device.xml", text);
  const auto checked = test::run_tool({"/usr/bin/xmllint", "--noout", "--nonet", "--schema",
                                       kSource + "/harness/declaration/device.xsd", file});
  INFO(checked.output);
  CHECK(checked.exit_code == 0);
}

TEST_CASE("what is wrong in them is told", "[declaration]") {
  struct Bad {
    const char *from, *to, *says;
  };
  for (const Bad& bad : std::initializer_list<Bad>{
           {"until=\"2031-12-31\"", "until=\"2031-02-30\"", "'2031-02-30' is no date"},
           {"address=\"127.42.0.10\"", "address=\"192.0.2.1\"", "outside the scope"},
           {"address=\"127.42.0.10\"", "address=\"maker\"", "'maker' is no address"},
           {"host=\"maker.example\"", "host=\"a/b\"", "a host is a name"},
           {" success-text=\"new\"", "", "needed: success-text"},
           {"name=\"backup\"", "name=\"Back up\"", "allowed: up to 40 of a-z"},
           {"path=\"/backup\" login=\"web\"", "path=\"/backup\" login=\"shop\"", "no login 'shop'"},
           {"value=\"{canary}\"", "value=\"x\"", "nothing is planted"},
           {"settle-seconds=\"9\"", "settle-seconds=\"0\"", "settle-seconds"},
           {"<look name", "<looks name", "unknown element <looks>"},
           {"<export name=\"backup\" port=\"tcp/443\"", "<export name=\"backup\" port=\"tcp/8443\"",
            "a session belongs to one port"}}) {
    INFO(bad.from << " becomes " << bad.to);
    const auto loaded = declaration::load_text(replaced(with(kWhole), bad.from, bad.to), "d.xml");
    REQUIRE_FALSE(loaded);
    INFO(loaded.error().message());
    CHECK(loaded.error().message().find(bad.says) != std::string::npos);
  }
  const auto no_reset = declaration::load_text(
      with("<wipe><plant name=\"a\" port=\"tcp/443\" tls=\"yes\" path=\"/{canary}\"/></wipe>"),
      "d.xml");
  REQUIRE_FALSE(no_reset);
  CHECK(no_reset.error().message().find("the hook factory-reset") != std::string::npos);
}
