#pragma once

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testcases/crypto/tls.hpp"
#include "testcases/facts/facts.hpp"
#include "tests/support/fake_context.hpp"

namespace haetae::test {

/// LearnedTls runs the TLS procedure against one endpoint and reads its facts.
class LearnedTls {
 public:
  LearnedTls(const std::string& address, std::string subject)
      : subject_(std::move(subject)), context_(lab_declaration(address)) {
    facts::Service service;
    service.subject = subject_;
    service.protocol = "http";
    service.tls = "yes";
    context_.given(service);
    const auto done = testcases::tls().run(context_);
    if (!done) throw std::runtime_error(done.error().message());
  }

  std::string offered(std::string_view version) const {
    for (const auto& fact : runner::facts<facts::TlsVersion>(context_)) {
      if (fact.version == version) return fact.offered;
    }
    return "missing";
  }
  std::set<std::string> suites(std::string_view version) const {
    std::set<std::string> out;
    for (const auto& fact : runner::facts<facts::TlsSuite>(context_)) {
      if (fact.version == version) out.insert(fact.suite);
    }
    return out;
  }
  /// pairs() are all accepted (version, suite).
  std::set<std::pair<std::string, std::string>> pairs() const {
    std::set<std::pair<std::string, std::string>> out;
    for (const auto& fact : runner::facts<facts::TlsSuite>(context_)) {
      out.insert({fact.version, fact.suite});
    }
    return out;
  }
  std::set<std::string> groups(std::string_view version) const {
    std::set<std::string> out;
    for (const auto& fact : runner::facts<facts::TlsGroup>(context_)) {
      if (fact.version == version) out.insert(fact.name + "/" + std::to_string(fact.bits));
    }
    return out;
  }
  std::set<std::string> schemes(std::string_view version) const {
    std::set<std::string> out;
    for (const auto& fact : runner::facts<facts::TlsSignature>(context_)) {
      if (fact.version == version) out.insert(fact.scheme);
    }
    return out;
  }
  std::string property(std::string_view name) const {
    for (const auto& fact : runner::facts<facts::TlsProperty>(context_)) {
      if (fact.property == name) return fact.present;
    }
    return "missing";
  }
  std::vector<facts::Certificate> certificates() const {
    return runner::facts<facts::Certificate>(context_);
  }
  /// gaps() names each topic that is not complete, with the reason.
  std::string gaps() const {
    std::string out;
    for (const Coverage& entry : context_.coverages()) {
      if (entry.state != CoverageState::complete) out += entry.topic + ": " + entry.why + "\n";
    }
    return out;
  }
  const FakeContext& context() const { return context_; }

 private:
  std::string subject_;
  FakeContext context_;
};

}  // namespace haetae::test
