#include <catch2/catch.hpp>

#include "harness/formats/security_txt.hpp"
#include "testcases/software/support_pages.hpp"

using namespace haetae;
using formats::read_security_txt;
using formats::utc_of;

TEST_CASE("the example of RFC 9116 is read, signed or not", "[security-txt]") {
  const std::string fields =
      "# Our security address\r\nContact: mailto:security@example.com\r\n"
      "contact:https://example.com/report\r\nCONTACT: tel:+82-2-405-5118\r\n\r\n"
      "Expires: 2026-12-31T18:37:07+09:00\r\nPreferred-Languages: ko, en\r\nX-Other: 1\r\n";
  const auto plain = read_security_txt(fields);
  CHECK(plain.contacts == std::vector<std::string>{"mailto:security@example.com",
                                                   "https://example.com/report",
                                                   "tel:+82-2-405-5118"});
  CHECK(plain.expires == "2026-12-31T09:37:07Z");
  CHECK(plain.expires_fields == 1);
  CHECK(plain.language_fields == 1);
  CHECK(plain.odd_lines == 0);
  CHECK_FALSE(plain.clear_signed);

  const auto armoured =
      read_security_txt("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + fields +
                        "-----BEGIN PGP SIGNATURE-----\n\niQFF\nExpires: "
                        "2099-01-01T00:00:00Z\n-----END PGP SIGNATURE-----\n");
  CHECK(armoured.clear_signed);
  CHECK(armoured.contacts == plain.contacts);
  CHECK(armoured.expires == plain.expires);
}

TEST_CASE("what RFC 9116 forbids is told", "[security-txt]") {
  CHECK(read_security_txt("Contact: security@example.com\n").odd_contacts == 1);
  CHECK(read_security_txt("Contact: http://example.com/\n").contacts.empty());
  CHECK(read_security_txt("Contact: https:///x\n").contacts.empty());
  CHECK(read_security_txt("Contact: mailto:nobody\n").contacts.empty());
  const auto twice =
      read_security_txt("Expires: 2027-01-01T00:00:00Z\nExpires: 2028-01-01T00:00:00Z\n");
  CHECK(twice.expires_fields == 2);
  CHECK(twice.expires.empty());
  CHECK(read_security_txt("Expires: next year\n").expires.empty());
  CHECK(read_security_txt("<!DOCTYPE html>\n<p>Not found\n").odd_lines == 2);
}

TEST_CASE("a file without end is read to a bound", "[security-txt]") {
  std::string long_one;
  while (long_one.size() < 1024 * 1024) long_one += "Contact: mailto:a@b\n";
  const auto many = read_security_txt(long_one);
  CHECK(many.cut);
  CHECK(many.contacts.size() == 32);
  const auto one_line = read_security_txt(std::string(512 * 1024, 'x'));
  CHECK(one_line.cut);
  CHECK(one_line.odd_lines == 1);
  CHECK(read_security_txt("Contact: https://" + std::string(600, 'a') + "\n").odd_contacts == 1);
}

TEST_CASE("a date-time becomes UTC, or nothing", "[security-txt]") {
  CHECK(utc_of("2026-12-31T23:59:59Z") == "2026-12-31T23:59:59Z");
  CHECK(utc_of("2027-01-01T00:30:00+01:00") == "2026-12-31T23:30:00Z");
  CHECK(utc_of("2026-12-31t23:59:60.25z") == "2026-12-31T23:59:59Z");
  CHECK(utc_of("2024-02-29T00:00:00-00:00") == "2024-02-29T00:00:00Z");
  for (const char* bad :
       {"", "2026-12-31", "2026-02-29T00:00:00Z", "2026-12-31T24:00:00Z", "2026-12-31T00:00:00",
        "2026-12-31T00:00:00+9:00", "2026-12-31T00:00:00+25:00", "2026-12-31T00:00:00.Z",
        "-026-12-31T00:00:00Z", "2026/12/31T00:00:00Z", "0001-01-01T00:00:00+01:00",
        "2026-12-31T00:00:00Z and more"})
    CHECK(utc_of(bad).empty());
}

TEST_CASE("a date is found as people write it, and not inside another", "[support]") {
  using testcases::shown_date;
  for (const char* form : {"2031-12-31", "2031.12.31", "2031. 12. 31", "2031년 12월 31일",
                           "31 December 2031", "December 31, 2031", "31.12.2031", "2031/12/31"})
    CHECK(shown_date("until " + std::string(form) + ".", "2031-12-31", "") == form);
  CHECK(shown_date("2031-12-310", "2031-12-31", "").empty());
  CHECK(shown_date("2031-11-30", "2031-12-31", "").empty());
  CHECK(shown_date("2031-12-31", "2031-12-31", "the end of 2031").empty());
  CHECK(shown_date("to the end of 2031", "2031-12-31", "the end of 2031") == "the end of 2031");
}
