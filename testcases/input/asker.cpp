#include "testcases/input/asker.hpp"

namespace haetae::testcases::input {

using std::chrono::seconds;

Result<protocols::HttpResponse> Asker::ask(protocols::HttpClient& client,
                                           const protocols::HttpRequest& request, Duration wait) {
  ++sent_;
  return client.exchange(request, wait);
}

bool Asker::alive(Duration wait) {
  for (int turn = 0; turn < 2 && !context_.stop().stop_requested(); ++turn) {
    protocols::HttpClient client = web_client(context_, target_, "is it alive");
    const auto answer = client.get("/", wait);
    evidence_ = client.evidence();
    if (answer) return true;
  }
  return false;
}

Away Asker::wait_back() {
  Away out;
  const SteadyTime from = context_.clock().now();
  // Once it was seen to stay away, waiting again shows nothing new.
  const bool known = stays_ && context_.device().hook("power-cycle") != nullptr;
  const SteadyTime until = from + (known ? seconds(2) : seconds(limits_.recovery));
  const auto watch = [&](SteadyTime end) {
    while (context_.clock().now() < end && !out.back) {
      out.back = alive(1s);
      if (!out.back && !context_.clock().sleep(200ms, context_.stop())) return;
    }
  };
  watch(until);
  out.gone = context_.clock().now() - from;
  out.evidence = evidence_;
  out.effect = out.back ? "comes-back" : "stays-away";
  stays_ = stays_ || !out.back;
  const auto* hook = context_.device().hook("power-cycle");
  if (out.back || hook == nullptr || context_.device().permit < Hazard::disruptive) return out;
  const auto done = context_.door().run_hook(hook->command, context_.clock().now() + hook->timeout);
  if (done && done->exit_code == 0) watch(context_.clock().now() + seconds(limits_.recovery));
  return out;
}

bool Asker::spent() const { return sent_ >= limits_.requests; }

}  // namespace haetae::testcases::input
