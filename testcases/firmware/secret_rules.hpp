#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"

namespace haetae::testcases::firmware {

/// SecretRule is a row of ref_secret_rule: what a token or an assigned password looks like.
struct SecretRule {
  std::string rule;
  std::string how;       ///< token, jwt, bearer, basic, url, assignment
  std::string anchor;    ///< how it starts, or the end of the name that it is assigned to
  std::string alphabet;  ///< upper, base62, base64url, base64, hexadecimal, any
  std::size_t least = 0, most = 0;  ///< bytes of the value
  double entropy = 0;               ///< least, bits for a character
};

/// SecretRules are the rules with what is known to be no secret.
struct SecretRules {
  std::vector<SecretRule> rules;
  std::vector<std::string> placeholders;  ///< patterns in small letters
  std::vector<std::string> well_known;    ///< passwords; words in programs count if they are one
};
[[nodiscard]] SecretRules secret_rules(const catalogue::Catalogue& catalogue);

/// FoundSecret is where a value stands in a file and what it is assigned to.
struct FoundSecret {
  std::size_t at = 0, length = 0;
  std::string name;
};

/// match_secret() looks whether what stands at an anchor is a secret: not a placeholder, a
/// variable, a path, a comment or a document. `text` says whether the file is one.
[[nodiscard]] std::optional<FoundSecret> match_secret(const SecretRules& rules,
                                                      const SecretRule& rule, std::string_view path,
                                                      std::string_view content, std::size_t at,
                                                      bool text);

/// documentation() says whether a path is that of texts for people, whose examples are no secrets.
[[nodiscard]] bool documentation(std::string_view path);

}  // namespace haetae::testcases::firmware
