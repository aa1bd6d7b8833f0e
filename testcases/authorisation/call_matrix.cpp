#include "testcases/authorisation/call_matrix.hpp"

#include <algorithm>

#include "testcases/authentication/http_login.hpp"
#include "testcases/authentication/login_client.hpp"

namespace haetae::testcases {

using protocols::HttpClient;
using protocols::HttpResponse;

namespace {

constexpr std::size_t kCalls = 300;
constexpr std::size_t kSessions = 8;

bool has_role(const declaration::Call& call, const std::string& role) {
  return std::find(call.roles.begin(), call.roles.end(), role) != call.roles.end();
}

void open_from(runner::Context& context, const Group& group, std::vector<Person>& people,
               std::size_t at, const std::function<void(std::vector<Person>&)>& work) {
  if (at == people.size()) {
    work(people);
    return;
  }
  Person& person = people[at];
  if (!person.why.empty()) {
    open_from(context, group, people, at + 1, work);
    return;
  }
  const Actor actor{.kind = person.account == nullptr ? Actor::Kind::nobody : Actor::Kind::account,
                    .account = person.account};
  bool called = false;
  const auto opened =
      inside(context, group.any(), actor, "declared calls without login", [&](HttpClient& client) {
        called = true;
        person.client = &client;
        open_from(context, group, people, at + 1, work);
        person.client = nullptr;
      });
  if (called) return;
  person.why = opened ? "no session was opened" : printable(opened.error().message());
  person.cause = opened ? Cause::device : cause_of(opened.error());
  open_from(context, group, people, at + 1, work);
}

}  // namespace

std::string Person::role() const {
  if (account == nullptr) return "nobody";
  for (const char* known : {"administrator", "user", "viewer", "service"})
    if (account->role == known) return known;
  return "unknown";
}

std::vector<Group> groups(const runner::Context& context) {
  std::vector<Group> out;
  std::size_t taken = 0;
  for (const declaration::Call& call : context.device().calls) {
    if (taken++ == kCalls) break;
    const auto same = std::find_if(out.begin(), out.end(), [&](const Group& group) {
      return group.any().port == call.http.port && group.any().tls == call.http.tls &&
             group.any().login == call.http.login;
    });
    if (same != out.end())
      same->calls.push_back(&call);
    else
      out.push_back({{&call}});
  }
  return out;
}

bool may(const declaration::Call& call, const Person& person) {
  // Without a declared login it is meant for everybody.
  if (call.http.login.empty()) return true;
  if (person.account == nullptr || !has_role(call, person.account->role)) return false;
  return call.owner.empty() || call.owner == person.account->name ||
         person.account->role == "administrator";
}

Person* rightful(const declaration::Call& call, std::vector<Person>& people) {
  for (Person& person : people)
    if (person.client != nullptr && may(call, person)) return &person;
  return nullptr;
}

void with_people(runner::Context& context, const Group& group,
                 const std::function<void(std::vector<Person>&)>& work) {
  std::vector<Person> people;
  std::size_t sessions = 0;
  for (const declaration::Account& account : context.device().accounts) {
    if (group.any().login.empty() || !uses(account, group.any().login)) continue;
    Person person;
    person.account = &account;
    if (!account.has_password) {
      person.why = "no password was handed over for the account " + account.name;
      person.cause = Cause::declaration;
    } else if (++sessions > kSessions) {
      person.why = "more accounts than sessions that are opened side by side";
      person.cause = Cause::tool;
    }
    people.push_back(std::move(person));
  }
  people.emplace_back();
  open_from(context, group, people, 0, work);
}

protocols::HttpRequest request_for(const declaration::Call& call, const Person& person) {
  return request_of(with_proof(call, person.account));
}

Result<HttpResponse> make(const declaration::Call& call, const Person& person) {
  const auto request = request_for(call, person);
  auto response = person.client->exchange(request);
  if (!response && !call.changes) {
    person.client->close();
    response = person.client->exchange(request);
  }
  return response;
}

Result<bool> lives(const declaration::Login* login, const Person& person) {
  if (login == nullptr || person.account == nullptr || login->method == "http-basic" ||
      login->method == "http-digest")
    return true;
  if (login->check_path.empty())
    return fail(ErrorKind::unsupported,
                "no page is declared that shows whether the session of " + person.name() +
                    " still lives (check-path of the login " + login->id + ")");
  const auto response = person.client->get(login->check_path);
  if (!response) return tl::unexpected(response.error());
  return !denies(*response) && response->status < 400 && !response->broken_off() &&
         !asks_login(*response, *login);
}

}  // namespace haetae::testcases
