#include "testcases/crypto/ssh.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "harness/protocols/ssh_session.hpp"
#include "harness/protocols/ssh_transport.hpp"
#include "testcases/crypto/services.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

using namespace protocols;

namespace {

constexpr Duration kAnswer = 15s;  // an RSA signature on a microcontroller, and a slow banner
// OpenSSH drops connections at random from ten unauthenticated ones on (MaxStartups).
constexpr std::size_t kWidth = 4;
constexpr int kTries = 3;

/// key_type() is the type of the key that an algorithm uses: three algorithms share one RSA key.
std::string key_type(const std::string& algorithm) {
  std::string out = algorithm;
  for (const std::string_view rsa : {"rsa-sha2-512", "rsa-sha2-256"}) {
    if (out.starts_with(rsa)) out = "ssh-rsa" + out.substr(rsa.size());
  }
  return out;
}

Cause cause_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::unsupported:
    case ErrorKind::internal: return Cause::tool;
    case ErrorKind::budget:
    case ErrorKind::stopped:
    case ErrorKind::out_of_scope: return Cause::lab;
    default: return Cause::device;
  }
}

/// passing() is true for failures that another try a moment later may not meet.
bool passing(ErrorKind kind) {
  return kind == ErrorKind::closed || kind == ErrorKind::refused || kind == ErrorKind::timed_out;
}

/// Endpoint learns one SSH service.
class Endpoint {
 public:
  Endpoint(runner::Context& context, declaration::PortName port)
      : context_(context), port_(std::move(port)), subject_(port_.subject()) {}

  void learn() {
    const auto greeting = ask<SshGreeting>(
        "banner and algorithms", [this](net::Conn& conn) { return ssh_greet(conn, deadline()); });
    if (!greeting.value) {
      for (const char* topic : {"ssh.algorithms", "ssh.host-keys", "ssh.auth"}) {
        cover(topic, greeting.value.error());
      }
      return;
    }
    record_server(greeting.value->banner, greeting.evidence);
    if (!greeting.value->has_lists) {
      const Error old{ErrorKind::unsupported, "the server speaks SSH 1 only, which we do not", {}};
      for (const char* topic : {"ssh.algorithms", "ssh.host-keys", "ssh.auth"}) cover(topic, old);
      return;
    }
    record_lists(greeting.value->kexinit, greeting.evidence);
    ask_rest(greeting.value->kexinit.host_keys);
  }

 private:
  template <class T>
  struct Answer {
    Result<T> value = fail(ErrorKind::internal, "not asked");
    EvidenceId evidence = 0;
  };

  [[nodiscard]] SteadyTime deadline() const { return context_.clock().now() + kAnswer; }

  /// ask() puts a question on a fresh connection, again after a pause where the server hung up.
  template <class T>
  Answer<T> ask(const std::string& label, const std::function<Result<T>(net::Conn&)>& question) {
    Answer<T> out;
    Duration pause = 300ms;
    for (int round = 1; round <= kTries; ++round) {
      auto conn = context_.connect(port_, label);
      if (conn) {
        out.evidence = (*conn)->evidence();
        out.value = question(**conn);
        (*conn)->close();
      } else {
        out.value = tl::unexpected(conn.error());
      }
      if (out.value || !passing(out.value.error().kind) || round == kTries) break;
      if (!context_.clock().sleep(pause, context_.stop())) break;
      pause *= 3;
    }
    return out;
  }

  void cover(std::string_view topic, const std::optional<Error>& gap, std::string tried = {}) {
    Coverage coverage;
    coverage.topic = topic;
    coverage.subject = subject_;
    coverage.tried = std::move(tried);
    if (gap) {
      coverage.cause = cause_of(gap->kind);
      coverage.why = printable(gap->message(), 300);
    } else {
      coverage.state = CoverageState::complete;
    }
    context_.cover(std::move(coverage));
  }

  void record_server(const SshBanner& banner, EvidenceId evidence) {
    facts::SshServer server;
    server.evidence = evidence;
    server.subject = subject_;
    server.protocol = banner.protocol;
    server.software = banner.software;
    runner::record(context_, server);
  }

  void record_names(std::string_view category, std::string_view direction, const SshNames& names,
                    EvidenceId evidence) {
    SshNames seen;
    for (const std::string& name : names) {
      if (std::find(seen.begin(), seen.end(), name) != seen.end()) continue;
      seen.push_back(name);
      facts::SshAlgorithm fact;
      fact.evidence = evidence;
      fact.subject = subject_;
      fact.category = category;
      fact.direction = direction;
      fact.name = name;
      fact.preference = static_cast<std::int64_t>(seen.size());
      runner::record(context_, fact);
    }
  }

  void record_pair(std::string_view category, const SshNames& to_server, const SshNames& to_client,
                   EvidenceId evidence) {
    if (to_server == to_client) {
      record_names(category, "both", to_server, evidence);
      return;
    }
    record_names(category, "client-to-server", to_server, evidence);
    record_names(category, "server-to-client", to_client, evidence);
  }

  void record_lists(const SshKexInit& lists, EvidenceId evidence) {
    record_names("kex", "both", lists.kex, evidence);
    record_names("host-key", "both", lists.host_keys, evidence);
    record_pair("cipher", lists.ciphers_to_server, lists.ciphers_to_client, evidence);
    record_pair("mac", lists.macs_to_server, lists.macs_to_client, evidence);
    record_pair("compression", lists.compressions_to_server, lists.compressions_to_client,
                evidence);
    cover("ssh.algorithms", std::nullopt, "all lists of KEXINIT");
  }

  /// ask_rest() asks for every host key and for the methods, side by side.
  void ask_rest(const SshNames& algorithms) {
    std::vector<std::pair<std::string, std::string>> wanted;  // type, algorithm
    for (const std::string& algorithm : algorithms) {
      const std::string type = key_type(algorithm);
      const bool known = std::any_of(wanted.begin(), wanted.end(),
                                     [&type](const auto& entry) { return entry.first == type; });
      if (!known) wanted.emplace_back(type, algorithm);
    }
    std::vector<Answer<SshHostKeyAnswer>> keys(wanted.size());
    context_.each(wanted.size() + 1, kWidth, [&](std::size_t at) {
      if (at == wanted.size()) {
        ask_methods();
        return;
      }
      const std::string& algorithm = wanted[at].second;
      keys[at] = ask<SshHostKeyAnswer>("host key " + algorithm, [&](net::Conn& conn) {
        return ssh_host_key(conn, algorithm, deadline());
      });
    });
    record_keys(keys);
  }

  void record_keys(const std::vector<Answer<SshHostKeyAnswer>>& keys) {
    std::optional<Error> gap;
    if (keys.empty())
      gap = Error{ErrorKind::protocol, "the server lists no host key algorithm", {}};
    std::vector<std::string> written;
    for (const auto& answer : keys) {
      if (!answer.value) {
        gap = answer.value.error();
        continue;
      }
      const SshHostKey& key = answer.value->key;
      if (std::find(written.begin(), written.end(), key.type) != written.end()) continue;
      written.push_back(key.type);
      facts::SshHostKey fact;
      fact.evidence = answer.evidence;
      fact.subject = subject_;
      fact.algorithm = key.type;
      fact.bits = key.bits;
      fact.fingerprint = key.fingerprint;
      runner::record(context_, fact);
    }
    cover("ssh.host-keys", gap, fmt::format("{} host key types", keys.size()));
  }

  void ask_methods() {
    // A name that nobody has, so that no account is touched and no failure counts against one.
    const std::string user = "haetae-" + to_hex(random_bytes(6));
    const auto answer = ask<SshAnswer>("authentication methods",
                                       [this, &user](net::Conn& conn) -> Result<SshAnswer> {
                                         auto session = SshSession::open(conn, deadline());
                                         if (!session) return tl::unexpected(session.error());
                                         return session->methods(user, deadline());
                                       });
    if (!answer.value) {
      cover("ssh.auth", answer.value.error());
      return;
    }
    std::vector<std::string> methods = answer.value->methods;
    if (answer.value->outcome == SshOutcome::accepted) methods.emplace_back("none");
    if (answer.value->outcome == SshOutcome::blocked) {
      cover("ssh.auth", Error{ErrorKind::closed, "the server hung up on the request", {}});
      return;
    }
    if (methods.empty()) methods.emplace_back("other");
    for (const std::string& method : methods) {
      facts::SshAuthMethod fact;
      fact.evidence = answer.evidence;
      fact.subject = subject_;
      fact.method = method;
      runner::record(context_, fact);
    }
    cover("ssh.auth", std::nullopt, "the request none with a random user name");
  }

  runner::Context& context_;
  declaration::PortName port_;
  std::string subject_;
};

Result<void> run(runner::Context& context) {
  return each_tcp_service(
      context, [](const facts::Service& service) { return service.protocol == "ssh"; },
      [&](const declaration::PortName& port) { Endpoint(context, port).learn(); });
}

}  // namespace

runner::Procedure ssh() {
  runner::Procedure out;
  out.info.id = "ssh";
  out.info.title = {.ko = "SSH 알고리즘·호스트 키·인증 방법 조사",
                    .en = "SSH algorithms, host keys and authentication methods"};
  out.info.hazard = Hazard::safe;
  out.info.requires_facts = {"port", "service"};
  out.info.provides_facts = {"ssh_server", "ssh_algorithm", "ssh_host_key", "ssh_auth_method"};
  out.info.topics = {"ssh.algorithms", "ssh.host-keys", "ssh.auth"};
  out.info.connections = 8;
  out.info.expected = 2s;
  out.run = run;
  return out;
}

}  // namespace haetae::testcases
