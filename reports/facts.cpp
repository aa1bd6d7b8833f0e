#include <algorithm>
#include <map>

#include "reports/rows.hpp"

namespace haetae::reports {

using evidence::Statement;

namespace {

/// by_subject() finds or makes the entry of a subject, in order of first appearance.
template <class T>
T& by_subject(std::vector<T>& all, const std::string& subject) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& one) { return one.subject == subject; });
  if (found != all.end()) return *found;
  all.emplace_back().subject = subject;
  return all.back();
}

void read_services(Rows& rows, Report& report) {
  auto& services = report.services;
  rows.each_of("port", "SELECT subject, state, evidence FROM port ORDER BY transport, number",
               [&](const Statement& row) {
                 ServiceRow& service = by_subject(services, row.text(0));
                 service.state = row.text(1);
                 service.evidence = row.integer(2);
               });
  rows.each_of(
      "service",
      "SELECT subject, protocol, tls, product, version, banner, evidence FROM service ORDER "
      "BY id",
      [&](const Statement& row) {
        ServiceRow& service = by_subject(services, row.text(0));
        service.protocol = row.text(1);
        service.tls = row.text(2);
        service.product = row.text(3);
        service.version = row.text(4);
        service.banner = row.text(5);
        service.evidence = row.integer(6);
      });
  for (ServiceRow& service : services) service.declared = "no";
  rows.each_of("declared_service", "SELECT subject, purpose FROM declared_service ORDER BY id",
               [&](const Statement& row) {
                 ServiceRow& service = by_subject(services, row.text(0));
                 service.declared = "yes";
                 service.purpose = row.text(1);
                 if (service.state.empty()) service.state = "unknown";
               });
}

void read_firmware(Rows& rows, Report& report) {
  rows.each_of("firmware_entropy",
               "SELECT e.subject, e.offset, e.length, CAST(e.bits * 1000000 AS INTEGER), "
               "coalesce((SELECT p.format FROM "
               "firmware_part p WHERE p.subject = e.subject AND p.inside = '' AND p.offset <= "
               "e.offset AND e.offset < p.offset + p.length ORDER BY p.length LIMIT 1), '') "
               "FROM firmware_entropy e ORDER BY e.subject, e.offset",
               [&](const Statement& row) {
                 report.entropy.push_back({.image = row.text(0),
                                           .offset = row.integer(1),
                                           .size = row.integer(2),
                                           .bits = static_cast<double>(row.integer(3)) / 1e6,
                                           .what = row.text(4)});
               });
  // A package with many files, or a library that many programs hold, is one part of the product.
  rows.each_of("component",
               "SELECT component, CASE release WHEN '' THEN version ELSE release END AS shown, "
               "subject, min(path), count(*), min(evidence) FROM component GROUP BY subject, "
               "component, shown ORDER BY component, shown, subject",
               [&](const Statement& row) {
                 std::string where = row.text(2) + " " + row.text(3);
                 if (row.integer(4) > 1) where += " (" + std::to_string(row.integer(4)) + ")";
                 report.components.push_back({.name = row.text(0),
                                              .version = row.text(1),
                                              .where = std::move(where),
                                              .evidence = row.integer(5)});
               });
}

void read_tls(Rows& rows, Report& report) {
  auto& tls = report.tls;
  rows.each_of(
      "tls_version", "SELECT subject, version, offered, evidence FROM tls_version ORDER BY id",
      [&](const Statement& row) {
        by_subject(tls, row.text(0))
            .versions.push_back(
                {.version = row.text(1), .offered = row.text(2), .evidence = row.integer(3)});
      });
  rows.each_of(
      "tls_suite",
      "SELECT subject, version, suite, preference, evidence FROM tls_suite ORDER BY version "
      "DESC, preference",
      [&](const Statement& row) {
        by_subject(tls, row.text(0))
            .suites.push_back({.version = row.text(1),
                               .suite = row.text(2),
                               .preference = row.integer(3),
                               .evidence = row.integer(4)});
      });
  rows.each_of("tls_group", "SELECT subject, version, name, bits FROM tls_group ORDER BY id",
               [&](const Statement& row) {
                 by_subject(tls, row.text(0))
                     .groups.push_back(
                         {.version = row.text(1), .name = row.text(2), .bits = row.integer(3)});
               });
  rows.each_of("tls_property", "SELECT subject, property, present FROM tls_property ORDER BY id",
               [&](const Statement& row) {
                 by_subject(tls, row.text(0)).properties.push_back({row.text(1), row.text(2)});
               });
  rows.each_of(
      "certificate",
      "SELECT subject, position, key_bits, sha256, subject_name, issuer_name, key_algorithm, "
      "key_curve, signature_algorithm, not_before, not_after, self_signed, covers_host, chain, "
      "evidence FROM certificate ORDER BY subject, position",
      [&](const Statement& row) {
        CertificateRow& one = by_subject(tls, row.text(0)).certificates.emplace_back();
        one.position = row.integer(1);
        one.key_bits = row.integer(2);
        int column = 3;
        for (std::string* member :
             {&one.sha256, &one.subject_name, &one.issuer_name, &one.key_algorithm, &one.key_curve,
              &one.signature_algorithm, &one.not_before, &one.not_after, &one.self_signed,
              &one.covers_host, &one.chain}) {
          *member = row.text(column++);
        }
        one.evidence = row.integer(14);
      });
}

void read_ssh(Rows& rows, Report& report) {
  auto& ssh = report.ssh;
  rows.each_of("ssh_server", "SELECT subject, protocol, software FROM ssh_server ORDER BY id",
               [&](const Statement& row) {
                 SshServer& server = by_subject(ssh, row.text(0));
                 server.protocol = row.text(1);
                 server.software = row.text(2);
               });
  rows.each_of("ssh_algorithm",
               "SELECT subject, category, direction, name, preference FROM ssh_algorithm ORDER BY "
               "category, direction, preference",
               [&](const Statement& row) {
                 by_subject(ssh, row.text(0))
                     .algorithms.push_back({.category = row.text(1),
                                            .direction = row.text(2),
                                            .name = row.text(3),
                                            .preference = row.integer(4)});
               });
  rows.each_of(
      "ssh_host_key", "SELECT subject, algorithm, fingerprint, bits FROM ssh_host_key ORDER BY id",
      [&](const Statement& row) {
        by_subject(ssh, row.text(0))
            .host_keys.push_back(
                {.algorithm = row.text(1), .fingerprint = row.text(2), .bits = row.integer(3)});
      });
  rows.each_of("ssh_auth_method", "SELECT subject, method FROM ssh_auth_method ORDER BY id",
               [&](const Statement& row) {
                 by_subject(ssh, row.text(0)).auth_methods.push_back(row.text(1));
               });
}

void read_logins(Rows& rows, Report& report) {
  rows.each_of(
      "login_surface",
      "SELECT subject, method, path, origin, clear_text, usable, evidence FROM login_surface "
      "ORDER BY subject, method, path",
      [&](const Statement& row) {
        LoginRow& login = report.logins.emplace_back();
        login.subject = row.text(0);
        login.method = row.text(1);
        login.path = row.text(2);
        login.origin = row.text(3);
        login.clear_text = row.text(4);
        login.usable = row.text(5);
        login.evidence = row.integer(6);
      });
  rows.each_of(
      "login_trial",
      "SELECT subject, method, path, sum(outcome <> 'not-tried'), sum(outcome = 'accepted') "
      "FROM login_trial GROUP BY subject, method, path",
      [&](const Statement& row) {
        for (LoginRow& login : report.logins) {
          if (login.subject != row.view(0) || login.method != row.view(1) ||
              login.path != row.view(2)) {
            continue;
          }
          login.tried = static_cast<std::size_t>(row.integer(3));
          login.accepted = static_cast<std::size_t>(row.integer(4));
        }
      });
  rows.each_of("declared_account",
               "SELECT account, role, factory, sacrificial FROM declared_account ORDER BY id",
               [&](const Statement& row) {
                 report.accounts.push_back({.account = row.text(0),
                                            .role = row.text(1),
                                            .factory = row.text(2),
                                            .sacrificial = row.text(3)});
               });
}

void read_identity(Rows& rows, Report& report) {
  const std::map<std::string, std::string*> members{
      {"maker", &report.device.maker},       {"model", &report.device.model},
      {"category", &report.device.category}, {"serial", &report.device.serial},
      {"hardware", &report.device.hardware}, {"firmware", &report.device.firmware}};
  rows.each_of("declared_identity", "SELECT field, text FROM declared_identity",
               [&](const Statement& row) {
                 const auto found = members.find(row.text(0));
                 if (found != members.end()) *found->second = row.text(1);
               });
}

}  // namespace

void read_inventories(Rows& rows, Report& report) {
  read_identity(rows, report);
  read_services(rows, report);
  read_firmware(rows, report);
  read_tls(rows, report);
  read_ssh(rows, report);
  read_logins(rows, report);
}

}  // namespace haetae::reports
