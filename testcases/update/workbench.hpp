#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/formats/update_image.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/adapter.hpp"
#include "testcases/update/shown_version.hpp"

/// What the procedures of the update share: the files, the way, and what became of an offer.
namespace haetae::testcases::update {

/// Stock is an update file that the maker handed over.
struct Stock {
  std::string image;  ///< name in the facts: role, with a number from the second of a role on
  std::string role, version;
  Bytes bytes;
  std::string why;  ///< why it could not be read
  [[nodiscard]] bool there() const { return why.empty(); }
};

/// stocks() reads the declared files, at most 256 MiB each.
[[nodiscard]] std::vector<Stock> stocks(const declaration::Update& update);

enum class Became { unknown, installed, not_installed };

/// Seen is an offer with what ran before and afterwards.
struct Seen {
  Offer offer;
  Shown before, after;
  Became became = Became::unknown;
  std::string basis = "unknown";  ///< a word of update_trial.basis
  Duration took{};
  EvidenceId evidence = 0;  ///< what was offered and what ran before and after; 0: nothing was seen
};

/// Manner of an offer: what is known of the file beside its bytes.
struct Manner {
  std::string version;  ///< that would run if it were installed
  std::string marker;   ///< text by which an installation would show
  bool genuine = false;
  bool exact = false;  ///< what runs must be `version`: a third version is no installation of it
};

class Workbench {
 public:
  /// open() needs a declared way; the error says what is missing.
  [[nodiscard]] static Result<std::unique_ptr<Workbench>> open(runner::Context& context);

  /// open() with another way than the declared one.
  [[nodiscard]] static Result<std::unique_ptr<Workbench>> open(
      runner::Context& context, Result<std::unique_ptr<Adapter>> adapter);

  [[nodiscard]] Adapter& adapter() { return *adapter_; }
  [[nodiscard]] std::string subject() const { return adapter_->subject(); }
  [[nodiscard]] std::vector<const Stock*> of_role(std::string_view role) const;
  /// base() is the file from which altered ones are made: a newer one where there is one, as its
  /// installation shows by the version; else the current one. Null if neither could be read.
  [[nodiscard]] const Stock* base() const;
  /// home() is the version under test.
  [[nodiscard]] std::string home() const;
  [[nodiscard]] bool shows_version() const { return reader_.declared(); }
  /// recoverable() is whether a way back from a bad image is declared.
  [[nodiscard]] bool recoverable() const;
  [[nodiscard]] Shown look() const { return reader_.read(); }

  /// knows() takes the controls of an earlier procedure over: how long an installation takes. False
  /// if no genuine file was seen to be installed and put back; `why` then says so.
  [[nodiscard]] bool knows(std::string& why);

  /// learn() takes over how long the installation of a genuine file was seen to take.
  void learn(const Seen& genuine);

  using Then = std::function<void()>;
  /// offer() offers a file and waits until it is clear what became of it, at most the declared time
  /// to settle. `then` is called right behind the transfer.
  [[nodiscard]] Seen offer(const Parcel& parcel, const Manner& manner, const Then& then = {});
  /// put_back() brings the version under test back: by its image, then by the hook recover, then by
  /// a power cycle and the image. False if it was not seen to run afterwards. `force` offers the
  /// image although the version is right already.
  [[nodiscard]] bool put_back(bool force);
  /// clean_up() puts back what a trial may have left: "yes", "no", or "not-needed".
  [[nodiscard]] std::string clean_up(const Seen& seen);
  /// last() is the last offer of put_back(), for the record.
  [[nodiscard]] const Seen& last() const { return last_; }

 private:
  explicit Workbench(runner::Context& context);
  [[nodiscard]] bool home_runs() const;
  [[nodiscard]] bool wait_for_home() const;
  [[nodiscard]] bool run_hook(const char* name) const;
  [[nodiscard]] Duration patience(const Offer& offer, const Manner& manner) const;
  [[nodiscard]] EvidenceId protocol_of(const Seen& seen, const Parcel& parcel) const;
  void settle(Seen& seen, const Manner& manner, SteadyTime begin) const;
  /// of_a_file() is whether a shown version is that of a declared file, so that the place it is
  /// read from can be believed.
  [[nodiscard]] bool of_a_file(const std::string& version) const;
  void judge(Seen& seen, const Manner& manner) const;

  runner::Context& context_;
  VersionReader reader_;
  std::unique_ptr<Adapter> adapter_;
  std::vector<Stock> stocks_;
  std::optional<std::chrono::milliseconds> usual_;  ///< how long a genuine installation took
  Seen last_;
};

/// third_version() says that a device came back from a genuine update as something else: it shows
/// neither the version of before nor that of the file. Empty if it did not.
[[nodiscard]] std::string third_version(const Seen& seen, const std::string& version);

/// trial() is the row of the table update_trial for what was seen.
[[nodiscard]] facts::UpdateTrial trial(const Workbench& bench, const Seen& seen,
                                       const std::string& image, const std::string& mutation);
[[nodiscard]] std::string word(Became became);  ///< a word of update_trial.outcome
[[nodiscard]] std::int64_t milliseconds_of(Duration took);

}  // namespace haetae::testcases::update
