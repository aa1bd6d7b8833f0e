#include <algorithm>

#include "harness/catalogue/phrases.hpp"
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

/// told() is a sentence of which the places may hold the English words of a procedure; the Korean
/// sentence gets them in Korean.
catalogue::Text told(const catalogue::Catalogue& catalogue, Sentence id, const Places& places) {
  Places korean = places;
  for (const char* const name : {"why", "topic"}) {
    if (const auto place = korean.find(name); place != korean.end())
      place->second = catalogue::phrase(catalogue, place->second).ko;
  }
  return {.ko = sentence(id, korean).ko, .en = sentence(id, places).en};
}

Places places_of_procedure(const Stored::Procedure& procedure, const std::string& topic,
                           const std::string& subject, const std::string& why) {
  return {{"procedure", procedure.id},
          {"topic", topic},
          {"subject", printable(subject)},
          {"why", printable(why, 500)}};
}

/// from_state() is what the last state of a planned procedure says of a record that is missing.
Opinion from_state(const Bench& bench, const Stored::Procedure& procedure, const std::string& topic,
                   const std::string& subject) {
  const Places places = places_of_procedure(procedure, topic, subject, procedure.state_reason);
  const auto say = [&](Sentence id) { return told(bench.catalogue, id, places); };
  const std::string& state = procedure.state;
  if (state == "finished") return inconclusive(Cause::tool, say(Sentence::finished_silent));
  if (state == "failed") return inconclusive(procedure.cause, say(Sentence::failed));
  Opinion out = not_run(say(state == "skipped"       ? Sentence::skipped
                            : state == "interrupted" ? Sentence::interrupted
                                                     : Sentence::not_reached));
  if (!state.empty() && state != "started") out.cause = procedure.cause;
  return out;
}

/// missing() says why there is no record of a topic at a subject.
Opinion missing(const Bench& bench, const std::string& topic, const std::string& subject) {
  const auto found = bench.stored.procedures.find(topic);
  if (found == bench.stored.procedures.end()) {
    return inconclusive(Cause::tool,
                        told(bench.catalogue, Sentence::nobody_looks, {{"topic", topic}}));
  }
  std::optional<Opinion> worst;
  for (const Stored::Procedure& procedure : found->second) {
    if (procedure.plan != "planned") continue;
    Opinion opinion = from_state(bench, procedure, topic, subject);
    if (!worst || opinion.verdict > worst->verdict) worst = std::move(opinion);
  }
  if (worst) return *worst;
  const Stored::Procedure& first = found->second.front();
  return not_run(told(bench.catalogue, Sentence::not_permitted,
                      places_of_procedure(first, topic, subject, first.reason)));
}

}  // namespace

std::optional<Opinion> coverage_gap(const Bench& bench, const std::string& topic,
                                    const std::string& subject) {
  const Stored::Looked* looked = bench.stored.looked(topic, subject);
  if (looked == nullptr) return missing(bench, topic, subject);
  if (looked->state == CoverageState::complete) return std::nullopt;
  const Places places{{"topic", topic}, {"why", printable(looked->why, 500)}};
  const bool tainted = looked->state == CoverageState::tainted;
  return inconclusive(looked->cause, told(bench.catalogue,
                                          tainted ? Sentence::tainted : Sentence::partial, places));
}

}  // namespace haetae::judge
