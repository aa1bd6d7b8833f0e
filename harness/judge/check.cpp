#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <set>

#include "harness/judge/judge.hpp"
#include "harness/judge/replay.hpp"
#include "harness/judge/sandbox.hpp"
#include "harness/judge/sentences.hpp"
#include "harness/judge/sql_text.hpp"

namespace haetae::judge {
namespace {

using Columns = std::vector<std::string>;

/// kForbidden are words that hide rows or make the answer depend on their order.
constexpr std::string_view kForbidden[] = {"limit", "offset", "over", "recursive"};

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};

std::string joined(const Columns& columns) {
  std::string out;
  for (const std::string& column : columns) out += out.empty() ? column : ", " + column;
  return out;
}

/// Checker looks at every query of a catalogue against the fact tables in an empty database.
class Checker {
 public:
  Checker(const catalogue::Catalogue& catalogue, const std::vector<std::string>& topics)
      : catalogue_(catalogue), topics_(topics.begin(), topics.end()) {}

  std::vector<std::string> check(const std::vector<evidence::FactTable>& facts) {
    if (!open(facts)) return std::move(out_);
    Sandbox sandbox(database_.get(), catalogue_, "2026-01-01T00:00:00.000Z");
    if (auto opened = sandbox.open(); !opened) {
      out_.push_back(opened.error().message());
      return std::move(out_);
    }
    sandbox_ = &sandbox;
    for (const catalogue::Item& item : catalogue_.items) check_item(item);
    sandbox_ = nullptr;
    return std::move(out_);
  }

 private:
  bool open(const std::vector<evidence::FactTable>& facts) {
    sqlite3* handle = nullptr;
    const bool opened = sqlite3_open(":memory:", &handle) == SQLITE_OK;
    database_.reset(handle);
    std::string sql =
        "CREATE TABLE link (n INTEGER PRIMARY KEY); "
        "CREATE TABLE evidence (id INTEGER PRIMARY KEY);";
    for (const evidence::FactTable& table : facts) {
      sql += table.sql + "\n;";
      words_[table.name] = word_list(table.sql);
    }
    if (opened && sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
      return true;
    }
    out_.push_back(fmt::format("the fact tables cannot be made: {}", sqlite3_errmsg(handle)));
    return false;
  }

  void say(std::string_view what) {
    out_.push_back(fmt::format("{}:{}: {}: {}", file_, line_, name_, what));
  }

  void check_item(const catalogue::Item& item) {
    place(item.file, item.line, item.id);
    if (!item.applies.empty()) (void)query("applies", item.applies, {"subject", "evidence"});
    for (const catalogue::Criterion& criterion : item.criteria) {
      if (criterion.planned) continue;
      place(criterion.file, criterion.line, criterion.id);
      if (catalogue::asked(criterion)) {
        check_asked(criterion);
        continue;
      }
      check_criterion(criterion);
    }
  }

  void place(const std::string& file, int line, const std::string& name) {
    file_ = file;
    line_ = line;
    name_ = name;
  }

  /// check_asked() wants to know what a person has to do.
  void check_asked(const catalogue::Criterion& criterion) {
    check_topics(criterion);
    if (!criterion.step) say("no step; needed: what the person does and looks at");
  }

  void check_topics(const catalogue::Criterion& criterion) {
    for (const auto* list : {&criterion.universe, &criterion.coverage}) {
      for (const std::string& topic : *list) {
        if (!topics_.contains(topic)) {
          say(fmt::format("unknown topic '{}'; allowed: {}", topic,
                          joined({topics_.begin(), topics_.end()})));
        }
      }
    }
  }

  void check_criterion(const catalogue::Criterion& criterion) {
    check_topics(criterion);
    check_universe(criterion);
    (void)query("cites", criterion.cites, {"subject", "evidence"});
    if (!criterion.lacks.empty()) {
      if (const auto columns = query("lacks", criterion.lacks, {"subject", "why"})) {
        check_reasons(criterion, *columns);
      }
    }
    const auto columns = query("breach", criterion.breach, {"subject", "key", "evidence"});
    if (!columns) return;
    check_places("says", criterion.says, *columns);
    check_places("remedy", criterion.remedy, *columns);
    if (const catalogue::Replay* replay = catalogue_.replay(criterion.replay)) {
      check_replay(*replay, *columns);
    }
  }

  /// check_replay() looks at a replay with the columns of one criterion that uses it.
  void check_replay(const catalogue::Replay& replay, const Columns& columns) {
    std::vector<std::string> names{"address", "host", "port"};
    names.insert(names.end(), columns.begin(), columns.end());
    if (const auto more = sandbox_->describe(catalogue_.replay_places);
        more && !catalogue_.replay_places.empty()) {
      names.insert(names.end(), more->columns.begin(), more->columns.end());
    }
    const auto known = [&](const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    };
    for (const std::string& name : replay.by) {
      if (!known(name))
        say(fmt::format("replay '{}': no column '{}' to choose by", replay.id, name));
    }
    if (!replay.at.empty() && !known(replay.at)) {
      say(fmt::format("replay '{}': no column '{}' with the endpoint", replay.id, replay.at));
    }
    for (const auto& variant : replay.variants) {
      if (variant.script.find("{secret}") != std::string::npos && !known("secret")) {
        say(fmt::format("replay '{}': {{secret}} without a column secret", replay.id));
      }
      for (const std::string& problem : check_script(variant.script, names)) {
        say(fmt::format("replay '{}': {}", replay.id, problem));
      }
    }
  }

  /// check_universe() wants to know when all subjects are found, unless the subject is the device
  /// itself, named by a parameter.
  void check_universe(const catalogue::Criterion& criterion) {
    if (!query("subjects", criterion.subjects, {"subject"}) || !criterion.universe.empty()) return;
    const auto described = sandbox_->describe(criterion.subjects);
    if (described && !described->tables.empty()) {
      say("no universe; needed: the topics that must be complete to know all subjects");
    }
  }

  /// query() checks one SELECT and gives its columns; nothing if SQLite refuses it.
  std::optional<Columns> query(std::string_view part, const std::string& sql,
                               const Columns& needed) {
    part_ = part;
    auto described = sandbox_->describe(sql);
    if (!described) {
      say(fmt::format("{}: {}", part, described.error().message()));
      return std::nullopt;
    }
    const Columns& columns = described->columns;
    const Columns first(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                               columns.size(), needed.size())));
    if (first != needed) {
      say(fmt::format("{}: the first columns are {}; needed: {}", part, joined(first),
                      joined(needed)));
    }
    if (std::set<std::string>(columns.begin(), columns.end()).size() != columns.size()) {
      say(fmt::format("{}: a column stands twice in {}", part, joined(columns)));
    }
    check_literals(sql, described->tables, part == "lacks");
    return columns;
  }

  [[nodiscard]] std::set<std::string> known_words(const std::set<std::string>& tables) const {
    std::set<std::string> out;
    for (const std::string& table : tables) {
      if (const auto found = words_.find(table); found != words_.end()) {
        out.insert(found->second.begin(), found->second.end());
      }
      if (!table.starts_with("ref_")) continue;
      const catalogue::Reference* reference = catalogue_.reference(table.substr(4));
      if (reference == nullptr) continue;
      for (const auto& row : reference->rows) {
        for (const Value& value : row) {
          if (const auto* text = std::get_if<std::string>(&value)) out.insert(*text);
        }
      }
    }
    return out;
  }

  /// check_literals() refuses what could select nothing by mistake: a misspelt word, a number that
  /// nobody can trace to a source, a pattern.
  void check_literals(const std::string& sql, const std::set<std::string>& tables, bool reasons) {
    const std::set<std::string> words = known_words(tables);
    const std::vector<Token> all = tokens(sql);
    for (std::size_t index = 0; index < all.size(); ++index) {
      const Token& token = all[index];
      if (token.kind == Token::Kind::number && token.text != "0" && token.text != "1") {
        say(fmt::format("{}: the number {} stands in the query; allowed: 0, 1, a parameter", part_,
                        token.text));
      }
      if (token.kind == Token::Kind::blob) say(fmt::format("{}: bytes stand in the query", part_));
      if (token.kind == Token::Kind::word) check_word(all, index);
      if (token.kind != Token::Kind::text || token.text.empty() || words.contains(token.text) ||
          (reasons && catalogue_.reason(token.text) != nullptr) || separates(all, index)) {
        continue;
      }
      say(fmt::format("{}: the literal '{}' is in no word list of {}{}", part_, token.text,
                      joined({tables.begin(), tables.end()}),
                      reasons ? " and no reason of the catalogue" : ""));
    }
  }

  /// separates() is whether a literal only joins two parts of a key: a || '/' || b.
  static bool separates(const std::vector<Token>& all, std::size_t index) {
    const auto joins = [&](std::size_t at) {
      return at < all.size() && all[at].kind == Token::Kind::sign && all[at].text == "||";
    };
    const bool punctuation = all[index].text.find_first_not_of(" /:,;.()-") == std::string::npos;
    return punctuation && (joins(index + 1) || (index > 0 && joins(index - 1)));
  }

  void check_word(const std::vector<Token>& all, std::size_t index) {
    const std::string& word = all[index].text;
    if (std::ranges::find(kForbidden, word) != std::end(kForbidden)) {
      say(fmt::format("{}: {} is not allowed, it hides rows", part_, word));
    }
    const bool pattern = word == "like" || word == "glob";
    if (pattern && (index + 1 >= all.size() || all[index + 1].kind != Token::Kind::parameter)) {
      say(fmt::format("{}: a pattern after {} must be a parameter", part_, word));
    }
  }

  void check_reasons(const catalogue::Criterion& criterion, const Columns& columns) {
    std::set<std::string> seen;
    for (const Token& token : tokens(criterion.lacks)) {
      if (token.kind != Token::Kind::text || !seen.insert(token.text).second) continue;
      if (const catalogue::Reason* reason = catalogue_.reason(token.text)) {
        check_places(fmt::format("reason '{}'", reason->id), reason->text, columns);
      }
    }
    const auto is_reason = [this](const std::string& id) {
      return catalogue_.reason(id) != nullptr;
    };
    if (std::ranges::none_of(seen, is_reason)) say("lacks: no reason of the catalogue is selected");
  }

  void check_places(std::string_view what, const catalogue::Text& text, const Columns& columns) {
    for (const std::string& place : places_of(text)) {
      if (std::ranges::find(columns, place) == columns.end()) {
        say(fmt::format("{} has the place {{{}}} without a column; allowed: {}", what, place,
                        joined(columns)));
      }
      const std::string quoted = fmt::format("\"{{{}}}\"", place);
      if (text.ko.find(quoted) != std::string::npos || text.en.find(quoted) != std::string::npos) {
        say(fmt::format("{} puts {{{}}} into quotation marks; the judge does that by itself", what,
                        place));
      }
    }
  }

  const catalogue::Catalogue& catalogue_;
  std::set<std::string> topics_;
  std::map<std::string, std::vector<std::string>> words_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Sandbox* sandbox_ = nullptr;
  std::vector<std::string> out_;
  std::string file_, name_;
  std::string_view part_;
  int line_ = 0;
};

}  // namespace

std::vector<std::string> check(const catalogue::Catalogue& catalogue,
                               const std::vector<evidence::FactTable>& facts,
                               const std::vector<std::string>& topics) {
  return Checker(catalogue, topics).check(facts);
}

}  // namespace haetae::judge
