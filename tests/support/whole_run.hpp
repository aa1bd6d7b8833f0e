#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/judge.hpp"
#include "harness/runner/run.hpp"
#include "tests/support/daemon.hpp"

namespace haetae::test {

/// Quiet is an observer that keeps what was logged and which procedures did not finish.
class Quiet final : public runner::Observer {
 public:
  void planned(const runner::Plan&) override {}
  void started(const runner::Info&) override {}
  void progress(const runner::Info&, std::size_t, std::size_t, std::string_view) override {}
  void ended(const runner::Info& procedure, std::string_view state, std::string_view reason,
             std::size_t) override {
    if (state != "finished")
      trouble_ += procedure.id + " " + std::string(state) + ": " + std::string(reason) + "\n";
  }
  void log(std::string_view level, std::string_view text) override {
    trouble_ += std::string(level) + ": " + std::string(text) + "\n";
  }
  void stress(const net::Stress&) override {}
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  std::string trouble_;
};

/// camera_declaration() is the text of the conformant camera's device.xml moved to `address`, with
/// hooks that speak to the control socket `control` of its simulator, and update files in the
/// folder `keys` beside it.
[[nodiscard]] std::string camera_declaration(const std::string& address,
                                             const std::filesystem::path& control);

/// network_only() is `declaration` without the firmware image and the serial console, which tell
/// the same whatever the device does on the network.
[[nodiscard]] std::string network_only(std::string declaration);

/// options_for() is everything that a whole run over the real catalogue needs; the run file and the
/// state lie in `folder`.
[[nodiscard]] runner::Options options_for(const std::string& declaration, const TempDir& folder);

/// failing() are the ids of the criteria whose verdict is fail.
[[nodiscard]] std::set<std::string> failing(const judge::Judgement& judgement);

/// verdicts_text() is one line a criterion, to compare two runs.
[[nodiscard]] std::string verdicts_text(const judge::Judgement& judgement);

/// replaced() is `text` with every `from` as `to`; throws if there is none.
[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace haetae::test
