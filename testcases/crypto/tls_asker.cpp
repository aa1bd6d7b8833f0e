#include "testcases/crypto/tls_asker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace haetae::testcases {

using namespace protocols;

namespace {

// A microcontroller needs seconds for one RSA signature; once its speed is known, less will do.
constexpr Duration kAnswer = 8s;
constexpr Duration kLeastAnswer = 2s;
constexpr int kSlower = 20;
constexpr int kMostSilences = 3;
// From this round trip on, waiting and not the device's work is what takes the time.
constexpr std::chrono::milliseconds kFar{5};
constexpr int kConnectTries = 3;
constexpr std::size_t kSmallGroup = 12;

std::vector<std::uint16_t> ordinary_suites(TlsVersion version) {
  if (version == TlsVersion::tls1_3) return {0x1301, 0x1302, 0x1303};
  if (version == TlsVersion::tls1_2) {
    return {0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e, 0x009c, 0xc013, 0xc014, 0x0033, 0x002f, 0x0035};
  }
  return {0xc013, 0xc014, 0xc009, 0xc00a, 0x0033, 0x0039, 0x002f, 0x0035, 0x000a, 0x0005, 0x0004};
}

ClientHello ordinary(TlsVersion version, const std::vector<KeyShare>& shares) {
  return {.version = version,
          .suites = ordinary_suites(version),
          .groups = {29, 23, 24, 25},
          .schemes = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0807,
                      0x0201, 0x0203},
          .key_shares = version == TlsVersion::tls1_3 ? shares : std::vector<KeyShare>{},
          .extensions = Extensions::few};
}

/// The outcome of one step of a chain.
ChainEnd judge(const Asked& asked, Chain& chain) {
  if (!asked.connected) return ChainEnd::unreached;
  const HelloAnswer& answer = asked.answer;
  if (answer.reply == Reply::alert) {
    return says_no(answer.alert()) ? ChainEnd::refused : ChainEnd::unclear;
  }
  if (answer.reply != Reply::answered) return ChainEnd::unclear;
  const auto version = static_cast<std::uint16_t>(chain.version);
  if (answer.flight.hello->version < version) return ChainEnd::refused;
  if (answer.flight.hello->version > version) return ChainEnd::unclear;
  const std::uint16_t suite = answer.flight.hello->suite;
  const auto known = std::any_of(chain.accepted.begin(), chain.accepted.end(),
                                 [suite](const Accepted& entry) { return entry.suite == suite; });
  if (!known) {
    chain.accepted.push_back({.version = chain.version,
                              .suite = suite,
                              .flight = answer.flight,
                              .evidence = asked.evidence});
  }
  // A server that insists on a suite that was not offered would be asked for ever.
  if (std::erase(chain.left, suite) == 0) return ChainEnd::refused;
  return ChainEnd::exhausted;  // of this step: go on
}

}  // namespace

bool says_no(std::uint8_t alert) { return alert == 40 || alert == 70 || alert == 71; }

std::vector<std::uint16_t> all_groups() {
  std::vector<std::uint16_t> out;
  for (const NamedNumber& group : tls_groups()) {
    if (group.number < 0xff00) out.push_back(static_cast<std::uint16_t>(group.number));
  }
  return out;
}

std::vector<std::uint16_t> usual_groups() {
  std::vector<std::uint16_t> out = all_groups();
  std::erase_if(out, [](std::uint16_t group) { return group >= 256 && group < 512; });
  return out;
}

std::vector<std::uint16_t> all_schemes() {
  std::vector<std::uint16_t> out;
  for (const NamedNumber& scheme : tls_signature_schemes()) {
    out.push_back(static_cast<std::uint16_t>(scheme.number));
  }
  return out;
}

Asker::Asker(runner::Context& context, declaration::PortName port)
    : context_(context), port_(std::move(port)), shares_(fresh_key_shares()), patience_(kAnswer) {}

SteadyTime Asker::deadline() const { return context_.clock().now() + patience_; }

Result<std::unique_ptr<net::Conn>> Asker::connect(std::string_view label) {
  Duration pause = 100ms;
  for (int round = 1;; ++round) {
    auto conn = context_.connect(port_, label);
    const bool again = !conn && (conn.error().kind == ErrorKind::refused ||
                                 conn.error().kind == ErrorKind::timed_out ||
                                 conn.error().kind == ErrorKind::closed);
    if (!again || round == kConnectTries) return conn;
    // Small devices refuse for a moment when their connection table is full.
    if (!context_.clock().sleep(pause, context_.stop())) return conn;
    pause *= 4;
  }
}

Asked Asker::ask(const ClientHello& hello, std::string_view label) {
  Asked out;
  auto conn = connect(label);
  if (!conn) {
    out.problem = conn.error().message();
    return out;
  }
  out.connected = true;
  out.evidence = (*conn)->evidence();
  out.answer = say_hello(**conn, hello, deadline());
  (*conn)->close();
  return out;
}

Result<std::unique_ptr<TlsConn>> Asker::handshake(const TlsOptions& options, std::string_view label,
                                                  EvidenceId& evidence) {
  auto conn = connect(label);
  if (!conn) return tl::unexpected(conn.error());
  evidence = (*conn)->evidence();
  return wrap_tls(std::move(*conn), options, deadline());
}

bool Asker::find_reference() {
  mute_ = true;
  int silences = 0;
  for (const TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3, TlsVersion::tls1_0,
                                   TlsVersion::tls1_1, TlsVersion::ssl3}) {
    const ClientHello hello = ordinary(version, shares_);
    const SteadyTime start = context_.clock().now();
    const Asked asked = ask(hello, fmt::format("reference hello of {}", word(version)));
    if (asked.connected && asked.answer.reply != Reply::silent) mute_ = false;
    if (asked.answer.reply != Reply::answered) {
      // Who was silent once will hardly be slow twice; three questions have to do.
      if (mute_ && ++silences == kMostSilences) break;
      if (mute_) patience_ = kLeastAnswer;
      continue;
    }
    reference_ = hello;
    reference_took_ = context_.clock().now() - start;
    patience_ = std::clamp<Duration>(reference_took_ * kSlower, kLeastAnswer, kAnswer);
    return true;
  }
  patience_ = kAnswer;
  return false;
}

void Asker::adopt_reference(const Accepted& accepted) {
  if (reference_) return;
  reference_ = ordinary(accepted.version, shares_);
  reference_->suites = {accepted.suite};
  reference_->groups = usual_groups();
  reference_->extensions = Extensions::usual;
}

std::size_t Asker::width() const {
  if (reference_took_ > 1s) return 1;
  if (reference_took_ > 300ms) return 2;
  return context_.door().stress().baseline > kFar ? 16 : 8;
}

bool Asker::reference_works() {
  if (!reference_) return false;
  return ask(*reference_, "reference hello again").answer.reply == Reply::answered;
}

void Asker::run(Chain& chain, Extensions extensions) {
  const bool v13 = chain.version == TlsVersion::tls1_3;
  ClientHello hello{.version = chain.version,
                    .groups = usual_groups(),
                    .schemes = all_schemes(),
                    .key_shares = v13 ? shares_ : std::vector<KeyShare>{},
                    .extensions = extensions};
  if (v13) hello.groups = all_groups();
  if (extensions != Extensions::usual) {
    const ClientHello plain = ordinary(chain.version, shares_);
    hello.groups = plain.groups;
    hello.schemes = plain.schemes;
  }
  chain.end = ChainEnd::exhausted;
  while (!chain.left.empty()) {
    if (context_.stop().stop_requested()) {
      chain.end = ChainEnd::unreached;
      chain.detail = "the run was asked to stop";
      return;
    }
    hello.suites = chain.left;
    const Asked asked =
        ask(hello, fmt::format("{}, {} suites offered", word(chain.version), chain.left.size()));
    chain.evidence = asked.evidence;
    chain.detail = asked.connected ? asked.answer.detail : asked.problem;
    chain.end = judge(asked, chain);
    if (chain.end != ChainEnd::exhausted) return;
  }
}

void Asker::settle(Chain& chain) {
  std::vector<std::uint16_t> waiting;
  std::swap(waiting, chain.left);
  ChainEnd worst = ChainEnd::refused;
  for (std::size_t at = 0; at < waiting.size(); at += kSmallGroup) {
    const auto first = waiting.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(kSmallGroup, waiting.size() - at);
    chain.left.assign(first, first + static_cast<std::ptrdiff_t>(count));
    run(chain, Extensions::few);
    if (chain.end == ChainEnd::unclear) {
      const bool bare = chain.version != TlsVersion::tls1_3;
      run(chain, bare ? Extensions::none : Extensions::few);
      if (chain.end == ChainEnd::unclear && reference_works()) chain.end = ChainEnd::refused;
    }
    if (chain.end == ChainEnd::unclear || chain.end == ChainEnd::unreached) {
      worst = chain.end;
      // What is silent stays silent: the other groups would only take the device's time.
      break;
    }
  }
  chain.end = worst;
}

}  // namespace haetae::testcases
