#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "reports/machine/machine.hpp"
#include "reports/machine/texts.hpp"

namespace haetae::reports {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNamespace = "urn:haetae:oscal";
/// A port sweep rests on thousands of pieces; the run file names them all.
constexpr std::size_t kMostEvidence = 20;

/// token() is an identifier that OSCAL takes: a letter first, then letters, digits, ".", "-", "_".
std::string token(std::string_view before, std::string_view id) {
  std::string out(before);
  for (const unsigned char letter : id) {
    const bool fine = std::isalnum(letter) != 0 || letter == '.' || letter == '-' || letter == '_';
    out += fine ? static_cast<char>(letter) : '_';
  }
  return out;
}

std::string first_line(std::string_view text) { return line(text.substr(0, text.find('\n'))); }

/// prose() is a text of several lines that is never empty.
std::string prose(std::string_view text) {
  const std::string out = plain(text);
  return out.empty() ? "-" : out;
}

Json prop(std::string_view name, std::string_view value) {
  return {{"name", name}, {"ns", kNamespace}, {"value", line(value)}};
}

/// add_props() leaves out what is empty; OSCAL has no empty lists.
void add_props(Json& to, const std::vector<std::pair<std::string_view, std::string>>& all) {
  Json props = Json::array();
  for (const auto& [name, value] : all) {
    if (!value.empty()) props.push_back(prop(name, value));
  }
  if (!props.empty()) to["props"] = std::move(props);
}

void add_list(Json& to, const char* name, Json list) {
  if (!list.empty()) to[name] = std::move(list);
}

class Writer {
 public:
  Writer(const Report& report, Language language)
      : report_(report), language_(language), run_(report.run_value("uuid")) {}
  Json document();

 private:
  [[nodiscard]] std::string id(std::string_view kind, std::string_view name) const {
    return uuid5(run_, fmt::format("{}:{}", kind, name));
  }
  [[nodiscard]] std::string_view pick(std::string_view ko, std::string_view en) const {
    return language_ == Language::ko ? ko : en;
  }
  [[nodiscard]] const std::string& of(const Text& text) const { return in(text, language_); }
  /// when() is an instant, or the one of the run if a row holds none.
  [[nodiscard]] std::string when(const std::string& wanted) const;
  [[nodiscard]] Json origins() const;
  [[nodiscard]] Json subject(std::string_view name) const;

  Json metadata() const;
  void parties(Json& metadata) const;
  Json result();
  void criterion(const Item& item, const Criterion& one);
  std::string observation(const Criterion& criterion, const Subject& subject,
                          const std::vector<EvidenceId>& cites);
  std::string risk(const Item& item, const Criterion& criterion, const Finding& finding,
                   const std::string& observed);
  void finding(const Item& item, const Criterion& criterion, const Json& observations,
               const Json& risks);
  Json evidence(const std::vector<EvidenceId>& ids);
  [[nodiscard]] Json local_definitions() const;
  [[nodiscard]] Json reviewed_controls() const;
  [[nodiscard]] Json assessment_log() const;
  [[nodiscard]] Json attestations() const;
  [[nodiscard]] Json back_matter() const;

  const Report& report_;
  Language language_;
  std::string run_;
  Json observations_ = Json::array(), risks_ = Json::array(), findings_ = Json::array();
  std::set<EvidenceId> cited_;
};

std::string Writer::when(const std::string& wanted) const {
  for (const std::string& one :
       {wanted, report_.revision.tested_at, report_.run_value("started"), report_.revision.at}) {
    if (is_instant(one)) return one;
  }
  return "1970-01-01T00:00:00Z";
}

Json Writer::origins() const {
  return Json::array(
      {{{"actors", Json::array({{{"type", "tool"}, {"actor-uuid", id("component", "tool")}}})}}});
}

Json Writer::subject(std::string_view name) const {
  return {
      {"subject-uuid", id("component", "device")}, {"type", "component"}, {"title", line(name)}};
}

void Writer::parties(Json& metadata) const {
  Json roles = Json::array(), all = Json::array(), responsible = Json::array();
  const auto add = [&](std::string_view role, std::string_view title, std::string_view type,
                       const std::string& name, const std::string& more) {
    if (name.empty()) return;
    const std::string uuid = id("party", fmt::format("{}:{}", role, name));
    roles.push_back({{"id", role}, {"title", title}});
    Json party{{"uuid", uuid}, {"type", type}, {"name", line(name)}};
    if (!more.empty()) party["remarks"] = prose(more);
    all.push_back(std::move(party));
    responsible.push_back({{"role-id", role}, {"party-uuids", Json::array({uuid})}});
  };
  add("maker", pick("제조자", "Maker"), "organization", report_.device.maker, "");
  if (report_.particulars) {
    const auto& more = *report_.particulars;
    add("laboratory", pick("시험기관", "Laboratory"), "organization", more.laboratory.name,
        more.laboratory.address);
    add("applicant", pick("신청인", "Applicant"), "organization", more.applicant.name,
        more.applicant.address);
    add("assessor", pick("시험자", "Tester"), "person", more.tester.name, more.tester.title);
    add("approver", pick("기술책임자", "Technical manager"), "person", more.manager.name,
        more.manager.title);
  }
  add_list(metadata, "roles", std::move(roles));
  add_list(metadata, "parties", std::move(all));
  add_list(metadata, "responsible-parties", std::move(responsible));
}

Json Writer::metadata() const {
  const Identity& device = report_.device;
  const std::string version =
      report_.issue ? report_.issue->number : fmt::format("draft-{}", report_.revision.number);
  Json out{{"title", line(fmt::format("{}: {} {} {}", of(report_.catalogue_title), device.maker,
                                      device.model, device.firmware))},
           {"last-modified", when(report_.issue ? report_.issue->at : report_.revision.at)},
           {"version", line(version)},
           {"oscal-version", "1.2.0"}};
  Json history = Json::array();
  for (auto issue = report_.history.rbegin(); issue != report_.history.rend(); ++issue) {
    Json one{{"version", line(issue->number)}};
    if (is_instant(issue->at)) one["published"] = issue->at;
    if (!issue->reason.empty()) one["remarks"] = prose(issue->reason);
    history.push_back(std::move(one));
  }
  add_list(out, "revisions", std::move(history));
  if (report_.issue)
    out["document-ids"] = Json::array({{{"identifier", line(report_.issue->number)}}});
  add_props(out, {{"headline", std::string(word(report_.revision.headline))},
                  {"run", run_},
                  {"root", root_of(report_)},
                  {"catalogue", report_.revision.catalogue},
                  {"edition", report_.revision.edition},
                  {"profile", report_.revision.profile},
                  {"type", report_.revision.type},
                  {"language", std::string(pick("ko", "en"))}});
  parties(out);
  out["remarks"] = prose(report_.legal_base);
  return out;
}

Json Writer::evidence(const std::vector<EvidenceId>& ids) {
  Json out = Json::array();
  for (std::size_t at = 0; at < std::min(ids.size(), kMostEvidence); ++at) {
    const EvidenceEntry* const entry = report_.evidence_entry(ids[at]);
    if (entry == nullptr) continue;
    cited_.insert(ids[at]);
    out.push_back({{"href", "#" + id("evidence", std::to_string(ids[at]))},
                   {"description", prose(fmt::format("{} {}: {}", pick("증거", "evidence"), ids[at],
                                                     entry->label))}});
  }
  return out;
}

std::string_view method_of(const std::string& source) {
  return source == "document" || source == "operator" ? "EXAMINE" : "TEST";
}

std::string Writer::observation(const Criterion& criterion, const Subject& judged,
                                const std::vector<EvidenceId>& cites) {
  const std::string uuid = id("observation", fmt::format("{}:{}", criterion.id, judged.subject));
  std::string collected;
  for (const EvidenceId one : cites) {
    const EvidenceEntry* const entry = report_.evidence_entry(one);
    if (entry != nullptr && entry->at > collected) collected = entry->at;
  }
  Json out{{"uuid", uuid},
           {"title", line(of(criterion.title))},
           {"description", prose(of(judged.reason))}};
  add_props(out, {{"criterion", criterion.id},
                  {"subject", judged.subject},
                  {"source", criterion.source},
                  {"verdict", std::string(word(judged.verdict))},
                  {"cause", judged.cause == Cause::none ? "" : std::string(word(judged.cause))}});
  out["methods"] = Json::array({method_of(criterion.source)});
  Json types = Json::array({"control-objective"});
  if (judged.verdict == Verdict::fail) types.push_back("finding");
  out["types"] = std::move(types);
  out["origins"] = origins();
  out["subjects"] = Json::array({subject(judged.subject)});
  add_list(out, "relevant-evidence", evidence(cites));
  out["collected"] = when(collected);
  if (cites.size() > kMostEvidence) {
    out["remarks"] = fmt::format("{} {}", cites.size() - kMostEvidence,
                                 pick("건의 증거가 더 있다.", "more pieces of evidence."));
  }
  observations_.push_back(std::move(out));
  return uuid;
}

std::string Writer::risk(const Item& item, const Criterion& criterion, const Finding& finding,
                         const std::string& observed) {
  const std::string uuid =
      id("risk", fmt::format("{}:{}:{}", criterion.id, finding.subject, finding.key));
  const Waiver* const waiver = waiver_of(report_, item, criterion, finding);
  const bool accepted = waiver != nullptr && waiver->state == "in-force";
  Json out{{"uuid", uuid},
           {"title", first_line(of(finding.says))},
           {"description", prose(of(finding.says))},
           {"statement", prose(of(item.requirement))}};
  add_props(out, {{"finding", finding.code},
                  {"criterion", criterion.id},
                  {"subject", finding.subject},
                  {"key", finding.key},
                  {"waiver", waiver == nullptr ? "" : waiver->state},
                  {"waiver-approver", waiver == nullptr ? "" : waiver->approver},
                  {"waiver-reason", waiver == nullptr ? "" : waiver->reason}});
  out["status"] = accepted ? "deviation-approved" : "open";
  out["origins"] = origins();
  if (waiver != nullptr && is_instant(waiver->expires)) out["deadline"] = waiver->expires;
  const std::string& remedy = of(finding.remedy).empty() ? of(item.remedy) : of(finding.remedy);
  out["remediations"] = Json::array({{{"uuid", id("remedy", uuid)},
                                      {"lifecycle", "recommendation"},
                                      {"title", first_line(remedy)},
                                      {"description", prose(remedy)}}});
  out["related-observations"] = Json::array({{{"observation-uuid", observed}}});
  risks_.push_back(std::move(out));
  return uuid;
}

void Writer::finding(const Item& item, const Criterion& criterion, const Json& observations,
                     const Json& risks) {
  // Only satisfied and not-satisfied exist: what waits for a person, was not run or does not apply
  // is an observation without a finding.
  const bool passed = criterion.verdict == Verdict::pass;
  const bool failed = criterion.verdict == Verdict::fail;
  if (!passed && !failed && criterion.verdict != Verdict::inconclusive) return;
  Json status{{"state", passed ? "satisfied" : "not-satisfied"},
              {"reason", passed   ? "pass"
                         : failed ? "fail"
                                  : "other"}};
  if (!passed && !failed) {
    status["remarks"] = prose(
        fmt::format("{} ({}): {}", pick(korean(criterion.verdict), word(criterion.verdict)),
                    pick(korean(criterion.cause), word(criterion.cause)), of(criterion.reason)));
  }
  Json out{{"uuid", id("finding", criterion.id)},
           {"title", line(of(criterion.title))},
           {"description", prose(of(criterion.reason))}};
  add_props(out, {{"criterion", criterion.id},
                  {"item", item.id},
                  {"item-verdict", std::string(word(item.verdict))}});
  out["origins"] = origins();
  out["target"] = {{"type", "objective-id"},
                   {"target-id", token("criterion-", criterion.id)},
                   {"title", line(of(criterion.title))},
                   {"status", std::move(status)}};
  add_list(out, "related-observations", observations);
  add_list(out, "related-risks", risks);
  findings_.push_back(std::move(out));
}

void Writer::criterion(const Item& item, const Criterion& one) {
  std::map<std::string, std::vector<EvidenceId>> cites;
  for (const Subject& judged : one.subjects) {
    auto& into = cites[judged.subject];
    into.insert(into.end(), judged.cites.begin(), judged.cites.end());
  }
  for (const Finding& breach : one.findings) {
    auto& into = cites[breach.subject];
    into.insert(into.end(), breach.evidence.begin(), breach.evidence.end());
  }
  std::map<std::string, std::string> seen;
  Json related = Json::array(), risks = Json::array();
  const auto observe = [&](const Subject& judged) {
    if (seen.contains(judged.subject)) return;
    auto ids = cites[judged.subject];
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    seen[judged.subject] = observation(one, judged, ids);
    related.push_back({{"observation-uuid", seen[judged.subject]}});
  };
  for (const Subject& judged : one.subjects) observe(judged);
  const auto whole = [&](const std::string& name) {
    observe({.subject = name,
             .verdict = one.verdict,
             .cause = one.cause,
             .reason = one.reason,
             .cites = {}});
  };
  for (const Finding& breach : one.findings) whole(breach.subject);
  if (seen.empty()) whole("");
  if (item.selected != "planned") return;
  for (const Finding& breach : one.findings)
    risks.push_back({{"risk-uuid", risk(item, one, breach, seen[breach.subject])}});
  finding(item, one, related, risks);
}

Json Writer::local_definitions() const {
  const Identity& device = report_.device;
  Json tested{
      {"uuid", id("component", "device")},
      {"type", "system"},
      {"title", line(device.maker + " " + device.model)},
      {"description", prose(fmt::format("{} {} {}", device.maker, device.model, device.firmware))}};
  add_props(tested, {{"category", device.category},
                     {"serial", device.serial},
                     {"hardware", device.hardware},
                     {"firmware", device.firmware}});
  tested["status"] = {{"state", "operational"}};
  Json tool{{"uuid", id("component", "tool")},
            {"type", "software"},
            {"title", line(report_.revision.tool)},
            {"description", prose(report_.revision.tool)}};
  add_props(tool, {{"commit", report_.run_value("commit")}});
  tool["status"] = {{"state", "operational"}};
  return {{"components", Json::array({tested})},
          {"assessment-assets",
           {{"components", Json::array({tool})},
            {"assessment-platforms",
             Json::array({{{"uuid", id("platform", report_.run_value("host"))},
                           {"title", line(report_.run_value("host"))},
                           {"uses-components",
                            Json::array({{{"component-uuid", id("component", "tool")}}})}}})}}}};
}

Json Writer::reviewed_controls() const {
  Json included = Json::array();
  Json objectives = Json::array();
  for (const Item& item : report_.items) {
    if (item.selected != "planned") continue;
    included.push_back({{"control-id", token("item-", item.id)}});
    for (const Criterion& one : item.criteria)
      objectives.push_back({{"objective-id", token("criterion-", one.id)}});
  }
  Json selection{
      {"description", prose(fmt::format("{} {}, {}", report_.revision.catalogue,
                                        report_.revision.edition, report_.revision.type))}};
  add_list(selection, "include-controls", std::move(included));
  Json out{{"control-selections", Json::array({std::move(selection)})}};
  if (!objectives.empty()) {
    out["control-objective-selections"] =
        Json::array({{{"include-objectives", std::move(objectives)}}});
  }
  Json left = Json::array();
  for (const Item& item : report_.items) {
    if (item.selected != "planned") left.push_back(fmt::format("{} ({})", item.id, item.selected));
  }
  if (!left.empty()) {
    std::string names;
    for (const Json& one : left) names += (names.empty() ? "" : ", ") + one.get<std::string>();
    out["remarks"] = prose(fmt::format("{}: {}", pick("시험 범위 밖", "outside the plan"), names));
  }
  return out;
}

Json Writer::assessment_log() const {
  Json entries = Json::array();
  for (const ProcedureEntry& one : report_.procedures) {
    if (!is_instant(one.started)) continue;
    Json entry{{"uuid", id("procedure", one.id)}, {"title", line(one.id)}, {"start", one.started}};
    if (is_instant(one.at)) entry["end"] = one.at;
    add_props(
        entry,
        {{"hazard", one.hazard}, {"state", one.state}, {"version", std::to_string(one.version)}});
    if (!one.reason.empty()) entry["remarks"] = prose(one.reason);
    entries.push_back(std::move(entry));
  }
  for (std::size_t at = 0; at < report_.answers.size(); ++at) {
    const Answer& answer = report_.answers[at];
    if (!is_instant(answer.at)) continue;
    Json entry{{"uuid", id("answer", fmt::format("{}:{}", at, answer.criterion))},
               {"title", line(answer.criterion)},
               {"start", answer.at},
               {"end", answer.at}};
    add_props(entry, {{"outcome", answer.outcome},
                      {"answered-by", answer.who},
                      {"confirmed-by", answer.second}});
    if (!answer.text.empty()) entry["remarks"] = prose(answer.text);
    entries.push_back(std::move(entry));
  }
  return entries;
}

Json Writer::attestations() const {
  Json parts = Json::array({{{"name", "scope"},
                             {"ns", kNamespace},
                             {"prose", pick("이 결과는 시험한 시료에만 해당한다.",
                                            "The results hold for the tested sample only.")}}});
  if (report_.particulars && !of(report_.particulars->opinion).empty()) {
    parts.push_back({{"name", "opinion"},
                     {"ns", kNamespace},
                     {"prose", prose(of(report_.particulars->opinion))}});
  }
  return Json::array({{{"parts", std::move(parts)}}});
}

Json Writer::result() {
  for (const Item& item : report_.items) {
    for (const Criterion& one : item.criteria) criterion(item, one);
  }
  Json out{
      {"uuid", id("result", std::to_string(report_.revision.number))},
      {"title", line(fmt::format("{} {}", report_.revision.catalogue, report_.revision.edition))},
      {"description", prose(fmt::format("{}: {}", of(report_.catalogue_title),
                                        pick(korean(report_.revision.headline),
                                             word(report_.revision.headline))))},
      {"start", when(report_.run_value("started"))}};
  if (is_instant(report_.finished)) out["end"] = report_.finished;
  std::vector<std::pair<std::string_view, std::string>> counts{
      {"headline", std::string(word(report_.revision.headline))}};
  for (std::size_t index = report_.counts.size(); index-- > 0;)
    counts.emplace_back(word(static_cast<Verdict>(index)), std::to_string(report_.counts[index]));
  add_props(out, counts);
  out["local-definitions"] = local_definitions();
  out["reviewed-controls"] = reviewed_controls();
  out["attestations"] = attestations();
  if (Json log = assessment_log(); !log.empty())
    out["assessment-log"] = {{"entries", std::move(log)}};
  add_list(out, "observations", std::move(observations_));
  add_list(out, "risks", std::move(risks_));
  add_list(out, "findings", std::move(findings_));
  if (!report_.damages.empty()) {
    std::string remarks;
    for (const std::string& damage : report_.damages) remarks += damage + "\n";
    out["remarks"] = prose(remarks);
  }
  return out;
}

Json Writer::back_matter() const {
  Json resources =
      Json::array({{{"uuid", id("resource", "plan")},
                    {"title", pick("시험 계획", "Plan of the test")},
                    {"description", prose(fmt::format("{} {}",
                                                      pick("계획은 실행 파일 안에 있다. 실행 번호",
                                                           "The plan is inside the run file. Run"),
                                                      run_))}}});
  for (const EvidenceId one : cited_) {
    const EvidenceEntry* const entry = report_.evidence_entry(one);
    if (entry == nullptr) continue;
    Json resource{{"uuid", id("evidence", std::to_string(one))},
                  {"title", line(fmt::format("{} {}", pick("증거", "Evidence"), one))},
                  {"description", prose(entry->label)}};
    add_props(resource, {{"id", std::to_string(one)},
                         {"procedure", entry->procedure},
                         {"subject", entry->subject},
                         {"media-type", entry->media_type},
                         {"size", std::to_string(entry->size)},
                         {"commitment", entry->commitment},
                         {"link", std::to_string(entry->link)}});
    resources.push_back(std::move(resource));
  }
  return {{"resources", std::move(resources)}};
}

Json Writer::document() {
  const std::string name =
      fmt::format("{}:{}:{}", report_.revision.number, word(report_.revision.headline),
                  report_.issue ? report_.issue->number : "draft");
  Json out{{"uuid", id("document", name)},
           {"metadata", metadata()},
           {"import-ap", {{"href", "#" + id("resource", "plan")}}},
           {"results", Json::array({result()})}};
  out["back-matter"] = back_matter();
  return {{"assessment-results", std::move(out)}};
}

}  // namespace

std::string oscal(const Report& report, Language language) {
  return Writer(report, language).document().dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace haetae::reports
