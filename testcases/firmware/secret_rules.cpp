#include "testcases/firmware/secret_rules.hpp"

#include <algorithm>
#include <charconv>

#include "testcases/firmware/text.hpp"

namespace haetae::testcases::firmware {
namespace {

bool alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool name_char(char c) { return alnum(c) || c == '_' || c == '-' || c == '.'; }

bool in_alphabet(std::string_view alphabet, char c) {
  if (alphabet == "upper") return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
  if (alphabet == "hexadecimal")
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  if (alphabet == "base62") return alnum(c);
  if (alphabet == "base64url") return alnum(c) || c == '-' || c == '_';
  if (alphabet == "base64") return alnum(c) || c == '+' || c == '/' || c == '=';
  return c > ' ' && c < 0x7f && c != '"' && c != '\'' && c != '<' && c != '>' && c != '\\';
}

std::size_t run(std::string_view alphabet, std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && in_alphabet(alphabet, text[length])) ++length;
  return length;
}

bool placeholder(const SecretRules& rules, std::string_view value) {
  const std::string low = lowered(value);
  if (low.find_first_not_of(low.substr(0, 1)) == std::string::npos && !alnum(low[0])) return true;
  return std::any_of(rules.placeholders.begin(), rules.placeholders.end(),
                     [&low](const std::string& pattern) { return fits(pattern, low); });
}

bool sound(const SecretRules& rules, const SecretRule& rule, std::string_view value) {
  return value.size() >= rule.least && (rule.most == 0 || value.size() <= rule.most) &&
         entropy(value) >= rule.entropy && !placeholder(rules, value);
}

std::optional<FoundSecret> token(const SecretRules& rules, const SecretRule& rule,
                                 std::string_view content, std::size_t at) {
  if (at > 0 && (alnum(content[at - 1]) || content[at - 1] == '_')) return std::nullopt;
  const std::size_t from = at + rule.anchor.size();
  const std::size_t length = run(rule.alphabet, content.substr(from, 1024));
  if (!sound(rules, rule, content.substr(from, length))) return std::nullopt;
  if (placeholder(rules, content.substr(at, rule.anchor.size() + length))) return std::nullopt;
  return FoundSecret{at, rule.anchor.size() + length, {}};
}

// RFC 7519: header, claims and signature in base64url, the header names the algorithm.
std::optional<FoundSecret> jwt(const SecretRule& rule, std::string_view content, std::size_t at) {
  if (at > 0 && name_char(content[at - 1])) return std::nullopt;
  const std::string_view all = content.substr(at, 4096);
  std::size_t end = 0;
  std::string header;
  for (int part = 0; part < 3; ++part) {
    const std::size_t length = run("base64url", all.substr(end));
    if (length < 4) return std::nullopt;
    if (part == 0) header = unbase64(all.substr(0, length));
    end += length;
    if (part == 2) break;
    if (end >= all.size() || all[end] != '.') return std::nullopt;
    ++end;
  }
  if (end < rule.least || header.find("\"alg\"") == std::string::npos) return std::nullopt;
  return FoundSecret{at, end, {}};
}

std::optional<FoundSecret> header_value(const SecretRules& rules, const SecretRule& rule,
                                        std::string_view content, std::size_t at) {
  if (at > 0 && alnum(content[at - 1])) return std::nullopt;
  const std::size_t from = at + rule.anchor.size();
  const std::size_t length = run(rule.alphabet, content.substr(from, 4096));
  const std::string_view value = content.substr(from, length);
  if (!sound(rules, rule, value)) return std::nullopt;
  if (rule.how == "bearer") {
    if (value.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
    return FoundSecret{from, length, {}};
  }
  const std::string pair = unbase64(value);
  const std::size_t colon = pair.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == pair.size()) return std::nullopt;
  for (const char c : pair)
    if (c < ' ' || c == 0x7f) return std::nullopt;
  if (placeholder(rules, pair.substr(colon + 1))) return std::nullopt;
  return FoundSecret{from, length, pair.substr(0, colon)};
}

// RFC 3986 section 3.2.1: scheme://user:password@host
std::optional<FoundSecret> url(const SecretRules& rules, const SecretRule& rule,
                               std::string_view content, std::size_t at) {
  if (at > 0 && alnum(content[at - 1])) return std::nullopt;
  const std::size_t from = at + rule.anchor.size();
  const std::string_view rest = content.substr(from, 256);
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != '@' && rest[end] != '/' && rest[end] != '?' &&
         in_alphabet("any", rest[end]))
    ++end;
  if (end + 1 >= rest.size() || rest[end] != '@') return std::nullopt;
  if (!alnum(rest[end + 1]) && rest[end + 1] != '[') return std::nullopt;
  const std::size_t colon = rest.substr(0, end).find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view user = rest.substr(0, colon),
                         value = rest.substr(colon + 1, end - colon - 1);
  if (user.find_first_of("%$*[({") != std::string_view::npos || placeholder(rules, user))
    return std::nullopt;
  if (value.find_first_of("$*[({%") != std::string_view::npos || !sound(rules, rule, value))
    return std::nullopt;
  return FoundSecret{from + colon + 1, value.size(), std::string(user)};
}

enum class Kind { none, settings, program };

Kind kind_of(std::string_view path, std::string_view content) {
  const std::string end = lowered(extension(path));
  for (const char* one : {".py", ".js", ".lua", ".php", ".pl", ".pm", ".rb", ".ts", ".htm", ".html",
                          ".asp", ".jsp", ".c", ".h", ".cgi", ".tcl", ".awk"})
    if (end == one) return Kind::program;
  for (const char* one :
       {".conf",  ".cfg",  ".config", ".ini", ".env",  ".properties", ".toml",       ".xml",
        ".json",  ".yaml", ".yml",    ".sh",  ".bash", ".service",    ".rc",         ".default",
        ".nvram", ".uci",  ".cnf",    ".dat", ".ovpn", ".secrets",    ".credentials"})
    if (end == one) return Kind::settings;
  if (content.starts_with("#!")) return Kind::settings;
  if (end.empty() || below(path, "/etc/"))
    return content.size() <= 65'536 ? Kind::settings : Kind::none;
  return Kind::none;
}

bool comment(std::string_view before) {
  const std::string_view text = trimmed(before);
  return text.starts_with('#') || text.starts_with(';') || text.starts_with("//") ||
         text.starts_with('*') || text.starts_with("/*") || text.starts_with("<!--") ||
         text.starts_with("--") || text.find("<!--") != std::string_view::npos ||
         text.find(" # ") != std::string_view::npos || text.starts_with("dnl ");
}

// What stands after the name: separator and value, in the form of settings, JSON, YAML or XML.
struct Assigned {
  std::size_t from = 0;
  std::string_view value;
  bool quoted = false;
};

std::optional<Assigned> assigned(std::string_view rest, bool mark_inside, bool tag, bool colon) {
  std::size_t at = 0;
  const auto skip = [&] {
    while (at < rest.size() && (rest[at] == ' ' || rest[at] == '\t')) ++at;
  };
  bool key_quoted = false;
  if (!mark_inside) {
    if (at < rest.size() && (rest[at] == '"' || rest[at] == '\'')) {
      key_quoted = true;
      ++at;
      if (at < rest.size() && rest[at] == ']') ++at;
    }
    if (tag && at < rest.size() && rest[at] == '>') {
      const std::string_view value = rest.substr(at + 1);
      const std::size_t end = value.find('<');
      if (end == std::string_view::npos) return std::nullopt;
      return Assigned{at + 1, value.substr(0, end), true};
    }
    skip();
    if (at >= rest.size()) return std::nullopt;
    if (rest[at] == '=' || (rest[at] == ':' && (colon || key_quoted)))
      ++at;
    else
      return std::nullopt;
    if (at < rest.size() && (rest[at] == '=' || rest[at] == '~')) return std::nullopt;
  }
  skip();
  if (at >= rest.size()) return std::nullopt;
  const char mark = rest[at];
  if (mark == '"' || mark == '\'') {
    const std::size_t end = rest.find(mark, at + 1);
    if (end == std::string_view::npos) return std::nullopt;
    return Assigned{at + 1, rest.substr(at + 1, end - at - 1), true};
  }
  const std::size_t end = std::min(rest.find_first_of(" \t;,#<>&|)\"'", at), rest.size());
  return Assigned{at, rest.substr(at, end - at), false};
}

// "^7.0.3" says which versions of a package do; "DistributionList.NextMarker" where a value stands.
bool version_range(std::string_view value) {
  if (value.empty() || std::string_view("^~=").find(value[0]) == std::string_view::npos)
    return false;
  return value.find_first_not_of("0123456789.x", 1) == std::string_view::npos;
}

bool path_of_names(std::string_view value) {
  return value.find('.') != std::string_view::npos &&
         value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.[]-") ==
             std::string_view::npos;
}

bool plain_value(std::string_view value, bool spaces) {
  if (value.find_first_of("$`{}<>()%\\*") != std::string_view::npos) return false;
  if (!spaces && value.find_first_of(" \t") != std::string_view::npos) return false;
  if (value.starts_with('/') || value.starts_with('@') || value.starts_with("./")) return false;
  if (value.find("://") != std::string_view::npos) return false;
  for (const char c : value)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) return false;
  return true;
}

std::optional<FoundSecret> assignment(const SecretRules& rules, const SecretRule& rule,
                                      std::string_view path, std::string_view content,
                                      std::size_t at) {
  const Kind kind = kind_of(path, content);
  if (kind == Kind::none) return std::nullopt;
  const Line line = line_around(content, at);
  const std::size_t in = at - line.at;
  const std::size_t after = in + rule.anchor.size();
  if (after > line.text.size()) return std::nullopt;
  std::size_t start = in;
  while (start > 0 && name_char(line.text[start - 1])) --start;
  if (comment(line.text.substr(0, start))) return std::nullopt;
  const bool mark_inside = rule.anchor.ends_with('=');
  const std::string_view rest = line.text.substr(after);
  if (!mark_inside && !rest.empty() && name_char(rest[0])) return std::nullopt;
  const bool tag = start > 0 && line.text[start - 1] == '<';
  const std::string end = lowered(extension(path));
  const auto found =
      assigned(rest, mark_inside, tag, kind == Kind::program || end == ".yaml" || end == ".yml");
  if (!found) return std::nullopt;
  const std::string name(line.text.substr(start, after - start - (mark_inside ? 1 : 0)));
  const bool wireless = rule.rule.starts_with("wireless");
  if (!plain_value(found->value, wireless) || !sound(rules, rule, found->value))
    return std::nullopt;
  if (lowered(found->value) == lowered(name) || version_range(found->value)) return std::nullopt;
  // A short value may well be a password of letters; what is as long as a token has a digit.
  if (rule.least >= 16 && path_of_names(found->value)) return std::nullopt;
  if (kind == Kind::program) {
    if (!found->quoted) return std::nullopt;
    const bool digit = found->value.find_first_of("0123456789") != std::string_view::npos;
    const bool known = std::find(rules.well_known.begin(), rules.well_known.end(), found->value) !=
                       rules.well_known.end();
    if (!digit && !known) return std::nullopt;
  }
  return FoundSecret{line.at + after + found->from, found->value.size(), name};
}

std::size_t size_of(const std::string& text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

bool documentation(std::string_view path) {
  for (const char* folder : {"/share/doc/", "/share/man/", "/share/info/", "/share/locale/",
                             "/share/zoneinfo/", "/share/bash-completion/", "/i18n/", "/locales/"})
    if (below(path, folder)) return true;
  return false;
}

SecretRules secret_rules(const catalogue::Catalogue& catalogue) {
  SecretRules out;
  for (const Row& row : table(catalogue, "secret_rule"))
    out.rules.push_back(
        {.rule = cell(row, "rule"),
         .how = cell(row, "how"),
         .anchor = cell(row, "anchor"),
         .alphabet = cell(row, "alphabet"),
         .least = size_of(cell(row, "least")),
         .most = size_of(cell(row, "most")),
         .entropy = static_cast<double>(size_of(cell(row, "entropy_tenths"))) / 10});
  for (const Row& row : table(catalogue, "placeholder"))
    out.placeholders.push_back(cell(row, "pattern"));
  for (const Row& row : table(catalogue, "well_known_login"))
    out.well_known.push_back(cell(row, "password"));
  for (const Row& row : table(catalogue, "well_known_password"))
    out.well_known.push_back(cell(row, "password"));
  return out;
}

std::optional<FoundSecret> match_secret(const SecretRules& rules, const SecretRule& rule,
                                        std::string_view path, std::string_view content,
                                        std::size_t at, bool text) {
  if (documentation(path)) return std::nullopt;
  if (rule.how == "token") return token(rules, rule, content, at);
  if (rule.how == "jwt") return jwt(rule, content, at);
  if (rule.how == "bearer" || rule.how == "basic") return header_value(rules, rule, content, at);
  if (rule.how == "url") return url(rules, rule, content, at);
  if (rule.how == "assignment" && text) return assignment(rules, rule, path, content, at);
  return std::nullopt;
}

}  // namespace haetae::testcases::firmware
