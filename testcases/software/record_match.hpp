#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/software/record_reader.hpp"

/// Which record tells of an event, and what it says of it.
namespace haetae::testcases {

/// RecordWords are the words by which records are known, in small letters.
struct RecordWords {
  std::vector<std::pair<std::string, std::string>> events;    ///< event, word
  std::vector<std::pair<std::string, std::string>> outcomes;  ///< success or failure, word
};
/// record_words() reads the reference tables record_event_word and record_outcome_word.
[[nodiscard]] RecordWords record_words(const catalogue::Catalogue& catalogue);

/// Caused is an event that took place.
struct Caused {
  std::string event;    ///< login, login-failure, change, update
  std::string account;  ///< empty: nobody logged in
  bool success = true;
  std::string text, outcome;        ///< as declared, empty: the known words
  std::int64_t begin = 0, end = 0;  ///< seconds since 1970 by our clock
  std::int64_t device_ahead = 0;    ///< seconds by which the device's clock is ahead of ours
};

/// match_record() writes into the fact what the best fitting record tells; recorded stays "no" if
/// none is of such an event. It is true if nothing that a record has to hold is missing.
[[nodiscard]] bool match_record(const std::vector<SeenRecord>& records, const Caused& caused,
                                const RecordWords& words, facts::RecordEvent& fact);

}  // namespace haetae::testcases
