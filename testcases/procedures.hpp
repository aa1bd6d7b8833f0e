#pragma once

#include <vector>

#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// procedures() is every procedure that the product has. The planner orders them.
[[nodiscard]] std::vector<runner::Procedure> procedures();

runner::Procedure calls_procedure();
runner::Procedure service_versions_procedure();
runner::Procedure web_paths_procedure();
runner::Procedure late_ports_procedure();
runner::Procedure shown_secrets_procedure();
runner::Procedure console_boot_procedure();
runner::Procedure console_procedure();
runner::Procedure declaration_procedure();
runner::Procedure documents_procedure();
runner::Procedure http_procedure();
runner::Procedure login_surfaces_procedure();
runner::Procedure access_procedure();
runner::Procedure factory_access_procedure();
runner::Procedure well_known_logins_procedure();
runner::Procedure injection_procedure();
runner::Procedure first_use_procedure();
runner::Procedure two_units_procedure();
runner::Procedure unit_keys_procedure();
runner::Procedure fresh_proof_procedure();
runner::Procedure lockout_procedure();
runner::Procedure lockout_restart_procedure();
runner::Procedure login_answers_procedure();
runner::Procedure login_input_procedure();
runner::Procedure malformed_http_procedure();
runner::Procedure malformed_messages_procedure();
runner::Procedure password_policy_procedure();
runner::Procedure session_idle_procedure();
runner::Procedure sessions_procedure();
runner::Procedure cross_site_procedure();
runner::Procedure product_information_procedure();
runner::Procedure record_events_procedure();
runner::Procedure record_erase_procedure();
runner::Procedure false_time_procedure();
runner::Procedure support_pages_procedure();
runner::Procedure update_notice_procedure();
runner::Procedure exports_procedure();
runner::Procedure wipe_procedure();
runner::Procedure firmware_procedure();
runner::Procedure update_offer_procedure();
runner::Procedure update_rights_procedure();
runner::Procedure update_older_procedure();
runner::Procedure update_altered_procedure();
runner::Procedure update_drop_procedure();
runner::Procedure update_server_procedure();
runner::Procedure update_images_procedure();
runner::Procedure update_media_procedure();
runner::Procedure settings_restore_procedure();

}  // namespace haetae::testcases
