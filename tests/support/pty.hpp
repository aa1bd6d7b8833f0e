#pragma once

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace haetae::test {

/// Pty is a pair of terminals: the slave stands for the serial port, the master for the board at
/// its other end. The slave is kept open, so that the master does not end while nobody else holds
/// it.
class Pty {
 public:
  Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0)
      throw std::runtime_error("no pty");
    name_ = ptsname(master_);
    slave_ = ::open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave_ < 0) throw std::runtime_error("no slave of the pty");
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  ~Pty() {
    if (slave_ >= 0) ::close(slave_);
    unplug();
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int master() const { return master_; }
  [[nodiscard]] int slave() const { return slave_; }
  /// unplug() takes the board away.
  void unplug() {
    if (master_ >= 0) ::close(master_);
    master_ = -1;
  }
  void write(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = ::write(master_, text.data(), text.size());
      if (sent <= 0) throw std::runtime_error("the pty takes no bytes");
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// read() gives exactly `count` bytes that were sent to the board, fewer if none come for 5 s.
  [[nodiscard]] std::string read(std::size_t count) const {
    std::string out;
    while (out.size() < count) {
      pollfd entry{.fd = master_, .events = POLLIN, .revents = 0};
      if (poll(&entry, 1, 5000) <= 0) break;
      std::string block(count - out.size(), '\0');
      const auto got = ::read(master_, block.data(), block.size());
      if (got <= 0) break;
      out.append(block, 0, static_cast<std::size_t>(got));
    }
    return out;
  }

 private:
  int master_;
  int slave_ = -1;
  std::string name_;
};

}  // namespace haetae::test
