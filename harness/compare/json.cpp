#include <nlohmann/json.hpp>

#include "harness/compare/render.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::compare {
namespace {

using Json = nlohmann::ordered_json;

/// clean() is text that JSON can hold; a device's bytes that are no UTF-8 are shown as \xNN.
std::string clean(std::string_view text) { return printable(text, 4000); }

Json two(const Text& text) { return {{"ko", clean(text.ko)}, {"en", clean(text.en)}}; }

Json words(const std::vector<Why>& why) {
  Json out = Json::array();
  for (const Why one : why) out.push_back(word(one));
  return out;
}

Json verdict(const std::optional<Verdict>& verdict) {
  return verdict ? Json(word(*verdict)) : Json(nullptr);
}

Json head(const Head& head) {
  return {{"file", clean(head.file)},
          {"run", head.uuid},
          {"root", head.root},
          {"revision", head.revision},
          {"started", head.started},
          {"tool", clean(head.tool)},
          {"catalogue", head.catalogue},
          {"edition", head.edition},
          {"profile", head.profile},
          {"type", head.type},
          {"only", head.only},
          {"permit", head.permit},
          {"firmware", clean(head.firmware)},
          {"hardware", clean(head.hardware)},
          {"headline", head.headline}};
}

Json changes(const std::vector<VerdictChange>& list) {
  Json out = Json::array();
  for (const VerdictChange& change : list) {
    Json one = {{"item", change.item}};
    if (!change.criterion.empty()) one["criterion"] = change.criterion;
    if (!change.subject.empty()) one["subject"] = clean(change.subject);
    one["title"] = two(change.title);
    one["before"] = verdict(change.before);
    one["after"] = verdict(change.after);
    one["way"] = word(change.way);
    one["why"] = words(change.why);
    one["reason"] = two(change.reason);
    one["regression"] = change.regression;
    one["waivedUntil"] = clean(change.waived);
    out.push_back(std::move(one));
  }
  return out;
}

Json findings(const Difference& difference) {
  Json out = Json::array();
  for (const FindingChange& finding : difference.findings) {
    out.push_back({{"code", finding.code},
                   {"item", finding.item},
                   {"criterion", finding.criterion},
                   {"subject", clean(finding.subject)},
                   {"key", clean(finding.key)},
                   {"says", two(finding.says)},
                   {"what", finding.what},
                   {"way", word(finding.way)},
                   {"why", words(finding.why)},
                   {"waivedUntil", clean(finding.waived)}});
  }
  return out;
}

Json facts(const Difference& difference) {
  Json out = Json::array();
  for (const FactChange& fact : difference.facts) {
    Json cells = Json::array();
    for (const CellChange& cell : fact.cells) {
      cells.push_back(
          {{"column", cell.column}, {"before", clean(cell.before)}, {"after", clean(cell.after)}});
    }
    out.push_back({{"table", fact.table},
                   {"key", clean(fact.key)},
                   {"what", fact.what},
                   {"why", word(fact.why)},
                   {"cells", std::move(cells)}});
  }
  return out;
}

Json retest_part(const Retest& retest) {
  Json again = Json::array(), carried = Json::array();
  for (const RetestItem& item : retest.items) {
    if (item.reasons.empty()) {
      carried.push_back(
          {{"item", item.item}, {"title", two(item.title)}, {"evidence", item.evidence}});
      continue;
    }
    Json reasons = Json::array();
    for (const RetestReason& reason : item.reasons) {
      reasons.push_back({{"word", reason.word}, {"says", two(reason.says)}});
    }
    again.push_back(
        {{"item", item.item}, {"title", two(item.title)}, {"reasons", std::move(reasons)}});
  }
  return {{"run", retest.run},
          {"root", retest.root},
          {"again", std::move(again)},
          {"carriedOver", std::move(carried)}};
}

}  // namespace

std::string json(const Difference& difference, const Retest& retest) {
  Json out = {{"format", "haetae-diff 1"},
              {"equal", difference.equal()},
              {"gateHolds", gate_holds(difference)},
              {"regressions", difference.regressions(false)},
              {"regressionsBeyondWaivers", difference.regressions(true)},
              {"before", head(difference.before)},
              {"after", head(difference.after)},
              {"inputs",
               {{"catalogue", difference.catalogue_changed},
                {"declaration", difference.declaration_changed},
                {"engine", difference.engine_changed}}},
              {"items", changes(difference.items)},
              {"criteria", changes(difference.criteria)},
              {"subjects", changes(difference.subjects)},
              {"findings", findings(difference)},
              {"facts", facts(difference)},
              {"sameItems", difference.same_items}};
  Json known = Json::array(), flaky = Json::array(), waivers = Json::array();
  for (const Known& one : difference.known) {
    known.push_back({{"code", one.code}, {"item", one.item}, {"waivedUntil", clean(one.waived)}});
  }
  for (const Flaky& one : difference.flaky) {
    flaky.push_back({{"procedure", one.procedure},
                     {"table", one.table},
                     {"key", clean(one.key)},
                     {"same", one.same},
                     {"of", one.of}});
  }
  for (const WaiverLine& one : difference.waivers) {
    waivers.push_back({{"target", one.target},
                       {"reason", clean(one.reason)},
                       {"approver", clean(one.approver)},
                       {"expires", clean(one.expires)},
                       {"state", one.state}});
  }
  out["known"] = std::move(known);
  out["flaky"] = std::move(flaky);
  out["waivers"] = std::move(waivers);
  out["retest"] = retest_part(retest);
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string retest_json(const Retest& retest) {
  Json out = retest_part(retest);
  out["format"] = "haetae-retest 1";
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace haetae::compare
