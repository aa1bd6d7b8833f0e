#include <algorithm>
#include <cctype>

#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

constexpr std::string_view kWithheld = "withheld";
constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kShortestSecret = 4;

bool name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':' ||
         c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

/// Span is one attribute value in the text, without its quotes.
struct Span {
  std::size_t begin = 0, end = 0;
};

/// attribute_values() finds the values of an attribute wherever it stands, comments included: a
/// line that somebody commented out still holds a password.
std::vector<Span> attribute_values(std::string_view text, std::string_view name) {
  std::vector<Span> out;
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    if (at > 0 && name_character(text[at - 1])) continue;
    const std::size_t equals = text.find_first_not_of(kSpace, at + name.size());
    if (equals == std::string_view::npos || text[equals] != '=') continue;
    const std::size_t quote = text.find_first_not_of(kSpace, equals + 1);
    if (quote == std::string_view::npos || (text[quote] != '"' && text[quote] != '\'')) continue;
    const std::size_t end = text.find(text[quote], quote + 1);
    if (end != std::string_view::npos) out.push_back({quote + 1, end});
  }
  return out;
}

std::vector<Span> comments(std::string_view text) {
  std::vector<Span> out;
  for (std::size_t at = text.find("<!--"); at != std::string_view::npos;
       at = text.find("<!--", at)) {
    const std::size_t end = std::min(text.find("-->", at + 4), text.size());
    out.push_back({at, end});
    at = end;
  }
  return out;
}

/// entity_start() goes back to the & of an entity that a secret would cut in two.
std::size_t entity_start(std::string_view text, std::size_t from, std::size_t at) {
  const std::size_t open = text.substr(from, at - from).rfind('&');
  if (open == std::string_view::npos) return at;
  const bool closed =
      text.substr(from + open, at - from - open).find(';') != std::string_view::npos;
  return closed ? at : from + open;
}

/// add_occurrences() finds a secret inside other places that people put it in: a hook's command, a
/// comment.
void add_occurrences(std::string_view text, const Span& place, std::string_view secret,
                     std::vector<Span>& out) {
  for (std::size_t at = text.find(secret, place.begin);
       at != std::string_view::npos && at + secret.size() <= place.end;
       at = text.find(secret, at + secret.size())) {
    out.push_back({entity_start(text, place.begin, at), at + secret.size()});
  }
}

}  // namespace

std::string redact(std::string_view text, const Declaration& value) {
  std::vector<Span> spans = attribute_values(text, "password");
  const std::vector<Span> factory = attribute_values(text, "factory-password");
  spans.insert(spans.end(), factory.begin(), factory.end());
  std::vector<std::string> secrets;
  for (const Span& span : spans)
    secrets.emplace_back(text.substr(span.begin, span.end - span.begin));
  for (const Account& account : value.accounts) {
    secrets.push_back(account.password);
    secrets.push_back(account.factory_password);
  }
  if (value.second_unit)
    for (const auto& factory_of : value.second_unit->accounts)
      secrets.push_back(factory_of.password);
  std::vector<Span> places = comments(text);
  const std::vector<Span> commands = attribute_values(text, "command");
  places.insert(places.end(), commands.begin(), commands.end());
  for (const std::string& secret : secrets) {
    if (secret.size() < kShortestSecret) continue;
    for (const Span& place : places) add_occurrences(text, place, secret, spans);
  }
  std::ranges::sort(spans, {}, &Span::begin);
  std::string out;
  std::size_t from = 0;
  for (const Span& span : spans) {
    if (span.begin < from) {
      from = std::max(from, span.end);  // overlaps what is replaced already
      continue;
    }
    out += text.substr(from, span.begin - from);
    out += kWithheld;
    from = span.end;
  }
  out += text.substr(from);
  return out;
}

}  // namespace haetae::declaration
