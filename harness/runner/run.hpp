#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/judge/judge.hpp"
#include "harness/net/door.hpp"
#include "harness/runner/plan.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::runner {

/// Observer is told how a run goes; calls come from several threads, one at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void planned(const Plan& plan) = 0;
  virtual void started(const Info& procedure) = 0;
  virtual void progress(const Info& procedure, std::size_t done, std::size_t total,
                        std::string_view what) = 0;
  /// ended() tells the state word, its reason, and one line about what was learned.
  virtual void ended(const Info& procedure, std::string_view state, std::string_view reason,
                     std::size_t facts) = 0;
  virtual void log(std::string_view level, std::string_view text) = 0;
  virtual void stress(const net::Stress& stress) = 0;
};

struct Options {
  declaration::Loaded device;
  catalogue::Loaded catalogue;
  std::vector<evidence::FactTable> fact_tables;
  std::vector<Procedure> procedures;
  Selection selection;
  std::filesystem::path output;
  std::filesystem::path state_dir;           ///< ledgers, locks, signing key
  std::filesystem::path key;                 ///< PEM file (made there on first use) or pkcs11: URI
  evidence::AskPassphrase ask_passphrase{};  ///< empty: nobody to ask
  bool resume = false;
  std::string tool;           ///< "haetae 0.1.0 (commit)"
  std::string defect_matrix;  ///< score of procedures and criteria, for the method page
  /// before_seal() adds what belongs to the judgement, such as waivers; may be empty.
  std::function<Result<void>(evidence::RunFile&, const judge::Judgement&)> before_seal;
  net::Limits limits;
  int repeat = 1;  ///< how often a procedure that sends and is at most safe is done
  /// doubtful() is whether an earlier run saw other facts of a procedure; it is then done
  /// kSecondLook times. It may be called from several threads, and may be empty.
  std::function<bool(const std::string& procedure, const std::vector<FactRow>& facts)> doubtful;
  int width = 4;            ///< safe procedures at the same time
  Duration patience = 60s;  ///< how long a silent device is waited for
};

struct Outcome {
  judge::Judgement judgement;
  bool stopped = false;      ///< by the person; resumable
  bool reachable = true;     ///< false: the device never answered
  std::string lost;          ///< when it stopped answering for good, what is said of it
  std::string public_key{};  ///< of the key that sealed, PEM
};

/// run() plans, executes, judges, stores and seals. Errors are those that keep a run from being
/// made at all (bad selection, no authorisation, locked device, full disk); the file then holds all
/// that was committed before.
[[nodiscard]] Result<Outcome> run(const Options& options, Clock& clock, Observer& observer,
                                  std::stop_token stop);

/// device_key() names a device in the state directory.
[[nodiscard]] std::string device_key(const declaration::Declaration& device);

}  // namespace haetae::runner
