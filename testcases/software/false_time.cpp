#include <algorithm>
#include <cstdlib>

#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "testcases/software/record_reader.hpp"
#include "testcases/software/shown_clock.hpp"
#include "testcases/software/time_server.hpp"

/// Whether the device takes a false time from those who must not set it, or from a time server that
/// proves nothing of itself. What its clock shows afterwards decides.
namespace haetae::testcases {
namespace {

constexpr std::string_view kTopic = "record.time";
constexpr std::int64_t kSmallStep = 120;  // seconds; by it a rightful change is told from none

std::string in_iso(std::int64_t seconds) {
  const WallTime time{std::chrono::seconds(seconds)};
  std::string text = iso8601(time);
  if (const auto dot = text.find('.'); dot != std::string::npos) text.replace(dot, 4, "");
  return text;
}

void put(std::string& text, const std::string& time) {
  constexpr std::string_view kPlace = "{time}";
  for (std::size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos; at += time.size())
    text.replace(at, kPlace.size(), time);
}

class Clockwork {
 public:
  explicit Clockwork(runner::Context& context)
      : context_(context), records_(*context.device().records) {}

  void run() {
    if (const auto now = look(); now) {
      ahead_ = now->ahead;
      if (records_.set_time) try_calls();
      if (records_.time_server) try_server();
    }
    const std::string tried = std::to_string(done_) + " trials";
    context_.cover(why_.empty() ? whole(std::string(kTopic), "lan", tried)
                                : gap(std::string(kTopic), "lan", cause_, why_, tried));
  }

  /// put_right() sets the clock to our time as somebody who may.
  [[nodiscard]] bool put_right() {
    if (!records_.set_time) return false;
    const Actor actor = rightful();
    if (actor.account == nullptr) return false;
    std::string message;
    if (!offer(actor, ahead_, message)) return false;
    const auto now = look();
    return now && std::abs(now->ahead - ahead_) < kSmallStep / 2;
  }

 private:
  void lost(const std::string& why, Cause cause) {
    if (!why_.empty()) return;
    why_ = why;
    cause_ = cause;
  }

  [[nodiscard]] std::optional<ShownClock> look() {
    auto shown = shown_clock(context_, *records_.show_time);
    if (shown) return *shown;
    lost("the time of the device is not shown: " + shown.error().message(),
         cause_of(shown.error()));
    return std::nullopt;
  }

  [[nodiscard]] std::int64_t wall() const {
    return std::chrono::duration_cast<std::chrono::seconds>(
               context_.clock().wall().time_since_epoch())
        .count();
  }

  [[nodiscard]] Actor rightful() const {
    const auto& call = *records_.set_time;
    Actor actor{.kind = Actor::Kind::account};
    for (const auto& account : context_.device().accounts) {
      const bool may =
          std::find(call.roles.begin(), call.roles.end(), account.role) != call.roles.end();
      if (actor.account == nullptr && may && account.has_password && uses(account, call.http.login))
        actor.account = &account;
    }
    return actor;
  }

  /// offer() sends a time so far ahead of ours; false if it could not be sent.
  bool offer(const Actor& actor, std::int64_t ahead, std::string& message) {
    declaration::HttpCall call = records_.set_time->http;
    const std::int64_t seconds = wall() + ahead;
    const std::string time =
        records_.time_form == "unix" ? std::to_string(seconds) : in_iso(seconds);
    put(call.path, time);
    for (auto& [name, value] : call.fields) put(value, time);
    bool answered = false;
    const auto sent =
        inside(context_, call, actor, "a time is offered", [&](protocols::HttpClient& client) {
          const auto response = client.exchange(request_of(call), 15s);
          const bool nobody = actor.kind == Actor::Kind::nobody;
          answered = response && (nobody || !refused_untold(call, *response));
          message = response ? words_of(*response) : printable(response.error().message());
        });
    if (!sent) message = printable(sent.error().message());
    return answered;
  }

  /// settle() looks whether the clock followed, and puts it right again.
  void settle(facts::FalseTime fact) {
    ++done_;
    fact.subject = "lan";
    const auto now = look();
    if (!now) {
      lost("the time of the device could not be read after a trial", Cause::device);
      return;
    }
    fact.evidence = now->evidence;
    // Half of the step: what a clock runs meanwhile, and a zone, are far less.
    const std::int64_t moved = std::abs(now->ahead - ahead_);
    fact.outcome = 2 * moved > std::abs(fact.offered_s) ? "accepted" : "refused";
    fact.restored = "not-needed";
    if (fact.outcome == "accepted") {
      fact.restored = put_right() ? "yes" : "no";
      if (fact.restored == "no") {
        lost("the time of the device could not be set right again", Cause::device);
        context_.log("error", "the clock of the device is left wrong");
      }
    }
    runner::record(context_, fact);
  }

  void call_as(const Actor& actor, const std::string& word, std::int64_t ahead) {
    if (context_.stop().stop_requested()) {
      lost("the run was asked to stop", Cause::lab);
      return;
    }
    facts::FalseTime fact;
    fact.way = "call";
    fact.actor = word;
    fact.account = actor.account != nullptr ? actor.account->name : "";
    fact.offered_s = ahead;
    if (!offer(actor, ahead_ + ahead, fact.message)) {
      lost("no time could be offered as " + word + " " + fact.account + ": " + fact.message,
           Cause::device);
      return;
    }
    settle(std::move(fact));
  }

  void try_calls() {
    const auto& call = *records_.set_time;
    const auto far = number(context_.catalogue(), "time.false-step").value_or(0);
    call_as({.kind = Actor::Kind::nobody}, "nobody", far);
    if (call.http.login.empty()) return;
    for (const auto* account : lesser_accounts(context_.device(), call.http.login, call.roles))
      call_as({.kind = Actor::Kind::account, .account = account}, "lesser-role", far);
    const Actor actor = rightful();
    if (actor.account == nullptr)
      lost("no account that may set the time was handed over", Cause::declaration);
    else
      call_as(actor, "administrator", kSmallStep);
  }

  void try_server() {
    const auto far = number(context_.catalogue(), "time.false-step").value_or(0);
    const ServedTime asked = serve_time(context_, *records_.time_server, ahead_ + far);
    if (!asked.answered) {
      lost(asked.why, asked.cause);
      return;
    }
    facts::FalseTime fact;
    fact.way = "ntp";
    fact.actor = "server";
    fact.offered_s = far;
    fact.message = asked.message;
    settle(std::move(fact));
  }

  runner::Context& context_;
  const declaration::Records& records_;
  std::int64_t ahead_ = 0;
  std::size_t done_ = 0;
  std::string why_;
  Cause cause_ = Cause::none;
};

Result<void> try_false_time(runner::Context& context) {
  const auto& records = context.device().records;
  if (!records || !records->show_time || (!records->set_time && !records->time_server))
    context.cover(gap(std::string(kTopic), "lan", Cause::declaration,
                      "the declaration does not say how the time is shown and set"));
  else
    Clockwork(context).run();
  return {};
}

Result<void> set_right(runner::Context& context) {
  const auto& records = context.device().records;
  if (!records || !records->show_time || !records->set_time) return {};
  if (Clockwork(context).put_right()) return {};
  return fail(ErrorKind::refused, "the time of the device could not be set right again");
}

}  // namespace

runner::Procedure false_time_procedure() {
  runner::Info info;
  info.id = "false-time";
  info.title = {"거짓 시각 제시", "offer of a false time"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"false_time"};
  info.topics = {std::string(kTopic)};
  info.exclusive = {"login", "device-state"};
  info.connections = 20;
  info.logins = 16;
  info.expected = std::chrono::seconds(5);
  info.deadline = std::chrono::seconds(600);
  info.recovery = {"시각을 설정할 수 있는 계정으로 올바른 시각을 설정하고 확인한다.",
                   "Sets the right time as an account that may, and looks at it."};
  return {.info = std::move(info), .run = try_false_time, .recover = set_right};
}

}  // namespace haetae::testcases
