#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/model/error.hpp"
#include "harness/model/hazard.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::runner {

/// Selection is what a person asked to be tested.
struct Selection {
  std::string type = "standard";  ///< lite, basic, standard
  std::vector<std::string> only;  ///< item ids; empty means all of the type
  Hazard permit = kDefaultPermit;
};

struct PlannedItem {
  const catalogue::Item* item = nullptr;
  std::string selected;  ///< planned, outside-type, excluded
  std::string reason;
};

struct PlannedProcedure {
  const Procedure* procedure = nullptr;
  std::string state;  ///< planned, not-permitted, excluded
  std::string reason;
  [[nodiscard]] bool planned() const { return state == "planned"; }
};

/// Plan is every result that the run has to come to, and what will be sent for it.
struct Plan {
  std::vector<PlannedItem> items;
  std::vector<PlannedProcedure> procedures;
  std::chrono::seconds expected{0};
  int connections = 0;
  int logins = 0;
  int questions = 0;  ///< document and operator criteria that wait for an answer
};

/// make_plan() needs the catalogue and the procedures to outlive the plan. An unknown item in
/// `only`, or a selection that plans nothing, is ErrorKind::invalid_input.
[[nodiscard]] Result<Plan> make_plan(const catalogue::Catalogue& catalogue,
                                     const std::vector<Procedure>& procedures,
                                     const Selection& selection);

/// store_plan() writes the plan tables.
[[nodiscard]] Result<void> store_plan(evidence::Transaction& transaction, const Plan& plan);

}  // namespace haetae::runner
