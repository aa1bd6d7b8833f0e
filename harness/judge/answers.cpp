#include "harness/judge/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "harness/model/bytes.hpp"

namespace haetae::judge {
namespace {

constexpr std::string_view kLeastWords = "answer.least-words";
constexpr std::int64_t kFewWords = 4;  // where a catalogue has no limit of its own

/// words_in() counts what is more than punctuation.
std::int64_t words_in(const std::string& text) {
  std::istringstream stream(text);
  std::int64_t count = 0;
  for (std::string word; stream >> word;) {
    const bool says = std::ranges::any_of(word, [](unsigned char c) {
      return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
             (c >= 'A' && c <= 'Z');
    });
    count += says ? 1 : 0;
  }
  return count;
}

std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

/// one_line() is a text for a sentence: lines become one, what could steer a terminal is shown.
std::string one_line(const std::string& text, std::size_t limit) {
  std::istringstream stream(text);
  std::string out;
  for (std::string word; stream >> word;) out += (out.empty() ? "" : " ") + word;
  return printable(out, limit);
}

/// Said is a judge's sentence in both languages, with places that differ between them.
catalogue::Text said(Sentence id, const Stored::PersonAnswer& answer, std::int64_t words) {
  const std::string who = one_line(answer.who, 200);
  const std::string second = one_line(answer.second, 200);
  std::string text = one_line(answer.text, 1000);
  std::string text_ko = text;
  if (text.empty() && !answer.attachments.empty()) {
    text = fmt::format("{} attached", answer.attachments.size());
    text_ko = fmt::format("첨부 {}개", answer.attachments.size());
  } else if (text.empty()) {
    text = text_ko = "–";
  }
  const std::string count = fmt::format("{}", words);
  const Places ko{{"who", second.empty() ? who : fmt::format("{}(재확인 {})", who, second)},
                  {"text", text_ko},
                  {"count", count}};
  const Places en{{"who", second.empty() ? who : fmt::format("{}, confirmed by {}", who, second)},
                  {"text", text},
                  {"count", count}};
  return {.ko = sentence(id, ko).ko, .en = sentence(id, en).en};
}

std::vector<EvidenceId> behind(const Stored& stored, const catalogue::Criterion& criterion,
                               const Stored::PersonAnswer& answer) {
  std::vector<EvidenceId> out{answer.evidence};
  out.insert(out.end(), answer.attachments.begin(), answer.attachments.end());
  if (const auto hits = stored.hits.find(criterion.id); hits != stored.hits.end()) {
    out.insert(out.end(), hits->second.begin(), hits->second.end());
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// unread() is what kept a procedure from reading what the answer rests on.
std::optional<Opinion> unread(const Bench& bench, const catalogue::Criterion& criterion) {
  std::optional<Opinion> out;
  for (const std::string& topic : criterion.coverage) {
    auto gap = coverage_gap(bench, topic, "lan");
    if (gap && (!out || gap->verdict > out->verdict)) out = std::move(gap);
  }
  return out;
}

/// conforming() is the opinion on an answer that takes a duty away or says that it is met.
Opinion conforming(const Bench& bench, const catalogue::Criterion& criterion,
                   const Stored::PersonAnswer& answer) {
  const std::int64_t words = least_words(bench.catalogue);
  const bool holds = answer.outcome == "conforms";
  const Standing standing = standing_of(bench.catalogue, bench.stored, criterion);
  if (standing == Standing::shows_nothing) {
    const Sentence why = holds ? Sentence::answer_shows_nothing : Sentence::answer_gives_no_reason;
    return {Verdict::pending, Cause::none, said(why, answer, words)};
  }
  if (standing == Standing::waits_second) {
    return {Verdict::pending, Cause::none, said(Sentence::waits_second, answer, words)};
  }
  if (!holds) {
    return {Verdict::not_applicable, Cause::none,
            said(Sentence::answered_not_applicable, answer, words)};
  }
  if (auto gap = unread(bench, criterion)) return *gap;
  return {Verdict::pass, Cause::none, said(Sentence::answered_conforms, answer, words)};
}

}  // namespace

std::int64_t least_words(const catalogue::Catalogue& catalogue) {
  const catalogue::Parameter* limit = catalogue.parameter(kLeastWords);
  const auto* number = limit == nullptr ? nullptr : std::get_if<std::int64_t>(&limit->value);
  return number == nullptr || *number < 1 ? kFewWords : *number;
}

Standing standing_of(const catalogue::Catalogue& catalogue, const Stored& stored,
                     const catalogue::Criterion& criterion) {
  const auto found = stored.answers.find(criterion.id);
  if (found == stored.answers.end()) return Standing::unanswered;
  const Stored::PersonAnswer& answer = found->second;
  const bool holds = answer.outcome == "conforms";
  if (!holds && answer.outcome != "not-applicable") return Standing::settled;
  const bool explained = words_in(answer.text) >= least_words(catalogue);
  const bool shown = explained || !answer.attachments.empty() || stored.hits.contains(criterion.id);
  // That something does not apply is no matter of a document that speaks of it: it needs a reason.
  if (holds ? !shown : !explained) return Standing::shows_nothing;
  const bool wanted = criterion.step && criterion.step->second;
  const bool confirmed =
      !folded(answer.second).empty() && folded(answer.second) != folded(answer.who);
  return wanted && !confirmed ? Standing::waits_second : Standing::settled;
}

void judge_answer(const Bench& bench, const catalogue::Item& item,
                  const catalogue::Criterion& criterion, CriterionVerdict& out) {
  const auto found = bench.stored.answers.find(criterion.id);
  if (found == bench.stored.answers.end()) {
    const bool document = criterion.source == "document";
    everywhere(out,
               {.verdict = Verdict::pending,
                .cause = Cause::none,
                .reason = sentence(document ? Sentence::waits_document : Sentence::waits_operator)},
               {});
    return;
  }
  const Stored::PersonAnswer& answer = found->second;
  const std::vector<EvidenceId> evidence = behind(bench.stored, criterion, answer);
  if (answer.outcome == "conforms" || answer.outcome == "not-applicable") {
    everywhere(out, conforming(bench, criterion, answer), evidence);
  } else if (answer.outcome == "does-not-conform") {
    everywhere(out, {Verdict::fail, Cause::none, said(Sentence::answered_fails, answer, 0)},
               evidence);
    out.findings.push_back({.subject = "lan",
                            .key = "answer",
                            .says = out.reason,
                            .remedy = item.remedy,
                            .evidence = evidence});
  } else {
    everywhere(
        out, {Verdict::inconclusive, Cause::operator_, said(Sentence::answered_unknown, answer, 0)},
        evidence);
  }
}

}  // namespace haetae::judge
