#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "harness/protocols/rtsp.hpp"
#include "harness/protocols/telnet.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Every place where the device takes credentials: those declared and those seen.
namespace haetae::testcases {
namespace {

using Key = std::tuple<std::string, std::string, std::string>;  // subject, method, path

bool speaks(const facts::Service& service, std::string_view method) {
  if (method.starts_with("http-")) return service.protocol == "http" || service.protocol == "onvif";
  return service.protocol == method;
}

/// seen_clear() says whether a declared login travels in the clear by what was seen to speak there,
/// whatever the maker says. Where something else speaks in the clear, nothing was seen of the
/// login.
std::string seen_clear(const std::map<std::string, facts::Service>& services,
                       const facts::LoginSurface& surface) {
  const auto seen = services.find(surface.subject);
  if (seen == services.end()) return "unknown";
  if (seen->second.tls == "yes") return "no";
  if (!speaks(seen->second, surface.method)) return "unknown";
  if (surface.method == "ssh") return "no";
  return seen->second.tls == "no" ? "yes" : "unknown";
}

class Surfaces {
 public:
  explicit Surfaces(runner::Context& context) : context_(context) {}
  void declared();
  void pages();
  void lines();
  void finish();

 private:
  void see(const std::string& subject, const std::string& method, const std::string& path, bool tls,
           EvidenceId evidence, bool usable);
  void ssh(const facts::Service& service);
  void telnet(const facts::Service& service, const Target& target);
  void rtsp(const facts::Service& service, const Target& target);

  runner::Context& context_;
  std::map<Key, facts::LoginSurface> found_;
  std::vector<std::string> gaps_;
  Cause cause_ = Cause::none;
};

void Surfaces::declared() {
  EvidenceId evidence = 0;
  for (const auto& part : runner::facts<facts::DeclaredPart>(context_)) evidence = part.evidence;
  std::map<std::string, facts::Service> services;
  for (const auto& service : runner::facts<facts::Service>(context_)) {
    services[service.subject] = service;
  }
  for (const auto& login : context_.device().logins) {
    facts::LoginSurface fact;
    fact.evidence = evidence;
    fact.subject = login.port.subject();
    fact.method = login.method;
    fact.path = login.path;
    fact.origin = "declared";
    fact.clear_text = seen_clear(services, fact);
    fact.usable = "yes";
    found_[{fact.subject, fact.method, fact.path}] = fact;
  }
}

void Surfaces::see(const std::string& subject, const std::string& method, const std::string& path,
                   bool tls, EvidenceId evidence, bool usable) {
  const Key key{subject, method, path};
  if (const auto known = found_.find(key); known != found_.end()) {
    if (known->second.origin == "declared") known->second.origin = "both";
    known->second.evidence = evidence;
    return;
  }
  facts::LoginSurface fact;
  fact.evidence = evidence;
  fact.subject = subject;
  fact.method = method;
  fact.path = path;
  fact.origin = "seen";
  fact.clear_text = yes_no(!tls && method != "ssh");
  fact.usable = yes_no(usable);
  found_[key] = fact;
}

// A device protects many pages by one credential: one surface for each way of asking is enough,
// the root or the shortest path, so that its accounts are not tried once for each page.
void Surfaces::pages() {
  std::map<std::pair<std::string, std::string>, facts::HttpAnswer> shortest;
  for (const auto& answer : runner::facts<facts::HttpAnswer>(context_)) {
    std::string method;
    if (answer.asks == "basic") method = "http-basic";
    if (answer.asks == "digest") method = "http-digest";
    if (answer.asks == "form") method = "http-form";
    if (method.empty() || answer.purpose == "negative-control") continue;
    const std::pair key{answer.subject, method};
    const auto known = shortest.find(key);
    if (known == shortest.end() || answer.path.size() < known->second.path.size())
      shortest[key] = answer;
  }
  for (const auto& [key, answer] : shortest) {
    const auto& [subject, method] = key;
    const bool tls = answer.clear_text == "no";
    bool declared_there = false;
    for (auto& [known, fact] : found_) {
      const bool form = method == "http-form" && std::get<1>(known) == "http-json";
      if (std::get<0>(known) != subject || (std::get<1>(known) != method && !form)) continue;
      if (fact.origin == "declared") fact.origin = "both";
      fact.evidence = answer.evidence;
      declared_there = true;
    }
    if (!declared_there) see(subject, method, answer.path, tls, answer.evidence, true);
  }
}

void Surfaces::ssh(const facts::Service& service) {
  bool asked = false;
  bool password = false;
  EvidenceId evidence = service.evidence;
  for (const auto& one : runner::facts<facts::SshAuthMethod>(context_)) {
    if (one.subject != service.subject) continue;
    asked = true;
    evidence = one.evidence;
    if (one.method == "password" || one.method == "keyboard-interactive") password = true;
  }
  if (!asked || password) see(service.subject, "ssh", "", false, evidence, true);
}

void Surfaces::telnet(const facts::Service& service, const Target& target) {
  auto conn = open(context_, target, "telnet greeting");
  if (!conn) {
    gaps_.push_back(service.subject + ": " + printable(conn.error().message()));
    cause_ = cause_of(conn.error());
    return;
  }
  const auto greeting = protocols::telnet::greet(**conn, context_.clock(),
                                                 context_.clock().now() + std::chrono::seconds(8));
  const bool prompt = greeting.prompt == protocols::telnet::Prompt::user ||
                      greeting.prompt == protocols::telnet::Prompt::password;
  see(service.subject, "telnet", "", target.tls, (*conn)->evidence(), prompt);
}

void Surfaces::rtsp(const facts::Service& service, const Target& target) {
  std::vector<std::string> paths;
  for (const auto& one : context_.device().resources)
    if (one.protocol == "rtsp" && one.port == target.port) paths.push_back(one.target);
  if (paths.empty()) paths.emplace_back("/");
  for (const std::string& path : paths) {
    auto conn = open(context_, target, "RTSP DESCRIBE without login");
    if (!conn) {
      gaps_.push_back(service.subject + ": " + printable(conn.error().message()));
      cause_ = cause_of(conn.error());
      return;
    }
    protocols::rtsp::Session session(**conn);
    const Endpoint endpoint{context_.address(), target.port.number};
    const auto answer = session.request("DESCRIBE", protocols::rtsp::uri(endpoint, path),
                                        {"Accept: application/sdp"},
                                        context_.clock().now() + std::chrono::seconds(5));
    if (!answer) {
      gaps_.push_back(service.subject + ": " + printable(answer.error().message()));
      cause_ = cause_of(answer.error());
    } else if (answer->status == 401) {
      see(service.subject, "rtsp", path, target.tls, (*conn)->evidence(),
          !answer->challenges().empty());
      return;
    }
  }
}

void Surfaces::lines() {
  for (const auto& service : runner::facts<facts::Service>(context_)) {
    const auto port = port_of(service.subject);
    if (!port) continue;
    const Target target{.port = *port, .tls = service.tls == "yes"};
    if (service.protocol == "ssh") ssh(service);
    if (service.protocol == "telnet") telnet(service, target);
    if (service.protocol == "rtsp") rtsp(service, target);
    if (service.protocol == "ftp" || service.protocol == "mqtt" || service.protocol == "snmp")
      see(service.subject, service.protocol, "", target.tls, service.evidence, true);
  }
}

void Surfaces::finish() {
  std::size_t seen = 0;
  for (const auto& [key, fact] : found_) {
    runner::record(context_, fact);
    if (fact.origin != "declared") ++seen;
  }
  const std::string tried = std::to_string(found_.size()) + " surfaces, " + std::to_string(seen) +
                            " of them seen on the device";
  if (gaps_.empty()) {
    context_.cover(whole("login.surfaces", "lan", tried));
    return;
  }
  std::string why;
  for (const auto& one : gaps_) why += (why.empty() ? "" : "; ") + one;
  context_.cover(gap("login.surfaces", "lan", cause_, why, tried));
}

Result<void> find_surfaces(runner::Context& context) {
  Surfaces surfaces(context);
  surfaces.declared();
  surfaces.pages();
  surfaces.lines();
  surfaces.finish();
  return {};
}

}  // namespace

runner::Procedure login_surfaces_procedure() {
  runner::Info info;
  info.id = "login-surfaces";
  info.title = {"로그인 지점", "places that take credentials"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service", "http_answer", "ssh_auth_method", "declared_part"};
  info.provides_facts = {"login_surface"};
  info.topics = {"login.surfaces"};
  info.connections = 4;
  info.expected = std::chrono::seconds(1);
  info.deadline = std::chrono::seconds(60);
  return {.info = std::move(info), .run = find_surfaces, .recover = {}};
}

}  // namespace haetae::testcases
