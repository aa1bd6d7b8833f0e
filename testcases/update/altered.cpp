#include "testcases/authentication/web.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/trials.hpp"

/// Whether altered, unsigned and foreign update files are installed.
namespace haetae::testcases {
namespace {

using namespace update;

// The maker's files that must be refused as they are: for another model, by a signer of the past.
void add_genuine(const Workbench& bench, Trials& trials) {
  for (const char* role : {"other-model", "expired-signer"})
    for (const Stock* stock : bench.of_role(role))
      trials.add({.image = stock->image,
                  .mutation = "genuine",
                  .what = std::string("the maker's file, role ") + role,
                  .version = stock->version,
                  .genuine = true,
                  .bytes = stock->bytes});
}

Gap offer_altered(runner::Context& context, Workbench& bench) {
  if (!bench.recoverable())
    return {
        "no way back from a bad image is declared (recovery, or the hook recover), so that "
        "nothing altered was offered",
        Cause::declaration};
  const Stock* base = bench.base();
  if (base == nullptr) return {"no genuine update file can be read", Cause::declaration};
  const auto known = taken_apart(context, *base);
  if (!known)
    return {
        "the genuine update file could not be taken apart: " + printable(known.error().message()),
        Cause::tool};
  Trials trials(context, bench);
  for (const std::string& id : formats::mutation_ids(*known)) {
    if (id == "genuine") continue;
    trials.add({.image = base->image,
                .mutation = id,
                .what = {},
                .version = base->version,
                .genuine = false,
                .bytes = {},
                .make = [&, id] { return formats::mutate_one(base->bytes, *known, id); }});
  }
  add_genuine(bench, trials);
  Gap out = trials.run();
  out.tried += "; format " + known->format;
  for (const auto& [id, why] : formats::not_made(*known)) out.tried += "; no " + id + ": " + why;
  return out;
}

Result<void> try_altered(runner::Context& context) {
  return with_bench(context, "update.altered",
                    [&](Workbench& bench) { return offer_altered(context, bench); });
}

}  // namespace

runner::Procedure update_altered_procedure() {
  runner::Info info;
  info.id = "update-altered";
  info.title = {"변조한 업데이트 파일의 설치 시도", "offer of altered update files"};
  info.hazard = Hazard::may_brick;
  info.requires_facts = {"update_control"};
  info.provides_facts = {"update_trial"};
  info.topics = {"update.altered"};
  info.exclusive = {"login", "device-state"};
  info.connections = 400;
  info.logins = 150;
  info.expected = std::chrono::seconds(300);
  info.deadline = std::chrono::seconds(4 * 3600);
  info.recovery = {
      "설치된 것이 있으면 현재 이미지를 다시 설치하고, 안 되면 recover 훅이나 전원 재투입을 쓴다.",
      "Installs the current image again where something was taken, or else runs the "
      "hook recover or a power cycle."};
  return {.info = std::move(info), .run = try_altered, .recover = bring_back};
}

}  // namespace haetae::testcases
