#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// The structs of the fact tables about the record of security events; facts.hpp has the rules.
namespace haetae::facts {

/// DeclaredRecords is how the maker says that the record of events is read, erased and timed.
struct DeclaredRecords {
  static constexpr std::string_view table = "declared_records";
  EvidenceId evidence = 0;
  std::string subject;
  std::string read = "unknown";
  std::string listen = "unknown";
  std::string erase = "unknown";
  std::string time_shown = "unknown";
  std::string time_set = "unknown";
  std::string time_server = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("read", self.read);
    visit("listen", self.listen);
    visit("erase", self.erase);
    visit("time_shown", self.time_shown);
    visit("time_set", self.time_set);
    visit("time_server", self.time_server);
  }
};

/// RecordEvent is a security event that was caused, and what the device recorded of it.
struct RecordEvent {
  static constexpr std::string_view table = "record_event";
  EvidenceId evidence = 0;
  std::string subject;
  std::string event = "unknown";
  std::string place;
  std::string method;
  std::string path;
  std::string account;
  std::string caused = "unknown";
  std::string source = "unknown";
  std::string recorded = "unknown";
  std::string timed = "unknown";
  std::int64_t offset_s = 0;
  std::string subject_named = "unknown";
  std::string outcome_told = "unknown";
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("event", self.event);
    visit("place", self.place);
    visit("method", self.method);
    visit("path", self.path);
    visit("account", self.account);
    visit("caused", self.caused);
    visit("source", self.source);
    visit("recorded", self.recorded);
    visit("timed", self.timed);
    visit("offset_s", self.offset_s);
    visit("subject_named", self.subject_named);
    visit("outcome_told", self.outcome_told);
    visit("text", self.text);
  }
};

/// RecordErase is whether somebody could make the record lose what it held.
struct RecordErase {
  static constexpr std::string_view table = "record_erase";
  EvidenceId evidence = 0;
  std::string subject;
  std::string way = "unknown";
  std::string actor = "unknown";
  std::string account;
  std::int64_t tries = 0;
  std::string outcome = "unknown";
  std::string message;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("way", self.way);
    visit("actor", self.actor);
    visit("account", self.account);
    visit("tries", self.tries);
    visit("outcome", self.outcome);
    visit("message", self.message);
  }
};

/// FalseTime is whether the device took a time that was not the right one.
struct FalseTime {
  static constexpr std::string_view table = "false_time";
  EvidenceId evidence = 0;
  std::string subject;
  std::string way = "unknown";
  std::string actor = "unknown";
  std::string account;
  std::int64_t offered_s = 0;
  std::string outcome = "unknown";
  std::string restored = "unknown";
  std::string message;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("way", self.way);
    visit("actor", self.actor);
    visit("account", self.account);
    visit("offered_s", self.offered_s);
    visit("outcome", self.outcome);
    visit("restored", self.restored);
    visit("message", self.message);
  }
};

}  // namespace haetae::facts
