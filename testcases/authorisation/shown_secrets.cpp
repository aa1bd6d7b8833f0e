#include <algorithm>
#include <map>
#include <set>

#include "harness/model/secret_forms.hpp"
#include "harness/protocols/html_tags.hpp"
#include "testcases/authorisation/call_matrix.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/reference_rows.hpp"
#include "testcases/procedures.hpp"

/// Whether the pages and answers that a session is given hold a secret of which the tester knows
/// the value, and whether their fields for passwords mask what is typed.
namespace haetae::testcases {
namespace {

using firmware::ReferenceRows;
using protocols::HttpResponse;

constexpr const char* kTopic = "shown-secrets";
constexpr int kSilent = 3;

/// Secret is a value to look for, by every form in which it may be written.
struct Secret {
  std::string whose, kind;
  bool sought = false;
  std::vector<std::string> forms{};  ///< the value itself first
};

int classes_of(std::string_view value) {
  bool lower = false, upper = false, digit = false, other = false;
  for (const char c : value) {
    const bool is_lower = c >= 'a' && c <= 'z', is_upper = c >= 'A' && c <= 'Z';
    const bool is_digit = c >= '0' && c <= '9';
    lower = lower || is_lower;
    upper = upper || is_upper;
    digit = digit || is_digit;
    other = other || (!is_lower && !is_upper && !is_digit);
  }
  return int{lower} + int{upper} + int{digit} + int{other};
}

std::vector<Secret> secrets_of(const runner::Context& context) {
  const auto length = number(context.catalogue(), "secrets.length-least");
  const auto classes = number(context.catalogue(), "secrets.classes-least");
  std::vector<Secret> out;
  const auto add = [&](const std::string& whose, const std::string& kind,
                       const std::string& value) {
    Secret one{.whose = whose, .kind = kind};
    one.sought = length && classes && static_cast<std::int64_t>(value.size()) >= *length &&
                 classes_of(value) >= *classes;
    if (one.sought) one.forms = secret_forms(value);
    out.push_back(std::move(one));
  };
  for (const auto& account : context.device().accounts) {
    if (account.has_password) add(account.name, "password", account.password);
    if (!account.factory_password.empty())
      add(account.name, "factory-password", account.factory_password);
  }
  for (const auto& canary : context.device().canaries) add(canary.name, "planted", canary.value);
  return out;
}

/// bare() is a name in lower case letters, without digits at its end.
std::string bare(std::string_view name) {
  while (!name.empty() && name.back() >= '0' && name.back() <= '9') name.remove_suffix(1);
  std::string out;
  for (const char c : protocols::html::lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

bool for_password(const protocols::html::Tag& tag, const ReferenceRows& names) {
  for (const char* attribute : {"name", "id", "autocomplete"}) {
    const std::string name = bare(tag.get(attribute));
    for (std::size_t row = 0; row < names.size() && !name.empty(); ++row) {
      const std::string known = names.text(row, "name");
      if (name == known || (names.text(row, "place") == "end" && name.ends_with(known)))
        return true;
    }
  }
  return false;
}

/// look_at_fields() is a word of secret_page.fields and the name of the field that decided.
std::pair<std::string, std::string> look_at_fields(std::string_view html,
                                                   const ReferenceRows& names) {
  protocols::html::Tags tags(html);
  protocols::html::Tag tag;
  std::pair<std::string, std::string> out{"none", ""};
  while (tags.next(tag)) {
    if (tag.name != "input") continue;
    const std::string type = protocols::html::lower(tag.get("type"));
    const std::string_view name = tag.get("name").empty() ? tag.get("id") : tag.get("name");
    if (type == "password") {
      if (out.first == "none") out = {"masked", printable(name)};
      continue;
    }
    // Without a type, or with one that nobody knows, a field shows what is typed.
    static constexpr std::string_view kOther[] = {
        "hidden", "submit", "button", "checkbox", "radio", "image", "reset", "file",
        "number", "range",  "color",  "date",     "time",  "month", "week",  "datetime-local"};
    if (std::find(std::begin(kOther), std::end(kOther), type) != std::end(kOther)) continue;
    if (for_password(tag, names)) return {"clear", printable(name)};
  }
  return out;
}

/// Place is where a page was asked for, and by whom.
struct Place {
  std::string subject, page, account;
};

class Looker {
 public:
  explicit Looker(runner::Context& context)
      : context_(context),
        secrets_(secrets_of(context)),
        names_(context.catalogue(), "password_field") {}

  void work() {
    note_secrets();
    for (const Group& group : groups(context_)) {
      if (group.any().login.empty()) continue;
      const std::string subject = group.any().port.subject();
      reasons_[subject];
      with_people(context_, group, [&](std::vector<Person>& people) {
        for (Person& person : people) look_as(group, person);
      });
    }
    for (const auto& login : context_.device().logins)
      if (login.method == "http-form" || login.method == "http-json") look_at_login(login);
    for (const auto& [subject, reason] : reasons_)
      context_.cover(reason.why.empty()
                         ? whole(kTopic, subject, tried(subject))
                         : gap(kTopic, subject, reason.cause, reason.why, tried(subject)));
    context_.cover(reasons_.empty() ? gap(kTopic, "lan", Cause::declaration,
                                          "no page that needs a login is declared")
                                    : whole(kTopic, "lan", std::to_string(asked_) + " pages"));
  }

 private:
  struct Reason {
    std::string why;
    Cause cause = Cause::none;
    std::size_t pages = 0;
  };

  std::string tried(const std::string& subject) {
    return std::to_string(reasons_[subject].pages) + " pages, " + std::to_string(secrets_.size()) +
           " secrets";
  }

  void lost(const std::string& subject, const std::string& why, Cause cause) {
    Reason& reason = reasons_[subject];
    if (!reason.why.empty()) return;
    reason.why = printable(why);
    reason.cause = cause;
  }

  // Which secrets are known, never what they are.
  void note_secrets() {
    std::string text;
    for (const Secret& one : secrets_)
      text += one.kind + " of " + one.whose + (one.sought ? "\n" : ": too short or too plain\n");
    note_ = context_.recorder().attach("lan", "secrets that are looked for in pages", "text/plain",
                                       as_bytes(text));
    for (const Secret& one : secrets_) {
      facts::SecretSought fact;
      fact.evidence = note_;
      fact.whose = one.whose;
      fact.kind = one.kind;
      fact.sought = yes_no(one.sought);
      if (known_.emplace(one.whose, one.kind).second) runner::record(context_, fact);
    }
  }

  void look_as(const Group& group, const Person& person) {
    const std::string subject = group.any().port.subject();
    if (person.account == nullptr) return;
    if (person.client == nullptr) {
      lost(subject, person.why, person.cause);
      return;
    }
    int silent = 0;
    for (const declaration::Call* call : group.calls) {
      if (call->changes || !may(*call, person)) continue;
      if (context_.stop().stop_requested()) {
        lost(subject, "the run was asked to stop", Cause::lab);
        return;
      }
      // A service that no longer answers is not waited for page by page.
      if (silent >= kSilent) return;
      const Place place{subject, call->id, person.name()};
      const auto answer = make(*call, person);
      silent = answer ? 0 : silent + 1;
      ++reasons_[subject].pages;
      ++asked_;
      if (!answer) {
        lost(subject, call->id + " was not answered: " + printable(answer.error().message()),
             cause_of(answer.error()));
        keep(place, "unknown", {"unknown", ""}, person.client->evidence());
        continue;
      }
      look(place, *answer, told_by(call->http, *answer) == Told::done);
    }
  }

  // The page of a login is found at the path of the login, or else at the top.
  void look_at_login(const declaration::Login& login) {
    const std::string subject = login.port.subject();
    reasons_[subject];
    std::set<std::string> paths{"/"};
    if (!login.path.empty()) paths.insert(login.path);
    protocols::HttpClient client = web_client(context_, {.port = login.port, .tls = login.tls},
                                              "the login page and its fields");
    for (const std::string& path : paths) {
      if (context_.stop().stop_requested() || !pages_.insert(subject + path).second) continue;
      const auto answer = client.get(path);
      if (!answer) {
        lost(subject, path + " was not answered: " + printable(answer.error().message()),
             cause_of(answer.error()));
        return;
      }
      ++reasons_[subject].pages;
      ++asked_;
      // A path that takes the credential alone, or leads away, has no fields of its own.
      const bool given = answer->status >= 200 && answer->status < 300;
      if (given || path == "/") look({subject, path, ""}, *answer, true);
    }
  }

  void look(const Place& place, const HttpResponse& answer, bool given) {
    if (!given) {
      keep(place, "not-given", {"unknown", ""}, answer.evidence);
      return;
    }
    std::string text = answer.body;
    for (const auto& field : answer.fields) text += "\n" + field.value;
    for (const Secret& one : secrets_) search(place, one, text, answer.evidence);
    const bool packed =
        !answer.field("Content-Encoding").empty() && answer.field("Content-Encoding") != "identity";
    const bool scanned = answer.body.size() <= protocols::html::kScanLimit;
    auto fields = look_at_fields(answer.body, names_);
    if ((packed || answer.truncated || !scanned) && fields.first != "clear")
      fields.first = "unknown";
    keep(place, packed || answer.truncated ? "partly" : "whole", fields, answer.evidence);
  }

  void search(const Place& place, const Secret& secret, std::string_view text,
              EvidenceId evidence) {
    for (std::size_t form = 0; form < secret.forms.size(); ++form) {
      if (text.find(secret.forms[form]) == std::string_view::npos) continue;
      facts::SecretShown fact;
      fact.evidence = evidence;
      fact.subject = place.subject;
      fact.page = place.page;
      fact.account = place.account;
      fact.whose = secret.whose;
      fact.kind = secret.kind;
      fact.form = form == 0 ? "clear" : "encoded";
      runner::record(context_, fact);
      return;
    }
  }

  void keep(const Place& place, const std::string& looked,
            const std::pair<std::string, std::string>& fields, EvidenceId evidence) {
    facts::SecretPage fact;
    fact.evidence = evidence != 0 ? evidence : note_;
    fact.subject = place.subject;
    fact.page = place.page;
    fact.account = place.account;
    fact.looked = looked;
    fact.fields = fields.first;
    fact.field = fields.second;
    runner::record(context_, fact);
  }

  runner::Context& context_;
  const std::vector<Secret> secrets_;
  const ReferenceRows names_;
  std::set<std::pair<std::string, std::string>> known_;
  std::set<std::string> pages_;
  std::map<std::string, Reason> reasons_;
  std::size_t asked_ = 0;
  EvidenceId note_ = 0;
};

Result<void> look_for_secrets(runner::Context& context) {
  Looker(context).work();
  return {};
}

}  // namespace

runner::Procedure shown_secrets_procedure() {
  runner::Info info;
  info.id = "shown-secrets";
  info.title = {"화면에 나타나는 비밀값", "secrets that pages show"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"declared_call", "login_surface"};
  info.provides_facts = {"secret_sought", "secret_page", "secret_shown"};
  info.topics = {kTopic};
  info.exclusive = {"login"};
  info.connections = 12;
  info.logins = 8;
  info.expected = std::chrono::seconds(2);
  info.deadline = std::chrono::seconds(300);
  return {.info = std::move(info), .run = look_for_secrets, .recover = {}};
}

}  // namespace haetae::testcases
