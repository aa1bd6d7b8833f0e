#include "testcases/procedures.hpp"

#include "testcases/crypto/ssh.hpp"
#include "testcases/crypto/tls.hpp"
#include "testcases/network/network.hpp"

namespace haetae::testcases {

std::vector<runner::Procedure> procedures() {
  return {
      declaration_procedure(),
      documents_procedure(),
      firmware_procedure(),
      update_images_procedure(),
      discovery(),
      service_identification(),
      tls(),
      ssh(),
      unit_keys_procedure(),
      http_procedure(),
      login_surfaces_procedure(),
      product_information_procedure(),
      support_pages_procedure(),
      exports_procedure(),
      access_procedure(),
      factory_access_procedure(),
      well_known_logins_procedure(),
      login_answers_procedure(),
      injection_procedure(),
      login_input_procedure(),
      malformed_http_procedure(),
      malformed_messages_procedure(),
      calls_procedure(),
      service_versions_procedure(),
      web_paths_procedure(),
      shown_secrets_procedure(),
      late_ports_procedure(),
      first_use_procedure(),
      two_units_procedure(),
      fresh_proof_procedure(),
      password_policy_procedure(),
      sessions_procedure(),
      session_idle_procedure(),
      cross_site_procedure(),
      lockout_procedure(),
      lockout_restart_procedure(),
      record_events_procedure(),
      record_erase_procedure(),
      false_time_procedure(),
      update_offer_procedure(),
      update_rights_procedure(),
      wipe_procedure(),
      update_server_procedure(),
      update_notice_procedure(),
      update_older_procedure(),
      update_altered_procedure(),
      update_drop_procedure(),
      update_media_procedure(),
      settings_restore_procedure(),
      console_procedure(),
      console_boot_procedure(),
  };
}

}  // namespace haetae::testcases
