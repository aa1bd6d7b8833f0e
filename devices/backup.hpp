#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "devices/settings.hpp"

namespace haetae::devices {

/// Backup is the part of a device that saves its own settings to a file and restores them: lines of
/// NAME=VALUE, and a last line with a tag that only this device can make (HMAC-SHA256). It is safe
/// to call from any thread.
class Backup {
 public:
  explicit Backup(const Settings& settings);
  [[nodiscard]] std::string save() const;
  /// restore() takes a file as the setting backup.tag says; it returns why not, or an empty text.
  [[nodiscard]] std::string restore(std::string_view file);
  /// factory() brings the shipped values back.
  void factory();

 private:
  [[nodiscard]] std::string tag(std::string_view text) const;

  const Settings& settings_;
  const std::string key_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> values_;
};

}  // namespace haetae::devices
