#include "testcases/software/record_match.hpp"

#include <algorithm>

#include "harness/formats/record_lines.hpp"
#include "testcases/authentication/web.hpp"

namespace haetae::testcases {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// begins_word() is whether the word stands in the text, at the beginning of a word.
bool begins_word(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    if (at == 0 || !letter(word.front()) || !letter(text[at - 1])) return true;
  return false;
}

bool names(const std::string& text, const std::string& account) {
  for (auto at = text.find(account); at != std::string::npos; at = text.find(account, at + 1)) {
    const auto end = at + account.size();
    if ((at == 0 || !letter(text[at - 1])) && (end == text.size() || !letter(text[end])))
      return true;
  }
  return false;
}

bool tells_event(const SeenRecord& record, const Caused& caused, const RecordWords& words) {
  if (!caused.text.empty()) return record.content.find(caused.text) != std::string::npos;
  const std::string text = lower(record.content);
  return std::any_of(words.events.begin(), words.events.end(), [&](const auto& one) {
    return one.first == caused.event && begins_word(text, one.second);
  });
}

std::string tells_outcome(const SeenRecord& record, const Caused& caused,
                          const RecordWords& words) {
  if (!caused.outcome.empty())
    return yes_no(record.content.find(caused.outcome) != std::string::npos);
  const std::string text = lower(record.content);
  const auto any = [&](std::string_view outcome) {
    return std::any_of(words.outcomes.begin(), words.outcomes.end(), [&](const auto& one) {
      return one.first == outcome && begins_word(text, one.second);
    });
  };
  const bool good = any("success");
  const bool bad = any("failure");
  if (!good && !bad) return "no";
  // "authentication failure, 1 accepted before" tells a failure; the other way round is not clear.
  if (!caused.success) return bad ? "yes" : "wrong";
  return !bad ? "yes" : good ? "unknown" : "wrong";
}

}  // namespace

RecordWords record_words(const catalogue::Catalogue& catalogue) {
  RecordWords out;
  for (const auto& reference : catalogue.references) {
    for (const auto& row : reference.rows) {
      if (reference.name == "record_event_word")
        out.events.emplace_back(column(reference, row, "event"), column(reference, row, "word"));
      if (reference.name == "record_outcome_word")
        out.outcomes.emplace_back(column(reference, row, "outcome"),
                                  column(reference, row, "word"));
    }
  }
  return out;
}

bool match_record(const std::vector<SeenRecord>& records, const Caused& caused,
                  const RecordWords& words, facts::RecordEvent& fact) {
  int best = -1;
  for (const SeenRecord& record : records) {
    if (!tells_event(record, caused, words)) continue;
    const auto time = formats::record_time(record.text, caused.end + caused.device_ahead);
    const std::string subject =
        caused.account.empty() ? "not-needed" : yes_no(names(record.content, caused.account));
    const std::string outcome = tells_outcome(record, caused, words);
    // A record of the other outcome that names somebody else is of another event.
    if (outcome == "wrong" && subject == "no") continue;
    const int score = (outcome == "yes" ? 4 : 0) + (subject != "no" ? 2 : 0) + (time ? 1 : 0);
    if (score <= best) continue;
    best = score;
    fact.recorded = "yes";
    fact.evidence = record.evidence;
    fact.source = record.source;
    fact.timed = yes_no(time.has_value());
    fact.offset_s = time ? formats::seconds_apart(*time, caused.begin + caused.device_ahead,
                                                  caused.end + caused.device_ahead)
                         : 0;
    fact.subject_named = subject;
    fact.outcome_told = outcome;
    fact.text = printable(record.text, 300);
  }
  if (best < 0) fact.recorded = "no";
  return best == 7;
}

}  // namespace haetae::testcases
