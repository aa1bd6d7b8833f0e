#include "testcases/input/crash.hpp"

#include <chrono>

namespace haetae::testcases::input {

using std::chrono::seconds;

namespace {

constexpr int kMostHalvings = 5;

void halve(runner::Context& context, const Suspect& suspect, Autopsy& out,
           const std::function<Away()>& wait_back) {
  std::size_t length = suspect.length, good = 0;  // the longest that was seen to do nothing
  for (int turn = 0; out.back && turn < kMostHalvings; ++turn) {
    const std::size_t half = good + (length - good) / 2;
    if (half == good || context.stop().stop_requested()) return;
    std::string sent;
    if (suspect.again(half, sent)) {
      length = half;
      out.shortest = sent;
      out.back = wait_back().back;
    } else {
      good = half;
    }
  }
}

}  // namespace

Away wait_back(runner::Context& context, const Limits& limits, bool& stays,
               const std::function<bool()>& alive) {
  Away out;
  const SteadyTime from = context.clock().now();
  const bool known = stays && context.device().hook("power-cycle") != nullptr;
  const SteadyTime until = from + (known ? seconds(2) : seconds(limits.recovery));
  const auto watch = [&](SteadyTime end) {
    while (context.clock().now() < end && !out.back) {
      out.back = alive();
      if (!out.back && !context.clock().sleep(200ms, context.stop())) return;
    }
  };
  watch(until);
  out.gone = context.clock().now() - from;
  out.effect = out.back ? "comes-back" : "stays-away";
  stays = stays || !out.back;
  const auto* hook = context.device().hook("power-cycle");
  if (out.back || hook == nullptr || context.device().permit < Hazard::disruptive) return out;
  const auto done = context.door().run_hook(hook->command, context.clock().now() + hook->timeout);
  if (done && done->exit_code == 0) watch(context.clock().now() + seconds(limits.recovery));
  return out;
}

Autopsy look_closer(runner::Context& context, const std::vector<Suspect>& suspects,
                    const std::function<Away()>& wait_back) {
  Autopsy out;
  out.away = wait_back();
  out.back = out.away.back;
  for (std::size_t i = 0; i < suspects.size() && out.back && out.repeated != "yes"; ++i) {
    std::string sent;
    const bool again = suspects[i].again(suspects[i].length, sent);
    out.repeated = again ? "yes" : "no";
    if (!again) continue;
    out.which = i;
    out.shortest = sent;
    out.back = wait_back().back;
    if (suspects[i].halves) halve(context, suspects[i], out, wait_back);
  }
  if (out.shortest.empty() && !suspects.empty()) out.shortest = suspects.front().sent;
  return out;
}

facts::InputCrash crash_of(runner::Context& context, const facts::InputTrial& trial,
                           const std::string& name, const Autopsy& autopsy) {
  facts::InputCrash out;
  const ByteView shortest = as_bytes(autopsy.shortest);
  out.evidence = context.recorder().attach(trial.subject, "shortest input: " + name,
                                           "application/octet-stream", shortest);
  out.subject = trial.subject;
  out.protocol = trial.protocol;
  out.target = trial.target;
  out.place = trial.place;
  out.family = trial.family;
  out.effect = autopsy.away.effect;
  out.repeated = autopsy.repeated;
  out.probe = name;
  out.length = static_cast<std::int64_t>(autopsy.shortest.size());
  out.away_ms = std::chrono::duration_cast<std::chrono::milliseconds>(autopsy.away.gone).count();
  out.sent = printable(autopsy.shortest);
  out.sha256 = to_hex(sha256(shortest));
  return out;
}

}  // namespace haetae::testcases::input
