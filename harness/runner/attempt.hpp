#pragma once

#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>

#include "harness/evidence/transcript.hpp"
#include "harness/runner/procedure.hpp"
#include "harness/runner/run.hpp"
#include "harness/runner/session.hpp"

namespace haetae::runner {

/// Surroundings is what all attempts of a run share.
struct Surroundings {
  const Options& options;
  Clock& clock;
  Observer& observer;
  Session& session;
  net::Door& door;
  net::Ledger& ledger;
  std::shared_ptr<Patience> patience = std::make_shared<Patience>();
};

/// Attempt is the Context of one procedure from its first byte to its commit.
class Attempt final : public Context {
 public:
  Attempt(Surroundings& around, const Procedure& procedure, std::stop_token stop);

  [[nodiscard]] const declaration::Declaration& device() const override {
    return around_.options.device.value;
  }
  [[nodiscard]] const catalogue::Catalogue& catalogue() const override {
    return around_.options.catalogue.value;
  }
  [[nodiscard]] net::Door& door() override { return around_.door; }
  [[nodiscard]] net::Ledger& ledger() override { return around_.ledger; }
  [[nodiscard]] Recorder& recorder() override { return evidence_; }
  [[nodiscard]] Clock& clock() override { return around_.clock; }
  [[nodiscard]] std::stop_token stop() const override { return stop_; }
  [[nodiscard]] std::string_view procedure() const override { return procedure_.info.id; }
  [[nodiscard]] std::vector<FactRow> rows(std::string_view table) const override {
    return around_.session.rows(table);
  }
  void record(FactRow row) override;
  void cover(Coverage coverage) override;
  [[nodiscard]] SecretId secret(std::string_view kind, std::string_view value) override;
  [[nodiscard]] std::string secret_value(SecretId id) const override {
    return around_.session.secret_value(id);
  }
  void progress(std::size_t done, std::size_t total, std::string_view what) override {
    around_.observer.progress(procedure_.info, done, total, what);
  }
  void log(std::string_view level, std::string text) override;

  /// taint() voids what was covered so far and is covered later: another device may have answered,
  /// or none.
  void taint(std::string why);
  /// drop_facts() forgets facts and coverage, and keeps evidence and secrets.
  void drop_facts();
  /// take() hands over the facts and coverage of one go; put() gives back what several have in
  /// common.
  [[nodiscard]] Observation take();
  void put(Merged merged);
  [[nodiscard]] bool tainted() const;
  /// recorded() says whether a fact with this cell is among those kept so far.
  [[nodiscard]] bool recorded(std::string_view table, std::string_view column,
                              const Value& value) const;
  [[nodiscard]] Harvest harvest();

 private:
  Surroundings& around_;
  const Procedure& procedure_;
  std::stop_token stop_;
  evidence::EvidenceBuffer evidence_;
  mutable std::mutex mutex_;
  Harvest harvest_;
  std::string taint_;
};

}  // namespace haetae::runner
