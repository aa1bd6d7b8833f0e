#pragma once

#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// record_declared_records() writes how the maker says that the record of events is read.
void record_declared_records(runner::Context& context, EvidenceId evidence);

}  // namespace haetae::testcases
