#include "harness/compare/notes.hpp"

#include <fmt/format.h>

#include "harness/compare/waivers.hpp"
#include "harness/evidence/database.hpp"

namespace haetae::compare {

using evidence::Statement;

Result<Head> head_of(const evidence::RunFile& run) {
  Head out{.file = run.path().string(),
           .uuid = run.value("uuid"),
           .root = run.root(),
           .started = run.value("started"),
           .tool = {},
           .catalogue = {},
           .edition = {},
           .profile = {},
           .type = {},
           .only = run.value("only"),
           .permit = run.value("permit"),
           .firmware = {},
           .hardware = {},
           .headline = {},
           .revision = 0};
  auto statement = Statement::prepare(
      run.handle(),
      "SELECT id, tool, catalogue, edition, profile, type, headline FROM main.revision "
      "ORDER BY id DESC LIMIT 1");
  if (!statement) return tl::unexpected(statement.error());
  if (statement->step() != SQLITE_ROW) {
    return fail(ErrorKind::not_found,
                fmt::format("{} was not judged yet: use haetae judge", out.file));
  }
  out.revision = statement->integer(0);
  out.tool = statement->text(1);
  out.catalogue = statement->text(2);
  out.edition = statement->text(3);
  out.profile = statement->text(4);
  out.type = statement->text(5);
  out.headline = statement->text(6);
  auto identity = Statement::prepare(run.handle(),
                                     "SELECT field, text FROM main.declared_identity WHERE field "
                                     "IN ('firmware', 'hardware')");
  // A run that never came to its declaration has no such rows, one of small tables not the table.
  while (identity && identity->step() == SQLITE_ROW) {
    (identity->view(0) == "firmware" ? out.firmware : out.hardware) = identity->text(1);
  }
  return out;
}

Result<Notes> read_notes(const evidence::RunFile& run, std::int64_t revision, WallTime now) {
  Notes out;
  auto rows =
      Statement::prepare(run.handle(), "SELECT procedure, version FROM main.plan_procedure");
  if (!rows) return tl::unexpected(rows.error());
  while (rows->step() == SQLITE_ROW) out.versions[rows->text(0)] = rows->integer(1);
  rows = Statement::prepare(
      run.handle(), "SELECT procedure, tbl, row_key, same, of FROM main.unstable ORDER BY id");
  if (!rows) return tl::unexpected(rows.error());
  while (rows->step() == SQLITE_ROW) {
    out.flaky.push_back(
        {rows->text(0), rows->text(1), rows->text(2), rows->integer(3), rows->integer(4)});
    out.unstable.emplace(rows->text(1), rows->text(2));
  }
  rows = Statement::prepare(run.handle(),
                            "SELECT target, reason, approver, expires, state FROM main.waiver "
                            "WHERE revision = ?1 ORDER BY id");
  if (!rows) return tl::unexpected(rows.error());
  rows->bind(1, revision);
  while (rows->step() == SQLITE_ROW) {
    WaiverLine line{rows->text(0), rows->text(1), rows->text(2), rows->text(3), rows->text(4)};
    // What was in force when the run was judged may have expired since.
    const auto until = parse_moment(line.expires);
    if (line.state == "in-force" && (!until || *until <= now)) line.state = "expired";
    out.waivers.push_back(std::move(line));
  }
  return out;
}

}  // namespace haetae::compare
