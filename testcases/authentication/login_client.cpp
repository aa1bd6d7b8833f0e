#include "testcases/authentication/login_client.hpp"

#include <algorithm>
#include <mutex>

#include "harness/protocols/ftp.hpp"
#include "harness/protocols/mqtt.hpp"
#include "harness/protocols/rtsp.hpp"
#include "harness/protocols/snmp.hpp"
#include "harness/protocols/ssh_session.hpp"
#include "harness/protocols/telnet.hpp"
#include "testcases/authentication/http_login.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {
namespace {

constexpr Duration kSlowLogin = 12s;  // PAM and busybox wait about 3 s before a refusal

Answer answer_of(const protocols::LoginAnswer& answer) {
  // Access that nobody had to log in for says nothing about the credential.
  if (!answer.needs_login) return Answer::accepted;
  switch (answer.outcome) {
    case protocols::LoginOutcome::accepted: return Answer::accepted;
    case protocols::LoginOutcome::refused: return Answer::refused;
    case protocols::LoginOutcome::blocked: return Answer::blocked;
    case protocols::LoginOutcome::unknown: return Answer::unknown;
  }
  return Answer::unknown;
}

Attempt failed(const Error& error, EvidenceId evidence) {
  return {.answer = Answer::unknown,
          .evidence = evidence,
          .took = {},
          .why = printable(error.message()),
          .cookies = {}};
}

Attempt from_line(const Result<protocols::LoginAnswer>& answer, EvidenceId evidence) {
  if (!answer) return failed(answer.error(), evidence);
  return {.answer = answer_of(*answer),
          .evidence = evidence,
          .took = answer->took,
          .why = answer->why,
          .cookies = {}};
}

Attempt from_ssh(const Result<protocols::SshAnswer>& answer, EvidenceId evidence) {
  if (!answer) return failed(answer.error(), evidence);
  Attempt out{.evidence = evidence, .took = {}, .why = printable(answer->detail), .cookies = {}};
  switch (answer->outcome) {
    case protocols::SshOutcome::accepted:
    case protocols::SshOutcome::partial: out.answer = Answer::accepted; break;
    case protocols::SshOutcome::refused: out.answer = Answer::refused; break;
    case protocols::SshOutcome::blocked: out.answer = Answer::blocked; break;
  }
  return out;
}

}  // namespace

std::string_view word(Answer answer) {
  switch (answer) {
    case Answer::accepted: return "accepted";
    case Answer::refused: return "refused";
    case Answer::blocked: return "blocked";
    case Answer::unknown: return "unknown";
  }
  return "unknown";
}

struct LoginClient::State {
  runner::Context& context;
  declaration::Login surface;
  std::unique_ptr<HttpLogin> web;

  [[nodiscard]] Target target() const { return {.port = surface.port, .tls = surface.tls}; }
  [[nodiscard]] Attempt stream(const std::string& user, const std::string& password);
  [[nodiscard]] Attempt community(const std::string& name);
};

LoginClient::LoginClient(runner::Context& context, declaration::Login surface)
    : state_(std::make_unique<State>(State{context, std::move(surface), nullptr})) {
  if (state_->surface.method.starts_with("http-"))
    state_->web = std::make_unique<HttpLogin>(context, state_->surface);
}
LoginClient::~LoginClient() = default;
LoginClient::LoginClient(LoginClient&&) noexcept = default;

const declaration::Login& LoginClient::surface() const { return state_->surface; }

Attempt LoginClient::State::stream(const std::string& user, const std::string& password) {
  auto conn = open(context, target(), surface.method + " login", 5s);
  if (!conn) return failed(conn.error(), 0);
  const EvidenceId evidence = (*conn)->evidence();
  Clock& clock = context.clock();
  const SteadyTime begin = clock.now();
  const SteadyTime deadline = begin + kSlowLogin;
  if (surface.method == "ssh") {
    Attempt out = from_ssh(protocols::ssh_login(**conn, user, password, deadline), evidence);
    out.took = clock.now() - begin;
    return out;
  }
  if (surface.method == "telnet")
    return from_line(protocols::telnet::login(**conn, user, password, clock, deadline), evidence);
  if (surface.method == "ftp")
    return from_line(protocols::ftp::login(**conn, user, password, clock, deadline), evidence);
  if (surface.method == "mqtt")
    return from_line(
        protocols::mqtt::login(**conn, protocols::mqtt::Version::v3_1_1,
                               protocols::mqtt::Credential{user, password}, clock, deadline),
        evidence);
  if (surface.method == "rtsp") {
    const Endpoint endpoint{context.address(), surface.port.number};
    const std::string path = surface.path.empty() ? "/" : surface.path;
    return from_line(protocols::rtsp::login(**conn, protocols::rtsp::uri(endpoint, path), user,
                                            password, clock, deadline),
                     evidence);
  }
  return {.answer = Answer::unknown,
          .evidence = evidence,
          .took = {},
          .why = "no client for the method " + printable(surface.method, 40),
          .cookies = {}};
}

Attempt LoginClient::State::community(const std::string& name) {
  const Endpoint endpoint{context.address(), surface.port.number};
  const std::vector<std::string> names{name};
  auto answers = protocols::snmp::try_communities(context.door(), endpoint, surface.port.subject(),
                                                  names, 1s, context.recorder(), context.stop());
  if (!answers) return failed(answers.error(), 0);
  Attempt out;
  out.took = 1s;
  for (const auto& answer : *answers) {
    out.evidence = answer.evidence;
    if (!answer.answered) continue;
    out.answer = Answer::accepted;
    out.why = "the agent answered this community";
    return out;
  }
  // An agent is silent to a wrong community: silence counts only from an agent that is alive.
  auto engine = protocols::snmp::discover_engine(context.door(), endpoint, surface.port.subject(),
                                                 1s, context.recorder(), context.stop());
  const bool alive = engine && engine->answered;
  out.answer = alive ? Answer::refused : Answer::unknown;
  out.why = alive ? "no answer to this community from an agent that answers engine discovery"
                  : "no answer, and nothing shows that the agent is alive";
  return out;
}

void LoginClient::measure() {
  if (state_->web) state_->web->measure();
}

Attempt LoginClient::attempt(const std::string& user, const std::string& password) {
  if (state_->web) return state_->web->attempt(user, password, {});
  if (state_->surface.method == "snmp") return state_->community(password);
  return state_->stream(user, password);
}

void LoginClient::plant(std::map<std::string, std::string> cookies) {
  if (state_->web) state_->web->plant(std::move(cookies));
}

Attempt LoginClient::session(const std::string& user, const std::string& password,
                             const std::function<void(protocols::HttpClient&)>& work) {
  if (state_->web) return state_->web->attempt(user, password, work);
  return {.answer = Answer::unknown,
          .evidence = 0,
          .took = {},
          .why = "a session can be kept over HTTP only",
          .cookies = {}};
}

Budget budget_of(const runner::Context& context, const declaration::PortName& port,
                 std::string_view account) {
  const declaration::Declaration& device = context.device();
  const declaration::LockoutPolicy& lockout = device.lockout;
  Budget out;
  const bool declared_lockout = lockout.declared && lockout.failures > 0;
  if (declared_lockout) {
    out.policy.failures = std::max(1, lockout.failures - 1);
    out.policy.window = std::max(lockout.block, out.policy.window);
    out.policy.success_resets = lockout.success_resets;
  }
  if (declared_lockout && lockout.counts != "account") {
    out.keys = {{"lan", "(address)"}};
    return out;
  }
  const auto known = std::find_if(device.accounts.begin(), device.accounts.end(),
                                  [&](const auto& one) { return one.name == account; });
  const bool risk = device.permit >= Hazard::lockout_risk;
  if (known == device.accounts.end()) {
    out.keys = {{port.subject(), std::string(account)}};
    out.unbounded = risk && !device.accounts.empty();
    if (out.unbounded) out.policy.failures = 100000;
    return out;
  }
  out.keys = {{"lan", std::string(account)}};
  const bool here = std::any_of(known->logins.begin(), known->logins.end(), [&](const auto& id) {
    const auto* login = device.login(id);
    return login != nullptr && login->port == port;
  });
  // A right login elsewhere may not set back a count that this service keeps for itself.
  if (!here && !risk) out.keys.push_back({port.subject(), std::string(account)});
  return out;
}

Budget guess_budget_of(const runner::Context& context, const declaration::PortName& port,
                       std::string_view account) {
  Budget out = budget_of(context, port, account);
  const auto& accounts = context.device().accounts;
  const bool needed = std::any_of(accounts.begin(), accounts.end(), [&](const auto& one) {
    return one.name == account && one.has_password;
  });
  if (needed && !out.policy.success_resets)
    out.policy.failures = std::max(1, out.policy.failures - 1);
  return out;
}

int left(runner::Context& context, const Budget& budget) {
  int out = budget.policy.failures;
  for (const Budget::Key& key : budget.keys)
    out = std::min(out, context.ledger().left(key.subject, key.account, budget.policy));
  return out;
}

Result<Attempt> booked(runner::Context& context, const Budget& budget,
                       const std::function<Attempt()>& make, std::string_view mark) {
  std::string procedure(context.procedure());
  if (!mark.empty()) procedure += "/" + std::string(mark);
  std::vector<std::int64_t> tries;
  const auto settle = [&](net::TryOutcome outcome) -> Result<void> {
    for (const std::int64_t id : tries)
      if (auto settled = context.ledger().settle(id, outcome); !settled) return settled;
    return {};
  };
  for (const Budget::Key& key : budget.keys) {
    auto drawn = context.ledger().draw(procedure, key.subject, key.account, budget.policy);
    if (!drawn) {
      (void)settle(net::TryOutcome::unknown);
      return tl::unexpected(drawn.error());
    }
    tries.push_back(*drawn);
  }
  Attempt out = make();
  const net::TryOutcome outcome = out.answer == Answer::accepted  ? net::TryOutcome::accepted
                                  : out.answer == Answer::refused ? net::TryOutcome::refused
                                                                  : net::TryOutcome::unknown;
  if (auto settled = settle(outcome); !settled) return tl::unexpected(settled.error());
  return out;
}

Result<Attempt> booked_attempt(runner::Context& context, LoginClient& client,
                               const std::string& user, const std::string& password,
                               const Budget& budget) {
  return booked(context, budget, [&] { return client.attempt(user, password); });
}

Result<Attempt> booked_session(runner::Context& context, LoginClient& client,
                               const declaration::Account& account, const Budget& budget,
                               const std::function<void(protocols::HttpClient&)>& work,
                               std::string_view mark) {
  return booked(
      context, budget, [&] { return client.session(account.name, account.password, work); }, mark);
}

bool uses(const declaration::Account& account, std::string_view login_id) {
  return std::find(account.logins.begin(), account.logins.end(), login_id) != account.logins.end();
}

const declaration::Account* account_for(const declaration::Declaration& device,
                                        std::string_view login_id) {
  const declaration::Account* best = nullptr;
  for (const declaration::Account& account : device.accounts) {
    if (!account.has_password || !uses(account, login_id)) continue;
    if (best == nullptr || (best->sacrificial && !account.sacrificial)) best = &account;
  }
  return best;
}

std::vector<Surface> surfaces(const runner::Context& context) {
  std::vector<Surface> out;
  for (const auto& fact : runner::facts<facts::LoginSurface>(context)) {
    const auto port = port_of(fact.subject);
    if (!port) continue;
    Surface surface;
    surface.usable = fact.usable == "yes";
    surface.evidence = fact.evidence;
    surface.login.port = *port;
    surface.login.method = fact.method;
    surface.login.path = fact.path;
    surface.login.tls = fact.clear_text == "no" && fact.method != "ssh";
    for (const declaration::Login& login : context.device().logins)
      if (login.port == *port && login.method == fact.method && login.path == fact.path)
        surface.login = login;
    out.push_back(std::move(surface));
  }
  return out;
}

}  // namespace haetae::testcases
