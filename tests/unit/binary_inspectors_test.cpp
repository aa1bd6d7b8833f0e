#include <algorithm>
#include <boost/crc.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <catch2/catch.hpp>

#include "harness/formats/boot_blocks.hpp"
#include "harness/formats/component_list.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/binary_inspectors.hpp"
#include "testcases/firmware/package_lists.hpp"
#include "testcases/firmware/software_version.hpp"
#include "testcases/firmware/terminal_lines.hpp"
#include "testcases/firmware/vulnerability_lists.hpp"
#include "tests/support/fake_context.hpp"

using namespace haetae;
using namespace haetae::testcases;

namespace {

catalogue::Catalogue the_catalogue() {
  auto loaded = catalogue::load(
      std::filesystem::path(HAETAE_SOURCE_DIR) / "testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) FAIL(loaded.error().message());
  return std::move(loaded->value);
}

struct File {
  std::string path;
  std::string content;
  std::string kind = "file", target = {};
};

/// Looked is a device whose image holds these files, after the inspectors have seen them.
struct Looked {
  explicit Looked(const std::vector<File>& files, firmware::Listed listed,
                  std::string version = "1.4.2")
      : context(with_image(std::move(version)), the_catalogue()) {
    const auto done =
        firmware::inspect(context,
                          [&files](const auto&, const auto&, formats::Visitor& visitor,
                                   auto) -> Result<formats::Walk> {
                            for (const File& file : files) {
                              formats::Member member;
                              member.path = file.path;
                              member.inside = "squashfs@64";
                              member.kind = file.kind;
                              member.target = file.target;
                              member.size = file.content.size();
                              visitor.member(member, as_bytes(file.content));
                            }
                            formats::Walk walk;
                            walk.members = files.size();
                            walk.complete = true;
                            return walk;
                          },
                          {std::move(listed)});
    REQUIRE(done);
  }

  static declaration::Declaration with_image(std::string version) {
    auto device = test::lab_declaration("127.43.0.1");
    device.firmware.push_back(
        {.id = "main", .file = "/nowhere/main.bin", .kind = "image", .version = version});
    return device;
  }

  template <class Fact>
  [[nodiscard]] std::vector<Fact> facts() const {
    return runner::facts<Fact>(context);
  }
  [[nodiscard]] bool complete(const std::string& topic) const {
    return context.coverage(topic, "firmware:main").state == CoverageState::complete;
  }

  test::FakeContext context;
};

std::string this_program() {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string version_of(const Looked& looked, const std::string& component) {
  for (const auto& one : looked.facts<facts::Component>())
    if (one.component == component) return one.release;
  return "";
}

std::string outcome_of(const Looked& looked, const std::string& entry) {
  for (const auto& one : looked.facts<facts::VulnerabilityMatch>())
    if (one.entry == entry) return one.outcome;
  return "";
}

}  // namespace

TEST_CASE("versions are cut to what the maker of the software calls them") {
  using firmware::release_of;
  CHECK(release_of("1:9.2p1-2+deb12u3", true) == "9.2p1");
  CHECK(release_of("1:1.2.13.dfsg-1", true) == "1.2.13");
  CHECK(release_of("1.36.1-r5", true) == "1.36.1");
  CHECK(release_of("6.1.0-18-amd64", false) == "6.1.0");
  CHECK(release_of("v2022.83", false) == "2022.83");
  CHECK(release_of("2024.01-rc3", false) == "2024.01-rc3");
  CHECK(release_of("unknown", true) == "");
  CHECK(firmware::version_at("BusyBox v1.36.1 (x)", 9) == "1.36.1");
  CHECK(firmware::version_at("1.2.", 0) == "1.2");
  CHECK(firmware::version_at("x", 0) == "");
  CHECK(firmware::version_at("1", 5) == "");
}

TEST_CASE("versions are compared as people count them") {
  const std::vector<std::string> rising{"0.9.8zh",     "1.0.1",     "1.0.1g",  "1.0.2",   "1.0.2k",
                                        "1.0.2zd",     "1.1.1-rc1", "1.1.1",   "1.1.1n",  "1.9",
                                        "1.10",        "9.2p1",     "2016.74", "2019.77", "2022.83",
                                        "2024.01-rc3", "2024.01"};
  for (std::size_t left = 0; left < rising.size(); ++left) {
    for (std::size_t right = 0; right < rising.size(); ++right) {
      CAPTURE(rising[left], rising[right]);
      const int order = firmware::compare_versions(rising[left], rising[right]);
      CHECK((order < 0) == (left < right));
      CHECK((order == 0) == (left == right));
    }
  }
  CHECK(firmware::compare_versions("1.02", "1.2") == 0);
}

TEST_CASE("package databases give what is installed") {
  const auto control = firmware::read_control(
      as_bytes("Package: busybox\nStatus: install ok installed\nVersion: 1:1.35.0-4+b3\n\n"
               "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
               "Package: libssl3\nStatus: install ok installed\nSource: openssl (3.0.1)\n"
               "Version: 3.0.11-1\nDescription: x\n more: y\n"));
  REQUIRE(control.installed.size() == 2);
  CHECK(control.whole);
  CHECK(control.installed[0].version == "1:1.35.0-4+b3");
  CHECK(control.installed[1].source == "openssl");
  CHECK_FALSE(firmware::read_control(as_bytes("Package: nameless\n\n")).whole);
  const auto apk =
      firmware::read_apk(as_bytes("C:Q1\nP:musl\nV:1.2.4-r2\n\nP:zlib\nV:1.3\no:zlib\n"));
  REQUIRE(apk.installed.size() == 2);
  CHECK(apk.installed[0].name == "musl");
}

TEST_CASE("a program shows its protections and what it imports") {
  const Looked looked({{"/bin/app", this_program()},
                       {"/etc/motd",
                        "\x7f"
                        "EL"}},
                      firmware::elf_inspector());
  const auto files = looked.facts<facts::ElfFile>();
  REQUIRE(files.size() == 1);
  CHECK(files[0].kind == "program");
  CHECK(files[0].nx == "present");
  CHECK(files[0].imports == "known");
  CHECK(looked.complete("firmware.elf"));
  const auto uses = looked.facts<facts::CryptoUse>();
  CHECK(std::any_of(uses.begin(), uses.end(),
                    [](const facts::CryptoUse& one) { return one.library == "openssl"; }));
}

TEST_CASE("a program that is cut off makes the coverage partial") {
  const Looked header({{"/bin/app", std::string("\x7f"
                                                "ELF\2\1\1\0\0\0\0\0\0\0\0\0\0",
                                                17)}},
                      firmware::elf_inspector());
  CHECK_FALSE(header.complete("firmware.elf"));
  const Looked half({{"/bin/app", this_program().substr(0, 5000)}}, firmware::elf_inspector());
  CHECK_FALSE(half.complete("firmware.elf"));
  CHECK(half.facts<facts::ElfFile>().at(0).imports == "unknown");
}

TEST_CASE("components are known by package databases, texts and names of files") {
  // The headers are enough to tell a program; the rest would bring the texts of this file along.
  const std::string elf = this_program().substr(0, 2048);
  const Looked looked({{"/bin/busybox", elf + "BusyBox v1.33.0 (2021)"},
                       {"/bin/other", elf + "BusyBox v1.20.0 (2021)"},
                       {"/lib/libuClibc-0.9.33.2.so", ""},
                       {"/lib/libz.so.1", elf + " deflate 1.2.13 Copyright"},
                       {"/lib/libMagicCrypto.so.2", ""},
                       {"/raw@0x40000", "U-Boot 2021.07-rc2 (Jul 01)", "raw"},
                       {"/usr/lib/opkg/status",
                        "Package: dnsmasq\nVersion: 2.80-16\nStatus: install user installed\n"}},
                      firmware::component_inspector());
  CHECK(version_of(looked, "busybox") == "1.33.0");
  CHECK(version_of(looked, "uclibc") == "0.9.33.2");
  // The number of the interface of a library is no version of it.
  CHECK(version_of(looked, "zlib") == "1.2.13");
  CHECK(version_of(looked, "magiccrypto").empty());
  CHECK(version_of(looked, "u-boot") == "2021.07-rc2");
  CHECK(version_of(looked, "dnsmasq") == "2.80");
  CHECK(looked.facts<facts::Component>().size() == 6);
  // By version alone; what a distribution packs may hold the fix in an older version.
  CHECK(outcome_of(looked, "CVE-2021-42386") == "affected");
  CHECK(outcome_of(looked, "CVE-2018-1000517") == "not-affected");
  CHECK(outcome_of(looked, "CVE-2020-25681") == "unknown");
  CHECK(outcome_of(looked, "CVE-2017-14491") == "not-affected");
  CHECK(outcome_of(looked, "CVE-2022-30295") == "affected");
  CHECK(looked.complete("firmware.components"));
  const auto lists = looked.facts<facts::VulnerabilityList>();
  REQUIRE(lists.size() == 1);
  CHECK(lists[0].scope == "excerpt");
}

TEST_CASE("a release of a library belongs to the series whose numbers begin it") {
  const auto outcomes = [](const std::string& version) {
    const Looked looked(
        {{"/var/lib/dpkg/status", "Package: libssl3\nSource: openssl\nVersion: " + version +
                                      "\nStatus: install ok installed\n"}},
        firmware::component_inspector());
    std::string out;
    for (const auto& one : looked.facts<facts::VulnerabilityMatch>())
      if (one.kind != "vulnerability" && one.outcome != "not-affected")
        out += one.kind + " " + one.entry + " " + one.outcome + ";";
    return out;
  };
  // What a distribution packs may be looked after longer than by the maker, never shorter.
  CHECK(outcomes("3.4.3-1") == "end-of-support openssl 3.4 unknown;");
  CHECK(outcomes("3.5.0-1") == "supported openssl 3.5 affected;");
  CHECK(outcomes("3.5.99") == "supported openssl 3.5 affected;");
  CHECK(outcomes("3.6.0-1").empty());
  CHECK(outcomes("3.50.1-1").empty());
  CHECK(outcomes("4.0.0-1").empty());
}

TEST_CASE("a program out of a package is judged as its package") {
  const Looked looked({{"/bin/busybox", this_program().substr(0, 2048) + "BusyBox v1.33.0 (2021)"},
                       {"/var/lib/dpkg/status",
                        "Package: busybox\nVersion: 1:1.33.0-4\nStatus: install ok installed\n"}},
                      firmware::component_inspector());
  for (const auto& one : looked.facts<facts::VulnerabilityMatch>())
    CHECK(one.outcome != "affected");
  CHECK(outcome_of(looked, "CVE-2021-42386") == "unknown");
}

TEST_CASE("a database that is not read makes the coverage partial") {
  const Looked looked({{"/var/lib/rpm/rpmdb.sqlite", "SQLite format 3"}},
                      firmware::component_inspector());
  CHECK_FALSE(looked.complete("firmware.components"));
}

TEST_CASE("the age of a list is counted in days") {
  CHECK(firmware::days_between("2026-11-01", "2026-11-22T00:00:00Z") == 21);
  CHECK(firmware::days_between("2024-02-28", "2024-03-01T00:00:00Z") == 2);
  CHECK(firmware::days_between("2025-12-31", "2026-01-01") == 1);
  CHECK(firmware::days_between("soon", "2026-01-01") > 100'000);
  CHECK(firmware::days_between("2026-13-01", "2026-01-01") > 100'000);
}

namespace {

std::string login_at(const Looked& looked, const std::string& path) {
  for (const auto& one : looked.facts<facts::BootSetting>())
    if (one.path == path && one.setting == "shell") return one.login;
  return "";
}

}  // namespace

TEST_CASE("what a terminal starts tells whether a login is asked for") {
  using firmware::inittab_command;
  using firmware::login_of_command;
  CHECK(inittab_command("::respawn:/sbin/getty -L ttyS0 115200 vt100") ==
        "/sbin/getty -L ttyS0 115200 vt100");
  CHECK(inittab_command("T0:23:respawn:/sbin/getty ttyS0") == "/sbin/getty ttyS0");
  CHECK(inittab_command("::sysinit:/etc/init.d/rcS") == "");
  CHECK(inittab_command("# ::respawn:/bin/sh") == "");
  CHECK(login_of_command("-/bin/sh") == "none");
  CHECK(login_of_command("/bin/ash --login") == "none");
  CHECK(login_of_command("/sbin/getty -n -l /bin/sh 115200 ttyS0") == "none");
  CHECK(login_of_command("-/sbin/agetty --autologin root %I") == "automatic");
  CHECK(login_of_command("/sbin/getty -L ttyS0") == "asked");
  CHECK(login_of_command("/bin/login -f root") == "automatic");
  CHECK(login_of_command("/usr/libexec/login.sh") == "unknown");
  CHECK(login_of_command("") == "unknown");
  CHECK(firmware::shell_in_arguments("root=/dev/mtd2 init=/bin/sh") == "init=/bin/sh");
  CHECK(firmware::shell_in_arguments("root=/dev/mtd2 init=/sbin/init") == "");
}

TEST_CASE("boot settings are seen in environments, tables and units") {
  const std::string list("bootdelay=5\0bootargs=root=/dev/mtd2 init=/bin/sh\0\0", 50);
  std::string block = list + std::string(508 - list.size(), '\0');
  boost::crc_32_type crc;
  crc.process_bytes(block.data(), block.size());
  std::string head(4, '\0');
  for (unsigned at = 0; at < 4; ++at) head[at] = static_cast<char>(crc.checksum() >> (8 * at));
  const Looked looked({{"/raw@0x80000", head + block, "raw"},
                       {"/etc/inittab", "::askfirst:-/bin/sh\n"},
                       {"/etc/systemd/system/serial-getty@.service.d/auto.conf",
                        "[Service]\nExecStart=\nExecStart=-/sbin/agetty -a root %I\n"}},
                      firmware::boot_inspector());
  CHECK(looked.complete("firmware.boot"));
  std::map<std::string, facts::BootSetting> found;
  for (const auto& one : looked.facts<facts::BootSetting>()) found[one.setting] = one;
  CHECK(found["boot-delay"].number == 5);
  CHECK(found["boot-arguments-shell"].text == "init=/bin/sh");
  CHECK(login_at(looked, "/etc/inittab") == "none");
  CHECK(login_at(looked, "/etc/systemd/system/serial-getty@.service.d/auto.conf") == "automatic");
  // A checksum that is not right is no environment.
  const Looked damaged({{"/raw@0x80000", "xxxx" + block, "raw"}}, firmware::boot_inspector());
  CHECK(damaged.facts<facts::BootSetting>().empty());
}

TEST_CASE("the declared version is found as a whole") {
  const std::vector<File> files{{"/etc/os-release", "NAME=x\nVERSION_ID=\"12\"\n"},
                                {"/etc/version", "build v1.4.2\n"}};
  const Looked same(files, firmware::version_inspector());
  const auto found = same.facts<facts::ImageVersion>();
  REQUIRE(found.size() == 2);
  CHECK(found[0].same == "no");
  CHECK(found[0].place == "system");
  CHECK(found[1].same == "yes");
  const Looked other(files, firmware::version_inspector(), "1.4");
  CHECK(other.facts<facts::ImageVersion>().at(1).same == "no");
}

TEST_CASE("signs of a secure element are seen") {
  const Looked looked(
      {{"/lib/modules/6.1/tpm_tis_spi.ko", "x"}, {"/etc/tls.conf", "key = pkcs11:token=device\n"}},
      firmware::secure_element_inspector());
  const auto found = looked.facts<facts::SecureElement>();
  REQUIRE(found.size() == 2);
  CHECK(found[0].seen_by == "module");
  CHECK(found[1].seen_by == "key-reference");
}

TEST_CASE("submitted component lists are read") {
  const auto cyclonedx = formats::read_component_list(
      R"({"bomFormat":"CycloneDX","components":[{"name":"a","version":"1","components":[{"name":"b"}]}]})");
  REQUIRE(cyclonedx);
  CHECK(cyclonedx->components == std::vector<formats::ListedComponent>{{"a", "1"}, {"b", ""}});
  const auto spdx = formats::read_component_list(
      R"({"spdxVersion":"SPDX-2.3","packages":[{"name":"a","versionInfo":"2"},{"versionInfo":"3"}]})");
  REQUIRE(spdx);
  CHECK(spdx->format == "spdx");
  CHECK(spdx->components.size() == 1);
  CHECK_FALSE(spdx->whole);
  CHECK_FALSE(formats::read_component_list("{}"));
  CHECK_FALSE(formats::read_component_list("{\"bomFormat\":"));
}

TEST_CASE("MCUboot and Android headers tell signature and counter") {
  const auto header = [](bool counter) {
    Bytes out(32 + 4);
    const auto put = [&out](std::size_t at, std::uint64_t value, unsigned width) {
      for (unsigned byte = 0; byte < width; ++byte)
        out[at + byte] = static_cast<std::uint8_t>(value >> (8 * byte));
    };
    put(0, 0x96f3b83d, 4);
    put(8, 32, 2);
    put(10, counter ? 12 : 0, 2);
    put(12, 4, 4);
    const auto add = [&](std::initializer_list<int> bytes) {
      for (const int byte : bytes) out.push_back(static_cast<std::uint8_t>(byte));
    };
    if (counter) add({0x08, 0x69, 12, 0, 0x50, 0, 4, 0, 7, 0, 0, 0});
    add({0x07, 0x69, 8, 0, 0x22, 0, 0, 0});
    return out;
  };
  const auto with = formats::read_mcuboot(header(true));
  REQUIRE(with);
  CHECK(with->whole);
  CHECK(with->security_counter == 7U);
  CHECK(with->signatures == std::vector<std::string>{"ecdsa"});
  const auto without = formats::read_mcuboot(header(false));
  REQUIRE(without);
  CHECK_FALSE(without->security_counter);
  Bytes cut = header(true);
  cut.pop_back();
  CHECK_FALSE(formats::read_mcuboot(cut)->whole);
  Bytes vbmeta(256);
  std::copy_n("AVB0", 4, vbmeta.begin());
  vbmeta[31] = 1;
  vbmeta[119] = 9;
  CHECK(formats::read_vbmeta(vbmeta)->rollback_index == 9);
  CHECK(formats::read_vbmeta(vbmeta)->algorithm == 1);
}

TEST_CASE("properties of a device tree are seen with the path of their node") {
  std::ifstream in(std::filesystem::path(HAETAE_SOURCE_DIR) / "fixtures/corpus/boot_blocks/tree",
                   std::ios::binary);
  const std::string tree{std::istreambuf_iterator<char>(in), {}};
  std::map<std::string, std::string> found;
  CHECK(formats::each_property(as_bytes(tree), [&](const formats::Property& one) {
    found[one.node + " " + one.name] = std::string(as_text(one.value));
  }));
  CHECK(found["/ compatible"] == std::string("a,b\0", 4));
  CHECK(found["/chosen bootargs"] == std::string("console=ttyS0\0", 14));
  CHECK_FALSE(formats::each_property(as_bytes(tree.substr(0, tree.size() - 1)),
                                     [](const formats::Property&) {}));
  std::string old = tree;
  old[0x17] = old[0x1b] = 15;
  CHECK_FALSE(formats::each_property(as_bytes(old), [](const formats::Property&) {}));
  const Looked looked({{"/boot/board.dtb", tree}}, firmware::boot_inspector());
  REQUIRE(looked.facts<facts::BootSetting>().size() == 1);
  CHECK(looked.facts<facts::BootSetting>()[0].setting == "kernel-arguments");
}
