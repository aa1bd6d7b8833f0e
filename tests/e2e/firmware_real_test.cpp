#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/runner/run.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/whole_run.hpp"

/// A root file system made of the files of Debian's packages, packed by the tools that makers use,
/// with faults planted in it; and its clean twin.
namespace {

using namespace haetae;

using Cells = std::map<std::string, std::string>;

/// Planted is one fault: the row that must tell of it, and bytes that its evidence must show.
struct Planted {
  std::string table;
  Cells cells;
  std::string bytes;  ///< empty: the evidence shows no content but mode, owner or header
};

const std::vector<Planted>& planted() {
  static const std::vector<Planted> list = {
      {"firmware_account",
       {{"path", "/etc/shadow"}, {"account", "root"}, {"password", "blank"}},
       "root::"},
      {"firmware_account",
       {{"path", "/etc/shadow"}, {"account", "support"}, {"guessed", "yes"}},
       "support:$6$q1w2e3r4$"},
      {"firmware_account",
       {{"path", "/etc/passwd"}, {"account", "maker"}, {"superuser", "yes"}},
       "maker:x:0:0"},
      {"firmware_key",
       {{"path", "/etc/ssl/private/server.key"}, {"form", "pem"}, {"algorithm", "rsa"}},
       "BEGIN RSA PRIVATE KEY"},
      {"firmware_key",
       {{"path", "/usr/share/product/device.der"}, {"form", "der"}, {"algorithm", "ec"}},
       "30770201010420"},
      {"firmware_key",
       {{"path", "/etc/ssh_host_ed25519_key"}, {"form", "openssh"}, {"purpose", "ssh-host"}},
       "BEGIN OPENSSH PRIVATE KEY"},
      {"firmware_secret", {{"path", "/etc/cloud.conf"}}, "AKIAZ7QX4M2LTVW3KJ6P"},
      {"firmware_secret", {{"path", "/etc/wpa_supplicant.conf"}}, "Kx9-line-7-floor"},
      {"firmware_secret", {{"path", "/etc/upload.sh"}}, "Tq7vNz3Lw9"},
      {"firmware_service",
       {{"path", "/etc/init.d/S60telnet"}, {"program", "telnetd"}},
       "telnetd -l /bin/sh"},
      {"firmware_mode", {{"path", "/usr/bin/helper"}, {"set_uid", "yes"}}, ""},
      {"firmware_mode", {{"path", "/etc/init.d/S70settings"}, {"world_writable", "yes"}}, ""},
      {"firmware_leftover", {{"path", "/usr/bin/gdbserver"}, {"kind", "debug-tool"}}, ""},
      {"firmware_leftover", {{"path", "/root/.ash_history"}, {"kind", "history"}}, ""},
      {"firmware_leftover", {{"path", "/root/.ssh/authorized_keys"}, {"kind", "login-key"}}, ""},
      {"firmware_leftover",
       {{"path", "/usr/share/product/.git/config"}, {"kind", "version-control"}},
       ""},
      {"firmware_log_string", {{"path", "/usr/bin/logger-demo"}}, "user logs in with password %s"},
      {"elf_file", {{"path", "/usr/bin/open"}, {"nx", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"pie", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"relro", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"canary", "absent"}}, ""},
      {"elf_file", {{"path", "/usr/bin/open"}, {"debug", "yes"}}, ""},
      {"elf_import", {{"path", "/usr/bin/open"}, {"name", "rand"}}, ""},
      {"boot_setting", {{"path", "/boot/uboot.env"}, {"setting", "boot-delay"}}, "bootdelay=3"},
      {"elf_import", {{"path", "/usr/bin/keymaker"}, {"name", "rand"}}, ""},
      {"crypto_primitive", {{"path", "/usr/bin/keymaker"}, {"primitive", "des"}}, ""},
      {"firmware_service", {{"path", "/etc/init.d/S80snmp"}, {"superuser", "yes"}}, "snmpd"},
      {"rollback_counter", {{"path", "/etc/swupdate.cfg"}, {"state", "absent"}}, ""},
      {"component",
       {{"path", "/usr/lib/recovery/busybox"}, {"version", "1.33.0"}, {"origin", "text"}},
       "BusyBox v1.33.0"},
      {"firmware_user_data",
       {{"path", "/product/after-reset.conf"}, {"datum", "account-password"}, {"name", "guard"}},
       "Gate!2026-qz"},
      {"firmware_secret",
       {{"path", "/product/dump.conf"}, {"rule", "wireless-psk"}},
       "Qm4-river-8-attic"},
      {"component",
       {{"path", "/lib/apk/db/installed"}, {"name", "busybox"}, {"version", "1.30.1-r2"}},
       "V:1.30.1-r2"},
      {"image_version",
       {{"path", "/etc/os-release"}, {"field", "IMAGE_VERSION"}, {"same", "no"}},
       "2.2.0"},
  };
  return list;
}

std::string cell(const FactRow& row, const std::string& column) {
  for (const auto& [name, value] : row.cells) {
    if (name != column) continue;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  }
  return "";
}

bool fits(const FactRow& row, const Cells& cells) {
  return std::ranges::all_of(cells,
                             [&](const auto& one) { return cell(row, one.first) == one.second; });
}

/// Root is a tree with its images in a folder of its own.
struct Root {
  explicit Root(const std::string& kind) {
    script({"tree", tree(), kind});
    for (const char* dump : {"dump", "after-reset"}) {
      script({"chip", dump, folder.file(dump), kind});
      script({"pack", "ext4", folder.file(dump), chip(dump)});
    }
  }
  void script(std::vector<std::string> words) const {
    words.insert(words.begin(), {"/bin/bash", HAETAE_SOURCE_DIR "/tests/support/root_image.sh"});
    const auto result = test::run_tool(words, std::chrono::seconds(120));
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
  }
  [[nodiscard]] std::string tree() const { return folder.file("root"); }
  [[nodiscard]] std::string packed(const std::string& format) const {
    const std::string file = folder.file("image." + format);
    script({"pack", format, tree(), file});
    return file;
  }
  /// chip() is what was read from the storage: "dump" or "after-reset".
  [[nodiscard]] std::string chip(const std::string& dump) const {
    return folder.file(dump + ".bin");
  }
  /// components() is the maker's list, as the package database of this machine has it.
  [[nodiscard]] static std::string components() {
    const auto listed = test::run_tool(
        {"/bin/bash", HAETAE_SOURCE_DIR "/tests/support/root_image.sh", "components"},
        std::chrono::seconds(30));
    if (listed.exit_code != 0) throw std::runtime_error(listed.output);
    return listed.output;
  }
  test::TempDir folder;
};

catalogue::Catalogue the_catalogue() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) throw std::runtime_error(loaded.error().message());
  return std::move(loaded->value);
}

/// Look is the analysis of one image.
struct Look {
  Look(const Root& root, const std::string& image) : context(device(root, image), the_catalogue()) {
    const auto done = testcases::firmware_procedure().run(context);
    REQUIRE(done);
    INFO(fmt::format("{}", fmt::join(context.logged(), "\n")));
    for (const Coverage& coverage : context.coverages()) {
      INFO(coverage.topic << " of " << coverage.subject << ": " << coverage.why);
      CHECK(coverage.state == CoverageState::complete);
    }
  }
  static declaration::Declaration device(const Root& root, const std::string& image) {
    auto out = test::lab_declaration("127.48.0.1");
    out.identity.firmware = "2.3.1";
    out.firmware.push_back({.id = "main", .file = image, .kind = "image", .version = "2.3.1"});
    for (const char* dump : {"dump", "after-reset"})
      out.firmware.push_back({.id = dump, .file = root.chip(dump), .kind = dump, .version = ""});
    declaration::Account guard;
    guard.name = "guard";
    guard.password = "Gate!2026-qz";
    out.accounts.push_back(guard);
    return out;
  }
  test::FakeContext context;
};

/// judged() is what a run over an image and two dumps says, without the device.
runner::Outcome judged(const Root& root, const std::string& image, const test::TempDir& folder) {
  std::string text = test::camera_declaration("127.48.0.10", folder.path() / "control");
  const auto instead = [&](const std::string& element, const std::string& with) {
    const auto from = text.find("<" + element + ">");
    const auto until = text.find("</" + element + ">");
    text.replace(from, until - from, "<" + element + ">" + with);
  };
  instead("firmware", fmt::format(R"(<file id="main" file="{}" version="2.3.1"/>
    <file id="chip" file="{}" kind="dump"/><file id="wiped" file="{}" kind="after-reset"/>)",
                                  image, root.chip("dump"), root.chip("after-reset")));
  instead("components", root.components());
  runner::Options options =
      test::options_for(test::replaced(text, "firmware=\"1.4.2\"", "firmware=\"2.3.1\""), folder);
  std::erase_if(options.procedures, [](const runner::Procedure& procedure) {
    return procedure.info.id != "firmware" && procedure.info.id != "declaration";
  });
  test::Quiet observer;
  auto result = runner::run(options, system_clock(), observer, {});
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

/// keys_of() is what was found against each criterion that firmware answers: "criterion key", the
/// digest of a key that is new each time left out. Every finding must cite evidence.
std::set<std::string> keys_of(const judge::Judgement& judgement) {
  std::set<std::string> out;
  for (const auto& criterion : judgement.criteria) {
    for (const judge::Finding& finding : criterion.findings) {
      if (!finding.subject.starts_with("firmware:")) continue;
      CHECK(!finding.evidence.empty());
      std::string key = finding.key;
      if (criterion.criterion == "3.2-image-keys") key.resize(key.rfind('/'));
      out.insert(criterion.criterion + " " + key);
    }
  }
  return out;
}

/// lines() shows a set in a message.
std::string lines(const std::set<std::string>& set) {
  return fmt::format("{}", fmt::join(set, "\n"));
}

/// breaches() are the findings against the criteria that the planted faults break.
const std::set<std::string>& breaches() {
  static const std::set<std::string> keys = {
      "1.2-embedded /etc/shadow/root",
      "1.2-embedded /etc/shadow/support",
      "1.3-shared-identity /etc/ssh_host_ed25519_key/ed25519",
      "1.5-secrets-in-logs /usr/bin/logger-demo/user logs in with password %s",
      "2.2-image-secrets /etc/cloud.conf/assigned-access-key/aws_secret_access_key",
      "2.2-image-secrets /etc/cloud.conf/aws-access-key/",
      "2.2-image-secrets /etc/upload.sh/url-https/uploader",
      "2.2-image-secrets /etc/wpa_supplicant.conf/wireless-psk/psk",
      // In what was read from a chip, a file is found in its file system and among the bytes.
      "2.6-dump account-password/guard/",
      "2.6-dump account-password/guard//product/after-reset.conf",
      "2.6-dump wireless-key/psk/",
      "2.6-dump wireless-key/psk//product/after-reset.conf",
      "3.1-libraries /usr/bin/keymaker/des",
      "3.2-image-keys /etc/ssh_host_ed25519_key/ed25519",
      "3.2-image-keys /etc/ssl/private/server.key/rsa",
      "3.2-image-keys /usr/share/product/device.der/ec",
      "3.3-generators /usr/bin/keymaker",
      "4.1-hardening nx",
      "4.1-hardening pie",
      "4.1-library-path /usr/bin/keymaker",
      "4.2-symbols program",
      "4.4-components busybox/CVE-2021-42386",
      "4.5-leftovers /root/.ash_history/shell-history",
      "4.5-leftovers /root/.ssh/authorized_keys/authorized-keys",
      "4.5-leftovers /usr/bin/gdbserver/gdbserver",
      "4.5-leftovers /usr/share/product/.git/config/git-settings",
      "4.6-cross-check busybox/1.30.1",
      "4.6-cross-check busybox/1.33.0",
      "5.5-counter /etc/swupdate.cfg/swupdate",
      "5.7-image-version /etc/os-release/IMAGE_VERSION",
      "6.1-start-scripts telnetd//etc/init.d/S60telnet",
      "6.2-accounts /etc/passwd/maker",
      "6.2-accounts /etc/shadow/root",
      "6.2-accounts /etc/shadow/support",
      "6.2-service-users snmpd//etc/init.d/S80snmp",
      "6.3-permissions /etc/init.d/S70settings",
      "6.3-permissions /usr/bin/helper",
      "6.6-secure-boot image",
      "7.2-console /boot/uboot.env/boot-arguments-shell/init=/bin/sh",
      "7.2-console /boot/uboot.env/boot-delay/3",
      "7.4-dump account-password/guard/",
      "7.4-dump account-password/guard//product/dump.conf",
      "7.4-dump wireless-key/psk/",
      "7.4-dump wireless-key/psk//product/dump.conf",
      "7.4-dump wireless-psk/psk//product/dump.conf",
      "7.5-driver image",
  };
  return keys;
}

/// told() is every fact of the image that would be a finding, a line each.
std::set<std::string> told(const test::FakeContext& context) {
  std::set<std::string> out;
  const auto take = [&](const std::string& table, const auto& bad) {
    for (const FactRow& row : context.rows(table)) {
      const auto is = [&](const char* column, const char* word) {
        return cell(row, column) == word;
      };
      if (bad(is)) out.insert(table + " " + cell(row, "path"));
    }
  };
  const auto any = [](const auto&) { return true; };
  for (const char* table : {"firmware_key", "firmware_secret", "firmware_log_string",
                            "firmware_leftover", "firmware_user_data"})
    take(table, any);
  take("firmware_account", [](const auto& is) {
    return !is("login", "no") || !is("guessed", "no") ||
           !(is("password", "locked") || is("password", "elsewhere"));
  });
  take("firmware_service", [](const auto& is) { return !is("superuser", "no"); });
  take("firmware_mode", [](const auto& is) {
    return !is("set_uid", "no") || !is("set_gid", "no") || !is("sticky", "yes");
  });
  take("elf_file", [](const auto& is) {
    return !is("nx", "present") || is("pie", "absent") || is("debug", "yes");
  });
  take("crypto_primitive",
       [](const auto& is) { return is("primitive", "des") && is("seen_by", "import"); });
  take("rollback_counter", [](const auto& is) { return !is("state", "present"); });
  take("boot_setting", [](const auto& is) {
    return is("setting", "boot-arguments-shell") ||
           (is("setting", "boot-delay") && !is("number", "-2"));
  });
  take("image_version", [](const auto& is) { return !is("same", "yes"); });
  take("vulnerability_match",
       [](const auto& is) { return is("outcome", "affected") && !is("kind", "supported"); });
  return out;
}

}  // namespace

TEST_CASE("every planted fault is named with its path and bytes, whatever packed it", "[e2e]") {
  const Root root("planted");
  for (const std::string format : {"squashfs", "ext4", "uimage", "fit", "tar"}) {
    const Look look(root, root.packed(format));
    // What the clean twin is asked for sees the faults of every table here.
    std::set<std::string> tables;
    for (const std::string& line : told(look.context))
      tables.insert(line.substr(0, line.find(' ')));
    CHECK(tables.size() == 14);
    for (const Planted& fault : planted()) {
      INFO(format << ": " << fault.table << " " << fault.cells.at("path"));
      const auto rows = look.context.rows(fault.table);
      const auto found =
          std::ranges::find_if(rows, [&](const FactRow& row) { return fits(row, fault.cells); });
      CHECK(found != rows.end());
      if (found == rows.end()) continue;
      const std::string shown =
          look.context.evidence().text(std::stoll(cell(*found, "evidence")), Direction::received);
      CHECK_THAT(shown, Catch::Contains("path: " + fault.cells.at("path")) &&
                            Catch::Contains(fault.bytes) && Catch::Contains("container: at byte"));
    }
  }
}

TEST_CASE("every planted fault breaks its criterion, and no other thing does", "[e2e]") {
  test::enter_own_network();
  const Root root("planted");
  for (const std::string format : {"squashfs", "ext4", "uimage", "fit", "tar"}) {
    INFO(format);
    const test::TempDir folder;
    CHECK(lines(keys_of(judged(root, root.packed(format), folder).judgement)) == lines(breaches()));
  }
}

TEST_CASE("the same packages with nothing planted have no finding", "[e2e]") {
  test::enter_own_network();
  const Root root("clean");
  for (const std::string format : {"squashfs", "ext4", "uimage", "signed-fit", "tar"}) {
    INFO(format);
    const std::string image = root.packed(format);
    const Look look(root, image);
    CHECK(lines(told(look.context)).empty());
    // A root file system alone has no signed boot image and no device tree, and that is said.
    std::set<std::string> missing;
    if (format != "signed-fit") missing = {"6.6-secure-boot image", "7.5-driver image"};
    const test::TempDir folder;
    const auto result = judged(root, image, folder);
    CHECK(lines(keys_of(result.judgement)) == lines(missing));
    if (format != "signed-fit") continue;
    for (const auto& criterion : result.judgement.criteria) {
      for (const auto& subject : criterion.subjects) {
        if (!subject.subject.starts_with("firmware:")) continue;
        INFO(criterion.criterion << ": " << subject.reason.en);
        // What only a laboratory's list or the distribution can say is left open.
        const bool open =
            criterion.criterion == "4.4-components" || criterion.criterion == "3.1-libraries";
        CHECK((subject.verdict == Verdict::pass ||
               (open && subject.verdict == Verdict::inconclusive)));
      }
    }
  }
}
