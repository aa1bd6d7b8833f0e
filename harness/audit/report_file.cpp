#include "harness/audit/report_file.hpp"

#include <array>
#include <fstream>

#include <fmt/format.h>

#include "harness/evidence/canon.hpp"

namespace haetae::audit {
namespace {

using evidence::Statement;

Result<ReportFile> hash(const std::filesystem::path& file, std::int64_t& size) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) {
    return fail(ErrorKind::not_found, fmt::format("there is no report {}", file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  evidence::Hasher hasher;
  std::vector<char> block(1024 * 1024);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    const std::string_view got(block.data(), static_cast<std::size_t>(in.gcount()));
    size += static_cast<std::int64_t>(got.size());
    hasher.add(got);
  }
  if (!in.is_open() || in.bad()) {
    return fail(ErrorKind::storage, fmt::format("cannot read the report {}", file.string()));
  }
  return ReportFile{.file = file, .sha256 = to_hex(hasher.finish())};
}

}  // namespace

Result<ReportFile> check_report(const evidence::RunFile& run, const std::filesystem::path& file) {
  std::int64_t size = 0;
  auto out = hash(file, size);
  if (!out) return out;
  auto rows = Statement::prepare(
      run.handle(),
      "SELECT f.sha256, f.size, r.number, f.format, f.language, f.link, coalesce((SELECT n.number "
      "FROM report n WHERE n.replaces = r.number), '') FROM report_file f JOIN report r ON "
      "r.number = f.report ORDER BY f.id");
  if (!rows) return tl::unexpected(rows.error());
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    ++out->issued;
    if (rows->view(0) == out->sha256) {
      out->known = true;
      out->number = rows->text(2);
      out->format = rows->text(3);
      out->language = rows->text(4);
      out->link = rows->integer(5);
      out->replaced_by = rows->text(6);
    } else if (rows->integer(1) == size) {
      out->like = rows->text(2);
    }
  }
  if (code == SQLITE_DONE) return out;
  return tl::unexpected(evidence::database_error(run.handle(), code, "cannot read the reports"));
}

}  // namespace haetae::audit
