#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/judge/sandbox.hpp"
#include "harness/judge/sql_text.hpp"

namespace {

/// database() holds a fact table with a row and a table of the engine that no query may read.
sqlite3* database() {
  static sqlite3* handle = [] {
    sqlite3* made = nullptr;
    sqlite3_open(":memory:", &made);
    sqlite3_exec(made,
                 "CREATE TABLE evidence (id INTEGER PRIMARY KEY);"
                 "CREATE TABLE port (id INTEGER PRIMARY KEY, link INTEGER, evidence INTEGER, "
                 "subject TEXT, state TEXT CHECK (state IN ('open', 'unknown')));"
                 "INSERT INTO port VALUES (1, 1, 1, 'lan:tcp/80', 'open');"
                 "CREATE TABLE secret_value (id INTEGER PRIMARY KEY, link INTEGER, value TEXT);"
                 "INSERT INTO secret_value VALUES (1, 1, 'never-to-be-read');",
                 nullptr, nullptr, nullptr);
    return made;
  }();
  return handle;
}

}  // namespace

// Whatever a catalogue asks: nothing is written, no secret is read, and it ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const std::string_view query(reinterpret_cast<const char*>(data), size);
  (void)judge::tokens(query);
  (void)judge::word_list(query);
  const catalogue::Catalogue empty;
  const int before = sqlite3_total_changes(database());
  {
    judge::Sandbox sandbox(database(), empty, "2026-01-01T00:00:00.000Z");
    if (!sandbox.open()) __builtin_trap();
    const auto answer = sandbox.run(query);
    if (answer) {
      for (const auto& row : answer->rows) {
        for (const judge::Cell& cell : row) {
          const auto* text = std::get_if<std::string>(&cell);
          if (text != nullptr && *text == "never-to-be-read" &&
              query.find("never") == std::string_view::npos) {
            __builtin_trap();
          }
        }
      }
    }
  }
  if (sqlite3_total_changes(database()) != before) __builtin_trap();
  if (sqlite3_get_autocommit(database()) == 0) __builtin_trap();
  return 0;
}
