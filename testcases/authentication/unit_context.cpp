#include "testcases/authentication/unit_context.hpp"

#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

class UnitContext::Labelled final : public Recorder {
 public:
  explicit Labelled(Recorder& inner) : inner_(inner) {}
  EvidenceId transcript(std::string_view subject, std::string_view label) override {
    return inner_.transcript(subject, named(label));
  }
  void append(EvidenceId id, Direction direction, ByteView bytes) override {
    inner_.append(id, direction, bytes);
  }
  EvidenceId attach(std::string_view subject, std::string_view label, std::string_view media_type,
                    ByteView bytes) override {
    return inner_.attach(subject, named(label), media_type, bytes);
  }

 private:
  static std::string named(std::string_view label) { return "second unit: " + std::string(label); }
  Recorder& inner_;
};

UnitContext::UnitContext(runner::Context& base, const declaration::SecondUnit& unit)
    : base_(base), device_(base.device()), recorder_(std::make_unique<Labelled>(base.recorder())) {
  device_.addresses = {unit.address};
  device_.identity.serial = unit.serial;
}
UnitContext::~UnitContext() = default;

Recorder& UnitContext::recorder() { return *recorder_; }

Budget unit_budget(const runner::Context& context, const declaration::PortName& port,
                   std::string_view account) {
  Budget out = budget_of(context, port, account);
  for (Budget::Key& key : out.keys) key.subject = "second-unit:" + key.subject;
  return out;
}

void record_units(runner::Context& context, EvidenceId evidence) {
  const auto& device = context.device();
  if (!device.second_unit) return;
  facts::DeclaredUnit unit;
  unit.evidence = evidence;
  unit.unit = "second";
  unit.serial = device.second_unit->serial;
  unit.address = device.second_unit->address.text();
  runner::record(context, unit);
  for (const auto& one : device.accounts) {
    const std::string second = device.second_unit->factory_password(one.name);
    if (one.factory_password.empty() && second.empty()) continue;
    facts::DeclaredUnitAccount fact;
    fact.evidence = evidence;
    fact.account = one.name;
    fact.factory = one.factory_password.empty() || second.empty() ? "missing"
                   : one.factory_password == second               ? "same"
                                                                  : "different";
    runner::record(context, fact);
  }
}

}  // namespace haetae::testcases
