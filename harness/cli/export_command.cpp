#include <sqlite3.h>

#include <fmt/format.h>

#include "harness/cli/capture.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/replay_pack.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/evidence/database.hpp"
#include "harness/evidence/redact.hpp"

namespace haetae::cli {
namespace {

Result<void> export_capture(const evidence::RunFile& run, const ExportArguments& arguments,
                            const Style& style) {
  const auto ids =
      selected(run, {.ids = {}, .item = arguments.item, .procedure = arguments.procedure});
  if (!ids) return tl::unexpected(ids.error());
  const auto written = write_capture(run, *ids, arguments.capture);
  if (!written) return tl::unexpected(written.error());
  const std::string name = printable(arguments.capture.string(), 400);
  fmt::print("{}\n", style.korean
                         ? fmt::format("대화기록 {}건을 {}에 저장함", written->transcripts, name)
                         : fmt::format("{} transcripts written to {}", written->transcripts, name));
  if (written->withheld > 0) {
    fmt::print("{}\n", style.korean
                           ? fmt::format("이 사본에서 가려진 {}건은 빠짐", written->withheld)
                           : fmt::format("{} are withheld in this copy", written->withheld));
  }
  if (written->damaged > 0) {
    fmt::print("{}\n", style.korean
                           ? fmt::format("손상된 {}건은 읽은 데까지만 저장함", written->damaged)
                           : fmt::format("{} are damaged and written as far as they were read",
                                         written->damaged));
  }
  return {};
}

/// say_redacted() tells what the copy holds and what could not be searched for.
void say_redacted(const evidence::Redacted& done, const evidence::Verification& copy,
                  const std::string& name, bool korean) {
  fmt::print("{}\n", korean
                         ? fmt::format("가림본을 {}에 저장함 (루트 {})", name, copy.root)
                         : fmt::format("redacted copy written to {} (root {})", name, copy.root));
  fmt::print(
      "{}\n",
      korean
          ? fmt::format("  비밀값 {}개 제외, 비밀값이 든 증적 {}건과 요청한 증적 {}건의 내용 제외, "
                        "{}건 유지",
                        done.secrets, done.with_secret, done.asked, done.kept)
          : fmt::format("  without {} secret values, {} contents that hold one and {} "
                        "contents as asked; {} contents kept",
                        done.secrets, done.with_secret, done.asked, done.kept));
  if (!done.published.empty()) {
    fmt::print("{}\n",
               korean
                   ? fmt::format("  비밀값 {}개는 카탈로그에 공개된 값(또는 빈 값)이어서 찾지 않음",
                                 done.published.size())
                   : fmt::format("  {} values are blank or public in the catalogue and were not "
                                 "searched for",
                                 done.published.size()));
  }
  if (!done.short_ones.empty()) {
    fmt::print("{}\n", korean ? fmt::format("  비밀값 {}개는 4바이트보다 짧아 표에서는 찾지 않음",
                                            done.short_ones.size())
                              : fmt::format("  {} values are shorter than 4 bytes and were not "
                                            "searched for in tables",
                                            done.short_ones.size()));
  }
}

Result<evidence::RedactOptions> redact_options(const evidence::RunFile& run,
                                               const ExportArguments& arguments) {
  evidence::RedactOptions out;
  out.all = arguments.all;
  const auto known = selected(run, {.ids = arguments.withhold, .item = "", .procedure = ""});
  if (!known) return tl::unexpected(known.error());
  out.withhold.insert(arguments.withhold.begin(), arguments.withhold.end());
  auto names = evidence::Statement::prepare(
      run.handle(), "SELECT account FROM declared_account UNION SELECT account FROM login_trial");
  if (names) {
    while (names->step() == SQLITE_ROW) out.names.insert(names->text(0));
  }
  for (const std::string& item : arguments.only_items) {
    const auto ids = selected(run, {.ids = {}, .item = item, .procedure = ""});
    if (!ids) return tl::unexpected(ids.error());
    if (!out.only) out.only.emplace();
    out.only->insert(ids->begin(), ids->end());
  }
  return out;
}

/// export_redacted() writes beside the file, verifies what was written, then moves it there.
Result<void> export_redacted(const evidence::RunFile& run, const ExportArguments& arguments,
                             const Style& style) {
  const auto options = redact_options(run, arguments);
  if (!options) return tl::unexpected(options.error());
  const std::filesystem::path file = arguments.redacted;
  std::error_code failed;
  if (std::filesystem::exists(file, failed)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} exists already; name another file", file.string()));
  }
  const std::filesystem::path beside = file.string() + ".unfinished";
  std::filesystem::remove(beside, failed);
  const auto done = evidence::redact(run, beside, *options);
  if (!done) return tl::unexpected(done.error());
  for (const std::string& place : done->left) fmt::print(stderr, "✗ {}\n", printable(place));
  if (!done->left.empty()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is not written: the places above would still show a secret, and a "
                            "table cannot be changed without breaking the chain",
                            file.string()));
  }
  const auto copy = evidence::verify(beside, std::nullopt);
  const bool same = copy && copy->intact() && copy->root == run.root();
  if (same) std::filesystem::rename(beside, file, failed);
  if (!same || failed) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return fail(ErrorKind::storage,
                same ? fmt::format("{} cannot be written: {}", file.string(), failed.message())
                     : std::string("the copy would not verify: the run itself is damaged; haetae "
                                   "verify names the places"));
  }
  say_redacted(*done, *copy, printable(file.string(), 400), style.korean);
  return {};
}

}  // namespace

int export_run(const ExportArguments& arguments) {
  if (arguments.capture.empty() && arguments.redacted.empty() && arguments.replay.empty()) {
    return complain({ErrorKind::invalid_input,
                     "say what to export: --pcapng FILE, --redacted FILE, --replay DIR", nullptr});
  }
  const auto run = evidence::RunFile::open(arguments.run, false, system_clock());
  if (!run) return complain(run.error());
  const Style style = style_of(stdout, arguments.language);
  if (!arguments.capture.empty()) {
    if (auto done = export_capture(*run, arguments, style); !done) return complain(done.error());
  }
  if (!arguments.redacted.empty()) {
    if (auto done = export_redacted(*run, arguments, style); !done) return complain(done.error());
  }
  if (!arguments.replay.empty()) {
    const auto pack = write_replay_pack(*run, arguments.replay);
    if (!pack) return complain(pack.error());
    const std::string name = printable(arguments.replay.string(), 400);
    fmt::print("{}\n",
               style.korean
                   ? fmt::format("스크립트 {}개를 {}에 저장함 (공개 도구로 볼 수 없는 위반 {}건)",
                                 pack->scripts, name, pack->without)
                   : fmt::format("{} scripts written to {} ({} findings that no public tool "
                                 "shows)",
                                 pack->scripts, name, pack->without));
  }
  return 0;
}

}  // namespace haetae::cli
