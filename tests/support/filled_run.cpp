#include "tests/support/filled_run.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "harness/evidence/transcript.hpp"
#include "tests/support/time_authority.hpp"

namespace haetae::test {

using namespace evidence;

namespace {

StoredEvidence evidence_of(EvidenceId id, std::size_t size) {
  return {.id = id,
          .procedure = "tls",
          .kind = "transcript",
          .subject = "lan:tcp/443",
          .label = "hello",
          .media_type = std::string(kTranscriptMediaType),
          .at = WallTime{},
          .content = Bytes(size, static_cast<std::uint8_t>(id)),
          .cut = 0};
}

/// Words that the CHECK lists of the engine's own tables allow.
std::string word_for(const std::string& table, const std::string& column) {
  static const std::map<std::string, std::string> kWords{{"document.kind", "declaration"},
                                                         {"plan_item.selected", "planned"},
                                                         {"plan_criterion.source", "probe"},
                                                         {"plan_procedure.state", "planned"},
                                                         {"procedure_state.state", "finished"},
                                                         {"procedure_state.cause", "none"},
                                                         {"coverage.state", "complete"},
                                                         {"coverage.cause", "none"},
                                                         {"log.level", "info"},
                                                         {"revision.headline", "incomplete"},
                                                         {"verdict_item.selected", "planned"},
                                                         {"verdict_item.verdict", "pass"},
                                                         {"verdict_criterion.verdict", "pass"},
                                                         {"verdict_subject.verdict", "fail"},
                                                         {"waiver.state", "in-force"},
                                                         {"report_file.language", "ko"}};
  const auto found = kWords.find(table + "." + column);
  return found == kWords.end() ? "unknown" : found->second;
}

/// fill() puts two rows into every table that takes plain rows, each in its own link.
void fill(RunFile& run, Raw& raw) {
  // Parents first; every other table follows in name order.
  std::vector<std::string> tables{"plan_item", "plan_procedure", "plan_criterion", "revision"};
  for (const auto& row :
       raw.rows("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")) {
    static const std::set<std::string> kOther{"link",           "leaf",     "seal",
                                              "stamp",          "evidence", "evidence_salt",
                                              "evidence_chunk", "secret",   "secret_value"};
    if (!kOther.contains(row[0]) &&
        std::find(tables.begin(), tables.end(), row[0]) == tables.end()) {
      tables.push_back(row[0]);
    }
  }
  for (std::int64_t round = 1; round <= 2; ++round) {
    auto writer = run.begin(fmt::format("procedure fill {}", round));
    REQUIRE(writer);
    REQUIRE((*writer)->insert(evidence_of(round, round == 1 ? 2 * 1024 * 1024 + 5 : 9)));
    REQUIRE((*writer)->insert(
        StoredSecret{.id = round, .kind = "password", .value = fmt::format("hunter{}", round)}));
    for (const std::string& table : tables) {
      Cells cells;
      const auto columns = columns_of(raw, table);
      const bool fact = columns.size() > 2 && columns[2].name == "evidence";
      for (const Column& column : columns) {
        if (column.name == "id" || column.name == "link") continue;
        const std::string word = word_for(table, column.name);
        const std::string sql = raw.one("SELECT sql FROM sqlite_master WHERE name='" + table + "'");
        const bool listed = sql.find("CHECK (" + column.name + " IN") != std::string::npos;
        const bool reference = column.name == "procedure" || column.name == "item";
        if (column.type == "INTEGER") {
          cells.emplace_back(column.name, column.name == "whole" ? 1 : round);
        } else if (column.type == "REAL") {
          cells.emplace_back(column.name, static_cast<double>(round) + 0.5);
        } else if (listed && !fact) {
          cells.emplace_back(column.name, word);
        } else if (listed) {
          // Two rows of a table whose key is one word need two words: the first and 'unknown'.
          const auto at = sql.find("CHECK (" + column.name + " IN ('") + column.name.size() + 13;
          cells.emplace_back(column.name,
                             round == 1 ? "unknown" : sql.substr(at, sql.find('\'', at) - at));
        } else {
          const std::string name = column.name == "report" ? "number" : column.name;
          cells.emplace_back(column.name, reference ? fmt::format("parent-{}", round)
                                                    : fmt::format("{} {}", name, round));
        }
      }
      INFO(table);
      auto done = (*writer)->insert(table, cells);
      INFO((done ? "" : done.error().message()));
      REQUIRE(done);
    }
    auto done = (*writer)->commit();
    INFO((done ? "" : done.error().message()));
    REQUIRE(done);
  }
}

/// stamp() has the newest seal stamped.
void stamp(RunFile& run, const TimeAuthority& authority) {
  const auto newest = run.newest_seal();
  REQUIRE(newest);
  const auto query = stamp_query(newest->second);
  REQUIRE(query);
  const auto token = token_of(authority.reply(*query), newest->second);
  INFO((token ? "" : token.error().message()));
  REQUIRE(token);
  REQUIRE(run.stamp(newest->first, *token));
}

}  // namespace

Filled::Filled() {
  auto facts = load_fact_tables(HAETAE_SOURCE_DIR "/testcases/facts");
  REQUIRE(facts);
  auto made = SigningKey::load(folder_.path / "key.pem", true);
  REQUIRE(made);
  key_ = made->public_key();
  auto run = RunFile::create(original_, *facts, nullptr, system_clock());
  REQUIRE(run);
  {
    Raw raw(original_);
    fill(*run, raw);
  }
  const TimeAuthority authority;
  REQUIRE(run->seal(*made));
  stamp(*run, authority);
  auto writer = run->begin("judge");
  REQUIRE(writer);
  REQUIRE((*writer)->insert("log", {{"at", std::string("now")},
                                    {"level", std::string("info")},
                                    {"text", std::string("judged")}}));
  REQUIRE((*writer)->commit());
  writer->reset();
  REQUIRE(run->seal(*made));
  stamp(*run, authority);
  REQUIRE(run->finish());
}

}  // namespace haetae::test
