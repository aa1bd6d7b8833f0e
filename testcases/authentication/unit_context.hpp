#pragma once

#include <memory>
#include <string>

#include "harness/runner/procedure.hpp"
#include "testcases/authentication/login_client.hpp"

/// Asking a second unit of the product with the clients that ask the first.
namespace haetae::testcases {

/// UnitContext is the context of a procedure for its second unit: the same door, ledger, facts and
/// stop, another address. Its transcripts are labelled as the second unit's, and services of it
/// are waited for by a patience of their own.
class UnitContext final : public runner::Context {
 public:
  /// `base` must outlive it.
  UnitContext(runner::Context& base, const declaration::SecondUnit& unit);
  ~UnitContext() override;

  [[nodiscard]] const declaration::Declaration& device() const override { return device_; }
  [[nodiscard]] const catalogue::Catalogue& catalogue() const override { return base_.catalogue(); }
  [[nodiscard]] net::Door& door() override { return base_.door(); }
  [[nodiscard]] net::Ledger& ledger() override { return base_.ledger(); }
  [[nodiscard]] Recorder& recorder() override;
  [[nodiscard]] Clock& clock() override { return base_.clock(); }
  [[nodiscard]] std::stop_token stop() const override { return base_.stop(); }
  [[nodiscard]] std::string_view procedure() const override { return base_.procedure(); }
  [[nodiscard]] std::vector<FactRow> rows(std::string_view table) const override {
    return base_.rows(table);
  }
  void record(FactRow row) override { base_.record(std::move(row)); }
  void cover(Coverage coverage) override { base_.cover(std::move(coverage)); }
  [[nodiscard]] SecretId secret(std::string_view kind, std::string_view value) override {
    return base_.secret(kind, value);
  }
  [[nodiscard]] std::string secret_value(SecretId id) const override {
    return base_.secret_value(id);
  }
  void progress(std::size_t done, std::size_t total, std::string_view what) override {
    base_.progress(done, total, what);
  }
  void log(std::string_view level, std::string text) override { base_.log(level, std::move(text)); }

 private:
  class Labelled;
  runner::Context& base_;
  declaration::Declaration device_;
  std::unique_ptr<Labelled> recorder_;
};

/// unit_budget() is budget_of() for the second unit, which counts failures by itself: what it
/// accepts or refuses changes nothing in the first unit's count.
[[nodiscard]] Budget unit_budget(const runner::Context& context, const declaration::PortName& port,
                                 std::string_view account);

/// record_units() records what is declared of a second unit, but for its passwords.
void record_units(runner::Context& context, EvidenceId evidence);

}  // namespace haetae::testcases
