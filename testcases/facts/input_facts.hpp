#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// The structs of the fact tables about hostile input; facts.hpp has the rules.
namespace haetae::facts {

/// InputTrial is what became of hostile input of one kind at one place of a service.
struct InputTrial {
  static constexpr std::string_view table = "input_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string protocol = "unknown";
  std::string target;
  std::string place;
  std::string family = "unknown";
  std::string outcome = "unknown";
  std::string basis = "unknown";
  std::string probe;
  std::string sent;
  std::string seen;
  std::int64_t tried = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("protocol", self.protocol);
    visit("target", self.target);
    visit("place", self.place);
    visit("family", self.family);
    visit("outcome", self.outcome);
    visit("basis", self.basis);
    visit("probe", self.probe);
    visit("sent", self.sent);
    visit("seen", self.seen);
    visit("tried", self.tried);
  }
};

/// InputCrash is a service that stopped answering after an input.
struct InputCrash {
  static constexpr std::string_view table = "input_crash";
  EvidenceId evidence = 0;
  std::string subject;
  std::string protocol = "unknown";
  std::string target;
  std::string place;
  std::string family = "unknown";
  std::string effect = "unknown";
  std::string repeated = "unknown";
  std::string probe;
  std::int64_t length = 0;
  std::int64_t away_ms = 0;
  std::string sent;
  std::string sha256;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("protocol", self.protocol);
    visit("target", self.target);
    visit("place", self.place);
    visit("family", self.family);
    visit("effect", self.effect);
    visit("repeated", self.repeated);
    visit("probe", self.probe);
    visit("length", self.length);
    visit("away_ms", self.away_ms);
    visit("sent", self.sent);
    visit("sha256", self.sha256);
  }
};

/// InputControl is whether a target answered an ordinary request around the hostile input.
struct InputControl {
  static constexpr std::string_view table = "input_control";
  EvidenceId evidence = 0;
  std::string subject;
  std::string target;
  std::string family = "unknown";
  std::string ordinary = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("target", self.target);
    visit("family", self.family);
    visit("ordinary", self.ordinary);
  }
};

/// ErrorAnswer is whether answers to wrong input show something of the inside.
struct ErrorAnswer {
  static constexpr std::string_view table = "error_answer";
  EvidenceId evidence = 0;
  std::string subject;
  std::string target;
  std::string family = "unknown";
  std::string reveals = "unknown";
  std::string marker;
  std::string kind = "unknown";
  std::string sent;
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("target", self.target);
    visit("family", self.family);
    visit("reveals", self.reveals);
    visit("marker", self.marker);
    visit("kind", self.kind);
    visit("sent", self.sent);
    visit("text", self.text);
  }
};

}  // namespace haetae::facts
