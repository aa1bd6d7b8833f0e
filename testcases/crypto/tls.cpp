#include "testcases/crypto/tls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/protocols/x509.hpp"
#include "testcases/crypto/services.hpp"
#include "testcases/crypto/tls_asker.hpp"
#include "testcases/crypto/tls_details.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

using namespace protocols;

namespace {

constexpr std::size_t kShards = 8;

const std::vector<TlsVersion> kByHello{TlsVersion::tls1_2, TlsVersion::tls1_3, TlsVersion::tls1_1,
                                       TlsVersion::tls1_0, TlsVersion::ssl3};

/// VersionSeen is the word for one version; `why` says what is missing where it is unknown.
struct VersionSeen {
  std::string offered = "unknown";
  EvidenceId evidence = 0;
  std::string why{};
};

/// all_chains() deals the candidates of each version over chains, so that neighbours in the
/// registry, which a server often accepts together, do not meet in one.
std::vector<Chain> all_chains() {
  std::vector<Chain> out;
  for (const TlsVersion version : kByHello) {
    const bool v13 = version == TlsVersion::tls1_3;
    std::vector<Chain> shards(v13 ? 1 : kShards, Chain{.version = version, .left = {}});
    std::size_t next = 0;
    for (const NamedNumber& suite : tls_suites()) {
      const auto number = static_cast<std::uint16_t>(suite.number);
      if (is_tls13_suite(number) != v13) continue;
      shards[next++ % shards.size()].left.push_back(number);
    }
    out.insert(out.end(), std::make_move_iterator(shards.begin()),
               std::make_move_iterator(shards.end()));
  }
  return out;
}

/// Endpoint learns one endpoint and writes its facts.
class Endpoint {
 public:
  Endpoint(runner::Context& context, declaration::PortName port)
      : context_(context), asker_(context, port), subject_(port.subject()) {}

  void learn() {
    if (!asker_.find_reference() && asker_.mute()) {
      nothing("it answered no TLS hello at all");
      return;
    }
    chains_ = all_chains();
    const std::size_t width = asker_.width();
    context_.each(chains_.size(), width,
                  [this](std::size_t at) { asker_.run(chains_[at], Extensions::usual); });
    settle(width);
    ask_ssl2();
    collect();
    if (!accepted_.empty()) {
      from_flights(accepted_, details_);
      ask_details(asker_, accepted_, details_, preferred_);
    }
    alive_after_ = !asker_.has_reference() || asker_.reference_works();
    write();
  }

 private:
  void settle(std::size_t width) {
    for (const Chain& chain : chains_) {
      if (!chain.accepted.empty()) asker_.adopt_reference(chain.accepted.front());
    }
    std::vector<Chain*> open;
    for (Chain& chain : chains_) {
      if (chain.end == ChainEnd::unclear) open.push_back(&chain);
      // One connection that failed among many side by side is tried once more alone.
      if (chain.end == ChainEnd::unreached) asker_.run(chain, Extensions::usual);
    }
    context_.each(open.size(), width, [this, &open](std::size_t at) { asker_.settle(*open[at]); });
  }

  void ask_ssl2() {
    VersionSeen& seen = versions_[TlsVersion::ssl2];
    for (int round = 0; round < 2; ++round) {
      auto conn = asker_.connect("SSL 2.0 hello");
      if (!conn) {
        seen.why = conn.error().message();
        return;
      }
      seen.evidence = (*conn)->evidence();
      const Ssl2Answer answer = say_ssl2_hello(**conn, asker_.deadline());
      (*conn)->close();
      seen.why = answer.detail;
      if (answer.reply == Reply::answered) {
        seen.offered = "yes";
        ssl2_ = answer.hello;
        return;
      }
      if (answer.reply == Reply::alert) {
        seen.offered = "no";
        return;
      }
    }
    if (asker_.reference_works()) seen.offered = "no";
  }

  void collect() {
    for (const Chain& chain : chains_) {
      if (chain.accepted.empty()) continue;
      auto& list = accepted_[chain.version];
      for (const Accepted& entry : chain.accepted) {
        const bool known = std::any_of(list.begin(), list.end(), [&entry](const Accepted& other) {
          return other.suite == entry.suite;
        });
        if (!known) list.push_back(entry);
      }
    }
    for (auto& [version, list] : accepted_) {
      std::sort(list.begin(), list.end(),
                [](const Accepted& a, const Accepted& b) { return a.suite < b.suite; });
    }
    for (const TlsVersion version : kByHello) versions_[version] = version_seen(version);
  }

  [[nodiscard]] VersionSeen version_seen(TlsVersion version) const {
    const auto found = accepted_.find(version);
    if (found != accepted_.end()) {
      return {.offered = "yes", .evidence = found->second.front().evidence};
    }
    VersionSeen seen{.offered = "no"};
    for (const Chain& chain : chains_) {
      if (chain.version != version) continue;
      const bool whole = chain.end == ChainEnd::refused || chain.end == ChainEnd::exhausted;
      if (whole && seen.offered == "no" && seen.evidence == 0) seen.evidence = chain.evidence;
      if (whole) continue;
      seen = {.offered = "unknown", .evidence = chain.evidence, .why = chain.detail};
    }
    return seen;
  }

  /// evidence() is `id`, or a note where there was no conversation that could show it.
  EvidenceId evidence(EvidenceId id, std::string_view why) {
    return id != 0 ? id : context_.recorder().attach(subject_, "tls", "text/plain", as_bytes(why));
  }

  void cover(std::string_view topic, const std::vector<std::string>& gaps, std::string tried) {
    std::vector<std::string> all = gaps;
    if (!alive_after_) all.emplace_back("the endpoint no longer answered at the end");
    if (context_.stop().stop_requested()) all.emplace_back("the run was asked to stop");
    Coverage coverage;
    coverage.topic = topic;
    coverage.subject = subject_;
    coverage.tried = std::move(tried);
    if (all.empty()) {
      coverage.state = CoverageState::complete;
    } else {
      coverage.cause = context_.stop().stop_requested() ? Cause::lab : Cause::device;
      coverage.why = printable(all.front(), 300);
    }
    context_.cover(std::move(coverage));
  }

  void nothing(const std::string& why) {
    const EvidenceId shown = evidence(0, why);
    for (const TlsVersion version : kByHello) versions_[version] = {.evidence = shown, .why = why};
    versions_[TlsVersion::ssl2] = {.evidence = shown, .why = why};
    write_versions();
    for (const char* topic : {"tls.versions", "tls.suites", "tls.groups", "tls.certificate"}) {
      cover(topic, {why}, "ordinary hellos of TLS 1.3 to SSL 3.0");
    }
  }

  void write() {
    // What went missing at the end may have been missing before: no absence stands.
    if (!alive_after_) {
      for (auto& [version, seen] : versions_) {
        if (seen.offered == "no") seen = {.evidence = seen.evidence, .why = "the endpoint died"};
      }
    }
    write_versions();
    write_suites();
    write_details();
    write_certificates();
  }

  void write_versions() {
    for (const auto& [version, seen] : versions_) {
      record(context_, facts::TlsVersion{.evidence = evidence(seen.evidence, seen.why),
                                         .subject = subject_,
                                         .version = std::string(word(version)),
                                         .offered = seen.offered});
    }
    if (chains_.empty()) return;
    std::vector<std::string> gaps;
    for (const auto& [version, seen] : versions_) {
      if (seen.offered == "unknown") gaps.push_back(fmt::format("{}: {}", word(version), seen.why));
    }
    cover("tls.versions", gaps, "SSL 2.0, SSL 3.0, TLS 1.0, 1.1, 1.2, 1.3");
  }

  void write_suites() {
    std::vector<std::string> gaps;
    for (const Chain& chain : chains_) {
      if (chain.end == ChainEnd::unclear || chain.end == ChainEnd::unreached) {
        gaps.push_back(fmt::format("{}: {}", word(chain.version), chain.detail));
      }
    }
    if (versions_[TlsVersion::ssl2].offered == "unknown")
      gaps.emplace_back("ssl2: no clear answer");
    for (const auto& [version, list] : accepted_) {
      for (const Accepted& entry : list) {
        const bool first = preferred_.count({version, entry.suite}) != 0 || list.size() == 1;
        record(context_, facts::TlsSuite{.evidence = entry.evidence,
                                         .subject = subject_,
                                         .version = std::string(word(version)),
                                         .suite = suite_name(entry.suite),
                                         .code = entry.suite,
                                         .preference = first ? 1 : 2});
      }
    }
    for (const std::uint32_t kind : ssl2_.kinds) {
      record(context_, facts::TlsSuite{.evidence = versions_[TlsVersion::ssl2].evidence,
                                       .subject = subject_,
                                       .version = "ssl2",
                                       .suite = ssl2_kind_name(kind),
                                       .code = kind,
                                       .preference = 2});
    }
    cover("tls.suites", gaps,
          fmt::format("{} suites and {} SSL 2.0 kinds", tls_suites().size(),
                      ssl2_cipher_kinds().size()));
  }

  void write_details() {
    for (const GroupSeen& seen : details_.groups) {
      record(context_, facts::TlsGroup{.evidence = seen.evidence,
                                       .subject = subject_,
                                       .version = std::string(word(seen.version)),
                                       .name = seen.name,
                                       .bits = seen.bits});
    }
    for (const SchemeSeen& seen : details_.schemes) {
      record(context_, facts::TlsSignature{.evidence = seen.evidence,
                                           .subject = subject_,
                                           .version = std::string(word(seen.version)),
                                           .scheme = seen.name});
    }
    for (const PropertySeen& seen : details_.properties) {
      record(context_, facts::TlsProperty{.evidence = seen.evidence,
                                          .subject = subject_,
                                          .property = seen.property,
                                          .present = seen.present});
    }
    std::vector<std::string> gaps = details_.group_gaps;
    if (accepted_.empty() && ssl2_.kinds.empty()) gaps.emplace_back("no version was accepted");
    cover("tls.groups", gaps, fmt::format("{} groups", all_groups().size()));
  }

  void write_certificates() {
    if (!ssl2_.certificate.empty()) {
      details_.chains.push_back(
          {.certificates = {ssl2_.certificate}, .evidence = versions_[TlsVersion::ssl2].evidence});
    }
    std::set<std::pair<std::size_t, std::string>> written;
    for (const ChainSeen& chain : details_.chains) {
      const auto values = read_chain(chain.certificates, context_.device().addresses, {});
      for (std::size_t position = 0; position < values.size(); ++position) {
        if (!written.insert({position, values[position].sha256}).second) continue;
        record(context_, certificate(values[position], position, chain));
      }
    }
    std::vector<std::string> gaps = details_.chain_gaps;
    if (details_.chains.empty() && needs_certificate()) {
      gaps.emplace_back("no certificate could be read");
    }
    if (accepted_.empty() && ssl2_.kinds.empty()) gaps.emplace_back("no version was accepted");
    cover("tls.certificate", gaps, "every accepted suite, and every signature scheme of TLS 1.3");
  }

  facts::Certificate certificate(const CertificateValues& values, std::size_t position,
                                 const ChainSeen& chain) const {
    facts::Certificate out;
    out.evidence = chain.evidence;
    out.subject = subject_;
    out.position = static_cast<std::int64_t>(position);
    out.sha256 = values.sha256;
    out.subject_name = values.subject_name;
    out.issuer_name = values.issuer_name;
    out.key_algorithm = values.key_algorithm;
    out.key_curve = values.key_curve;
    out.key_bits = values.key_bits;
    out.key_sha256 = values.key_sha256;
    out.signature_algorithm = values.signature_algorithm;
    out.not_before = values.not_before;
    out.not_after = values.not_after;
    out.self_signed = values.self_signed;
    out.ca = values.ca;
    out.covers_host = values.covers_host;
    out.chain = values.chain;
    return out;
  }

  /// needs_certificate() is false where every suite works without one (anonymous, PSK, SRP).
  [[nodiscard]] bool needs_certificate() const {
    for (const auto& [version, list] : accepted_) {
      for (const Accepted& entry : list) {
        const std::string name = suite_name(entry.suite);
        const bool without = name.find("_anon_") != std::string::npos ||
                             name.starts_with("TLS_PSK_") || name.starts_with("TLS_DHE_PSK_") ||
                             name.starts_with("TLS_ECDHE_PSK_") ||
                             name.starts_with("TLS_SRP_SHA_WITH");
        if (!without) return true;
      }
    }
    return false;
  }

  runner::Context& context_;
  Asker asker_;
  std::string subject_;
  std::vector<Chain> chains_;
  AcceptedSuites accepted_;
  std::map<TlsVersion, VersionSeen> versions_;
  Ssl2Hello ssl2_;
  Details details_;
  std::set<std::pair<TlsVersion, std::uint16_t>> preferred_;
  bool alive_after_ = true;
};

Result<void> run(runner::Context& context) {
  return each_tcp_service(
      context, [](const facts::Service& service) { return service.tls == "yes"; },
      [&](const declaration::PortName& port) { Endpoint(context, port).learn(); });
}

}  // namespace

runner::Procedure tls() {
  runner::Procedure out;
  out.info.id = "tls";
  out.info.title = {.ko = "TLS 버전·암호 스위트·키 교환 그룹·인증서 조사",
                    .en = "TLS versions, cipher suites, key exchange groups and certificates"};
  out.info.hazard = Hazard::safe;
  out.info.requires_facts = {"port", "service"};
  out.info.provides_facts = {"tls_version",   "tls_suite",    "tls_group",
                             "tls_signature", "tls_property", "certificate"};
  out.info.topics = {"tls.versions", "tls.suites", "tls.groups", "tls.certificate"};
  out.info.connections = 160;
  out.info.expected = 3s;
  out.run = run;
  return out;
}

}  // namespace haetae::testcases
