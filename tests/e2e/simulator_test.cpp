#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <fmt/format.h>

#include "devices/simulator.hpp"

/// The simulated devices, asked by clients that other people wrote. Every test has its own address.
namespace {

using Catch::Contains;
using haetae::devices::Options;
using haetae::devices::Simulator;

const std::filesystem::path kFolder =
    std::filesystem::path(HAETAE_SOURCE_DIR) / "devices/personalities";

/// Answer is what a command printed, both streams, and its exit code.
struct Answer {
  std::string text;
  int code = -1;
};

Answer run(const std::string& command) {
  Answer answer;
  FILE* pipe = ::popen(("timeout 20 " + command + " 2>&1 </dev/null").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 4096> bytes;
  for (std::size_t got = 0; (got = std::fread(bytes.data(), 1, bytes.size(), pipe)) > 0;)
    answer.text.append(bytes.data(), got);
  const int status = ::pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  return answer;
}

/// Camera is a running personality with a folder for its authority and cookie jar.
class Camera {
 public:
  explicit Camera(const std::string& at, Options options = {},
                  const std::string& file = "conformant-camera.xml")
      : address(at),
        folder_(std::filesystem::temp_directory_path() /
                fmt::format("haetae-simulator-{}-{}", ::getpid(), at)) {
    std::filesystem::create_directories(folder_);
    options.address = at;
    options.control = folder_ / "control";
    auto started = Simulator::start(kFolder / file, options);
    if (!started) FAIL(started.error());
    simulator = std::move(*started);
    std::ofstream(folder_ / "ca.pem") << simulator->ca_pem();
  }
  ~Camera() {
    simulator.reset();
    std::filesystem::remove_all(folder_);
  }
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;

  [[nodiscard]] std::string ca() const { return (folder_ / "ca.pem").string(); }
  [[nodiscard]] std::filesystem::path control() const { return folder_ / "control"; }
  /// curl() asks with the authority known and a cookie jar; the status code stands at the end.
  [[nodiscard]] std::string curl(const std::string& path, const std::string& more = "") const {
    return run(fmt::format(
                   "curl -s -i -m 10 --cacert {} -b {}/jar -c {}/jar -w '%{{http_code}}' {} "
                   "https://{}{}",
                   ca(), folder_.string(), folder_.string(), more, address, path))
        .text;
  }
  [[nodiscard]] std::string status(const std::string& path, const std::string& more = "") const {
    const auto text = curl(path, more);
    return text.size() < 3 ? text : text.substr(text.size() - 3);
  }
  [[nodiscard]] std::string log_in(const std::string& user, const std::string& password) const {
    return status("/api/login",
                  fmt::format(R"(-d '{{"user":"{}","password":"{}"}}')", user, password));
  }
  [[nodiscard]] std::string change(const std::string& old_one, const std::string& new_one) const {
    return status("/api/password",
                  fmt::format(R"(-d '{{"old":"{}","new":"{}"}}')", old_one, new_one));
  }
  [[nodiscard]] Answer shell(const std::string& password, const std::string& more = "") const {
    return run(
        fmt::format("sshpass -p '{}' ssh -F none -o StrictHostKeyChecking=no -o "
                    "UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o "
                    "NumberOfPasswordPrompts=1 {} service@{} version",
                    password, more, address));
  }
  [[nodiscard]] Answer events(const std::string& more) const {
    return run(fmt::format("mosquitto_sub -h {} -p 8883 --cafile {} -t '#' -C 1 -W 5 {}", address,
                           ca(), more));
  }
  [[nodiscard]] Answer tls(const std::string& more) const {
    return run(fmt::format("openssl s_client -connect {}:443 {}", address, more));
  }

  std::string address;
  std::unique_ptr<Simulator> simulator;

 private:
  std::filesystem::path folder_;
};

Options with(const std::string& defect) {
  return {.address = "", .defects = {defect}, .settings = {}, .control = {}};
}
Options set(const std::string& name, const std::string& value) {
  return {.address = "", .defects = {}, .settings = {{name, value}}, .control = {}};
}

constexpr auto kAdmin = "Sim!Cam-2026x";
constexpr auto kGuard = "-u 'guard:Gate!2026-qz' --digest -o /dev/null";

}  // namespace

TEST_CASE("the web interface needs login and shows the product after it", "[simulator]") {
  const Camera camera("127.55.1.1");
  CHECK(camera.status("/") == "200");
  CHECK(camera.status("/api/status") == "401");
  CHECK(camera.status("/api/ptz") == "401");
  CHECK(camera.status("/snapshot.jpg") == "401");
  CHECK(camera.status("/no-such-path") == "404");
  CHECK(camera.log_in("admin", "wrong") == "401");
  const auto login =
      camera.curl("/api/login", fmt::format(R"(-d '{{"user":"admin","password":"{}"}}')", kAdmin));
  CHECK_THAT(login, Contains("Secure; HttpOnly; SameSite=Strict"));
  CHECK_THAT(camera.curl("/api/status"), Contains("SimCam 200") && Contains("1.4.2"));
  CHECK(camera.status("/api/ptz", "-d '{}'") == "200");
  CHECK(camera.status("/api/logout", "-X POST") == "200");
  CHECK(camera.status("/api/status") == "401");
}

TEST_CASE("the picture is given to digest with SHA-256 and MD5", "[simulator]") {
  const Camera camera("127.55.1.2");
  CHECK(camera.status("/snapshot.jpg", kGuard) == "200");
  CHECK_THAT(camera.curl("/snapshot.jpg"),
             Contains("algorithm=SHA-256") && Contains("algorithm=MD5"));
  CHECK(camera.status("/snapshot.jpg", "-u guard:wrong --digest") == "401");
}

TEST_CASE("port 80 leads to TLS", "[simulator]") {
  const Camera camera("127.55.1.3");
  const auto answer = run("curl -s -i -m 10 -H 'Host: elsewhere.example' http://127.55.1.3/x");
  CHECK_THAT(answer.text, Contains("301") && Contains("Location: https://127.55.1.3/x"));
}

TEST_CASE("TLS is 1.2 and 1.3 only, with a certificate that verifies", "[simulator]") {
  const Camera camera("127.55.1.4");
  const auto verify = "-verify_return_error -verify_ip 127.55.1.4 -CAfile " + camera.ca();
  CHECK_THAT(camera.tls("-tls1_3 " + verify).text, Contains("Verify return code: 0"));
  CHECK_THAT(camera.tls("-tls1_2 " + verify).text, Contains("ECDHE-ECDSA-AES"));
  CHECK_THAT(camera.tls("-tls1_1 -cipher ALL@SECLEVEL=0").text, Contains("alert protocol version"));
  CHECK_THAT(camera.tls("-tls1_2 -cipher AES128-SHA").text, Contains("alert handshake failure"));
}

TEST_CASE("one account is blocked on all its surfaces", "[simulator]") {
  const Camera camera("127.55.1.5");
  for (int i = 0; i < 5; ++i) CHECK(camera.log_in("guard", "wrong") == "401");
  CHECK(camera.log_in("guard", "wrong") == "429");
  CHECK(camera.log_in("guard", "Gate!2026-qz") == "429");
  CHECK(camera.status("/snapshot.jpg", kGuard) == "429");
  CHECK(camera.log_in("admin", kAdmin) == "200");
}

TEST_CASE("a block ends, and a success resets the count", "[simulator]") {
  const Camera camera("127.55.1.6", set("lockout.seconds", "1"));
  for (int i = 0; i < 4; ++i) CHECK(camera.log_in("guard", "wrong") == "401");
  CHECK(camera.log_in("guard", "Gate!2026-qz") == "200");
  for (int i = 0; i < 5; ++i) CHECK(camera.log_in("guard", "wrong") == "401");
  CHECK(camera.log_in("guard", "Gate!2026-qz") == "429");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::string last;
  do {
    last = camera.log_in("guard", "Gate!2026-qz");
  } while (last != "200" && std::chrono::steady_clock::now() < until);
  CHECK(last == "200");
}

TEST_CASE("the password policy refuses under each boundary and takes at it", "[simulator]") {
  const Camera camera("127.55.1.7");
  REQUIRE(camera.log_in("admin", kAdmin) == "200");
  for (const auto* refused :
       {"Kf7!wQ9", "kfwqpz71", "kfwqpz7m2", "kfwqpzmxtb", "admin", "Xk!admin-72", "SC200-7f3K",
        "Xk!1234-vTq", "Xk!dcba-7Tq", "Xk!qwer-7T", "Xk!aaa-7Tq", "P@ssw0rd", "Password1!", ""}) {
    INFO(refused);
    CHECK(camera.change(kAdmin, refused) == "400");
  }
  std::string now = kAdmin;
  for (const auto* taken : {"kfW7qpzm", "kfwqpz71mt", kAdmin}) {
    INFO(taken);
    CHECK(camera.change("not the old one", taken) == "400");
    CHECK(camera.change(now, taken) == "200");
    now = taken;
    CHECK(camera.log_in("admin", now) == "200");
  }
}

TEST_CASE("in factory state nothing is shown until the password is replaced", "[simulator]") {
  const Camera camera("127.55.1.8");
  REQUIRE(haetae::devices::send_control(camera.control(), "factory") == "factory");
  CHECK(camera.log_in("admin", kAdmin) == "401");
  CHECK(camera.log_in("guard", "Gate!2026-qz") == "401");
  CHECK(camera.log_in("admin", "SC200-7f3K") == "200");
  CHECK(camera.status("/api/ptz", "-d '{}'") == "403");
  CHECK(camera.status("/api/status") == "403");
  CHECK(camera.status("/snapshot.jpg", "-u admin:SC200-7f3K --digest") == "403");
  CHECK(camera.change("SC200-7f3K", "SC200-7f3K") == "400");
  CHECK(camera.change("SC200-7f3K", "Nw!Cam-71-t") == "200");
  CHECK(camera.status("/api/ptz", "-d '{}'") == "200");
  CHECK(haetae::devices::send_control(camera.control(), "state") == "normal");
  REQUIRE(haetae::devices::send_control(camera.control(), "normal") == "normal");
  CHECK(camera.log_in("admin", kAdmin) == "200");
  CHECK_FALSE(haetae::devices::send_control(camera.control(), "explode"));
}

TEST_CASE("SSH takes the service account and nobody else", "[simulator]") {
  const Camera camera("127.55.1.9");
  const auto good = camera.shell("Serv1ce!Cam-77");
  CHECK(good.text == "1.4.2\n");
  CHECK_THAT(camera.shell("wrong").text, Contains("Permission denied (publickey,password)"));
  CHECK(camera.shell("Serv1ce!Cam-77", "-o KexAlgorithms=diffie-hellman-group14-sha1").code == 255);
}

TEST_CASE("MQTT delivers after login, in both versions", "[simulator]") {
  const Camera camera("127.55.1.10");
  const std::string login = "-u service -P 'Serv1ce!Cam-77' ";
  CHECK_THAT(camera.events(login).text, Contains("SimCam 200"));
  CHECK_THAT(camera.events(login + "-V 5").text, Contains("SimCam 200"));
  CHECK(camera.events("").code != 0);
  CHECK_THAT(camera.events("-u service -P wrong").text, Contains("refused") || Contains("Refused"));
  CHECK(camera.events("-u guard -P 'Gate!2026-qz'").code != 0);
}

TEST_CASE("RTSP describes the video after digest only", "[simulator]") {
  const Camera camera("127.55.1.11");
  const auto refused = run(
      R"(sh -c "printf 'DESCRIBE rtsp://127.55.1.11:322/live RTSP/1.0\r\nCSeq: 2\r\n\r\n' | socat -t 1 - OPENSSL:127.55.1.11:322,verify=0")");
  CHECK_THAT(refused.text,
             Contains("RTSP/1.0 401") && Contains("algorithm=SHA-256") && !Contains("m=video"));
  const auto md5 = [](const std::string& text) {
    return run("sh -c \"printf %s '" + text + "' | md5sum\"").text.substr(0, 32);
  };
  const auto at = refused.text.rfind("nonce=\"") + 7;
  const auto nonce = refused.text.substr(at, refused.text.find('"', at) - at);
  const std::string uri = "rtsp://127.55.1.11:322/live";
  const auto response = md5(md5("guard:SimCam:Gate!2026-qz") + ":" + nonce +
                            ":00000001:abc:auth:" + md5("DESCRIBE:" + uri));
  const auto given = run(fmt::format(
      R"(sh -c "printf 'DESCRIBE {0} RTSP/1.0\r\nCSeq: 3\r\nAuthorization: Digest username=guard, realm=SimCam, nonce={1}, uri={0}, qop=auth, nc=00000001, cnonce=abc, algorithm=MD5, response={2}\r\n\r\n' | socat -t 1 - OPENSSL:127.55.1.11:322,verify=0")",
      uri, nonce, response));
  CHECK_THAT(given.text, Contains("RTSP/1.0 200") && Contains("m=video"));
}

TEST_CASE("SNMP keeps silent to communities and names its engine to version 3", "[simulator]") {
  const Camera camera("127.55.1.12");
  CHECK_THAT(run("snmpget -v2c -c public -t 1 -r 0 127.55.1.12 1.3.6.1.2.1.1.1.0").text,
             Contains("Timeout"));
  const auto third =
      run("snmpget -v3 -u none -l noAuthNoPriv -t 1 -r 0 127.55.1.12 1.3.6.1.2.1.1.1.0");
  CHECK_THAT(third.text, !Contains("Timeout"));
}

TEST_CASE("the defects change what independent clients see", "[simulator]") {
  SECTION("TLS 1.0") {
    const Camera camera("127.55.2.1", with("tls-1.0"));
    CHECK_THAT(camera.tls("-tls1 -cipher ALL@SECLEVEL=0").text, Contains("ECDHE-ECDSA-AES128-SHA"));
  }
  SECTION("TLS 1.1 but not 1.0") {
    const Camera camera("127.55.2.2", with("tls-1.1"));
    CHECK_THAT(camera.tls("-tls1_1 -cipher ALL@SECLEVEL=0").text,
               Contains("ECDHE-ECDSA-AES128-SHA"));
    CHECK_THAT(camera.tls("-tls1 -cipher ALL@SECLEVEL=0").text, Contains("alert protocol version"));
  }
  SECTION("short Diffie-Hellman group") {
    const Camera camera("127.55.2.3", with("dh-1024"));
    CHECK_THAT(camera.tls("-tls1_2 -cipher DHE@SECLEVEL=0").text, Contains("DH, 1024 bits"));
  }
  SECTION("weak curve") {
    const Camera camera("127.55.2.4", with("group-p192"));
    CHECK_THAT(camera.tls("-tls1_2 -curves prime192v1 -cipher ALL@SECLEVEL=0").text,
               Contains("prime192v1"));
  }
  SECTION("certificates") {
    const auto leaf = [](const Camera& camera) {
      return run(fmt::format("sh -c 'openssl s_client -connect {}:443 -cipher ALL@SECLEVEL=0 | "
                             "openssl x509 -noout -text'",
                             camera.address))
          .text;
    };
    CHECK_THAT(leaf(Camera("127.55.2.5", with("certificate-rsa-1024"))), Contains("(1024 bit)"));
    CHECK_THAT(leaf(Camera("127.55.2.6", with("certificate-sha1"))), Contains("ecdsa-with-SHA1"));
    CHECK_THAT(leaf(Camera("127.55.2.7", with("certificate-wrong-name"))),
               Contains("other.example"));
    CHECK_THAT(leaf(Camera("127.55.2.9", with("certificate-md5"))), Contains("md5"));
    CHECK_THAT(Camera("127.55.2.10", with("certificate-expired")).tls("").text,
               Contains("expired"));
    CHECK_THAT(Camera("127.55.2.11", with("certificate-not-yet-valid")).tls("").text,
               Contains("not yet valid"));
    CHECK_THAT(Camera("127.55.2.12", with("certificate-self-signed")).tls("").text,
               Contains("self-signed certificate"));
  }
  SECTION("SSH") {
    const Camera kex("127.55.2.13", with("ssh-kex"));
    CHECK(kex.shell("Serv1ce!Cam-77", "-o KexAlgorithms=+diffie-hellman-group1-sha1").text ==
          "1.4.2\n");
    const Camera cipher("127.55.2.14", with("ssh-cipher"));
    CHECK(cipher.shell("Serv1ce!Cam-77", "-c 3des-cbc").text == "1.4.2\n");
    const Camera mac("127.55.2.15", with("ssh-mac"));
    CHECK_THAT(mac.shell("x", "-vv").text, Contains("hmac-md5"));
    const Camera old("127.55.2.34", with("ssh-version-1"));
    CHECK_THAT(old.shell("x", "-v").text, Contains("emote protocol version 1.99"));
    const Camera key("127.55.2.16", with("ssh-host-key-sha1"));
    CHECK(key.shell("Serv1ce!Cam-77", "-o HostKeyAlgorithms=ssh-rsa").text == "1.4.2\n");
    const Camera none("127.55.2.17", with("ssh-none"));
    CHECK(none.shell("anything").text == "1.4.2\n");
    const Camera small("127.55.2.18", with("ssh-host-key-1024"));
    CHECK_THAT(run("ssh-keyscan -t rsa 127.55.2.18").text,
               Contains("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ"));
  }
  SECTION("logins") {
    CHECK(Camera("127.55.2.19", with("known-login-web")).log_in("admin", "1234") == "200");
    CHECK(Camera("127.55.2.20", with("blank-password")).log_in("admin", "") == "200");
    CHECK(Camera("127.55.2.21", with("factory-password-lives")).log_in("admin", "SC200-7f3K") ==
          "200");
    CHECK(Camera("127.55.2.22", with("known-login-digest"))
              .status("/snapshot.jpg", "-u admin:1234 --digest -o /dev/null") == "200");
    CHECK(Camera("127.55.2.23", with("known-login-mqtt")).events("-u admin -P 1234").code == 0);
    const Camera ftp("127.55.2.24", with("known-login-ftp"));
    CHECK_THAT(run("curl -s -v -m 5 --user admin:1234 ftp://127.55.2.24/").text,
               Contains("230 Logged in"));
    const Camera snmp("127.55.2.25", with("snmp-public"));
    CHECK_THAT(run("snmpget -v2c -c public -t 1 -r 0 127.55.2.25 1.3.6.1.2.1.1.1.0").text,
               Contains("SimCam 200"));
    const Camera basic("127.55.2.26", with("known-login-basic"));
    CHECK_THAT(run("curl -s -i -m 5 -u admin:1234 http://127.55.2.26:8080/").text,
               Contains("200 OK"));
  }
  SECTION("access") {
    CHECK(Camera("127.55.2.27", with("snapshot-open")).status("/snapshot.jpg", "-o /dev/null") ==
          "200");
    CHECK(Camera("127.55.2.28", with("ptz-open")).status("/api/ptz") == "200");
    CHECK_THAT(Camera("127.55.2.29", with("mqtt-anonymous")).events("").text,
               Contains("SimCam 200"));
    CHECK_THAT(Camera("127.55.2.30", with("directory-listing")).curl("/logs/"),
               Contains("Index of /logs/"));
    const Camera open("127.55.2.31", with("factory-view"));
    open.simulator->factory_state();
    CHECK(open.status("/snapshot.jpg", "-o /dev/null") == "200");
    CHECK(open.status("/api/ptz") == "401");
  }
  SECTION("lockout") {
    const Camera late("127.55.2.32", with("lockout-late"));
    for (int i = 0; i < 10; ++i) CHECK(late.log_in("guard", "wrong") == "401");
    CHECK(late.log_in("guard", "wrong") == "429");
    const Camera lenient("127.55.2.33", with("lockout-right-password"));
    for (int i = 0; i < 5; ++i) CHECK(lenient.log_in("guard", "wrong") == "401");
    CHECK(lenient.log_in("guard", "wrong") == "429");
    CHECK(lenient.log_in("guard", "Gate!2026-qz") == "200");
  }
}

TEST_CASE("SSL 3.0 and the old suites are answered beside sound TLS", "[simulator]") {
  const Camera camera("127.55.3.1", with("ssl-3.0"));
  // A ClientHello of SSL 3.0 with TLS_RSA_WITH_AES_128_CBC_SHA (RFC 6101, 5.6.1.2).
  const auto answer = run(
      R"(sh -c "printf '\026\003\000\000\055\001\000\000\051\003\000%032d\000\000\002\000\057\001\000' 0 | socat -t 1 - TCP:127.55.3.1:443 | xxd -p | head -1")");
  CHECK(answer.text.substr(0, 6) == "160300");
  CHECK(camera.status("/") == "200");
  const Camera rc4("127.55.3.2", with("suite-rc4"));
  CHECK(rc4.status("/") == "200");
}

TEST_CASE("the device can die, hang, come back and become another", "[simulator]") {
  const Camera camera("127.55.4.1");
  CHECK(camera.status("/") == "200");
  camera.simulator->kill_device();
  CHECK(run("curl -s -m 5 https://127.55.4.1/").code == 7);
  REQUIRE(camera.simulator->power_cycle());
  CHECK(camera.status("/") == "200");
  camera.simulator->hang();
  CHECK(run("curl -s -m 1 https://127.55.4.1/").code == 28);
  REQUIRE(camera.simulator->power_cycle());
  CHECK(camera.status("/") == "200");
  camera.simulator->change_identity();
  CHECK(run("curl -s -m 5 --cacert " + camera.ca() + " https://127.55.4.1/").code == 60);
}

TEST_CASE("hostile behaviours end with the object, whatever the peer does", "[simulator]") {
  const auto list = haetae::devices::list_defects(kFolder / "hostile-camera.xml");
  REQUIRE(list);
  int number = 0;
  for (const auto& one : *list) {
    INFO(one.name);
    const Camera camera(fmt::format("127.55.5.{}", ++number), with(one.name), "hostile-camera.xml");
    (void)run(fmt::format("curl -s -k -m 1 -o /dev/null https://{}/", camera.address));
    CHECK(camera.simulator->connections() == 1);
  }
}

TEST_CASE("every defect starts, and says what it is", "[simulator]") {
  const auto list = haetae::devices::list_defects(kFolder / "conformant-camera.xml");
  REQUIRE(list);
  CHECK(list->size() > 60);
  for (const auto& one : *list) {
    INFO(one.name);
    CHECK(one.says.size() > 10);
    if (one.firmware_only) continue;
    const Camera camera("127.55.6.1", with(one.name));
    CHECK(camera.simulator->ports().size() >= 6);
  }
}

/// Image is the firmware image of a personality, taken apart by programs of other people.
struct Image {
  explicit Image(const std::string& defect = "")
      : folder(std::filesystem::temp_directory_path() /
               fmt::format("haetae-firmware-{}", ::getpid())) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "root");
    Options options;
    if (!defect.empty()) options.defects = {defect};
    const auto written =
        haetae::devices::write_firmware(kFolder / "conformant-camera.xml", options, file());
    if (!written) FAIL(written.error());
    REQUIRE(run(fmt::format("dumpimage -T flat_dt -p 2 -o {0}/root.gz {0}/firmware.itb",
                            folder.string()))
                .code == 0);
    REQUIRE(run(fmt::format("sh -c 'cd {0}/root && zcat ../root.gz | cpio -idm'", folder.string()))
                .code == 0);
  }
  ~Image() { std::filesystem::remove_all(folder); }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  [[nodiscard]] std::filesystem::path file() const { return folder / "firmware.itb"; }
  [[nodiscard]] std::string in_root(const std::string& name) const {
    return (folder / "root" / name).string();
  }
  std::filesystem::path folder;
};

TEST_CASE("the firmware image is a signed boot image with a root file system", "[simulator]") {
  const Image image;
  const auto listed = run("mkimage -l " + image.file().string());
  CHECK_THAT(listed.text, Contains("SimCam 200 1.4.2") && Contains("sha256,rsa2048:boot"));
  CHECK_THAT(run("cat " + image.in_root("etc/os-release")).text, Contains("VERSION_ID=1.4.2"));
  CHECK(std::filesystem::is_symlink(image.in_root("bin/sh")));
  const auto permissions = std::filesystem::status(image.in_root("etc/shadow")).permissions();
  CHECK(permissions == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const auto program = run("readelf -dlW " + image.in_root("usr/sbin/camerad"));
  CHECK_THAT(program.text, Contains("BIND_NOW") && Contains("NOW PIE") && Contains("GNU_RELRO") &&
                               Contains("libcrypto.so.3"));
  CHECK_THAT(program.text, !Contains("arning") && !Contains("RWE"));
  const auto certificate = run("openssl x509 -noout -subject -in " +
                               image.in_root("etc/ssl/certs/update-authority.pem"));
  CHECK_THAT(certificate.text, Contains("Haetae update authority"));
}

TEST_CASE("every firmware defect changes the image", "[simulator]") {
  const auto list = haetae::devices::list_defects(kFolder / "conformant-camera.xml");
  REQUIRE(list);
  for (const auto& one : *list) {
    if (!one.firmware_only) continue;
    INFO(one.name);
    const Image broken(one.name);
    CHECK(std::filesystem::file_size(broken.file()) > 4096);
  }
}

TEST_CASE("a personality is read strictly", "[simulator]") {
  const auto wrong = [](const std::string& body) {
    const auto file = std::filesystem::temp_directory_path() /
                      fmt::format("haetae-personality-{}.xml", ::getpid());
    std::ofstream(file) << body;
    const auto result = haetae::devices::list_defects(file);
    std::filesystem::remove(file);
    return result ? std::string("accepted") : result.error();
  };
  const std::string head =
      "<personality format='1' id='x' address='127.0.0.1'>\n<identity maker='m' model='m' "
      "serial='s' "
      "hardware='h' firmware='f'/>\n";
  CHECK(wrong(head + "</personality>") == "accepted");
  CHECK_THAT(wrong("<personality"), Contains(":1:"));
  CHECK_THAT(wrong(head + "<extra/></personality>"), Contains(":3:") && Contains("extra"));
  CHECK_THAT(wrong(head + "<services><service port='tcp/0' kind='web'/></services></personality>"),
             Contains("tcp/0"));
  CHECK_THAT(wrong(head + "<services><service port='tcp/1' kind='fax'/></services></personality>"),
             Contains("fax") && Contains("allowed"));
  CHECK_THAT(
      wrong(head + "<settings><set name='tls.oldest' value='0.9'/></settings></personality>"),
      Contains("0.9") && Contains("1.2"));
  CHECK_THAT(wrong(head + "<firmware><fax path='/x'/></firmware></personality>"),
             Contains("fax") && Contains("certificate"));
  CHECK_THAT(wrong(head + "<firmware><file path='/x' mode='0999'/></firmware></personality>"),
             Contains("0999"));
  CHECK_THAT(wrong(head + "<firmware><program path='x' pie='so'/></firmware></personality>"),
             Contains("path"));
  CHECK_THAT(wrong(head + "<firmware><program path='/x' relro='so'/></firmware></personality>"),
             Contains("relro") && Contains("partial"));
  const auto unknown = Simulator::start(kFolder / "conformant-camera.xml", with("no-such"));
  REQUIRE_FALSE(unknown);
  CHECK_THAT(unknown.error(), Contains("no-such") && Contains("open-telnet"));
}
