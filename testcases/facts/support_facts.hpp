#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// Where the maker tells the world: the structs of the fact tables; facts.hpp has the rules.
namespace haetae::facts {

/// PublicPage is whether a page of the maker could be read without login.
struct PublicPage {
  static constexpr std::string_view table = "public_page";
  EvidenceId evidence = 0;
  std::string page = "unknown";
  std::string subject;
  std::string path;
  std::string outcome = "unknown";
  std::string tls = "unknown";
  std::string media = "unknown";
  std::int64_t status = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("page", self.page);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("outcome", self.outcome);
    visit("tls", self.tls);
    visit("media", self.media);
    visit("status", self.status);
  }
};

/// SecurityTxt is what a security.txt says (RFC 9116).
struct SecurityTxt {
  static constexpr std::string_view table = "security_txt";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::int64_t contacts = 0;
  std::int64_t odd_contacts = 0;
  std::string contact;
  std::int64_t expires_fields = 0;
  std::string expires;
  std::int64_t language_fields = 0;
  std::int64_t odd_lines = 0;
  std::string clear_signed = "unknown";
  std::string whole = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("contacts", self.contacts);
    visit("odd_contacts", self.odd_contacts);
    visit("contact", self.contact);
    visit("expires_fields", self.expires_fields);
    visit("expires", self.expires);
    visit("language_fields", self.language_fields);
    visit("odd_lines", self.odd_lines);
    visit("clear_signed", self.clear_signed);
    visit("whole", self.whole);
  }
};

/// SupportPeriod is whether the page shows the declared end of security updates.
struct SupportPeriod {
  static constexpr std::string_view table = "support_period";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string until;
  std::string shown = "unknown";
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("until", self.until);
    visit("shown", self.shown);
    visit("text", self.text);
  }
};

/// UpdateNotice is whether the device told of a version that our server offers.
struct UpdateNotice {
  static constexpr std::string_view table = "update_notice";
  EvidenceId evidence = 0;
  std::string subject;
  std::string offered = "unknown";
  std::string version;
  std::string asked = "unknown";
  std::string fetched = "unknown";
  std::string shown = "unknown";
  std::string path;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("offered", self.offered);
    visit("version", self.version);
    visit("asked", self.asked);
    visit("fetched", self.fetched);
    visit("shown", self.shown);
    visit("path", self.path);
  }
};

}  // namespace haetae::facts
