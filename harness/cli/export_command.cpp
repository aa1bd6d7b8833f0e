#include <fmt/format.h>

#include "harness/cli/capture.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"

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

}  // namespace

int export_run(const ExportArguments& arguments) {
  if (arguments.capture.empty()) {
    return complain({ErrorKind::invalid_input, "say what to export: --pcapng FILE", nullptr});
  }
  const auto run = evidence::RunFile::open(arguments.run, false, system_clock());
  if (!run) return complain(run.error());
  const Style style = style_of(stdout, arguments.language);
  if (!arguments.capture.empty()) {
    if (auto done = export_capture(*run, arguments, style); !done) return complain(done.error());
  }
  return 0;
}

}  // namespace haetae::cli
