#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// The structs of the fact tables about who may ask the device for what, and what it gives besides;
/// facts.hpp has the rules.
namespace haetae::facts {

/// DeclaredCall is a request of the device's own interface, as the maker declares it.
struct DeclaredCall {
  static constexpr std::string_view table = "declared_call";
  EvidenceId evidence = 0;
  std::string subject;
  std::string call;
  std::string kind = "unknown";
  std::string method;
  std::string path;
  std::string login = "unknown";
  std::string changes = "unknown";
  std::string undo = "unknown";
  std::string proof = "unknown";
  std::string owner;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("call", self.call);
    visit("kind", self.kind);
    visit("method", self.method);
    visit("path", self.path);
    visit("login", self.login);
    visit("changes", self.changes);
    visit("undo", self.undo);
    visit("proof", self.proof);
    visit("owner", self.owner);
  }
};

/// CallTrial is what the device did when somebody made a declared request.
struct CallTrial {
  static constexpr std::string_view table = "call_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string call;
  std::string account;
  std::string role = "unknown";
  std::string owner;
  std::string changes = "unknown";
  std::string allowed = "unknown";
  std::string outcome = "unknown";
  std::string message;
  std::string undone = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("call", self.call);
    visit("account", self.account);
    visit("role", self.role);
    visit("owner", self.owner);
    visit("changes", self.changes);
    visit("allowed", self.allowed);
    visit("outcome", self.outcome);
    visit("message", self.message);
    visit("undone", self.undone);
  }
};

/// CallBypass is what a refused request gave when it was written in another way.
struct CallBypass {
  static constexpr std::string_view table = "call_bypass";
  EvidenceId evidence = 0;
  std::string subject;
  std::string call;
  std::string account;
  std::string role = "unknown";
  std::string variant;
  std::string outcome = "unknown";
  std::string message;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("call", self.call);
    visit("account", self.account);
    visit("role", self.role);
    visit("variant", self.variant);
    visit("outcome", self.outcome);
    visit("message", self.message);
  }
};

/// HiddenPathTrial is whether a path of debugging, tests or development is there.
struct HiddenPathTrial {
  static constexpr std::string_view table = "hidden_path_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string account;
  std::string declared = "unknown";
  std::string outcome = "unknown";
  std::int64_t status = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("account", self.account);
    visit("declared", self.declared);
    visit("outcome", self.outcome);
    visit("status", self.status);
  }
};

/// PathTrial is whether the web service gives a file outside its own folders.
struct PathTrial {
  static constexpr std::string_view table = "path_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string way;
  std::string account;
  std::string target;
  std::string outcome = "unknown";
  std::int64_t status = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("way", self.way);
    visit("account", self.account);
    visit("target", self.target);
    visit("outcome", self.outcome);
    visit("status", self.status);
  }
};

/// ServiceComponent is software of another maker that a service names, with its version.
struct ServiceComponent {
  static constexpr std::string_view table = "service_component";
  EvidenceId evidence = 0;
  std::string subject;
  std::string product;
  std::string version;
  std::string component;
  std::string release;
  std::string packaged = "unknown";
  std::string list;
  std::string dated;
  std::int64_t age_days = 0;
  std::string complete = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("product", self.product);
    visit("version", self.version);
    visit("component", self.component);
    visit("release", self.release);
    visit("packaged", self.packaged);
    visit("list", self.list);
    visit("dated", self.dated);
    visit("age_days", self.age_days);
    visit("complete", self.complete);
  }
};

/// ServiceVulnerability is how the version of a service compares with a known vulnerability.
struct ServiceVulnerability {
  static constexpr std::string_view table = "service_vulnerability";
  EvidenceId evidence = 0;
  std::string subject;
  std::string component;
  std::string version;
  std::string entry;
  std::string fixed;
  std::string outcome = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("component", self.component);
    visit("version", self.version);
    visit("entry", self.entry);
    visit("fixed", self.fixed);
    visit("outcome", self.outcome);
  }
};

}  // namespace haetae::facts
