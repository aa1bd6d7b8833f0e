#include "tests/support/tls_servers.hpp"

#include <stdexcept>

namespace haetae::test {
namespace {

constexpr int kBlock = 56;

}  // namespace

void make_key_pair(const TempDir& folder, const std::string& name, const std::string& key,
                   const std::string& digest) {
  std::vector<std::string> argv{"openssl", "req",   "-x509",           "-nodes",    "-days",
                                "30",      "-subj", "/CN=device.test", "-" + digest};
  if (key.starts_with("rsa:")) {
    argv.insert(argv.end(), {"-newkey", key});
  } else {
    argv.insert(argv.end(), {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + key});
  }
  argv.insert(argv.end(),
              {"-keyout", folder.file(name + ".key"), "-out", folder.file(name + ".crt")});
  const ToolResult made = run_tool(argv);
  if (made.exit_code != 0) throw std::runtime_error("openssl req: " + made.output);
}

TlsServer TlsServers::openssl(const std::string& key, std::vector<std::string> arguments) {
  TlsServer out;
  out.address_ = free_address(kBlock);
  out.port_ = free_port(out.address_);
  make_key_pair(*out.folder_, "server", key);
  std::vector<std::string> argv{"openssl",   "s_server", "-quiet",     "-www", "-accept",
                                out.where(), "-cert",    "server.crt", "-key", "server.key"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  out.daemon_ = std::make_unique<Daemon>(argv, *out.folder_);
  out.daemon_->wait_for_port(out.address_, out.port_);
  return out;
}

TlsServer TlsServers::gnutls(const std::string& key, const std::string& priority) {
  TlsServer out;
  // gnutls-serv listens on every address, so the port has to be free on all of them.
  out.address_ = free_address(kBlock);
  out.port_ = free_port("0.0.0.0");
  make_key_pair(*out.folder_, "server", key);
  out.daemon_ = std::make_unique<Daemon>(
      std::vector<std::string>{"gnutls-serv", "--http", "--quiet", "--port",
                               std::to_string(out.port_), "--x509certfile", "server.crt",
                               "--x509keyfile", "server.key", "--priority", priority},
      *out.folder_);
  out.daemon_->wait_for_port(out.address_, out.port_);
  return out;
}

TlsServer TlsServers::nginx(const std::string& tls) {
  TlsServer out;
  out.address_ = free_address(kBlock);
  out.port_ = free_port(out.address_);
  const TempDir& folder = *out.folder_;
  make_key_pair(folder, "rsa", "rsa:2048");
  make_key_pair(folder, "ec", "P-256");
  folder.write("nginx.conf",
               "daemon off; master_process off; worker_processes 1;\n"
               "error_log stderr; pid " +
                   folder.file("pid") +
                   ";\n"
                   "events { worker_connections 256; }\n"
                   "http { access_log off; client_body_temp_path " +
                   folder.file("a") + "; proxy_temp_path " + folder.file("b") +
                   "; fastcgi_temp_path " + folder.file("c") + "; uwsgi_temp_path " +
                   folder.file("d") + "; scgi_temp_path " + folder.file("e") +
                   ";\n"
                   "server { listen " +
                   out.where() + " ssl; root " + folder.path().string() +
                   ";\n"
                   "ssl_certificate " +
                   folder.file("rsa.crt") + "; ssl_certificate_key " + folder.file("rsa.key") +
                   ";\n"
                   "ssl_certificate " +
                   folder.file("ec.crt") + "; ssl_certificate_key " + folder.file("ec.key") +
                   ";\n" + tls + "\n} }\n");
  out.daemon_ = std::make_unique<Daemon>(
      std::vector<std::string>{"nginx", "-c", folder.file("nginx.conf"), "-e", "stderr"}, folder);
  out.daemon_->wait_for_port(out.address_, out.port_);
  return out;
}

TlsServer TlsServers::lighttpd(const std::string& tls) {
  TlsServer out;
  out.address_ = free_address(kBlock);
  out.port_ = free_port(out.address_);
  const TempDir& folder = *out.folder_;
  make_key_pair(folder, "server", "rsa:2048");
  folder.write("lighttpd.conf", "server.modules = ( \"mod_openssl\" )\nserver.document-root = \"" +
                                    folder.path().string() + "\"\nserver.bind = \"" + out.address_ +
                                    "\"\nserver.port = " + std::to_string(out.port_) +
                                    "\nssl.engine = \"enable\"\nssl.pemfile = \"" +
                                    folder.file("server.crt") + "\"\nssl.privkey = \"" +
                                    folder.file("server.key") +
                                    "\"\nssl.openssl.ssl-conf-cmd = ( " + tls + " )\n");
  out.daemon_ = std::make_unique<Daemon>(
      std::vector<std::string>{"lighttpd", "-D", "-f", folder.file("lighttpd.conf")}, folder);
  out.daemon_->wait_for_port(out.address_, out.port_);
  return out;
}

TlsServer TlsServers::mosquitto(const std::string& tls) {
  TlsServer out;
  out.address_ = free_address(kBlock);
  out.port_ = free_port(out.address_);
  const TempDir& folder = *out.folder_;
  make_key_pair(folder, "server", "rsa:2048");
  folder.write("mosquitto.conf", "listener " + std::to_string(out.port_) + " " + out.address_ +
                                     "\nallow_anonymous true\nuser root\ncertfile " +
                                     folder.file("server.crt") + "\nkeyfile " +
                                     folder.file("server.key") + "\n" + tls + "\n");
  out.daemon_ = std::make_unique<Daemon>(
      std::vector<std::string>{"mosquitto", "-c", folder.file("mosquitto.conf")}, folder);
  out.daemon_->wait_for_port(out.address_, out.port_);
  return out;
}

}  // namespace haetae::test
