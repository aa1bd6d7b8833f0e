#include "testcases/input/asker.hpp"

namespace haetae::testcases::input {

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
  Away out = input::wait_back(context_, limits_, stays_, [this] { return alive(1s); });
  out.evidence = evidence_;
  return out;
}

bool Asker::spent() const { return sent_ >= limits_.requests; }

}  // namespace haetae::testcases::input
