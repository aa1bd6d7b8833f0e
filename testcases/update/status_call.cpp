#include "testcases/update/status_call.hpp"

namespace haetae::testcases::update {

using protocols::HttpClient;

Told follow_status(runner::Context& context, const declaration::HttpCall& call, HttpClient& client,
                   std::string& message) {
  const SteadyTime until = context.clock().now() + context.device().update.settle;
  int failures = 0;
  while (context.clock().now() < until) {
    const auto response = client.exchange(request_of(call, {}, {}), 5s);
    if (response) {
      failures = 0;
      const bool texts = !call.success_text.empty() || !call.failure_text.empty();
      const Told told = told_by(call, *response);
      const bool clear =
          !texts || finds(*response, call.success_text) || finds(*response, call.failure_text);
      if (told != Told::nothing && clear) {
        message = words_of(*response);
        return told;
      }
      // The session may have ended with the restart; whoever asks then is told nothing more.
      if (denies(*response)) return Told::nothing;
    } else if (++failures == 3) {
      return Told::nothing;
    }
    if (!context.clock().sleep(500ms, context.stop())) break;
  }
  return Told::nothing;
}

}  // namespace haetae::testcases::update
