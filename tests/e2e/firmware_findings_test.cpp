#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "testcases/facts/facts.hpp"
#include "testcases/firmware/inspector.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fake_context.hpp"

/// Inspectors over a root file system made of the files of Debian's own packages, as it is and with
/// findings planted in it.
using namespace haetae;
using namespace haetae::testcases;
namespace fs = std::filesystem;

namespace {

// Packages that products are made of; a link of the merged /usr is left to the folder it leads to.
const char* const kPackages =
    "busybox dropbear-bin lighttpd mosquitto openssh-server openssh-client vsftpd snmpd "
    "nginx-light "
    "dnsmasq-base libssl3 libgnutls30 libcrypt1 zlib1g openssl coreutils bash util-linux login "
    "passwd "
    "libpam-runtime libpam-modules iproute2 curl sqlite3 procps systemd udev python3-minimal "
    "libpython3.11-stdlib perl-base";

void shell(const std::string& command) {
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

/// Tree is a folder "root" inside a folder of its own, packed when it is complete.
class Tree {
 public:
  Tree() {
    std::string name = (fs::temp_directory_path() / "haetae-root-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
  }
  ~Tree() { fs::remove_all(folder_); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  [[nodiscard]] std::string root() const { return (folder_ / "root").string(); }
  /// product() is the root file system of a small product: "clean" or "planted".
  void product(const std::string& state) const {
    shell("bash " HAETAE_SOURCE_DIR "/tests/support/root_image.sh tree " + root() + " " + state);
  }
  /// packages() are the files of many packages as they are installed here.
  void packages() const {
    fs::create_directories(root());
    shell("cd / && { dpkg -L " + std::string(kPackages) +
          " 2>/dev/null || true; } | grep -vxE '/(bin|sbin|lib|lib32|lib64|libx32)' | sort -u | "
          "while read -r f; do if [ -L \"$f\" ] || [ -f \"$f\" ]; then echo \".$f\"; fi; done | "
          "tar -cf - --no-recursion -T - 2>/dev/null | tar -xpf - -C " +
          root());
  }
  void plant(const std::string& path, const std::string& content, int mode = 0644) const {
    const fs::path file = root() + path;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    fs::permissions(file, static_cast<fs::perms>(mode));
  }
  [[nodiscard]] fs::path packed(const std::string& format) const {
    const fs::path image = folder_ / ("image." + format);
    shell("bash " HAETAE_SOURCE_DIR "/tests/support/root_image.sh pack " + format + " " + root() +
          " " + image.string());
    return image;
  }

 private:
  fs::path folder_;
};

catalogue::Catalogue edition() {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) FAIL(loaded.error().message());
  return std::move(loaded->value);
}

std::unique_ptr<test::FakeContext> inspected(const fs::path& image, const std::string& kind) {
  auto device = test::lab_declaration("127.42.0.1");
  device.firmware.push_back({.id = "main", .file = image, .kind = kind, .version = "1"});
  device.canaries.push_back({.name = "network", .value = "haetae-canary-4711"});
  declaration::Account user;
  user.name = "owner";
  user.password = "Nightingale-77";
  device.accounts.push_back(user);
  auto context = std::make_unique<test::FakeContext>(device, edition());
  const auto done = firmware::inspect(*context, &formats::walk, firmware::inspectors());
  if (!done) FAIL(done.error().message());
  return context;
}

/// found() is everything that would be a finding, a line each: table path what.
std::set<std::string> found(const test::FakeContext& context) {
  std::set<std::string> out;
  for (const auto& one : runner::facts<facts::FirmwareAccount>(context))
    if (one.password != "locked" && one.password != "elsewhere")
      out.insert("account " + one.path + " " + one.account + " " + one.password + " " +
                 one.guessed + " " + one.guess);
  for (const auto& one : runner::facts<facts::FirmwareKey>(context))
    out.insert("key " + one.path + " " + one.form + " " + one.algorithm + " " +
               std::to_string(one.bits) + " " + one.encrypted + " " + one.purpose + " " +
               (one.test_key.empty() ? one.key_sha256 : one.test_key));
  for (const auto& one : runner::facts<facts::FirmwareSecret>(context))
    out.insert("secret " + one.path + " " + one.rule + " " + one.name);
  for (const auto& one : runner::facts<facts::FirmwareLogString>(context))
    out.insert("log " + one.path + " " + one.text);
  for (const auto& one : runner::facts<facts::FirmwareUserData>(context))
    out.insert("user-data " + one.path + " " + one.datum + " " + one.name + " " + one.form);
  for (const auto& one : runner::facts<facts::FirmwareService>(context))
    if (one.enabled != "no")
      out.insert("service " + one.path + " " + one.program + " " + one.account + " " + one.enabled);
  for (const auto& one : runner::facts<facts::FirmwareMode>(context))
    out.insert("mode " + one.path + " " + one.kind + " " + one.set_uid + one.set_gid +
               one.world_writable);
  for (const auto& one : runner::facts<facts::FirmwareLeftover>(context))
    out.insert("leftover " + one.path + " " + one.kind);
  return out;
}

/// findings() are the lines of found() that a criterion would take for a breach.
std::set<std::string> findings(const test::FakeContext& context) {
  const catalogue::Catalogue catalogue = edition();
  std::set<std::string> allowed;
  for (const auto& row : catalogue.reference("allowed_mode")->rows)
    allowed.insert(std::get<std::string>(row[0]));
  std::set<std::string> out;
  for (const std::string& line : found(context)) {
    const auto mode =
        line.starts_with("mode ") ? line.substr(5, line.find(' ', 5) - 5) : std::string();
    if (allowed.contains(mode) || line == "mode /tmp directory nonoyes") continue;
    if (line.find("self-test") != std::string::npos && line.find("libgnutls") != std::string::npos)
      continue;
    if (line.find("openssl-speed") != std::string::npos &&
        line.find("bin/openssl") != std::string::npos)
      continue;
    out.insert(line);
  }
  return out;
}

void complete_but_dumps(const test::FakeContext& context) {
  for (const auto& one : context.coverages()) {
    INFO(one.topic + " " + one.subject + " " + one.why);
    const bool missing = one.topic == "firmware.dump" || one.topic == "firmware.after-reset";
    if (one.topic.starts_with("firmware") && !missing) CHECK(one.state == CoverageState::complete);
  }
}

}  // namespace

TEST_CASE("everything that is planted in a product is found, in each form of the image", "[e2e]") {
  const Tree tree;
  tree.product("planted");
  for (const char* format : {"squashfs", "ext4", "uimage"}) {
    INFO(format);
    const auto context = inspected(tree.packed(format), "image");
    complete_but_dumps(*context);
    std::string keys;
    const std::set<std::string> all = found(*context);
    for (const char* wanted :
         {"account /etc/shadow root blank no ",
          "account /etc/shadow support hash yes mirai-root--1234",
          "leftover /root/.ash_history history", "leftover /root/.ssh/authorized_keys login-key",
          "leftover /usr/bin/gdbserver debug-tool",
          "leftover /usr/share/product/.git/config version-control",
          "log /usr/bin/logger-demo user logs in with password %s",
          "mode /etc/init.d/S70settings file nonoyes", "mode /usr/bin/helper file yesnono",
          "secret /etc/cloud.conf assigned-access-key aws_secret_access_key",
          "secret /etc/cloud.conf aws-access-key ", "secret /etc/upload.sh url-https uploader",
          "secret /etc/wpa_supplicant.conf wireless-psk psk",
          "service /etc/init.d/S50web nginx web yes",
          "service /etc/init.d/S60telnet telnetd root yes",
          "service /etc/init.d/S80snmp snmpd root yes"}) {
      INFO(wanted);
      CHECK(all.contains(wanted));
    }
    std::set<std::string> held;
    for (const auto& one : runner::facts<facts::FirmwareKey>(*context)) {
      held.insert(one.path + " " + one.form + " " + one.algorithm + " " + one.purpose);
      CHECK(one.encrypted == "no");
      CHECK(one.secret != 0);
    }
    CHECK(held == std::set<std::string>{"/etc/ssh_host_ed25519_key openssh ed25519 ssh-host",
                                        "/etc/ssl/private/server.key pem rsa unknown",
                                        "/usr/share/product/device.der der ec unknown"});
    CHECK(all.size() == 16 + held.size() + 1);  // and /tmp
    bool twin = false;
    for (const auto& one : runner::facts<facts::FirmwareAccount>(*context))
      twin = twin || (one.account == "maker" && one.superuser == "yes" && one.login == "yes");
    CHECK(twin);
    for (const auto& one : runner::facts<facts::FirmwareSecret>(*context)) {
      const std::string shown = context->evidence().text(one.evidence, Direction::received);
      INFO(shown);
      CHECK(shown.find("path: " + one.path) != std::string::npos);
      CHECK(shown.find(context->secret_value(one.secret)) != std::string::npos);
      for (const auto& row : context->rows("firmware_secret"))
        for (const auto& [name, cell] : row.cells)
          if (const auto* text = std::get_if<std::string>(&cell))
            CHECK(text->find(context->secret_value(one.secret)) == std::string::npos);
    }
  }
}

TEST_CASE("the same product without them has none", "[e2e]") {
  const Tree tree;
  tree.product("clean");
  const auto context = inspected(tree.packed("squashfs"), "image");
  complete_but_dumps(*context);
  CHECK(findings(*context) == std::set<std::string>{"service /etc/init.d/S50web nginx web yes"});
}

TEST_CASE("thousands of files of Debian's packages give no finding", "[e2e]") {
  const Tree tree;
  tree.packages();
  const auto context = inspected(tree.packed("squashfs"), "image");
  complete_but_dumps(*context);
  CHECK(findings(*context) == std::set<std::string>{});
  CHECK(runner::facts<facts::FirmwareImage>(*context)[0].files > 1000);
}

TEST_CASE("what was deleted is found in a dump, in every form, and nothing in a wiped one",
          "[e2e]") {
  const Tree tree;
  tree.plant("/etc/hostname", "camera\n");
  const fs::path image = tree.packed("tar");
  const auto with = [&](const std::string& rest, const char* kind) {
    std::ifstream in(image, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const fs::path dump = image.parent_path() / "dump.bin";
    std::ofstream(dump, std::ios::binary) << bytes << std::string(4096, '\xff') << rest;
    return found(*inspected(dump, kind));
  };
  const std::string gap(64, '\0');
  const std::string wide = [] {
    std::string out;
    for (const char c : std::string("haetae-canary-4711")) out += std::string(1, c) + '\0';
    return out;
  }();
  const auto seen = with(gap + "haetae-canary-4711" + gap + to_hex(as_bytes("haetae-canary-4711")) +
                             gap + "eGhhZXRhZS1jYW5hcnktNDcxMQ==" + gap + wide + gap +
                             "Nightingale-77" + gap + "psk=\"my home network\"\n",
                         "after-reset");
  for (const char* wanted :
       {"user-data  canary network clear", "user-data  canary network hexadecimal",
        "user-data  canary network base64", "user-data  canary network utf-16",
        "user-data  account-password owner clear", "user-data  wireless-key psk clear"}) {
    INFO(wanted);
    CHECK(seen.contains(wanted));
  }
  CHECK(with(gap, "after-reset") == std::set<std::string>{});
  CHECK(with(gap + "haetae-canary-4711", "image") == std::set<std::string>{});
}
