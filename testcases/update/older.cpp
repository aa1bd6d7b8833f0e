#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/trials.hpp"
#include "testcases/update/workbench.hpp"

/// Whether an older genuine version is installed over the present one.
namespace haetae::testcases {
namespace {

using namespace update;

Result<void> try_older(runner::Context& context) {
  return with_bench(context, "update.older", [&](Workbench& bench) -> Gap {
    const auto older = bench.of_role("older");
    if (older.empty())
      return {"no older genuine update file was handed over, or it cannot be read",
              Cause::declaration};
    Trials trials(context, bench);
    for (const Stock* stock : older) {
      trials.add({.image = stock->image,
                  .mutation = "genuine",
                  .what = "version " + stock->version,
                  .version = stock->version,
                  .genuine = true,
                  .bytes = stock->bytes});
    }
    return trials.run();
  });
}

}  // namespace

runner::Procedure update_older_procedure() {
  runner::Info info;
  info.id = "update-older";
  info.title = {"이전 버전의 설치 시도", "offer of an older genuine version"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"update_control"};
  info.provides_facts = {"update_trial"};
  info.topics = {"update.older"};
  info.exclusive = {"login", "device-state"};
  info.connections = 40;
  info.logins = 20;
  info.expected = std::chrono::seconds(30);
  info.deadline = std::chrono::seconds(3600);
  info.recovery = {"설치되었으면 선언된 현재 이미지를 다시 설치한다.",
                   "Installs the declared current image again where the older one was taken."};
  return {.info = std::move(info), .run = try_older, .recover = bring_back};
}

}  // namespace haetae::testcases
