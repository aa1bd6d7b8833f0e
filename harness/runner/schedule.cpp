#include "harness/runner/schedule.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace haetae::runner {
namespace {

constexpr auto kTick = 50ms;
constexpr const char* kChanged =
    "another identity answers at the device's address, or none is told any more";

constexpr const char* kStranger =
    "another identity answers at the device's address: what changes or may lock a device is not "
    "done to a stranger";

auto rank(const Info& info) { return std::pair(info.hazard, info.last); }

bool is_safe(const Info& info) { return info.hazard <= Hazard::safe; }

bool provides_ports(const Info& info) {
  return std::ranges::find(info.provides_facts, "port") != info.provides_facts.end();
}

Cause cause_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::refused:
    case ErrorKind::timed_out:
    case ErrorKind::unreachable:
    case ErrorKind::closed:
    case ErrorKind::protocol: return Cause::device;
    case ErrorKind::invalid_input:
    case ErrorKind::not_found:
    case ErrorKind::out_of_scope: return Cause::declaration;
    case ErrorKind::budget:
    case ErrorKind::storage:
    case ErrorKind::stopped: return Cause::lab;
    case ErrorKind::unsupported:
    case ErrorKind::internal: return Cause::tool;
  }
  return Cause::tool;
}

}  // namespace

Schedule::Schedule(Surroundings& around, const Plan& plan, std::stop_token stop)
    : around_(around), stop_(std::move(stop)) {
  for (const PlannedProcedure& planned : plan.procedures) {
    if (!planned.planned()) continue;
    tasks_.push_back(std::make_unique<Task>());
    tasks_.back()->procedure = planned.procedure;
  }
  std::ranges::stable_sort(tasks_, {},
                           [](const auto& task) { return rank(task->procedure->info); });
}

Result<void> Schedule::resume() {
  const auto states = around_.session.last_states();
  for (const auto& task : tasks_) {
    const Info& info = task->procedure->info;
    const auto found = states.find(info.id);
    if (found == states.end() || found->second.state == "skipped") continue;
    if (found->second.state == "finished" || found->second.state == "failed") {
      task->state = State::ended;
      task->gave_facts = found->second.state == "finished";
      continue;
    }
    Attempt attempt(around_, *task->procedure, stop_);
    if (task->procedure->recover) {
      if (const auto recovered = task->procedure->recover(attempt); !recovered) {
        attempt.log("warning", fmt::format("after the interruption of {} its recovery failed: {}",
                                           info.id, recovered.error().message()));
      }
    }
    const auto repeat = may_repeat(*task->procedure, found->second.at);
    if (!repeat) return tl::unexpected(repeat.error());
    Ending ending{"interrupted", Cause::lab, "the run died while this procedure was in flight"};
    if (!*repeat) {
      task->state = State::ended;
      ending.reason += "; its hazard does not allow a repetition";
    }
    Harvest harvest = attempt.harvest();
    harvest.facts.clear();
    harvest.coverage.clear();
    if (auto done = around_.session.commit(info.id, info.version, harvest, ending); !done)
      return done;
  }
  return {};
}

/// may_repeat() allows what can do no more harm than the first time: anything up to state-changing;
/// what risks a lockout once the ledger shows that nothing was tried or the declared block is over.
Result<bool> Schedule::may_repeat(const Procedure& procedure, const std::string& since) {
  if (procedure.info.hazard <= Hazard::state_changing) return true;
  if (procedure.info.hazard != Hazard::lockout_risk) return false;
  std::optional<WallTime> last;
  for (const net::LoginTry& entry : around_.ledger.tries()) {
    if (entry.procedure == procedure.info.id && iso8601(entry.at) >= since) last = entry.at;
  }
  if (!last) return true;
  const auto& lockout = around_.options.device.value.lockout;
  if (!lockout.declared || lockout.block.count() == 0) return false;
  const auto left = *last + lockout.block + 5s - around_.clock.wall();
  if (left.count() <= 0) return true;
  around_.observer.log("info", fmt::format("waiting {} s for the block that {} may have caused",
                                           std::chrono::ceil<std::chrono::seconds>(left).count(),
                                           procedure.info.id));
  return around_.clock.sleep(std::chrono::ceil<std::chrono::milliseconds>(left), stop_);
}

/// unmet() is why a task cannot run; `wait` is set where it may still become able to.
std::optional<std::string> Schedule::unmet(const Task& task, bool& wait) const {
  wait = false;
  for (const std::string& table : task.procedure->info.requires_facts) {
    bool given = false;
    std::string provider;
    for (const auto& other : tasks_) {
      const auto& provides = other->procedure->info.provides_facts;
      if (other.get() == &task || std::ranges::find(provides, table) == provides.end()) continue;
      provider = other->procedure->info.id;
      if (other->state != State::ended) {
        wait = true;
        return "";
      }
      given = given || other->gave_facts;
    }
    if (given) continue;
    return provider.empty()
               ? fmt::format("needs facts about {}, which no procedure of this run gives", table)
               : fmt::format("needs facts about {}, which {} did not give", table, provider);
  }
  return std::nullopt;
}

bool Schedule::may_start(const Task& task) const {
  const Info& info = task.procedure->info;
  int running = 0;
  for (const auto& other : tasks_) {
    if (other->state != State::running) continue;
    ++running;
    const Info& held = other->procedure->info;
    if (!is_safe(info) || !is_safe(held)) return false;
    const bool clash = std::ranges::any_of(info.exclusive, [&](const std::string& resource) {
      return std::ranges::find(held.exclusive, resource) != held.exclusive.end();
    });
    if (clash) return false;
  }
  return running < around_.options.width;
}

/// next_startable() is the least harmful task whose requirements are met; tasks whose requirements
/// can no longer be met are ended on the way.
Schedule::Task* Schedule::next_startable() {
  for (const auto& task : tasks_) {
    if (task->state != State::waiting) continue;
    bool wait = false;
    const auto reason = unmet(*task, wait);
    if (wait) continue;
    if (reason) {
      end(*task, nullptr, {"skipped", Cause::lab, *reason});
      return next_startable();
    }
    return may_start(*task) ? task.get() : nullptr;
  }
  return nullptr;
}

Result<void> Schedule::execute() {
  std::unique_lock lock(mutex_);
  while (!storage_error_) {
    const bool stopped = stop_.stop_requested();
    const bool given_up = stopped || !lost_.empty();
    for (const auto& task : tasks_) {
      if (given_up && task->state == State::waiting) {
        end(*task, nullptr,
            stopped
                ? Ending{"skipped", Cause::lab, "the run was stopped before this procedure started"}
                : Ending{"skipped", Cause::device, lost_});
      }
      const bool late = task->deadline && around_.clock.now() > *task->deadline;
      if (task->state == State::running && (stopped || late)) task->stop.request_stop();
    }
    while (Task* task = given_up ? nullptr : next_startable()) {
      task->state = State::running;
      task->deadline = around_.clock.now() + task->procedure->info.deadline;
      task->thread = std::jthread([this, task] { work(*task); });
    }
    if (std::ranges::all_of(tasks_, [](const auto& task) { return task->state == State::ended; }))
      break;
    changed_.wait_for(lock, kTick);
  }
  for (const auto& task : tasks_) task->stop.request_stop();
  lock.unlock();
  for (const auto& task : tasks_) {
    if (task->thread.joinable()) task->thread.join();
  }
  if (storage_error_) return tl::unexpected(*storage_error_);
  return {};
}

/// end() is called with the mutex held.
void Schedule::end(Task& task, Attempt* attempt, const Ending& ending) {
  const Info& info = task.procedure->info;
  Harvest harvest = attempt == nullptr ? Harvest{} : attempt->harvest();
  if (ending.state != "finished") {
    harvest.facts.clear();
    harvest.coverage.clear();
  }
  const std::size_t facts = harvest.facts.size();
  const auto written = around_.session.commit(info.id, info.version, harvest, ending);
  if (!written) storage_error_ = written.error();
  const auto state = around_.session.last_states()[info.id];
  task.gave_facts = state.state == "finished";
  task.attempt = nullptr;
  task.state = State::ended;
  around_.observer.ended(info, state.state, state.reason, facts);
  around_.observer.stress(around_.door.stress());
  changed_.notify_all();
}

void Schedule::work(Task& task) {
  const Info& info = task.procedure->info;
  around_.observer.started(info);
  if (const auto started = around_.session.started(info.id); !started) {
    const std::scoped_lock lock(mutex_);
    storage_error_ = started.error();
    task.state = State::ended;
    changed_.notify_all();
    return;
  }
  Attempt attempt(around_, *task.procedure, task.stop.get_token());
  {
    const std::scoped_lock lock(mutex_);
    task.attempt = &attempt;
  }
  Ending ending = attempt_once(task, attempt);
  const bool again = ending.state == "finished" && attempt.tainted() && is_safe(info) &&
                     lost_.empty() && !task.stop.stop_requested();
  if (again) {
    attempt.log("warning",
                fmt::format("{} is repeated: the device was away or changed meanwhile", info.id));
    attempt.drop_facts();
    ending = attempt_once(task, attempt);
  }
  const bool sends = info.hazard != Hazard::passive;
  if (ending.state == "finished" && sends && is_safe(info)) ending = repeat(task, attempt);
  const std::scoped_lock lock(mutex_);
  end(task, &attempt, ending);
}

/// repeat() does a procedure again as often as was asked for, or where an earlier run saw other
/// facts, and leaves in the attempt what the goes have in common.
Ending Schedule::repeat(Task& task, Attempt& attempt) {
  const Options& options = around_.options;
  const Info& info = task.procedure->info;
  std::vector<Observation> seen{attempt.take()};
  int times = options.repeat;
  if (times < kSecondLook && options.doubtful && options.doubtful(info.id, seen.front().facts)) {
    times = kSecondLook;
  }
  std::string broken;
  while (static_cast<int>(seen.size()) < times && broken.empty()) {
    {
      const std::scoped_lock lock(mutex_);
      if (attempt.tainted() || !lost_.empty()) broken = "the device was away or changed meanwhile";
      if (task.stop.stop_requested()) broken = "the time for this procedure ran out";
      if (!broken.empty()) break;
      task.deadline = around_.clock.now() + info.deadline;
    }
    attempt.log("info",
                fmt::format("{} is done again ({} of {})", info.id, seen.size() + 1, times));
    const Ending ending = attempt_once(task, attempt);
    if (ending.state == "interrupted") return ending;
    Observation next = attempt.take();
    if (ending.state == "finished") {
      seen.push_back(std::move(next));
    } else {
      broken = ending.reason;
    }
  }
  attempt.put(merge(seen, options.fact_tables, times, broken));
  return {"finished", Cause::none, ""};
}

/// attempt_once() runs a procedure between two pulses. Nothing that it throws leaves this function.
Ending Schedule::attempt_once(Task& task, Attempt& attempt) {
  const bool bracket = task.procedure->info.hazard != Hazard::passive;
  Ending ending{"finished", Cause::none, ""};
  try {
    if (bracket && !present_before(task, attempt, ending)) return ending;
    if (const auto done = task.procedure->run(attempt); !done) {
      ending = {"failed", cause_of(done.error().kind), done.error().message()};
    }
    if (stop_.stop_requested()) {
      // What was cut short is made anew when the run is resumed.
      return {"interrupted", Cause::lab, "the run was stopped while this procedure was in flight"};
    }
    if (bracket) check_after(task, attempt);
  } catch (const std::exception& exception) {
    ending = {"failed", Cause::tool, fmt::format("fault of the tool: {}", exception.what())};
  }
  return ending;
}

Pulse Schedule::wait_for_device(Attempt& attempt) {
  const SteadyTime until = around_.clock.now() + around_.options.patience;
  Pulse pulse = pulses_.take(attempt);
  if (pulse.silent()) {
    const auto patience =
        std::chrono::duration_cast<std::chrono::seconds>(around_.options.patience).count();
    attempt.log("warning",
                fmt::format("the device does not answer; waiting up to {} s for it", patience));
  }
  while (pulse.silent() && around_.clock.now() < until && around_.clock.sleep(1s, attempt.stop())) {
    pulse = pulses_.take(attempt);
  }
  return pulse;
}

void Schedule::record_pulse(Attempt& attempt, std::string_view moment, const Pulse& pulse) {
  if (!pulse.asked || pulse.fingerprint.evidence == 0) return;
  attempt.record(to_fact(pulse, fmt::format("{} {}", moment, attempt.procedure())));
}

bool Schedule::present_before(Task& task, Attempt& attempt, Ending& ending) {
  Pulse pulse = pulses_.take(attempt);
  // Before discovery only the declaration says where to ask; it may be wrong.
  const bool discovers = provides_ports(task.procedure->info);
  if (pulse.silent() && !discovers) pulse = wait_for_device(attempt);
  record_pulse(attempt, "before", pulse);
  const std::scoped_lock lock(mutex_);
  ever_seen_ = ever_seen_ || (pulse.asked && !pulse.silent());
  if (pulse.changed()) attempt.taint(kChanged);
  // What is not safe would be done to somebody else's device.
  if (pulse.likeness == protocols::Likeness::changed && !is_safe(task.procedure->info)) {
    ending = {"skipped", Cause::device, kStranger};
    return false;
  }
  if (!pulse.silent() || discovers) return true;
  lost_ = "the device stopped answering before " + task.procedure->info.id;
  ending = {"skipped", Cause::device, lost_};
  return false;
}

void Schedule::check_after(Task& task, Attempt& attempt) {
  const Pulse pulse = pulses_.take(attempt);
  std::string why;
  bool gone = false;
  if (pulse.silent()) {
    why = fmt::format("the device did not answer after {}", task.procedure->info.id);
    gone = !ever_seen_ || wait_for_device(attempt).silent();
  } else if (pulse.changed()) {
    why = kChanged;
  }
  record_pulse(attempt, "after", pulse);
  const std::scoped_lock lock(mutex_);
  ever_seen_ = ever_seen_ || (pulse.asked && !pulse.silent());
  // A host that refuses every connection may be any host: nothing shows that it is the device.
  const auto& services = around_.options.device.value.services;
  const bool declares_tcp = std::ranges::any_of(
      services, [](const auto& service) { return service.port.transport == "tcp"; });
  if (why.empty() && declares_tcp && provides_ports(task.procedure->info) &&
      !attempt.recorded("port", "state", "open")) {
    why =
        "no port accepts a connection, declared ones neither: nothing shows that the device is "
        "there";
    gone = true;
    ever_seen_ = false;
  }
  if (why.empty()) return;
  taint_running(why);
  attempt.taint(why);
  if (!gone) return;
  reachable_ = ever_seen_;
  lost_ = ever_seen_ ? why + " and did not come back" : "the device was never reached: " + why;
}

void Schedule::taint_running(const std::string& why) {
  for (const auto& task : tasks_) {
    if (task->attempt != nullptr) task->attempt->taint(why);
  }
}

}  // namespace haetae::runner
