#include <algorithm>

#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "testcases/software/record_reader.hpp"

/// Whether the record of security events can be erased or filled by those who must not: nobody,
/// and accounts of a lesser role. Every reading is a login of its own, so that there is always a
/// newest record that can be missed afterwards.
namespace haetae::testcases {
namespace {

constexpr std::string_view kTopic = "record.erase";

class Erasing {
 public:
  explicit Erasing(runner::Context& context)
      : context_(context), records_(*context.device().records) {}

  void run() {
    if (!read_again() || !read_again()) return finish();
    if (marker_.empty()) {
      lost("a login leaves no new record, so that none could be missed", Cause::device);
      return finish();
    }
    overflow();
    if (records_.erase) erase_by_all();
    finish();
  }

 private:
  void lost(const std::string& why, Cause cause) {
    if (!why_.empty()) return;
    why_ = why;
    cause_ = cause;
  }

  void finish() {
    const std::string tried = std::to_string(done_) + " trials";
    context_.cover(why_.empty() ? whole(std::string(kTopic), "lan", tried)
                                : gap(std::string(kTopic), "lan", cause_, why_, tried));
  }

  /// read_again() reads, and takes what is new as the marker.
  bool read_again() {
    auto now = read_anew(context_, *records_.read);
    if (!now) {
      lost(now.error().message(), cause_of(now.error()));
      return false;
    }
    if (!now->whole) lost("the record is longer than what is read of it", Cause::tool);
    marker_ = new_lines(before_, *now);
    before_ = std::move(*now);
    return true;
  }

  /// became() reads the record and looks for the marker from before.
  std::string became(EvidenceId& evidence) {
    const std::vector<std::string> marker = marker_;
    // Times are written in seconds: the login of this reading must not look like the one before.
    if (marker.empty() || !context_.clock().sleep(1100ms, context_.stop()) || !read_again())
      return "unknown";
    evidence = before_.evidence;
    const auto there = [&](const std::string& line) {
      return std::find(before_.lines.begin(), before_.lines.end(), line) != before_.lines.end();
    };
    return std::any_of(marker.begin(), marker.end(), there) ? "kept" : "lost";
  }

  void note(facts::RecordErase fact) {
    ++done_;
    fact.subject = "lan";
    fact.outcome = became(fact.evidence);
    if (fact.outcome == "unknown")
      lost("what became of the record after a trial could not be read", Cause::device);
    if (fact.evidence == 0) fact.evidence = before_.evidence;
    runner::record(context_, fact);
  }

  void overflow() {
    const declaration::Account* account = nullptr;
    const declaration::Login* login = nullptr;
    for (const auto& one : context_.device().accounts) {
      if ((one.role != "user" && one.role != "viewer") || !one.has_password) continue;
      for (const auto& each : context_.device().logins) {
        if (account != nullptr || each.method == "snmp" || !uses(one, each.id)) continue;
        account = &one;
        login = &each;
      }
    }
    if (account == nullptr) return;
    const auto wanted = number(context_.catalogue(), "records.overflow-events").value_or(0);
    LoginClient client(context_, *login);
    const Budget budget = budget_of(context_, login->port, account->name);
    facts::RecordErase fact;
    fact.way = "overflow";
    fact.actor = "lesser-role";
    fact.account = account->name;
    while (fact.tries < wanted && !context_.stop().stop_requested()) {
      context_.progress(static_cast<std::size_t>(fact.tries), static_cast<std::size_t>(wanted),
                        "logins of " + account->name);
      const auto made = booked_attempt(context_, client, account->name, account->password, budget);
      if (!made || made->answer != Answer::accepted) {
        lost("the logins of " + account->name + " that fill the record were not all accepted: " +
                 (made ? made->why : made.error().message()),
             made ? Cause::device : Cause::lab);
        break;
      }
      ++fact.tries;
    }
    fact.message = std::to_string(fact.tries) + " logins at " + login->id;
    note(std::move(fact));
  }

  void erase_as(const Actor& actor, const std::string& word, const std::string& account) {
    if (context_.stop().stop_requested()) {
      lost("the run was asked to stop", Cause::lab);
      return;
    }
    facts::RecordErase fact;
    fact.way = "erase";
    fact.actor = word;
    fact.account = account;
    fact.tries = 1;
    const auto& call = records_.erase->http;
    bool answered = false;
    const auto sent = inside(
        context_, call, actor, "the record is to be erased", [&](protocols::HttpClient& client) {
          const auto response = client.exchange(request_of(call), 15s);
          const bool nobody = actor.kind == Actor::Kind::nobody;
          answered = response && (nobody || !refused_untold(call, *response));
          fact.message = response ? words_of(*response) : printable(response.error().message());
        });
    if (!sent || !answered) {
      lost("the request to erase could not be made as " + word + " " + account + ": " +
               (sent ? fact.message : sent.error().message()),
           sent ? Cause::device : cause_of(sent.error()));
      return;
    }
    note(std::move(fact));
  }

  // Last, so that nothing is lost unless the others could not lose it: who may erase, does.
  void erase_by_all() {
    const auto& erase = *records_.erase;
    erase_as({.kind = Actor::Kind::nobody}, "nobody", "");
    if (erase.http.login.empty()) return;
    for (const auto* account : lesser_accounts(context_.device(), erase.http.login, erase.roles))
      erase_as({.kind = Actor::Kind::account, .account = account}, "lesser-role", account->name);
    for (const auto& account : context_.device().accounts) {
      const bool may =
          std::find(erase.roles.begin(), erase.roles.end(), account.role) != erase.roles.end();
      if (!may || !account.has_password || !uses(account, erase.http.login)) continue;
      erase_as({.kind = Actor::Kind::account, .account = &account}, "administrator", account.name);
      return;
    }
    lost("no account that may erase the record was handed over", Cause::declaration);
  }

  runner::Context& context_;
  const declaration::Records& records_;
  Reading before_;
  std::vector<std::string> marker_;
  std::size_t done_ = 0;
  std::string why_;
  Cause cause_ = Cause::none;
};

Result<void> try_to_erase(runner::Context& context) {
  const auto& records = context.device().records;
  if (!records || !records->read)
    context.cover(gap(std::string(kTopic), "lan", Cause::declaration,
                      "the declaration does not say how the record of events is read"));
  else
    Erasing(context).run();
  return {};
}

}  // namespace

runner::Procedure record_erase_procedure() {
  runner::Info info;
  info.id = "record-erase";
  info.title = {"감사기록 지우기와 넘치게 하기 시도",
                "attempts to erase or fill the record of events"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"record_erase"};
  info.topics = {std::string(kTopic)};
  info.exclusive = {"login", "device-state"};
  info.connections = 80;
  info.logins = 60;
  info.expected = std::chrono::seconds(10);
  info.deadline = std::chrono::seconds(900);
  info.recovery = {"지우기 전의 기록은 증거로 남는다. 제품에서 지워진 기록은 돌아오지 않는다.",
                   "The record as it was before stays in the evidence; what is erased on the "
                   "device does not come back."};
  return {.info = std::move(info),
          .run = try_to_erase,
          .recover = [](runner::Context&) -> Result<void> { return {}; }};
}

}  // namespace haetae::testcases
