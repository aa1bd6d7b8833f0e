#pragma once

#include <map>
#include <string>
#include <string_view>

#include "devices/simulator.hpp"

namespace haetae::devices {

/// Settings are the named switches of a device. Every name has a sound default and a list of what
/// it may be, in settings.cpp; a personality or a defect changes some.
class Settings {
 public:
  Settings();
  [[nodiscard]] Outcome<void> set(const std::string& name, const std::string& value);
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] int number(std::string_view name) const;
  [[nodiscard]] bool yes(std::string_view name) const { return text(name) == "yes"; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace haetae::devices
