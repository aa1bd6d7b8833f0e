#include <memory>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/input/injector.hpp"
#include "testcases/procedures.hpp"

/// Injection into every place of every web service that the crawl or the declaration knows, and
/// what the answers to wrong input show.
namespace haetae::testcases {
namespace {

using namespace input;

Result<void> inject(runner::Context& context) {
  const auto limits = limits_of(context.catalogue());
  const auto targets = web_services(context);
  if (!limits || probes(context.catalogue()).empty()) {
    for (const Target& target : targets)
      for (const char* topic : {"input.injection", "input.errors"})
        context.cover(gap(topic, target.subject(), Cause::tool,
                          "the catalogue has no parameters input.* or no list of inputs"));
    return {};
  }
  Callback callback(context);
  std::vector<std::unique_ptr<Injector>> all;
  bool late = false;
  for (const Target& target : targets) {
    all.push_back(std::make_unique<Injector>(context, target, *limits, callback));
    all.back()->run();
    late = late || all.back()->waits_for_callback();
  }
  // What runs beside the answer may connect a moment later.
  if (late) static_cast<void>(context.clock().sleep(500ms, context.stop()));
  for (const auto& one : all) one->settle();
  return {};
}

// After an interrupted run every declared change is taken back.
Result<void> take_back(runner::Context& context) {
  std::string trouble;
  for (const auto& call : context.device().calls) {
    const auto* back = call.undo.empty() ? nullptr : context.device().call(call.undo);
    // Of two calls that undo each other the first declared is the change.
    if (back == nullptr || !call.changes || (back->undo == call.id && back < &call)) continue;
    const auto done = inside(context, back->http, {}, "undo", [&](protocols::HttpClient& client) {
      const auto answer = client.exchange(
          request_of(with_proof(*back, account_for(context.device(), back->http.login))));
      if (!answer || told_by(back->http, *answer) != Told::done) trouble = back->id;
    });
    if (!done) trouble = back->id;
  }
  if (!trouble.empty())
    return fail(ErrorKind::refused,
                "the call " + trouble + " did not take back what the interrupted test changed");
  return {};
}

}  // namespace

runner::Procedure injection_procedure() {
  runner::Info info;
  info.id = "input-injection";
  info.title = {"삽입 입력과 오류 응답", "injected input and error answers"};
  info.hazard = Hazard::state_changing;
  info.requires_facts = {"service"};
  info.provides_facts = {"input_trial", "input_control", "error_answer", "input_crash"};
  info.topics = {"input.injection", "input.errors"};
  info.exclusive = {"login", "device-state"};
  info.connections = 60;
  info.logins = 8;
  info.expected = std::chrono::seconds(10);
  info.deadline = std::chrono::seconds(1800);
  info.recovery = {"바꾼 설정은 선언된 되돌리기 호출로 되돌린다.",
                   "Takes changed settings back by the declared calls that undo them."};
  return {.info = std::move(info), .run = inject, .recover = take_back};
}

}  // namespace haetae::testcases
