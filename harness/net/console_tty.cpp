#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "harness/net/conn.hpp"
#include "harness/net/console.hpp"
#include "harness/net/socket.hpp"

namespace haetae::net {
namespace {

struct Speed {
  int baud;
  speed_t code;
};
constexpr std::array kSpeeds = {
    Speed{300, B300},         Speed{600, B600},         Speed{1200, B1200},
    Speed{2400, B2400},       Speed{4800, B4800},       Speed{9600, B9600},
    Speed{19200, B19200},     Speed{38400, B38400},     Speed{57600, B57600},
    Speed{115200, B115200},   Speed{230400, B230400},   Speed{460800, B460800},
    Speed{500000, B500000},   Speed{576000, B576000},   Speed{921600, B921600},
    Speed{1000000, B1000000}, Speed{1152000, B1152000}, Speed{1500000, B1500000},
    Speed{2000000, B2000000}, Speed{2500000, B2500000}, Speed{3000000, B3000000},
    Speed{3500000, B3500000}, Speed{4000000, B4000000},
};

Result<speed_t> code_of(int baud) {
  std::string allowed;
  for (const Speed& speed : kSpeeds) {
    if (speed.baud == baud) return speed.code;
    allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", speed.baud);
  }
  return fail(ErrorKind::invalid_input,
              fmt::format("a console has no speed of {} baud; allowed: {}", baud, allowed));
}

tl::unexpected<Error> tty_error(const std::string& device, int code, std::string_view what) {
  const ErrorKind kind = code == ENOENT || code == ENODEV || code == ENXIO ? ErrorKind::not_found
                         : code == EBUSY || code == EWOULDBLOCK            ? ErrorKind::budget
                                                                : ErrorKind::invalid_input;
  std::string advice;
  if (code == EACCES || code == EPERM)
    advice = "; the user of this program needs the right to it (group dialout)";
  if (kind == ErrorKind::budget) advice = "; another program uses it: end that one first";
  return fail(kind, fmt::format("console {}: {}: {}{}", device, what,
                                std::generic_category().message(code), advice));
}

// own_terminal() is whether it is the terminal that this program itself runs on.
bool own_terminal(const struct stat& status) {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    struct stat own {};
    if (fstat(descriptor, &own) == 0 && S_ISCHR(own.st_mode) && own.st_rdev == status.st_rdev)
      return true;
  }
  return false;
}

class TtyConsole final : public Conn {
 public:
  TtyConsole(Fd tty, const termios& before, Recorder& recorder, EvidenceId evidence, Clock& clock)
      : tty_(std::move(tty)),
        before_(before),
        recorder_(recorder),
        evidence_(evidence),
        clock_(clock) {}
  TtyConsole(const TtyConsole&) = delete;
  TtyConsole& operator=(const TtyConsole&) = delete;
  ~TtyConsole() override { TtyConsole::close(); }

  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime deadline) override;
  Result<void> write(ByteView bytes, SteadyTime deadline) override;
  void close() override;
  [[nodiscard]] EvidenceId evidence() const override { return evidence_; }
  void note(Direction direction, ByteView bytes) override {
    recorder_.append(evidence_, direction, bytes);
  }
  [[nodiscard]] int descriptor() const override { return tty_.get(); }
  [[nodiscard]] SteadyTime now() const override { return clock_.now(); }

 private:
  void event(std::string_view text) { note(Direction::event, as_bytes(text)); }
  tl::unexpected<Error> lost(int code, std::string_view what);

  Fd tty_;
  termios before_;
  Recorder& recorder_;
  EvidenceId evidence_;
  Clock& clock_;
};

tl::unexpected<Error> TtyConsole::lost(int code, std::string_view what) {
  // An adapter that was pulled out, or a pty whose other side went away.
  const std::string text =
      fmt::format("{} the console: {}", what, std::generic_category().message(code));
  event(text);
  return fail(ErrorKind::closed, text);
}

Result<std::size_t> TtyConsole::read_some(std::span<std::uint8_t> into, SteadyTime deadline) {
  if (into.empty()) return fail(ErrorKind::internal, "a read into no space");
  if (!tty_) return fail(ErrorKind::closed, "reading: already closed by the harness");
  for (;;) {
    if (clock_.now() >= deadline) return fail(ErrorKind::timed_out, "no answer in time");
    if (auto ready = wait_for(tty_.get(), POLLIN, deadline, clock_); !ready)
      return tl::unexpected(ready.error());
    const ssize_t got = ::read(tty_.get(), into.data(), into.size());
    if (got > 0) {
      note(Direction::received, into.first(static_cast<std::size_t>(got)));
      return static_cast<std::size_t>(got);
    }
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    return lost(got == 0 ? EIO : errno, "reading");
  }
}

Result<void> TtyConsole::write(ByteView bytes, SteadyTime deadline) {
  if (!tty_) return fail(ErrorKind::closed, "writing: already closed by the harness");
  while (!bytes.empty()) {
    if (clock_.now() >= deadline) return fail(ErrorKind::timed_out, "the console takes no bytes");
    const ssize_t sent = ::write(tty_.get(), bytes.data(), bytes.size());
    if (sent > 0) {
      note(Direction::sent, bytes.first(static_cast<std::size_t>(sent)));
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno != EINTR && errno != EAGAIN) return lost(errno, "writing");
    if (auto ready = wait_for(tty_.get(), POLLOUT, deadline, clock_); !ready) return ready;
  }
  return {};
}

void TtyConsole::close() {
  if (!tty_) return;
  event("closed by the harness");
  // What is still to be sent is dropped: closing would wait for a line that takes no bytes.
  tcflush(tty_.get(), TCOFLUSH);
  tcsetattr(tty_.get(), TCSANOW, &before_);
  ioctl(tty_.get(), TIOCNXCL);
  tty_.reset();
}

Result<void> set_raw(int descriptor, const std::string& device, speed_t speed, termios settings) {
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD | CS8;
  settings.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CSTOPB | PARENB | CRTSCTS);
  settings.c_iflag &= ~static_cast<tcflag_t>(IXON | IXOFF | IXANY);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  if (cfsetspeed(&settings, speed) != 0 || tcsetattr(descriptor, TCSANOW, &settings) != 0)
    return tty_error(device, errno, "it does not take the speed");
  // tcsetattr() succeeds if any of the settings was taken.
  termios taken{};
  if (tcgetattr(descriptor, &taken) != 0 || cfgetospeed(&taken) != speed ||
      (taken.c_lflag & static_cast<tcflag_t>(ICANON | ECHO)) != 0)
    return tty_error(device, EINVAL, "it does not take the speed");
  return {};
}

}  // namespace

Result<std::unique_ptr<Conn>> open_tty(const std::string& device, int baud, Recorder& recorder,
                                       std::string_view subject, std::string_view label,
                                       Clock& clock) {
  const auto speed = code_of(baud);
  if (!speed) return tl::unexpected(speed.error());
  Fd tty(::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!tty) return tty_error(device, errno, "opening");
  struct stat status {};
  if (fstat(tty.get(), &status) != 0 || !S_ISCHR(status.st_mode) || isatty(tty.get()) == 0)
    return tty_error(device, ENOTTY, "it is no serial port");
  if (own_terminal(status))
    return fail(ErrorKind::invalid_input,
                fmt::format("console {}: it is the terminal of this program", device));
  // Two locks: terminal programs look at the file lock, the kernel holds all others off.
  if (flock(tty.get(), LOCK_EX | LOCK_NB) != 0) return tty_error(device, errno, "locking");
  if (ioctl(tty.get(), TIOCEXCL) != 0) return tty_error(device, errno, "locking");
  termios before{};
  if (tcgetattr(tty.get(), &before) != 0) return tty_error(device, errno, "reading its settings");
  const EvidenceId evidence = recorder.transcript(subject, label);
  const int descriptor = tty.get();
  auto console = std::make_unique<TtyConsole>(std::move(tty), before, recorder, evidence, clock);
  if (auto set = set_raw(descriptor, device, *speed, before); !set)
    return tl::unexpected(set.error());
  // What came before was sent to nobody.
  tcflush(descriptor, TCIFLUSH);
  console->note(Direction::event,
                as_bytes(fmt::format("opened {} at {} baud, 8 bits, no parity", device, baud)));
  return console;
}

}  // namespace haetae::net
