#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/web.hpp"

/// Everybody who can make the declared calls of one login, with their sessions open side by side.
namespace haetae::testcases {

/// Person is an account at one login, or nobody.
struct Person {
  const declaration::Account* account = nullptr;  ///< null: nobody
  protocols::HttpClient* client = nullptr;        ///< null: no session could be opened
  std::string why;                                ///< why not
  Cause cause = Cause::none;
  std::vector<Sameness> nothing{};  ///< what it gets for paths that cannot exist
  [[nodiscard]] std::string name() const { return account == nullptr ? "" : account->name; }
  [[nodiscard]] std::string role() const;  ///< a word of call_trial.role
};

/// Group is the calls of one login; without a login: of one port.
struct Group {
  std::vector<const declaration::Call*> calls;
  [[nodiscard]] const declaration::HttpCall& any() const { return calls.front()->http; }
};

/// groups() are the declared calls by port and login, at most 300 calls in all.
[[nodiscard]] std::vector<Group> groups(const runner::Context& context);

/// may() is whether the declaration lets a person make a call: by role, and where the call names an
/// object of an account, for that account and for administrators.
[[nodiscard]] bool may(const declaration::Call& call, const Person& person);

/// rightful() is the first person with a session that may make the call; null if none.
[[nodiscard]] Person* rightful(const declaration::Call& call, std::vector<Person>& people);

/// with_people() opens a session for each account of the group's login that a password was handed
/// over for (at most 8) and one without login, then calls `work`; nobody stands last. A session
/// that cannot be opened leaves its person without a client.
void with_people(runner::Context& context, const Group& group,
                 const std::function<void(std::vector<Person>&)>& work);

/// request_for() is the declared request; a call that carries the password anew gets that of the
/// person's account.
[[nodiscard]] protocols::HttpRequest request_for(const declaration::Call& call,
                                                 const Person& person);

/// make() makes the call as a person, once more if it changes nothing and was not answered.
[[nodiscard]] Result<protocols::HttpResponse> make(const declaration::Call& call,
                                                   const Person& person);

/// lives() is whether the session of the person still lives: an error says what kept us
/// from telling. `login` null or with credentials in every request: true.
[[nodiscard]] Result<bool> lives(const declaration::Login* login, const Person& person);

}  // namespace haetae::testcases
