#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/workbench.hpp"

/// Whether a genuine update is installed, and whether the version under test comes back after it:
/// the control without which no refusal counts, and the proof of the way back before anything
/// altered is offered.
namespace haetae::testcases {
namespace {

using namespace update;

facts::UpdateControl control(const Workbench& bench, const Seen& seen, const char* name,
                             const std::string& image, bool installed) {
  facts::UpdateControl fact;
  fact.evidence = seen.evidence;
  fact.subject = bench.subject();
  fact.control = name;
  fact.image = image;
  if (installed)
    fact.outcome = "installed";
  else if (seen.became == Became::not_installed)
    fact.outcome = "not-installed";
  fact.basis = seen.basis;
  fact.message = seen.offer.message.empty() ? seen.offer.why : seen.offer.message;
  fact.version_before = seen.before.version;
  fact.version_after = seen.after.version;
  fact.alive_after = yes_no(seen.after.alive);
  fact.took_ms = milliseconds_of(seen.took);
  return fact;
}

struct Outcome {
  std::string why;
  Cause cause = Cause::none;
};

Outcome offer_genuine(runner::Context& context, Workbench& bench) {
  const Stock* base = bench.base();
  if (base == nullptr)
    return {"no genuine update file was handed over, or it cannot be read", Cause::declaration};
  if (!bench.shows_version())
    return {"it is not declared where the running version can be read", Cause::declaration};
  context.progress(0, 2, "genuine update");
  const Seen seen =
      bench.offer({.bytes = base->bytes,
                   .name = "update.bin",
                   .version = base->version,
                   .actor = {},
                   .cut = {}},
                  {.version = base->version, .marker = {}, .genuine = true, .exact = true});
  const bool installed = seen.became == Became::installed;
  if (seen.evidence != 0) {
    runner::record(context, control(bench, seen, "genuine", base->image, installed));
    facts::UpdateTrial fact = trial(bench, seen, base->image, "genuine");
    fact.sha256 = to_hex(sha256(base->bytes));
    context.progress(1, 2, "back to the version under test");
    // Where the same version was installed again there is nothing to go back from.
    if (installed) bench.learn(seen);
    const bool back = bench.put_back(false);
    fact.restored = seen.after.version == bench.home() ? "not-needed" : yes_no(back);
    runner::record(context, fact);
    const Seen& last = bench.last().evidence != 0 ? bench.last() : seen;
    facts::UpdateControl returned = control(bench, last, "put-back", "current", back);
    if (back) {
      returned.version_after = bench.home();
      returned.alive_after = "yes";
      returned.basis = "version";
    }
    runner::record(context, returned);
    if (!back) return {"the version under test could not be put back", Cause::device};
  }
  if (!seen.offer.tried) return {seen.offer.why, seen.offer.cause};
  if (!seen.after.alive)
    return {"the device did not come back after the genuine update within the declared time",
            Cause::device};
  if (std::string why = third_version(seen, base->version); !why.empty())
    return {std::move(why), Cause::device};
  if (seen.became == Became::unknown)
    return {"it could not be seen whether the genuine update was installed: " +
                (seen.after.why.empty() ? seen.offer.message + seen.offer.why : seen.after.why),
            Cause::device};
  return {};
}

Result<void> try_genuine(runner::Context& context) {
  const std::string subject = [&] {
    const auto& update = context.device().update;
    return subject_of(update);
  }();
  auto bench = Workbench::open(context);
  if (!bench) {
    context.cover(gap("update.offer", subject, Cause::declaration, bench.error().message()));
    return {};
  }
  const Outcome outcome = offer_genuine(context, **bench);
  const std::string tried = "genuine image, then back";
  context.cover(outcome.why.empty()
                    ? whole("update.offer", (*bench)->subject(), tried)
                    : gap("update.offer", (*bench)->subject(), outcome.cause, outcome.why, tried));
  return {};
}

}  // namespace

runner::Procedure update_offer_procedure() {
  runner::Info info;
  info.id = "update-offer";
  info.title = {"정상 업데이트의 설치", "installation of a genuine update"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"service"};
  info.provides_facts = {"update_control", "update_trial"};
  info.topics = {"update.offer"};
  info.exclusive = {"login", "device-state"};
  info.connections = 40;
  info.logins = 20;
  info.expected = std::chrono::seconds(60);
  info.deadline = std::chrono::seconds(3600);
  info.recovery = {"선언된 현재 이미지를 다시 설치하고, 안 되면 recover 훅을 실행한다.",
                   "Installs the declared current image again, or runs the hook recover."};
  return {.info = std::move(info), .run = try_genuine, .recover = bring_back};
}

}  // namespace haetae::testcases
