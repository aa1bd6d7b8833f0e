#include "testcases/network/tcp_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <thread>

namespace haetae::testcases {
namespace {

constexpr std::size_t kAllPorts = 65535;
constexpr std::size_t kCanaries = 4;
constexpr std::size_t kMostAgain = 256;  // open ports that are asked again, of a trap with more
constexpr int kGiveUp = 6;               // failures in a row, a second apart

/// Pace is how hard one round asks.
struct Pace {
  int window;
  double per_second;
  Duration wait;
};
constexpr std::array<Pace, 3> kPaces = {Pace{2048, 100000, 1s}, Pace{256, 2500, 1500ms},
                                        Pace{64, 500, 2s}};

// Ports where devices often listen, for the first look that finds something known to answer.
constexpr std::array<std::uint16_t, 20> kUsual = {21,   22,   23,   53,    80,   81,   443,
                                                  554,  1883, 5000, 8000,  8080, 8081, 8443,
                                                  8554, 8883, 9000, 49152, 1,    65535};

/// Canary is a port that answered in the first look, and how.
struct Canary {
  std::uint16_t port;
  net::PortState state;
};

net::PortState state_in(const net::SweepResult& result, std::uint16_t port) {
  if (std::binary_search(result.open.begin(), result.open.end(), port)) return net::PortState::open;
  if (std::binary_search(result.filtered.begin(), result.filtered.end(), port))
    return net::PortState::filtered;
  return net::PortState::closed;
}

Result<net::SweepResult> look(runner::Context& context, const Address& address,
                              const std::vector<std::uint16_t>& ports, Duration wait) {
  return context.door().sweep(
      address, ports, {.window = 32, .per_second = 500, .wait = wait, .passes = 2, .raw = false},
      context.stop(), [](std::size_t) {});
}

/// still() asks the canaries once more, each up to three times; true if all answer as they did.
bool still(runner::Context& context, const Address& address, const std::vector<Canary>& canaries) {
  // An empty list would ask the door for all ports.
  if (canaries.empty()) return true;
  std::vector<std::uint16_t> ports;
  for (const Canary& canary : canaries) ports.push_back(canary.port);
  for (int tries = 0; tries < 3 && !context.stop().stop_requested(); ++tries) {
    const auto seen = look(context, address, ports, 1s);
    if (!seen || !seen->whole) continue;
    if (std::all_of(canaries.begin(), canaries.end(), [&](const Canary& canary) {
          return state_in(*seen, canary.port) == canary.state;
        }))
      return true;
    context.clock().sleep(200ms, context.stop());
  }
  return false;
}

/// Watch connects to the canaries, one after the other, for as long as it lives.
class Watch {
 public:
  /// `give_up` is called once the known ports have been silent or changed for several seconds.
  Watch(runner::Context& context, Address address, std::vector<Canary> canaries,
        std::function<void()> give_up)
      : context_(context),
        address_(address),
        canaries_(std::move(canaries)),
        give_up_(std::move(give_up)) {
    if (!canaries_.empty()) thread_ = std::jthread([this](std::stop_token end) { watch(end); });
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { end(); }

  void end() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
  }
  [[nodiscard]] int asked() const { return asked_; }
  [[nodiscard]] int failed() const { return failed_; }

 private:
  void watch(std::stop_token end) {
    int in_a_row = 0;
    for (std::size_t i = 0; !end.stop_requested(); ++i) {
      const Canary& canary = canaries_[i % canaries_.size()];
      const std::array<std::uint16_t, 1> port = {canary.port};
      // One pass only: an answer that needs a second try is what we watch for.
      const auto seen = context_.door().sweep(
          address_, port, {.window = 1, .per_second = 50, .wait = 800ms, .passes = 1, .raw = false},
          end, [](std::size_t) {});
      if (end.stop_requested() && (!seen || !seen->whole)) return;
      ++asked_;
      const bool good = seen && state_in(*seen, canary.port) == canary.state;
      if (!good) ++failed_;
      in_a_row = good ? 0 : in_a_row + 1;
      if (in_a_row == kGiveUp) give_up_();
      context_.clock().sleep(200ms, end);
    }
  }

  runner::Context& context_;
  Address address_;
  std::vector<Canary> canaries_;
  std::function<void()> give_up_;
  std::atomic<int> asked_{0};
  std::atomic<int> failed_{0};
  std::jthread thread_;
};

/// first_look() finds ports that answer: open ones if there are any, otherwise closed ones.
std::vector<Canary> first_look(runner::Context& context, const Address& address,
                               const std::vector<std::uint16_t>& declared) {
  std::set<std::uint16_t> ports(kUsual.begin(), kUsual.end());
  ports.insert(declared.begin(), declared.end());
  const auto seen =
      look(context, address, std::vector<std::uint16_t>(ports.begin(), ports.end()), 1s);
  if (!seen) return {};
  for (const net::PortState state : {net::PortState::open, net::PortState::closed}) {
    std::vector<Canary> out;
    for (const std::uint16_t port : ports)
      if (state_in(*seen, port) == state && out.size() < kCanaries) out.push_back({port, state});
    if (!out.empty() && seen->whole) return out;
  }
  return {};
}

std::string describe(const Pace& pace, const net::SweepResult& result, const Watch& watch) {
  return fmt::format(
      "round: {} attempts, at most {:.0f} a second and {} at once, {} ms for an answer; median "
      "answer {} us; known ports asked {} times meanwhile, {} without the known answer\n",
      result.asked, pace.per_second, pace.window,
      std::chrono::duration_cast<std::chrono::milliseconds>(pace.wait).count(),
      std::chrono::duration_cast<std::chrono::microseconds>(result.median_answer).count(),
      watch.asked(), watch.failed());
}

/// sample() is at most kMostAgain of the ports, evenly over all of them.
std::set<std::uint16_t> sample(const std::set<std::uint16_t>& ports) {
  const std::size_t step = 1 + ports.size() / kMostAgain;
  std::set<std::uint16_t> out;
  std::size_t i = 0;
  for (const std::uint16_t port : ports)
    if (i++ % step == 0) out.insert(port);
  return out;
}

/// lost() asks the open ports once more and returns those that were not open again.
std::set<std::uint16_t> lost(runner::Context& context, TcpFace& face) {
  std::set<std::uint16_t> missing = sample(face.open);
  for (int tries = 0; tries < 3 && !missing.empty(); ++tries) {
    const auto seen = look(context, face.address, {missing.begin(), missing.end()}, 1s);
    if (seen)
      for (const std::uint16_t port : seen->open) missing.erase(port);
  }
  return missing;
}

/// adopt_canary() takes a port that answered in the sweep where the first look found none.
void adopt_canary(const TcpFace& face, std::vector<Canary>& canaries) {
  if (!face.open.empty()) {
    canaries.push_back({*face.open.begin(), net::PortState::open});
    return;
  }
  for (std::uint32_t port = 1; port <= kAllPorts; ++port) {
    const auto number = static_cast<std::uint16_t>(port);
    if (face.filtered.contains(number)) continue;
    canaries.push_back({number, net::PortState::closed});
    return;
  }
}

enum class Trust { good, again, none };

/// round() is one sweep over all ports, and whether what it saw can be trusted; `again` where a
/// slower round may see more.
Trust round(runner::Context& context, TcpFace& face, std::vector<Canary>& canaries,
            const Pace& pace) {
  std::stop_source end;
  const std::stop_callback passed_on(context.stop(), [&end] { end.request_stop(); });
  Watch watch(context, face.address, canaries, [&end] { end.request_stop(); });
  const auto result = context.door().sweep(
      face.address, {}, {.window = pace.window, .per_second = pace.per_second, .wait = pace.wait},
      end.get_token(),
      [&context](std::size_t done) { context.progress(done, kAllPorts, "TCP ports"); });
  watch.end();
  if (!result) {
    face.cause = result.error().kind == ErrorKind::unreachable ? Cause::lab : Cause::tool;
    face.why = result.error().message();
    face.report += "round: " + face.why + '\n';
    return Trust::none;
  }
  face.report += describe(pace, *result, watch);
  // Of several rounds the union counts: what was open once is open.
  face.open.insert(result->open.begin(), result->open.end());
  face.filtered = {result->filtered.begin(), result->filtered.end()};
  for (const std::uint16_t port : face.open) face.filtered.erase(port);
  face.answered =
      face.answered || !face.open.empty() || (result->whole && face.filtered.size() < kAllPorts);
  if (!result->whole && !context.stop().stop_requested() && end.stop_requested()) {
    face.cause = Cause::device;
    face.why = "the device stopped answering while it was swept";
    return Trust::again;
  }
  if (!result->whole) {
    face.cause = Cause::tool;
    face.why = result->why;
    return Trust::none;
  }
  const std::set<std::uint16_t> missing = lost(context, face);
  if (!missing.empty()) face.report += "not open when asked again: " + ranges(missing) + '\n';
  if (canaries.empty()) adopt_canary(face, canaries);
  face.cause = Cause::device;
  if (watch.failed() > 0 || !still(context, face.address, canaries)) {
    face.why = "the device stopped answering while it was swept";
    return Trust::again;
  }
  if (missing.empty()) return Trust::good;
  face.why = "ports that were open once were not open again: " + ranges(missing);
  return Trust::none;
}

/// recovered() waits at most 20 s until the known ports answer again.
bool recovered(runner::Context& context, const Address& address,
               const std::vector<Canary>& canaries) {
  const SteadyTime end = context.clock().now() + 20s;
  while (context.clock().now() < end && !context.stop().stop_requested()) {
    if (still(context, address, canaries)) return true;
    context.clock().sleep(1s, context.stop());
  }
  return false;
}

}  // namespace

std::string ranges(const std::set<std::uint16_t>& ports) {
  std::string out;
  for (auto at = ports.begin(); at != ports.end();) {
    const std::uint16_t first = *at;
    std::uint16_t last = first;
    while (++at != ports.end() && *at == last + 1) last = *at;
    if (!out.empty()) out += ' ';
    out += first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
  }
  return out.empty() ? "none" : out;
}

std::string TcpFace::state(std::uint16_t port) const {
  if (open.contains(port)) return "open";
  if (!whole) return "unknown";
  return filtered.contains(port) ? "filtered" : "closed";
}

TcpFace sweep_tcp(runner::Context& context, const Address& address,
                  const std::vector<std::uint16_t>& declared) {
  TcpFace face{.address = address};
  std::vector<Canary> canaries = first_look(context, address, declared);
  // What the first look saw open stays open, even if the device bans us before the sweep asks it.
  for (const Canary& canary : canaries)
    if (canary.state == net::PortState::open) face.open.insert(canary.port);
  face.answered = !canaries.empty();
  for (const Pace& pace : kPaces) {
    const Trust trust = round(context, face, canaries, pace);
    if (trust == Trust::good) {
      face.whole = true;
      face.cause = Cause::none;
      face.why.clear();
      break;
    }
    // Slower helps only against a device that could not or would not follow.
    if (trust == Trust::none || context.stop().stop_requested()) break;
    if (!recovered(context, address, canaries)) break;
  }
  if (!face.answered) {
    face.whole = false;
    if (face.why.empty()) {
      face.cause = Cause::device;
      face.why = "no TCP port answered at all: nothing proves that the device is there";
    }
  }
  face.report = fmt::format("TCP ports 1-65535 of {}\n", address.text()) + face.report +
                "open: " + ranges(face.open) + "\nfiltered: " + ranges(face.filtered) + '\n';
  if (!face.why.empty()) face.report += "not whole: " + face.why + '\n';
  return face;
}

}  // namespace haetae::testcases
