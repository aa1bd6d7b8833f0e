#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// The structs of the fact tables about updates; facts.hpp has the rules.
namespace haetae::facts {

/// DeclaredUpdate is how the maker says that an update is given.
struct DeclaredUpdate {
  static constexpr std::string_view table = "declared_update";
  EvidenceId evidence = 0;
  std::string subject;
  std::string mechanism = "unknown";
  std::string recovery = "unknown";
  std::string version_shown = "unknown";
  std::string pull = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("mechanism", self.mechanism);
    visit("recovery", self.recovery);
    visit("version_shown", self.version_shown);
    visit("pull", self.pull);
  }
};

/// DeclaredUpdateImage is an update file that the maker handed over.
struct DeclaredUpdateImage {
  static constexpr std::string_view table = "declared_update_image";
  EvidenceId evidence = 0;
  std::string image;
  std::string role = "unknown";
  std::string version;
  std::string sha256;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("image", self.image);
    visit("role", self.role);
    visit("version", self.version);
    visit("sha256", self.sha256);
  }
};

/// UpdateControl is whether a genuine file was seen to be installed, and put back.
struct UpdateControl {
  static constexpr std::string_view table = "update_control";
  EvidenceId evidence = 0;
  std::string subject;
  std::string control = "unknown";
  std::string image;
  std::string outcome = "unknown";
  std::string basis = "unknown";
  std::string message;
  std::string version_before;
  std::string version_after;
  std::string alive_after = "unknown";
  std::int64_t took_ms = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("control", self.control);
    visit("image", self.image);
    visit("outcome", self.outcome);
    visit("basis", self.basis);
    visit("message", self.message);
    visit("version_before", self.version_before);
    visit("version_after", self.version_after);
    visit("alive_after", self.alive_after);
    visit("took_ms", self.took_ms);
  }
};

/// UpdateTrial is what became of one offered update file.
struct UpdateTrial {
  static constexpr std::string_view table = "update_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string image;
  std::string mutation = "unknown";
  std::string covered = "unknown";
  std::string what;
  std::string outcome = "unknown";
  std::string basis = "unknown";
  std::string message;
  std::string version_before;
  std::string version_after;
  std::string alive_after = "unknown";
  std::string restored = "unknown";
  std::string sha256;
  std::int64_t took_ms = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("image", self.image);
    visit("mutation", self.mutation);
    visit("covered", self.covered);
    visit("what", self.what);
    visit("outcome", self.outcome);
    visit("basis", self.basis);
    visit("message", self.message);
    visit("version_before", self.version_before);
    visit("version_after", self.version_after);
    visit("alive_after", self.alive_after);
    visit("restored", self.restored);
    visit("sha256", self.sha256);
    visit("took_ms", self.took_ms);
  }
};

/// UpdateRights is whether somebody without the rights could start an update.
struct UpdateRights {
  static constexpr std::string_view table = "update_rights";
  EvidenceId evidence = 0;
  std::string subject;
  std::string actor = "unknown";
  std::string account;
  std::string outcome = "unknown";
  std::string basis = "unknown";
  std::string message;
  std::string version_before;
  std::string version_after;
  std::string restored = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("actor", self.actor);
    visit("account", self.account);
    visit("outcome", self.outcome);
    visit("basis", self.basis);
    visit("message", self.message);
    visit("version_before", self.version_before);
    visit("version_after", self.version_after);
    visit("restored", self.restored);
  }
};

/// UpdateDrop is what the device ran after a transfer that was cut.
struct UpdateDrop {
  static constexpr std::string_view table = "update_drop";
  EvidenceId evidence = 0;
  std::string subject;
  std::string point = "unknown";
  std::int64_t sent = 0;
  std::int64_t total = 0;
  std::string alive_after = "unknown";
  std::string runs = "unknown";
  std::string version_before;
  std::string version_after;
  std::string restored = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("point", self.point);
    visit("sent", self.sent);
    visit("total", self.total);
    visit("alive_after", self.alive_after);
    visit("runs", self.runs);
    visit("version_before", self.version_before);
    visit("version_after", self.version_after);
    visit("restored", self.restored);
  }
};

/// UpdateServer is whether the device took an update server of ours for its own.
struct UpdateServer {
  static constexpr std::string_view table = "update_server";
  EvidenceId evidence = 0;
  std::string subject;
  std::string server = "unknown";
  std::string connected = "unknown";
  std::string asked = "unknown";
  std::string fetched = "unknown";
  std::string message;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("server", self.server);
    visit("connected", self.connected);
    visit("asked", self.asked);
    visit("fetched", self.fetched);
    visit("message", self.message);
  }
};

}  // namespace haetae::facts
