#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "testcases/crypto/ssh.hpp"
#include "testcases/facts/facts.hpp"
#include "tests/support/fake_context.hpp"

namespace haetae::test {

/// LearnedSsh runs the SSH procedure against one endpoint and reads its facts.
class LearnedSsh {
 public:
  LearnedSsh(const std::string& address, const std::string& subject)
      : context_(lab_declaration(address)) {
    facts::Service service;
    service.subject = subject;
    service.protocol = "ssh";
    context_.given(service);
    const auto done = testcases::ssh().run(context_);
    if (!done) throw std::runtime_error(done.error().message());
  }
  std::set<std::string> algorithms(std::string_view category) const {
    std::set<std::string> out;
    for (const auto& fact : runner::facts<facts::SshAlgorithm>(context_)) {
      if (fact.category == category) out.insert(fact.name);
    }
    return out;
  }
  /// ordered() is one list of one direction as the server sent it.
  std::vector<std::string> ordered(std::string_view category, std::string_view direction) const {
    std::vector<std::string> out;
    for (const auto& fact : runner::facts<facts::SshAlgorithm>(context_)) {
      const bool this_way = fact.direction == direction || fact.direction == "both";
      if (fact.category == category && this_way) out.push_back(fact.name);
    }
    return out;
  }
  /// keys() are "type bits fingerprint", as ssh-keygen -l prints them.
  std::set<std::string> keys() const {
    std::set<std::string> out;
    for (const auto& fact : runner::facts<facts::SshHostKey>(context_)) {
      out.insert(fact.algorithm + " " + std::to_string(fact.bits) + " " + fact.fingerprint);
    }
    return out;
  }
  std::set<std::string> methods() const {
    std::set<std::string> out;
    for (const auto& fact : runner::facts<facts::SshAuthMethod>(context_)) out.insert(fact.method);
    return out;
  }
  std::vector<facts::SshServer> servers() const {
    return runner::facts<facts::SshServer>(context_);
  }
  std::string gaps() const {
    std::string out;
    for (const Coverage& entry : context_.coverages()) {
      if (entry.state != CoverageState::complete) out += entry.topic + ": " + entry.why + "\n";
    }
    return out;
  }
  const FakeContext& context() const { return context_; }

 private:
  FakeContext context_;
};

}  // namespace haetae::test
