#include <algorithm>

#include "harness/judge/criterion.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::judge {
namespace {

Opinion inconclusive(Cause cause, catalogue::Text reason) {
  return {.verdict = Verdict::inconclusive, .cause = cause, .reason = std::move(reason)};
}

Opinion not_run(catalogue::Text reason) {
  return {.verdict = Verdict::not_run, .cause = Cause::none, .reason = std::move(reason)};
}

Places places_of_procedure(const Stored::Procedure& procedure, const std::string& topic,
                           const std::string& subject, const std::string& why) {
  return {{"procedure", procedure.id},
          {"topic", topic},
          {"subject", printable(subject)},
          {"why", printable(why, 500)}};
}

/// from_state() is what the last state of a planned procedure says of a record that is missing.
Opinion from_state(const Stored::Procedure& procedure, const std::string& topic,
                   const std::string& subject) {
  const Places places = places_of_procedure(procedure, topic, subject, procedure.state_reason);
  const std::string& state = procedure.state;
  if (state == "finished") {
    return inconclusive(Cause::tool, sentence(Sentence::finished_silent, places));
  }
  if (state == "failed") return inconclusive(procedure.cause, sentence(Sentence::failed, places));
  Opinion out = not_run(sentence(state == "skipped"       ? Sentence::skipped
                                 : state == "interrupted" ? Sentence::interrupted
                                                          : Sentence::not_reached,
                                 places));
  if (!state.empty() && state != "started") out.cause = procedure.cause;
  return out;
}

/// missing() says why there is no record of a topic at a subject.
Opinion missing(const Stored& stored, const std::string& topic, const std::string& subject) {
  const auto found = stored.procedures.find(topic);
  if (found == stored.procedures.end()) {
    return inconclusive(Cause::tool, sentence(Sentence::nobody_looks, {{"topic", topic}}));
  }
  std::optional<Opinion> worst;
  for (const Stored::Procedure& procedure : found->second) {
    if (procedure.plan != "planned") continue;
    Opinion opinion = from_state(procedure, topic, subject);
    if (!worst || opinion.verdict > worst->verdict) worst = std::move(opinion);
  }
  if (worst) return *worst;
  const Stored::Procedure& first = found->second.front();
  return not_run(
      sentence(Sentence::not_permitted, places_of_procedure(first, topic, subject, first.reason)));
}

}  // namespace

std::optional<Opinion> coverage_gap(const Stored& stored, const std::string& topic,
                                    const std::string& subject) {
  const Stored::Looked* looked = stored.looked(topic, subject);
  if (looked == nullptr) return missing(stored, topic, subject);
  if (looked->state == CoverageState::complete) return std::nullopt;
  const Places places{{"topic", topic}, {"why", printable(looked->why, 500)}};
  return inconclusive(
      looked->cause,
      sentence(looked->state == CoverageState::tainted ? Sentence::tainted : Sentence::partial,
               places));
}

}  // namespace haetae::judge
