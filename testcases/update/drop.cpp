#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/trials.hpp"

/// What runs after a transfer that was cut at several points, and after a power cut in it where the
/// laboratory has a switch.
namespace haetae::testcases {
namespace {

using namespace update;

struct Point {
  const char* name;
  std::size_t sent;
};

std::vector<Point> points(std::size_t total, bool power) {
  std::vector<Point> out{{"tenth", total / 10},
                         {"half", total / 2},
                         {"most", total - total / 20},
                         {"last-byte", total - 1}};
  if (power) out.push_back({"power", total / 2});
  return out;
}

std::string runs(const Seen& seen, const std::string& offered) {
  if (!seen.after.alive || seen.after.version.empty() || seen.before.version.empty())
    return "unknown";
  if (seen.after.version == seen.before.version) return "before";
  return seen.after.version == offered ? "offered" : "other";
}

void cut_power(runner::Context& context) {
  const auto* hook = context.device().hook("power-cycle");
  if (hook == nullptr) return;
  const auto ran = context.door().run_hook(hook->command, context.clock().now() + hook->timeout);
  if (!ran || ran->exit_code != 0)
    context.log("warning", "the hook power-cycle failed during a cut transfer");
}

Gap cut_transfers(runner::Context& context, Workbench& bench) {
  if (!bench.recoverable())
    return {
        "no way back from a bad image is declared (recovery, or the hook recover), so that no "
        "transfer was cut",
        Cause::declaration};
  if (!bench.adapter().can_cut())
    return {"by this way of update a transfer cannot be cut at a chosen point", Cause::tool};
  const Stock* base = bench.base();
  if (base == nullptr || base->bytes.size() < 100)
    return {"no genuine update file of at least 100 bytes can be read", Cause::declaration};
  std::size_t done = 0;
  const auto all = points(base->bytes.size(), context.device().hook("power-cycle") != nullptr);
  for (const Point& point : all) {
    if (context.stop().stop_requested()) return {"the run was asked to stop", Cause::lab};
    context.progress(done++, all.size(), point.name);
    const bool power = std::string_view(point.name) == "power";
    const Seen seen = bench.offer({.bytes = base->bytes,
                                   .name = "update.bin",
                                   .version = base->version,
                                   .actor = {},
                                   .cut = point.sent},
                                  {.version = base->version, .marker = {}, .genuine = false},
                                  power ? Workbench::Then([&] { cut_power(context); }) : nullptr);
    if (seen.evidence == 0 || !seen.offer.delivered)
      return {"a transfer that was to be cut was not taken up to there: " + seen.offer.why,
              seen.offer.cause == Cause::none ? Cause::device : seen.offer.cause};
    facts::UpdateDrop fact;
    fact.evidence = seen.evidence;
    fact.subject = bench.subject();
    fact.point = point.name;
    fact.sent = static_cast<std::int64_t>(point.sent);
    fact.total = static_cast<std::int64_t>(base->bytes.size());
    fact.alive_after = yes_no(seen.after.alive);
    fact.runs = runs(seen, base->version);
    fact.version_before = seen.before.version;
    fact.version_after = seen.after.version;
    fact.restored = bench.clean_up(seen);
    runner::record(context, fact);
    if (fact.restored == "no")
      return {"the version under test could not be put back after a cut transfer", Cause::device};
  }
  return {.why = {}, .cause = Cause::none, .tried = std::to_string(done) + " points"};
}

Result<void> try_drop(runner::Context& context) {
  return with_bench(context, "update.drop",
                    [&](Workbench& bench) { return cut_transfers(context, bench); });
}

}  // namespace

runner::Procedure update_drop_procedure() {
  runner::Info info;
  info.id = "update-drop";
  info.title = {"업데이트 전송의 중단", "interrupted transfers of an update"};
  info.hazard = Hazard::may_brick;
  info.requires_facts = {"update_control"};
  info.provides_facts = {"update_drop"};
  info.topics = {"update.drop"};
  info.exclusive = {"login", "device-state"};
  info.connections = 80;
  info.logins = 40;
  info.expected = std::chrono::seconds(60);
  info.deadline = std::chrono::seconds(2 * 3600);
  info.recovery = {"현재 이미지를 다시 설치하고, 안 되면 recover 훅이나 전원 재투입을 쓴다.",
                   "Installs the current image again, or else runs the hook recover or a power "
                   "cycle."};
  return {.info = std::move(info), .run = try_drop, .recover = bring_back};
}

}  // namespace haetae::testcases
