#include "harness/model/paired.hpp"

#include <algorithm>

namespace haetae {
namespace {

constexpr std::size_t kMostPairs = 256;

// How many Walsh averages to cut off at each end: the greatest number for which the signed-rank
// statistic falls below it with at most half of the error rate. 0: not even the outermost.
std::size_t cut(std::size_t pairs, double error) {
  const std::size_t most = pairs * (pairs + 1) / 2;
  std::vector<double> chance(most + 1, 0.0);
  chance[0] = 1.0;
  // Each rank stands with its sign or not, by a fair coin.
  for (std::size_t rank = 1, reached = 0; rank <= pairs; ++rank) {
    reached += rank;
    for (std::size_t sum = reached + 1; sum-- > 0;)
      chance[sum] = 0.5 * (chance[sum] + (sum >= rank ? chance[sum - rank] : 0.0));
  }
  double below = 0;
  std::size_t out = 0;
  while (out <= most && below + chance[out] <= error / 2) below += chance[out++];
  return out;
}

}  // namespace

std::int64_t PairedBounds::least() const {
  if (low > 0) return low;
  return high < 0 ? -high : 0;
}

std::int64_t PairedBounds::greatest() const { return std::max(high, -low); }

std::optional<PairedBounds> paired_bounds(const std::vector<std::int64_t>& pairs, double error) {
  if (pairs.empty() || pairs.size() > kMostPairs) return std::nullopt;
  const std::size_t outside = cut(pairs.size(), error);
  if (outside == 0) return std::nullopt;
  std::vector<std::int64_t> sums;  // twice the Walsh averages
  sums.reserve(pairs.size() * (pairs.size() + 1) / 2);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (std::size_t j = i; j < pairs.size(); ++j) sums.push_back(pairs[i] + pairs[j]);
  std::sort(sums.begin(), sums.end());
  const std::size_t last = sums.size() - 1;
  return PairedBounds{.middle = (sums[last / 2] + sums[last - last / 2]) / 4,
                      .low = sums[outside - 1] / 2,
                      .high = sums[last - (outside - 1)] / 2};
}

PairedSeries::PairedSeries(Plan plan)
    : plan_(plan), next_look_(std::max<std::size_t>(1, plan.first)) {
  plan_.most = std::clamp(plan_.most, next_look_, std::max(next_look_, kMostPairs));
  std::size_t looks = 1;
  for (std::size_t at = next_look_; at < plan_.most; at *= 2) ++looks;
  error_of_look_ = plan_.error / static_cast<double>(looks);
}

void PairedSeries::add(std::int64_t difference) {
  if (finished()) return;
  pairs_.push_back(difference);
  if (pairs_.size() != next_look_ && pairs_.size() != plan_.most) return;
  bounds_ = paired_bounds(pairs_, error_of_look_);
  next_look_ *= 2;
}

bool PairedSeries::decided() const {
  return bounds_ && (bounds_->least() > plan_.limit || bounds_->greatest() <= plan_.limit);
}

}  // namespace haetae
