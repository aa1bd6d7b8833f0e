#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// What leaves the device by export, and what a reset leaves in it: the structs of the fact tables; facts.hpp has the rules.
namespace haetae::facts {

/// ExportFile is a file that a user takes out of the device.
struct ExportFile {
  static constexpr std::string_view table = "export_file";
  EvidenceId evidence = 0;
  std::string subject;
  std::string name;
  std::string outcome = "unknown";
  std::string opened = "unknown";
  std::int64_t size = 0;
  std::string sha256;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("name", self.name);
    visit("outcome", self.outcome);
    visit("opened", self.opened);
    visit("size", self.size);
    visit("sha256", self.sha256);
  }
};

/// ExportSecret is a secret in clear text in an export.
struct ExportSecret {
  static constexpr std::string_view table = "export_secret";
  EvidenceId evidence = 0;
  std::string subject;
  std::string name;
  std::string inside;
  std::string path;
  std::string datum = "unknown";
  std::string rule;
  std::string label;
  std::int64_t position = 0;
  std::int64_t secret = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("name", self.name);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("datum", self.datum);
    visit("rule", self.rule);
    visit("label", self.label);
    visit("position", self.position);
    visit("secret", self.secret);
  }
};

/// WipeReset is how the device was reset and came back.
struct WipeReset {
  static constexpr std::string_view table = "wipe_reset";
  EvidenceId evidence = 0;
  std::string subject;
  std::string way = "unknown";
  std::string done = "unknown";
  std::string alive = "unknown";
  std::string set_up = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("way", self.way);
    visit("done", self.done);
    visit("alive", self.alive);
    visit("set_up", self.set_up);
  }
};

/// WipeTrial is what of a user was in the device before a reset and after it.
struct WipeTrial {
  static constexpr std::string_view table = "wipe_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string thing = "unknown";
  std::string name;
  std::string before = "unknown";
  std::string after = "unknown";
  std::string message;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("thing", self.thing);
    visit("name", self.name);
    visit("before", self.before);
    visit("after", self.after);
    visit("message", self.message);
  }
};

}  // namespace haetae::facts
