#include <algorithm>
#include <set>

#include "testcases/authentication/well_known_list.hpp"

namespace haetae::testcases {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return out;
}

// A list names makers and models in small pieces; an empty piece fits everything.
bool fits(const std::string& wanted, const std::string& declared) {
  return wanted.empty() || wanted == "*" ||
         lower(declared).find(lower(wanted)) != std::string::npos;
}

bool fits_protocol(const std::string& wanted, const std::string& method) {
  if (wanted.empty() || wanted == "*" || wanted == "any") return true;
  const std::string family = method.starts_with("http-") ? "http" : method;
  for (std::size_t at = 0; at < wanted.size();) {
    const std::size_t end = std::min(wanted.find_first_of(" ,", at), wanted.size());
    const std::string one = wanted.substr(at, end - at);
    if (one == method || one == family) return true;
    at = end + 1;
  }
  return false;
}

class TrialList {
 public:
  TrialList(runner::Context& context, const declaration::Login& login)
      : context_(context), login_(login) {}

  std::vector<Trial> make() {
    if (login_.method == "snmp") {
      communities();
      return std::move(trials_);
    }
    declared();
    list(true);
    list(false);
    test_accounts();
    return std::move(trials_);
  }

 private:
  void add(Trial trial) {
    if (!seen_.emplace(trial.account, trial.password).second) return;
    trial.secret = context_.secret("password", trial.password);
    for (const auto& one : context_.device().accounts)
      if (one.name == trial.account && one.has_password && one.password == trial.password &&
          uses(one, login_.id))
        trial.right = true;
    trials_.push_back(std::move(trial));
  }

  [[nodiscard]] std::vector<std::string> accounts() const {
    std::vector<std::string> out;
    for (const auto& one : context_.device().accounts)
      if (login_.id.empty() || uses(one, login_.id)) out.push_back(one.name);
    return out;
  }

  void declared() {
    std::vector<std::string> names = accounts();
    for (const auto& one : context_.device().accounts) {
      const bool here = std::find(names.begin(), names.end(), one.name) != names.end();
      if (here && !one.factory_password.empty())
        add({one.name, one.factory_password, "declared-factory", "declared-factory", "", 0, false});
    }
    // Where no account is known, those that such devices usually have.
    if (names.empty()) names = {"admin", "root"};
    for (const std::string& name : names) {
      add({name, "", "blank", "blank", "", 0, false});
      add({name, name, "same-as-user", "same-as-user", "", 0, false});
    }
  }

  // Entries of another maker fit too, since the same boards are sold under many names; but only
  // for accounts whose tries are not counted, so that the budget goes to what is more likely.
  void list(bool of_the_maker) {
    const auto* reference = context_.catalogue().reference("well_known_login");
    if (reference == nullptr) return;
    const auto& who = context_.device().identity;
    std::size_t index = 0;
    for (const auto& row : reference->rows) {
      ++index;
      const std::string maker = column(*reference, row, "maker");
      const std::string model = column(*reference, row, "model");
      const std::string account = column(*reference, row, "account");
      const bool specific = !maker.empty() || !model.empty();
      const bool fitting = specific && fits(maker, who.maker) && fits(model, who.model);
      if (fitting != of_the_maker) continue;
      if (specific && !fitting && !budget_of(context_, login_.port, account).unbounded) continue;
      if (!fits_protocol(column(*reference, row, "protocol"), login_.method)) continue;
      std::string entry = column(*reference, row, "entry");
      if (entry.empty()) entry = "entry-" + std::to_string(index);
      std::string name = column(*reference, row, "list");
      if (name.empty()) name = reference->name;
      add({account, column(*reference, row, "password"), entry,
           fitting ? "maker-specific" : "well-known", name, 0, false});
    }
  }

  // Accounts of development and tests; what the lists above hold of them is not tried twice.
  void test_accounts() {
    const auto* reference = context_.catalogue().reference("test_account");
    if (reference == nullptr) return;
    for (const auto& row : reference->rows) {
      const std::string account = column(*reference, row, "account");
      add({account, account, "test-account-same", "test-account", reference->name, 0, false});
      add({account, "", "test-account-blank", "test-account", reference->name, 0, false});
    }
  }

  void communities() {
    const auto* reference = context_.catalogue().reference("snmp_community");
    if (reference == nullptr) return;
    std::size_t index = 0;
    for (const auto& row : reference->rows) {
      ++index;
      std::string entry = column(*reference, row, "entry");
      if (entry.empty()) entry = "entry-" + std::to_string(index);
      std::string name = column(*reference, row, "list");
      if (name.empty()) name = reference->name;
      add({"", column(*reference, row, "community"), entry, "well-known", name, 0, false});
    }
  }

  runner::Context& context_;
  const declaration::Login& login_;
  std::vector<Trial> trials_;
  std::set<std::pair<std::string, std::string>> seen_;
};

}  // namespace

std::vector<Trial> trials_for(runner::Context& context, const declaration::Login& login) {
  return TrialList(context, login).make();
}

}  // namespace haetae::testcases
