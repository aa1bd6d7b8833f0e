#include "harness/net/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <fmt/format.h>

#include "harness/net/socket.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {
namespace {

constexpr double kFirstRate = 5000;
constexpr double kBlindRate = 25000;
constexpr double kLeastRate = 500;
constexpr double kEpochSeconds = 0.025;  // of outcomes at the pace in force
// A busy tester wakes tens of milliseconds late: only a queue in the device is longer than this.
constexpr Duration kSlowAtLeast = 100ms;
constexpr int kSlowFactor = 4;
constexpr double kLossy = 0.8;  // of the best share of answers seen
constexpr double kSound = 0.95;
constexpr double kEnoughToSteer = 0.1;
constexpr double kForget = 0.99;
constexpr double kMemory = 5;  // epochs
constexpr int kMostExtraPasses = 6;

std::vector<std::uint16_t> all_ports() {
  std::vector<std::uint16_t> out;
  for (unsigned port = 1; port <= 65535; ++port) out.push_back(static_cast<std::uint16_t>(port));
  return out;
}

}  // namespace

SweepPace::SweepPace(double most_per_second, Clock& clock)
    : most_(most_per_second),
      clock_(clock),
      rate_(std::min(kFirstRate, most_per_second)),
      filled_(clock.now()) {}

std::size_t SweepPace::allowance() {
  const SteadyTime now = clock_.now();
  const double most = std::max(1.0, rate_ / 100);  // what a late wake-up may catch up with: 10 ms
  tokens_ = std::min(most, tokens_ + std::chrono::duration<double>(now - filled_).count() * rate_);
  filled_ = now;
  return static_cast<std::size_t>(tokens_);
}

Duration SweepPace::next() const {
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::max(0.0, 1 - tokens_) / rate_));
}

void SweepPace::sent(std::size_t count) { tokens_ -= static_cast<double>(count); }

void SweepPace::answered(Duration latency) {
  latencies_[samples_++ % latencies_.size()] = latency;
  ++epoch_answered_;
  end_epoch_when_full();
}

void SweepPace::lost() {
  ++epoch_lost_;
  end_epoch_when_full();
}

Duration SweepPace::median() const {
  if (samples_ == 0) return {};
  auto sorted = latencies_;
  const auto end =
      sorted.begin() + static_cast<std::ptrdiff_t>(std::min(samples_, latencies_.size()));
  const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
  std::nth_element(sorted.begin(), middle, end);
  return *middle;
}

Duration SweepPace::patience(Duration least, Duration most) const {
  return std::clamp(4 * median(), std::min(least, most), most);
}

void SweepPace::end_epoch_when_full() {
  const auto enough = std::clamp(rate_ * kEpochSeconds, 32.0, 512.0);
  if (static_cast<double>(epoch_answered_ + epoch_lost_) < enough) return;
  const auto outcomes = static_cast<double>(epoch_answered_ + epoch_lost_);
  const double ratio = static_cast<double>(epoch_answered_) / outcomes;
  epoch_answered_ = 0;
  epoch_lost_ = 0;
  const Duration now = median();
  if (baseline_ == Duration::zero()) baseline_ = now;
  const bool slow = now > kSlowAtLeast && now > kSlowFactor * baseline_;
  // The order is random, so the share of silent ports is the same everywhere but for chance; less
  // than that is loss. Where hardly any port answers, chance is all there is to see.
  usual_ratio_ += (ratio - usual_ratio_) / std::min(++epochs_, kMemory);
  best_ratio_ = std::max(usual_ratio_, kForget * best_ratio_);
  const bool steered = best_ratio_ >= kEnoughToSteer;
  const double chance = 2 * std::sqrt(best_ratio_ * (1 - best_ratio_) / outcomes);
  if (slow || (steered && ratio < kLossy * best_ratio_ - chance)) {
    rate_ = std::max(std::min(kLeastRate, most_), rate_ / 2);
  } else if (!steered || ratio >= kSound * best_ratio_ - chance) {
    rate_ = std::min(steered ? most_ : std::min(most_, kBlindRate), rate_ * 2);
  }
}

PortBook::PortBook(std::span<const std::uint16_t> ports) : states_(65536, State::out) {
  for (const std::uint16_t port : ports) states_[port] = State::unknown;
}

bool PortBook::settle(std::uint16_t port, State state) {
  if (states_[port] != State::unknown) return false;
  states_[port] = state;
  if (state != State::failed) ++answered_;
  return true;
}

void PortBook::reopen(std::uint16_t port) {
  states_[port] = State::unknown;
  --answered_;
}

std::vector<std::uint16_t> PortBook::with(State state) const {
  std::vector<std::uint16_t> out;
  for (std::size_t port = 0; port < states_.size(); ++port) {
    if (states_[port] == state) out.push_back(static_cast<std::uint16_t>(port));
  }
  return out;
}

std::vector<std::uint16_t> PortBook::remaining() const {
  auto out = with(State::unknown);
  std::ranges::shuffle(out, std::mt19937(std::random_device{}()));
  return out;
}

void SweepJob::report() {
  const SteadyTime now = clock.now();
  if (!progress || now - reported < 200ms) return;
  reported = now;
  progress(book.answered());
}

void SweepJob::answer(std::uint16_t port, PortBook::State state, Duration latency) {
  if (!book.settle(port, state)) return;
  pace.answered(latency);
  first_pass_at_last_answer = first_pass_asked;
}

void SweepJob::asked(std::size_t count, int pass) {
  result.asked += count;
  if (pass == 0) first_pass_asked += count;
}

SweepResult SweepJob::finish() {
  result.open = book.with(PortBook::State::open);
  result.filtered = book.with(PortBook::State::filtered);
  const auto unanswered = book.with(PortBook::State::unknown);
  const auto failed = book.with(PortBook::State::failed);
  result.closed = book.with(PortBook::State::closed).size();
  result.median_answer = pace.median();
  result.silent_tail = first_pass_asked - first_pass_at_last_answer;
  if (stopped()) {
    result.why = "stopped before every port was asked";
  } else if (!failed.empty()) {
    result.why = fmt::format("our own system could not ask {} ports{}", failed.size(),
                             result.why.empty() ? "" : ": " + result.why);
  } else {
    result.why.clear();
    result.whole = true;
    result.filtered.insert(result.filtered.end(), unanswered.begin(), unanswered.end());
    std::ranges::sort(result.filtered);
  }
  if (progress) progress(book.answered());
  return std::move(result);
}

bool more_passes(const SweepJob& job, int pass, std::size_t answered_in_pass) {
  if (job.stopped()) return false;
  if (pass < job.options.passes) return true;
  return answered_in_pass > 0 && pass < job.options.passes + kMostExtraPasses;
}

Result<SweepResult> Door::sweep(const Address& address, std::span<const std::uint16_t> ports,
                                const SweepOptions& options, std::stop_token stop,
                                const std::function<void(std::size_t)>& progress) {
  if (auto inside = state_->check(address); !inside) return tl::unexpected(inside.error());
  const std::vector<std::uint16_t> all = ports.empty() ? all_ports() : std::vector<std::uint16_t>();
  const auto wanted = ports.empty() ? std::span<const std::uint16_t>(all) : ports;
  SweepJob job{.address = address,
               .options = options,
               .stop = std::move(stop),
               .progress = progress,
               .clock = state_->clock,
               .book = PortBook(wanted),
               .pace = SweepPace(options.per_second, state_->clock),
               .result = {}};
  if (options.raw) {
    auto swept = sweep_raw(job);
    if (swept && (job.book.answered() > 0 || job.stopped())) {
      job.result.raw = true;
      return job.finish();
    }
    if (!swept && swept.error().kind != ErrorKind::unsupported) {
      return tl::unexpected(swept.error());
    }
    if (swept) {
      // Nothing at all may be a wall, or raw sockets that do not work on this link: ordinary
      // connections to some of the ports tell which.
      auto some = job.book.remaining();
      some.resize(std::min<std::size_t>(some.size(), 256));
      SweepJob sample{job};
      sample.book = PortBook(some);
      if (auto asked = sweep_by_connect(sample); !asked) return tl::unexpected(asked.error());
      if (sample.book.answered() == 0) {
        job.result.asked = sample.result.asked;
        job.result.raw = true;
        return job.finish();
      }
    }
  }
  if (auto swept = sweep_by_connect(job); !swept) return tl::unexpected(swept.error());
  return job.finish();
}

}  // namespace haetae::net
