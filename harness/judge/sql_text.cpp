#include "harness/judge/sql_text.hpp"

#include <algorithm>
#include <cctype>

namespace haetae::judge {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Cutter {
 public:
  explicit Cutter(std::string_view query) : rest_(query) {}

  std::vector<Token> cut() {
    while (!rest_.empty()) next();
    return std::move(out_);
  }

 private:
  void add(Token::Kind kind, std::string text, std::size_t length) {
    out_.push_back({kind, std::move(text)});
    rest_.remove_prefix(std::min(length, rest_.size()));
  }

  [[nodiscard]] std::size_t run(std::size_t from) const {
    std::size_t end = from;
    while (end < rest_.size() && is_word(rest_[end])) ++end;
    return end;
  }

  /// quoted() reads from an opening quote at `from`; a doubled closing quote stands for itself.
  void quoted(Token::Kind kind, char close, std::size_t from) {
    std::string text;
    std::size_t at = from + 1;
    for (; at < rest_.size(); ++at) {
      if (rest_[at] == close) {
        if (at + 1 >= rest_.size() || rest_[at + 1] != close) break;
        ++at;
      }
      text += rest_[at];
    }
    add(kind, std::move(text), at + 1);
  }

  void next() {
    const char c = rest_[0];
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      rest_.remove_prefix(1);
    } else if (rest_.starts_with("--")) {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    } else if (rest_.starts_with("/*")) {
      const std::size_t end = rest_.find("*/", 2);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 2);
    } else if (c == '\'') {
      quoted(Token::Kind::text, '\'', 0);
    } else if ((c == 'x' || c == 'X') && rest_.size() > 1 && rest_[1] == '\'') {
      quoted(Token::Kind::blob, '\'', 1);
    } else if (c == '"' || c == '`') {
      quoted(Token::Kind::name, c, 0);
    } else if (c == '[') {
      quoted(Token::Kind::name, ']', 0);
    } else if (is_digit(c) || (c == '.' && rest_.size() > 1 && is_digit(rest_[1]))) {
      number();
    } else if (c == ':' || c == '@' || c == '?') {
      const std::size_t end = run(1);
      add(Token::Kind::parameter, std::string(rest_.substr(0, end)), end);
    } else if (is_word(c)) {
      word();
    } else {
      const std::size_t length = rest_.starts_with("||") ? 2 : 1;
      add(Token::Kind::sign, std::string(rest_.substr(0, length)), length);
    }
  }

  void number() {
    std::size_t end = 0;
    while (end < rest_.size() && (is_word(rest_[end]) || rest_[end] == '.')) ++end;
    add(Token::Kind::number, std::string(rest_.substr(0, end)), end);
  }

  void word() {
    const std::size_t end = run(0);
    std::string text(rest_.substr(0, end));
    std::ranges::transform(text, text.begin(), [](unsigned char letter) {
      return static_cast<char>(std::tolower(letter));
    });
    add(Token::Kind::word, std::move(text), end);
  }

  std::string_view rest_;
  std::vector<Token> out_;
};

}  // namespace

std::vector<Token> tokens(std::string_view query) { return Cutter(query).cut(); }

std::vector<std::string> word_list(std::string_view create) {
  std::vector<std::string> out;
  bool check = false;  // inside CHECK (…)
  int depth = 0;
  for (const Token& token : tokens(create)) {
    if (token.kind == Token::Kind::word && token.text == "check") {
      check = true;
      depth = 0;
    } else if (check && token.kind == Token::Kind::sign && token.text == "(") {
      ++depth;
    } else if (check && token.kind == Token::Kind::sign && token.text == ")") {
      check = --depth > 0;
    } else if (check && token.kind == Token::Kind::text) {
      out.push_back(token.text);
    }
  }
  return out;
}

}  // namespace haetae::judge
