#include <functional>
#include <optional>

#include "harness/formats/record_lines.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "testcases/software/record_match.hpp"
#include "testcases/software/shown_clock.hpp"

/// Whether the device records what concerns its security: each kind of event is caused, and the
/// record is read behind it.
namespace haetae::testcases {
namespace {

using protocols::HttpClient;

constexpr std::string_view kTopic = "record.events";
constexpr Duration kLook = 100ms;  // between two looks at the record

class Events {
 public:
  Events(runner::Context& context, HttpClient* reader, SyslogServer* server)
      : context_(context),
        records_(*context.device().records),
        words_(record_words(context.catalogue())),
        reader_(reader),
        server_(server) {}

  void run() {
    if (words_.events.empty() || words_.outcomes.empty())
      lost("the catalogue has no words of records", Cause::tool);
    if (records_.show_time) look_at_clock();
    for (const auto& login : context_.device().logins) {
      if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
      if (login.method != "snmp" && !stopped_) try_login(login);
    }
    for (const char* kind : {"change", "update"}) {
      if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
      const auto* event = records_.event(kind);
      if (event != nullptr && !stopped_) try_request(*event);
    }
    // Silence proves nothing where no message ever came: the way may be closed.
    const bool deaf = reader_ == nullptr && server_ != nullptr && !server_->heard();
    if (deaf)
      lost(
          "no syslog message of the device came at all, so that it is not known whether it sends "
          "any to us",
          Cause::lab);
    for (facts::RecordEvent& fact : facts_) {
      if (deaf) fact.recorded = "unknown";
      if (fact.evidence != 0) runner::record(context_, fact);
    }
    const std::string tried = std::to_string(facts_.size()) + " events";
    context_.cover(why_.empty() ? whole(std::string(kTopic), "lan", tried)
                                : gap(std::string(kTopic), "lan", cause_, why_, tried));
  }

 private:
  void lost(const std::string& why, Cause cause) {
    stopped_ = stopped_ || cause == Cause::lab;
    if (!why_.empty()) return;
    why_ = why;
    cause_ = cause;
  }

  [[nodiscard]] std::int64_t wall() const {
    return std::chrono::duration_cast<std::chrono::seconds>(
               context_.clock().wall().time_since_epoch())
        .count();
  }

  void look_at_clock() {
    const auto shown = shown_clock(context_, *records_.show_time);
    if (shown)
      ahead_ = shown->ahead;
    else
      lost("the time of the device was not shown: " + shown.error().message(),
           cause_of(shown.error()));
  }

  /// fresh() is what came since the last look.
  [[nodiscard]] bool fresh(std::vector<SeenRecord>& out) {
    if (server_ != nullptr) {
      for (SeenRecord& one : server_->take()) out.push_back(std::move(one));
      if (server_->evidence() != 0) last_ = server_->evidence();
    }
    if (reader_ == nullptr) return true;
    auto now = read_record(*reader_, *records_.read);
    if (!now) {
      lost(now.error().message(), cause_of(now.error()));
      return false;
    }
    last_ = now->evidence;
    if (!now->whole) lost("the record is longer than what is read of it", Cause::tool);
    for (const std::string& line : new_lines(before_, *now))
      out.push_back({.text = line, .content = line, .source = "read", .evidence = now->evidence});
    before_ = std::move(*now);
    return true;
  }

  struct Deed {
    facts::RecordEvent fact;
    Caused caused;
    std::function<void(facts::RecordEvent&, Caused&)> act;  ///< sets fact.caused
  };

  void witness(Deed deed) {
    std::vector<SeenRecord> seen;
    if (!fresh(seen)) return;
    seen.clear();
    if (const auto* declared = records_.event(deed.caused.event)) {
      deed.caused.text = declared->text;
      deed.caused.outcome = declared->outcome;
    }
    deed.caused.begin = wall();
    deed.act(deed.fact, deed.caused);
    deed.caused.end = wall();
    deed.caused.device_ahead = ahead_;
    const SteadyTime until = context_.clock().now() + records_.wait;
    deed.fact.recorded = "no";
    while (fresh(seen)) {
      if (match_record(seen, deed.caused, words_, deed.fact)) break;
      if (context_.clock().now() >= until || !context_.clock().sleep(kLook, context_.stop())) break;
    }
    if (!why_.empty() && stopped_) deed.fact.recorded = "unknown";
    if (deed.fact.recorded == "no") {
      deed.fact.source = "none";
      deed.fact.timed = deed.fact.subject_named = deed.fact.outcome_told = "unknown";
      if (last_ != 0) deed.fact.evidence = last_;
    }
    facts_.push_back(std::move(deed.fact));
  }

  [[nodiscard]] static Deed deed_of(std::string event, const declaration::PortName& port,
                                    std::string method, std::string path, std::string account) {
    Deed deed;
    deed.fact.subject = "lan";
    deed.fact.event = event;
    deed.fact.place = port.subject();
    deed.fact.method = std::move(method);
    deed.fact.path = std::move(path);
    deed.fact.account = account;
    deed.caused.event = std::move(event);
    deed.caused.account = std::move(account);
    return deed;
  }

  [[nodiscard]] const declaration::Account* account_of(const declaration::Login& login) const {
    for (const auto& one : context_.device().accounts)
      if (one.sacrificial && one.has_password && uses(one, login.id)) return &one;
    return account_for(context_.device(), login.id);
  }

  // The failure comes first: where a success sets the count of failures back, none is left behind.
  void try_login(const declaration::Login& login) {
    const auto* account = account_of(login);
    if (account == nullptr) {
      lost("no account with a known password was handed over for the login " + login.id,
           Cause::declaration);
      return;
    }
    context_.progress(facts_.size(), context_.device().logins.size() * 2, login.id);
    LoginClient client(context_, login);
    const Budget budget = budget_of(context_, login.port, account->name);
    for (const bool right : {false, true}) {
      Deed deed = deed_of(right ? "login" : "login-failure", login.port, login.method, login.path,
                          account->name);
      deed.caused.success = right;
      deed.act = [&](facts::RecordEvent& fact, Caused&) {
        const std::string password = right ? account->password : "W-" + to_hex(random_bytes(9));
        const auto made = booked_attempt(context_, client, account->name, password, budget);
        if (!made) {
          lost("the login " + login.id + ": " + made.error().message(), Cause::lab);
          return;
        }
        fact.evidence = made->evidence;
        const Answer wanted = right ? Answer::accepted : Answer::refused;
        fact.caused = made->answer == wanted ? "yes" : "unknown";
        if (made->answer != wanted)
          lost("the login " + login.id + " with a " + (right ? "right" : "wrong") +
                   " password was not " + (right ? "accepted" : "refused") + ": " + made->why,
               Cause::device);
      };
      witness(std::move(deed));
      if (stopped_) return;
    }
  }

  void try_request(const declaration::RecordEvent& event) {
    const auto* call = event.call.empty() ? nullptr : context_.device().call(event.call);
    const declaration::HttpCall& http = call != nullptr ? call->http : *event.cause;
    const auto* undo =
        call != nullptr && !call->undo.empty() ? context_.device().call(call->undo) : nullptr;
    if (call != nullptr && call->changes && undo == nullptr) {
      lost("the call " + call->id + " changes the device, and none is declared that takes it back",
           Cause::declaration);
      return;
    }
    const auto* account = http.login.empty() ? nullptr : account_for(context_.device(), http.login);
    Deed deed =
        deed_of(event.kind, http.port, "http", http.path, account != nullptr ? account->name : "");
    deed.act = [&](facts::RecordEvent& fact, Caused& caused) {
      const Told told = send(http, "event for the record", &fact.evidence);
      fact.caused = told == Told::nothing ? "unknown" : "yes";
      caused.success = told == Told::done;
      if (event.kind == "change" && told != Told::done) {
        fact.caused = "no";
        lost("the declared change at " + http.path + " was not made", Cause::device);
      }
      if (told == Told::nothing)
        lost("what became of the request to " + http.path + " is not clear", Cause::device);
    };
    witness(std::move(deed));
    if (undo != nullptr && send(undo->http, "the change is taken back", nullptr) != Told::done) {
      lost("the change at " + http.path + " could not be taken back by " + undo->id, Cause::device);
      context_.log("error", "the change by " + call->id + " was not taken back");
    }
  }

  Told send(const declaration::HttpCall& http, const std::string& label, EvidenceId* evidence) {
    Told told = Told::nothing;
    const auto done = inside(context_, http, {}, label, [&](HttpClient& client) {
      const auto response = client.exchange(request_of(http), 15s);
      if (!response) return;
      told = told_by(http, *response);
      if (evidence != nullptr) *evidence = response->evidence;
    });
    if (!done) lost(done.error().message(), cause_of(done.error()));
    return told;
  }

  runner::Context& context_;
  const declaration::Records& records_;
  RecordWords words_;
  HttpClient* reader_;
  SyslogServer* server_;
  Reading before_;
  std::vector<facts::RecordEvent> facts_;
  std::int64_t ahead_ = 0;
  EvidenceId last_ = 0;
  std::string why_;
  Cause cause_ = Cause::none;
  bool stopped_ = false;
};

Result<void> look_for_records(runner::Context& context) {
  const auto& records = context.device().records;
  const auto give_up = [&](Cause cause, const std::string& why) {
    context.cover(gap(std::string(kTopic), "lan", cause, why));
  };
  if (!records || (!records->read && !records->listen)) {
    give_up(Cause::declaration, "the declaration does not say how the record of events is read");
    return {};
  }
  std::unique_ptr<SyslogServer> server;
  if (records->listen) {
    auto started = SyslogServer::start(context, *records->listen);
    if (!started) {
      give_up(Cause::lab, printable(started.error().message()));
      return {};
    }
    server = std::move(*started);
  }
  if (!records->read) {
    Events(context, nullptr, server.get()).run();
    return {};
  }
  const auto done =
      inside(context, *records->read, {}, "record of events",
             [&](HttpClient& client) { Events(context, &client, server.get()).run(); });
  if (!done) give_up(cause_of(done.error()), printable(done.error().message()));
  return {};
}

// What the interrupted run may have changed is taken back; taking back what was not done does no
// harm, since both set a value.
Result<void> take_back(runner::Context& context) {
  const auto& records = context.device().records;
  const auto* event = records ? records->event("change") : nullptr;
  const auto* call = event != nullptr ? context.device().call(event->call) : nullptr;
  const auto* undo = call != nullptr ? context.device().call(call->undo) : nullptr;
  if (undo == nullptr) return {};
  Told told = Told::nothing;
  const auto done =
      inside(context, undo->http, {}, "the change is taken back", [&](HttpClient& client) {
        const auto response = client.exchange(request_of(undo->http), 15s);
        if (response) told = told_by(undo->http, *response);
      });
  if (!done) return tl::unexpected(done.error());
  if (told != Told::done)
    return fail(ErrorKind::refused, "the change by " + call->id + " could not be taken back");
  return {};
}

}  // namespace

runner::Procedure record_events_procedure() {
  runner::Info info;
  info.id = "record-events";
  info.title = {"보안 사건의 기록", "record of security events"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"record_event"};
  info.topics = {std::string(kTopic)};
  info.exclusive = {"login"};
  info.connections = 40;
  info.logins = 16;
  info.expected = std::chrono::seconds(5);
  info.deadline = std::chrono::seconds(600);
  info.recovery = {"설정 변경을 선언된 되돌리기 요청으로 되돌린다.",
                   "Takes the change of a setting back by the declared request."};
  return {.info = std::move(info), .run = look_for_records, .recover = take_back};
}

}  // namespace haetae::testcases
