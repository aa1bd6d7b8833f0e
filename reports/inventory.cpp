#include "reports/inventory.hpp"

#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace haetae::reports {
namespace {

constexpr std::size_t kMostRows = 2000;

std::string sentence_of(const std::vector<NameValue>& values) {
  std::string out;
  for (const auto& [name, value] : values)
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", name, value);
  return out;
}

/// protocol_name() writes tls1.2 as people do.
std::string protocol_name(const std::string& stored) {
  if (stored.starts_with("tls1.")) return "TLS " + stored.substr(3);
  if (stored == "ssl3" || stored == "ssl3.0") return "SSL 3.0";
  return stored == "ssl2" || stored == "ssl2.0" ? "SSL 2.0" : stored;
}

/// day_of() is the date of a moment.
std::string day_of(const std::string& moment) { return moment.substr(0, moment.find('T')); }

Table flows_of(const Report& report) {
  Table flows{{"통신 흐름", "Flows"},
              {{"방향", "Direction"},
               {"상대", "Peer"},
               {"프로토콜", "Protocol"},
               {"용도", "Purpose"},
               {"신고됨", "Declared"}},
              {}};
  for (const auto& row : report.flows)
    flows.rows.push_back({row.direction, row.peer, row.protocol, row.purpose, row.declared});
  return flows;
}

Table components_of(const Report& report) {
  Table components{{"소프트웨어 구성요소", "Software components"},
                   {{"이름", "Name"}, {"버전", "Version"}, {"위치", "Where"}},
                   {}};
  for (const auto& row : report.components)
    components.rows.push_back({row.name, row.version, row.where});
  return components;
}

}  // namespace

std::vector<Table> inventories(const Report& report) {
  const Text where{"대상", "Where"};
  Table services{{"서비스와 포트", "Services and ports"},
                 {where,
                  {"상태", "State"},
                  {"프로토콜", "Protocol"},
                  {"TLS", "TLS"},
                  {"제품", "Product"},
                  {"신고됨", "Declared"},
                  {"용도", "Purpose"}},
                 {}};
  for (const auto& row : report.services) {
    services.rows.push_back({row.subject, row.state, row.protocol, row.tls,
                             row.product + " " + row.version, row.declared, row.purpose});
  }
  Table versions{
      {"TLS 버전과 그룹", "TLS versions and groups"},
      {where, {"버전", "Versions offered"}, {"키 교환 그룹", "Groups"}, {"성질", "Properties"}},
      {}};
  Table suites{{"TLS 암호 모음", "TLS cipher suites"},
               {where, {"버전", "Version"}, {"선호", "Preference"}, {"이름", "Name"}},
               {}};
  Table certificates{{"인증서", "Certificates"},
                     {where,
                      {"주체", "Subject"},
                      {"발급자", "Issuer"},
                      {"키", "Key"},
                      {"서명", "Signature"},
                      {"유효", "Valid"},
                      {"지문", "SHA-256"}},
                     {}};
  for (const auto& endpoint : report.tls) {
    std::vector<std::string> offered;
    for (const auto& version : endpoint.versions) {
      if (version.offered == "yes") offered.push_back(protocol_name(version.version));
    }
    std::set<std::string> groups;
    for (const auto& group : endpoint.groups)
      groups.insert(fmt::format("{} ({})", group.name, group.bits));
    versions.rows.push_back({endpoint.subject, fmt::format("{}", fmt::join(offered, ", ")),
                             fmt::format("{}", fmt::join(groups, ", ")),
                             sentence_of(endpoint.properties)});
    for (const auto& suite : endpoint.suites) {
      suites.rows.push_back({endpoint.subject, protocol_name(suite.version),
                             std::to_string(suite.preference), suite.suite});
    }
    for (const auto& one : endpoint.certificates) {
      certificates.rows.push_back(
          {endpoint.subject, one.subject_name, one.issuer_name,
           fmt::format("{} {} {}", one.key_algorithm, one.key_bits, one.key_curve),
           one.signature_algorithm, day_of(one.not_before) + " – " + day_of(one.not_after),
           one.sha256});
    }
  }
  Table ssh{{"SSH", "SSH"},
            {where, {"소프트웨어", "Software"}, {"구분", "List"}, {"알고리즘", "Algorithms"}},
            {}};
  for (const auto& server : report.ssh) {
    std::map<std::string, std::string> lists;
    for (const auto& algorithm : server.algorithms) {
      std::string& list = lists[algorithm.category];
      if (list.find(algorithm.name) == std::string::npos)
        list += (list.empty() ? "" : ", ") + algorithm.name;
    }
    for (const auto& key : server.host_keys)
      lists["host key"] += fmt::format("{} {} {} ", key.algorithm, key.bits, key.fingerprint);
    for (const auto& method : server.auth_methods) lists["authentication"] += method + " ";
    for (const auto& [category, names] : lists)
      ssh.rows.push_back({server.subject, server.software, category, names});
  }
  Table logins{{"로그인 지점", "Login surfaces"},
               {where,
                {"방식", "Method"},
                {"경로", "Path"},
                {"알게 된 경위", "Known from"},
                {"평문", "Clear text"},
                {"시도", "Tried"},
                {"허용됨", "Accepted"}},
               {}};
  for (const auto& row : report.logins) {
    logins.rows.push_back({row.subject, row.method, row.path, row.origin, row.clear_text,
                           std::to_string(row.tried), std::to_string(row.accepted)});
  }
  Table accounts{
      {"신고된 계정", "Declared accounts"},
      {{"계정", "Account"}, {"권한", "Role"}, {"공장 계정", "Factory"}, {"시험용", "Sacrificial"}},
      {}};
  for (const auto& row : report.accounts)
    accounts.rows.push_back({row.account, row.role, row.factory, row.sacrificial});
  std::vector<Table> tables{services, versions, suites,           certificates,         ssh,
                            logins,   accounts, flows_of(report), components_of(report)};
  for (Table& table : tables) {
    if (table.rows.size() > kMostRows) table.rows.resize(kMostRows);
  }
  return tables;
}

}  // namespace haetae::reports
