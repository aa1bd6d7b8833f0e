#include "reports/pdf/content.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "reports/words.hpp"

namespace haetae::reports::print {

std::string report_id(const Report& report) {
  if (report.issue) return report.issue->number;
  return fmt::format("{}-{}", report.run_value("uuid"), report.revision.number);
}

std::string when(std::string_view iso) {
  const bool moment = iso.size() >= 20 && iso[10] == 'T' && iso.back() == 'Z';
  if (!moment) return std::string(iso);
  return fmt::format("{} {} UTC", iso.substr(0, 10), iso.substr(11, 8));
}

std::string cut(std::string_view text, std::size_t limit) { return printable(text, limit); }

void chapter(Writer& to, std::string_view id) {
  const int number = chapter_number(id);
  const Text& title = chapters()[static_cast<std::size_t>(number - 1)].title;
  to.document.heading(1, fmt::format("{}. {}", number, to.t(title)), std::string(id));
}

Ink ink_of(Verdict value) {
  switch (value) {
    case Verdict::pass: return Ink::pass;
    case Verdict::fail: return Ink::fail;
    case Verdict::inconclusive: return Ink::inconclusive;
    case Verdict::not_run: return Ink::not_run;
    case Verdict::pending: return Ink::pending;
    case Verdict::not_applicable: return Ink::not_applicable;
  }
  return Ink::ink;
}

Ink ink_of(Headline value) {
  if (value == Headline::conformant) return Ink::pass;
  return value == Headline::non_conformant ? Ink::fail : Ink::inconclusive;
}

Span verdict(const Writer& to, Verdict value) {
  return {.text = fmt::format("{} {}", sign(value), to.t(words_of(value))),
          .bold = true,
          .ink = ink_of(value)};
}

Rich given(const Writer& to, const std::string& value) {
  if (!value.empty()) return words(value);
  return {{.text = to.t("제출되지 않음", "not given"), .ink = Ink::soft}};
}

Rich supplied(const Writer& to, const std::string& value) {
  Rich out = given(to, value);
  if (!value.empty()) out.push_back({.text = " †", .ink = Ink::soft});
  return out;
}

void append(Rich& to, Rich more) {
  for (Span& span : more) to.push_back(std::move(span));
}

Rich cites(const Writer& to, const std::vector<EvidenceId>& ids) {
  constexpr std::size_t kMost = 10;
  Rich out;
  for (std::size_t at = 0; at < ids.size() && at < kMost; ++at) {
    const std::string name = fmt::format("E{}", ids[at]);
    if (at > 0) out.push_back({.text = " "});
    const bool listed = to.document.page_of(name) != 0;
    out.push_back({.text = name, .ink = Ink::accent, .link = listed ? name : ""});
  }
  if (ids.size() > kMost) {
    out.push_back({.text = fmt::format(" … (+{})", ids.size() - kMost), .ink = Ink::soft});
  }
  return out;
}

void paragraphs(Writer& to, const std::string& text, const Look& look) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) to.document.paragraph(words(std::move(line)), look);
    at = end + 1;
  }
}

void facts_table(Writer& to, const std::vector<std::pair<std::string, Rich>>& rows, double names,
                 double size) {
  to.document.table_begin(
      {{.width = names, .names_row = true}, {.width = to.document.width() - names}}, {},
      {.size = size, .leading = 1.45});
  for (const auto& [name, value] : rows) {
    to.document.row({Rich{{.text = name, .ink = Ink::soft}}, value});
  }
  to.document.table_end();
}

void nothing(Writer& to, const std::string& text) {
  to.document.paragraph({{.text = text, .ink = Ink::soft}});
}

}  // namespace haetae::reports::print
