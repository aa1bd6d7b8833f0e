#include <fmt/format.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <unistd.h>

#include "devices/device.hpp"
#include "devices/ssh_host.hpp"

namespace haetae::devices {
namespace {

constexpr int kMostTries = 6;

struct Algorithms {
  const char *kex, *ciphers, *macs, *host_keys;
};

Algorithms algorithms(const Settings& settings) {
  Algorithms result{
      "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384",
      "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,"
      "aes128-ctr",
      "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512",
      "ssh-ed25519"};
  if (settings.text("ssh.kex") == "weak")
    result.kex =
        "curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha1,"
        "diffie-hellman-group1-sha1";
  if (settings.text("ssh.cipher") == "weak")
    result.ciphers = "aes256-gcm@openssh.com,aes256-ctr,aes128-ctr,3des-cbc";
  const auto& key = settings.text("ssh.host-key");
  if (key == "rsa-1024" || key == "rsa-3072") result.host_keys = "rsa-sha2-512,rsa-sha2-256";
  if (key == "ssh-rsa-sha1") result.host_keys = "rsa-sha2-512,rsa-sha2-256,ssh-rsa";
  return result;
}

bool set(ssh_bind handle, ssh_bind_options_e option, const char* value) {
  return ssh_bind_options_set(handle, option, value) == SSH_OK;
}

// libssh wants callbacks for passwords, but serves a session with them and with messages at once
// only in part; messages alone do, and keep each session in its own thread with its own time limit.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
/// log_in() answers authentication requests until one is right, or there were too many.
bool log_in(Device& device, Connection& connection, ssh_session session) {
  for (int failures = 0; failures < kMostTries && device.power.running();) {
    const ssh_message message = ssh_message_get(session);
    if (message == nullptr) return false;
    const bool asks = ssh_message_type(message) == SSH_REQUEST_AUTH;
    const int method = asks ? ssh_message_subtype(message) : 0;
    bool entered = asks && method == SSH_AUTH_METHOD_NONE && device.settings.yes("ssh.none");
    if (asks && method == SSH_AUTH_METHOD_PASSWORD) {
      const char* user = ssh_message_auth_user(message);
      const char* password = ssh_message_auth_password(message);
      const auto result = user == nullptr || password == nullptr
                              ? LoginResult::wrong
                              : device.accounts.login("shell", user, connection.peer(), password);
      entered = result == LoginResult::accepted;
      // SSH has no word for a block: the connection ends.
      if (result == LoginResult::blocked && !device.settings.yes("lockout.silent")) {
        ssh_message_free(message);
        return false;
      }
      if (!entered) ++failures;
    }
    if (entered) {
      ssh_message_auth_reply_success(message, 0);
    } else {
      ssh_message_auth_set_methods(message, SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_PUBLICKEY);
      ssh_message_reply_default(message);
    }
    ssh_message_free(message);
    if (entered) return true;
  }
  return false;
}
#pragma GCC diagnostic pop

void serve_shell(Device& device, ssh_channel channel) {
  const std::string hello = fmt::format("{} {} service shell\r\n$ ", device.personality.maker.model,
                                        device.personality.maker.firmware);
  ssh_channel_write(channel, hello.data(), static_cast<uint32_t>(hello.size()));
  std::string line;
  char bytes[256];
  while (device.power.running() && ssh_channel_is_open(channel) &&
         ssh_channel_is_eof(channel) == 0) {
    const int got = ssh_channel_read_timeout(channel, bytes, sizeof bytes, 0, 30000);
    if (got <= 0) return;
    for (int i = 0; i < got; ++i) {
      ssh_channel_write(channel, &bytes[i], 1);
      if (bytes[i] != '\r' && bytes[i] != '\n') {
        if (line.size() < 1024) line += bytes[i];
        continue;
      }
      if (line == "exit") return;
      ssh_channel_write(channel, "\r\n$ ", 4);
      line.clear();
    }
  }
}

void run_request(Device& device, ssh_session session, ssh_channel channel) {
  for (;;) {
    const ssh_message message = ssh_message_get(session);
    if (message == nullptr) return;
    const int type = ssh_message_type(message), subtype = ssh_message_subtype(message);
    const bool request = type == SSH_REQUEST_CHANNEL;
    const bool pty = request && subtype == SSH_CHANNEL_REQUEST_PTY;
    const bool shell = request && subtype == SSH_CHANNEL_REQUEST_SHELL;
    const bool command = request && subtype == SSH_CHANNEL_REQUEST_EXEC;
    const std::string asked = command ? ssh_message_channel_request_command(message) : "";
    if (pty || shell || command)
      ssh_message_channel_request_reply_success(message);
    else
      ssh_message_reply_default(message);
    ssh_message_free(message);
    if (shell) serve_shell(device, channel);
    if (command) {
      const auto& maker = device.personality.maker;
      const std::string text = asked == "version" ? maker.firmware + "\n" : "unknown command\n";
      ssh_channel_write(channel, text.data(), static_cast<uint32_t>(text.size()));
      ssh_channel_request_send_exit_status(channel, asked == "version" ? 0 : 127);
    }
    if (!shell && !command) continue;
    ssh_channel_send_eof(channel);
    ssh_channel_close(channel);
    return;
  }
}

void serve_session(Device& device, ssh_session session) {
  for (;;) {
    const ssh_message message = ssh_message_get(session);
    if (message == nullptr) return;
    if (ssh_message_type(message) != SSH_REQUEST_CHANNEL_OPEN ||
        ssh_message_subtype(message) != SSH_CHANNEL_SESSION) {
      ssh_message_reply_default(message);
      ssh_message_free(message);
      continue;
    }
    const ssh_channel channel = ssh_message_channel_request_open_reply_accept(message);
    ssh_message_free(message);
    if (channel == nullptr) return;
    run_request(device, session, channel);
    ssh_channel_free(channel);
  }
}

/// serve_script() says its version and its KEXINIT (RFC 4253, 7.1) with what libssh would not say.
void serve_script(Device& device, Connection& connection) {
  const bool old = device.settings.text("ssh.script") == "version-1.99";
  connection.write(fmt::format("SSH-{}-SimCam\r\n", old ? "1.99" : "2.0"));
  std::string body = "\x14" + random_hex(8);
  const auto add = [&](std::string_view names) {
    const auto length = names.size();
    body += {'\0', '\0', static_cast<char>(length >> 8U), static_cast<char>(length & 0xffU)};
    body += names;
  };
  const std::string_view macs = old ? "hmac-sha2-256" : "hmac-sha2-256,hmac-md5";
  for (const std::string_view names :
       {std::string_view("curve25519-sha256"), std::string_view("ssh-ed25519"),
        std::string_view("aes256-ctr"), std::string_view("aes256-ctr"), macs, macs,
        std::string_view("none"), std::string_view("none"), std::string_view(), std::string_view()})
    add(names);
  body.append(5, '\0');
  const std::size_t pad = 8 - (body.size() + 5) % 8 + 8;
  const std::size_t length = body.size() + pad + 1;
  std::string packet = {'\0', '\0', static_cast<char>(length >> 8U),
                        static_cast<char>(length & 0xffU), static_cast<char>(pad)};
  connection.write(packet + body + std::string(pad, '\0'));
  connection.patience = milliseconds(3000);
  (void)connection.read_line(300);
  while (connection.read_exact(1)) {
  }
}

}  // namespace

Outcome<std::shared_ptr<SshHost>> SshHost::make(const Settings& settings,
                                                const std::filesystem::path& keys) {
  const ssh_bind handle = ssh_bind_new();
  if (handle == nullptr) return tl::unexpected(std::string("SSH: out of memory"));
  auto result = std::make_shared<SshHost>(handle);
  const auto& kind = settings.text("ssh.host-key");
  const bool rsa = kind != "ed25519";
  ssh_key key = nullptr;
  const int bits = kind == "rsa-1024" ? 1024 : rsa ? 3072 : 0;
  const auto kept = keys / ("ssh-" + kind);
  const bool held = !keys.empty() && std::filesystem::exists(kept);
  const int made = held ? ssh_pki_import_privkey_file(kept.c_str(), nullptr, nullptr, nullptr, &key)
                        : ssh_pki_generate(rsa ? SSH_KEYTYPE_RSA : SSH_KEYTYPE_ED25519, bits, &key);
  if (made != SSH_OK) return tl::unexpected(std::string("SSH: no host key could be made"));
  if (!keys.empty() && !held &&
      ssh_pki_export_privkey_file(key, nullptr, nullptr, nullptr, kept.c_str()) != SSH_OK)
    return tl::unexpected(fmt::format("SSH: the host key cannot be kept in {}", kept.string()));
  bool process = false;
  int smallest = 0;
  (void)ssh_bind_options_set(handle, SSH_BIND_OPTIONS_PROCESS_CONFIG, &process);
  (void)ssh_bind_options_set(handle, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &smallest);
  const auto names = algorithms(settings);
  const bool done = ssh_bind_options_set(handle, SSH_BIND_OPTIONS_IMPORT_KEY, key) == SSH_OK &&
                    set(handle, SSH_BIND_OPTIONS_KEY_EXCHANGE, names.kex) &&
                    set(handle, SSH_BIND_OPTIONS_CIPHERS_C_S, names.ciphers) &&
                    set(handle, SSH_BIND_OPTIONS_CIPHERS_S_C, names.ciphers) &&
                    set(handle, SSH_BIND_OPTIONS_HMAC_C_S, names.macs) &&
                    set(handle, SSH_BIND_OPTIONS_HMAC_S_C, names.macs) &&
                    set(handle, SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, names.host_keys);
  if (!done) return tl::unexpected(fmt::format("SSH: {}", ssh_get_error(handle)));
  return result;
}

SshHost::~SshHost() { ssh_bind_free(bind_); }

bool SshHost::take(ssh_session_struct* session, int descriptor) {
  const std::lock_guard lock(mutex_);
  return ssh_bind_accept_fd(bind_, session, descriptor) == SSH_OK;
}

void serve_ssh(Device& device, Connection& connection) {
  if (device.settings.text("ssh.script") != "none") {
    serve_script(device, connection);
    return;
  }
  const auto host = device.ssh_host();
  const std::unique_ptr<ssh_session_struct, void (*)(ssh_session)> session(ssh_new(), ssh_free);
  const int descriptor = ::dup(connection.descriptor());
  if (!host->take(session.get(), descriptor)) return;
  long patience = 10;
  (void)ssh_options_set(session.get(), SSH_OPTIONS_TIMEOUT, &patience);
  ssh_set_auth_methods(session.get(), SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_PUBLICKEY);
  if (ssh_handle_key_exchange(session.get()) != SSH_OK) return;
  if (log_in(device, connection, session.get())) serve_session(device, session.get());
  ssh_disconnect(session.get());
}

}  // namespace haetae::devices
