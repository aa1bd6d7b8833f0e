#include <algorithm>
#include <map>
#include <optional>

#include "testcases/authorisation/call_matrix.hpp"
#include "testcases/authorisation/content.hpp"
#include "testcases/authorisation/variants.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Every declared request, made as each account and as nobody: who is given what.
namespace haetae::testcases {
namespace {

using declaration::Call;
using protocols::HttpResponse;

constexpr std::size_t kGiven = 256 * 1024;
constexpr int kSilent = 3;

struct Heard {
  std::string outcome = "unknown";  ///< a word of call_trial.outcome
  std::string message;
  EvidenceId evidence = 0;
  HttpResponse response{};
};

class Matrix {
 public:
  Matrix(runner::Context& context, const Group& group, std::vector<Person>& people)
      : context_(context),
        group_(group),
        people_(people),
        login_(context.device().login(group.any().login)),
        variants_(variants(context.catalogue())) {}

  void work() {
    for (Person& person : people_) learn_nothing(person);
    learn_frame();
    // The rightful first: what they are given is what the others must not be given.
    try_calls(&Matrix::try_rightful);
    try_calls(&Matrix::try_others);
    try_calls(&Matrix::try_variants);
    look_at_sessions();
    for (auto& [fact, person] : rows_) {
      if (fact.outcome == "unknown") lost(fact.call + ": " + fact.message, Cause::device);
      if (fact.undone == "no") lost(fact.call + " could not be taken back", Cause::device);
      runner::record(context_, fact);
    }
    for (const auto& way : ways_) runner::record(context_, way.first);
  }

  [[nodiscard]] const std::string& why() const { return why_; }
  [[nodiscard]] Cause cause() const { return cause_; }

 private:
  void lost(std::string why, Cause cause) {
    if (!why_.empty()) return;
    why_ = printable(why);
    cause_ = cause;
  }

  // What a person gets for a path that cannot exist, at the top and beside what is asked for: a
  // device may answer 200 to everything.
  void learn_nothing(Person& person) {
    if (person.client == nullptr || silent_ >= kSilent) return;
    ask_nothing(person, random_path());
    silent_ = person.nothing.empty() ? silent_ + 1 : 0;
    if (silent_ != 0) return;
    std::vector<std::string> folders;
    for (const Call* call : group_.calls) {
      const auto path = call->http.path.substr(0, call->http.path.find('?'));
      const auto folder = path.substr(0, path.rfind('/'));
      if (folder.empty() || folders.size() == 4 ||
          std::find(folders.begin(), folders.end(), folder) != folders.end())
        continue;
      folders.push_back(folder);
      ask_nothing(person, folder + random_path());
    }
  }

  // What stands on every page: the words of the first page and of the login, as nobody sees them.
  void learn_frame() {
    for (Person& person : people_) {
      if (person.account != nullptr || person.client == nullptr || silent_ >= kSilent) continue;
      for (const std::string& path : {std::string("/"), login_ == nullptr ? "" : login_->path}) {
        if (path.empty()) continue;
        const auto page = person.client->get(path);
        if (page && frame_.size() < kGiven) frame_ += page->body + "\n";
      }
    }
  }

  void ask_nothing(Person& person, const std::string& path) {
    auto response = person.client->get(path);
    if (!response) {
      person.client->close();
      response = person.client->get(path);
    }
    if (response && !response->broken_off()) person.nothing.push_back(sameness(*response, path));
  }

  Heard hear(const Call& call, Person& person, const HttpResponse* right) {
    Heard heard;
    auto response = make(call, person);
    if (!response) {
      heard.message = printable(response.error().message());
      heard.evidence = person.client->evidence();
      return heard;
    }
    heard.response = std::move(*response);
    heard.evidence = heard.response.evidence;
    heard.message = words_of(heard.response);
    heard.outcome = judged(call, person, heard, right);
    return heard;
  }

  // An answer that says yes counts only if it differs from the one to everything, and, made by
  // somebody without the right to it, if it gives what the rightful one was given.
  std::string judged(const Call& call, const Person& person, Heard& heard,
                     const HttpResponse* right) {
    const HttpResponse& response = heard.response;
    const Told told = told_by(call.http, response);
    // Nobody has no session that a token could belong to: that it was not given is the refusal.
    if (person.account != nullptr && refused_untold(call.http, response)) return "unknown";
    if (told == Told::refused) return "refused";
    if (told == Told::nothing && right != nullptr && !call.changes && !may(call, person) &&
        lacks_success(call.http, response, *right, common(person)))
      return "refused";
    if (told == Told::nothing || response.broken_off()) return "unknown";
    if (person.nothing.empty()) {
      heard.message = "a path that cannot exist was not answered to compare with";
      return "unknown";
    }
    for (const Sameness& nothing : person.nothing) {
      if (!nothing.holds(response, call.http.path)) continue;
      if (right != nullptr && !call.changes) return "refused";
      heard.message = "the answer is the one that every path gets: " + heard.message;
      return "unknown";
    }
    if (may(call, person)) return "granted";
    if (right == nullptr) return "unknown";
    const bool asks = !protocols::login_forms(response.body).empty() &&
                      protocols::login_forms(right->body).empty();
    if (asks) return "refused";
    if (response.body.empty() && right->body.empty()) return "granted";
    const auto given = given_.find(&person);
    switch (alike(response, *right, given == given_.end() ? "" : given->second.text)) {
      case Alike::same: return "granted";
      case Alike::unlike:
        if (!call.changes) return "refused";
        break;
      case Alike::undecided: break;
    }
    heard.message =
        "neither refused nor like the answer to the rightful role; a failure-text would tell: " +
        heard.message;
    return "unknown";
  }

  // What stands on pages that a person may see.
  std::string common(const Person& person) const {
    const auto given = given_.find(&person);
    return (given == given_.end() ? "" : given->second.text) + "\n" + frame_;
  }

  // `restores` is the call that this one takes back, if it is there to do that.
  const Call* restores(const Call& call) const {
    for (const Call* other : group_.calls) {
      if (other == &call) return nullptr;
      if (other->undo == call.id) return other;
    }
    return nullptr;
  }

  const Call* undo_of(const Call& call) const {
    if (restores(call) != nullptr) return &call;
    for (const Call* other : group_.calls)
      if (other->id == call.undo) return other;
    return nullptr;
  }

  bool done_by_right(const Call& call) {
    Person* person = rightful(call, people_);
    if (person == nullptr) return false;
    const auto response = make(call, *person);
    return response && told_by(call.http, *response) == Told::done;
  }

  facts::CallTrial& note(const Call& call, Person& person) {
    facts::CallTrial fact;
    fact.subject = call.http.port.subject();
    fact.call = call.id;
    fact.account = person.name();
    fact.role = person.role();
    fact.owner = call.owner;
    fact.changes = yes_no(call.changes);
    fact.allowed = yes_no(may(call, person));
    fact.undone = "not-needed";
    rows_.emplace_back(std::move(fact), &person);
    return rows_.back().first;
  }

  Heard try_one(const Call& call, Person& person, const HttpResponse* right) {
    facts::CallTrial& fact = note(call, person);
    Heard heard;
    heard.evidence = default_evidence();
    if (silent_ >= kSilent && person.client != nullptr) {
      // A service that no longer answers is not waited for call by call.
      person.client = nullptr;
      person.why = "the service stopped answering";
      person.cause = Cause::device;
    }
    if (person.client == nullptr) {
      heard.message = person.why;
    } else if (call.changes && undo_of(call) == nullptr) {
      heard.outcome = "no-undo";
      heard.message = "the declaration names no call that takes it back";
    } else if (const Call* changed = restores(call);
               changed != nullptr && !done_by_right(*changed)) {
      heard.message = changed->id + " could not be made before it";
    } else {
      heard = hear(call, person, right);
      silent_ = heard.response.status == 0 ? silent_ + 1 : 0;
      if (call.changes && heard.outcome != "refused")
        fact.undone = yes_no(done_by_right(*undo_of(call)));
      else if (restores(call) != nullptr)
        fact.undone = yes_no(done_by_right(call));
    }
    fact.outcome = heard.outcome;
    fact.message = heard.message;
    fact.evidence = heard.evidence != 0 ? heard.evidence : default_evidence();
    return heard;
  }

  void try_calls(void (Matrix::*one)(const Call&)) {
    for (const Call* call : group_.calls) {
      if (context_.stop().stop_requested()) {
        lost("the run was asked to stop", Cause::lab);
        return;
      }
      (this->*one)(*call);
    }
  }

  void try_rightful(const Call& call) {
    for (Person& person : people_) {
      if (!may(call, person)) continue;
      Heard heard = try_one(call, person, nullptr);
      if (heard.outcome != "granted") continue;
      Given& given = given_[&person];
      if (!call.changes && given.call == nullptr) given.call = &call;
      if (given.text.size() < kGiven) given.text += heard.response.body + "\n";
      rights_.try_emplace(&call, std::move(heard.response));
    }
  }

  void try_others(const Call& call) {
    const auto right = rights_.find(&call);
    for (Person& person : people_)
      if (!may(call, person))
        (void)try_one(call, person, right == rights_.end() ? nullptr : &right->second);
    for (const auto& account : context_.device().accounts) {
      const bool here = std::any_of(people_.begin(), people_.end(), [&](const Person& person) {
        return person.account == &account;
      });
      if (here) continue;
      Person outsider;
      outsider.account = &account;
      facts::CallTrial& fact = note(call, outsider);
      rows_.back().second = nullptr;
      fact.outcome = "no-login";
      fact.message = "the account has no login there";
      fact.evidence = default_evidence();
    }
  }

  // What was refused, written in other ways. A call that changes the device is not written anew.
  void try_variants(const Call& call) {
    const auto right = rights_.find(&call);
    if (call.changes || right == rights_.end()) return;
    for (Person& person : people_) {
      if (person.client == nullptr || may(call, person) || !was_refused(call, person)) continue;
      for (const std::string& variant : variants_) {
        if (context_.stop().stop_requested()) return;
        const Variant tried = try_variant(call, person, variant, right->second,
                                          {given_[&person].text, common(person)});
        facts::CallBypass fact;
        fact.evidence = tried.evidence != 0 ? tried.evidence : default_evidence();
        fact.subject = call.http.port.subject();
        fact.call = call.id;
        fact.account = person.name();
        fact.role = person.role();
        fact.variant = variant;
        fact.outcome = tried.outcome;
        fact.message = tried.message;
        ways_.emplace_back(std::move(fact), &person);
      }
    }
  }

  bool was_refused(const Call& call, const Person& person) const {
    return std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
      return row.second == &person && row.first.call == call.id && row.first.outcome == "refused";
    });
  }

  // A refusal to a session that had ended says nothing about the role.
  void look_at_sessions() {
    for (Person& person : people_) {
      if (person.client == nullptr) continue;
      auto alive = lives(login_, person);
      const Call* given = given_[&person].call;
      if (!alive && given != nullptr) alive = hear(*given, person, nullptr).outcome == "granted";
      if (alive && *alive) continue;
      const std::string why = alive ? "the session had ended before it could be looked at again"
                                    : printable(alive.error().message());
      for (auto& [fact, owner] : rows_) {
        if (owner != &person || fact.outcome != "refused") continue;
        fact.outcome = "unknown";
        fact.message = why;
      }
      for (auto& [fact, owner] : ways_)
        if (owner == &person && fact.outcome == "refused") fact.outcome = "unknown";
    }
  }

  EvidenceId default_evidence() {
    if (evidence_ != 0) return evidence_;
    std::string text;
    for (const Call* call : group_.calls)
      text += call->id + " " + call->http.method + " " + call->http.path + "\n";
    for (const Person& person : people_)
      text += person.role() + " " + person.name() + " " +
              (person.why.empty() ? "with a session" : person.why) + "\n";
    evidence_ = context_.recorder().attach(group_.any().port.subject(), "who makes which calls",
                                           "text/plain", as_bytes(text));
    return evidence_;
  }

  runner::Context& context_;
  const Group& group_;
  std::vector<Person>& people_;
  const declaration::Login* login_;
  const std::vector<std::string> variants_;
  std::vector<std::pair<facts::CallBypass, Person*>> ways_;
  std::vector<std::pair<facts::CallTrial, Person*>> rows_;
  std::string frame_;
  int silent_ = 0;  ///< calls without an answer, one behind the other
  /// What a person was rightly given, and by which call that changes nothing.
  struct Given {
    std::string text;
    const Call* call = nullptr;
  };
  std::map<const Person*, Given> given_;
  std::map<const Call*, HttpResponse> rights_;
  EvidenceId evidence_ = 0;
  std::string why_;
  Cause cause_ = Cause::none;
};

Result<void> try_calls(runner::Context& context) {
  if (context.device().calls.empty()) {
    context.cover(gap("calls", "lan", Cause::declaration,
                      "the declaration does not say what the device can be asked to do"));
    return {};
  }
  struct Reason {
    std::string why;
    Cause cause = Cause::none;
    std::size_t calls = 0;
  };
  std::map<std::string, Reason> subjects;
  std::size_t done = 0;
  const auto all = groups(context);
  for (const Group& group : all) {
    Reason& reason = subjects[group.any().port.subject()];
    reason.calls += group.calls.size();
    context.progress(done++, all.size(), group.any().port.subject());
    with_people(context, group, [&](std::vector<Person>& people) {
      Matrix matrix(context, group, people);
      matrix.work();
      if (reason.why.empty()) reason.why = matrix.why(), reason.cause = matrix.cause();
    });
  }
  for (const auto& [subject, reason] : subjects) {
    const std::string tried = std::to_string(reason.calls) + " declared calls";
    context.cover(reason.why.empty() ? whole("calls", subject, tried)
                                     : gap("calls", subject, reason.cause, reason.why, tried));
  }
  context.cover(whole("calls", "lan", std::to_string(context.device().calls.size()) + " calls"));
  return {};
}

/// take_back() makes every call that takes another one back.
Result<void> take_back(runner::Context& context) {
  std::string trouble;
  const auto& calls = context.device().calls;
  for (std::size_t index = 0; index < calls.size(); ++index) {
    const Call* undo = context.device().call(calls[index].undo);
    // A call that only stands there to take back an earlier one is not taken back itself.
    const bool restorer =
        std::any_of(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(index),
                    [&](const Call& earlier) { return earlier.undo == calls[index].id; });
    if (undo == nullptr || restorer) continue;
    bool made = false;
    with_people(context, {{undo}}, [&](std::vector<Person>& people) {
      if (const Person* person = rightful(*undo, people)) {
        const auto response = make(*undo, *person);
        made = response && told_by(undo->http, *response) == Told::done;
      }
    });
    if (!made && trouble.empty()) trouble = undo->id;
  }
  if (trouble.empty()) return {};
  return fail(ErrorKind::refused,
              "the call " + trouble + " could not be made to take back a change; make it by hand");
}

}  // namespace

runner::Procedure calls_procedure() {
  runner::Info info;
  info.id = "calls";
  info.title = {"역할별 관리 기능 호출", "declared calls as each role and as nobody"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"declared_call", "login_surface"};
  info.provides_facts = {"call_trial", "call_bypass"};
  info.topics = {"calls"};
  info.exclusive = {"login", "device-state"};
  info.connections = 12;
  info.logins = 8;
  info.expected = std::chrono::seconds(3);
  info.deadline = std::chrono::seconds(300);
  info.recovery = {"바꾼 것은 선언된 되돌리기 호출로 되돌린다.",
                   "Takes each change back by the declared call for it."};
  return {.info = std::move(info), .run = try_calls, .recover = take_back};
}

}  // namespace haetae::testcases
