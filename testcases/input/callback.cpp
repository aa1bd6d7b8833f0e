#include "testcases/input/callback.hpp"

#include "harness/protocols/http_server.hpp"

namespace haetae::testcases::input {

namespace {
constexpr int kMostVisits = 1000;
}

Callback::Callback(runner::Context& context) : context_(context) {
  const auto& pull = context.device().update.pull;
  if (!pull) {
    why_ = "no address of ours is declared that the device could connect to";
    return;
  }
  auto listener = context.door().listen({.address = pull->listen.address, .port = 0},
                                        context.recorder(), "lan");
  if (!listener) {
    why_ = printable(listener.error().message());
    return;
  }
  listener_ = std::move(*listener);
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

Callback::~Callback() = default;

std::string Callback::url() const {
  return listener_ ? "http://" + listener_->endpoint().text() + "/" : std::string();
}

EvidenceId Callback::evidence_of(const std::string& token) const {
  const std::scoped_lock lock(mutex_);
  const auto found = asked_.find(token);
  return found == asked_.end() ? 0 : found->second;
}

void Callback::serve(const std::stop_token& stop) {
  for (int visits = 0; visits < kMostVisits && !stop.stop_requested(); ++visits) {
    auto conn = listener_->accept("connection to us", context_.clock().now() + 1h, stop);
    if (!conn) return;
    const SteadyTime until = context_.clock().now() + 2s;
    const auto request = protocols::read_request(**conn, until);
    if (request && request->target.size() > 1 && request->target.size() < 80) {
      const std::scoped_lock lock(mutex_);
      asked_.emplace(request->target.substr(1), (*conn)->evidence());
    }
    if (request) static_cast<void>(protocols::answer(**conn, 200, "text/plain", {}, until));
    (*conn)->close();
  }
}

}  // namespace haetae::testcases::input
