#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/evidence/fact_roles.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/model/record.hpp"

namespace haetae::compare {

/// EarlierFacts are the facts of an earlier run, to tell while a run goes on whether it sees
/// others. Its questions may be asked from several threads.
class EarlierFacts {
 public:
  [[nodiscard]] static Result<EarlierFacts> read(const evidence::RunFile& run);

  /// differ() is whether the facts of a procedure are not those that it gave then. A procedure that
  /// gave none then is not doubted: there is nothing to compare.
  [[nodiscard]] bool differ(const std::string& procedure, const std::vector<FactRow>& facts) const;

 private:
  using Name = std::pair<std::string, std::string>;  // table, key
  std::map<std::string, evidence::FactColumns> columns_;
  std::map<std::string, std::map<Name, std::string>> by_procedure_;  ///< values of each row
};

}  // namespace haetae::compare
