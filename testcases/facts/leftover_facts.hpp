#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// The structs of the fact tables about what a login opens and what pages show of secrets;
/// facts.hpp has the rules.
namespace haetae::facts {

/// LateLogin is a login that was open, or had been made, while all ports were asked again.
struct LateLogin {
  static constexpr std::string_view table = "late_login";
  EvidenceId evidence = 0;
  std::string subject;
  std::string login;
  std::string account;
  std::string outcome = "unknown";
  std::string held = "unknown";
  std::string message;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("login", self.login);
    visit("account", self.account);
    visit("outcome", self.outcome);
    visit("held", self.held);
    visit("message", self.message);
  }
};

/// LatePort is a port that is open after logins, with its state before any.
struct LatePort {
  static constexpr std::string_view table = "late_port";
  EvidenceId evidence = 0;
  std::string subject;
  std::string transport = "unknown";
  std::int64_t number = 0;
  std::string before = "unknown";
  std::string after = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("transport", self.transport);
    visit("number", self.number);
    visit("before", self.before);
    visit("after", self.after);
  }
};

/// SecretSought is a secret of which the tester knows the value, looked for in pages.
struct SecretSought {
  static constexpr std::string_view table = "secret_sought";
  EvidenceId evidence = 0;
  std::string whose;
  std::string kind = "unknown";
  std::string sought = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("whose", self.whose);
    visit("kind", self.kind);
    visit("sought", self.sought);
  }
};

/// SecretPage is a page or answer that was looked through for secrets and password fields.
struct SecretPage {
  static constexpr std::string_view table = "secret_page";
  EvidenceId evidence = 0;
  std::string subject;
  std::string page;
  std::string account;
  std::string looked = "unknown";
  std::string fields = "unknown";
  std::string field;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("page", self.page);
    visit("account", self.account);
    visit("looked", self.looked);
    visit("fields", self.fields);
    visit("field", self.field);
  }
};

/// SecretShown is a secret that stood in a page.
struct SecretShown {
  static constexpr std::string_view table = "secret_shown";
  EvidenceId evidence = 0;
  std::string subject;
  std::string page;
  std::string account;
  std::string whose;
  std::string kind = "unknown";
  std::string form = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("page", self.page);
    visit("account", self.account);
    visit("whose", self.whose);
    visit("kind", self.kind);
    visit("form", self.form);
  }
};

}  // namespace haetae::facts
