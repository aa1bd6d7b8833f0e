#include "testcases/data-protection/wipe_bench.hpp"
#include "testcases/procedures.hpp"

/// What of a user is left after a reset: values are planted, the device is reset by its interface
/// or a hook, and what was there is looked for and tried again.
namespace haetae::testcases {
namespace {

Result<void> try_wipe(runner::Context& context) {
  WipeBench bench(context);
  if (bench.possible() && bench.before()) {
    bench.reset_inside_session();
    bench.after();
    bench.set_up();
  }
  bench.tell();
  return {};
}

Result<void> bring_back(runner::Context& context) {
  WipeBench bench(context);
  if (!bench.possible() || bench.works() || bench.set_up()) return {};
  return fail(ErrorKind::unreachable,
              "the device was not set up again after its reset: set it up by hand, so that the "
              "declared accounts are there");
}

}  // namespace

runner::Procedure wipe_procedure() {
  runner::Info info;
  info.id = "wipe";
  info.title = {"초기화 뒤에 남는 사용자 데이터", "data of the user after a reset"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"login_surface"};
  info.provides_facts = {"wipe_reset", "wipe_trial"};
  info.topics = {"wipe"};
  info.exclusive = {"login", "device-state"};
  info.connections = 60;
  info.logins = 24;
  info.expected = std::chrono::seconds(10);
  info.deadline = std::chrono::seconds(3600);
  // Whatever else is learned of the device is learned before it has forgotten its settings.
  info.last = true;
  info.recovery = {"선언한 설정 호출이나 normal-state 훅으로 기기를 다시 설정한다.",
                   "Sets the device up again by the declared calls or the hook normal-state."};
  return {.info = std::move(info), .run = try_wipe, .recover = bring_back};
}

}  // namespace haetae::testcases
