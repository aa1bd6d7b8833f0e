#include "testcases/software/shown_clock.hpp"

#include "harness/formats/record_lines.hpp"
#include "testcases/authentication/http_call.hpp"
#include "testcases/software/shown_text.hpp"

namespace haetae::testcases {
namespace {

std::int64_t wall(runner::Context& context) {
  return std::chrono::duration_cast<std::chrono::seconds>(context.clock().wall().time_since_epoch())
      .count();
}

/// without_zone() takes off the whole quarters of an hour, up to 14 hours, that a zone explains.
std::int64_t without_zone(std::int64_t ahead) {
  constexpr std::int64_t kQuarter = 900;
  const std::int64_t steps = (ahead + (ahead < 0 ? -kQuarter / 2 : kQuarter / 2)) / kQuarter;
  return steps >= -56 && steps <= 56 ? ahead - steps * kQuarter : ahead;
}

}  // namespace

Result<ShownClock> shown_clock(runner::Context& context, const declaration::HttpCall& call) {
  Result<ShownClock> out = fail(ErrorKind::internal, "not asked");
  const auto done = inside(context, call, {}, "time of the device", [&](auto& client) {
    const auto response = client.exchange(request_of(call), 15s);
    if (!response) {
      out = tl::unexpected(response.error());
      return;
    }
    const std::int64_t now = wall(context);
    const auto time = formats::record_time(shown_text(*response), now);
    if (told_by(call, *response) != Told::done || !time) {
      out = fail(ErrorKind::protocol,
                 "no time is shown at " + call.path + ": " + words_of(*response));
      return;
    }
    const std::int64_t ahead = time->seconds - now;
    out = ShownClock{.seconds = time->seconds,
                     .ahead = time->zone ? ahead : without_zone(ahead),
                     .evidence = response->evidence};
  });
  if (!done) return tl::unexpected(done.error());
  return out;
}

}  // namespace haetae::testcases
