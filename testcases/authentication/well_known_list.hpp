#pragma once

#include <string>
#include <vector>

#include "testcases/authentication/login_client.hpp"

namespace haetae::testcases {

/// Trial is one credential to be tried on one login surface.
struct Trial {
  std::string account, password;
  std::string credential;  ///< name of the entry, never the password
  std::string origin;      ///< a word of login_trial.origin
  std::string list;        ///< id of the reference list, empty if none
  SecretId secret = 0;
  bool right = false;  ///< it is the credential in force that the maker declared
};

/// trials_for() is what is tried on a surface, the likeliest first: the declared factory account,
/// blank and same as the user, entries of the maker, then the common list; for SNMP the
/// communities.
[[nodiscard]] std::vector<Trial> trials_for(runner::Context& context,
                                            const declaration::Login& login);

}  // namespace haetae::testcases
