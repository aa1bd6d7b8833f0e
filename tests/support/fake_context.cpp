#include "tests/support/fake_context.hpp"

#include <cstdlib>
#include <stdexcept>

namespace haetae::test {

declaration::Declaration lab_declaration(std::string_view address) {
  declaration::Declaration out;
  const auto parsed = Address::parse(address);
  if (!parsed) throw std::invalid_argument(parsed.error().message());
  out.identity.maker = "Lab";
  out.identity.model = "Test";
  out.addresses.push_back(*parsed);
  out.scope.networks.push_back({.address = *parsed, .prefix = parsed->v6 ? 128 : 32});
  return out;
}

FakeContext::FakeContext(declaration::Declaration device, catalogue::Catalogue catalogue,
                         net::Limits limits)
    : device_(std::move(device)),
      catalogue_(std::move(catalogue)),
      door_(device_.scope, limits, system_clock()) {}

FakeContext::~FakeContext() {
  ledger_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Coverage FakeContext::coverage(std::string_view topic, std::string_view subject) const {
  const std::scoped_lock lock(mutex_);
  std::vector<Coverage> found;
  for (const Coverage& entry : coverages_) {
    if (entry.topic == topic && entry.subject == subject) found.push_back(entry);
  }
  if (found.size() != 1) {
    throw std::runtime_error(std::to_string(found.size()) + " coverage records for " +
                             std::string(topic) + " of " + std::string(subject));
  }
  return found.front();
}

std::vector<Coverage> FakeContext::coverages() const {
  const std::scoped_lock lock(mutex_);
  return coverages_;
}

std::vector<std::string> FakeContext::logged() const {
  const std::scoped_lock lock(mutex_);
  return logged_;
}

net::Ledger& FakeContext::ledger() {
  const std::scoped_lock lock(mutex_);
  if (!ledger_) {
    std::string name = (std::filesystem::temp_directory_path() / "haetae-ledger-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = name;
    auto opened = net::Ledger::open(folder_ / "ledger", system_clock());
    if (!opened) throw std::runtime_error(opened.error().message());
    ledger_ = std::move(*opened);
  }
  return *ledger_;
}

std::vector<FactRow> FakeContext::rows(std::string_view table) const {
  const std::scoped_lock lock(mutex_);
  std::vector<FactRow> out;
  for (const FactRow& row : rows_) {
    if (row.table == table) out.push_back(row);
  }
  return out;
}

void FakeContext::record(FactRow row) {
  const std::scoped_lock lock(mutex_);
  rows_.push_back(std::move(row));
}

void FakeContext::cover(Coverage coverage) {
  const std::scoped_lock lock(mutex_);
  coverages_.push_back(std::move(coverage));
}

SecretId FakeContext::secret(std::string_view kind, std::string_view value) {
  const std::scoped_lock lock(mutex_);
  const std::pair<std::string, std::string> wanted(kind, value);
  for (std::size_t i = 0; i < secrets_.size(); ++i) {
    if (secrets_[i] == wanted) return static_cast<SecretId>(i + 1);
  }
  secrets_.push_back(wanted);
  return static_cast<SecretId>(secrets_.size());
}

std::string FakeContext::secret_value(SecretId id) const {
  const std::scoped_lock lock(mutex_);
  return secrets_.at(static_cast<std::size_t>(id - 1)).second;
}

void FakeContext::progress(std::size_t, std::size_t, std::string_view) {}

void FakeContext::log(std::string_view level, std::string text) {
  const std::scoped_lock lock(mutex_);
  logged_.push_back(std::string(level) + ": " + std::move(text));
}

}  // namespace haetae::test
