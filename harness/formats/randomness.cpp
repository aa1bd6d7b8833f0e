#include "harness/formats/randomness.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <set>
#include <string_view>

namespace haetae::formats {
namespace {

constexpr std::size_t kMostValues = 1000, kMostBytes = 512;
constexpr double kOneInAMillion = 1e-6;

using Row = std::vector<int>;  // symbols of one value, by their place in the alphabet

double normal_tail(double z) { return std::erfc(std::abs(z) / std::numbers::sqrt2); }

// P(X >= count) of a Poisson variable: what the number of chance meetings comes to.
double poisson_tail(std::size_t count, double mean) {
  if (count == 0) return 1;
  double term = std::exp(-mean), below = 0;
  for (std::size_t i = 0; i < count; ++i) {
    below += term;
    term *= mean / static_cast<double>(i + 1);
  }
  double tail = 0;
  for (std::size_t i = count; i < count + 200; ++i) {
    tail += term;
    term *= mean / static_cast<double>(i + 1);
  }
  return std::min(1.0, std::min(tail, std::max(0.0, 1 - below) + 1e-15));
}

std::string alphabet_name(const std::set<char>& symbols) {
  const auto within = [&](std::string_view more, bool letters, bool hex) {
    return std::all_of(symbols.begin(), symbols.end(), [&](char c) {
      const bool digit = c >= '0' && c <= '9';
      const bool small = c >= 'a' && c <= (hex ? 'f' : 'z');
      const bool capital = c >= 'A' && c <= (hex ? 'F' : 'Z');
      return digit || ((letters || hex) && (small || capital)) ||
             more.find(c) != std::string_view::npos;
    });
  };
  if (symbols.empty()) return "other";
  if (within("", false, false)) return "digits";
  if (within("", false, true)) return "hex";
  if (within("", true, false)) return "letters-digits";
  return within("+/-_=.,", true, false) ? "base64" : "other";
}

std::size_t meetings(const std::vector<int>& column, std::size_t symbols) {
  std::vector<std::size_t> counts(symbols);
  for (const int one : column) ++counts[static_cast<std::size_t>(one)];
  std::size_t pairs = 0;
  for (const std::size_t count : counts) pairs += count * (count - (count > 0 ? 1 : 0)) / 2;
  return pairs;
}

// How likely a random column is to show no more than `seen` of the symbols, at most: the choices of
// that many symbols, each times the chance that all values keep to them.
double few_symbols(std::size_t seen, std::size_t symbols, std::size_t values) {
  const auto k = static_cast<double>(seen), q = static_cast<double>(symbols);
  const double choices = std::lgamma(q + 1) - std::lgamma(k + 1) - std::lgamma(q - k + 1);
  return std::exp(choices + static_cast<double>(values) * std::log(k / q));
}

// Whether successive symbols stay, or go on by about the same step (Rayleigh's test of directions).
bool steps_along(const std::vector<int>& column, double symbols, double level) {
  double x = 0, y = 0;
  std::size_t same = 0;
  for (std::size_t i = 1; i < column.size(); ++i) {
    const double angle = 2 * std::numbers::pi * (column[i] - column[i - 1]) / symbols;
    x += std::cos(angle);
    y += std::sin(angle);
    if (column[i] == column[i - 1]) ++same;
  }
  const auto count = static_cast<double>(column.size() - 1);
  return std::exp(-(x * x + y * y) / count) < level || poisson_tail(same, count / symbols) < level;
}

double correlation(const std::vector<std::pair<int, int>>& pairs) {
  double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  for (const auto& [a, b] : pairs) {
    sx += a;
    sy += b;
    sxx += double(a) * a;
    syy += double(b) * b;
    sxy += double(a) * b;
  }
  const auto n = static_cast<double>(pairs.size());
  const double width = (n * sxx - sx * sx) * (n * syy - sy * sy);
  return width <= 0 ? 0 : (n * sxy - sx * sy) / std::sqrt(width);
}

class Battery {
 public:
  Battery(const std::vector<Row>& rows, std::size_t symbols) : rows_(rows), symbols_(symbols) {}

  std::vector<RandomnessTest> run() {
    if (rows_.size() < 2 || rows_.front().empty() || symbols_ < 2) return {};
    std::vector<int> all, steps;
    std::vector<std::pair<int, int>> neighbours, successive;
    for (std::size_t r = 0; r < rows_.size(); ++r)
      for (std::size_t c = 0; c < rows_[r].size(); ++c) {
        all.push_back(rows_[r][c]);
        if (c > 0) neighbours.emplace_back(rows_[r][c - 1], rows_[r][c]);
        if (r == 0) continue;
        successive.emplace_back(rows_[r - 1][c], rows_[r][c]);
        const int size = static_cast<int>(symbols_);
        steps.push_back((rows_[r][c] - rows_[r - 1][c] + size) % size);
      }
    even("symbols", all);
    even("steps", steps);
    related("neighbours", neighbours);
    related("successive", successive);
    if (std::has_single_bit(symbols_)) binary();
    rises();
    return std::move(tests_);
  }

 private:
  void add(const char* name, std::size_t observations, double statistic, double p) {
    tests_.push_back({name, observations, statistic, std::clamp(p, 0.0, 1.0)});
  }
  // Five expected in each class is the usual least number for chi-square.
  void even(const char* name, const std::vector<int>& values) {
    const double expected = static_cast<double>(values.size()) / static_cast<double>(symbols_);
    if (expected < 5) return;
    std::vector<double> counts(symbols_);
    for (const int one : values) ++counts[static_cast<std::size_t>(one)];
    double sum = 0;
    for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
    add(name, values.size(), sum, chi_square_tail(sum, static_cast<double>(symbols_ - 1)));
  }
  void related(const char* name, const std::vector<std::pair<int, int>>& pairs) {
    if (pairs.size() < 30) return;
    const double r = correlation(pairs);
    add(name, pairs.size(), r, normal_tail(r * std::sqrt(static_cast<double>(pairs.size()))));
  }
  void binary() {
    const int width = std::countr_zero(symbols_);
    std::vector<int> bits;
    std::size_t differ = 0, compared = 0;
    for (std::size_t r = 0; r < rows_.size(); ++r)
      for (std::size_t c = 0; c < rows_[r].size(); ++c) {
        for (int bit = 0; bit < width; ++bit) bits.push_back((rows_[r][c] >> bit) & 1);
        if (r == 0) continue;
        differ += static_cast<std::size_t>(
            std::popcount(static_cast<unsigned>(rows_[r][c] ^ rows_[r - 1][c])));
        compared += static_cast<std::size_t>(width);
      }
    if (bits.size() < 100) return;
    const auto n = static_cast<double>(bits.size());
    const auto ones = static_cast<double>(std::count(bits.begin(), bits.end(), 1));
    const double z = (2 * ones - n) / std::sqrt(n);
    add("bits", bits.size(), z, normal_tail(z));
    const double share = ones / n;
    // Where the share of ones is off, "bits" tells it and the runs say nothing (SP 800-22 2.3.4).
    if (std::abs(share - 0.5) < 2 / std::sqrt(n)) {
      double runs = 1;
      for (std::size_t i = 1; i < bits.size(); ++i) runs += bits[i] != bits[i - 1] ? 1 : 0;
      const double odd = share * (1 - share);
      add("runs", bits.size(), runs,
          std::erfc(std::abs(runs - 2 * n * odd) / (2 * std::sqrt(2 * n) * odd)));
    }
    const double apart = (2 * static_cast<double>(differ) - static_cast<double>(compared)) /
                         std::sqrt(static_cast<double>(compared));
    add("distance", compared, apart, normal_tail(apart));
  }
  // The number of rises in a random row has mean (n-1)/2 and variance (n+1)/12.
  void rises() {
    if (rows_.size() < 10) return;
    double count = 0;
    for (std::size_t r = 1; r < rows_.size(); ++r) count += rows_[r - 1] < rows_[r] ? 1 : 0;
    const auto n = static_cast<double>(rows_.size());
    add("order", rows_.size() - 1, count,
        normal_tail((count - (n - 1) / 2) / std::sqrt((n + 1) / 12)));
  }

  const std::vector<Row>& rows_;
  std::size_t symbols_;
  std::vector<RandomnessTest> tests_;
};

// A value may hold parts in different alphabets, say a hex number and a base64 signature. A place
// that only shows symbols of a narrow one belongs to it: with 16 values or more a place of twice as
// many symbols does so by chance once in 65,000 places.
constexpr std::size_t kKinds = 4, kTellsKinds = 16;

std::size_t kind_of(const std::set<char>& here, std::size_t samples) {
  const auto within = [&](char small, char capital) {
    return std::all_of(here.begin(), here.end(), [&](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= small) || (c >= 'A' && c <= capital);
    });
  };
  constexpr char kNone = 0x40;  // below every letter
  if (samples < kTellsKinds) return 3;
  if (within('f', kNone)) return 0;
  if (within(kNone, 'F')) return 1;
  return within('v', kNone) ? 2 : 3;
}

/// Alphabet is what the places of one kind have in common.
struct Alphabet {
  std::set<char> symbols;
  std::array<int, 256> index{};
  std::vector<Row> rows;  // symbols of the free places

  void order() {
    int next = 0;
    for (const char c : symbols) index[static_cast<unsigned char>(c)] = next++;
  }
  [[nodiscard]] double size() const {
    return static_cast<double>(std::max<std::size_t>(symbols.size(), 2));
  }
  [[nodiscard]] double bits() const { return std::log2(size()); }
  [[nodiscard]] std::size_t places() const { return rows.empty() ? 0 : rows.front().size(); }
};

}  // namespace

// Regularised incomplete gamma function Q(a, x): series below a + 1, else continued fraction
// (Lentz).
double chi_square_tail(double value, double freedom) {
  const double a = freedom / 2, x = value / 2;
  if (!(x > 0) || !(a > 0)) return 1;
  const double front = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double n = a + 1; n < a + 2000; ++n) {
      term *= x / n;
      sum += term;
      if (term < sum * 1e-15) break;
    }
    return std::max(0.0, 1 - sum * front);
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int i = 1; i < 2000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return std::clamp(h * front, 0.0, 1.0);
}

Randomness randomness(std::span<const std::string> values) {
  Randomness out;
  out.samples = std::min(values.size(), kMostValues);
  if (out.samples == 0) return out;
  const auto seen = values.first(out.samples);
  out.different = std::set<std::string>(seen.begin(), seen.end()).size();
  const auto [least, most] = std::minmax_element(
      seen.begin(), seen.end(),
      [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  out.shortest = least->size();
  out.longest = most->size();
  const std::size_t places = std::min(out.shortest, kMostBytes);
  std::array<Alphabet, kKinds> alphabets;
  std::vector<std::pair<std::size_t, std::size_t>> changing;  // place, kind
  for (std::size_t place = 0; place < places; ++place) {
    std::set<char> here;
    for (const std::string& one : seen) here.insert(one[place]);
    if (here.size() == 1) {
      ++out.fixed;
      continue;
    }
    const std::size_t kind = kind_of(here, out.samples);
    changing.emplace_back(place, kind);
    alphabets[kind].symbols.insert(here.begin(), here.end());
  }
  std::set<char> all;
  for (Alphabet& one : alphabets) {
    one.order();
    all.insert(one.symbols.begin(), one.symbols.end());
  }
  out.alphabet = alphabet_name(all);
  out.symbols = all.size();
  const auto pairs = static_cast<double>(out.samples * (out.samples - 1) / 2);
  const double level =
      kOneInAMillion / static_cast<double>(std::max<std::size_t>(changing.size(), 1));
  for (const auto& [place, kind] : changing) {
    Alphabet& alphabet = alphabets[kind];
    std::vector<int> column;
    for (const std::string& one : seen)
      column.push_back(alphabet.index[static_cast<unsigned char>(one[place])]);
    const std::size_t shown = std::set<int>(column.begin(), column.end()).size();
    if (steps_along(column, alphabet.size(), level)) {
      ++out.stepping;
    } else if (few_symbols(shown, alphabet.symbols.size(), column.size()) < level) {
      const std::size_t met = meetings(column, alphabet.symbols.size());
      ++out.uneven;
      out.bits += std::min(alphabet.bits(), -std::log2(static_cast<double>(met) / pairs));
    } else {
      ++out.free;
      out.bits += alphabet.bits();
      alphabet.rows.resize(out.samples);
      for (std::size_t r = 0; r < column.size(); ++r) alphabet.rows[r].push_back(column[r]);
    }
  }
  const auto& main = *std::max_element(
      alphabets.begin(), alphabets.end(),
      [](const Alphabet& x, const Alphabet& y) { return x.places() < y.places(); });
  const double whole = std::log2(static_cast<double>(std::max<std::size_t>(all.size(), 2)));
  // What only the longer ones have is counted as random: the estimate is an upper one.
  if (out.different > 1)
    out.bits += whole * static_cast<double>(std::min(out.longest, kMostBytes) - places);
  if (main.places() > 0) out.tests = Battery(main.rows, main.symbols.size()).run();
  return out;
}

}  // namespace haetae::formats
