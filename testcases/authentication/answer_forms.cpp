#include "testcases/authentication/answer_forms.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>

namespace haetae::testcases {
namespace {

constexpr std::size_t kMostText = 64 * 1024;
constexpr std::size_t kToken = 16;  // letters from which a word is taken for a token
constexpr std::size_t kEnoughLengths = 8;

bool is(int (*test)(int), char c) { return test(static_cast<unsigned char>(c)) != 0; }

std::string without(std::string text, std::string_view name) {
  if (name.empty()) return text;
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; ++at)
    text.replace(at, name.size(), "*");
  return text;
}

std::string without_tokens(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto token = [&](char c) { return is(std::isalnum, c) || c == '+' || c == '_'; };
    std::size_t end = at;
    bool digit = false;
    while (end < text.size() && token(text[end])) digit |= is(std::isdigit, text[end++]);
    if (end - at >= kToken && digit) {
      out += '~';
    } else {
      out += text.substr(at, end - at);
    }
    at = end;
    if (at < text.size()) out += text[at++];
  }
  return out;
}

std::string without_numbers(const std::string& text) {
  std::string out;
  for (const char c : without_tokens(text)) {
    if (!is(std::isdigit, c))
      out += c;
    else if (out.empty() || out.back() != '#')
      out += '#';
  }
  return out;
}

using Form = std::function<std::string(const Refusal&)>;

/// Kinds is what was said to each kind at each position, in one form.
struct Kinds {
  std::map<int, std::string> known, unfamiliar;
  bool steady = true;     ///< each kind is answered alike at the same position
  bool repeated = false;  ///< some position was seen twice
};

Kinds kinds_of(const std::vector<Turn>& turns, const Form& form) {
  Kinds out;
  const auto put = [&](std::map<int, std::string>& said, int position, std::string text) {
    const auto [at, fresh] = said.emplace(position, text);
    out.repeated = out.repeated || !fresh;
    out.steady = out.steady && at->second == text;
  };
  for (const Turn& turn : turns) {
    put(out.known, turn.position, form(turn.known));
    put(out.unfamiliar, turn.position, form(turn.unfamiliar));
  }
  return out;
}

std::string excerpt(const std::string& text, std::size_t from) {
  constexpr std::size_t kBefore = 20;
  return printable(std::string_view(text).substr(from > kBefore ? from - kBefore : 0, 120), 120);
}

Likeness settled(const std::string& aspect, const Kinds& kinds) {
  Likeness out{.aspect = aspect, .alike = Alike::yes, .known = {}, .unfamiliar = {}};
  for (const auto& [position, known] : kinds.known) {
    const std::string& other = kinds.unfamiliar.at(position);
    if (known == other && out.alike == Alike::yes && position > 0) continue;
    const auto differ = std::mismatch(known.begin(), known.end(), other.begin(), other.end());
    const auto from = known == other ? 0 : static_cast<std::size_t>(differ.first - known.begin());
    out.known = excerpt(known, from);
    out.unfamiliar = excerpt(other, from);
    if (known == other) continue;
    out.alike = Alike::no;
    break;
  }
  return out;
}

/// softened() are the forms of a text, from as it stands to without anything that may change by
/// itself.
std::vector<Form> softened(const Form& plain) {
  return {plain, [plain](const Refusal& one) { return without_tokens(plain(one)); },
          [plain](const Refusal& one) { return without_numbers(plain(one)); }};
}

Likeness compared(const std::string& aspect, const std::vector<Turn>& turns,
                  const std::vector<Form>& forms) {
  for (const Form& form : forms) {
    const Kinds kinds = kinds_of(turns, form);
    if (!kinds.steady || turns.empty()) continue;
    const Likeness out = settled(aspect, kinds);
    // One answer of each kind does not show which part of it changes by itself.
    if (out.alike == Alike::yes || kinds.repeated) return out;
  }
  return {.aspect = aspect, .alike = Alike::unknown, .known = {}, .unfamiliar = {}};
}

// Where the text changes by itself, only lengths that never meet tell anything.
Likeness lengths(const std::vector<Turn>& turns) {
  const Form length = [](const Refusal& one) { return std::to_string(one.length); };
  Likeness out = compared("length", turns, {length});
  if (turns.empty() || kinds_of(turns, length).steady) return out;
  const auto range = [&](auto member) {
    const auto [least, most] = std::minmax_element(
        turns.begin(), turns.end(),
        [&](const Turn& a, const Turn& b) { return (a.*member).length < (b.*member).length; });
    return std::pair((*least.*member).length, (*most.*member).length);
  };
  const auto known = range(&Turn::known), unfamiliar = range(&Turn::unfamiliar);
  const bool apart = known.second < unfamiliar.first || unfamiliar.second < known.first;
  const auto said = [](const auto& one) {
    return std::to_string(one.first) + " to " + std::to_string(one.second);
  };
  out.alike = turns.size() < kEnoughLengths ? Alike::unknown : apart ? Alike::no : Alike::yes;
  out.known = said(known);
  out.unfamiliar = said(unfamiliar);
  return out;
}

}  // namespace

Refusal refusal_of(const Attempt& attempt, std::string_view known, std::string_view unfamiliar) {
  const auto bare = [&](std::string text) {
    return without(without(std::move(text), known), unfamiliar);
  };
  Refusal out;
  if (!attempt.response) {
    out.text = bare(attempt.why);
    out.length = static_cast<std::int64_t>(out.text.size());
    return out;
  }
  const protocols::HttpResponse& response = *attempt.response;
  out.status = response.status;
  out.fields = response.reason;
  for (const auto& field : response.fields) {
    std::string name = field.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    out.fields += ", " + name;
    if (name == "location") out.fields += " " + bare(field.value);
    if (name == "set-cookie") out.fields += " " + field.value.substr(0, field.value.find('='));
  }
  out.text = bare(response.body.substr(0, kMostText));
  out.length = static_cast<std::int64_t>(bare(response.body).size());
  out.whole = !response.broken_off();
  return out;
}

std::array<Likeness, 4> compare(const std::vector<Turn>& turns) {
  const Form status = [](const Refusal& one) { return std::to_string(one.status); };
  std::array<Likeness, 4> out{
      compared("status", turns, {status}),
      compared("fields", turns, softened([](const Refusal& one) { return one.fields; })),
      compared("text", turns, softened([](const Refusal& one) { return one.text; })),
      lengths(turns)};
  const bool whole = std::all_of(turns.begin(), turns.end(), [](const Turn& turn) {
    return turn.known.whole && turn.unfamiliar.whole;
  });
  if (!whole) out[2].alike = out[3].alike = Alike::unknown;
  return out;
}

}  // namespace haetae::testcases
