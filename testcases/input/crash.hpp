#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/runner/procedure.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/input/limits.hpp"

/// What is done when a service went away after an input, whatever its protocol.
namespace haetae::testcases::input {

/// Away is how a service came back after it had stopped answering.
struct Away {
  bool back = false;   ///< it answers again
  std::string effect;  ///< a word of input_crash.effect
  Duration gone{};     ///< as far as it was watched
  EvidenceId evidence = 0;
};

/// wait_back() waits for input.recovery; a service that stays away is brought back by the hook
/// power-cycle where one is declared and disruptive tests are permitted. `stays` is kept between
/// calls: once it was seen to stay away, waiting again shows nothing new.
[[nodiscard]] Away wait_back(runner::Context& context, const Limits& limits, bool& stays,
                             const std::function<bool()>& alive);

/// Suspect is an input that may have done it.
struct Suspect {
  bool halves = false;     ///< a shorter one of its kind can be made
  std::size_t length = 0;  ///< of the one that was sent
  std::string sent;        ///< its bytes
  /// again() sends it once more with that length and tells whether the service is gone after it.
  std::function<bool(std::size_t length, std::string& sent)> again;
};

/// Autopsy is what became of it.
struct Autopsy {
  Away away;
  std::size_t which = 0;  ///< the suspect that did it again, else the first
  std::string repeated = "not-tried";
  std::string shortest;  ///< the shortest input that was seen to do it
  bool back = false;     ///< the service answers at the end
};

/// look_closer() lets the service come back, tries the suspects once more in their order, and
/// halves the length of the one that does it again, a few times: each may cost a restart.
[[nodiscard]] Autopsy look_closer(runner::Context& context, const std::vector<Suspect>& suspects,
                                  const std::function<Away()>& wait_back);

/// crash_of() is the row for an autopsy; its evidence is the shortest input, whole.
[[nodiscard]] facts::InputCrash crash_of(runner::Context& context, const facts::InputTrial& trial,
                                         const std::string& name, const Autopsy& autopsy);

}  // namespace haetae::testcases::input
