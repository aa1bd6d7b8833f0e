#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "testcases/facts/facts.hpp"
#include "testcases/network/network.hpp"
#include "testcases/network/tcp_identify.hpp"
#include "testcases/network/udp_ask.hpp"

namespace haetae::testcases {
namespace {

using runner::Context;

constexpr std::size_t kWidth = 8;
// A device that accepts on more ports than this is a trap; the rest stays unknown, and says so.
constexpr std::size_t kMostPorts = 128;

std::vector<OpenPort> tcp_targets(const Context& context) {
  std::map<std::string, std::string> expected;
  for (const declaration::Service& service : context.device().services)
    expected[service.port.subject()] = service.protocol;
  std::vector<OpenPort> out;
  for (const facts::Port& port : runner::facts<facts::Port>(context)) {
    if (port.transport != "tcp" || port.state != "open") continue;
    for (const Address& address : context.device().addresses) {
      if ((address.v6 ? port.over_ipv6 : port.over_ipv4) != "open") continue;
      out.push_back({.endpoint = {address, static_cast<std::uint16_t>(port.number)},
                     .subject = port.subject,
                     .expected = expected[port.subject],
                     .evidence = port.evidence});
      break;
    }
  }
  return out;
}

/// Tally gathers what the coverage of the whole device says.
struct Tally {
  std::size_t asked = 0, open = 0;
  std::vector<std::string> tls_unclear{};
};

void cover_port(Context& context, const facts::Service& fact) {
  Coverage out{.topic = "services",
               .subject = fact.subject,
               .state = CoverageState::complete,
               .why = {},
               .tried = {}};
  if (fact.protocol == "unknown") {
    out.state = CoverageState::partial;
    out.cause = Cause::device;
    out.why = fact.banner.empty() ? "the service never said a word that tells what it is"
                                  : "the service talks, but not in a protocol that is known here";
  }
  context.cover(out);
}

void note(Context& context, const facts::Service& fact) {
  runner::record(context, fact);
  cover_port(context, fact);
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 8); ++i)
    out += (i > 0 ? ", " : "") + names[i];
  return names.size() > 8 ? out + " and more" : out;
}

void tcp(Context& context, Tally& tally) {
  std::vector<OpenPort> targets = tcp_targets(context);
  tally.open += targets.size();
  std::vector<OpenPort> left;
  if (targets.size() > kMostPorts) {
    left.assign(targets.begin() + kMostPorts, targets.end());
    targets.resize(kMostPorts);
  }
  std::mutex mutex;
  std::size_t done = 0;
  std::vector<facts::Service> seen(targets.size());
  std::vector<char> whole(targets.size(), 0);
  context.each(targets.size(), kWidth, [&](std::size_t i) {
    seen[i] = identify_tcp(context, targets[i]);
    whole[i] = 1;
    const std::scoped_lock lock(mutex);
    context.progress(++done, targets.size(), targets[i].subject);
  });
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (whole[i] == 0) {
      left.push_back(targets[i]);
      continue;
    }
    ++tally.asked;
    if (seen[i].tls == "unknown") tally.tls_unclear.push_back(seen[i].subject);
    note(context, seen[i]);
  }
  // A port that was not asked may be anything, and every question about services must see it.
  for (const OpenPort& target : left) {
    tally.tls_unclear.push_back(target.subject);
    facts::Service unasked;
    unasked.evidence = target.evidence;
    unasked.subject = target.subject;
    note(context, unasked);
  }
}

void udp(Context& context, Tally& tally) {
  const std::map<std::uint16_t, std::string> all = udp_ports(context.device());
  std::map<bool, std::map<std::uint16_t, std::string>> open;
  for (const facts::Port& port : runner::facts<facts::Port>(context)) {
    if (port.transport != "udp" || port.state != "open") continue;
    const auto number = static_cast<std::uint16_t>(port.number);
    const auto known = all.find(number);
    open[port.over_ipv4 != "open"][number] = known == all.end() ? "" : known->second;
    ++tally.open;
  }
  for (const Address& address : context.device().addresses) {
    const auto& ports = open[address.v6];
    if (ports.empty()) continue;
    const UdpFace face = ask_udp(context, address, ports);
    for (const auto& [number, port] : face.ports) {
      if (port.evidence == 0) continue;
      facts::Service fact{.evidence = port.evidence,
                          .subject = fmt::format("lan:udp/{}", number),
                          .product = port.seen.product,
                          .version = port.seen.version,
                          .banner = port.seen.text};
      if (port.understood) {
        fact.protocol = port.seen.protocol;
        fact.tls = "no";
        fact.starttls = "no";
      }
      ++tally.asked;
      note(context, fact);
    }
  }
}

void cover_device(Context& context, const Tally& tally) {
  Coverage services{.topic = "services",
                    .subject = "lan",
                    .state = CoverageState::complete,
                    .why = {},
                    .tried = fmt::format("{} of {} open ports asked", tally.asked, tally.open)};
  if (tally.asked < tally.open) {
    services.state = CoverageState::partial;
    services.cause = Cause::device;
    services.why = "not every open port could be asked what speaks there";
  }
  context.cover(services);
  Coverage tls{.topic = "tls.endpoints",
               .subject = "lan",
               .state = CoverageState::complete,
               .why = {},
               .tried = "hello of TLS 1.2, TLS 1.3 and SSL 2.0"};
  if (!tally.tls_unclear.empty()) {
    tls.state = CoverageState::partial;
    tls.cause = Cause::device;
    tls.why = "whether TLS is spoken is not certain: " + joined(tally.tls_unclear);
  }
  context.cover(tls);
}

Result<void> run(Context& context) {
  Tally tally;
  Tally beside;
  {
    // Most of the time for UDP is waiting.
    const std::jthread datagrams([&] { udp(context, beside); });
    tcp(context, tally);
  }
  tally.asked += beside.asked;
  tally.open += beside.open;
  cover_device(context, tally);
  return {};
}

}  // namespace

runner::Procedure service_identification() {
  return {.info = {.id = "services",
                   .version = 1,
                   .title = {.ko = "서비스 식별", .en = "Service identification"},
                   .hazard = Hazard::safe,
                   .requires_facts = {"port"},
                   .provides_facts = {"service"},
                   .topics = {"services", "tls.endpoints"},
                   .exclusive = {},
                   .connections = 200,
                   .logins = 0,
                   .expected = std::chrono::seconds(5),
                   .deadline = std::chrono::seconds(600),
                   .recovery = {},
                   .last = false},
          .run = run,
          .recover = {}};
}

}  // namespace haetae::testcases
