#include <mutex>
#include <set>

#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/log_strings.hpp"
#include "testcases/firmware/text.hpp"

/// Messages of programs and scripts that would write a secret into a log.
namespace haetae::testcases::firmware {
namespace {

class LogStrings final : public Hunter {
 public:
  LogStrings(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings) {
    for (const Row& row : table(context.catalogue(), "secret_word"))
      words_.push_back(cell(row, "word"));
    for (const Row& row : table(context.catalogue(), "harmless_text"))
      harmless_.insert(cell(row, "text"));
    if (words_.empty())
      findings_.gap("firmware.log-strings", Cause::tool,
                    "the catalogue holds no words for secrets");
  }

  [[nodiscard]] std::vector<Anchor> anchors() const override {
    std::vector<Anchor> out;
    for (const std::string& word : words_) out.push_back({word, true});
    return out;
  }

  void hit(const Seen& seen, std::size_t anchor, std::size_t at) override {
    const std::string& word = words_[anchor];
    const auto found = seen.elf    ? log_string(seen.content, at, word)
                       : seen.text ? log_line(seen.content, at, word)
                                   : std::nullopt;
    if (!found) return;
    auto fact = fact_of<facts::FirmwareLogString>(image_, seen.member);
    fact.position = static_cast<std::int64_t>(found->at);
    fact.word = found->word;
    fact.text = printable(found->text);
    if (harmless_.contains(fact.text)) return;
    {
      const std::scoped_lock lock(mutex_);
      if (!known_.emplace(fact.inside + "\n" + fact.path, found->at).second) return;
    }
    fact.evidence = findings_.cite(seen.member, seen.bytes, found->at, found->text.size());
    findings_.record(runner::to_row(fact));
  }

 private:
  const Image& image_;
  Findings& findings_;
  std::vector<std::string> words_;
  std::set<std::string> harmless_;
  std::mutex mutex_;
  std::set<std::pair<std::string, std::size_t>> known_;
};

}  // namespace

std::unique_ptr<Hunter> log_string_hunter(const Image& image, runner::Context& context,
                                          Findings& findings) {
  return std::make_unique<LogStrings>(image, context, findings);
}

}  // namespace haetae::testcases::firmware
