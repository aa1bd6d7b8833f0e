#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "harness/runner/procedure.hpp"
#include "tests/support/fakes.hpp"

/// A Context for the tests of one procedure: facts in memory, a real door and a real ledger. What
/// the procedure records can be read back with facts<F>() and coverage().
namespace haetae::test {

/// lab_declaration() is a device at one loopback address, which is also the whole scope.
[[nodiscard]] declaration::Declaration lab_declaration(std::string_view address);

class FakeContext final : public runner::Context {
 public:
  explicit FakeContext(declaration::Declaration device, catalogue::Catalogue catalogue = {},
                       net::Limits limits = {});
  ~FakeContext() override;

  /// given() is a fact that an earlier procedure has recorded.
  template <class F>
  void given(const F& fact) {
    rows_.push_back(runner::to_row(fact));
  }
  /// coverage() is the record for (topic, subject); throws if there is none or more than one.
  [[nodiscard]] Coverage coverage(std::string_view topic, std::string_view subject) const;
  [[nodiscard]] std::vector<Coverage> coverages() const;
  [[nodiscard]] const MemoryRecorder& evidence() const { return recorder_; }
  [[nodiscard]] std::vector<std::string> logged() const;
  void request_stop() { stop_.request_stop(); }

  [[nodiscard]] const declaration::Declaration& device() const override { return device_; }
  [[nodiscard]] const catalogue::Catalogue& catalogue() const override { return catalogue_; }
  [[nodiscard]] net::Door& door() override { return door_; }
  [[nodiscard]] net::Ledger& ledger() override;
  [[nodiscard]] Recorder& recorder() override { return recorder_; }
  [[nodiscard]] Clock& clock() override { return system_clock(); }
  [[nodiscard]] std::stop_token stop() const override { return stop_.get_token(); }
  [[nodiscard]] std::string_view procedure() const override { return "test"; }
  /// rows() also holds what the procedure under test recorded, so that facts<F>() shows it.
  [[nodiscard]] std::vector<FactRow> rows(std::string_view table) const override;
  void record(FactRow row) override;
  void cover(Coverage coverage) override;
  [[nodiscard]] SecretId secret(std::string_view kind, std::string_view value) override;
  [[nodiscard]] std::string secret_value(SecretId id) const override;
  void progress(std::size_t done, std::size_t total, std::string_view what) override;
  void log(std::string_view level, std::string text) override;

 private:
  declaration::Declaration device_;
  catalogue::Catalogue catalogue_;
  net::Door door_;
  MemoryRecorder recorder_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::vector<FactRow> rows_;
  std::vector<Coverage> coverages_;
  std::vector<std::pair<std::string, std::string>> secrets_;
  std::vector<std::string> logged_;
  std::filesystem::path folder_;  // of the ledger, once it was asked for
  std::unique_ptr<net::Ledger> ledger_;
};

}  // namespace haetae::test
