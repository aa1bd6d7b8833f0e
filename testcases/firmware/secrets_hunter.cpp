#include <set>

#include <mutex>

#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/secret_rules.hpp"
#include "testcases/firmware/text.hpp"

/// Tokens and passwords in clear text, by the rules of the catalogue.
namespace haetae::testcases::firmware {
namespace {

class Secrets final : public Hunter {
 public:
  Secrets(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings), rules_(secret_rules(context.catalogue())) {
    if (rules_.rules.empty() || rules_.placeholders.empty())
      findings_.gap("firmware.secrets", Cause::tool,
                    "the catalogue holds no rules for tokens and passwords");
  }

  [[nodiscard]] std::vector<Anchor> anchors() const override {
    std::vector<Anchor> out;
    for (const SecretRule& rule : rules_.rules)
      out.push_back({rule.anchor, rule.how == "assignment" || rule.how == "bearer" ||
                                      rule.how == "basic" || rule.how == "url"});
    return out;
  }

  void hit(const Seen& seen, std::size_t anchor, std::size_t at) override {
    const SecretRule& rule = rules_.rules[anchor];
    const auto found = match_secret(rules_, rule, seen.member.path, seen.content, at, seen.text);
    if (!found) return;
    auto fact = fact_of<facts::FirmwareSecret>(image_, seen.member);
    fact.position = static_cast<std::int64_t>(found->at);
    fact.rule = rule.rule;
    fact.name = printable(found->name);
    fact.length = static_cast<std::int64_t>(found->length);
    {
      const std::scoped_lock lock(mutex_);
      if (!known_.emplace(fact.inside + "\n" + fact.path, found->at).second) return;
    }
    fact.secret = findings_.secret("token", seen.content.substr(found->at, found->length));
    const Line line = line_around(seen.content, found->at);
    const std::size_t from = found->at - std::min<std::size_t>(found->at - line.at, 100);
    fact.evidence = findings_.cite(seen.member, seen.bytes, from, found->at + found->length - from);
    findings_.record(runner::to_row(fact));
  }

 private:
  const Image& image_;
  Findings& findings_;
  const SecretRules rules_;
  std::mutex mutex_;
  std::set<std::pair<std::string, std::size_t>> known_;
};

}  // namespace

std::unique_ptr<Hunter> secret_hunter(const Image& image, runner::Context& context,
                                      Findings& findings) {
  return std::make_unique<Secrets>(image, context, findings);
}

}  // namespace haetae::testcases::firmware
