#pragma once

#include <functional>

#include "harness/runner/procedure.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

/// each_tcp_service() calls `learn` for the port of every TCP service that is `wanted`, one after
/// the other, and shows the progress.
[[nodiscard]] inline Result<void> each_tcp_service(
    runner::Context& context, const std::function<bool(const facts::Service&)>& wanted,
    const std::function<void(const declaration::PortName&)>& learn) {
  std::vector<std::string> subjects;
  for (const facts::Service& service : runner::facts<facts::Service>(context)) {
    if (service.subject.starts_with("lan:tcp/") && wanted(service))
      subjects.push_back(service.subject);
  }
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    context.progress(i, subjects.size(), subjects[i]);
    const auto port = declaration::PortName::parse(std::string_view(subjects[i]).substr(4));
    if (!port) return tl::unexpected(port.error());
    learn(*port);
  }
  context.progress(subjects.size(), subjects.size(), "");
  return {};
}

}  // namespace haetae::testcases
