#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// Facts of sessions; facts.hpp says what holds for all.
namespace haetae::facts {

/// SessionValue is what carries the sessions of a login, seen several times.
struct SessionValue {
  static constexpr std::string_view table = "session_value";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string name;
  std::string carrier = "unknown";
  std::int64_t samples = 0;
  std::int64_t different = 0;
  std::int64_t shortest = 0;
  std::int64_t longest = 0;
  std::string alphabet = "unknown";
  std::int64_t symbols = 0;
  std::int64_t fixed = 0;
  std::int64_t stepping = 0;
  std::int64_t uneven = 0;
  double bits = 0;
  std::string guess = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("name", self.name);
    visit("carrier", self.carrier);
    visit("samples", self.samples);
    visit("different", self.different);
    visit("shortest", self.shortest);
    visit("longest", self.longest);
    visit("alphabet", self.alphabet);
    visit("symbols", self.symbols);
    visit("fixed", self.fixed);
    visit("stepping", self.stepping);
    visit("uneven", self.uneven);
    visit("bits", self.bits);
    visit("guess", self.guess);
  }
};

/// SessionRandomness is a test over such values.
struct SessionRandomness {
  static constexpr std::string_view table = "session_randomness";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string name;
  std::string test = "unknown";
  std::int64_t observations = 0;
  double statistic = 0;
  double p = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("name", self.name);
    visit("test", self.test);
    visit("observations", self.observations);
    visit("statistic", self.statistic);
    visit("p", self.p);
  }
};

/// SessionFixation is a value from before a login, tried after it.
struct SessionFixation {
  static constexpr std::string_view table = "session_fixation";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string name;
  std::string planted = "unknown";
  std::string before = "unknown";
  std::string after = "unknown";
  std::string own = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("name", self.name);
    visit("planted", self.planted);
    visit("before", self.before);
    visit("after", self.after);
    visit("own", self.own);
  }
};

/// SessionLogout is a session tried after its logout.
struct SessionLogout {
  static constexpr std::string_view table = "session_logout";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string before = "unknown";
  std::string after = "unknown";
  std::string again = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("before", self.before);
    visit("after", self.after);
    visit("again", self.again);
  }
};

/// SessionLimit is how many sessions of one account live at once.
struct SessionLimit {
  static constexpr std::string_view table = "session_limit";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::int64_t declared = 0;
  std::int64_t tried = 0;
  std::int64_t opened = 0;
  std::int64_t alive = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("declared", self.declared);
    visit("tried", self.tried);
    visit("opened", self.opened);
    visit("alive", self.alive);
  }
};

/// SessionIdle is a session tried after a time without use.
struct SessionIdle {
  static constexpr std::string_view table = "session_idle";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::int64_t declared_seconds = 0;
  std::int64_t waited_seconds = 0;
  std::string before = "unknown";
  std::string after = "unknown";
  std::string again = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("declared_seconds", self.declared_seconds);
    visit("waited_seconds", self.waited_seconds);
    visit("before", self.before);
    visit("after", self.after);
    visit("again", self.again);
  }
};

/// SessionAfterChange is a session tried after a change of the password elsewhere.
struct SessionAfterChange {
  static constexpr std::string_view table = "session_after_change";
  EvidenceId evidence = 0;
  std::string subject;
  std::string account;
  std::string changed = "unknown";
  std::string before = "unknown";
  std::string after = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("account", self.account);
    visit("changed", self.changed);
    visit("before", self.before);
    visit("after", self.after);
  }
};

/// CrossSiteTrial is a changing call as another site's page makes it.
struct CrossSiteTrial {
  static constexpr std::string_view table = "cross_site_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string call;
  std::string method;
  std::string carrier = "unknown";
  std::string same_site = "unknown";
  std::string own = "unknown";
  std::string foreign_page = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("call", self.call);
    visit("method", self.method);
    visit("carrier", self.carrier);
    visit("same_site", self.same_site);
    visit("own", self.own);
    visit("foreign_page", self.foreign_page);
  }
};

/// CrossOriginAnswer is what other sites may read.
struct CrossOriginAnswer {
  static constexpr std::string_view table = "cross_origin_answer";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string origin = "unknown";
  std::string allows = "unknown";
  std::string credentials = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("origin", self.origin);
    visit("allows", self.allows);
    visit("credentials", self.credentials);
  }
};

}  // namespace haetae::facts
