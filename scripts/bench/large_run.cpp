#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "harness/evidence/database.hpp"
#include "harness/evidence/run_file.hpp"

/// Makes a large run out of a real one: large_run BASE OUT adds 100,000 pieces of evidence (500
/// MB), of which 5,000 are cited by the newest judgement.
namespace {

using namespace haetae;
using namespace haetae::evidence;

constexpr std::int64_t kPieces = 100'000, kCited = 5'000, kEach = 5'000, kALink = 2'000;

struct Place {
  std::int64_t revision = 0;
  std::string criterion, subject;
};

Place cited_place(const RunFile& run) {
  Place out;
  auto rows = Statement::prepare(
      run.handle(), "SELECT revision, criterion, subject FROM citation ORDER BY id DESC LIMIT 1");
  if (rows && rows->step() == 100) out = {rows->integer(0), rows->text(1), rows->text(2)};
  return out;
}

Result<void> add(RunFile& run, EvidenceId first, const Place& place, std::int64_t& cited) {
  auto writer = run.begin("procedure bench");
  if (!writer) return tl::unexpected(writer.error());
  for (EvidenceId id = first; id < first + kALink; ++id) {
    StoredEvidence evidence{.id = id,
                            .procedure = fmt::format("bench-{}", id % 40),
                            .kind = "artefact",
                            .subject = fmt::format("lan:tcp/{}", id % 60'000),
                            .label = fmt::format("answer {}", id),
                            .media_type = "application/octet-stream",
                            .at = WallTime{},
                            .content = random_bytes(static_cast<std::size_t>(kEach)),
                            .cut = 0};
    if (auto done = (*writer)->insert(evidence); !done) return done;
    if (id % (kPieces / kCited) != 0 || place.revision == 0 || cited == kCited) continue;
    ++cited;
    auto done = (*writer)->insert("citation", {{"revision", place.revision},
                                               {"criterion", place.criterion},
                                               {"subject", place.subject},
                                               {"finding", std::int64_t{0}},
                                               {"evidence", id}});
    if (!done) return tl::unexpected(done.error());
  }
  return (*writer)->commit();
}

Result<void> make(const char* base, const char* out) {
  std::filesystem::copy_file(base, out, std::filesystem::copy_options::overwrite_existing);
  auto run = RunFile::open(out, true, system_clock());
  if (!run) return tl::unexpected(run.error());
  const Place place = cited_place(*run);
  std::int64_t cited = 0;
  const EvidenceId first = run->next_evidence();
  for (std::int64_t done = 0; done < kPieces; done += kALink) {
    if (auto added = add(*run, first + done, place, cited); !added) return added;
  }
  return run->finish();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: large_run BASE.haetae OUT.haetae\n", stderr);
    return 64;
  }
  const auto made = make(arguments[1], arguments[2]);
  if (made) return 0;
  std::fprintf(stderr, "large_run: %s\n", made.error().message().c_str());
  return 3;
}
