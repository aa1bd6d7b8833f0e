#include "devices/journal.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

namespace haetae::devices {
namespace {

constexpr std::int64_t kNtpEpoch = 2'208'988'800;  // 1970 counted from 1900 (RFC 5905, 6)

std::string in_form(std::int64_t seconds, const char* form) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  const auto size = std::strftime(text.data(), text.size(), form, &parts);
  return {text.data(), size};
}

struct Place {
  sockaddr_in own{}, to{};
  bool good = false;
};

/// place_of() reads ADDRESS:PORT; "=" is the given port of the address that ends in .1 beside ours.
Place place_of(const std::string& setting, const std::string& own, std::uint16_t port) {
  std::string address = own.substr(0, own.rfind('.')) + ".1";
  if (setting != "=") {
    const auto colon = setting.rfind(':');
    if (colon == std::string::npos) return {};
    address = setting.substr(0, colon);
    std::from_chars(setting.data() + colon + 1, setting.data() + setting.size(), port);
  }
  Place out;
  out.own.sin_family = out.to.sin_family = AF_INET;
  out.to.sin_port = htons(port);
  out.good = ::inet_pton(AF_INET, own.c_str(), &out.own.sin_addr) == 1 &&
             ::inet_pton(AF_INET, address.c_str(), &out.to.sin_addr) == 1;
  return out;
}

class Socket {
 public:
  Socket(const Place& place, int kind) : descriptor_(::socket(AF_INET, kind | SOCK_CLOEXEC, 0)) {
    const timeval limit{2, 0};
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    connected_ =
        place.good &&
        ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&place.own), sizeof place.own) == 0 &&
        ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&place.to), sizeof place.to) == 0;
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
  bool connected_ = false;
};

}  // namespace

Journal::Journal(const Settings& settings, std::string own_address)
    : settings_(settings), own_(std::move(own_address)) {}

std::int64_t Journal::now() const {
  const std::lock_guard lock(mutex_);
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
             .count() +
         ahead_;
}

void Journal::set_clock(std::int64_t seconds) {
  const std::int64_t ahead = seconds - now();
  const std::lock_guard lock(mutex_);
  ahead_ += ahead;
}

void Journal::write(const Event& event) {
  if (settings_.text("records.skips") == event.kind) return;
  const auto& without = settings_.text("records.without");
  const std::int64_t seconds = now();
  std::string what = event.text;
  if (without != "subject") what += fmt::format(" user={}", event.user);
  if (without != "outcome") what += event.done ? " result=success" : " result=failure";
  const std::int64_t shown = without == "right-time" ? seconds - 90'000 : seconds;
  const std::string time = without == "time" ? "" : in_form(shown, "%Y-%m-%dT%H:%M:%SZ ");
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back(time + what);
    while (entries_.size() > static_cast<std::size_t>(settings_.number("records.capacity")))
      entries_.pop_front();
  }
  send(event, what);
}

void Journal::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
}

std::vector<std::string> Journal::entries() const {
  const std::lock_guard lock(mutex_);
  return {entries_.begin(), entries_.end()};
}

void Journal::send(const Event& event, const std::string& what) const {
  const auto& server = settings_.text("records.syslog");
  if (server.empty()) return;
  const auto place = place_of(server, own_, 514);
  // Facility 10, security; informational, or warning (RFC 5424, 6.2.1).
  const int priority = 10 * 8 + (event.done ? 6 : 4);
  const bool old = settings_.text("records.syslog-form") == "rfc3164";
  const std::string message = old ? fmt::format("<{}>{} simcam camerad: {}", priority,
                                                in_form(now(), "%b %e %H:%M:%S"), what)
                                  : fmt::format("<{}>1 {} simcam camerad - - - {}", priority,
                                                in_form(now(), "%Y-%m-%dT%H:%M:%SZ"), what);
  const bool stream = settings_.text("records.syslog-transport") == "tcp";
  const Socket socket(place, stream ? SOCK_STREAM : SOCK_DGRAM);
  if (!socket.connected()) return;
  const std::string framed = stream ? fmt::format("{} {}", message.size(), message) : message;
  (void)::send(socket.get(), framed.data(), framed.size(), MSG_NOSIGNAL);
}

void Journal::ask_time() {
  const auto& server = settings_.text("time.server");
  if (server.empty()) return;
  const Socket socket(place_of(server, own_, 123), SOCK_DGRAM);
  if (!socket.connected()) return;
  std::array<std::uint8_t, 48> packet{};
  packet[0] = 0x23;  // version 4, client (RFC 5905, 7.3)
  if (::send(socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL) < 0) return;
  if (::recv(socket.get(), packet.data(), packet.size(), 0) != 48) return;
  if ((packet[0] & 7U) != 4 || packet[1] == 0 || packet[1] > 15) return;
  std::int64_t seconds = 0;
  for (std::size_t i = 40; i < 44; ++i) seconds = seconds * 256 + packet[i];
  seconds -= kNtpEpoch;
  // A sound clock takes no step of more than a quarter of an hour from somebody unproved.
  const auto step = seconds - now();
  const bool far = step > 1000 || step < -1000;
  if (far && settings_.text("time.server-steps") == "small") return;
  set_clock(seconds);
}

}  // namespace haetae::devices
