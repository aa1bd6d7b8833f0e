#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/model/hazard.hpp"
#include "harness/model/record.hpp"
#include "harness/net/door.hpp"
#include "harness/net/ledger.hpp"
#include "harness/runner/patience.hpp"

/// A procedure drives the device to learn something: one file, one class of question. It records
/// evidence, facts and coverage, and never says pass or fail.
namespace haetae::runner {

class Context;

struct Info {
  std::string id;  ///< "discovery", "tls"
  int version = 1;
  catalogue::Text title;
  Hazard hazard = Hazard::safe;
  std::vector<std::string> requires_facts;  ///< fact tables that must be written first
  std::vector<std::string> provides_facts;  ///< fact tables that it writes
  std::vector<std::string> topics;          ///< coverage topics that it writes
  std::vector<std::string> exclusive;       ///< resources held alone: "login", "device-state"
  int connections = 0;                      ///< expected, for the plan
  int logins = 0;                           ///< at most, for the plan
  std::chrono::seconds expected{5};         ///< for the plan
  std::chrono::seconds deadline{300};       ///< it is asked to stop then; coverage turns partial
  catalogue::Text recovery;                 ///< how the old state comes back; needed above safe
  bool last = false;                        ///< after all others of its hazard (lockout)
};

/// Procedure is what the list in testcases/procedures.cpp holds.
struct Procedure {
  Info info;
  /// run() does the work. An error means that nothing it recorded is kept, apart from evidence.
  std::function<Result<void>(Context&)> run;
  /// recover() puts the device back after an interrupted run; may be empty for safe procedures.
  std::function<Result<void>(Context&)> recover;
};

/// Context is all that a procedure can touch. record(), cover(), secret(), evidence and the network
/// may be used from several threads at once.
class Context {
 public:
  virtual ~Context() = default;

  [[nodiscard]] virtual const declaration::Declaration& device() const = 0;
  [[nodiscard]] virtual const catalogue::Catalogue& catalogue() const = 0;
  [[nodiscard]] virtual net::Door& door() = 0;
  [[nodiscard]] virtual net::Ledger& ledger() = 0;
  [[nodiscard]] virtual Recorder& recorder() = 0;
  [[nodiscard]] virtual Clock& clock() = 0;
  [[nodiscard]] virtual std::stop_token stop() const = 0;
  [[nodiscard]] virtual std::string_view procedure() const = 0;  ///< id, for the ledger

  /// address() is the primary address; addresses() all that are probed (at most a v4 and a v6).
  [[nodiscard]] const Address& address() const { return device().addresses.front(); }

  /// rows() reads facts that earlier procedures committed, in insertion order.
  [[nodiscard]] virtual std::vector<FactRow> rows(std::string_view table) const = 0;
  /// record() keeps a fact until the procedure's transaction commits.
  virtual void record(FactRow row) = 0;
  virtual void cover(Coverage coverage) = 0;
  /// secret() keeps a secret value and returns its id; the same (kind, value) gives the same id.
  [[nodiscard]] virtual SecretId secret(std::string_view kind, std::string_view value) = 0;
  [[nodiscard]] virtual std::string secret_value(SecretId id) const = 0;
  /// progress() tells the terminal how far it is; `what` names the subject in work.
  virtual void progress(std::size_t done, std::size_t total, std::string_view what) = 0;
  virtual void log(std::string_view level, std::string text) = 0;

  /// connect() is door().connect() with the transcript of this procedure.
  [[nodiscard]] Result<std::unique_ptr<net::Conn>> connect(const declaration::PortName& port,
                                                           std::string_view label,
                                                           Duration wait = 5s);
  [[nodiscard]] Result<std::unique_ptr<net::Conn>> connect(const Endpoint& to,
                                                           std::string_view subject,
                                                           std::string_view label,
                                                           Duration wait = 5s);

  /// each() calls `work` for every index below `count`, at most `width` at a time, and stops early
  /// when the run is asked to stop. An exception in one is rethrown after all have ended.
  void each(std::size_t count, std::size_t width, const std::function<void(std::size_t)>& work);

  /// patience() is how long services are waited for, in all procedures of a run.
  [[nodiscard]] Patience& patience() { return *patience_; }

 protected:
  void share(std::shared_ptr<Patience> patience) { patience_ = std::move(patience); }

 private:
  std::shared_ptr<Patience> patience_ = std::make_shared<Patience>();
};

/// Fact concepts: a fact struct names its table and visits its columns in order.
///   struct Port { static constexpr std::string_view table = "port"; …;
///     template <class Self, class Visit> static void columns(Self& self, Visit&& visit) {
///       visit("subject", self.subject); … } };
template <class F>
[[nodiscard]] FactRow to_row(const F& fact) {
  FactRow row{.table = std::string(F::table), .cells = {}};
  F::columns(fact, [&row](std::string_view name, const auto& value) {
    row.cells.emplace_back(std::string(name), Value(value));
  });
  return row;
}

template <class F>
[[nodiscard]] F from_row(const FactRow& row) {
  F fact;
  F::columns(fact, [&row](std::string_view name, auto& value) {
    for (const auto& [column, cell] : row.cells) {
      if (column == name) value = std::get<std::decay_t<decltype(value)>>(cell);
    }
  });
  return fact;
}

/// facts<F>() reads a whole fact table as structs.
template <class F>
[[nodiscard]] std::vector<F> facts(const Context& context) {
  std::vector<F> out;
  for (const FactRow& row : context.rows(F::table)) out.push_back(from_row<F>(row));
  return out;
}

/// record() keeps a fact struct.
template <class F>
void record(Context& context, const F& fact) {
  context.record(to_row(fact));
}

}  // namespace haetae::runner
