#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/protocols/identity.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::runner {

/// Pulse is whether the device answered at one moment, and as whom.
struct Pulse {
  protocols::Likeness likeness = protocols::Likeness::unclear;
  protocols::Fingerprint fingerprint;
  bool asked = false;  ///< false: no port is known yet at which to ask
  [[nodiscard]] bool silent() const { return likeness == protocols::Likeness::silent; }
  bool doubtful = false;  ///< it answers, but tells nothing although it told who it is before
  [[nodiscard]] bool changed() const {
    return doubtful || likeness == protocols::Likeness::changed;
  }
};

/// PulseTaker compares the device with what it was at the first pulse of the run. It is safe to use
/// from several threads.
class PulseTaker {
 public:
  /// take() asks the reference ports: the declared ones, and once discovery has told, open ones if
  /// no declared port tells anything by which to know the device.
  [[nodiscard]] Pulse take(Context& context);

 private:
  [[nodiscard]] std::vector<protocols::ReferencePort> references(const Context& context);

  std::mutex mutex_;
  std::optional<protocols::Fingerprint> first_;
  std::vector<protocols::ReferencePort> chosen_;
};

/// to_fact() is the row of the table `liveness` for a pulse.
[[nodiscard]] FactRow to_fact(const Pulse& pulse, const std::string& moment);

}  // namespace haetae::runner
