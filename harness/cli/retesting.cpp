#include <fmt/format.h>

#include "harness/cli/comparing.hpp"
#include "harness/cli/retesting.hpp"
#include "harness/cli/setup.hpp"
#include "harness/compare/pair.hpp"
#include "harness/compare/render.hpp"
#include "testcases/procedures.hpp"

namespace haetae::cli {
namespace {

/// PaperContext lets procedures that send nothing read the declaration.
class PaperContext final : public runner::Context {
 public:
  PaperContext(const declaration::Declaration& device, const catalogue::Catalogue& catalogue)
      : device_(device), catalogue_(catalogue), door_(device.scope, {}, system_clock()) {}

  [[nodiscard]] const declaration::Declaration& device() const override { return device_; }
  [[nodiscard]] const catalogue::Catalogue& catalogue() const override { return catalogue_; }
  [[nodiscard]] net::Door& door() override { return door_; }
  [[nodiscard]] net::Ledger& ledger() override {
    throw std::logic_error("a procedure that sends nothing asked for the login ledger");
  }
  [[nodiscard]] Recorder& recorder() override { return recorder_; }
  [[nodiscard]] Clock& clock() override { return system_clock(); }
  [[nodiscard]] std::stop_token stop() const override { return {}; }
  [[nodiscard]] std::string_view procedure() const override { return "plan"; }
  [[nodiscard]] std::vector<FactRow> rows(std::string_view table) const override {
    std::vector<FactRow> out;
    for (const FactRow& row : facts_) {
      if (row.table == table) out.push_back(row);
    }
    return out;
  }
  void record(FactRow row) override { facts_.push_back(std::move(row)); }
  void cover(Coverage) override {}
  [[nodiscard]] SecretId secret(std::string_view, std::string_view) override { return 1; }
  [[nodiscard]] std::string secret_value(SecretId) const override { return {}; }
  void progress(std::size_t, std::size_t, std::string_view) override {}
  void log(std::string_view, std::string) override {}

  [[nodiscard]] std::vector<FactRow> take() { return std::move(facts_); }

 private:
  const declaration::Declaration& device_;
  const catalogue::Catalogue& catalogue_;
  net::Door door_;
  NoRecorder recorder_;
  std::vector<FactRow> facts_;
};

/// declared_facts() is what the declaration says, as the run would record it.
Result<std::vector<FactRow>> declared_facts(const declaration::Declaration& device,
                                            const catalogue::Catalogue& catalogue) {
  PaperContext context(device, catalogue);
  for (const auto& procedure : testcases::procedures()) {
    if (procedure.info.hazard != Hazard::passive || !procedure.info.requires_facts.empty())
      continue;
    if (auto done = procedure.run(context); !done) return tl::unexpected(done.error());
  }
  return context.take();
}

}  // namespace

Result<compare::Retest> retest_before(const std::filesystem::path& baseline,
                                      const declaration::Declaration& device,
                                      const catalogue::Catalogue& catalogue,
                                      const runner::Selection& selection) {
  const auto before = open_judged(baseline);
  if (!before) return fail("--baseline", before.error());
  const auto facts = declared_facts(device, catalogue);
  if (!facts) return tl::unexpected(facts.error());
  auto changes = compare::declared_changes(before->run.handle(), *facts);
  if (!changes) return tl::unexpected(changes.error());
  compare::Change change{.catalogue = &catalogue,
                         .type = selection.type,
                         .only = selection.only,
                         .facts = std::move(*changes),
                         .versions = {}};
  for (const auto& procedure : testcases::procedures()) {
    change.versions[procedure.info.id] = procedure.info.version;
  }
  return compare::retest(before->side(), change);
}

}  // namespace haetae::cli
