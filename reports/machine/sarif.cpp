#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "reports/machine/machine.hpp"
#include "reports/machine/texts.hpp"

namespace haetae::reports {

namespace {

using Json = nlohmann::ordered_json;

/// said() is a text for a message: what would read as a place "{0}" or a link "[a](b)" (SARIF
/// 3.11.5 and 3.11.6) is taken apart, because devices wrote parts of it.
std::string said(std::string_view text) {
  std::string out;
  const std::string all = plain(text);
  for (std::size_t at = 0; at < all.size(); ++at) {
    const char letter = all[at];
    if (letter == ']' && at + 1 < all.size() && all[at + 1] == '(') {
      out += "] ";
    } else if (letter == '{' && at + 1 < all.size() && all[at + 1] >= '0' && all[at + 1] <= '9') {
      out += "{{";
    } else {
      out += letter;
    }
  }
  return out.empty() ? "-" : out;
}

Json text_of(std::string_view text) { return {{"text", said(text)}}; }

/// markdown_of() shows a text as itself in a Markdown page: inside a fence longer than any in it.
std::string fenced(std::string_view text) {
  std::string fence = "```";
  while (text.find(fence) != std::string_view::npos) fence += '`';
  return fmt::format("{0}\n{1}\n{0}", fence, plain(text));
}

class Writer {
 public:
  Writer(const Report& report, Language language, Shown shown)
      : report_(report), language_(language), shown_(shown) {}
  Json run();

 private:
  [[nodiscard]] std::string_view pick(std::string_view ko, std::string_view en) const {
    return language_ == Language::ko ? ko : en;
  }
  [[nodiscard]] const std::string& of(const Text& text) const { return in(text, language_); }

  void item(const Item& one);
  void rule(const Item& item, const Criterion& criterion);
  void criterion(const Item& item, const Criterion& one);
  void breach(const Item& item, const Criterion& criterion, const Finding& finding);
  Json result(const Item& item, const std::string& rule, std::string_view kind,
              const std::string& message, std::string_view subject);
  [[nodiscard]] Json place(std::string_view subject) const;
  [[nodiscard]] std::string help(const Criterion& criterion, const Item& item, bool markdown) const;
  [[nodiscard]] Json taxonomy() const;
  [[nodiscard]] Json taxonomy_reference() const {
    return {{"name", line(report_.revision.catalogue)}, {"index", 0}};
  }
  [[nodiscard]] Json invocation() const;
  [[nodiscard]] Json automation() const;
  [[nodiscard]] Json artifacts() const;
  [[nodiscard]] Json properties() const;
  [[nodiscard]] std::string declaration() const;

  const Report& report_;
  Language language_;
  Shown shown_;
  Json rules_ = Json::array(), results_ = Json::array();
};

/// declaration() is the file that results point at: what somebody keeps beside his firmware, and
/// the only file of a repository that a tested device corresponds to.
std::string Writer::declaration() const {
  for (const DocumentEntry& document : report_.documents) {
    if (document.kind != "declaration") continue;
    const std::size_t slash = document.name.find_last_of("/\\");
    const std::string name = document.name.substr(slash == std::string::npos ? 0 : slash + 1);
    std::string uri;
    for (const unsigned char letter : name) {
      const bool plain_letter = std::isalnum(letter) != 0 || letter == '.' || letter == '-' ||
                                letter == '_' || letter == '~';
      uri +=
          plain_letter ? std::string(1, static_cast<char>(letter)) : fmt::format("%{:02X}", letter);
    }
    if (!uri.empty()) return uri;
  }
  return "device.xml";
}

Json Writer::place(std::string_view subject) const {
  Json out{{"physicalLocation",
            {{"artifactLocation", {{"uri", declaration()}, {"uriBaseId", "%SRCROOT%"}}},
             {"region", {{"startLine", 1}}}}}};
  if (!subject.empty()) {
    out["logicalLocations"] = Json::array(
        {{{"fullyQualifiedName", line(subject)}, {"name", line(subject)}, {"kind", "resource"}}});
  }
  return out;
}

std::string Writer::help(const Criterion& criterion, const Item& item, bool markdown) const {
  std::string out = of(item.requirement);
  if (!of(item.remedy).empty())
    out += fmt::format("\n\n{}: {}", pick("조치", "Remedy"), of(item.remedy));
  if (!criterion.limits.empty()) out += fmt::format("\n\n{}:", pick("기준값", "Limits"));
  for (const Limit& limit : criterion.limits) {
    out += fmt::format("\n- {} = {} {} ({})", limit.name, limit.value, limit.unit.en, limit.source.en);
  }
  if (criterion.rule.empty()) return out;
  out += fmt::format("\n\n{}:", pick("판정 규칙", "Decision rule"));
  for (const NameValue& query : criterion.rule) {
    out += fmt::format("\n\n{}:\n{}", query.name, markdown ? fenced(query.value) : query.value);
  }
  return out;
}

void Writer::rule(const Item& item, const Criterion& criterion) {
  Json limits = Json::object();
  for (const Limit& limit : criterion.limits) limits[limit.name] = limit.value;
  rules_.push_back(
      {{"id", criterion.id},
       {"shortDescription", text_of(of(criterion.title))},
       {"fullDescription", text_of(of(item.title) + ". " + of(item.requirement))},
       {"help",
        {{"text", plain(help(criterion, item, false))},
         {"markdown", plain(help(criterion, item, true))}}},
       {"defaultConfiguration", {{"level", "error"}}},
       {"relationships",
        Json::array({{{"target", {{"id", item.id}, {"toolComponent", taxonomy_reference()}}},
                      {"kinds", Json::array({"relevant"})}}})},
       {"properties",
        {{"tags", Json::array({"security", "item-" + item.id, criterion.source})},
         {"item", item.id},
         {"source", criterion.source},
         {"limits", std::move(limits)}}}});
}

Json Writer::result(const Item& item, const std::string& rule, std::string_view kind,
                    const std::string& message, std::string_view subject) {
  return {{"ruleId", rule},
          {"ruleIndex", rules_.size() - 1},
          {"kind", kind},
          {"level", kind == "fail" ? "error" : "none"},
          {"message", text_of(message)},
          {"locations", Json::array({place(subject)})},
          {"taxa", Json::array({{{"id", item.id}, {"toolComponent", taxonomy_reference()}}})}};
}

void Writer::breach(const Item& item, const Criterion& criterion, const Finding& finding) {
  std::string message = of(finding.says);
  if (!of(finding.remedy).empty())
    message += fmt::format("\n{}: {}", pick("조치", "Remedy"), of(finding.remedy));
  Json out = result(item, criterion.id, "fail", message, finding.subject);
  // GitHub knows one name only, and by place alone all breaches of a criterion would be one.
  if (!finding.code.empty()) {
    out["partialFingerprints"] = {{"haetaeFinding/v1", finding.code},
                                  {"primaryLocationLineHash", finding.code + ":1"}};
  }
  Json more{{"item", item.id},
            {"subject", line(finding.subject)},
            {"key", line(finding.key)},
            {"evidence", finding.evidence}};
  if (!finding.replay.empty()) more["replay"] = plain(finding.replay);
  if (const Waiver* const waiver = waiver_of(report_, item, criterion, finding)) {
    const Json words{{"author", plain(waiver->author)},
                     {"approver", plain(waiver->approver)},
                     {"expires", plain(waiver->expires)},
                     {"state", waiver->state}};
    // An expired waiver no longer hides a result.
    if (waiver->state == "in-force") {
      out["suppressions"] = Json::array({{{"kind", "external"},
                                          {"status", "accepted"},
                                          {"justification", plain(waiver->reason)},
                                          {"properties", words}}});
    } else {
      more["waiver"] = words;
    }
  }
  out["properties"] = std::move(more);
  results_.push_back(std::move(out));
}

std::string_view kind_of(const Item& item, Verdict verdict) {
  if (item.selected != "planned") return "informational";
  switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::fail: return "fail";
    case Verdict::inconclusive: return "review";
    case Verdict::not_run:
    case Verdict::pending: return "open";
    case Verdict::not_applicable: return "notApplicable";
  }
  return "review";
}

void Writer::criterion(const Item& item, const Criterion& one) {
  const std::string_view kind = kind_of(item, one.verdict);
  if (kind == "fail") {
    for (const Finding& finding : one.findings) breach(item, one, finding);
    if (!one.findings.empty()) return;
  } else if (shown_ == Shown::failures) {
    return;
  }
  const std::string_view verdict = item.selected != "planned"  ? std::string_view(item.selected)
                                   : language_ == Language::ko ? korean(one.verdict)
                                                               : word(one.verdict);
  Json out = result(item, one.id, kind, fmt::format("{}: {}", verdict, of(one.reason)), "");
  std::set<EvidenceId> cited;
  Json subjects = Json::array();
  for (const Subject& subject : one.subjects) {
    cited.insert(subject.cites.begin(), subject.cites.end());
    subjects.push_back({{"subject", line(subject.subject)},
                        {"verdict", word(subject.verdict)},
                        {"reason", plain(of(subject.reason))}});
  }
  out["properties"] = {{"item", item.id},
                       {"verdict", word(one.verdict)},
                       {"cause", word(one.cause)},
                       {"subjects", std::move(subjects)},
                       {"evidence", cited}};
  results_.push_back(std::move(out));
}

void Writer::item(const Item& one) {
  for (const Criterion& each : one.criteria) {
    rule(one, each);
    criterion(one, each);
  }
  if (!one.criteria.empty()) return;
  // An item without criteria still has to be seen: it is a rule of its own.
  const Criterion whole{.id = one.id,
                        .item = one.id,
                        .source = "",
                        .title = one.title,
                        .verdict = one.verdict,
                        .cause = one.cause,
                        .reason = one.reason,
                        .subjects = {},
                        .findings = {},
                        .limits = {},
                        .rule = {},
                        .universe = {},
                        .coverage = {}};
  rule(one, whole);
  criterion(one, whole);
}

Json Writer::taxonomy() const {
  Json taxa = Json::array();
  for (const Item& one : report_.items) {
    taxa.push_back({{"id", one.id},
                    {"name", line(of(one.title))},
                    {"shortDescription", text_of(of(one.title))},
                    {"fullDescription", text_of(of(one.requirement))}});
  }
  return {{"name", line(report_.revision.catalogue)},
          {"version", line(report_.revision.edition)},
          {"shortDescription", text_of(of(report_.catalogue_title))},
          {"isComprehensive", true},
          {"taxa", std::move(taxa)}};
}

Json Writer::invocation() const {
  Json out{{"executionSuccessful", report_.damages.empty()}};
  const std::string started = report_.run_value("started");
  if (is_instant(started)) out["startTimeUtc"] = started;
  if (is_instant(report_.finished)) out["endTimeUtc"] = report_.finished;
  Json notes = Json::array();
  for (const std::string& damage : report_.damages)
    notes.push_back({{"level", "error"}, {"message", text_of(damage)}});
  for (const LogEntry& entry : report_.log) {
    if (entry.level != "warning" && entry.level != "error") continue;
    Json note{{"level", entry.level}, {"message", text_of(entry.text)}};
    if (is_instant(entry.at)) note["timeUtc"] = entry.at;
    notes.push_back(std::move(note));
  }
  out["toolExecutionNotifications"] = std::move(notes);
  return out;
}

Json Writer::automation() const {
  const Identity& device = report_.device;
  Json out{{"id", fmt::format("haetae/{}/{}/{}", line(report_.revision.catalogue),
                              line(device.model), line(device.firmware))},
           {"description",
            text_of(fmt::format("{} {} {}", device.maker, device.model, device.firmware))}};
  // The schema of SARIF is older than UUIDs of versions 6 to 8.
  const std::string run = report_.run_value("uuid");
  if (is_uuid(run) && run[14] <= '5') out["guid"] = run;
  return out;
}

Json Writer::artifacts() const {
  for (const DocumentEntry& document : report_.documents) {
    if (document.kind != "declaration") continue;
    return Json::array({{{"location", {{"uri", declaration()}, {"uriBaseId", "%SRCROOT%"}}},
                         {"description", text_of(pick("제품 선언", "Declaration of the device"))},
                         {"hashes", {{"sha-256", document.sha256}}}}});
  }
  return Json::array();
}

Json Writer::properties() const {
  Json counts = Json::object();
  for (std::size_t index = report_.counts.size(); index-- > 0;)
    counts[std::string(word(static_cast<Verdict>(index)))] = report_.counts[index];
  return {{"headline", word(report_.revision.headline)},
          {"counts", std::move(counts)},
          {"report", report_.issue ? plain(report_.issue->number) : ""},
          {"root", root_of(report_)},
          {"testedAt", plain(report_.revision.tested_at)},
          {"type", plain(report_.revision.type)},
          {"profile", plain(report_.revision.profile)}};
}

Json Writer::run() {
  for (const Item& one : report_.items) item(one);
  std::string version = report_.revision.tool;
  version.erase(0, version.find(' ') == std::string::npos ? 0 : version.find(' ') + 1);
  return {{"tool",
           {{"driver",
             {{"name", "Haetae"},
              {"version", line(version)},
              {"language", pick("ko", "en")},
              {"supportedTaxonomies", Json::array({taxonomy_reference()})},
              {"rules", std::move(rules_)}}}}},
          {"taxonomies", Json::array({taxonomy()})},
          {"automationDetails", automation()},
          {"invocations", Json::array({invocation()})},
          {"originalUriBaseIds",
           {{"%SRCROOT%",
             {{"description",
               text_of(pick("선언 파일이 있는 폴더", "The folder of the declaration"))}}}}},
          {"artifacts", artifacts()},
          {"language", pick("ko", "en")},
          {"columnKind", "utf16CodeUnits"},
          {"results", std::move(results_)},
          {"properties", properties()}};
}

}  // namespace

std::string sarif(const Report& report, Language language, Shown shown) {
  const Json out{{"$schema",
                  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                  "sarif-schema-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({Writer(report, language, shown).run()})}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace haetae::reports
