#include "testcases/software/time_server.hpp"

#include <optional>
#include <thread>

#include "harness/net/mailbox.hpp"
#include "harness/protocols/ntp.hpp"
#include "testcases/authentication/http_call.hpp"

namespace haetae::testcases {
namespace {

constexpr int kMostAnswers = 64;
constexpr Duration kLinger = 2s;  // clients ask several times before they believe

}  // namespace

ServedTime serve_time(runner::Context& context, const declaration::TimeServer& server,
                 std::int64_t ahead) {
  ServedTime out;
  auto mailbox = context.door().hear(server.at, context.recorder(), "lan", "time server of ours");
  if (!mailbox) {
    out.why = printable(mailbox.error().message());
    out.cause = Cause::lab;
    return out;
  }
  std::string trouble;
  std::jthread asking;
  if (server.ask)
    asking = std::jthread([&] {
      const auto done = inside(context, *server.ask, {}, "the device is made to ask for the time",
                               [&](protocols::HttpClient& client) {
                                 const auto answer = client.exchange(request_of(*server.ask), 15s);
                                 if (!answer) trouble = printable(answer.error().message());
                               });
      if (!done) trouble = printable(done.error().message());
    });
  SteadyTime until = context.clock().now() + server.wait;
  for (int count = 0; count < kMostAnswers;) {
    const auto datagram = (*mailbox)->receive(until, context.stop());
    if (!datagram) break;
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(context.clock().wall().time_since_epoch())
            .count();
    const auto reply = protocols::ntp::server_answer(datagram->bytes, now + ahead);
    if (!reply) {
      ++count;
      continue;
    }
    if ((*mailbox)->answer(datagram->from, *reply)) {
      if (!out.answered) until = std::min(until, context.clock().now() + kLinger);
      out.answered = true;
      out.message = "asked from " + datagram->from.text();
    }
    ++count;
  }
  if (asking.joinable()) asking.join();
  if (!out.answered) {
    out.why = "the device did not ask the time server at " + server.at.text() + " in time" +
              (trouble.empty() ? "" : "; it was asked to: " + trouble);
    out.cause = Cause::device;
  }
  return out;
}

}  // namespace haetae::testcases
