#include <fmt/format.h>

#include "harness/declaration/declaration.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::declaration {
namespace {

using Lines = std::vector<std::string>;

void explain_target(const Declaration& d, Lines& out) {
  out.push_back(fmt::format("device: {} {}, {}, firmware {}", printable(d.identity.maker),
                            printable(d.identity.model), printable(d.identity.category),
                            printable(d.identity.firmware)));
  out.push_back(fmt::format("certification: {} type{}", d.certification.type,
                            d.certification.profile.empty()
                                ? ", no profile"
                                : ", profile " + printable(d.certification.profile)));
  std::string addresses;
  for (const Address& address : d.addresses) {
    addresses += addresses.empty() ? address.text() : ", " + address.text();
  }
  std::string networks;
  for (const Network& network : d.scope.networks) {
    networks += networks.empty() ? network.text() : ", " + network.text();
  }
  out.push_back(
      fmt::format("reached at: {} (scope: {}; nothing else is contacted)", addresses, networks));
  out.push_back(fmt::format("authorised by {}{}, from {} until {}", printable(d.authorisation.by),
                            d.authorisation.organisation.empty()
                                ? ""
                                : " (" + printable(d.authorisation.organisation) + ")",
                            d.authorisation.from, d.authorisation.until));
  out.push_back(fmt::format("permitted up to hazard: {}", word(d.permit)));
}

void explain_access(const Declaration& d, Lines& out) {
  for (const Service& service : d.services) {
    out.push_back(fmt::format("service {}: {}{}{}{}", service.port.text(), service.protocol,
                              service.tls ? " in TLS" : "",
                              service.management ? ", management" : "",
                              service.purpose.empty() ? "" : ", " + printable(service.purpose)));
  }
  for (const Login& login : d.logins) {
    std::string accounts;
    for (const Account& account : d.accounts) {
      for (const std::string& id : account.logins) {
        if (id == login.id) accounts += (accounts.empty() ? "" : ", ") + printable(account.name);
      }
    }
    out.push_back(fmt::format("login {}: {} on {}{}, accounts: {}", printable(login.id),
                              login.method, login.port.text(), login.tls ? " in TLS" : "",
                              accounts.empty() ? "none" : accounts));
  }
  for (const PasswordChange& change : d.password_changes) {
    out.push_back(fmt::format("password change: {} {} after login {}", change.http_method,
                              printable(change.path), printable(change.login)));
  }
  for (const Statement& statement : d.statements) {
    if (statement.applies) {
      out.push_back(fmt::format("item {}: said to apply", statement.item));
    } else {
      out.push_back(fmt::format("item {}: said not to apply: {}", statement.item,
                                printable(statement.reason)));
    }
  }
}

bool any_password(const Declaration& d) {
  for (const Account& account : d.accounts) {
    if (account.has_password && !account.logins.empty()) return true;
  }
  return false;
}

bool any_sacrificial(const Declaration& d) {
  for (const Account& account : d.accounts) {
    if (account.sacrificial) return true;
  }
  return false;
}

/// explain_gaps() names what is not declared and what cannot be answered for it.
void explain_gaps(const Declaration& d, Lines& out) {
  const auto gap = [&out](bool missing, std::string_view text) {
    if (missing) out.push_back(fmt::format("not declared: {}", text));
  };
  gap(!d.services_declared, "services; whether open ports are needed stays unanswered");
  gap(d.logins.empty(),
      "logins; passwords, lockout and what lies behind a login are not tested by login");
  gap(!d.logins.empty() && !any_password(d),
      "an account with password and login; no positive control, so login tests stay inconclusive");
  gap(d.password_changes.empty(),
      "how a password is changed; the password policy stays unanswered");
  gap(!d.password_policy.declared, "the password policy; only the catalogue's limits are tried");
  gap(!d.lockout.declared, "the lockout policy; only the catalogue's limits are tried");
  gap(d.permit < Hazard::lockout_risk,
      "the permission for lockout-risk; repeated failures are not tested");
  gap(d.permit >= Hazard::lockout_risk && !any_sacrificial(d),
      "a sacrificial account; the lockout test uses a declared account or stays out");
  gap(!d.session.declared, "sessions; idle time and simultaneous sessions stay unanswered");
  gap(d.update.mechanism.empty(), "the update mechanism; update items stay unanswered");
  gap(!d.update.mechanism.empty() && d.update.mechanism != "none" && d.update.images.empty(),
      "the update images; whether altered ones are refused stays unanswered");
  const Update& update = d.update;
  const bool http = update.mechanism == "http-upload" || update.mechanism == "swupdate" ||
                    update.mechanism == "rauc";
  gap((http && !update.upload) || (update.mechanism == "tftp" && !update.tftp) ||
          (update.mechanism == "scp" && !update.scp) ||
          (update.mechanism == "pull" && !update.pull) ||
          (update.mechanism == "hook" && d.hook("install") == nullptr),
      fmt::format("how an update is given by {}; the update cannot be driven", update.mechanism));
  gap(!d.update.images.empty() && d.permit < Hazard::may_brick,
      "the permission for may-brick; altered update images are not offered");
  gap(d.firmware.empty(), "firmware images; what only an image shows stays unanswered");
  gap(!d.components_declared, "the components; the list has nothing to compare with");
  gap(!d.console.has_value(), "a console; the debug port of the board is left to a person");
  gap(d.outbound.empty(),
      "outbound endpoints; what the device contacts has nothing to compare with");
  gap(d.personal_data.empty(), "personal data; items on personal data wait for an answer");
  gap(d.documents.empty(), "documents; items answered by documents stay pending");
  gap(d.resources.empty(),
      "resources that need a login; only well-known paths are asked for without login");
  gap(d.product_information.empty(),
      "where the device shows model and version; product information stays unanswered");
  gap(d.hook("factory-state") == nullptr && d.hook("factory-reset") == nullptr,
      "a hook for the factory state; the device is tested in its normal state only");
  gap(d.hook("power-cycle") == nullptr,
      "a hook for the power; a device that hangs has to be restarted by a person");
}

}  // namespace

std::vector<std::string> explain(const Declaration& declaration) {
  Lines out;
  explain_target(declaration, out);
  explain_access(declaration, out);
  explain_gaps(declaration, out);
  return out;
}

}  // namespace haetae::declaration
