#include "harness/runner/procedure.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

namespace haetae::runner {

Result<std::unique_ptr<net::Conn>> Context::connect(const declaration::PortName& port,
                                                    std::string_view label, Duration wait) {
  return connect(Endpoint{address(), port.number}, port.subject(), label, wait);
}

Result<std::unique_ptr<net::Conn>> Context::connect(const Endpoint& to, std::string_view subject,
                                                    std::string_view label, Duration wait) {
  if (stop().stop_requested()) return fail(ErrorKind::stopped, "the run was asked to stop");
  return door().connect(to, recorder(), subject, label, clock().now() + wait);
}

void Context::each(std::size_t count, std::size_t width,
                   const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr first_failure;
  std::mutex mutex;
  {
    std::vector<std::jthread> workers;
    for (std::size_t worker = 0; worker < std::min(count, std::max<std::size_t>(width, 1));
         ++worker) {
      workers.emplace_back([&] {
        while (!stop().stop_requested()) {
          const std::size_t index = next.fetch_add(1);
          if (index >= count) return;
          try {
            work(index);
          } catch (...) {
            const std::scoped_lock lock(mutex);
            if (!first_failure) first_failure = std::current_exception();
            next = count;
          }
        }
      });
    }
  }
  if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace haetae::runner
