#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// The structs of the fact tables about who may ask the device for what; facts.hpp has the rules.
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

}  // namespace haetae::facts
