#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace haetae::judge {

/// Token is one piece of a query, as far as the rules on literals need to know.
struct Token {
  enum class Kind { word, name, text, number, blob, parameter, sign } kind = Kind::sign;
  std::string text;  ///< a text without its quotes, a word in lower case
};

/// tokens() cuts a query up; what SQLite itself would refuse comes out as signs.
[[nodiscard]] std::vector<Token> tokens(std::string_view query);

/// word_list() are the words of all CHECK (column IN (…)) lists of a CREATE TABLE text.
[[nodiscard]] std::vector<std::string> word_list(std::string_view create);

}  // namespace haetae::judge
