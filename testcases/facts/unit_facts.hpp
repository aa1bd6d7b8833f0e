#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// Two units of one product: the structs of the fact tables; facts.hpp has the rules.
namespace haetae::facts {

/// DeclaredUnit is another unit of the same product that the maker hands over.
struct DeclaredUnit {
  static constexpr std::string_view table = "declared_unit";
  EvidenceId evidence = 0;
  std::string unit = "unknown";
  std::string serial;
  std::string address;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("unit", self.unit);
    visit("serial", self.serial);
    visit("address", self.address);
  }
};

/// DeclaredUnitAccount is how the declared factory passwords of two units compare.
struct DeclaredUnitAccount {
  static constexpr std::string_view table = "declared_unit_account";
  EvidenceId evidence = 0;
  std::string account;
  std::string factory = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("account", self.account);
    visit("factory", self.factory);
  }
};

/// UnitLogin is a factory credential of one of two units, tried on one of them.
struct UnitLogin {
  static constexpr std::string_view table = "unit_login";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string path;
  std::string account;
  std::string unit = "unknown";
  std::string credential = "unknown";
  std::string moment = "unknown";
  std::int64_t secret = 0;
  std::string outcome = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("path", self.path);
    visit("account", self.account);
    visit("unit", self.unit);
    visit("credential", self.credential);
    visit("moment", self.moment);
    visit("secret", self.secret);
    visit("outcome", self.outcome);
  }
};

/// UnitKey is a public key that an endpoint of one of two units showed.
struct UnitKey {
  static constexpr std::string_view table = "unit_key";
  EvidenceId evidence = 0;
  std::string subject;
  std::string unit = "unknown";
  std::string kind = "unknown";
  std::string algorithm;
  std::string fingerprint;
  std::string stable = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("unit", self.unit);
    visit("kind", self.kind);
    visit("algorithm", self.algorithm);
    visit("fingerprint", self.fingerprint);
    visit("stable", self.stable);
  }
};

}  // namespace haetae::facts
