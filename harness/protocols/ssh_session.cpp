#include "harness/protocols/ssh_session.hpp"

#include <fcntl.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace haetae::protocols {
namespace {

constexpr int kMaxQuestions = 8;

// libssh drops what it does not know from these lists; its own defaults leave the legacy half out.
constexpr const char* kKex =
    "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
    "ecdh-sha2-nistp521,diffie-hellman-group14-sha256,diffie-hellman-group16-sha512,"
    "diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha256,"
    "diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha1,diffie-hellman-group1-sha1";
constexpr const char* kHostKeys =
    "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,"
    "rsa-sha2-256,ssh-rsa,ssh-dss";
constexpr const char* kCiphers =
    "aes256-gcm@openssh.com,aes128-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,"
    "aes192-ctr,aes128-ctr,aes256-cbc,aes192-cbc,aes128-cbc,blowfish-cbc,3des-cbc";
constexpr const char* kMacs =
    "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,"
    "hmac-sha1-etm@openssh.com,hmac-sha1,hmac-md5";

/// NoPipeSignal keeps SIGPIPE from the calling thread: libssh 0.10 sends without MSG_NOSIGNAL, so a
/// device that hangs up would end the whole program.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    const timespec now{};
    while (sigtimedwait(&pipe_, nullptr, &now) == SIGPIPE) continue;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

struct SessionFree {
  void operator()(ssh_session session) const {
    const NoPipeSignal quiet;
    // ssh_disconnect() of libssh 0.10 forgets a descriptor that was given as an option without
    // closing it, and closes one that was not.
    const int none = -1;
    ssh_options_set(session, SSH_OPTIONS_FD, &none);
    ssh_disconnect(session);
    ssh_free(session);
  }
};
using SessionHandle = std::unique_ptr<ssh_session_struct, SessionFree>;

/// Watchdog ends the socket's traffic at the deadline: some calls of libssh 0.10 wait for ever.
class Watchdog {
 public:
  // A descriptor of its own: libssh closes its one on errors, and the number may be reused.
  Watchdog(int socket, SteadyTime deadline)
      : descriptor_(::fcntl(socket, F_DUPFD_CLOEXEC, 3)),
        thread_([this, deadline](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          wake_.wait_until(lock, stop, deadline, [] { return false; });
          if (stop.stop_requested()) return;
          fired_ = true;
          ::shutdown(descriptor_, SHUT_RDWR);
        }) {}
  ~Watchdog() {
    thread_.request_stop();
    thread_.join();
    ::close(descriptor_);
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  [[nodiscard]] bool fired() {
    const std::lock_guard lock(mutex_);
    return fired_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool fired_ = false;
  int descriptor_;
  std::jthread thread_;  // last: it uses the others
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

ErrorKind kind_of(std::string_view words) {
  for (const std::string_view part :
       {"no match for method", "kex error", "not supported", "Unsupported", "unknown key type",
        "key is too small", "too small", "RSA key"}) {
    if (contains(words, part)) return ErrorKind::unsupported;
  }
  for (const std::string_view part :
       {"disconnect", "Disconnect", "reset by peer", "Broken pipe", "end of file"}) {
    if (contains(words, part)) return ErrorKind::closed;
  }
  return contains(words, "imeout") ? ErrorKind::timed_out : ErrorKind::protocol;
}

std::vector<std::string> method_names(int bits) {
  static constexpr std::array<std::pair<int, const char*>, 5> kNames{{
      {SSH_AUTH_METHOD_PASSWORD, "password"},
      {SSH_AUTH_METHOD_PUBLICKEY, "publickey"},
      {SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"},
      {SSH_AUTH_METHOD_HOSTBASED, "hostbased"},
      {SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"},
  }};
  std::vector<std::string> out;
  for (const auto& [bit, name] : kNames) {
    if ((bits & bit) != 0) out.emplace_back(name);
  }
  return out;
}

}  // namespace

std::string_view word(SshOutcome outcome) {
  switch (outcome) {
    case SshOutcome::accepted: return "accepted";
    case SshOutcome::partial: return "partial";
    case SshOutcome::refused: return "refused";
    case SshOutcome::blocked: return "blocked";
  }
  return "blocked";
}

struct SshSession::State {
  net::Conn* conn = nullptr;
  SessionHandle session;
  std::string user;    // RFC 4252: most servers end the connection when it changes
  bool asked = false;  // `none` was sent
  bool open = false;   // authenticated
  std::vector<std::string> methods;

  [[nodiscard]] int descriptor() const { return conn->descriptor(); }
  [[nodiscard]] std::string words() const { return printable(ssh_get_error(session.get()), 300); }
  void event(std::string_view what) const { conn->note(Direction::event, as_bytes(what)); }
  void allow_until(SteadyTime deadline) const {
    const auto left = deadline - std::chrono::steady_clock::now();
    // One second more than the watchdog, so that it is always the watchdog that says "timed out".
    long seconds = std::max<long>(
        2, static_cast<long>(std::chrono::duration_cast<std::chrono::seconds>(left).count()) + 2);
    ssh_options_set(session.get(), SSH_OPTIONS_TIMEOUT, &seconds);
  }

  Result<SshAnswer> answer(int code, Watchdog& watchdog, std::string_view what) {
    SshAnswer out{.outcome = SshOutcome::blocked, .methods = methods, .detail = words()};
    switch (code) {
      case SSH_AUTH_SUCCESS:
        open = true;
        out.outcome = SshOutcome::accepted;
        break;
      case SSH_AUTH_PARTIAL: out.outcome = SshOutcome::partial; break;
      case SSH_AUTH_DENIED: out.outcome = SshOutcome::refused; break;
      default:
        if (watchdog.fired()) {
          return fail(ErrorKind::timed_out, std::string(what) + ": no answer from the SSH server");
        }
        if (ssh_is_connected(session.get()) == 1 && kind_of(out.detail) != ErrorKind::closed) {
          return fail(kind_of(out.detail), std::string(what) + ": " + out.detail);
        }
    }
    event(std::string(what) + ": " + std::string(word(out.outcome)));
    return out;
  }

  // A blocking call of libssh does not notice that the server ended the connection, and waits until
  // the watchdog; without blocking each step says so.
  template <class Call>
  int until_answer(Call call) {
    ssh_set_blocking(session.get(), 0);
    int code = call();
    while (code == SSH_AUTH_AGAIN &&
           (ssh_get_status(session.get()) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0) {
      pollfd wait{.fd = descriptor(), .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, 50);
      code = call();
    }
    ssh_set_blocking(session.get(), 1);
    return code == SSH_AUTH_AGAIN ? SSH_AUTH_ERROR : code;
  }

  int interactive(std::string_view password) {
    const std::string secret(password);
    const auto ask = [this] {
      return until_answer(
          [this] { return ssh_userauth_kbdint(session.get(), user.c_str(), nullptr); });
    };
    int code = ask();
    for (int round = 0; code == SSH_AUTH_INFO && round < kMaxQuestions; ++round) {
      const int count = std::min(ssh_userauth_kbdint_getnprompts(session.get()), kMaxQuestions);
      for (int i = 0; i < count; ++i) {
        char echo = 0;
        ssh_userauth_kbdint_getprompt(session.get(), static_cast<unsigned>(i), &echo);
        ssh_userauth_kbdint_setanswer(session.get(), static_cast<unsigned>(i),
                                      echo == 0 ? secret.c_str() : user.c_str());
      }
      code = ask();
    }
    return code == SSH_AUTH_INFO ? SSH_AUTH_ERROR : code;
  }
};

SshSession::SshSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
SshSession::SshSession(SshSession&&) noexcept = default;
SshSession& SshSession::operator=(SshSession&&) noexcept = default;
SshSession::~SshSession() = default;

Result<SshSession> SshSession::open(net::Conn& conn, SteadyTime deadline) {
  auto state = std::make_unique<State>();
  state->conn = &conn;
  state->session.reset(ssh_new());
  ssh_session raw = state->session.get();
  if (raw == nullptr) return fail(ErrorKind::internal, "ssh_new failed");
  // libssh closes the descriptor that it is given; the Conn keeps its own.
  int descriptor = ::fcntl(conn.descriptor(), F_DUPFD_CLOEXEC, 3);
  if (descriptor < 0) return fail(ErrorKind::internal, "the connection has no socket");
  const bool no = false;
  const int smallest_rsa = 768;  // the least that libssh takes; its default refuses 1024
  ssh_options_set(raw, SSH_OPTIONS_PROCESS_CONFIG, &no);
  ssh_options_set(raw, SSH_OPTIONS_HOST, "device");
  ssh_options_set(raw, SSH_OPTIONS_USER, "haetae");
  ssh_options_set(raw, SSH_OPTIONS_RSA_MIN_SIZE, &smallest_rsa);
  const bool ok = ssh_options_set(raw, SSH_OPTIONS_KEY_EXCHANGE, kKex) == 0 &&
                  ssh_options_set(raw, SSH_OPTIONS_HOSTKEYS, kHostKeys) == 0 &&
                  ssh_options_set(raw, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, kHostKeys) == 0 &&
                  ssh_options_set(raw, SSH_OPTIONS_CIPHERS_C_S, kCiphers) == 0 &&
                  ssh_options_set(raw, SSH_OPTIONS_CIPHERS_S_C, kCiphers) == 0 &&
                  ssh_options_set(raw, SSH_OPTIONS_HMAC_C_S, kMacs) == 0 &&
                  ssh_options_set(raw, SSH_OPTIONS_HMAC_S_C, kMacs) == 0 &&
                  ssh_options_set(raw, SSH_OPTIONS_FD, &descriptor) == 0;
  if (!ok) {
    ::close(descriptor);
    return fail(ErrorKind::internal, "libssh refuses an option: " + state->words());
  }
  state->allow_until(deadline);
  Watchdog watchdog(conn.descriptor(), deadline);
  const NoPipeSignal quiet;
  const int code = ssh_connect(raw);
  if (code != SSH_OK) {
    const std::string words = state->words();
    if (watchdog.fired()) return fail(ErrorKind::timed_out, "SSH key exchange: " + words);
    state->event("SSH key exchange failed: " + words);
    return fail(kind_of(words), "SSH key exchange: " + words);
  }
  const char* banner = ssh_get_serverbanner(raw);
  state->event("SSH key exchange done with " + printable(banner == nullptr ? "" : banner));
  return SshSession(std::move(state));
}

Result<SshAnswer> SshSession::methods(std::string_view user, SteadyTime deadline) {
  State& state = *state_;
  if (state.asked && state.user != user) {
    return fail(ErrorKind::invalid_input, "one SSH session serves one user name");
  }
  state.user = user;
  state.allow_until(deadline);
  Watchdog watchdog(state.descriptor(), deadline);
  const NoPipeSignal quiet;
  const int code = ssh_userauth_none(state.session.get(), state.user.c_str());
  state.asked = true;
  state.methods = method_names(ssh_userauth_list(state.session.get(), state.user.c_str()));
  return state.answer(code, watchdog, "authentication method none");
}

Result<SshAnswer> SshSession::try_password(std::string_view user, std::string_view password,
                                           SteadyTime deadline) {
  State& state = *state_;
  if (state.open) return fail(ErrorKind::invalid_input, "the session is already authenticated");
  if (!state.asked || state.user != user) {
    auto offered = methods(user, deadline);
    if (!offered || offered->outcome != SshOutcome::refused) return offered;
  }
  const auto offers = [&state](std::string_view name) {
    return std::find(state.methods.begin(), state.methods.end(), name) != state.methods.end();
  };
  const bool plain = offers("password");
  if (!plain && !offers("keyboard-interactive")) {
    return fail(ErrorKind::unsupported, "the SSH server offers no password method");
  }
  state.allow_until(deadline);
  Watchdog watchdog(state.descriptor(), deadline);
  const std::string secret(password);
  const int code = plain ? state.until_answer([&] {
    return ssh_userauth_password(state.session.get(), state.user.c_str(), secret.c_str());
  })
                         : state.interactive(password);
  return state.answer(code, watchdog, plain ? "password" : "keyboard-interactive");
}

namespace {

struct ChannelFree {
  void operator()(ssh_channel channel) const { ssh_channel_free(channel); }
};
using Channel = std::unique_ptr<ssh_channel_struct, ChannelFree>;

constexpr std::size_t kMostOutput = 64 * 1024;

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// drain() reads what the server says until it ends its side.
std::string drain(ssh_channel channel) {
  std::string out;
  std::array<char, 4096> buffer{};
  while (ssh_channel_is_open(channel) != 0 && ssh_channel_is_eof(channel) == 0) {
    const int got = ssh_channel_read(channel, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    const auto room = kMostOutput - std::min(out.size(), kMostOutput);
    out.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
  }
  return out;
}

/// acknowledged() reads the answer to one step of SCP: a 0, or 1 or 2 with a line of words.
Result<void> acknowledged(ssh_channel channel) {
  char code = 2;
  if (ssh_channel_read(channel, &code, 1, 0) != 1)
    return fail(ErrorKind::closed, "the device ended the SCP transfer");
  if (code == 0) return {};
  std::string words;
  for (char c = 0; words.size() < 300 && ssh_channel_read(channel, &c, 1, 0) == 1 && c != '\n';)
    words += c;
  return fail(ErrorKind::refused, "SCP: " + printable(words, 300));
}

constexpr auto kLeave = std::chrono::seconds(10);

/// leave() waits until the server has closed its side too. While a program on it ends, dropbear
/// closes each channel that has none yet, and so the one which the next command would get.
void leave(ssh_session session, ssh_channel channel, SteadyTime deadline) {
  ssh_channel_send_eof(channel);
  const ssh_event event = ssh_event_new();
  if (event == nullptr) return;
  const SteadyTime until = std::min(deadline, std::chrono::steady_clock::now() + kLeave);
  ssh_event_add_session(event, session);
  while (ssh_channel_is_closed(channel) == 0 && std::chrono::steady_clock::now() < until &&
         ssh_event_dopoll(event, 50) != SSH_ERROR)
    continue;
  ssh_event_remove_session(event, session);
  ssh_event_free(event);
}

}  // namespace

Result<SshRun> SshSession::run(std::string_view command, SteadyTime deadline) {
  State& state = *state_;
  state.allow_until(deadline);
  Watchdog watchdog(state.descriptor(), deadline);
  const NoPipeSignal quiet;
  const Channel channel(ssh_channel_new(state.session.get()));
  const std::string text(command);
  if (!channel || ssh_channel_open_session(channel.get()) != SSH_OK ||
      ssh_channel_request_exec(channel.get(), text.c_str()) != SSH_OK)
    return fail(watchdog.fired() ? ErrorKind::timed_out : ErrorKind::refused,
                "the command could not be run by SSH: " + state.words());
  SshRun out;
  out.output = drain(channel.get());
  if (watchdog.fired()) return fail(ErrorKind::timed_out, "the command by SSH did not end in time");
  out.exit_code = ssh_channel_get_exit_status(channel.get());
  state.event("ran a command, exit code " + std::to_string(out.exit_code));
  return out;
}

Result<void> SshSession::copy(std::string_view path, ByteView file, SteadyTime deadline,
                              std::size_t most) {
  State& state = *state_;
  state.allow_until(deadline);
  Watchdog watchdog(state.descriptor(), deadline);
  const NoPipeSignal quiet;
  const Channel channel(ssh_channel_new(state.session.get()));
  const std::string command = "scp -t " + in_quotes(path);
  if (!channel || ssh_channel_open_session(channel.get()) != SSH_OK ||
      ssh_channel_request_exec(channel.get(), command.c_str()) != SSH_OK)
    return fail(watchdog.fired() ? ErrorKind::timed_out : ErrorKind::refused,
                "no SCP transfer could be started: " + state.words());
  if (auto ready = acknowledged(channel.get()); !ready) return ready;
  const std::string head = "C0644 " + std::to_string(file.size()) + " update\n";
  if (ssh_channel_write(channel.get(), head.data(), static_cast<std::uint32_t>(head.size())) < 0)
    return fail(ErrorKind::closed, "SCP: " + state.words());
  if (auto ready = acknowledged(channel.get()); !ready) return ready;
  const auto part = file.first(std::min(most, file.size()));
  for (std::size_t at = 0; at < part.size();) {
    const auto chunk = part.subspan(at, std::min<std::size_t>(32768, part.size() - at));
    const int sent =
        ssh_channel_write(channel.get(), chunk.data(), static_cast<std::uint32_t>(chunk.size()));
    if (sent <= 0)
      return fail(watchdog.fired() ? ErrorKind::timed_out : ErrorKind::closed,
                  "SCP: " + state.words());
    at += static_cast<std::size_t>(sent);
  }
  state.event("copied " + std::to_string(part.size()) + " of " + std::to_string(file.size()) +
              " bytes by SCP");
  if (part.size() < file.size()) return {};
  const char end = 0;
  if (ssh_channel_write(channel.get(), &end, 1) != 1)
    return fail(ErrorKind::closed, "SCP: " + state.words());
  auto taken = acknowledged(channel.get());
  leave(state.session.get(), channel.get(), deadline);
  return taken;
}

Result<SshAnswer> ssh_login(net::Conn& conn, std::string_view user, std::string_view password,
                            SteadyTime deadline) {
  auto session = SshSession::open(conn, deadline);
  if (!session) return tl::unexpected(session.error());
  return session->try_password(user, password, deadline);
}

}  // namespace haetae::protocols
