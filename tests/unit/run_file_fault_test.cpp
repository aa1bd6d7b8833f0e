#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"

using namespace haetae;
using namespace haetae::evidence;

namespace {

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "haetae-fault-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

std::vector<FactTable> facts() {
  auto loaded = load_fact_tables(HAETAE_SOURCE_DIR "/testcases/facts");
  REQUIRE(loaded);
  return *loaded;
}

Result<void> add(RunFile& run, EvidenceId id, std::size_t size) {
  auto writer = run.begin(fmt::format("procedure {}", id));
  if (!writer) return tl::unexpected(writer.error());
  StoredEvidence evidence{.id = id,
                          .procedure = "p",
                          .kind = "artefact",
                          .subject = "lan",
                          .label = "noise",
                          .media_type = "application/octet-stream",
                          .at = WallTime{},
                          .content = random_bytes(size),
                          .cut = 0};
  if (auto done = (*writer)->insert(evidence); !done) return done;
  return (*writer)->commit();
}

/// expect_whole() checks that the file holds links 1 to `links` and that they verify.
void expect_whole(const std::filesystem::path& file, std::int64_t links) {
  const auto verification = verify(file, std::nullopt);
  REQUIRE(verification);
  for (const Damage& damage : verification->damages)
    UNSCOPED_INFO(damage.place << ": " << damage.text);
  CHECK(verification->intact());
  CHECK(verification->links == links);
}

/// child() runs `work` in a process of its own and returns its wait status.
template <class Work>
int child(Work&& work) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return status;
}

}  // namespace

TEST_CASE("a process killed around any commit leaves every committed link") {
  const auto tables = facts();
  for (const bool after : {false, true}) {
    for (std::int64_t link = 1; link <= 4; ++link) {
      const Folder folder;
      const auto file = folder.path / "a.haetae";
      const int status = child([&] {
        ::setenv("HAETAE_FAULT",
                 fmt::format("kill-{}-link:{}", after ? "after" : "before", link).c_str(), 1);
        auto run = RunFile::create(file, tables, nullptr, system_clock());
        for (EvidenceId id = 1; run && id <= 5; ++id) (void)add(*run, id, 2'000'000);
      });
      INFO((after ? "after " : "before ") << link);
      REQUIRE(WIFSIGNALED(status));
      CHECK(WTERMSIG(status) == SIGKILL);
      const std::int64_t whole = after ? link : link - 1;
      if (whole == 0) {  // killed inside create(): nothing was ever committed
        CHECK(RunFile::open(file, true, system_clock()).error().kind == ErrorKind::invalid_input);
        continue;
      }
      expect_whole(file, whole);
      auto run = RunFile::open(file, true, system_clock());
      REQUIRE(run);
      CHECK(run->next_evidence() == whole);  // link 1 has none, each further link has one
      REQUIRE(add(*run, run->next_evidence(), 10));
      REQUIRE(run->finish());
      expect_whole(file, whole + 1);
    }
  }
}

namespace {

/// fill_up() writes until storage fails and says how far it came.
std::int64_t fill_up(const std::filesystem::path& file, const std::vector<FactTable>& tables) {
  auto run = RunFile::create(file, tables, nullptr, system_clock());
  if (!run) return 0;
  for (EvidenceId id = 1; id <= 100; ++id) {
    const auto done = add(*run, id, 100'000);
    if (done) continue;
    const bool told = done.error().kind == ErrorKind::storage &&
                      done.error().text.find("free space") != std::string::npos &&
                      done.error().text.find("--resume") != std::string::npos;
    const bool again = add(*run, id, 100'000).has_value();
    return told && !again ? id : -id;  // id - 1 evidences and link 1 are in: id links
  }
  return 0;
}

}  // namespace

TEST_CASE("a full disk is told with what to do, and nothing committed is lost") {
  const auto tables = facts();
  const Folder folder;
  const auto file = folder.path / "a.haetae";
  const int status = child([&] {
    // A bound on the size of files stands in for the full disk where mounting is not allowed.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{3'000'000, 3'000'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(99);
    const std::int64_t links = fill_up(file, tables);
    ::_exit(links > 3 && links < 90 ? static_cast<int>(links) : 99);
  });
  REQUIRE(WIFEXITED(status));
  const int links = WEXITSTATUS(status);
  REQUIRE(links != 99);
  expect_whole(file, links);
  auto run = RunFile::open(file, true, system_clock());
  REQUIRE(run);
  REQUIRE(add(*run, run->next_evidence(), 100'000));
  REQUIRE(run->finish());
  expect_whole(file, links + 1);
}

TEST_CASE("a really full file system behaves the same") {
  const auto tables = facts();
  const Folder folder;
  if (::geteuid() != 0 || ::mount("tmpfs", folder.path.c_str(), "tmpfs", 0, "size=3m") != 0) {
    WARN("cannot mount a small file system here; the bound on file sizes was tested instead");
    return;
  }
  const auto file = folder.path / "a.haetae";
  const auto copy = folder.path.string() + ".copy";
  const std::int64_t links = fill_up(file, tables);
  CHECK(links > 3);
  if (links > 0) expect_whole(file, links);
  // Where there is no space to merge the journal, the run is the file and its journal together.
  for (const std::string tail : {"", "-wal"}) {
    std::error_code absent;
    std::filesystem::copy_file(file.string() + tail, copy + tail, absent);
  }
  ::umount2(folder.path.c_str(), MNT_DETACH);
  auto run = RunFile::open(copy, true, system_clock());
  REQUIRE(run);
  REQUIRE(add(*run, run->next_evidence(), 100'000));
  REQUIRE(run->finish());
  CHECK_FALSE(std::filesystem::exists(copy + "-wal"));
  expect_whole(copy, links + 1);
  std::filesystem::remove(copy);
}
