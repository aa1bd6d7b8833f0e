#include "tests/support/login_daemons.hpp"

#include <stdexcept>

namespace haetae::test {
namespace {

LoginDaemon place() {
  LoginDaemon out;
  out.folder = std::make_unique<TempDir>();
  out.address = free_address(57);
  out.port = free_port(out.address);
  return out;
}

std::string name_and_port(const LoginDaemon& at) {
  return at.address + ":" + std::to_string(at.port);
}

std::string tool(std::string_view name) {
  const std::string path = find_tool(name);
  if (path.empty()) throw std::runtime_error(std::string(name) + " is not installed");
  return path;
}

std::string hashed(const std::string& kind, const std::string& password) {
  const ToolResult result = run_tool({tool("openssl"), "passwd", kind, "-stdin"},
                                     std::chrono::seconds(10), password + "\n");
  if (result.exit_code != 0) throw std::runtime_error(result.output);
  return result.output.substr(0, result.output.find('\n'));
}

void start(LoginDaemon& at, std::vector<std::string> argv) {
  at.daemon = std::make_unique<Daemon>(std::move(argv), *at.folder);
  at.daemon->wait_for_port(at.address, at.port);
}

// A mount namespace in which /etc/passwd and /etc/shadow hold these accounts only.
std::vector<std::string> with_accounts(const LoginDaemon& at, const Accounts& accounts,
                                       const std::string& command) {
  std::string passwd =
      "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/usr/sbin/nologin\n"
      "sshd:x:101:65534::/run/sshd:/usr/sbin/nologin\nftp:x:102:65534::/srv:/bin/false\n";
  std::string shadow = "root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n";
  int id = 2000;
  for (const auto& [name, password] : accounts) {
    const std::string number = std::to_string(id++);
    passwd += name + ":x:" + number + ":" + number + "::/tmp:/bin/sh\n";
    shadow += name + ":" + hashed("-5", password) + ":19000:0:99999:7:::\n";
  }
  const std::string passwd_file = at.folder->write("passwd", passwd, 0644);
  const std::string shadow_file = at.folder->write("shadow", shadow, 0600);
  const std::string script = at.folder->write(
      "start", "set -e\nmount --bind " + passwd_file + " /etc/passwd\nmount --bind " + shadow_file +
                   " /etc/shadow\nexec " + command + "\n");
  return {tool("unshare"), "--mount", "/bin/sh", script};
}

}  // namespace

LoginDaemon lighttpd_auth(const std::string& scheme, const Accounts& accounts) {
  LoginDaemon at = place();
  std::string lines;
  for (const auto& [name, password] : accounts) {
    if (scheme == "basic") {
      lines += name + ":" + hashed("-apr1", password) + "\n";
      continue;
    }
    const ToolResult md5 = run_tool({tool("openssl"), "dgst", "-md5", "-r"},
                                    std::chrono::seconds(10), name + ":lab:" + password);
    lines += name + ":lab:" + md5.output.substr(0, 32) + "\n";
  }
  const std::string backend = scheme == "basic" ? "htpasswd" : "htdigest";
  const std::string users = at.folder->write("users", lines, 0644);
  at.folder->write("www/index.html", "<html><body>camera</body></html>", 0644);
  const std::string config = at.folder->write(
      "lighttpd.conf",
      "server.modules = (\"mod_auth\", \"mod_authn_file\")\nserver.document-root = \"" +
          at.folder->file("www") + "\"\nserver.bind = \"" + at.address + "\"\nserver.port = " +
          std::to_string(at.port) + "\nindex-file.names = (\"index.html\")\n" +
          "auth.backend = \"" + backend + "\"\nauth.backend." + backend + ".userfile = \"" + users +
          "\"\nauth.require = (\"/\" => (\"method\" => \"" + scheme +
          "\", \"realm\" => \"lab\", \"require\" => \"valid-user\"))\n");
  start(at, {tool("lighttpd"), "-D", "-f", config});
  return at;
}

LoginDaemon nginx_basic(const Accounts& accounts) {
  LoginDaemon at = place();
  std::string lines;
  for (const auto& [name, password] : accounts)
    lines += name + ":" + hashed("-apr1", password) + "\n";
  const std::string users = at.folder->write("users", lines, 0644);
  at.folder->write("www/index.html", "<html><body>camera</body></html>", 0644);
  at.folder->write("www/config.xml", "<config><wifi key=\"secret\"/></config>", 0644);
  const std::string config = at.folder->write(
      "nginx.conf", "daemon off;\nuser root;\nmaster_process off;\npid " + at.folder->file("pid") +
                        ";\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n"
                        "client_body_temp_path " +
                        at.folder->file("t1") + ";\nproxy_temp_path " + at.folder->file("t2") +
                        ";\nfastcgi_temp_path " + at.folder->file("t3") + ";\nuwsgi_temp_path " +
                        at.folder->file("t4") + ";\nscgi_temp_path " + at.folder->file("t5") +
                        ";\nserver { listen " + name_and_port(at) + "; root " +
                        at.folder->file("www") + "; " +
                        (accounts.empty() ? "" : "auth_basic lab; ") + "auth_basic_user_file " +
                        users + "; } }\n");
  start(at, {tool("nginx"), "-e", "stderr", "-p", at.folder->path().string(), "-c", config});
  return at;
}

LoginDaemon busybox_httpd(const Accounts& accounts) {
  LoginDaemon at = place();
  std::string lines;
  for (const auto& [name, password] : accounts) lines += "/:" + name + ":" + password + "\n";
  at.folder->write("www/index.html", "<html><body>camera</body></html>", 0644);
  const std::string config = at.folder->write("httpd.conf", lines, 0644);
  start(at, {tool("busybox"), "httpd", "-f", "-p", name_and_port(at), "-h", at.folder->file("www"),
             "-c", config, "-r", "lab"});
  return at;
}

LoginDaemon dropbear(const Accounts& accounts) {
  LoginDaemon at = place();
  const std::string key = at.folder->file("key");
  (void)run_tool({tool("dropbearkey"), "-t", "ed25519", "-f", key});
  start(at, with_accounts(at, accounts,
                          tool("dropbear") + " -F -E -r " + key + " -P " + at.folder->file("pid") +
                              " -p " + name_and_port(at)));
  return at;
}

LoginDaemon openssh(const Accounts& accounts, const std::string& further) {
  LoginDaemon at = place();
  const std::string key = at.folder->file("key");
  (void)run_tool({tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key});
  const std::string config =
      at.folder->write("sshd_config", "ListenAddress " + name_and_port(at) + "\nHostKey " + key +
                                          "\nPidFile " + at.folder->file("pid") +
                                          "\nUsePAM no\nPasswordAuthentication yes\n" + further);
  start(at, with_accounts(at, accounts,
                          "/bin/sh -c 'mount -t tmpfs none /run; mkdir -m 755 /run/sshd; exec " +
                              tool("sshd") + " -D -e -f " + config + "'"));
  return at;
}

LoginDaemon telnetd(const Accounts& accounts) {
  LoginDaemon at = place();
  start(at, with_accounts(at, accounts,
                          tool("socat") + " TCP-LISTEN:" + std::to_string(at.port) + ",bind=" +
                              at.address + ",fork,reuseaddr EXEC:" + tool("telnetd") + ",nofork"));
  return at;
}

LoginDaemon vsftpd(const Accounts& accounts) {
  LoginDaemon at = place();
  const std::string config = at.folder->write(
      "vsftpd.conf", "listen=YES\nlisten_ipv6=NO\nbackground=NO\nlisten_address=" + at.address +
                         "\nlisten_port=" + std::to_string(at.port) +
                         "\nanonymous_enable=" + (accounts.empty() ? "YES" : "NO") +
                         "\nanon_root=/usr/share/doc\nlocal_enable=YES\nseccomp_sandbox=NO\n"
                         "check_shell=NO\nsecure_chroot_dir=/var/run\npam_service_name=vsftpd\n");
  start(at, with_accounts(at, accounts, tool("vsftpd") + " " + config));
  return at;
}

LoginDaemon mosquitto(const Accounts& accounts) {
  LoginDaemon at = place();
  const std::string users = at.folder->write("users", "", 0644);
  for (const auto& [name, password] : accounts)
    (void)run_tool({tool("mosquitto_passwd"), "-b", users, name, password});
  std::string config = "listener " + std::to_string(at.port) + " " + at.address + "\nuser root\n";
  config += accounts.empty() ? "allow_anonymous true\n"
                             : "allow_anonymous false\npassword_file " + users + "\n";
  start(at, {tool("mosquitto"), "-c", at.folder->write("mosquitto.conf", config, 0644)});
  return at;
}

LoginDaemon snmpd(const std::string& community) {
  LoginDaemon at = place();
  std::string config = "agentAddress udp:" + name_and_port(at) + "\n";
  config += community.empty() ? "createUser lab SHA-256 \"a long enough pass\" AES\nrouser lab\n"
                              : "rocommunity " + community + "\n";
  const std::string file = at.folder->write("snmpd.conf", config, 0644);
  at.daemon = std::make_unique<Daemon>(
      std::vector<std::string>{tool("env"),
                               "MIBS=", "SNMP_PERSISTENT_DIR=" + at.folder->path().string(),
                               tool("snmpd"), "-f", "-Lo", "-C", "-c", file},
      *at.folder);
  at.daemon->wait_for_output("NET-SNMP version");
  return at;
}

LoginDaemon coap_server() {
  LoginDaemon at = place();
  at.daemon =
      std::make_unique<Daemon>(std::vector<std::string>{tool("coap-server-notls"), "-A", at.address,
                                                        "-p", std::to_string(at.port), "-v", "7"},
                               *at.folder);
  at.daemon->wait_for_output("created UDP");
  return at;
}

}  // namespace haetae::test
