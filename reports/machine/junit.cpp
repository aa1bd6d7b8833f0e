#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "reports/machine/texts.hpp"
#include "reports/model.hpp"

namespace haetae::reports {

namespace {

void set(pugi::xml_node node, const char* name, std::string_view value) {
  node.append_attribute(name) = plain(value).c_str();
}

void property(pugi::xml_node properties, const char* name, std::string_view value) {
  if (value.empty()) return;
  pugi::xml_node node = properties.append_child("property");
  set(node, "name", name);
  set(node, "value", value);
}

/// numbers() is the first evidence ids; what a whole port sweep rests on would fill the page.
std::string numbers(const std::vector<EvidenceId>& ids) {
  constexpr std::size_t kMost = 20;
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(kMost, ids.size()));
  const std::string out = fmt::format("{}", fmt::join(ids.begin(), end, ", "));
  return ids.size() <= kMost ? out : fmt::format("{} (+{})", out, ids.size() - kMost);
}

/// explain() is the reason of an item with what stands behind it, line by line.
std::string explain(const Report& report, const Item& item, Language language) {
  const bool korean = language == Language::ko;
  std::string out = in(item.reason, language);
  for (const Criterion& criterion : item.criteria) {
    if (criterion.verdict == Verdict::pass || criterion.verdict == Verdict::not_applicable)
      continue;
    out += fmt::format("\n{} [{}] {}", criterion.id,
                       korean ? haetae::korean(criterion.verdict) : word(criterion.verdict),
                       in(criterion.reason, language));
    for (const Finding& finding : criterion.findings) {
      out +=
          fmt::format("\n  {} {}: {}", finding.code, finding.subject, in(finding.says, language));
      if (const Waiver* const waiver = waiver_of(report, item, criterion, finding)) {
        out += fmt::format("\n    {}: {}, {} ({})", korean ? "예외 승인" : "waiver", waiver->state,
                           waiver->reason, waiver->expires);
      }
      if (!in(finding.remedy, language).empty()) {
        out +=
            fmt::format("\n    {}: {}", korean ? "조치" : "remedy", in(finding.remedy, language));
      }
      if (!finding.replay.empty())
        out += fmt::format("\n    {}: {}", korean ? "재현" : "replay", finding.replay);
      out += fmt::format("\n    {}: {}", korean ? "증거" : "evidence", numbers(finding.evidence));
    }
  }
  return out;
}

struct Tally {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  void add(const Tally& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
    skipped += other.skipped;
  }
  void write(pugi::xml_node node) const {
    node.append_attribute("tests") = tests;
    node.append_attribute("failures") = failures;
    node.append_attribute("errors") = errors;
    // Jenkins' schema knows skipped tests in suites only.
    if (std::string_view(node.name()) == "testsuite") node.append_attribute("skipped") = skipped;
  }
};

/// outcome() adds what is no pass. An item outside the plan is skipped whatever its word is.
void outcome(pugi::xml_node test, const Report& report, const Item& item, Language language,
             Tally& tally) {
  const bool planned = item.selected == "planned";
  if (planned && item.verdict == Verdict::pass) return;
  const char* kind = "skipped";
  std::size_t* count = &tally.skipped;
  if (planned && item.verdict == Verdict::fail) {
    kind = "failure";
    count = &tally.failures;
  } else if (planned && item.verdict == Verdict::inconclusive) {
    kind = "error";
    count = &tally.errors;
  }
  ++*count;
  pugi::xml_node node = test.append_child(kind);
  const std::string_view said = planned ? word(item.verdict) : std::string_view(item.selected);
  set(node, "message", fmt::format("{}: {}", said, in(item.reason, language)));
  if (std::string_view(kind) == "skipped") return;
  set(node, "type", item.cause == Cause::none ? said : word(item.cause));
  node.append_child(pugi::node_pcdata).set_value(plain(explain(report, item, language)).c_str());
}

/// against_baseline() is a line for each change of an item against an earlier run; the first word
/// is the same in both languages, for programs that look for it.
std::string against_baseline(const Report& report, const Item& item, Language language) {
  std::string out;
  if (!report.baseline) return out;
  for (const BaselineChange& change : report.baseline->changes) {
    if (change.item != item.id) continue;
    std::string line = change.way;
    if (!change.until.empty()) {
      line += fmt::format(" (waived until {})", printable(change.until));
    }
    line += fmt::format(": {}", printable(in(change.says, language), 1000));
    if (!change.code.empty()) line += fmt::format(" [{}]", change.code);
    if (!change.why.empty()) line += fmt::format(" ({})", change.why);
    out += line + "\n";
  }
  return out;
}

/// write_properties() says in each suite what was tested: readers know properties only there.
void write_properties(pugi::xml_node suite, const Report& report) {
  pugi::xml_node properties = suite.append_child("properties");
  property(properties, "headline", word(report.revision.headline));
  property(properties, "run", report.run_value("uuid"));
  property(properties, "catalogue", report.revision.catalogue + " " + report.revision.edition);
  property(properties, "profile", report.revision.profile);
  property(properties, "type", report.revision.type);
  property(properties, "tool", report.revision.tool);
  property(properties, "root", root_of(report));
  if (report.issue) property(properties, "report", report.issue->number);
  std::size_t waived = 0;
  for (const Waiver& waiver : report.waivers) waived += waiver.state == "in-force" ? 1 : 0;
  if (waived > 0) property(properties, "waivers", std::to_string(waived));
  if (report.baseline) {
    const auto fixed = std::ranges::count(report.baseline->changes, "fixed", &BaselineChange::way);
    property(properties, "baseline", report.baseline->run);
    property(properties, "regressions", std::to_string(report.baseline->regressions));
    property(properties, "regressions beyond waivers",
             std::to_string(report.baseline->beyond_waivers));
    property(properties, "fixed", std::to_string(fixed));
  }
  if (!report.damages.empty())
    property(properties, "damages", std::to_string(report.damages.size()));
}

Tally write_suite(pugi::xml_node suites, const Report& report, const Domain& domain,
                  Language language) {
  Tally tally;
  pugi::xml_node suite = suites.append_child("testsuite");
  set(suite, "name", fmt::format("{} {}", domain.id, in(domain.title, language)));
  set(suite, "timestamp", report.revision.tested_at);
  write_properties(suite, report);
  for (const std::size_t index : domain.items) {
    const Item& item = report.items[index];
    pugi::xml_node test = suite.append_child("testcase");
    set(test, "classname", fmt::format("{}.{}", report.revision.catalogue, domain.id));
    set(test, "name", fmt::format("{} {}", item.id, in(item.title, language)));
    ++tally.tests;
    outcome(test, report, item, language, tally);
    const std::string cited = numbers(item.evidence());
    std::string said = against_baseline(report, item, language);
    if (!cited.empty()) said += (language == Language::ko ? "증거: " : "evidence: ") + cited;
    if (said.empty()) continue;
    test.append_child("system-out").append_child(pugi::node_pcdata).set_value(said.c_str());
  }
  tally.write(suite);
  return tally;
}

}  // namespace

std::string junit(const Report& report, Language language) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node suites = document.append_child("testsuites");
  set(suites, "name",
      fmt::format("{} {} {}", report.device.maker, report.device.model, report.device.firmware));
  Tally all;
  for (const Domain& domain : report.domains)
    all.add(write_suite(suites, report, domain, language));
  all.write(suites);
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace haetae::reports
