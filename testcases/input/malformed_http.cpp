#include "testcases/input/malformer.hpp"
#include "testcases/procedures.hpp"

/// Malformed and overlong input to every web service: the message itself, and every place of every
/// request that the crawl or the declaration knows.
namespace haetae::testcases {
namespace {

using namespace input;

Result<void> malform(runner::Context& context) {
  const auto limits = limits_of(context.catalogue());
  for (const Target& target : web_services(context)) {
    if (!limits) {
      context.cover(gap("input.malformed", target.subject(), Cause::tool,
                        "the catalogue has no parameters input.*"));
      continue;
    }
    Malformer one(context, target, *limits);
    one.run();
    one.settle();
  }
  return {};
}

// A service that an interrupted test left dead is started anew where the declaration says how.
Result<void> revive(runner::Context& context) {
  const auto limits = limits_of(context.catalogue());
  if (!limits) return {};
  for (const Target& target : web_services(context)) {
    Asker asker(context, target, *limits);
    if (!asker.alive() && !asker.wait_back().back)
      return fail(ErrorKind::timed_out, "the service at " + target.subject() +
                                            " does not answer after the interrupted test");
  }
  return {};
}

}  // namespace

runner::Procedure malformed_http_procedure() {
  runner::Info info;
  info.id = "input-malformed-http";
  info.title = {"HTTP의 잘못된 입력과 지나치게 긴 입력", "malformed and overlong input over HTTP"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"service"};
  info.provides_facts = {"input_trial", "input_control", "input_crash"};
  info.topics = {"input.malformed"};
  info.exclusive = {"login", "device-state"};
  info.connections = 400;
  info.logins = 12;
  info.expected = std::chrono::seconds(15);
  info.deadline = std::chrono::seconds(1800);
  info.recovery = {"멈춘 서비스는 스스로 돌아오기를 기다리고, 선언되었으면 전원을 다시 넣는다.",
                   "Waits for a service that went away, and switches the power where a hook does."};
  return {.info = std::move(info), .run = malform, .recover = revive};
}

}  // namespace haetae::testcases
