#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/support/login_daemons.hpp"
#include "tests/support/own_network.hpp"
#include "tests/support/ssh_servers.hpp"
#include "tests/support/tls_servers.hpp"
#include "tests/support/whole_run.hpp"

/// Whole runs against servers that other people wrote, weak and sound: the weak ones break exactly
/// what is wrong with them, the sound ones nothing.
namespace {

using namespace haetae;

/// Target is a running server and how its maker would declare it.
struct Target {
  std::string address, port;         ///< port as in a declaration: tcp/22
  std::string service;               ///< attributes of <service> behind the port
  std::string login;                 ///< attributes of <login>, empty: none is declared
  std::string password;              ///< of the declared account operator, with login
  std::shared_ptr<void> keep_alive;  ///< the server
};

std::string declaration_of(const Target& target) {
  const std::string logins =
      target.login.empty()
          ? ""
          : fmt::format(
                "<logins><login id=\"l\" port=\"{}\" {}/></logins>"
                "<accounts><account name=\"operator\" password=\"{}\" role=\"administrator\" "
                "logins=\"l\"/></accounts>",
                target.port, target.login, target.password);
  return fmt::format(
      "<device format=\"1\"><identity maker=\"Debian\" model=\"server\" category=\"test\" "
      "serial=\"{0}\" "
      "hardware=\"1\" firmware=\"12\"/><certification type=\"standard\"/>"
      "<addresses><address>{0}</address></addresses><scope><network>{0}/32</network></scope>"
      "<authorisation by=\"test\" from=\"2026-01-01\" until=\"2099-12-31\"/>"
      "<services><service port=\"{1}\" {2}/></services>{3}</device>",
      target.address, target.port, target.service, logins);
}

std::string failing_of(const Target& target) {
  const test::TempDir folder;
  test::Quiet observer;
  const auto outcome =
      runner::run(test::options_for(declaration_of(target), folder), system_clock(), observer, {});
  if (!outcome) return "no run: " + outcome.error().message();
  INFO(observer.trouble());
  // A verdict that is no pass must never hide behind an unfinished procedure.
  CHECK(observer.trouble().empty());
  return fmt::format("{}", fmt::join(test::failing(outcome->judgement), " "));
}

template <class Server>
std::shared_ptr<void> keep(Server server) {
  return std::make_shared<Server>(std::move(server));
}

Target ssh(test::SshServer server) {
  return {server.address(),
          fmt::format("tcp/{}", server.port()),
          "protocol=\"ssh\" purpose=\"maintenance\" management=\"yes\"",
          "",
          "",
          keep(std::move(server))};
}

Target https(test::TlsServer server) {
  return {server.address(),
          fmt::format("tcp/{}", server.port()),
          "protocol=\"http\" tls=\"yes\" purpose=\"web\"",
          "",
          "",
          keep(std::move(server))};
}

/// plain() is a login service; operator's password is strong, so that what is found is a real pair.
Target plain(test::LoginDaemon daemon, const std::string& protocol, const std::string& method,
             const std::string& more = "") {
  const std::string transport = protocol == "snmp" ? "udp" : "tcp";
  Target target{daemon.address,
                fmt::format("{}/{}", transport, daemon.port),
                fmt::format("protocol=\"{}\" purpose=\"test\" management=\"{}\"", protocol,
                            protocol == "ssh" ? "yes" : "no"),
                method.empty() ? "" : fmt::format("method=\"{}\" {}", method, more),
                "Str0ng!Operator-77",
                nullptr};
  target.keep_alive = keep(std::move(daemon));
  return target;
}

const std::pair<std::string, std::string> kOperator{"operator", "Str0ng!Operator-77"};
const std::pair<std::string, std::string> kWellKnown{"administrator", "1234"};

/// sound_nginx() has a certificate for its address from an authority of its own.
Target sound_nginx() {
  auto folder = std::make_shared<test::TempDir>();
  const std::string address = test::free_address(47);
  const auto port = test::free_port(address);
  const auto openssl = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), test::find_tool("openssl"));
    const auto result = test::run_tool(arguments);
    if (result.exit_code != 0) throw std::runtime_error(result.output);
  };
  const std::string key = folder->file("leaf.key");
  const std::string ca = folder->file("ca.crt");
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-subj", "/CN=Test CA", "-days", "30", "-keyout", folder->file("ca.key"), "-out", ca});
  openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
           "/CN=server", "-keyout", key, "-out", folder->file("leaf.csr")});
  const std::string extensions =
      folder->write("ext", "subjectAltName=IP:" + address + "\nbasicConstraints=CA:FALSE\n");
  openssl({"x509", "-req", "-in", folder->file("leaf.csr"), "-CA", ca, "-CAkey",
           folder->file("ca.key"), "-days", "30", "-extfile", extensions, "-out",
           folder->file("leaf.crt")});
  const auto chain = test::run_tool({"/bin/cat", folder->file("leaf.crt"), ca});
  const std::string bundle = folder->write("bundle.crt", chain.output);
  folder->write("www/index.html", "<html><body>hello</body></html>", 0644);
  std::string temporary;
  for (const char* name : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    temporary += fmt::format("{}_temp_path {};\n", name, folder->file(name));
  }
  const std::string config = folder->write(
      "nginx.conf",
      fmt::format(
          "daemon off; user root; master_process off; pid {}; error_log stderr; events {{}}\nhttp "
          "{{ access_log off;\n{}"
          "server {{ listen {}:{} ssl; root {}; ssl_certificate {}; ssl_certificate_key {};\n"
          "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; }} }}\n",
          folder->file("pid"), temporary, address, port, folder->file("www"), bundle, key));
  auto daemon = std::make_shared<test::Daemon>(
      std::vector<std::string>{test::find_tool("nginx"), "-e", "stderr", "-c", config}, *folder);
  daemon->wait_for_port(address, port);
  Target target{
      address, fmt::format("tcp/{}", port), "protocol=\"http\" tls=\"yes\" purpose=\"web\"", "", "",
      nullptr};
  target.keep_alive =
      std::make_shared<std::pair<std::shared_ptr<test::TempDir>, std::shared_ptr<test::Daemon>>>(
          folder, daemon);
  return target;
}

struct Case {
  const char* name;
  std::function<Target()> start;
  std::string failing;  ///< ids of the criteria that must fail, sorted
};

void check(const std::vector<Case>& cases) {
  test::enter_own_network();
  for (const Case& one : cases) {
    INFO(one.name);
    CHECK(failing_of(one.start()) == one.failing);
  }
}

}  // namespace

TEST_CASE("SSH servers get the right verdicts", "[e2e]") {
  check({
      {"openssh, sound",
       [] {
         return ssh(test::SshServers::openssh(
             {"ed25519"},
             "KexAlgorithms curve25519-sha256\nCiphers aes256-gcm@openssh.com\n"
             "MACs hmac-sha2-256-etm@openssh.com\n"));
       },
       ""},
      {"openssh, weak",
       [] {
         return ssh(test::SshServers::openssh(
             {"rsa"},
             "KexAlgorithms +diffie-hellman-group1-sha1\nCiphers +3des-cbc\n"
             "MACs +hmac-md5\nHostKeyAlgorithms +ssh-rsa\n"));
       },
       "3.1-ssh-ciphers 3.1-ssh-host-key-algorithms 3.1-ssh-kex 3.1-ssh-macs"},
  });
}

TEST_CASE("TLS servers get the right verdicts", "[e2e]") {
  // The weak ones have self-signed certificates for another name besides.
  check({
      {"nginx, sound", [] { return sound_nginx(); }, ""},
      {"openssl, TLS 1.0 with RSA-1024",
       [] {
         return https(
             test::TlsServers::openssl("rsa:1024", {"-tls1", "-cipher", "ALL:@SECLEVEL=0"}));
       },
       "2.1-certificate-issuer 2.1-certificate-name 2.1-tls-version 3.1-certificate-keys "
       "3.1-tls-groups "
       "3.1-tls-suites"},
      {"gnutls, RC4, 3DES, NULL and anonymous",
       [] {
         return https(test::TlsServers::gnutls(
             "rsa:2048",
             "NORMAL:+VERS-TLS1.0:+ARCFOUR-128:+3DES-CBC:+SHA1:+ANON-DH:+NULL:%COMPAT"));
       },
       "2.1-certificate-issuer 2.1-certificate-name 2.1-tls-version 3.1-tls-signatures "
       "3.1-tls-suites"},
  });
}

TEST_CASE("shell logins get the right verdicts", "[e2e]") {
  // Telnet is clear text whatever its passwords; dropbear offers SHA-1 in its default lists, and
  // names a version with a known vulnerability without saying that Debian mended it.
  check({
      {"telnetd, well-known",
       [] {
         return plain(test::telnetd({kOperator, kWellKnown}), "telnet", "telnet");
       },
       "1.2-well-known 2.1-clear-login 2.1-clear-protocol 6.4-clear-administration "
       "6.4-shell-declared"},
      {"telnetd, strong", [] { return plain(test::telnetd({kOperator}), "telnet", "telnet"); },
       "2.1-clear-login 2.1-clear-protocol 6.4-clear-administration 6.4-shell-declared"},
      {"dropbear, well-known",
       [] {
         return plain(test::dropbear({kOperator, kWellKnown}), "ssh", "ssh");
       },
       "1.2-well-known 3.1-ssh-host-key-algorithms 3.1-ssh-kex 4.4-versions"},
      {"dropbear, strong", [] { return plain(test::dropbear({kOperator}), "ssh", "ssh"); },
       "3.1-ssh-host-key-algorithms 3.1-ssh-kex 4.4-versions"},
  });
}

TEST_CASE("web and file logins get the right verdicts", "[e2e]") {
  check({
      {"lighttpd digest, well-known",
       [] {
         return plain(test::lighttpd_auth("digest", {kOperator, kWellKnown}), "http", "http-digest",
                      "path=\"/\" check-path=\"/\"");
       },
       "1.2-well-known 2.1-clear-http 2.1-clear-login"},
      {"busybox httpd, strong",
       [] {
         return plain(test::busybox_httpd({kOperator}), "http", "http-basic",
                      "path=\"/\" check-path=\"/\"");
       },
       "2.1-clear-http 2.1-clear-login"},
      {"vsftpd, anonymous", [] { return plain(test::vsftpd({}), "ftp", ""); },
       "1.1-access-normal 1.2-well-known 2.1-clear-login 2.1-clear-protocol"},
      {"vsftpd, strong", [] { return plain(test::vsftpd({kOperator}), "ftp", "ftp"); },
       "2.1-clear-login 2.1-clear-protocol"},
  });
}

TEST_CASE("brokers and agents get the right verdicts", "[e2e]") {
  // Net-SNMP's agent listens on TCP port 199 (SMUX) besides, which nobody declared.
  check({
      {"mosquitto, anonymous", [] { return plain(test::mosquitto({}), "mqtt", ""); },
       "1.1-access-normal 2.1-clear-login 2.1-clear-protocol"},
      {"mosquitto, strong", [] { return plain(test::mosquitto({kOperator}), "mqtt", "mqtt"); },
       "2.1-clear-login 2.1-clear-protocol"},
      {"snmpd, public", [] { return plain(test::snmpd("public"), "snmp", ""); },
       "1.1-access-normal 1.2-well-known 2.1-clear-snmp 6.1-undeclared-tcp"},
      {"snmpd, version 3 only", [] { return plain(test::snmpd(""), "snmp", ""); },
       "6.1-undeclared-tcp"},
  });
}
