#include <cstdio>
#include <fstream>
#include <string>

#include "reports/pdf/pdf.hpp"
#include "tests/support/issued_report.hpp"
#include "tests/support/sample_report.hpp"

/// Prints a report made by hand: print_report issued|typical|crowded|empty ko|en FILE. Tests start
/// it in other surroundings, and people who change the layout look at what it writes.
int main(int count, char** arguments) {
  using namespace haetae;
  using namespace haetae::reports;
  if (count != 4) return 64;
  const std::string kind = arguments[1];
  const Report report = kind == "issued"    ? test::issued_report()
                        : kind == "typical" ? test::typical_report()
                        : kind == "crowded" ? test::crowded_report()
                                            : test::empty_report();
  const bool korean = std::string(arguments[2]) == "ko";
  const auto bytes = pdf(report, korean ? Language::ko : Language::en);
  if (!bytes) {
    std::fprintf(stderr, "%s\n", bytes.error().message().c_str());
    return 3;
  }
  std::ofstream(arguments[3], std::ios::binary) << as_text(*bytes);
  return 0;
}
