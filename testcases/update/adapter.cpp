#include "testcases/update/adapter.hpp"

#include "testcases/authentication/web.hpp"

namespace haetae::testcases::update {

std::string subject_of(const declaration::Update& update) {
  if (update.mechanism == "tftp" && update.tftp) return update.tftp->port.subject();
  const bool web = update.mechanism == "http-upload" || update.mechanism == "swupdate" ||
                   update.mechanism == "rauc";
  if (web && update.upload) return update.upload->port.subject();
  return "lan";
}

Result<std::unique_ptr<Adapter>> make_adapter(runner::Context& context) {
  const std::string& mechanism = context.device().update.mechanism;
  if (mechanism == "http-upload" || mechanism == "rauc") return http_upload(context);
  if (mechanism == "swupdate") return swupdate(context);
  if (mechanism == "tftp") return tftp_write(context);
  if (mechanism == "scp") return secure_copy(context);
  if (mechanism == "pull") return pull_server(context);
  if (mechanism == "hook") return hook_install(context);
  return fail(ErrorKind::invalid_input, mechanism.empty()
                                            ? "it is not declared how the device takes an update"
                                            : "the device is declared to take no updates");
}

Offer failed(const Error& error, EvidenceId evidence) {
  Offer out;
  out.why = printable(error.message());
  out.cause = cause_of(error);
  out.evidence = evidence;
  return out;
}

}  // namespace haetae::testcases::update
