#pragma once

#include <string>

#include "harness/audit/rejudge.hpp"
#include "harness/audit/report_file.hpp"
#include "harness/evidence/run_file.hpp"

/// What is said of a check, in Korean or English.
namespace haetae::audit {

class Words {
 public:
  explicit Words(bool korean) : korean_(korean) {}
  [[nodiscard]] std::string damages(const std::string& file,
                                    const evidence::Verification& verification) const;
  [[nodiscard]] std::string chain(const std::string& file,
                                  const evidence::Verification& verification, bool trusted) const;
  [[nodiscard]] std::string stamp(const evidence::Stamp& stamp, bool trusted) const;
  [[nodiscard]] std::string judged(const Rejudged& revision) const;
  [[nodiscard]] std::string not_judged() const;  ///< there is no revision
  [[nodiscard]] std::string report(const ReportFile& report) const;

 private:
  [[nodiscard]] const char* pick(const char* ko, const char* en) const { return korean_ ? ko : en; }
  bool korean_;
};

}  // namespace haetae::audit
