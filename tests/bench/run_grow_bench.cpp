#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "harness/evidence/run_file.hpp"

/// For scripts/bench/diff: adds ROWS pieces of evidence of BYTES bytes each, and a fact to each, to
/// a judged run file.
///   run_grow_bench RUN ROWS BYTES
namespace {

using namespace haetae;
using namespace haetae::evidence;

constexpr std::int64_t kPerLink = 5000;

Result<void> grow(RunFile& run, std::int64_t rows, std::size_t bytes) {
  EvidenceId next = run.next_evidence();
  for (std::int64_t begin = 0; begin < rows; begin += kPerLink) {
    auto writer = run.begin("procedure bench");
    if (!writer) return tl::unexpected(writer.error());
    for (std::int64_t row = begin; row < std::min(rows, begin + kPerLink); ++row, ++next) {
      const StoredEvidence evidence{.id = next,
                                    .procedure = "bench",
                                    .kind = "transcript",
                                    .subject = fmt::format("lan:tcp/{}", row % 65536),
                                    .label = "noise",
                                    .media_type = "application/octet-stream",
                                    .at = WallTime{},
                                    .content = random_bytes(bytes),
                                    .cut = 0};
      if (auto done = (*writer)->insert(evidence); !done) return done;
      auto fact = (*writer)->insert("http_header",
                                    {{"evidence", next},
                                     {"subject", fmt::format("lan:tcp/{}", row % 65536)},
                                     {"path", fmt::format("/bench/{}", row)},
                                     {"name", std::string("content-type")},
                                     {"text", fmt::format("text/html; charset=utf-8; n={}", row)}});
      if (!fact) return tl::unexpected(fact.error());
    }
    if (auto done = (*writer)->commit(); !done) return done;
  }
  return run.finish();
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "run_grow_bench RUN ROWS BYTES\n");
    return 64;
  }
  auto run = RunFile::open(words[1], true, system_clock());
  const auto done =
      run ? grow(*run, std::atoll(words[2]), static_cast<std::size_t>(std::atoll(words[3])))
          : Result<void>(tl::unexpected(run.error()));
  if (!done) std::fprintf(stderr, "%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
