#include <set>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/component_names.hpp"
#include "testcases/firmware/software_version.hpp"
#include "testcases/firmware/vulnerability_lists.hpp"
#include "testcases/procedures.hpp"

/// The software that services name with a version, compared with the lists of known
/// vulnerabilities that also serve the components of a firmware image.
namespace haetae::testcases {
namespace {

using namespace firmware;

/// Protocols in which a version is one of software, not of the protocol.
const std::set<std::string, std::less<>> kNaming{"http", "onvif", "rtsp", "ssh", "telnet", "ftp",
                                                 "smtp", "mqtt",  "dns",  "smb", "vnc",    "sip"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

/// packaged() is whether a distribution made it: then a fix may stand in an older version.
bool packaged(const facts::Service& service) {
  const std::string text = lower(service.version + " " + service.banner);
  for (const char* name : {"debian", "ubuntu", "raspbian", "deb1", "deb9", "freebsd-", "el7", "el8",
                           "el9", "fedora", "centos", "red hat", "suse", "alpine"})
    if (text.find(name) != std::string::npos) return true;
  return false;
}

void compare(runner::Context& context, const VulnerabilityList* list, const ComponentNames& names,
             const facts::Service& service) {
  facts::ServiceComponent fact;
  fact.evidence = service.evidence;
  fact.subject = service.subject;
  fact.product = service.product;
  fact.version = service.version;
  fact.component = names.of(lower(service.product));
  fact.release = release_of(service.version, false);
  const bool distributed = packaged(service);
  fact.packaged = yes_no(distributed);
  fact.complete = "no";
  std::set<std::string> done;
  if (list != nullptr) {
    fact.list = list->name;
    fact.dated = list->dated;
    fact.age_days = list->age_days;
    const auto known = list->components.find(fact.component);
    fact.complete = yes_no(known != list->components.end() && known->second);
    for (const std::size_t at : list->of(fact.component)) {
      const Known& entry = list->entries[at];
      // An entry may have several ranges of versions; it is judged once for all of them.
      if (!done.insert(entry.id).second) continue;
      facts::ServiceVulnerability match;
      match.evidence = service.evidence;
      match.subject = service.subject;
      match.component = fact.component;
      match.version = service.version;
      match.entry = entry.id;
      match.fixed = list->fixed_after(entry.id, fact.component, fact.release);
      if (fact.release.empty())
        match.outcome = "unknown";
      else if (!list->affects(entry.id, fact.component, fact.release))
        match.outcome = "not-affected";
      else
        match.outcome = distributed ? "unknown" : "affected";
      runner::record(context, match);
    }
  }
  runner::record(context, fact);
}

Result<void> compare_versions_seen(runner::Context& context) {
  const VulnerabilityLists lists = read_lists(context);
  const VulnerabilityList* list = nullptr;
  for (const VulnerabilityList& one : lists.lists)
    if (one.kind == "vulnerability") list = &one;
  const ComponentNames names(context.catalogue());
  std::size_t compared = 0;
  for (const auto& service : runner::facts<facts::Service>(context)) {
    if (!kNaming.contains(service.protocol) || service.product.empty() || service.version.empty())
      continue;
    compare(context, list, names, service);
    context.cover(whole("service-versions", service.subject, service.product));
    ++compared;
  }
  const std::string tried = std::to_string(compared) + " services name a version";
  context.cover(list != nullptr ? whole("service-versions", "lan", tried)
                                : gap("service-versions", "lan", Cause::lab,
                                      "the catalogue has no list of known vulnerabilities", tried));
  return {};
}

}  // namespace

runner::Procedure service_versions_procedure() {
  runner::Info info;
  info.id = "service-versions";
  info.title = {"서비스가 밝히는 버전의 알려진 취약점",
                "known vulnerabilities of the versions that services name"};
  info.hazard = Hazard::passive;
  info.requires_facts = {"service"};
  info.provides_facts = {"service_component", "service_vulnerability"};
  info.topics = {"service-versions"};
  info.expected = std::chrono::seconds(1);
  info.deadline = std::chrono::seconds(60);
  return {.info = std::move(info), .run = compare_versions_seen, .recover = {}};
}

}  // namespace haetae::testcases
