#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"
#include "testcases/facts/update_facts.hpp"

/// The structs of the fact tables about settings files and removable media; facts.hpp has the
/// rules.
namespace haetae::facts {

/// DeclaredSettings is how the maker says that settings are saved and restored.
struct DeclaredSettings {
  static constexpr std::string_view table = "declared_settings";
  EvidenceId evidence = 0;
  std::string subject;
  std::string backup = "unknown";
  std::string shown = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("backup", self.backup);
    visit("shown", self.shown);
  }
};

/// SettingsTrial is what became of one settings file that was given to be restored.
struct SettingsTrial {
  static constexpr std::string_view table = "settings_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string mutation = "unknown";
  std::string what;
  std::string outcome = "unknown";
  std::string basis = "unknown";
  std::string message;
  std::string alive_after = "unknown";
  std::string restored = "unknown";
  std::string sha256;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("mutation", self.mutation);
    visit("what", self.what);
    visit("outcome", self.outcome);
    visit("basis", self.basis);
    visit("message", self.message);
    visit("alive_after", self.alive_after);
    visit("restored", self.restored);
    visit("sha256", self.sha256);
  }
};

/// DeclaredMedia is whether the laboratory can give the device a file on a removable medium.
struct DeclaredMedia {
  static constexpr std::string_view table = "declared_media";
  EvidenceId evidence = 0;
  std::string subject;
  std::string hook = "unknown";
  std::string version_shown = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("hook", self.hook);
    visit("version_shown", self.version_shown);
  }
};

/// MediaTrial is what became of one update file on a removable medium; its columns are those of
/// UpdateTrial.
struct MediaTrial : UpdateTrial {
  static constexpr std::string_view table = "media_trial";
};

}  // namespace haetae::facts
