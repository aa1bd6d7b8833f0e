#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/evidence/run_file.hpp"
#include "harness/evidence/transcript.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/record.hpp"
#include "harness/runner/repeat.hpp"

namespace haetae::runner {

/// Harvest is what one attempt of a procedure brought in, before it is committed.
struct Harvest {
  std::vector<FactRow> facts;
  std::vector<Coverage> coverage;
  std::set<SecretId> secrets;
  std::vector<evidence::StoredEvidence> evidence;
  std::vector<Unstable> unstable;
};

/// Ending is how a procedure ended, for the table procedure_state.
struct Ending {
  std::string state;  ///< finished, failed, interrupted, skipped
  Cause cause = Cause::none;
  std::string reason;
};

/// Session is the run file shared by the threads of one run: one writer at a time, ids that never
/// repeat, secrets that are written once.
class Session {
 public:
  Session(evidence::RunFile& run, Clock& clock);

  /// started() marks a procedure as in flight.
  [[nodiscard]] Result<void> started(std::string_view procedure);
  /// commit() writes a harvest and the ending in one transaction. If the facts break the schema,
  /// the evidence is kept and the ending becomes failed (tool).
  [[nodiscard]] Result<void> commit(std::string_view procedure, int version, const Harvest& harvest,
                                    const Ending& ending);
  [[nodiscard]] Result<void> log(std::string_view level, std::string_view text);

  [[nodiscard]] std::vector<FactRow> rows(std::string_view table);
  [[nodiscard]] SecretId secret(std::string_view kind, std::string_view value);
  [[nodiscard]] std::string secret_value(SecretId id);
  /// last_states() is the newest state of every procedure, with its time.
  struct LastState {
    std::string state, at, reason;
  };
  [[nodiscard]] std::map<std::string, LastState, std::less<>> last_states();
  [[nodiscard]] std::atomic<EvidenceId>& evidence_ids() { return evidence_ids_; }

 private:
  struct Secret {
    std::string kind, value;
    bool written = false;
  };
  [[nodiscard]] Result<void> write(std::string_view procedure, int version, const Harvest& harvest,
                                   const Ending& ending, bool with_facts);
  void read_secrets();

  evidence::RunFile& run_;
  Clock& clock_;
  std::mutex mutex_;
  std::atomic<EvidenceId> evidence_ids_;
  std::map<SecretId, Secret> secrets_;
  SecretId next_secret_;
};

}  // namespace haetae::runner
