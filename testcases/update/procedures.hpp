#pragma once

#include "testcases/procedures.hpp"

/// What the procedures of the update tests share beside the workbench.
namespace haetae::testcases {

namespace update {

/// record_declared() writes declared_update and declared_update_image.
void record_declared(runner::Context& context, EvidenceId evidence);

/// record_restoring() writes declared_settings and declared_media.
void record_restoring(runner::Context& context, EvidenceId evidence);

/// bring_back() is the recovery of every procedure here: the version under test runs again.
[[nodiscard]] Result<void> bring_back(runner::Context& context);

}  // namespace update
}  // namespace haetae::testcases
