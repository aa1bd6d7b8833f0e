#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "harness/evidence/run_file.hpp"

/// For scripts/bench/verify: makes a run file of about 100 MB (large: 100,000 evidence
/// rows and 500 MB), or verifies one.
///   run_file_bench make evidence|facts|large FILE FACTS_FOLDER     run_file_bench verify FILE
namespace {

using namespace haetae;
using namespace haetae::evidence;

Result<void> add_evidence(RunFile& run, EvidenceId first, EvidenceId count, std::size_t size) {
  auto writer = run.begin("procedure bench");
  if (!writer) return tl::unexpected(writer.error());
  for (EvidenceId id = first; id < first + count; ++id) {
    StoredEvidence evidence{.id = id,
                            .procedure = "bench",
                            .kind = "transcript",
                            .subject = "lan:tcp/443",
                            .label = "noise",
                            .media_type = "application/octet-stream",
                            .at = WallTime{},
                            .content = random_bytes(size),
                            .cut = 0};
    if (auto done = (*writer)->insert(evidence); !done) return done;
  }
  return (*writer)->commit();
}

Result<void> add_facts(RunFile& run, std::int64_t round) {
  auto writer = run.begin("procedure bench");
  if (!writer) return tl::unexpected(writer.error());
  for (std::int64_t index = 0; index < 30'000; ++index) {
    auto done = (*writer)->insert(
        "http_header", {{"evidence", std::int64_t{1}},
                        {"subject", fmt::format("lan:tcp/{}", index)},
                        {"path", fmt::format("/{}", round)},
                        {"name", std::string("content-type")},
                        {"text", fmt::format("text/html; charset=utf-8; boundary={}", index)}});
    if (!done) return tl::unexpected(done.error());
  }
  return (*writer)->commit();
}

Result<void> make_large(RunFile& run) {
  constexpr EvidenceId kEach = 1000;
  for (EvidenceId first = 1; first <= 100 * kEach; first += kEach) {
    if (auto done = add_evidence(run, first, kEach, 5000); !done) return done;
  }
  return run.finish();
}

Result<void> make(std::string_view kind, const char* file, const char* folder) {
  auto tables = load_fact_tables(folder);
  if (!tables) return tl::unexpected(tables.error());
  auto run = RunFile::create(file, *tables, nullptr, system_clock());
  if (!run) return tl::unexpected(run.error());
  if (kind == "large") return make_large(*run);
  const bool facts = kind == "facts";
  if (auto done = add_evidence(*run, 1, 100, 150'000); !done) return done;
  for (std::int64_t round = 1; round <= (facts ? 13 : 6); ++round) {
    auto done = facts ? add_facts(*run, round) : add_evidence(*run, round * 100 + 1, 100, 150'000);
    if (!done) return done;
  }
  return run->finish();
}

}  // namespace

int main(int count, char** words) {
  Result<void> done =
      fail(ErrorKind::invalid_input, "make evidence|facts|large FILE FOLDER or verify FILE");
  if (count == 5 && std::strcmp(words[1], "make") == 0) {
    done = make(words[2], words[3], words[4]);
  } else if (count == 3 && std::strcmp(words[1], "verify") == 0) {
    const auto verification = verify(words[2], std::nullopt);
    if (!verification) {
      done = tl::unexpected(verification.error());
    } else if (!verification->intact()) {
      done = fail(ErrorKind::storage, verification->damages.front().text);
    } else {
      done = {};
    }
  }
  if (!done) std::fprintf(stderr, "%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
