#include "harness/runner/attempt.hpp"

#include <algorithm>
#include <utility>

namespace haetae::runner {

Attempt::Attempt(Surroundings& around, const Procedure& procedure, std::stop_token stop)
    : around_(around),
      procedure_(procedure),
      stop_(std::move(stop)),
      evidence_(procedure.info.id, around.session.evidence_ids(), around.clock) {
  share(around.patience);
}

void Attempt::record(FactRow row) {
  const std::scoped_lock lock(mutex_);
  harvest_.facts.push_back(std::move(row));
}

void Attempt::cover(Coverage coverage) {
  // Work that went on after it was asked to stop may have left out what it did not reach.
  if (coverage.state == CoverageState::complete && stop_.stop_requested()) {
    coverage.state = CoverageState::partial;
    coverage.cause = Cause::lab;
    coverage.why = "the time for this procedure ran out or the run was stopped";
  }
  const std::scoped_lock lock(mutex_);
  harvest_.coverage.push_back(std::move(coverage));
}

SecretId Attempt::secret(std::string_view kind, std::string_view value) {
  const SecretId id = around_.session.secret(kind, value);
  const std::scoped_lock lock(mutex_);
  harvest_.secrets.insert(id);
  return id;
}

void Attempt::log(std::string_view level, std::string text) {
  around_.observer.log(level, text);
  static_cast<void>(around_.session.log(level, text));
}

void Attempt::taint(std::string why) {
  const std::scoped_lock lock(mutex_);
  if (taint_.empty()) taint_ = std::move(why);
}

void Attempt::drop_facts() {
  const std::scoped_lock lock(mutex_);
  harvest_.facts.clear();
  harvest_.coverage.clear();
  taint_.clear();
}

Observation Attempt::take() {
  const std::scoped_lock lock(mutex_);
  return {.facts = std::exchange(harvest_.facts, {}),
          .coverage = std::exchange(harvest_.coverage, {})};
}

void Attempt::put(Merged merged) {
  const std::scoped_lock lock(mutex_);
  harvest_.facts = std::move(merged.observation.facts);
  harvest_.coverage = std::move(merged.observation.coverage);
  harvest_.unstable = std::move(merged.unstable);
}

bool Attempt::tainted() const {
  const std::scoped_lock lock(mutex_);
  return !taint_.empty();
}

bool Attempt::recorded(std::string_view table, std::string_view column, const Value& value) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(harvest_.facts, [&](const FactRow& row) {
    return row.table == table && std::ranges::any_of(row.cells, [&](const auto& cell) {
             return cell.first == column && cell.second == value;
           });
  });
}

Harvest Attempt::harvest() {
  const std::scoped_lock lock(mutex_);
  Harvest out = std::move(harvest_);
  harvest_ = {};
  out.evidence = evidence_.take();
  if (!taint_.empty()) {
    for (Coverage& coverage : out.coverage) {
      coverage.state = CoverageState::tainted;
      coverage.cause = Cause::device;
      coverage.why = taint_;
    }
  }
  return out;
}

}  // namespace haetae::runner
