#include "harness/runner/repeat.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "harness/evidence/fact_roles.hpp"

namespace haetae::runner {
namespace {

std::string text_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return std::get<std::string>(value);
}

/// Named is a row with what pairs it with those of other goes.
struct Named {
  std::string table, key, values, subject;
};

/// Namer knows the roles of the columns.
class Namer {
 public:
  explicit Namer(const std::vector<evidence::FactTable>& tables) {
    for (const auto& table : tables) {
      roles_[table.name] = evidence::fact_columns(table.name, table.sql);
    }
  }

  [[nodiscard]] Named name(const FactRow& row) const {
    Named out{.table = row.table, .key = {}, .values = {}, .subject = {}};
    const auto roles = roles_.find(row.table);
    if (roles == roles_.end()) return out;
    std::vector<std::pair<std::string, std::string>> keys;
    for (const std::string& column : roles->second.keys)
      keys.emplace_back(column, cell(row, column));
    for (const std::string& column : roles->second.values) {
      out.values += cell(row, column);
      out.values += '\0';
    }
    out.key = evidence::row_key(keys);
    out.subject = cell(row, "subject");
    return out;
  }

 private:
  static std::string cell(const FactRow& row, const std::string& column) {
    const auto found =
        std::ranges::find(row.cells, column, [](const auto& one) { return one.first; });
    return found == row.cells.end() ? std::string() : text_of(found->second);
  }

  std::map<std::string, evidence::FactColumns> roles_;
};

/// Variant is one set of values of a row, the first row that had it, and how often it came.
struct Variant {
  std::string values;
  FactRow row;
  int count = 0;
};

struct Row {
  Named named;
  std::vector<Variant> variants;
};

/// rows_of() groups the rows of all goes by table and key, in the order in which they first came.
std::vector<Row> rows_of(const std::vector<Observation>& seen, const Namer& namer) {
  std::vector<Row> out;
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  for (const Observation& one : seen) {
    for (const FactRow& fact : one.facts) {
      Named named = namer.name(fact);
      const auto [at, fresh] = index.emplace(std::pair(named.table, named.key), out.size());
      if (fresh) out.push_back({std::move(named), {}});
      Row& row = out[at->second];
      const std::string values = fresh ? row.named.values : named.values;
      auto variant = std::ranges::find(row.variants, values, &Variant::values);
      if (variant == row.variants.end()) {
        row.variants.push_back({values, fact, 0});
        variant = row.variants.end() - 1;
      }
      ++variant->count;
    }
  }
  return out;
}

using Place = std::pair<std::string, std::string>;  // topic, subject

/// worst_coverage() is one record for each place that any go looked at.
std::vector<Coverage> worst_coverage(const std::vector<Observation>& seen, int of) {
  std::vector<Coverage> out;
  std::map<Place, std::size_t> index;
  std::map<Place, int> times;
  for (const Observation& one : seen) {
    for (const Coverage& coverage : one.coverage) {
      const Place place{coverage.topic, coverage.subject};
      ++times[place];
      const auto [at, fresh] = index.emplace(place, out.size());
      if (fresh) {
        out.push_back(coverage);
      } else if (coverage.state > out[at->second].state) {
        out[at->second] = coverage;
      }
    }
  }
  for (Coverage& coverage : out) {
    const int count = times[{coverage.topic, coverage.subject}];
    if (count == static_cast<int>(seen.size()) || coverage.state != CoverageState::complete)
      continue;
    coverage.state = CoverageState::partial;
    coverage.cause = Cause::device;
    coverage.why = fmt::format("this was looked at in {} of {} goes only", count, of);
  }
  return out;
}

void make_partial(Coverage& coverage, Cause cause, const std::string& why) {
  if (coverage.state != CoverageState::complete) return;
  coverage.state = CoverageState::partial;
  coverage.cause = cause;
  coverage.why = why;
}

/// doubt() makes the coverage partial at the subject of an unstable row; where the procedure has no
/// record of that subject alone, everywhere.
void doubt(std::vector<Coverage>& coverage, const Named& row, int same, int of) {
  const std::string why = fmt::format(
      "not stable: a row of {} came out the same in {} of {} goes only", row.table, same, of);
  const auto about = [&](const Coverage& one) { return one.subject == row.subject; };
  const bool own = !row.subject.empty() && std::ranges::any_of(coverage, about);
  for (Coverage& one : coverage) {
    if (!own || about(one)) make_partial(one, Cause::device, why);
  }
}

}  // namespace

Merged merge(const std::vector<Observation>& seen, const std::vector<evidence::FactTable>& tables,
             int of, const std::string& broken) {
  Merged out;
  if (seen.size() == 1 && broken.empty()) {
    out.observation = seen.front();
    return out;
  }
  const int goes = static_cast<int>(seen.size());
  out.observation.coverage = worst_coverage(seen, goes);
  for (Row& row : rows_of(seen, Namer(tables))) {
    const auto most = std::ranges::max_element(row.variants, {}, &Variant::count);
    if (most->count < goes) {
      out.unstable.push_back({row.named.table, row.named.key, most->count, goes});
      doubt(out.observation.coverage, row.named, most->count, goes);
    }
    out.observation.facts.push_back(std::move(most->row));
  }
  if (!broken.empty()) {
    const std::string why =
        fmt::format("it was to be done {} times and was done {} times: {}", of, goes, broken);
    for (Coverage& coverage : out.observation.coverage) make_partial(coverage, Cause::device, why);
  }
  return out;
}

}  // namespace haetae::runner
