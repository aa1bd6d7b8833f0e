#include "reports/html/html.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <kainjow/mustache.hpp>

#include "reports/html/html_assets.hpp"
#include "reports/inventory.hpp"

namespace haetae::reports {
namespace {

using Data = kainjow::mustache::data;
using kainjow::mustache::object;

/// bilingual() turns [[ko|en]] of the template into two spans, of which the style shows one.
std::string bilingual(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t start = text.find("[[");
    out += text.substr(0, start);
    if (start == std::string_view::npos) break;
    const std::size_t bar = text.find('|', start);
    const std::size_t end = text.find("]]", start);
    out +=
        fmt::format("<span lang=\"ko\">{}</span><span lang=\"en\">{}</span>",
                    text.substr(start + 2, bar - start - 2), text.substr(bar + 1, end - bar - 1));
    text.remove_prefix(end + 2);
  }
  return out;
}

std::string prepared_template() {
  std::string text(kTemplate);
  const std::string_view place = "/*STYLE*/";
  text.replace(text.find(place), place.size(), kStyle);
  return bilingual(text);
}

/// safe() keeps what a device said printable; mustache escapes it for HTML.
std::string safe(std::string_view text, std::size_t limit = 2000) { return printable(text, limit); }

/// when() shortens 2026-11-22T13:01:52.080Z to what a reader wants.
std::string when(std::string_view iso) {
  if (iso.size() < 19) return std::string(iso);
  return fmt::format("{} {} UTC", iso.substr(0, 10), iso.substr(11, 8));
}

Data text_data(const Text& text) {
  return Data(object{{"ko", safe(text.ko)}, {"en", safe(text.en)}});
}

Data verdict_data(Verdict verdict) {
  return Data(object{{"word", std::string(word(verdict))},
                     {"sign", std::string(sign(verdict))},
                     {"ko", std::string(korean(verdict))},
                     {"en", std::string(word(verdict))}});
}

Data evidence_data(const std::vector<EvidenceId>& ids) {
  Data list(Data::type::list);
  for (const EvidenceId id : ids) list << Data(std::to_string(id));
  return list;
}

constexpr std::array kShown{Verdict::fail,    Verdict::inconclusive, Verdict::not_run,
                            Verdict::pending, Verdict::pass,         Verdict::not_applicable};

Data counts_data(const Counts& counts) {
  Data list(Data::type::list);
  for (const Verdict verdict : kShown) {
    const std::size_t count = counts[static_cast<std::size_t>(verdict)];
    if (count == 0) continue;
    Data entry = verdict_data(verdict);
    entry.set("count", std::to_string(count));
    list << entry;
  }
  return list;
}

/// criteria_counts() are the verdicts of the criteria of some items that are in the plan.
template <class Items>
Counts criteria_counts(const Items& items) {
  Counts counts{};
  for (const Item& item : items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria) {
      ++counts[static_cast<std::size_t>(criterion.verdict)];
    }
  }
  return counts;
}

std::string label_of(const Counts& counts) {
  std::string label;
  for (const Verdict verdict : kShown) {
    const std::size_t count = counts[static_cast<std::size_t>(verdict)];
    if (count > 0) label += fmt::format("{} {} ({}) ", count, word(verdict), korean(verdict));
  }
  return label;
}

Data legend_data() {
  Data list(Data::type::list);
  for (const Verdict verdict : kShown) list << verdict_data(verdict);
  return list;
}

std::size_t total(const Counts& counts) {
  std::size_t sum = 0;
  for (const std::size_t count : counts) sum += count;
  return sum;
}

Data domains_data(const Report& report) {
  Data list(Data::type::list);
  for (const Domain& domain : report.domains) {
    Data entry(object{{"id", domain.id}});
    entry.set("title", text_data(domain.title));
    entry.set("segments", counts_data(domain.counts));
    entry.set("items", std::to_string(total(domain.counts)));
    std::vector<Item> items;
    for (const std::size_t at : domain.items) items.push_back(report.items[at]);
    const Counts criteria = criteria_counts(items);
    entry.set("criteria", counts_data(criteria));
    entry.set("criteria_label", label_of(criteria));
    entry.set("label", label_of(domain.counts));
    list << entry;
  }
  return list;
}

Data criterion_data(const Criterion& criterion) {
  Data entry(object{{"id", criterion.id}, {"source", criterion.source}});
  entry.set("title", text_data(criterion.title));
  entry.set("reason", text_data(criterion.reason));
  entry.set("verdict", verdict_data(criterion.verdict));
  Data limits(Data::type::list);
  for (const Limit& limit : criterion.limits) {
    Data row(object{{"name", limit.name},
                    {"value", limit.value},
                    {"unit", limit.unit},
                    {"limit_source", limit.source}});
    row.set("title", text_data(limit.title));
    limits << row;
  }
  entry.set("limits", limits);
  Data subjects(Data::type::list);
  for (const Subject& subject : criterion.subjects) {
    std::set<EvidenceId> ids(subject.cites.begin(), subject.cites.end());
    for (const Finding& finding : criterion.findings) {
      if (finding.subject == subject.subject)
        ids.insert(finding.evidence.begin(), finding.evidence.end());
    }
    Data row(object{{"subject", safe(subject.subject)}});
    row.set("verdict", verdict_data(subject.verdict));
    row.set("reason", text_data(subject.reason));
    row.set("evidence", evidence_data({ids.begin(), ids.end()}));
    subjects << row;
  }
  entry.set("subjects", subjects);
  return entry;
}

Data items_data(const Report& report) {
  Data list(Data::type::list);
  for (const Item& item : report.items) {
    if (item.selected != "planned") continue;
    Data entry(object{{"id", item.id}, {"code", item.code}});
    entry.set("title", text_data(item.title));
    entry.set("requirement", text_data(item.requirement));
    entry.set("remedy", text_data(item.remedy));
    entry.set("reason", text_data(item.reason));
    entry.set("verdict", verdict_data(item.verdict));
    entry.set("official", Data(item.official));
    Data criteria(Data::type::list);
    for (const Criterion& criterion : item.criteria) criteria << criterion_data(criterion);
    entry.set("criteria", criteria);
    entry.set("counts", counts_data(criteria_counts(std::vector<Item>{item})));
    list << entry;
  }
  return list;
}

Data findings_data(const Report& report) {
  Data list(Data::type::list);
  int number = 0;
  for (const Item& item : report.items) {
    for (const Criterion& criterion : item.criteria) {
      for (const Finding& finding : criterion.findings) {
        Data entry(object{{"number", std::to_string(++number)},
                          {"item", item.id},
                          {"criterion", criterion.id},
                          {"subject", safe(finding.subject)},
                          {"key", safe(finding.key)}});
        entry.set("title", text_data(item.title));
        entry.set("says", text_data(finding.says));
        entry.set("remedy", text_data(finding.remedy));
        entry.set("evidence", evidence_data(finding.evidence));
        list << entry;
      }
    }
  }
  return list;
}

/// open_data() are the criteria without an answer, each with its reason.
Data open_data(const Report& report) {
  Data list(Data::type::list);
  for (const Item& item : report.items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria) {
      const Verdict verdict = criterion.verdict;
      if (verdict == Verdict::pass || verdict == Verdict::fail ||
          verdict == Verdict::not_applicable)
        continue;
      Data entry(object{{"item", item.id}, {"criterion", criterion.id}});
      entry.set("title", text_data(criterion.title));
      entry.set("reason", text_data(criterion.reason));
      entry.set("verdict", verdict_data(verdict));
      if (criterion.cause != Cause::none)
        entry.set("cause", text_data({std::string(korean(criterion.cause)),
                                      std::string(word(criterion.cause))}));
      else
        entry.set("cause", Data(false));
      list << entry;
    }
  }
  return list;
}

Data table_data(const Table& table) {
  Data entry(Data::type::object);
  entry.set("title", text_data(table.title));
  entry.set("has_rows", Data(!table.rows.empty()));
  Data columns(Data::type::list);
  for (const Text& column : table.columns) columns << text_data(column);
  entry.set("columns", columns);
  Data rows(Data::type::list);
  for (const auto& cells : table.rows) {
    Data row(Data::type::list);
    for (std::size_t at = 0; at < cells.size(); ++at) {
      row << Data(object{{"ko", table.columns[at].ko},
                         {"en", table.columns[at].en},
                         {"text", safe(cells[at], 300)}});
    }
    rows << Data("cells", row);
  }
  entry.set("rows", rows);
  return entry;
}

Data procedures_data(const Report& report) {
  Data list(Data::type::list);
  for (const auto& row : report.procedures) {
    const bool planned = row.plan == "planned";
    list << Data(
        object{{"id", row.id},
               {"version", std::to_string(row.version)},
               {"hazard", row.hazard},
               {"state", planned ? (row.state.empty() ? "not started" : row.state) : row.plan},
               {"note", safe(planned ? row.reason : row.plan_reason)}});
  }
  return list;
}

Data evidence_index(const Report& report) {
  Data list(Data::type::list);
  for (const auto& row : report.evidence) {
    list << Data(object{{"id", std::to_string(row.id)},
                        {"procedure", row.procedure},
                        {"subject", safe(row.subject)},
                        {"what", safe(row.label, 160)},
                        {"size", std::to_string(row.size)},
                        {"commitment", row.commitment.substr(0, 16)}});
  }
  return list;
}

/// sentences_data() is the page for a buyer: what it comes down to, in five sentences.
Data sentences_data(const Report& report) {
  const auto count = [&](Verdict verdict) {
    return report.counts[static_cast<std::size_t>(verdict)];
  };
  std::size_t findings = 0;
  for (const Item& item : report.items) {
    for (const Criterion& criterion : item.criteria) findings += criterion.findings.size();
  }
  const std::string product = report.device.maker + " " + report.device.model;
  const Headline verdict = report.revision.headline;
  Data list(Data::type::list);
  const auto say = [&](const std::string& ko, const std::string& en) {
    list << text_data({ko, en});
  };
  say(fmt::format("{} (펌웨어 {})를 네트워크로 {}개 항목에 대해 시험했습니다.", product,
                  report.device.firmware, total(report.counts)),
      fmt::format("{} with firmware {} was tested over the network against {} items.", product,
                  report.device.firmware, total(report.counts)));
  if (verdict == Headline::conformant) {
    say("해당하는 모든 항목이 기준에 맞았습니다.", "Every item that applies conforms.");
  } else if (verdict == Headline::non_conformant) {
    say(fmt::format("{}개 항목이 기준에 맞지 않으며 위반은 모두 {}건입니다.", count(Verdict::fail),
                    findings),
        fmt::format("Items that do not conform: {}. Breaches in all: {}.", count(Verdict::fail),
                    findings));
  } else {
    say("위반은 발견되지 않았으나 아직 모든 항목에 답하지는 못했습니다.",
        "No breach was found, but not every item is answered yet.");
  }
  const Counts criteria = criteria_counts(report.items);
  const std::size_t held = criteria[static_cast<std::size_t>(Verdict::pass)];
  say(fmt::format("{}개 항목이 모두 기준에 맞았고, 세부 기준 {}개 가운데 {}개가 적합합니다.",
                  count(Verdict::pass), total(criteria), held),
      fmt::format("Items that conform as a whole: {}. Of {} criteria, {} hold.",
                  count(Verdict::pass), total(criteria), held));
  say(fmt::format("{}개 항목은 사람이나 서류의 답을 기다리고, {}개는 시험하지 않았으며, {}개는 "
                  "판정할 수 없었습니다.",
                  count(Verdict::pending), count(Verdict::not_run), count(Verdict::inconclusive)),
      fmt::format("Items that wait for a person or a document: {}. Not run: {}. Undecided: {}.",
                  count(Verdict::pending), count(Verdict::not_run), count(Verdict::inconclusive)));
  say("모든 판정은 저장된 증적에서 다시 계산하고 확인할 수 있습니다.",
      "Every verdict can be computed again from the stored evidence and checked.");
  return list;
}

std::string seal_text(const Report& report) {
  if (!report.verification) return "not checked";
  const auto& checked = *report.verification;
  if (!checked.intact())
    return fmt::format("DAMAGED: {} places differ from what was written", checked.damages.size());
  if (checked.sealed_to == 0) return "not sealed";
  return fmt::format("link {} of {}, Ed25519 key {}", checked.sealed_to, checked.links,
                     to_hex(checked.signer));
}

Text type_text(std::string_view type) {
  if (type == "lite") return {"라이트", "Lite"};
  if (type == "basic") return {"베이직", "Basic"};
  return {"스탠다드", "Standard"};
}

const char* headline_sign(Headline value) {
  return value == Headline::conformant ? "✓" : value == Headline::non_conformant ? "✗" : "…";
}

}  // namespace

std::string html(const Report& report, Language language) {
  Data data(Data::type::object);
  const auto set = [&](const char* name, std::string_view value) { data.set(name, safe(value)); };
  set("language", language == Language::ko ? "ko" : "en");
  data.set("korean", Data(language == Language::ko));
  set("maker", report.device.maker);
  set("model", report.device.model);
  set("firmware", report.device.firmware);
  set("hardware", report.device.hardware);
  set("serial", report.device.serial);
  set("uuid", report.run_value("uuid"));
  set("revision", std::to_string(report.revision.number));
  set("catalogue", report.revision.catalogue);
  set("edition", report.revision.edition);
  data.set("catalogue_title", text_data(report.catalogue_title));
  data.set("type", text_data(type_text(report.revision.type)));
  if (report.revision.profile.empty())
    data.set("profile", Data(false));
  else
    set("profile", report.revision.profile);
  data.set("whole", Data(report.revision.whole));
  set("started", when(report.run_value("started")));
  set("ended", when(report.finished));
  set("judged", when(report.revision.at));
  set("authorised_by", report.run_value("authorised-by"));
  const std::string organisation = report.run_value("authorised-organisation");
  if (organisation.empty())
    data.set("organisation", Data(false));
  else
    set("organisation", organisation);
  set("authorised_from", report.run_value("authorised-from"));
  set("authorised_until", report.run_value("authorised-until"));
  set("tool", report.run_value("tool"));
  set("addresses", report.run_value("addresses"));
  set("legal_base", report.legal_base);
  set("host", report.run_value("host"));
  set("permit", report.run_value("permit"));
  const std::string matrix = report.run_value("defect-matrix");
  if (matrix.empty())
    data.set("matrix", Data(false));
  else
    set("matrix", matrix);
  Data headline(object{{"word", std::string(word(report.revision.headline))},
                       {"sign", headline_sign(report.revision.headline)},
                       {"ko", std::string(korean(report.revision.headline))},
                       {"en", std::string(word(report.revision.headline))}});
  data.set("headline", headline);
  data.set("counts", counts_data(report.counts));
  data.set("legend", legend_data());
  set("planned", std::to_string(total(report.counts)));
  data.set("sentences", sentences_data(report));
  data.set("domains", domains_data(report));
  data.set("items", items_data(report));
  data.set("findings", findings_data(report));
  data.set("open", open_data(report));
  Data outside(Data::type::list);
  bool has_outside = false;
  for (const Item& item : report.items) {
    if (item.selected == "planned") continue;
    has_outside = true;
    outside << Data("id", Data(item.id));
  }
  data.set("has_outside", Data(has_outside));
  data.set("outside", outside);
  Data tables(Data::type::list);
  for (const Table& table : inventories(report)) tables << table_data(table);
  data.set("inventories", tables);
  data.set("procedures", procedures_data(report));
  data.set("evidence", evidence_index(report));
  set("root", report.verification ? report.verification->root : "");
  set("seal", seal_text(report));

  kainjow::mustache::mustache page(prepared_template());
  if (!page.is_valid())
    throw std::logic_error("the report template is broken: " + page.error_message());
  return page.render(data);
}

}  // namespace haetae::reports
