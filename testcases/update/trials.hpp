#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "testcases/update/workbench.hpp"

/// Files offered one after the other, each judged, recorded and put right again.
namespace haetae::testcases::update {

/// Gap is why something could not be tried; an empty reason is none.
struct Gap {
  std::string why;
  Cause cause = Cause::none;
  std::string tried{};
};

/// with_bench() opens the workbench, checks that a genuine update was seen to be installed and put
/// back, calls `work`, and writes the coverage record of `topic`.
[[nodiscard]] Result<void> with_bench(runner::Context& context, std::string_view topic,
                                      const std::function<Gap(Workbench&)>& work);

/// taken_apart() reads the format of a genuine file, with the declared keys and place of the
/// signature.
[[nodiscard]] Result<formats::UpdateFile> taken_apart(const runner::Context& context,
                                                      const Stock& stock);

/// Candidate is a file that is to be offered.
struct Candidate {
  std::string image, mutation, what, version;
  bool genuine = false;
  ByteView bytes;  ///< of a file as it was handed over
  /// make() is an altered one, made when its turn comes: large files are not held all at once.
  std::function<Result<formats::Mutation>()> make{};
};

class Trials {
 public:
  using Keep = std::function<void(const facts::UpdateTrial&)>;
  /// `keep` records what became of a file, in a table of its own where it is not update_trial.
  Trials(runner::Context& context, Workbench& bench, Keep keep = {})
      : context_(context), bench_(bench), keep_(std::move(keep)) {
    if (!keep_) keep_ = [this](const facts::UpdateTrial& fact) { runner::record(context_, fact); };
  }
  void add(Candidate candidate) { candidates_.push_back(std::move(candidate)); }
  [[nodiscard]] std::size_t count() const { return candidates_.size(); }
  /// run() stops where the version under test cannot be put back: nothing more is offered to a
  /// device in an unknown state.
  [[nodiscard]] Gap run();

 private:
  runner::Context& context_;
  Workbench& bench_;
  Keep keep_;
  std::vector<Candidate> candidates_;
};

}  // namespace haetae::testcases::update
