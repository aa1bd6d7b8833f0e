#include <atomic>
#include <exception>
#include <thread>

#include "harness/runner/procedure.hpp"

namespace haetae::runner {

Result<std::unique_ptr<net::Conn>> Context::connect(const declaration::PortName& port,
                                                    std::string_view label, Duration wait) {
  return connect(Endpoint{address(), port.number}, port.subject(), label, wait);
}

Result<std::unique_ptr<net::Conn>> Context::connect(const Endpoint& to, std::string_view subject,
                                                    std::string_view label, Duration wait) {
  return door().connect(to, recorder(), subject, label, clock().now() + wait);
}

void Context::each(std::size_t count, std::size_t width,
                   const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first;
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(width, count); ++i) {
      workers.emplace_back([&] {
        for (std::size_t at = next++; at < count && !stop().stop_requested(); at = next++) {
          try {
            work(at);
          } catch (...) {
            const std::scoped_lock lock(mutex);
            if (!first) first = std::current_exception();
          }
        }
      });
    }
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace haetae::runner
