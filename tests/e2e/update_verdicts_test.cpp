#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/evidence/database.hpp"
#include "tests/support/login_daemons.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/update_devices.hpp"
#include "tests/support/whole_run.hpp"

/// Whole runs against SWUpdate and RAUC as Debian ships them, and against twins that install
/// whatever they get: the verdicts, their sentences and the evidence that they cite.
namespace {

using namespace haetae;
using test::UpdateDevice;
using Kind = UpdateDevice::Kind;

constexpr const char* kAddress = "127.49.7.1";

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t out = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++out;
  return out;
}

/// Judged is a device with a finished run against it.
struct Judged {
  explicit Judged(Kind kind, int bits = 3072) : device(kind, kAddress, bits) {
    run(device.declaration());
  }
  /// The device at `address` is declared by what `change` makes of the declaration of its page.
  Judged(const std::string& address,
         const std::function<std::string(const UpdateDevice&, std::string)>& change)
      : device(Kind::page, address) {
    run(change(device, device.declaration()));
  }

  void run(const std::string& declaration) {
    auto options = test::options_for(declaration, folder);
    options.selection.only = {"5.1", "5.2", "5.4", "5.5"};
    options.selection.permit = Hazard::may_brick;
    auto ran = runner::run(options, system_clock(), observer, {});
    if (!ran) throw std::runtime_error(ran.error().message());
    judgement = std::move(ran->judgement);
    auto opened = evidence::RunFile::open(options.output, false, system_clock());
    if (!opened) throw std::runtime_error(opened.error().message());
    file.emplace(std::move(*opened));
    INFO(observer.trouble());
    CHECK(observer.trouble().empty());
    CHECK(device.installed() == "SimCam version 1.4.2");
  }

  [[nodiscard]] const judge::CriterionVerdict& of(const std::string& criterion) const {
    const auto found =
        std::ranges::find(judgement.criteria, criterion, &judge::CriterionVerdict::criterion);
    if (found == judgement.criteria.end()) throw std::runtime_error("not judged: " + criterion);
    return *found;
  }

  /// cell() is the first column of the only row of `sql`.
  [[nodiscard]] std::string cell(const std::string& sql) const {
    auto rows = evidence::Statement::prepare(file->handle(), sql);
    if (!rows) throw std::runtime_error(rows.error().message());
    return rows->step() == SQLITE_ROW ? rows->text(0) : "no row";
  }

  [[nodiscard]] std::string content(EvidenceId id) const {
    const auto bytes = file->content(id);
    if (!bytes) throw std::runtime_error(bytes.error().message());
    return std::string(as_text(*bytes));
  }

  /// passes() checks that the criterion holds, and that each refusal that it cites shows the
  /// version under test before and after.
  void passes(const std::string& criterion, std::size_t refusals) const {
    INFO(criterion);
    const auto& verdict = of(criterion);
    INFO(verdict.reason.en);
    CHECK(verdict.verdict == Verdict::pass);
    REQUIRE(verdict.subjects.size() == 1);
    CHECK(verdict.subjects.front().cites.size() == refusals);
    for (const EvidenceId id : verdict.subjects.front().cites) {
      const std::string text = content(id);
      INFO(text);
      CHECK_THAT(text, Catch::Contains("\nbefore: answers, version \"1.4.2\""));
      CHECK_THAT(text, Catch::Contains("\nafter: answers, version \"1.4.2\""));
      CHECK_THAT(text, Catch::Contains("SimCam version 1.4.2"));
      CHECK_THAT(text, Catch::EndsWith("result: refused by version\n"));
    }
  }

  /// fails() checks that exactly these files break the criterion, because `runs` was seen to run
  /// afterwards.
  void fails(const std::string& criterion, const std::set<std::string>& keys,
             const std::string& runs = "1.5.0") const {
    INFO(criterion);
    const auto& verdict = of(criterion);
    CHECK(verdict.verdict == Verdict::fail);
    std::set<std::string> found;
    for (const auto& finding : verdict.findings) {
      found.insert(finding.key);
      INFO(finding.key << ": " << finding.says.en);
      CHECK_THAT(finding.says.en,
                 Catch::Contains(fmt::format("outcome accepted, version 1.4.2 before and {} after, "
                                             "alive afterwards yes",
                                             runs)));
      CHECK_THAT(finding.says.ko, Catch::Contains(fmt::format("버전 1.4.2 → {}", runs)));
      REQUIRE(finding.evidence.size() == 1);
      const std::string text = content(finding.evidence.front());
      INFO(text);
      CHECK_THAT(text, Catch::Contains("SimCam version " + runs));
      const bool seen = text.ends_with("result: accepted by version\n") ||
                        text.ends_with("result: accepted by marker\n");
      CHECK(seen);
      const auto slash = finding.key.find('/');
      CHECK_THAT(text, Catch::Contains(cell(fmt::format(
                           "SELECT sha256 FROM update_trial WHERE image = '{}' AND mutation = '{}'",
                           finding.key.substr(0, slash), finding.key.substr(slash + 1)))));
    }
    CHECK(found == keys);
  }

  /// agrees_with_the_log() holds each trial against what the installer itself wrote down.
  void agrees_with_the_log() const {
    const std::string log = device.log();
    auto rows = evidence::Statement::prepare(
        file->handle(), "SELECT sha256, outcome, image || '/' || mutation FROM update_trial");
    REQUIRE(rows);
    std::size_t trials = 0;
    while (rows->step() == SQLITE_ROW) {
      ++trials;
      INFO(rows->text(2) << " " << rows->text(1));
      if (rows->text(1) == "unknown") continue;
      const std::string line = "offered " + rows->text(0);
      CHECK_THAT(log, Catch::Contains(
                          line + (rows->text(1) == "accepted" ? " installed" : " not installed")));
    }
    CHECK(trials >= 15);
  }

  UpdateDevice device;
  test::TempDir folder;
  test::Quiet observer;
  judge::Judgement judgement;
  std::optional<evidence::RunFile> file;
};

bool missing(Kind kind) {
  if (kind != Kind::rauc || test::can_mount_loop()) return false;
  WARN("no root or no loop devices: RAUC cannot mount a bundle here");
  return true;
}

}  // namespace

TEST_CASE("signed SWUpdate passes what is asked of its update files", "[e2e]") {
  test::enter_own_network();
  const Judged run(Kind::swupdate);
  CHECK(run.of("5.1-works").verdict == Verdict::pass);
  run.passes("5.2-altered", 5);
  run.passes("5.2-unsigned", 6);
  run.passes("5.2-wrong-model", 2);
  run.passes("5.5-older", 1);
  CHECK(run.of("5.2-signature").verdict == Verdict::pass);
  CHECK(run.of("5.4-dropped").verdict == Verdict::pass);
  // Debian's web page of it asks nobody for a login.
  CHECK(run.of("5.1-rights").verdict == Verdict::fail);
  // SWUpdate's own count agrees: what was taken, and each time the version under test behind it. A
  // file without its last byte, which is padding, is whole for it.
  const std::size_t installed =
      2 *
      std::stoul(run.cell("SELECT (SELECT count(*) FROM update_trial WHERE outcome = 'accepted') + "
                          "(SELECT count(*) FROM update_rights WHERE outcome = 'accepted') + "
                          "(SELECT count(*) FROM update_drop WHERE runs = 'offered')"));
  INFO(run.device.log());
  CHECK(installed >= 4);
  CHECK(count(run.device.log(), "[INFO ] : SWUPDATE successful !") == installed);
}

TEST_CASE("signed RAUC passes all but the question for older versions", "[e2e]") {
  if (missing(Kind::rauc)) return;
  test::enter_own_network();
  const Judged run(Kind::rauc);
  CHECK(run.of("5.1-works").verdict == Verdict::pass);
  run.passes("5.2-altered", 7);
  run.passes("5.2-unsigned", 6);
  run.passes("5.2-wrong-model", 2);
  CHECK(run.of("5.2-signature").verdict == Verdict::pass);
  CHECK(run.of("5.4-dropped").verdict == Verdict::pass);
  run.fails("5.5-older", {"older/genuine"}, "1.3.0");
  run.agrees_with_the_log();
}

TEST_CASE("the unsigned twins fail by each file that they install", "[e2e]") {
  test::enter_own_network();
  for (const Kind kind : {Kind::trusting_swu, Kind::trusting_rauc}) {
    const bool swu = kind == Kind::trusting_swu;
    INFO((swu ? "swu" : "raucb"));
    const Judged run(kind);
    std::set<std::string> altered{"newer/flip-manifest", "newer/flip-payload",
                                  "newer/version-mismatch"};
    // A .swu ends with its last member: what stands behind it is not of the archive.
    if (!swu) altered.merge(std::set<std::string>{"newer/flip-header", "newer/trailing-data"});
    run.fails("5.2-altered", altered);
    run.fails("5.2-unsigned",
              {"expired-signer/genuine", "newer/expired-certificate", "newer/flip-signature",
               "newer/foreign-key", "newer/unknown-certificate", "newer/unsigned"});
    run.fails("5.2-wrong-model", {"newer/wrong-model", "other-model/genuine"});
    run.fails("5.5-older", {"older/genuine"}, "1.3.0");
    // Its files are signed well: it is the device that does not look.
    CHECK(run.of("5.2-signature").verdict == Verdict::pass);
    CHECK(run.of("5.1-works").verdict == Verdict::pass);
    run.agrees_with_the_log();
  }
}

TEST_CASE("keys that are too short fail whatever the device checks", "[e2e]") {
  test::enter_own_network();
  const Judged run(Kind::swupdate, 1024);
  const auto& signature = run.of("5.2-signature");
  CHECK(signature.verdict == Verdict::fail);
  CHECK(signature.findings.size() == 5);
  for (const auto& finding : signature.findings)
    CHECK_THAT(finding.says.en, Catch::Contains("1024 bits, verifies with the maker's key: yes"));
  CHECK(run.of("5.2-unsigned").verdict == Verdict::pass);
}

namespace {

constexpr const char* kPassword = "Str0ng!Operator-77";

/// installer() puts a copy of the test's own installer beside the device's files: its command line
/// for the file `copied`, with the certificate to check by or without.
std::vector<std::string> installer(const UpdateDevice& device, const std::string& copied,
                                   bool checks) {
  std::ifstream script(HAETAE_SOURCE_DIR "/tests/support/install_copied.sh");
  std::vector<std::string> out{
      device.folder().write("install", std::string(std::istreambuf_iterator<char>(script), {}),
                            0755),
      copied, device.slot()};
  if (checks) out.push_back(device.authority());
  return out;
}

/// copied_to() lets an account copy a .swu by SCP and run an installer.
std::string copied_to(const test::LoginDaemon& ssh, const UpdateDevice& device, bool checks,
                      std::string declaration) {
  const std::string copied = device.folder().write("incoming/update.swu", "", 0666);
  // The account is no administrator of this machine.
  namespace fs = std::filesystem;
  for (const char* open : {"", "www", "incoming"})
    fs::permissions(device.folder().path() / open, fs::perms(0755));
  fs::permissions(copied, fs::perms(0666));
  fs::permissions(device.slot(), fs::perms(0666));
  fs::permissions(device.authority(), fs::perms(0644));
  const std::string command = fmt::format("{}", fmt::join(installer(device, copied, checks), " "));
  using test::replaced;
  declaration = replaced(std::move(declaration), "mechanism=\"http-upload\"", "mechanism=\"scp\"");
  declaration =
      replaced(std::move(declaration), "<upload port=\"tcp/8080\" path=\"/upload\"/>",
               fmt::format("<scp login=\"shell\" path=\"{}\" command=\"{}\"/>", copied, command));
  return replaced(
      std::move(declaration), "</services>",
      fmt::format("<service port=\"tcp/{0}\" protocol=\"ssh\" purpose=\"update\" "
                  "management=\"yes\"/></services><logins><login id=\"shell\" port=\"tcp/{0}\" "
                  "method=\"ssh\"/></logins><accounts><account name=\"operator\" "
                  "password=\"{1}\" role=\"administrator\" logins=\"shell\"/></accounts>",
                  ssh.port, kPassword));
}

}  // namespace

TEST_CASE("files copied to OpenSSH's sshd are judged by what its installer puts in place",
          "[e2e]") {
  test::enter_own_network();
  const test::LoginDaemon ssh = test::openssh({{"operator", kPassword}});
  const Judged run(ssh.address, [&](const UpdateDevice& device, std::string declaration) {
    return copied_to(ssh, device, true, std::move(declaration));
  });
  CHECK(run.of("5.1-works").verdict == Verdict::pass);
  CHECK(run.of("5.1-rights").verdict == Verdict::pass);
  run.passes("5.2-altered", 5);
  run.passes("5.2-unsigned", 6);
  run.passes("5.2-wrong-model", 2);
  run.passes("5.5-older", 1);
  CHECK(run.of("5.4-dropped").verdict == Verdict::pass);
}

TEST_CASE("files copied to dropbear with an installer that checks nothing fail", "[e2e]") {
  test::enter_own_network();
  const test::LoginDaemon ssh = test::dropbear({{"operator", kPassword}});
  const Judged run(ssh.address, [&](const UpdateDevice& device, std::string declaration) {
    return copied_to(ssh, device, false, std::move(declaration));
  });
  CHECK(run.of("5.1-works").verdict == Verdict::pass);
  CHECK(run.of("5.1-rights").verdict == Verdict::pass);
  run.fails("5.2-altered", {"newer/flip-manifest", "newer/flip-payload", "newer/version-mismatch"});
  run.fails("5.2-unsigned",
            {"expired-signer/genuine", "newer/expired-certificate", "newer/flip-signature",
             "newer/foreign-key", "newer/unknown-certificate", "newer/unsigned"});
  run.fails("5.2-wrong-model", {"newer/wrong-model", "other-model/genuine"});
  run.fails("5.5-older", {"older/genuine"}, "1.3.0");
  CHECK(run.of("5.4-dropped").verdict == Verdict::pass);
}

namespace {

/// Writable is a device whose TFTP server (tftpd-hpa) takes a .swu, which is installed when it
/// rests.
struct Writable {
  explicit Writable(bool checks)
      : run(kAddress, [&](const UpdateDevice& device, std::string declaration) {
          namespace fs = std::filesystem;
          const std::string copied = device.folder().write("incoming/update.swu", "", 0666);
          fs::permissions(device.folder().path(), fs::perms(0755));
          fs::permissions(device.folder().path() / "incoming", fs::perms(0755));
          fs::permissions(copied, fs::perms(0666));
          watcher = start(device,
                          {test::find_tool("python3"),
                           HAETAE_SOURCE_DIR "/tests/support/update_device.py", "watch", copied},
                          installer(device, copied, checks));
          watcher->wait_for_output("ready");
          // It resolves addresses only where one beside 127.0.0.0/8 is up.
          (void)test::run_tool({test::find_tool("ip"), "addr", "add", "192.0.2.1/32", "dev", "lo"});
          server = start(device,
                         {test::find_tool("in.tftpd"), "-L", "-a", fmt::format("{}:69", kAddress),
                          "-u", "nobody", "-s", device.folder().file("incoming")},
                         {});
          declaration = test::replaced(std::move(declaration), "mechanism=\"http-upload\"",
                                       "mechanism=\"tftp\"");
          return test::replaced(std::move(declaration),
                                "<upload port=\"tcp/8080\" path=\"/upload\"/>",
                                "<tftp name=\"update.swu\"/>");
        }) {}
  static std::unique_ptr<test::Daemon> start(const UpdateDevice& device,
                                             std::vector<std::string> argv,
                                             const std::vector<std::string>& more) {
    argv.insert(argv.end(), more.begin(), more.end());
    return std::make_unique<test::Daemon>(std::move(argv), device.folder());
  }

  std::unique_ptr<test::Daemon> watcher, server;
  Judged run;
};

}  // namespace

TEST_CASE("files written by TFTP are judged by what is installed of them", "[e2e]") {
  test::enter_own_network();
  const Writable device(true);
  CHECK(device.run.of("5.1-works").verdict == Verdict::pass);
  // TFTP knows no login: everybody may.
  CHECK(device.run.of("5.1-rights").verdict == Verdict::fail);
  device.run.passes("5.2-altered", 5);
  device.run.passes("5.2-unsigned", 6);
  device.run.passes("5.2-wrong-model", 2);
  device.run.passes("5.5-older", 1);
  CHECK(device.run.of("5.4-dropped").verdict == Verdict::pass);
}

TEST_CASE("files written by TFTP that are installed unchecked fail", "[e2e]") {
  test::enter_own_network();
  const Writable device(false);
  device.run.fails("5.2-altered",
                   {"newer/flip-manifest", "newer/flip-payload", "newer/version-mismatch"});
  device.run.fails("5.2-unsigned",
                   {"expired-signer/genuine", "newer/expired-certificate", "newer/flip-signature",
                    "newer/foreign-key", "newer/unknown-certificate", "newer/unsigned"});
  device.run.fails("5.2-wrong-model", {"newer/wrong-model", "other-model/genuine"});
  device.run.fails("5.5-older", {"older/genuine"}, "1.3.0");
}
