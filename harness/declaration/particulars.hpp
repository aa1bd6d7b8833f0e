#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/error.hpp"
#include "harness/model/text.hpp"

/// The particulars of a report: what a laboratory adds to a run when it issues a report under a
/// number. Together with the run they give every content that ISO/IEC 17025 clause 7.8.2 asks for.
namespace haetae::declaration {

/// Party is an organisation that a report names.
struct Party {
  std::string name, address, contact, registration, representative;
  bool operator==(const Party&) const = default;
};

/// Signatory is who stands for a report, with the organisation's word for the office.
struct Signatory {
  std::string name, title;
  bool operator==(const Signatory&) const = default;
};

/// Correction is what the maker changed during the test.
struct Correction {
  std::string date, what;
  bool operator==(const Correction&) const = default;
};

struct Equipment {
  std::string name, id, calibration;
  bool operator==(const Equipment&) const = default;
};

/// Particulars: whatever was not given is empty, and a report shows that it was not.
struct Particulars {
  std::string number;     ///< of the report; unique in a run, at most 64 printable characters
  std::string verify_at;  ///< where a reader learns how to verify; stands in the QR code
  Text kind;              ///< title of the report (7.8.2.1 a)
  Party laboratory;       ///< b
  std::string accreditation, site;  ///< site: where the work was done, if elsewhere (c)
  Party applicant;                  ///< e
  std::string sample, condition;    ///< description and state of the item (g)
  std::string receipt;              ///< ISO date on which the sample came in (h)
  std::string units, selection;     ///< how many, and how they were chosen (k)
  std::string environment;          ///< temperature, humidity, network
  Signatory tester, manager;        ///< manager: who authorises the report (o), never the tester
  std::vector<Equipment> equipment;
  Text deviations;                      ///< additions, deviations, exclusions (n)
  std::string external;                 ///< results of external providers (p)
  Text opinion;                         ///< overall opinion, marked as such (7.8.7)
  std::vector<Correction> corrections;  ///< made during the test
  std::string replaces, reason;  ///< number of the report that this replaces, and why (7.8.8)
  bool operator==(const Particulars&) const = default;
};

/// LoadedParticulars are particulars with the text that they were read from.
struct LoadedParticulars {
  Particulars value;
  std::string text;
};

/// load_particulars() reads a particulars.xml (particulars.xsd). Every unknown, missing or doubled
/// name is an error of the form "FILE:LINE: what; allowed: …".
[[nodiscard]] Result<LoadedParticulars> load_particulars(const std::filesystem::path& file);
[[nodiscard]] Result<LoadedParticulars> load_particulars_text(std::string_view text,
                                                              std::string file);

/// particulars_template() is the commented file that `haetae issue --template` writes.
[[nodiscard]] std::string particulars_template();

}  // namespace haetae::declaration
