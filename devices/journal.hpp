#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "devices/settings.hpp"

namespace haetae::devices {

/// Journal is the record of security events of a device, and its clock. Safe to call from any
/// thread.
class Journal {
 public:
  struct Event {
    std::string kind;  ///< login, login-failure, change, update
    std::string user;  ///< may be empty
    std::string text;  ///< what was done, with its outcome
    bool done = true;
  };

  Journal(const Settings& settings, std::string own_address);

  /// write() keeps an event as the settings say, and sends it to the syslog server where one is
  /// set.
  void write(const Event& event);
  void clear();
  [[nodiscard]] std::vector<std::string> entries() const;

  [[nodiscard]] std::int64_t now() const;  ///< the device's time, seconds since 1970
  void set_clock(std::int64_t seconds);
  /// ask_time() asks the time server that the settings name, and takes what it says.
  void ask_time();

 private:
  void send(const Event& event, const std::string& what) const;

  const Settings& settings_;
  std::string own_;
  mutable std::mutex mutex_;
  std::deque<std::string> entries_;
  std::int64_t ahead_ = 0;  // of the real time
};

}  // namespace haetae::devices
