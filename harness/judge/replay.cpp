#include "harness/judge/replay.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>

#include "harness/judge/sentences.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::judge {
namespace {

constexpr std::size_t kLongestValue = 500, kLongestScript = 16000;

std::optional<std::string> text_of(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *integer);
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return std::nullopt;
}

/// Values finds what stands for a place.
class Values {
 public:
  Values(const catalogue::Replay& replay, const ReplayPlaces& places,
         const std::vector<std::string>& columns, const std::vector<Cell>& row, std::string subject)
      : places_(places), columns_(columns), row_(row), subject_(std::move(subject)) {
    if (!replay.at.empty()) subject_ = column(replay.at).value_or("");
  }

  [[nodiscard]] std::optional<std::string> value(std::string_view name) const {
    if (name == "address") return places_.address;
    if (name == "host") {
      const bool v6 = places_.address.find(':') != std::string::npos;
      return v6 ? "[" + places_.address + "]" : places_.address;
    }
    if (name == "port") return port();
    if (auto own = column(name)) return own;
    const auto found = places_.more.find(subject_);
    if (found == places_.more.end()) return std::nullopt;
    const auto more = found->second.find(std::string(name));
    return more == found->second.end() ? std::nullopt : std::optional(more->second);
  }

  [[nodiscard]] std::optional<std::string> column(std::string_view name) const {
    const auto found = std::ranges::find(columns_, name);
    if (found == columns_.end()) return std::nullopt;
    return text_of(row_[static_cast<std::size_t>(found - columns_.begin())]);
  }

 private:
  /// port() is that of a subject such as lan:tcp/443.
  [[nodiscard]] std::optional<std::string> port() const {
    const std::string digits = subject_.substr(subject_.find('/') + 1);
    const bool number =
        subject_.find('/') != std::string::npos && !digits.empty() && digits.size() <= 5 &&
        std::ranges::all_of(digits, [](char letter) { return letter >= '0' && letter <= '9'; });
    return number ? std::optional(digits) : std::nullopt;
  }

  const ReplayPlaces& places_;
  const std::vector<std::string>& columns_;
  const std::vector<Cell>& row_;
  std::string subject_;
};

const catalogue::Replay::Variant* variant_for(const catalogue::Replay& replay,
                                              const Values& values) {
  for (const auto& variant : replay.variants) {
    bool fits = true;
    for (std::size_t at = 0; at < replay.by.size(); ++at) {
      fits = fits && (variant.is[at] == "*" || values.value(replay.by[at]) == variant.is[at]);
    }
    if (fits) return &variant;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> shell_word(std::string_view text) {
  if (text.size() > kLongestValue || printable(text, kLongestValue) != text) return std::nullopt;
  const bool plain = !text.empty() && std::ranges::all_of(text, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') ||
           std::string_view("._:/@%+,-").find(letter) != std::string_view::npos;
  });
  if (plain) return std::string(text);
  std::string out = "'";
  for (const char letter : text)
    out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return out + "'";
}

std::string device_address(sqlite3* database) {
  std::string out;
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, "SELECT value FROM main.run WHERE name = 'addresses'", -1, &raw,
                         nullptr) == SQLITE_OK &&
      sqlite3_step(raw) == SQLITE_ROW && sqlite3_column_text(raw, 0) != nullptr) {
    const std::string all = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
    out = all.substr(0, all.find_first_of(" ,"));
  }
  sqlite3_finalize(raw);
  return out;
}

ReplayPlaces replay_places(std::string address, const catalogue::Catalogue& catalogue,
                           Sandbox& sandbox) {
  ReplayPlaces out{.address = std::move(address), .more = {}};
  if (catalogue.replay_places.empty()) return out;
  const auto answer = sandbox.run(catalogue.replay_places);
  if (!answer) return out;
  for (const auto& row : answer->rows) {
    const auto subject = row.empty() ? std::nullopt : text_of(row.front());
    if (!subject) continue;
    for (std::size_t at = 1; at < row.size(); ++at) {
      if (auto value = text_of(row[at])) out.more[*subject][answer->columns[at]] = *value;
    }
  }
  return out;
}

std::string fill_replay(const catalogue::Replay& replay, const ReplayPlaces& places,
                        const std::vector<std::string>& columns, const std::vector<Cell>& row,
                        const std::string& subject) {
  const Values values(replay, places, columns, row, subject);
  const auto* variant = variant_for(replay, values);
  if (variant == nullptr || places.address.empty()) return {};
  bool whole = true;
  bool secret = false;
  const std::string script = expand(variant->script, [&](std::string_view name) -> std::string {
    if (name == "secret") {
      secret = true;
      return "\"$SECRET\"";
    }
    const auto value = values.value(name);
    const auto word = value ? shell_word(*value) : std::nullopt;
    whole = whole && word;
    return word.value_or("");
  });
  if (!whole || script.size() > kLongestScript) return {};
  std::string out;
  if (variant->hazard != "passive" && variant->hazard != "safe") {
    out += fmt::format("# hazard: {}\n", variant->hazard);
  }
  if (const auto id = values.column("secret"); secret && id) {
    out += fmt::format("# SECRET: haetae evidence RUN --reveal secret:{}\n", *id);
  }
  return out + script;
}

std::vector<std::string> check_script(std::string_view script,
                                      const std::vector<std::string>& names) {
  std::vector<std::string> out;
  if (script.find("<<") != std::string_view::npos) {
    out.emplace_back("a here-document, in which values are expanded; write printf");
  }
  for (std::size_t begin = 0; begin <= script.size();) {
    const std::size_t end = std::min(script.find('\n', begin), script.size());
    const std::string_view line = script.substr(begin, end - begin);
    begin = end + 1;
    if (std::ranges::count(line, '\'') % 2 != 0) {
      out.push_back(fmt::format("a line with an odd number of ' marks: {}", line));
    }
    std::string before;
    // The places of this line with what stands before each.
    (void)expand(line, [&](std::string_view name) -> std::string {
      const std::string mark = fmt::format("{{{}}}", name);
      const std::string head(line.substr(0, line.find(mark, before.size())));
      before = head + mark;
      if (name != "secret" && std::ranges::find(names, name) == names.end()) {
        out.push_back(fmt::format("unknown place {}; allowed: {}", mark, fmt::join(names, ", ")));
      }
      const bool quoted = std::ranges::count(head, '\'') % 2 != 0 ||
                          std::ranges::count(head, '"') % 2 != 0 ||
                          head.find('`') != std::string::npos || head.ends_with('\\') ||
                          head.ends_with('$') || head.find('#') != std::string::npos;
      if (quoted) out.push_back(fmt::format("{} stands where quoting ends: {}", mark, line));
      return {};
    });
  }
  return out;
}

}  // namespace haetae::judge
