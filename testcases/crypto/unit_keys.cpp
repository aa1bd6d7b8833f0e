#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

#include "harness/protocols/ssh_transport.hpp"
#include "harness/protocols/tls_client.hpp"
#include "harness/protocols/x509.hpp"
#include "testcases/authentication/unit_context.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// The public keys that two units of one product show at the same ports: host keys of SSH and the
/// keys of TLS certificates. Every port is read twice, so that a key of the moment is not taken
/// for a key of the unit.
namespace haetae::testcases {
namespace {

constexpr const char* kTopic = "units.keys";
constexpr Duration kAnswer = 8s;
constexpr int kReads = 2;

/// Key is a public key as an endpoint shows it.
struct Key {
  std::string kind, algorithm, fingerprint;
  auto operator<=>(const Key&) const = default;
};

/// Shown is what one port of one unit showed, by key.
struct Shown {
  std::map<Key, std::set<int>> reads;  ///< in which reads it was shown
  std::map<Key, EvidenceId> evidence;
  std::string why;  ///< empty, or what could not be read
  Cause cause = Cause::none;

  void add(Key key, int read, EvidenceId from) {
    evidence.try_emplace(key, from);
    reads[std::move(key)].insert(read);
  }
  void lost(const Error& error) {
    if (!why.empty()) return;
    why = printable(error.message(), 300);
    cause = cause_of(error);
  }
};

/// key_type() is the type of the key that an algorithm uses: three algorithms share one RSA key.
std::string key_type(const std::string& algorithm) {
  return algorithm.starts_with("rsa-sha2-") ? "ssh-rsa" : algorithm;
}

void read_ssh(runner::Context& context, const declaration::PortName& port, int read, Shown& out) {
  auto conn = context.connect(port, "host key algorithms");
  if (!conn) return out.lost(conn.error());
  const auto greeting = protocols::ssh_greet(**conn, context.clock().now() + kAnswer);
  if (!greeting) return out.lost(greeting.error());
  std::set<std::string> asked;
  for (const std::string& algorithm : greeting->kexinit.host_keys) {
    // A certificate holds a key that is asked for by itself.
    if (algorithm.find("-cert-v0") != std::string::npos) continue;
    if (!asked.insert(key_type(algorithm)).second) continue;
    auto fresh = context.connect(port, "host key " + printable(algorithm, 60));
    if (!fresh) return out.lost(fresh.error());
    const auto answer =
        protocols::ssh_host_key(**fresh, algorithm, context.clock().now() + kAnswer);
    if (!answer) return out.lost(answer.error());
    out.add({.kind = "ssh-host-key",
             .algorithm = answer->key.type,
             .fingerprint = answer->key.fingerprint},
            read, (*fresh)->evidence());
  }
  if (asked.empty())
    out.lost({ErrorKind::protocol, "the server lists no host key algorithm", nullptr});
}

void read_tls(runner::Context& context, const declaration::PortName& port, int read, Shown& out) {
  // A server with a certificate for each kind of key shows the one that the client can check.
  const std::vector<std::pair<std::string, std::string>> offers = {
      {"any", ""},
      {"RSA",
       "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:"
       "RSA+SHA512"},
      {"ECDSA", "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512"}};
  for (const auto& [name, schemes] : offers) {
    auto conn = context.connect(port, "certificate, " + name + " signatures");
    if (!conn) return out.lost(conn.error());
    const EvidenceId evidence = (*conn)->evidence();
    const auto inside = protocols::wrap_tls(std::move(*conn), {.signature_schemes = schemes},
                                            context.clock().now() + kAnswer);
    if (!inside) {
      // That it has no certificate of a kind is no gap.
      if (schemes.empty()) return out.lost(inside.error());
      continue;
    }
    const auto values = protocols::read_chain((*inside)->chain(), context.device().addresses, {});
    if (values.empty() || values.front().key_sha256.empty())
      return out.lost({ErrorKind::protocol, "no certificate could be read", nullptr});
    out.add({.kind = "certificate",
             .algorithm = values.front().key_algorithm,
             .fingerprint = "SHA256:" + values.front().key_sha256},
            read, evidence);
  }
}

/// Place is one port that shows keys.
struct Place {
  declaration::PortName port;
  bool ssh = false;
};

void record_shown(runner::Context& context, const Place& place, const char* unit,
                  const Shown& shown) {
  for (const auto& [key, reads] : shown.reads) {
    facts::UnitKey fact;
    fact.evidence = shown.evidence.at(key);
    fact.subject = place.port.subject();
    fact.unit = unit;
    fact.kind = key.kind;
    fact.algorithm = key.algorithm;
    fact.fingerprint = key.fingerprint;
    fact.stable = yes_no(reads.size() == kReads);
    runner::record(context, fact);
  }
}

/// read_both() reads one port of both units in turn; what is wrong with it, if anything.
Coverage read_both(runner::Context& first, UnitContext& second, const Place& place) {
  Shown one, other;
  const auto read_place = place.ssh ? read_ssh : read_tls;
  for (int read = 0; read < kReads && one.why.empty() && other.why.empty(); ++read) {
    read_place(first, place.port, read, one);
    if (one.why.empty()) read_place(second, place.port, read, other);
  }
  record_shown(first, place, "first", one);
  record_shown(first, place, "second", other);
  const std::string subject = place.port.subject();
  if (!one.why.empty()) return gap(kTopic, subject, one.cause, "first unit: " + one.why);
  if (!other.why.empty()) return gap(kTopic, subject, other.cause, "second unit: " + other.why);
  return whole(kTopic, subject, "every host key, and certificates for RSA and ECDSA, twice");
}

std::vector<Place> places(const runner::Context& context) {
  std::vector<Place> out;
  for (const auto& service : runner::facts<facts::Service>(context)) {
    const auto port = port_of(service.subject);
    if (!port || port->transport != "tcp") continue;
    if (service.protocol == "ssh" || service.tls == "yes")
      out.push_back({.port = *port, .ssh = service.protocol == "ssh"});
  }
  return out;
}

Result<void> compare_keys(runner::Context& context) {
  const auto& unit = context.device().second_unit;
  if (!unit) {
    context.cover(
        gap(kTopic, "lan", Cause::declaration, "no second unit of the product is declared"));
    return {};
  }
  UnitContext second(context, *unit);
  const auto list = places(context);
  std::string why;
  Cause cause = Cause::none;
  for (std::size_t at = 0; at < list.size(); ++at) {
    context.progress(at, list.size(), list[at].port.subject());
    Coverage coverage = read_both(context, second, list[at]);
    if (coverage.state != CoverageState::complete && why.empty()) {
      why = list[at].port.subject() + ": " + coverage.why;
      cause = coverage.cause;
    }
    context.cover(std::move(coverage));
  }
  const std::string tried = std::to_string(list.size()) + " ports with TLS or SSH";
  context.cover(why.empty() ? whole(kTopic, "lan", tried) : gap(kTopic, "lan", cause, why, tried));
  return {};
}

}  // namespace

runner::Procedure unit_keys_procedure() {
  runner::Info info;
  info.id = "unit-keys";
  info.title = {"두 시료의 호스트 키와 인증서 비교", "host keys and certificates of two units"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service"};
  info.provides_facts = {"unit_key"};
  info.topics = {kTopic};
  info.connections = 40;
  info.expected = std::chrono::seconds(2);
  info.deadline = std::chrono::seconds(180);
  return {.info = std::move(info), .run = compare_keys, .recover = {}};
}

}  // namespace haetae::testcases
