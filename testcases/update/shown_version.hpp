#pragma once

#include <string>
#include <vector>

#include "harness/runner/procedure.hpp"

/// Which version a device runs, as it shows it itself or as a command of the laboratory reads it.
namespace haetae::testcases::update {

struct Shown {
  bool alive = false;   ///< the device answered
  std::string version;  ///< empty: not told
  std::string text;     ///< all that was shown, where a marker may stand; at most 64 KiB
  std::string why;      ///< why the version is not known
  EvidenceId evidence = 0;
};

/// VersionReader asks the declared places that show the firmware version, then the hook `version`.
class VersionReader {
 public:
  explicit VersionReader(runner::Context& context);
  /// declared() is whether there is anything to ask.
  [[nodiscard]] bool declared() const;
  [[nodiscard]] Shown read() const;

 private:
  [[nodiscard]] Shown ask(const declaration::ProductInformation& place) const;
  [[nodiscard]] Shown run_hook(const declaration::Hook& hook) const;
  [[nodiscard]] std::string version_in(const std::string& text) const;
  [[nodiscard]] bool answers() const;

  runner::Context& context_;
  std::vector<std::string> known_;  ///< versions that the declaration names
};

}  // namespace haetae::testcases::update
