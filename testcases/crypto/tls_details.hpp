#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "testcases/crypto/tls_asker.hpp"

/// What an endpoint does beside versions and suites, asked with suites that it is known to accept.
namespace haetae::testcases {

struct GroupSeen {
  protocols::TlsVersion version = protocols::TlsVersion::tls1_2;
  std::string name{};
  int bits = 0;
  EvidenceId evidence = 0;
};

struct SchemeSeen {
  protocols::TlsVersion version = protocols::TlsVersion::tls1_2;
  std::string name{};
  EvidenceId evidence = 0;
};

struct ChainSeen {
  std::vector<Bytes> certificates;  ///< DER, as sent
  EvidenceId evidence = 0;
};

struct PropertySeen {
  std::string property{};
  std::string present = "unknown";
  EvidenceId evidence = 0;
};

/// Details is what was seen; each `gap` says why a list is not whole.
struct Details {
  std::vector<GroupSeen> groups;
  std::vector<SchemeSeen> schemes;
  std::vector<ChainSeen> chains;
  std::vector<PropertySeen> properties;
  std::vector<std::string> group_gaps;
  std::vector<std::string> chain_gaps;
};

/// AcceptedSuites are the suites that an endpoint accepted, by version.
using AcceptedSuites = std::map<protocols::TlsVersion, std::vector<Accepted>>;

/// from_flights() takes what the answers to the suite hellos already told.
void from_flights(const AcceptedSuites& accepted, Details& details);
/// ask_details() asks the rest; it makes up to about 60 connections.
void ask_details(Asker& asker, const AcceptedSuites& accepted, Details& details,
                 std::set<std::pair<protocols::TlsVersion, std::uint16_t>>& preferred);

}  // namespace haetae::testcases
