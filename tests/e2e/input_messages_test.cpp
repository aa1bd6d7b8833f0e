#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/input_catalogue.hpp"
#include "tests/support/zoo.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

void speaks(FakeContext& context, const std::string& subject, const std::string& protocol,
            const std::string& tls) {
  facts::Service service;
  service.evidence = 1;
  service.subject = subject;
  service.protocol = protocol;
  service.tls = tls;
  context.given(service);
}

}  // namespace

TEST_CASE("servers of other people survive malformed messages, and all of them were sent") {
  Zoo zoo(free_address(87));
  zoo.openssh(2222);
  zoo.nginx(80, 443);
  zoo.mosquitto(1883, 8883);
  zoo.dnsmasq();
  zoo.snmpd();
  zoo.coap();
  FakeContext context(lab_declaration(zoo.host()), input_catalogue());
  speaks(context, "lan:tcp/2222", "ssh", "no");
  speaks(context, "lan:tcp/443", "http", "yes");
  speaks(context, "lan:tcp/1883", "mqtt", "no");
  speaks(context, "lan:tcp/8883", "mqtt", "yes");
  speaks(context, "lan:tcp/53", "dns", "no");
  speaks(context, "lan:udp/53", "dns", "no");
  speaks(context, "lan:udp/161", "snmp", "no");
  speaks(context, "lan:udp/5683", "coap", "no");
  REQUIRE(testcases::malformed_messages_procedure().run(context));

  std::map<std::string, std::set<std::string>> protocols;
  for (const auto& one : runner::facts<facts::InputTrial>(context)) {
    INFO(one.subject << " " << one.target << " " << one.place);
    CHECK(one.outcome == "handled");
    CHECK(one.tried > 0);
    CHECK(one.evidence != 0);
    protocols[one.subject].insert(one.protocol);
  }
  CHECK(protocols == std::map<std::string, std::set<std::string>>{{"lan:tcp/2222", {"ssh"}},
                                                                  {"lan:tcp/443", {"tls"}},
                                                                  {"lan:tcp/1883", {"mqtt"}},
                                                                  {"lan:tcp/8883", {"mqtt", "tls"}},
                                                                  {"lan:tcp/53", {"dns"}},
                                                                  {"lan:udp/53", {"dns"}},
                                                                  {"lan:udp/161", {"snmp"}},
                                                                  {"lan:udp/5683", {"coap"}}});
  for (const auto& [subject, names] : protocols) {
    const Coverage coverage = context.coverage("input.messages", subject);
    INFO(subject << ": " << coverage.tried);
    CHECK(coverage.why == "");
  }
  CHECK(runner::facts<facts::InputCrash>(context).empty());
  for (const auto& one : runner::facts<facts::InputControl>(context))
    CHECK(one.ordinary == "answered");
  // The broker that takes everybody was also asked from inside a session, the other was not.
  CHECK(context.coverage("input.messages", "lan:tcp/1883").tried.find("none behind a login") ==
        std::string::npos);
  CHECK(context.coverage("input.messages", "lan:tcp/8883").tried.find("none behind a login") !=
        std::string::npos);
}
