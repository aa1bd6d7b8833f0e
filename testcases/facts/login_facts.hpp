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

}  // namespace haetae::facts
