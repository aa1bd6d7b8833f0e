#pragma once

#include <nlohmann/json.hpp>

#include "reports/model.hpp"

/// Parts of the JSON report that a laboratory adds or that lists of rows fill.
namespace haetae::reports {

using OrderedJson = nlohmann::ordered_json;

[[nodiscard]] OrderedJson both(const Text& text);
/// issue_of() is the report that this is, null for a draft.
[[nodiscard]] OrderedJson issue_of(const Report& report);
[[nodiscard]] OrderedJson history_of(const Report& report);
/// particulars_of() is null where no laboratory gave any.
[[nodiscard]] OrderedJson particulars_of(const Report& report);
[[nodiscard]] OrderedJson waivers_of(const Report& report);
[[nodiscard]] OrderedJson answers_of(const Report& report);
[[nodiscard]] OrderedJson hits_of(const Report& report);
[[nodiscard]] OrderedJson changed_limits_of(const Report& report);
[[nodiscard]] OrderedJson unstable_of(const Report& report);
[[nodiscard]] OrderedJson flows_of(const Report& report);
[[nodiscard]] OrderedJson components_of(const Report& report);
[[nodiscard]] OrderedJson latency_of(const Report& report);
[[nodiscard]] OrderedJson entropy_of(const Report& report);

}  // namespace haetae::reports
