#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// Facts of what a login gives away and asks for; facts.hpp says what holds for all.
namespace haetae::facts {

/// LoginAnswer is whether one aspect of the refusals tells known users from others.
struct LoginAnswer {
  static constexpr std::string_view table = "login_answer";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string path;
  std::string aspect = "unknown";
  std::string alike = "unknown";
  std::string known;
  std::string unfamiliar;
  std::int64_t pairs = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("path", self.path);
    visit("aspect", self.aspect);
    visit("alike", self.alike);
    visit("known", self.known);
    visit("unfamiliar", self.unfamiliar);
    visit("pairs", self.pairs);
  }
};

/// LoginTime is how long refusals take.
struct LoginTime {
  static constexpr std::string_view table = "login_time";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string path;
  std::int64_t error_ppm = 0;
  std::int64_t pairs = 0;
  std::int64_t known_us = 0;
  std::int64_t unfamiliar_us = 0;
  std::int64_t difference_us = 0;
  std::int64_t least_us = 0;
  std::int64_t greatest_us = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("path", self.path);
    visit("error_ppm", self.error_ppm);
    visit("pairs", self.pairs);
    visit("known_us", self.known_us);
    visit("unfamiliar_us", self.unfamiliar_us);
    visit("difference_us", self.difference_us);
    visit("least_us", self.least_us);
    visit("greatest_us", self.greatest_us);
  }
};

/// ProofTrial is a high-impact call inside a session.
struct ProofTrial {
  static constexpr std::string_view table = "proof_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string call;
  std::string kind = "unknown";
  std::string proof = "unknown";
  std::string outcome = "unknown";
  std::string account;
  std::string message;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("call", self.call);
    visit("kind", self.kind);
    visit("proof", self.proof);
    visit("outcome", self.outcome);
    visit("account", self.account);
    visit("message", self.message);
  }
};

/// DeclaredProof is whether a high-impact call asks for the password anew, as declared.
struct DeclaredProof {
  static constexpr std::string_view table = "declared_proof";
  EvidenceId evidence = 0;
  std::string subject;
  std::string call;
  std::string kind = "unknown";
  std::string asked = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("call", self.call);
    visit("kind", self.kind);
    visit("asked", self.asked);
  }
};

/// LockoutRestart is whether a block outlives a restart.
struct LockoutRestart {
  static constexpr std::string_view table = "lockout_restart";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string account;
  std::string blocked = "unknown";
  std::string restarted = "unknown";
  std::string held = "unknown";
  std::int64_t after_ms = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("account", self.account);
    visit("blocked", self.blocked);
    visit("restarted", self.restarted);
    visit("held", self.held);
    visit("after_ms", self.after_ms);
  }
};

/// FirstUseTrial is what a session with the factory password is given.
struct FirstUseTrial {
  static constexpr std::string_view table = "first_use_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string target;
  std::string moment = "unknown";
  std::string kind = "unknown";
  std::string outcome = "unknown";
  std::string account;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("target", self.target);
    visit("moment", self.moment);
    visit("kind", self.kind);
    visit("outcome", self.outcome);
    visit("account", self.account);
  }
};

}  // namespace haetae::facts
