#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Whether two kinds of answer take the same time, told from pairs that were measured together.
namespace haetae {

/// Bounds of the middle difference of pairs. With the stated error rate at most it lies outside.
struct PairedBounds {
  std::int64_t middle = 0;  ///< Hodges-Lehmann estimate: the median of all Walsh averages
  std::int64_t low = 0, high = 0;
  bool operator==(const PairedBounds&) const = default;
  /// least() is how far from zero the difference is at least, greatest() at most.
  [[nodiscard]] std::int64_t least() const;
  [[nodiscard]] std::int64_t greatest() const;
};

/// paired_bounds() is the confidence interval of Wilcoxon's signed-rank test, from its exact
/// distribution (Hollander and Wolfe, Nonparametric Statistical Methods, 3.2 and 3.3). It asks
/// nothing of the shape of the noise: where both kinds are answered alike and which of a pair comes
/// first is drawn by lot, load and drift fall on both. `error` is the share of false statements,
/// both sides together. Nothing where so few pairs (or more than 256) cannot hold that rate.
[[nodiscard]] std::optional<PairedBounds> paired_bounds(const std::vector<std::int64_t>& pairs,
                                                        double error);

/// PairedSeries looks at pairs as they come: after `first` of them, and each time that their number
/// has doubled, up to `most`. The error rate is shared out among the looks (Bonferroni), so that
/// looking several times does not raise it.
class PairedSeries {
 public:
  struct Plan {
    std::size_t first = 16, most = 128;
    double error = 0.001;    ///< of the whole series
    std::int64_t limit = 0;  ///< a difference that matters, in the unit of the pairs
  };
  explicit PairedSeries(Plan plan);

  void add(std::int64_t difference);
  /// decided() is whether the difference was shown to be beyond the limit, or to be within it.
  [[nodiscard]] bool decided() const;
  /// finished() is whether further pairs would tell nothing more.
  [[nodiscard]] bool finished() const { return decided() || pairs_.size() >= plan_.most; }
  /// bounds() are those of the last look; nothing before the first.
  [[nodiscard]] const std::optional<PairedBounds>& bounds() const { return bounds_; }
  [[nodiscard]] std::size_t size() const { return pairs_.size(); }

 private:
  Plan plan_;
  double error_of_look_ = 0;
  std::size_t next_look_ = 0;
  std::vector<std::int64_t> pairs_;
  std::optional<PairedBounds> bounds_;
};

}  // namespace haetae
