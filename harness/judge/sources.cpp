#include <fmt/format.h>

#include "harness/evidence/database.hpp"
#include "harness/judge/judge.hpp"

namespace haetae::judge {
namespace {

using evidence::Statement;

struct Judged {
  std::int64_t link = 0;  ///< 0: never judged
  std::string sha256, profile;
};

Result<Judged> judged(sqlite3* database, std::int64_t revision) {
  auto row =
      Statement::prepare(database,
                         "SELECT link, sha256, profile FROM revision WHERE id = CASE ?1 WHEN "
                         "0 THEN (SELECT max(id) FROM revision) ELSE ?1 END");
  if (!row) return tl::unexpected(row.error());
  row->bind(1, revision);
  const int code = row->step();
  if (code == SQLITE_ROW) {
    return Judged{.link = row->integer(0), .sha256 = row->text(1), .profile = row->text(2)};
  }
  if (code != SQLITE_DONE) {
    return tl::unexpected(evidence::database_error(database, code, "cannot read the revisions"));
  }
  if (revision == 0) return Judged{};
  return fail(ErrorKind::not_found, fmt::format("there is no revision {}", revision));
}

}  // namespace

Result<std::vector<catalogue::SourceText>> sources_of(sqlite3* database, std::int64_t revision) {
  const auto by = judged(database, revision);
  if (!by) return tl::unexpected(by.error());
  auto rows =
      Statement::prepare(database,
                         "SELECT link, name, text, kind, sha256 FROM document WHERE kind IN "
                         "('catalogue', 'profile', 'limits') ORDER BY id");
  if (!rows) return tl::unexpected(rows.error());
  // A judgement by another catalogue adds its texts in a link before its own; a group of texts
  // starts with the catalogue itself.
  std::int64_t group = 0;
  std::vector<catalogue::SourceText> sources;
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    const std::int64_t link = rows->integer(0);
    if (by->link != 0 && link > by->link) continue;
    const bool wanted = by->link == 0 || rows->view(4) == by->sha256;
    if (rows->view(3) == "catalogue" && wanted && link != group) {
      group = link;
      sources.clear();
    }
    const bool stray = rows->view(3) == "profile" && by->link != 0 && by->profile.empty();
    if (link == group && !stray) {
      sources.push_back({.name = rows->text(1), .text = rows->text(2)});
    }
  }
  if (code != SQLITE_DONE) {
    return tl::unexpected(evidence::database_error(database, code, "cannot read the catalogue"));
  }
  if (sources.empty()) {
    return fail(ErrorKind::not_found,
                "the run file does not hold the catalogue that it was judged by");
  }
  return sources;
}

}  // namespace haetae::judge
