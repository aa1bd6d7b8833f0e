#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/evidence_index.hpp"
#include "reports/model.hpp"
#include "reports/pdf/document.hpp"
#include "reports/pictures/drawing.hpp"

/// What the PDF says: each function writes one chapter of a report into a document.
namespace haetae::reports::print {

/// Writer is what every chapter needs.
struct Writer {
  Document& document;
  const Report& report;
  const EvidenceIndex& index;
  Language language;

  /// t() picks the language of the report.
  [[nodiscard]] std::string t(std::string_view ko, std::string_view en) const {
    return std::string(language == Language::ko ? ko : en);
  }
  [[nodiscard]] const std::string& t(const Text& text) const { return in(text, language); }
};

void cover(Writer& to);
void summary(Writer& to);
void history(Writer& to);
void corrections(Writer& to);
void opinion(Writer& to);
void method(Writer& to);
void glance(Writer& to);
void items_and_results(Writer& to);
void findings(Writer& to);
void details(Writer& to);
void not_tested(Writer& to);
void waivers(Writer& to);
void people(Writer& to);
void inventories(Writer& to);
void evidence_list(Writer& to);
void seal(Writer& to);

/// chapter() is the heading of a numbered chapter, and its anchor.
void chapter(Writer& to, std::string_view id);
/// show() puts a drawing into the flow of text, made smaller where it is larger than a page.
void show(Writer& to, const pictures::Drawing& drawing);

/// report_id() is the number of an issued report, or the run and revision of a draft.
[[nodiscard]] std::string report_id(const Report& report);
/// when() shortens 2026-11-22T13:01:52.080Z to what a reader wants; a date stays a date.
[[nodiscard]] std::string when(std::string_view iso);
/// cut() bounds what a device said to what a page can carry.
[[nodiscard]] std::string cut(std::string_view text, std::size_t limit);

/// verdict() is sign and word in their colour.
[[nodiscard]] Span verdict(const Writer& to, Verdict value);
[[nodiscard]] Ink ink_of(Verdict value);
[[nodiscard]] Ink ink_of(Headline value);
/// given() is a value, or that it was not given.
[[nodiscard]] Rich given(const Writer& to, const std::string& value);
/// supplied() is given() with the mark of what the applicant supplied (ISO/IEC 17025 7.8.2.2).
[[nodiscard]] Rich supplied(const Writer& to, const std::string& value);
/// cites() are the numbers of evidence, each a link where the index lists it.
[[nodiscard]] Rich cites(const Writer& to, const std::vector<EvidenceId>& ids);
void append(Rich& to, Rich more);
/// paragraphs() writes text with a paragraph for each line of it.
void paragraphs(Writer& to, const std::string& text, const Look& look = {});
/// facts_table() is a table of names and values.
void facts_table(Writer& to, const std::vector<std::pair<std::string, Rich>>& rows,
                 double names = 118, double size = 8.6);
/// nothing() says that a chapter is empty.
void nothing(Writer& to, const std::string& text);

inline constexpr Verdict kShown[] = {Verdict::fail,    Verdict::inconclusive,
                                     Verdict::not_run, Verdict::pending,
                                     Verdict::pass,    Verdict::not_applicable};

}  // namespace haetae::reports::print
