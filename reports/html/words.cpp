#include "reports/html/words.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace haetae::reports::page {
namespace {

Literal verdict_class(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "<span class=\"v v-pass\">";
    case Verdict::fail: return "<span class=\"v v-fail\">";
    case Verdict::inconclusive: return "<span class=\"v v-inconclusive\">";
    case Verdict::not_run: return "<span class=\"v v-not-run\">";
    case Verdict::pending: return "<span class=\"v v-pending\">";
    case Verdict::not_applicable: return "<span class=\"v v-not-applicable\">";
  }
  return "<span class=\"v v-inconclusive\">";
}

}  // namespace

std::string when(std::string_view iso) {
  const bool utc = iso.size() >= 20 && iso[10] == 'T' && iso.back() == 'Z';
  if (!utc) return std::string(iso);
  return fmt::format("{} {} UTC", iso.substr(0, 10), iso.substr(11, 8));
}

Text verdict_text(Verdict verdict) { return words_of(verdict); }

Text headline_text(Headline headline) {
  Text words = words_of(headline);
  words.en.front() = static_cast<char>(words.en.front() - 'a' + 'A');
  return words;
}

const Text& not_given() {
  static const Text kText{"제출되지 않음", "not given"};
  return kText;
}

void verdict(Page& page, Verdict verdict) {
  page.raw(verdict_class(verdict)).raw("<span aria-hidden=\"true\">").text(sign(verdict));
  page.raw("</span> ").both(verdict_text(verdict)).raw("</span>");
}

void counts(Page& page, const Counts& counts, With with) {
  for (const Verdict verdict : kShown) {
    const std::size_t count = counts[static_cast<std::size_t>(verdict)];
    if (count == 0) continue;
    page.raw(verdict_class(verdict)).raw("<span aria-hidden=\"true\">").text(sign(verdict));
    page.raw("</span>&#8239;").grouped(static_cast<std::int64_t>(count));
    page.raw(with == With::words ? Literal(" <span>") : Literal(" <span class=\"sr\">"));
    page.both(verdict_text(verdict)).raw("</span></span> ");
  }
}

Counts criteria_counts(const Item& item) {
  Counts out{};
  for (const Criterion& criterion : item.criteria) {
    ++out[static_cast<std::size_t>(criterion.verdict)];
  }
  return out;
}

std::size_t total(const Counts& counts) {
  std::size_t sum = 0;
  for (const std::size_t count : counts) sum += count;
  return sum;
}

void open_section(Page& page, std::string_view id) {
  const auto& all = chapters();
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const Chapter& one) { return one.id == id; });
  page.raw("\n<section id=\"")
      .text(id)
      .raw("\" aria-labelledby=\"h-")
      .text(id)
      .raw("\"><h2 id=\"h-");
  page.text(id).raw("\"><span class=\"no\">").number(found - all.begin() + 1).raw("</span> ");
  page.both(found->title).raw("</h2>\n");
}

void close_section(Page& page) { page.raw("</section>\n"); }

void subheading(Page& page, const Text& title) { page.raw("<h3>").both(title).raw("</h3>\n"); }

Facts::Facts(Page& page) : page_(page) { page_.raw("<dl class=\"facts\">\n"); }
Facts::~Facts() { page_.raw("</dl>\n"); }

Page& Facts::open(const Text& name) { return page_.raw("<div><dt>").both(name).raw("</dt><dd>"); }

Facts& Facts::close() {
  page_.raw("</dd></div>\n");
  return *this;
}

Facts& Facts::add(const Text& name, std::string_view value) {
  return add(name, Text{std::string(value), std::string(value)});
}

Facts& Facts::add(const Text& name, const Text& value) {
  open(name);
  if (value.ko.empty() && value.en.empty()) {
    page_.raw("<span class=\"none\">").both(not_given()).raw("</span>");
  } else {
    page_.both(value);
  }
  return close();
}

Facts& Facts::mono(const Text& name, std::string_view value) {
  open(name);
  if (value.empty()) {
    page_.raw("<span class=\"none\">").both(not_given()).raw("</span>");
  } else {
    page_.raw("<span class=\"mono\">").text(value).raw("</span>");
  }
  return close();
}

}  // namespace haetae::reports::page
