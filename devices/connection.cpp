#include "devices/connection.hpp"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>

namespace haetae::devices {

void Power::hang() {
  const std::lock_guard lock(mutex_);
  hanging_ = true;
}
void Power::off() {
  const std::lock_guard lock(mutex_);
  off_ = true;
  hanging_ = false;
  changed_.notify_all();
}
void Power::on() {
  const std::lock_guard lock(mutex_);
  off_ = hanging_ = false;
  changed_.notify_all();
}
bool Power::running() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !hanging_; });
  return !off_;
}

Connection::Connection(int descriptor, std::string peer, std::string local, Power& power)
    : descriptor_(descriptor), peer_(std::move(peer)), local_(std::move(local)), power_(power) {}

Connection::~Connection() {
  close();
  SSL_free(ssl_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Connection::reset() {
  const linger hard{1, 0};
  (void)::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  alive_ = false;
}

void Connection::close() {
  if (!alive_) return;
  if (ssl_ != nullptr && power_.running()) SSL_shutdown(ssl_);
  ERR_clear_error();
  alive_ = false;
}

bool Connection::wait(short events, milliseconds limit) {
  pollfd entry{descriptor_, events, 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(limit.count()));
  return power_.running() && ready > 0;
}

bool Connection::wait_for_input(milliseconds limit, int wake) {
  if (!buffer_.empty() || (ssl_ != nullptr && SSL_pending(ssl_) > 0)) return true;
  std::array<pollfd, 2> entries{{{descriptor_, POLLIN, 0}, {wake, POLLIN, 0}}};
  (void)::poll(entries.data(), wake < 0 ? 1 : 2, static_cast<int>(limit.count()));
  return power_.running() && entries[0].revents != 0;
}

bool Connection::start_tls(const std::shared_ptr<SSL_CTX>& context) {
  ssl_ = SSL_new(context.get());
  SSL_set_fd(ssl_, descriptor_);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (alive_) {
    ERR_clear_error();
    const int result = SSL_accept(ssl_);
    if (result == 1) return true;
    const int why = SSL_get_error(ssl_, result);
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    const bool more = (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) &&
                      left.count() > 0 && wait(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, left);
    if (!more) alive_ = false;
  }
  ERR_clear_error();
  return false;
}

std::string Connection::peek(std::size_t wanted) {
  std::string bytes(wanted, '\0');
  const auto until = std::chrono::steady_clock::now() + std::min(patience, milliseconds(5000));
  ssize_t got = 0;
  while (std::chrono::steady_clock::now() < until && wait(POLLIN, milliseconds(5000))) {
    const auto before = got;
    got = ::recv(descriptor_, bytes.data(), wanted, MSG_PEEK);
    if (got <= 0 || static_cast<std::size_t>(got) == wanted) break;
    // poll() is ready at once while part of the bytes waits, so the rest is looked for in steps.
    if (got == before) std::this_thread::sleep_for(milliseconds(1));
  }
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return bytes;
}

bool Connection::fill() {
  std::array<char, 16384> chunk;
  const auto until = std::chrono::steady_clock::now() + patience;
  while (alive_) {
    ssize_t got = 0;
    short events = POLLIN;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      got = SSL_read(ssl_, chunk.data(), static_cast<int>(chunk.size()));
      const int why = got > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, static_cast<int>(got));
      if (why == SSL_ERROR_WANT_WRITE) events = POLLOUT;
      if (got <= 0 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) break;
    } else {
      got = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
      if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) break;
    }
    if (got > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
      return power_.running();
    }
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !wait(events, left)) break;
  }
  alive_ = false;
  ERR_clear_error();
  return false;
}

std::optional<std::string> Connection::read_exact(std::size_t count) {
  while (buffer_.size() < count)
    if (!fill()) return std::nullopt;
  auto result = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return result;
}

std::optional<std::string> Connection::read_until(std::string_view mark, std::size_t most) {
  auto at = buffer_.find(mark);
  while (at == std::string::npos) {
    if (buffer_.size() > most || !fill()) return std::nullopt;
    at = buffer_.find(mark);
  }
  if (at > most) return std::nullopt;
  return read_exact(at + mark.size());
}

std::optional<std::string> Connection::read_line(std::size_t most) {
  auto line = read_until("\n", most);
  while (line && !line->empty() && (line->back() == '\n' || line->back() == '\r')) line->pop_back();
  return line;
}

bool Connection::write(std::string_view bytes) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (alive_ && !bytes.empty() && power_.running()) {
    ssize_t sent = 0;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      sent = SSL_write(ssl_, bytes.data(),
                       static_cast<int>(std::min<std::size_t>(bytes.size(), 65536)));
      const int why = sent > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, static_cast<int>(sent));
      if (sent <= 0 && why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) break;
    } else {
      sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) break;
    }
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    const auto left =
        std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !wait(POLLOUT, left)) break;
  }
  if (!bytes.empty()) alive_ = false;
  return bytes.empty();
}

}  // namespace haetae::devices
