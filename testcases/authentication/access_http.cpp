#include <algorithm>

#include "testcases/authentication/access_asker.hpp"
#include "testcases/authentication/http_login.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

using protocols::HttpResponse;

namespace {

struct Wish {
  std::string path, kind;
  bool declared = false;
};

// What one answer gives to a client that did not log in.
std::string given(const HttpResponse& response, const Wish& wish, const Sameness& nothing) {
  const int status = response.status;
  if (status == 401 || status == 403) return "refused";
  // Half an answer may hold anything.
  if (response.broken_off() && status < 400) return "unknown";
  if (nothing.holds(response, wish.path)) return "absent";
  if (status == 404 || status == 410) return "absent";
  if (status >= 300 && status < 400) return "refused";
  if (status >= 200 && status < 300) {
    if (!protocols::login_forms(response.body).empty()) return "refused";
    // A declared function that answers with nothing may still have done something.
    if (response.body.empty()) return wish.declared ? "granted" : "absent";
    return "granted";
  }
  // 400 and 405 do not say whether a login was looked for before the request was.
  return wish.declared || status >= 500 || status == 429 ? "unknown" : "absent";
}

}  // namespace

void AccessAsker::http(Part& part) {
  const std::string random = random_path();
  protocols::HttpClient client = web_client(context_, part.target, "access without login");
  const auto control_answer = client.get(random);
  if (!control_answer) {
    part.lost(printable(control_answer.error().message()), cause_of(control_answer.error()));
    return;
  }
  part.nothing = sameness(*control_answer, random);
  const Sameness& nothing = part.nothing;
  const int status = control_answer->status;
  // A device that answers everything with the same page gives nothing by it: absent, because every
  // other answer is compared with this one.
  control(part, "negative",
          status == 401 || status == 403                  ? "refused"
          : status >= 500 || control_answer->broken_off() ? "unknown"
                                                          : "absent",
          control_answer->evidence);

  std::vector<Wish> wishes;
  for (const auto& one : declared(part, "http")) wishes.push_back({one.target, one.kind, true});
  if (const auto* list = context_.catalogue().reference("http_path"))
    for (const auto& row : list->rows) {
      const std::string path = column(*list, row, "path");
      const bool there = std::any_of(wishes.begin(), wishes.end(),
                                     [&](const Wish& one) { return one.path == path; });
      if (!there) wishes.push_back({path, column(*list, row, "kind"), false});
    }
  constexpr std::size_t lanes = 4;
  context_.each(lanes, lanes, [&](std::size_t lane) {
    for (std::size_t i = lane; i < wishes.size() && !context_.stop().stop_requested(); i += lanes) {
      // Each request stands alone: a cookie of one answer must not open the next.
      protocols::HttpClient fresh = web_client(context_, part.target, "access without login");
      auto answer = fresh.get(wishes[i].path);
      if (!answer) answer = fresh.get(wishes[i].path);
      if (!answer) {
        part.lost(wishes[i].path + " was not answered: " + printable(answer.error().message()),
                  cause_of(answer.error()));
        if (wishes[i].declared)
          trial(part, wishes[i].path, wishes[i].kind, "unknown", fresh.evidence(), true);
        continue;
      }
      trial(part, wishes[i].path, wishes[i].kind, given(*answer, wishes[i], nothing),
            answer->evidence, wishes[i].declared);
    }
  });
}

void AccessAsker::http_positive(Part& part) {
  const Sameness& nothing = part.nothing;
  std::vector<std::string> paths;
  for (const auto& one : declared(part, "http")) paths.push_back(one.target);
  std::string outcome;
  EvidenceId evidence = 0;
  for (const auto& login : context_.device().logins) {
    if (login.port != part.target.port || !login.method.starts_with("http-")) continue;
    const auto* account = account_for(context_.device(), login.id);
    if (account == nullptr || outcome == "granted") continue;
    auto targets = paths;
    if (!login.check_path.empty()) targets.push_back(login.check_path);
    LoginClient client(context_, login);
    const Budget budget = budget_of(context_, login.port, account->name);
    auto work = [&](protocols::HttpClient& inside) {
      for (const std::string& path : targets) {
        const auto answer = inside.get(path);
        const bool good = answer && answer->status >= 200 && answer->status < 300 &&
                          !nothing.holds(*answer, path) && !asks_login(*answer, login);
        if (good && outcome != "granted") {
          outcome = "granted";
          evidence = answer->evidence;
        }
      }
    };
    outcome = "unknown";
    const auto attempt = booked_session(context_, client, *account, budget, work);
    if (attempt && evidence == 0) evidence = attempt->evidence;
    if (attempt && outcome != "granted")
      outcome = attempt->answer == Answer::accepted || attempt->answer == Answer::refused
                    ? "refused"
                    : "unknown";
  }
  if (!outcome.empty()) control(part, "positive", outcome, evidence);
}

}  // namespace haetae::testcases
