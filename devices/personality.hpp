#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "devices/firmware.hpp"
#include "devices/settings.hpp"
#include "devices/simulator.hpp"

namespace haetae::devices {

struct Maker {
  std::string name, model, serial, hardware, firmware;
};

/// AccountSpec is an account of the personality. Surfaces are web, stream, rtsp, shell, events,
/// telnet, ftp.
struct AccountSpec {
  std::string name, password, factory_password;
  bool factory = false;  ///< exists in factory state
  std::set<std::string> surfaces;
};

struct Change {
  std::vector<Port> services;  ///< added, or put in place of
  std::vector<std::pair<std::string, std::uint16_t>> removed;
  std::vector<std::pair<std::string, std::string>> settings;
  Firmware firmware;  ///< entries put in place of, or taken away
};

struct DefectSpec {
  Defect defect;
  Change change;
};

struct Personality {
  std::string id, address;
  Maker maker;
  std::vector<Port> services;
  std::vector<AccountSpec> accounts;
  Settings settings;
  Firmware firmware;
  std::vector<DefectSpec> defects;
  std::filesystem::path keys{};  ///< folder of keys and certificates; empty: made anew

  /// addresses() splits `address`, which may hold one of IPv4 and one of IPv6.
  [[nodiscard]] std::vector<std::string> addresses() const;
};

/// load_personality() reads the XML strictly. A personality with a base takes everything but the
/// defects from it.
[[nodiscard]] Outcome<Personality> load_personality(const std::filesystem::path& file);

/// apply() puts the changes of the named defects, then the single settings, into effect.
[[nodiscard]] Outcome<Personality> apply(Personality personality, const Options& options);

}  // namespace haetae::devices
