#pragma once

#include <array>
#include <string>
#include <string_view>

#include "reports/html/markup.hpp"
#include "reports/words.hpp"

/// Words and small marks that several sections use.
namespace haetae::reports::page {

/// when() shortens 2026-11-22T13:01:52.080Z to "2026-11-22 13:01:52 UTC".
[[nodiscard]] std::string when(std::string_view iso);
[[nodiscard]] Text verdict_text(Verdict verdict);
/// headline_text() starts with a capital letter.
[[nodiscard]] Text headline_text(Headline headline);
/// not_given() is what stands where the laboratory or the maker gave nothing.
[[nodiscard]] const Text& not_given();

/// kShown is the order in which verdicts are shown: what needs attention first.
inline constexpr std::array kShown{Verdict::fail,    Verdict::inconclusive,
                                   Verdict::not_run, Verdict::pending,
                                   Verdict::pass,    Verdict::not_applicable};

/// verdict() writes sign and word, coloured.
void verdict(Page& page, Verdict verdict);
/// counts() writes sign, number and, with `words`, the word of each verdict that occurs.
enum class With { signs, words };
void counts(Page& page, const Counts& counts, With with);
/// criteria_counts() are the verdicts of the criteria of an item.
[[nodiscard]] Counts criteria_counts(const Item& item);
[[nodiscard]] std::size_t total(const Counts& counts);

/// open_section() and close_section() frame a chapter; its number and title come from chapters().
void open_section(Page& page, std::string_view id);
void close_section(Page& page);
void subheading(Page& page, const Text& title);

/// Facts writes name and value pairs; an empty value stands as not given.
class Facts {
 public:
  explicit Facts(Page& page);
  Facts(const Facts&) = delete;
  Facts& operator=(const Facts&) = delete;
  ~Facts();
  Facts& add(const Text& name, std::string_view value);
  Facts& add(const Text& name, const Text& value);
  /// mono() is add() for hashes, addresses and ids.
  Facts& mono(const Text& name, std::string_view value);
  /// open() starts a value that the caller writes; close() ends it.
  Page& open(const Text& name);
  Facts& close();

 private:
  Page& page_;
};

}  // namespace haetae::reports::page
