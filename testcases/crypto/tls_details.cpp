#include "testcases/crypto/tls_details.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>

#include "harness/protocols/x509.hpp"

namespace haetae::testcases {

using namespace protocols;

namespace {

constexpr std::uint16_t kFallbackScsv = 0x5600;
constexpr std::uint8_t kInappropriateFallback = 86;

// What a TLS 1.3 server may sign a handshake with, as far as OpenSSL can check it.
constexpr std::array<std::string_view, 12> kSchemes13{"ecdsa_secp256r1_sha256",
                                                      "ecdsa_secp384r1_sha384",
                                                      "ecdsa_secp521r1_sha512",
                                                      "ed25519",
                                                      "ed448",
                                                      "rsa_pss_rsae_sha256",
                                                      "rsa_pss_rsae_sha384",
                                                      "rsa_pss_rsae_sha512",
                                                      "rsa_pss_pss_sha256",
                                                      "rsa_pss_pss_sha384",
                                                      "rsa_pss_pss_sha512",
                                                      ""};
// In the list for the certificates' own signatures; no TLS 1.3 server signs with them.
constexpr std::string_view kCertificateOnly = "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512";

bool has(std::string_view name, std::string_view part) {
  return name.find(part) != std::string_view::npos;
}

std::vector<std::uint16_t> suites_with(const std::vector<Accepted>& accepted,
                                       const std::function<bool(const std::string&)>& wanted) {
  std::vector<std::uint16_t> out;
  for (const Accepted& entry : accepted) {
    if (wanted(suite_name(entry.suite))) out.push_back(entry.suite);
  }
  return out;
}

void add(std::vector<GroupSeen>& groups, GroupSeen seen) {
  for (GroupSeen& known : groups) {
    if (known.version != seen.version || known.name != seen.name) continue;
    // Two primes of a server's own share one row: the weaker one tells.
    if (seen.bits < known.bits) known = std::move(seen);
    return;
  }
  groups.push_back(std::move(seen));
}

void add(std::vector<SchemeSeen>& schemes, SchemeSeen seen) {
  const bool known = std::any_of(schemes.begin(), schemes.end(), [&seen](const SchemeSeen& entry) {
    return entry.version == seen.version && entry.name == seen.name;
  });
  if (!known && !seen.name.empty()) schemes.push_back(std::move(seen));
}

void add(std::vector<ChainSeen>& chains, std::vector<Bytes> certificates, EvidenceId evidence) {
  if (certificates.empty()) return;
  const bool known = std::any_of(
      chains.begin(), chains.end(),
      [&certificates](const ChainSeen& entry) { return entry.certificates == certificates; });
  if (!known) chains.push_back({.certificates = std::move(certificates), .evidence = evidence});
}

void from_flight(TlsVersion version, const Flight& flight, EvidenceId evidence, Details& details) {
  add(details.chains, flight.certificates, evidence);
  if (version == TlsVersion::tls1_3 && flight.hello && flight.hello->group != 0) {
    const std::uint16_t group = flight.hello->group;
    add(details.groups, {version, group_name(group), group_bits(group), evidence});
  }
  if (!flight.key_exchange || !flight.hello) return;
  const KeyExchange& exchange = *flight.key_exchange;
  switch (exchange.kind) {
    case KeyExchange::Kind::named_group:
      add(details.groups,
          {version, group_name(exchange.group), group_bits(exchange.group), evidence});
      break;
    case KeyExchange::Kind::explicit_curve:
      add(details.groups, {version, "arbitrary_explicit_prime_curves", 0, evidence});
      break;
    case KeyExchange::Kind::dh:
      add(details.groups, {version, dh_group_name(exchange.prime), exchange.bits, evidence});
      break;
    default: break;
  }
  // Older versions fix the scheme with the suite and do not name it.
  if (!exchange.is_signed || version != TlsVersion::tls1_2) return;
  add(details.schemes, {version, signature_scheme_name(exchange.scheme), evidence});
}

/// Key is what the server signs its ephemeral key with.
enum class Key { ecdsa, any_other };

/// Job is one sequence of questions that can run beside the others.
using Job = std::function<void()>;

class DetailAsker {
 public:
  DetailAsker(Asker& asker, const AcceptedSuites& accepted, Details& details,
              std::set<std::pair<TlsVersion, std::uint16_t>>& preferred)
      : asker_(asker), accepted_(accepted), details_(details), preferred_(preferred) {}

  void run() {
    std::vector<Job> jobs;
    const auto old = newest_old();
    for (const auto& [version, suites] : accepted_) {
      if (version == TlsVersion::ssl2) continue;
      jobs.emplace_back([this, version = version] { preference(version); });
    }
    if (old) {
      jobs.emplace_back([this, old] { old_groups(*old, Key::any_other); });
      jobs.emplace_back([this, old] { old_groups(*old, Key::ecdsa); });
      jobs.emplace_back([this, old] { negotiated_dh(*old); });
      jobs.emplace_back([this, old] { properties(*old); });
    }
    if (accepted_.count(TlsVersion::tls1_2) != 0) {
      for (const char* key : {"_RSA_", "_ECDSA_", "_DSS_"}) {
        jobs.emplace_back([this, key] { old_schemes(key); });
      }
    }
    if (accepted_.count(TlsVersion::tls1_3) != 0) {
      jobs.emplace_back([this] { groups_13(); });
      jobs.emplace_back([this] { handshakes_13(); });
      if (!old) seen({"compression", "no", accepted_.at(TlsVersion::tls1_3).front().evidence});
    }
    jobs.emplace_back([this] { fallback(); });
    asker_.context().each(jobs.size(), asker_.width(), [&jobs](std::size_t at) { jobs[at](); });
    finish_preference();
  }

 private:
  [[nodiscard]] std::optional<TlsVersion> newest_old() const {
    for (const TlsVersion version :
         {TlsVersion::tls1_2, TlsVersion::tls1_1, TlsVersion::tls1_0, TlsVersion::ssl3}) {
      if (accepted_.count(version) != 0) return version;
    }
    return std::nullopt;
  }

  ClientHello hello_of(TlsVersion version, std::vector<std::uint16_t> suites) const {
    return {.version = version,
            .suites = std::move(suites),
            .groups = usual_groups(),
            .schemes = all_schemes(),
            .key_shares = {}};
  }

  std::vector<std::uint16_t> suites_of(TlsVersion version) const {
    return suites_with(accepted_.at(version), [](const std::string&) { return true; });
  }

  void keep(TlsVersion version, const Asked& asked) {
    const std::scoped_lock lock(mutex_);
    from_flight(version, asked.answer.flight, asked.evidence, details_);
  }
  void seen(PropertySeen property) {
    const std::scoped_lock lock(mutex_);
    details_.properties.push_back(std::move(property));
  }
  void gap(std::vector<std::string>& gaps, std::string why) {
    const std::scoped_lock lock(mutex_);
    gaps.push_back(std::move(why));
  }
  void lost(std::string_view what, const Asked& asked) {
    const std::string& why = asked.connected ? asked.answer.detail : asked.problem;
    gap(details_.group_gaps, fmt::format("{}: {}", what, why));
  }
  /// ended() tells whether the last answer of an enumeration can stand as its end.
  bool ended(const Asked& asked, bool any_before) {
    // Before anything was chosen, a refusal may mean that the question itself was not liked.
    if (!asked.connected || !any_before) return false;
    return asked.answer.reply == Reply::alert || asker_.reference_works();
  }

  /// groups_with() repeats `hello`, each time without the group that was chosen. A group of `kept`
  /// is put last instead: without the curve of its certificate, a server refuses all ECDSA suites.
  void groups_with(ClientHello hello, std::string_view label,
                   const std::function<std::uint16_t(const Flight&)>& chosen,
                   std::set<std::uint16_t> kept = {}) {
    bool any = false;
    while (!hello.groups.empty() && !asker_.context().stop().stop_requested()) {
      const Asked asked = asker_.ask(hello, label);
      const std::uint16_t group = asked.connected && asked.answer.reply == Reply::answered
                                      ? chosen(asked.answer.flight)
                                      : std::uint16_t{0};
      if (group == 0) {
        if (!ended(asked, any)) lost(label, asked);
        return;
      }
      any = true;
      keep(hello.version, asked);
      if (std::erase(hello.groups, group) == 0) return;  // it insists on what was not offered
      if (kept.erase(group) != 0) hello.groups.push_back(group);
    }
  }

  void old_groups(TlsVersion version, Key key) {
    const bool ecdsa = key == Key::ecdsa;
    const auto suites = suites_with(accepted_.at(version), [ecdsa](const std::string& name) {
      return has(name, "_ECDHE_") && has(name, "_ECDSA_") == ecdsa;
    });
    if (suites.empty()) return;
    groups_with(
        hello_of(version, suites),
        fmt::format("{} groups{}", word(version), ecdsa ? " with ECDSA" : ""),
        [](const Flight& flight) {
          return flight.key_exchange ? flight.key_exchange->group : std::uint16_t{0};
        },
        ecdsa ? certificate_curves() : std::set<std::uint16_t>{});
  }

  [[nodiscard]] std::set<std::uint16_t> certificate_curves() {
    std::vector<Bytes> leaves;
    {
      const std::scoped_lock lock(mutex_);
      for (const ChainSeen& chain : details_.chains) leaves.push_back(chain.certificates.front());
    }
    std::set<std::uint16_t> out;
    for (const CertificateValues& leaf : read_chain(leaves, {}, {})) {
      for (const NamedNumber& group : tls_groups()) {
        if (group.name == leaf.key_curve) out.insert(static_cast<std::uint16_t>(group.number));
      }
    }
    return out;
  }

  void groups_13() {
    ClientHello hello = hello_of(TlsVersion::tls1_3, suites_of(TlsVersion::tls1_3));
    hello.groups = all_groups();
    groups_with(hello, "tls1.3 groups", [](const Flight& flight) {
      return flight.hello ? flight.hello->group : std::uint16_t{0};
    });
  }

  /// negotiated_dh() offers the groups of RFC 7919, which usual hellos leave out.
  void negotiated_dh(TlsVersion version) {
    const auto suites = suites_with(accepted_.at(version), [](const std::string& name) {
      return has(name, "_DHE_") || has(name, "_DH_anon_");
    });
    if (suites.empty()) return;
    ClientHello hello = hello_of(version, suites);
    hello.groups = all_groups();
    keep(version, asker_.ask(hello, fmt::format("{} with finite-field groups", word(version))));
  }

  void old_schemes(std::string_view key) {
    const auto suites =
        suites_with(accepted_.at(TlsVersion::tls1_2), [key](const std::string& name) {
          return has(name, key) && has(name, "DHE_") && !has(name, "PSK");
        });
    if (suites.empty()) return;
    ClientHello hello = hello_of(TlsVersion::tls1_2, suites);
    bool any = false;
    while (!hello.schemes.empty() && !asker_.context().stop().stop_requested()) {
      const Asked asked = asker_.ask(hello, fmt::format("tls1.2 schemes for {}", key));
      if (!asked.connected || asked.answer.reply != Reply::answered ||
          !asked.answer.flight.key_exchange) {
        if (!ended(asked, any)) lost("tls1.2 signature schemes", asked);
        return;
      }
      any = true;
      keep(TlsVersion::tls1_2, asked);
      if (std::erase(hello.schemes, asked.answer.flight.key_exchange->scheme) == 0) return;
    }
  }

  void handshakes_13() {
    std::vector<std::string> left(kSchemes13.begin(), kSchemes13.end());
    std::erase(left, "");
    bool any = false;
    while (!left.empty() && !asker_.context().stop().stop_requested()) {
      const TlsOptions options{
          .min = TlsVersion::tls1_3,
          .signature_schemes = fmt::format("{}:{}", fmt::join(left, ":"), kCertificateOnly)};
      EvidenceId evidence = 0;
      const auto conn = asker_.handshake(options, "tls1.3 handshake", evidence);
      if (!conn) {
        if (any && (conn.error().kind == ErrorKind::unsupported || asker_.reference_works()))
          return;
        gap(details_.chain_gaps, "no TLS 1.3 handshake: " + conn.error().message());
        return;
      }
      any = true;
      const std::string scheme = signature_scheme_name((*conn)->signature_scheme());
      {
        const std::scoped_lock lock(mutex_);
        add(details_.chains, (*conn)->chain(), evidence);
        add(details_.schemes, {TlsVersion::tls1_3, scheme, evidence});
      }
      if (std::erase(left, scheme) == 0) return;
    }
  }

  void properties(TlsVersion version) {
    ClientHello hello = hello_of(version, suites_of(version));
    hello.compressions = {1, 0};
    const Asked asked = asker_.ask(hello, fmt::format("{} properties", word(version)));
    if (!asked.connected) return;
    const auto word_of = [&asked](const std::function<bool(const ServerHello&)>& present) {
      if (asked.answer.reply != Reply::answered) return "unknown";
      return present(*asked.answer.flight.hello) ? "yes" : "no";
    };
    seen({"compression", word_of([](const ServerHello& h) { return h.compression != 0; }),
          asked.evidence});
    seen({"secure-renegotiation",
          word_of([](const ServerHello& h) { return h.secure_renegotiation; }), asked.evidence});
    seen({"extended-master-secret",
          word_of([](const ServerHello& h) { return h.extended_master_secret; }), asked.evidence});
    seen({"session-ticket", word_of([](const ServerHello& h) { return h.session_ticket; }),
          asked.evidence});
  }

  /// fallback() is asked with a version below the best one; without one it means nothing.
  void fallback() {
    std::optional<TlsVersion> lower;
    for (auto at = accepted_.begin(); at != accepted_.end() && std::next(at) != accepted_.end();
         ++at) {
      if (at->first != TlsVersion::ssl2) lower = at->first;
    }
    if (!lower) return;
    std::vector<std::uint16_t> suites = suites_of(*lower);
    suites.push_back(kFallbackScsv);
    const Asked asked =
        asker_.ask(hello_of(*lower, suites), fmt::format("{} as a fallback", word(*lower)));
    if (!asked.connected) return;
    std::string present = "unknown";
    if (asked.answer.reply == Reply::answered) present = "no";
    if (asked.answer.reply == Reply::alert && asked.answer.alert() == kInappropriateFallback) {
      present = "yes";
    }
    seen({"fallback-scsv", present, asked.evidence});
  }

  /// preference() offers all accepted suites forwards and backwards.
  void preference(TlsVersion version) {
    ClientHello hello = hello_of(version, suites_of(version));
    if (version == TlsVersion::tls1_3) hello.groups = all_groups();
    if (hello.suites.size() < 2) return;
    const auto choice = [this, &hello, version](std::string_view order, EvidenceId& evidence) {
      const Asked asked = asker_.ask(hello, fmt::format("{} order, {}", word(version), order));
      evidence = asked.evidence;
      return asked.connected && asked.answer.reply == Reply::answered
                 ? asked.answer.flight.hello->suite
                 : std::uint16_t{0};
    };
    EvidenceId evidence = 0;
    const std::uint16_t first = choice("forwards", evidence);
    std::reverse(hello.suites.begin(), hello.suites.end());
    const std::uint16_t second = choice("backwards", evidence);
    const std::scoped_lock lock(mutex_);
    if (first != 0) preferred_.insert({version, first});
    if (first == 0 || second == 0) return;
    orders_.push_back({"server-preference", first == second ? "yes" : "no", evidence});
  }

  void finish_preference() {
    if (orders_.empty()) return;
    const auto no = std::find_if(orders_.begin(), orders_.end(),
                                 [](const PropertySeen& order) { return order.present == "no"; });
    details_.properties.push_back(no == orders_.end() ? orders_.front() : *no);
  }

  Asker& asker_;
  const AcceptedSuites& accepted_;
  Details& details_;
  std::set<std::pair<TlsVersion, std::uint16_t>>& preferred_;
  std::mutex mutex_;
  std::vector<PropertySeen> orders_;
};

}  // namespace

void from_flights(const AcceptedSuites& accepted, Details& details) {
  for (const auto& [version, suites] : accepted) {
    for (const Accepted& entry : suites) {
      from_flight(version, entry.flight, entry.evidence, details);
    }
  }
}

void ask_details(Asker& asker, const AcceptedSuites& accepted, Details& details,
                 std::set<std::pair<TlsVersion, std::uint16_t>>& preferred) {
  DetailAsker(asker, accepted, details, preferred).run();
}

}  // namespace haetae::testcases
