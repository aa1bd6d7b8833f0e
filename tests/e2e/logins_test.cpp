#include <catch2/catch.hpp>

#include "harness/net/door.hpp"
#include "harness/protocols/ftp.hpp"
#include "harness/protocols/mqtt.hpp"
#include "harness/protocols/snmp.hpp"
#include "harness/protocols/telnet.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fakes.hpp"

// Logins against servers that other people wrote.
using namespace haetae;
using namespace haetae::test;
using namespace haetae::protocols;

namespace {

struct Lab {
  std::string host = free_address(58);
  Address address = Address::parse(host).value();
  net::Door door{Scope{{Network{address, 32}}}, net::Limits{}, system_clock()};
  MemoryRecorder recorder;
  TempDir folder;

  std::unique_ptr<net::Conn> connect(std::uint16_t port) {
    auto conn = door.connect({address, port}, recorder, "lan", "login", in(5s));
    if (!conn) throw std::runtime_error(conn.error().message());
    return std::move(*conn);
  }
  static SteadyTime in(Duration wait) { return system_clock().now() + wait; }
};

constexpr std::string_view kLoginScript = R"(#!/bin/sh
printf 'device login: '; read -r user
printf 'Password: '; stty -echo; read -r word; stty echo
echo
if [ "$user" = admin ] && [ "$word" = secret ]; then
  echo '2 failed login attempts since the last login'
  PS1='device# ' exec /bin/sh -i
fi
if [ "$user" = locked ]; then echo 'Account locked, try again in 60 seconds'; exit 0; fi
sleep 1
echo 'Login incorrect'
)";

}  // namespace

TEST_CASE("telnet: inetutils-telnetd with a login program") {
  Lab lab;
  const std::string script = lab.folder.write("login.sh", kLoginScript, 0700);
  Daemon server({find_tool("socat"), "TCP-LISTEN:23,fork,reuseaddr,bind=" + lab.host,
                 "EXEC:" + find_tool("telnetd") + " -E " + script},
                lab.folder);
  server.wait_for_port(lab.host, 23);
  const auto attempt = [&](std::string_view user, std::string_view password) {
    const auto conn = lab.connect(23);
    const auto answer = telnet::login(*conn, user, password, system_clock(), Lab::in(12s));
    REQUIRE(answer);
    CAPTURE(answer->why);
    CHECK(answer->why.find("secret") == std::string::npos);
    return answer->outcome;
  };
  CHECK(attempt("admin", "secret") == LoginOutcome::accepted);
  CHECK(attempt("admin", "wrong") == LoginOutcome::refused);
  CHECK(attempt("locked", "wrong") == LoginOutcome::blocked);
}

TEST_CASE("telnet: the login program of the system refuses after its delay") {
  Lab lab;
  Daemon server({find_tool("socat"), "TCP-LISTEN:23,fork,reuseaddr,bind=" + lab.host,
                 "EXEC:" + find_tool("telnetd")},
                lab.folder);
  server.wait_for_port(lab.host, 23);
  const auto conn = lab.connect(23);
  const auto answer = telnet::login(*conn, "haetae-nobody", "wrong", system_clock(), Lab::in(15s));
  REQUIRE(answer);
  CAPTURE(answer->why, conn->evidence());
  CHECK(answer->outcome == LoginOutcome::refused);
}

TEST_CASE("telnet: a shell without login is told apart from a login") {
  Lab lab;
  const std::string script =
      lab.folder.write("shell.sh", "#!/bin/sh\nPS1='~ # ' exec /bin/sh -i\n", 0700);
  Daemon server({find_tool("socat"), "TCP-LISTEN:23,fork,reuseaddr,bind=" + lab.host,
                 "EXEC:" + find_tool("telnetd") + " -E " + script},
                lab.folder);
  server.wait_for_port(lab.host, 23);
  const auto conn = lab.connect(23);
  const auto answer = telnet::login(*conn, "admin", "secret", system_clock(), Lab::in(10s));
  REQUIRE(answer);
  CHECK(answer->outcome == LoginOutcome::accepted);
  CHECK_FALSE(answer->needs_login);
}

TEST_CASE("ftp: vsftpd") {
  Lab lab;
  const std::string config = lab.folder.write(
      "vsftpd.conf", "listen=YES\nlisten_address=" + lab.host +
                         "\nanonymous_enable=YES\nlocal_enable=YES\nbackground=NO\n"
                         "secure_chroot_dir=" +
                         lab.folder.path().string() +
                         "\nanon_root=/var/empty\npam_service_name=login\n");
  std::filesystem::create_directories("/var/empty");
  Daemon server({find_tool("vsftpd"), config}, lab.folder);
  server.wait_for_port(lab.host, 21);
  {
    const auto conn = lab.connect(21);
    const auto answer = ftp::login(*conn, "anonymous", "a@b", system_clock(), Lab::in(10s));
    REQUIRE(answer);
    CAPTURE(answer->why);
    CHECK(answer->outcome == LoginOutcome::accepted);
  }
  {
    const auto conn = lab.connect(21);
    const auto answer = ftp::login(*conn, "haetae-nobody", "wrong", system_clock(), Lab::in(15s));
    REQUIRE(answer);
    CAPTURE(answer->why);
    CHECK(answer->outcome == LoginOutcome::refused);
    CHECK(answer->code == 530);
  }
  const auto conn = lab.connect(21);
  ftp::Session session(*conn);
  REQUIRE(session.greeting(Lab::in(5s)));
  const auto tls = ftp::offers_auth_tls(session, Lab::in(5s));
  REQUIRE(tls);
  CHECK_FALSE(*tls);
}

TEST_CASE("mqtt: mosquitto with passwords") {
  Lab lab;
  const std::string passwords = lab.folder.file("passwords");
  REQUIRE(run_tool({find_tool("mosquitto_passwd"), "-c", "-b", passwords, "admin", "secret"})
              .exit_code == 0);
  const std::string config = lab.folder.write(
      "mosquitto.conf", "user root\nlistener 1883 " + lab.host +
                            "\nallow_anonymous false\npassword_file " + passwords + "\n");
  Daemon server({find_tool("mosquitto"), "-c", config}, lab.folder);
  server.wait_for_port(lab.host, 1883);
  for (const mqtt::Version version : {mqtt::Version::v3_1_1, mqtt::Version::v5}) {
    const auto attempt = [&](const std::optional<mqtt::Credential>& credential) {
      const auto conn = lab.connect(1883);
      const auto answer = mqtt::login(*conn, version, credential, system_clock(), Lab::in(5s));
      REQUIRE(answer);
      return answer->outcome;
    };
    CHECK(attempt(mqtt::Credential{"admin", "secret"}) == LoginOutcome::accepted);
    CHECK(attempt(mqtt::Credential{"admin", "wrong"}) == LoginOutcome::refused);
    CHECK(attempt(std::nullopt) == LoginOutcome::refused);
  }
}

TEST_CASE("mqtt: what a subscription brings from an open broker") {
  Lab lab;
  const std::string config = lab.folder.write(
      "mosquitto.conf", "user root\nlistener 1883 " + lab.host + "\nallow_anonymous true\n");
  Daemon server({find_tool("mosquitto"), "-c", config}, lab.folder);
  server.wait_for_port(lab.host, 1883);
  REQUIRE(run_tool(
              {find_tool("mosquitto_pub"), "-h", lab.host, "-t", "camera/door", "-m", "open", "-r"})
              .exit_code == 0);
  for (const mqtt::Version version : {mqtt::Version::v3_1_1, mqtt::Version::v5}) {
    const auto conn = lab.connect(1883);
    const auto answer = mqtt::login(*conn, version, std::nullopt, system_clock(), Lab::in(5s));
    REQUIRE(answer);
    CHECK(answer->outcome == LoginOutcome::accepted);
    CHECK_FALSE(answer->needs_login);
    const auto heard = mqtt::subscribe(*conn, version, "#", 1, Lab::in(5s));
    REQUIRE(heard);
    CHECK(heard->granted == 0);
    REQUIRE(heard->messages.size() == 1);
    CHECK(heard->messages[0].topic == "camera/door");
    CHECK(as_text(heard->messages[0].payload) == "open");
  }
}

TEST_CASE("snmp: snmpd with one community") {
  Lab lab;
  const std::string config = lab.folder.write(
      "snmpd.conf", "agentaddress udp:" + lab.host + ":161\nrocommunity lab-read\nsysName cam-7\n");
  Daemon server({find_tool("snmpd"), "-f", "-Lo", "-C", "-c", config, "-p", lab.folder.file("pid")},
                lab.folder);
  server.wait_for_output("NET-SNMP version");
  const std::vector<std::string> communities = {"lab-read", "public"};
  const auto answers = snmp::try_communities(lab.door, {lab.address, 161}, "lan:udp/161",
                                             communities, 1s, lab.recorder, {});
  REQUIRE(answers);
  REQUIRE(answers->size() == 4);
  CHECK((*answers)[0].answered);
  CHECK((*answers)[0].message.name == "cam-7");
  CHECK((*answers)[1].answered);
  CHECK_FALSE((*answers)[2].answered);
  CHECK_FALSE((*answers)[3].answered);
  const auto engine =
      snmp::discover_engine(lab.door, {lab.address, 161}, "lan:udp/161", 1s, lab.recorder, {});
  REQUIRE(engine);
  CHECK(engine->answered);
  CHECK(engine->message.report);
  CHECK(engine->message.engine_id.size() >= 5);
}
