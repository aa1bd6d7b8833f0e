#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "harness/net/door.hpp"

/// What the two ways of sweeping share; not for other folders.
namespace haetae::net {

/// SweepPace decides how many attempts may be sent now. It starts carefully, doubles while answers
/// keep coming, and halves where they are lost or slow down. Where nothing answers at all it stays
/// at a blind pace, since there nobody would tell us that it is too much.
class SweepPace {
 public:
  SweepPace(double most_per_second, Clock& clock);
  [[nodiscard]] std::size_t allowance();  ///< attempts that may be sent now
  [[nodiscard]] Duration next() const;    ///< until allowance() is at least one
  void sent(std::size_t count);
  void answered(Duration latency);
  void lost();
  [[nodiscard]] double rate() const { return rate_; }
  [[nodiscard]] Duration median() const;  ///< of the newest answers; zero if there was none
  /// patience() is when an attempt counts as lost for the pace: four times the median, at least
  /// `least`, at most `most`.
  [[nodiscard]] Duration patience(Duration least, Duration most) const;

 private:
  void end_epoch_when_full();

  const double most_;
  Clock& clock_;
  double rate_;
  double tokens_ = 0;
  SteadyTime filled_;
  std::array<Duration, 256> latencies_{};
  std::size_t samples_ = 0;
  Duration baseline_{};
  std::size_t epoch_answered_ = 0;
  std::size_t epoch_lost_ = 0;
  double usual_ratio_ = 0;
  double best_ratio_ = 0;
  double epochs_ = 0;
};

/// PortBook is what is known of each port.
class PortBook {
 public:
  enum class State : std::uint8_t { out, unknown, open, closed, filtered, failed };
  explicit PortBook(std::span<const std::uint16_t> ports);
  [[nodiscard]] State at(std::uint16_t port) const { return states_[port]; }
  /// settle() is true if the port was not settled before.
  bool settle(std::uint16_t port, State state);
  /// reopen() makes a settled port unknown again.
  void reopen(std::uint16_t port);
  [[nodiscard]] std::vector<std::uint16_t> with(State state) const;
  /// remaining() are the ports without an answer, in a random order, so that neither a block nor a
  /// limit of the device falls on one range.
  [[nodiscard]] std::vector<std::uint16_t> remaining() const;
  [[nodiscard]] std::size_t answered() const { return answered_; }

 private:
  std::vector<State> states_;
  std::size_t answered_ = 0;
};

/// SweepJob is one sweep under way.
struct SweepJob {
  Address address;
  SweepOptions options;
  std::stop_token stop;
  const std::function<void(std::size_t)>& progress;
  Clock& clock;
  PortBook book;
  SweepPace pace;
  SweepResult result;     ///< counts only, until finish()
  SteadyTime reported{};  ///< when progress was called last

  void report();
  void answer(std::uint16_t port, PortBook::State state, Duration latency);
  /// asked() counts attempts of the first pass apart, for silent_tail.
  void asked(std::size_t count, int pass);
  [[nodiscard]] bool stopped() const { return stop.stop_requested(); }
  [[nodiscard]] SweepResult finish();

  std::uint64_t first_pass_asked = 0;
  std::uint64_t first_pass_at_last_answer = 0;
};

/// more_passes() says whether unanswered ports are asked again: `passes` times in any case, and
/// beyond that while a repeat still brings answers, which means that attempts were being lost.
[[nodiscard]] bool more_passes(const SweepJob& job, int pass, std::size_t answered_in_pass);

/// sweep_raw() sends SYN segments from a raw socket. ErrorKind::unsupported where we may not.
[[nodiscard]] Result<void> sweep_raw(SweepJob& job);
/// sweep_by_connect() uses ordinary sockets.
[[nodiscard]] Result<void> sweep_by_connect(SweepJob& job);

}  // namespace haetae::net
