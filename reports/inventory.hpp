#pragma once

#include <string>
#include <vector>

#include "reports/model.hpp"

namespace haetae::reports {

/// Table is one inventory: its columns in both languages, and rows of text as it came.
struct Table {
  Text title;
  std::vector<Text> columns;
  std::vector<std::vector<std::string>> rows;  ///< at most 2,000
};

/// inventories() are the services, TLS, certificates, SSH, login surfaces and accounts of a report.
[[nodiscard]] std::vector<Table> inventories(const Report& report);

}  // namespace haetae::reports
