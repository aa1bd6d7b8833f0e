#include "testcases/hardware/console_trials.hpp"

#include <algorithm>
#include <map>

#include "testcases/hardware/terminal.hpp"

namespace haetae::testcases {
namespace {

constexpr int kMostOfAccount = 3;

// The accounts of the system, as far as the maker names them.
bool has_shell(const declaration::Declaration& device, const declaration::Account& account) {
  return std::any_of(account.logins.begin(), account.logins.end(), [&](const std::string& id) {
    const auto* login = device.login(id);
    return login != nullptr && (login->method == "ssh" || login->method == "telnet");
  });
}

enum class Known { no, elsewhere, shell };

Known known(const declaration::Declaration& device, const std::string& name) {
  for (const auto& account : device.accounts)
    if (account.name == name) return has_shell(device, account) ? Known::shell : Known::elsewhere;
  return Known::no;
}

// Lower is earlier.
int rank(const Trial& trial, Known account) {
  if (trial.origin == "declared-factory") return 0;
  const bool usual = trial.account == "root" || account != Known::no;
  if (trial.password.empty()) return usual ? 1 : 4;
  if (trial.password == trial.account) return usual ? 2 : 4;
  return trial.origin == "maker-specific" ? 3 : trial.account == "root" ? 5 : 6;
}

}  // namespace

std::vector<Trial> console_trials(runner::Context& context, std::size_t most) {
  // A console asks the same accounts as telnet does.
  declaration::Login login;
  login.method = "telnet";
  std::vector<Trial> all = trials_for(context, login);
  const auto& device = context.device();
  std::stable_sort(all.begin(), all.end(), [&](const Trial& one, const Trial& other) {
    return rank(one, known(device, one.account)) < rank(other, known(device, other.account));
  });
  std::vector<Trial> out;
  std::map<std::string, int> made;
  for (Trial& trial : all) {
    const Known account = known(device, trial.account);
    const int bound = account == Known::no ? kMostOfAccount : account == Known::shell ? 1 : 0;
    if (out.size() >= most) break;
    if (made[trial.account] >= bound) continue;
    ++made[trial.account];
    out.push_back(std::move(trial));
  }
  return out;
}

Budget console_budget(const runner::Context& context, std::string_view account) {
  const declaration::PortName place{.transport = std::string(kConsole), .number = 0};
  Budget budget = budget_of(context, place, account);
  for (Budget::Key& key : budget.keys)
    if (key.subject == place.subject()) key.subject = std::string(kConsole);
  return budget;
}

}  // namespace haetae::testcases
