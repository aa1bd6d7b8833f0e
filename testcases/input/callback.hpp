#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "harness/net/listener.hpp"
#include "harness/runner/procedure.hpp"

namespace haetae::testcases::input {

/// Callback is a little web server of ours inside the scope that notes which tokens were asked for:
/// what a device executes without showing it may still connect to us.
class Callback {
 public:
  /// opens at the address that the declaration names for connections to us, if there is one.
  explicit Callback(runner::Context& context);
  ~Callback();
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

  [[nodiscard]] bool open() const { return listener_ != nullptr; }
  /// url() ends in '/'; a token is put behind it.
  [[nodiscard]] std::string url() const;
  /// evidence_of() is the conversation in which the token was asked for, 0 if it was not.
  [[nodiscard]] EvidenceId evidence_of(const std::string& token) const;
  /// why() is why there is none.
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  void serve(const std::stop_token& stop);

  runner::Context& context_;
  std::unique_ptr<net::Listener> listener_;
  std::string why_;
  mutable std::mutex mutex_;
  std::map<std::string, EvidenceId> asked_;
  std::jthread thread_;
};

}  // namespace haetae::testcases::input
