#include <algorithm>
#include <map>
#include <set>

#include "testcases/authentication/login_client.hpp"
#include "testcases/authorisation/call_matrix.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/reference_rows.hpp"
#include "testcases/procedures.hpp"

/// What a web service gives besides what it is meant for, to nobody and to every account: paths of
/// debugging and development, and files outside its folders.
namespace haetae::testcases {
namespace {

using firmware::ReferenceRows;
using protocols::HttpResponse;

constexpr std::size_t kFolders = 4;
constexpr int kSilent = 3;

struct Reason {
  std::string why;
  Cause cause = Cause::none;
};

std::string replaced(std::string text, std::string_view name, std::string_view value) {
  const auto at = text.find(name);
  if (at != std::string::npos) text.replace(at, name.size(), value);
  return text;
}

std::string folder_of(std::string_view path) {
  path = path.substr(0, path.find('?'));
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash + 1));
}

/// declared_paths() are those of a port that the maker names.
std::set<std::string> declared_paths(const runner::Context& context,
                                     const declaration::PortName& port) {
  const auto& device = context.device();
  std::set<std::string> out;
  for (const auto& one : device.calls)
    if (one.http.port == port) out.insert(one.http.path);
  for (const auto& one : device.resources)
    if (one.protocol == "http" && one.port == port) out.insert(one.target);
  for (const auto& one : device.logins)
    if (one.port == port && one.method.starts_with("http-"))
      out.insert({one.path, one.check_path, one.logout_path});
  for (const auto& one : device.product_information)
    if (one.port == port) out.insert(one.path);
  return out;
}

/// folders() are those of a service, / first.
std::vector<std::string> folders(const runner::Context& context, const Target& target) {
  std::vector<std::string> out{"/"};
  const auto add = [&](const std::string& path) {
    const std::string folder = folder_of(path);
    if (folder.starts_with('/') && out.size() < kFolders &&
        std::find(out.begin(), out.end(), folder) == out.end())
      out.push_back(folder);
  };
  for (const std::string& path : declared_paths(context, target.port)) add(path);
  for (const auto& one : runner::facts<facts::HttpAnswer>(context))
    if (one.subject == target.subject() && one.status < 400) add(one.path);
  return out;
}

class Service {
 public:
  Service(runner::Context& context, Target target, const ReferenceRows& hidden,
          const ReferenceRows& escapes, const declaration::Login* login)
      : context_(context),
        target_(std::move(target)),
        login_(login),
        hidden_(hidden),
        escapes_(escapes),
        declared_(declared_paths(context, target_.port)),
        folders_(folders(context, target_)) {}

  void look_as(const Person& person) {
    if (person.client == nullptr) {
      lost({person.why, person.cause});
      return;
    }
    if (!seen_.insert(person.name()).second) return;
    const std::string nowhere = random_path();
    const auto control = get(person, nowhere);
    if (!control) {
      lost({"the control request was not answered: " + printable(control.error().message()),
            cause_of(control.error())});
      return;
    }
    const Sameness nothing = sameness(*control, nowhere);
    for (std::size_t row = 0; row < hidden_.size() && going(); ++row) look(person, row, nothing);
    for (std::size_t row = 0; row < escapes_.size() && going(); ++row) leave(person, row, *control);
    look_at_session(person);
  }

  [[nodiscard]] const Reason& reason() const { return reason_; }
  [[nodiscard]] std::string tried() const {
    return std::to_string(hidden_.size()) + " paths of " + hidden_.date() + ", " +
           std::to_string(escapes_.size()) + " ways out of " + std::to_string(folders_.size()) +
           " folders, as " + std::to_string(seen_.size()) + " accounts and nobody";
  }

 private:
  // A session that ended in between was refused what every stranger is refused.
  void look_at_session(const Person& person) {
    const auto alive = lives(login_, person);
    if (!alive)
      lost({printable(alive.error().message()), cause_of(alive.error())});
    else if (!*alive)
      lost({"the session of " + person.name() + " had ended before it could be looked at again",
            Cause::device});
  }

  void lost(Reason reason) {
    if (reason_.why.empty()) reason_ = std::move(reason);
  }

  bool going() {
    // A service that no longer answers is not waited for path by path.
    if (silent_ >= kSilent) return false;
    if (!context_.stop().stop_requested()) return true;
    lost({"the run was asked to stop", Cause::lab});
    return false;
  }

  Result<HttpResponse> get(const Person& person, const std::string& target) {
    auto response = person.client->get(target);
    if (!response) {
      person.client->close();
      response = person.client->get(target);
    }
    silent_ = response ? 0 : silent_ + 1;
    return response;
  }

  void look(const Person& person, std::size_t row, const Sameness& nothing) {
    facts::HiddenPathTrial fact;
    fact.subject = target_.subject();
    fact.path = hidden_.text(row, "path");
    fact.account = person.name();
    fact.declared = yes_no(declared_.contains(fact.path));
    const auto response = get(person, fact.path);
    fact.evidence = response ? response->evidence : evidence_of(person);
    if (!response) {
      lost({fact.path + " was not answered: " + printable(response.error().message()),
            cause_of(response.error())});
    } else {
      fact.status = response->status;
      const bool marked = finds(*response, hidden_.text(row, "marker"));
      const bool good = response->status >= 200 && response->status < 300;
      if (good && marked && !nothing.holds(*response, fact.path))
        fact.outcome = "found";
      else if (good && response->broken_off())
        lost({"the answer to " + fact.path + " was broken off", Cause::device});
      else
        fact.outcome = denies(*response) ? "refused" : "absent";
    }
    runner::record(context_, fact);
  }

  // Whether the file was given, from one folder.
  std::string ask_for(const Person& person, std::size_t row, const std::string& target,
                      const HttpResponse& control, facts::PathTrial& fact) {
    const auto response = get(person, target);
    if (!response) {
      // A server may end the connection at such a path; it gave nothing if it still answers.
      fact.evidence = evidence_of(person);
      const bool ended = response.error().kind == ErrorKind::closed;
      if (ended && get(person, "/")) return "refused";
      lost({fact.way + " was not answered: " + printable(response.error().message()),
            cause_of(response.error())});
      return "unknown";
    }
    fact.evidence = response->evidence;
    fact.status = response->status;
    const std::string marker = escapes_.text(row, "marker"), also = escapes_.text(row, "also");
    const bool echoes = finds(control, marker) && finds(control, also);
    if (finds(*response, marker) && finds(*response, also)) return echoes ? "unknown" : "given";
    if (response->broken_off()) {
      lost({"the answer to " + fact.way + " was broken off", Cause::device});
      return "unknown";
    }
    return "refused";
  }

  void leave(const Person& person, std::size_t row, const HttpResponse& control) {
    facts::PathTrial fact;
    fact.subject = target_.subject();
    fact.way = escapes_.text(row, "way");
    fact.account = person.name();
    const std::string pattern = escapes_.text(row, "target");
    const bool placed = pattern.find('{') != std::string::npos;
    for (const std::string& folder : folders_) {
      const std::string bare = folder.size() > 1 ? folder.substr(0, folder.size() - 1) : folder;
      facts::PathTrial trial = fact;
      trial.target = replaced(replaced(pattern, "{base}", folder), "{folder}", bare);
      trial.outcome = ask_for(person, row, trial.target, control, trial);
      // What gave the file stands before what is not known, and that before a refusal.
      const bool worse = fact.target.empty() || trial.outcome == "given" ||
                         (trial.outcome == "unknown" && fact.outcome == "refused");
      if (worse) fact = trial;
      if (fact.outcome == "given" || !placed || !going()) break;
    }
    runner::record(context_, fact);
  }

  // A failed connection may have no transcript.
  EvidenceId evidence_of(const Person& person) {
    if (const EvidenceId seen = person.client->evidence(); seen != 0) return seen;
    if (note_ == 0)
      note_ = context_.recorder().attach(target_.subject(), "paths without an answer", "text/plain",
                                         as_bytes(std::string_view("no connection\n")));
    return note_;
  }

  runner::Context& context_;
  Target target_;
  const declaration::Login* login_;
  const ReferenceRows& hidden_;
  const ReferenceRows& escapes_;
  std::set<std::string> declared_;
  std::vector<std::string> folders_;
  std::set<std::string> seen_;
  EvidenceId note_ = 0;
  int silent_ = 0;  ///< requests without an answer, one behind the other
  Reason reason_;
};

/// login_for() is a login of the port whose session reaches the whole application, if there is one.
const declaration::Login* login_for(const runner::Context& context, const Target& target) {
  for (const char* method : {"http-json", "http-form", "http-basic", "http-digest"})
    for (const auto& login : context.device().logins)
      if (login.port == target.port && login.method == method) return &login;
  return nullptr;
}

Result<void> try_paths(runner::Context& context) {
  const ReferenceRows hidden(context.catalogue(), "hidden_path");
  const ReferenceRows escapes(context.catalogue(), "path_escape");
  auto targets = services(context, "http");
  for (const Target& target : services(context, "onvif")) targets.push_back(target);
  std::size_t done = 0;
  for (const Target& target : targets) {
    context.progress(done++, targets.size(), target.subject());
    declaration::Call any;
    any.http.port = target.port;
    any.http.tls = target.tls;
    any.http.path = "/";
    const auto* login = login_for(context, target);
    if (login != nullptr) any.http.login = login->id;
    Service service(context, target, hidden, escapes, login);
    with_people(context, {{&any}}, [&](std::vector<Person>& people) {
      // Nobody first: a session may end by what is asked for.
      for (auto person = people.rbegin(); person != people.rend(); ++person)
        service.look_as(*person);
    });
    const Reason& reason = service.reason();
    if (hidden.size() == 0 || escapes.size() == 0)
      context.cover(
          gap("web-paths", target.subject(), Cause::tool, "the catalogue has no list of paths"));
    else
      context.cover(reason.why.empty() ? whole("web-paths", target.subject(), service.tried())
                                       : gap("web-paths", target.subject(), reason.cause,
                                             reason.why, service.tried()));
  }
  return {};
}

}  // namespace

runner::Procedure web_paths_procedure() {
  runner::Info info;
  info.id = "web-paths";
  info.title = {"숨은 경로와 폴더 밖의 파일", "hidden paths and files outside the web folders"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service", "http_answer", "login_surface"};
  info.provides_facts = {"hidden_path_trial", "path_trial"};
  info.topics = {"web-paths"};
  info.exclusive = {"login"};
  info.connections = 12;
  info.logins = 4;
  info.expected = std::chrono::seconds(5);
  info.deadline = std::chrono::seconds(300);
  return {.info = std::move(info), .run = try_paths, .recover = {}};
}

}  // namespace haetae::testcases
