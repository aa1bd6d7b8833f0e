#include "tests/support/zoo.hpp"

#include <stdexcept>

namespace haetae::test {

void Zoo::start(std::vector<std::string> argv) {
  daemons_.push_back(std::make_unique<Daemon>(std::move(argv), folder_));
}

void Zoo::start_tcp(std::vector<std::string> argv, std::uint16_t port) {
  start(std::move(argv));
  daemons_.back()->wait_for_port(host_, port);
}

std::string Zoo::certificate() {
  if (!certificate_.empty()) return certificate_;
  certificate_ = folder_.file("server");
  const ToolResult made =
      run_tool({find_tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=zoo.invalid",
                "-keyout", certificate_ + ".key", "-out", certificate_ + ".crt"});
  if (made.exit_code != 0) throw std::runtime_error("openssl: " + made.output);
  return certificate_;
}

void Zoo::dropbear(std::uint16_t port) {
  const std::string key = folder_.file("dropbear.key");
  const ToolResult made = run_tool({find_tool("dropbearkey"), "-t", "ed25519", "-f", key});
  if (made.exit_code != 0) throw std::runtime_error("dropbearkey: " + made.output);
  start_tcp({find_tool("dropbear"), "-F", "-E", "-r", key, "-P", folder_.file("dropbear.pid"), "-p",
             host_ + ":" + std::to_string(port)},
            port);
}

void Zoo::openssh(std::uint16_t port) {
  const std::string key = folder_.file("ssh.key");
  const ToolResult made =
      run_tool({find_tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key});
  if (made.exit_code != 0) throw std::runtime_error("ssh-keygen: " + made.output);
  std::filesystem::create_directories("/run/sshd");
  const std::string config =
      folder_.write("sshd.conf", "ListenAddress " + host_ + ":" + std::to_string(port) +
                                     "\nHostKey " + key + "\nPidFile none\nUsePAM no\n");
  start_tcp({find_tool("sshd"), "-D", "-e", "-f", config}, port);
}

void Zoo::vsftpd(std::uint16_t port) {
  std::filesystem::create_directories(folder_.path() / "empty");
  const std::string config = folder_.write(
      "vsftpd.conf", "listen=YES\nlisten_address=" + host_ +
                         "\nlisten_port=" + std::to_string(port) +
                         "\nanonymous_enable=YES\nlocal_enable=NO\nbackground=NO\nsecure_chroot_"
                         "dir=" +
                         folder_.file("empty") + "\nanon_root=" + folder_.file("empty") + "\n");
  start_tcp({find_tool("vsftpd"), config}, port);
}

void Zoo::telnetd(std::uint16_t port) {
  const std::string script = folder_.write(
      "login.sh",
      "#!/bin/sh\nprintf 'camera login: '; read -r user\nprintf 'Password: '\nread -r "
      "word\nsleep 1\necho 'Login incorrect'\n",
      0700);
  start_tcp(
      {find_tool("socat"), "TCP-LISTEN:" + std::to_string(port) + ",fork,reuseaddr,bind=" + host_,
       "EXEC:" + find_tool("telnetd") + " -E " + script},
      port);
}

void Zoo::nginx(std::uint16_t plain, std::uint16_t tls) {
  const std::string pair = certificate();
  const std::string config = folder_.write(
      "nginx.conf",
      "daemon off;\npid " + folder_.file("nginx.pid") + ";\nerror_log stderr;\nuser root;\n" +
          "events {}\nhttp {\n access_log off;\n client_body_temp_path " + folder_.file("n1") +
          ";\n proxy_temp_path " + folder_.file("n2") + ";\n fastcgi_temp_path " +
          folder_.file("n3") + ";\n uwsgi_temp_path " + folder_.file("n4") + ";\n scgi_temp_path " +
          folder_.file("n5") + ";\n server { listen " + host_ + ":" + std::to_string(plain) +
          "; return 200 'plain'; }\n server { listen " + host_ + ":" + std::to_string(tls) +
          " ssl; ssl_certificate " + pair + ".crt; ssl_certificate_key " + pair +
          ".key; return 200 'inside'; }\n}\n");
  start_tcp({find_tool("nginx"), "-e", "stderr", "-c", config}, tls);
}

void Zoo::lighttpd(std::uint16_t port) {
  folder_.write("www/index.html", "<html>camera</html>", 0644);
  const std::string config = folder_.write(
      "lighttpd.conf", "server.document-root = \"" + folder_.file("www") + "\"\nserver.bind = \"" +
                           host_ + "\"\nserver.port = " + std::to_string(port) +
                           "\nindex-file.names = ( \"index.html\" )\n");
  start_tcp({find_tool("lighttpd"), "-D", "-f", config}, port);
}

void Zoo::mosquitto(std::uint16_t plain, std::uint16_t tls) {
  const std::string pair = certificate();
  const std::string config = folder_.write(
      "mosquitto.conf", "user root\nper_listener_settings true\nlistener " + std::to_string(plain) +
                            " " + host_ + "\nallow_anonymous true\nlistener " +
                            std::to_string(tls) + " " + host_ + "\nallow_anonymous false\n" +
                            "certfile " + pair + ".crt\nkeyfile " + pair + ".key\n");
  start_tcp({find_tool("mosquitto"), "-c", config}, tls);
}

void Zoo::dnsmasq() {
  std::filesystem::create_directories(folder_.path() / "tftp");
  start_tcp({find_tool("dnsmasq"), "-k", "--log-facility=-", "--user=root", "--no-resolv",
             "--no-hosts", "--bind-interfaces", "--listen-address=" + host_,
             "--conf-file=/dev/null", "--pid-file=" + folder_.file("dnsmasq.pid"), "--enable-tftp",
             "--tftp-root=" + folder_.file("tftp")},
            53);
}

void Zoo::snmpd() {
  const std::string config = folder_.write(
      "snmpd.conf", "agentaddress udp:" + host_ + ":161\nrocommunity lab-read\nsysName cam-7\n");
  start({find_tool("snmpd"), "-f", "-Lo", "-C", "-c", config, "-p", folder_.file("snmpd.pid")});
  daemons_.back()->wait_for_output("NET-SNMP version");
}

void Zoo::coap() {
  start({find_tool("coap-server-notls"), "-A", host_, "-p", "5683", "-v", "7"});
  daemons_.back()->wait_for_output("created UDP");
}

void Zoo::command(std::uint16_t port, const std::string& shell) {
  const std::string script =
      folder_.write("command-" + std::to_string(port), "#!/bin/sh\n" + shell + "\n", 0700);
  start_tcp(
      {find_tool("socat"), "TCP-LISTEN:" + std::to_string(port) + ",fork,reuseaddr,bind=" + host_,
       "EXEC:" + script},
      port);
}

}  // namespace haetae::test
