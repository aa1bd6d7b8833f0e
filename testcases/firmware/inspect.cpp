#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <unordered_map>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/findings.hpp"

namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kShownParts = 2'000;
constexpr std::size_t kLongestName = 1'000;

bool opened(const formats::Part& part) {
  // Padding and other bytes without a format are no part that something could hide in, unless the
  // walk says so.
  return part.state == "unpacked" || part.state == "plain";
}

std::string state_of(const formats::Part& part) {
  for (const char* word : {"unpacked", "plain", "encrypted", "unsupported", "damaged", "bounded"})
    if (part.state == word) return part.state;
  return "unknown";
}

Cause cause_of_state(const std::string& state, const std::string& kind) {
  if (state == "encrypted") return Cause::declaration;
  if (state == "damaged") return kind == "image" ? Cause::declaration : Cause::lab;
  return Cause::tool;
}

struct Topic {
  const char *kind, *topic, *missing;
};
constexpr Topic kTopics[] = {
    {"image", "firmware", "no firmware image was handed over"},
    {"dump", "firmware.dump", "no memory dump was handed over"},
    {"after-reset", "firmware.after-reset", "no memory dump taken after a reset was handed over"}};

class Look final : public formats::Visitor {
 public:
  Look(runner::Context& context, const declaration::FirmwareImage& declared, std::size_t index)
      : context_(context),
        declared_(declared),
        index_(index),
        image_{.subject = "firmware:" + declared.id,
               .id = declared.id,
               .kind = declared.kind,
               .version = declared.version},
        findings_(context, image_, declared.file.filename().string()) {}

  void part(const formats::Part& part) override {
    const std::scoped_lock lock(mutex_);
    for (const auto& one : inspectors_) one->part(part);
    const std::string inside = printable(part.inside, kLongestName);
    const std::string format = printable(part.format);
    if (!parts_.emplace(inside, part.offset, format).second) return;
    const std::string state = state_of(part);
    if (parts_.size() <= kShownParts)
      findings_.note(fmt::format("part {}{} at byte {}, {} bytes, {}{}", inside,
                                 inside.empty() ? format : "/" + format, part.offset, part.length,
                                 state, part.why.empty() ? "" : ": " + printable(part.why)));
    facts::FirmwarePart fact;
    fact.evidence = findings_.whole();
    fact.subject = image_.subject;
    fact.inside = inside;
    fact.offset = static_cast<std::int64_t>(part.offset);
    fact.length = static_cast<std::int64_t>(part.length);
    fact.format = format;
    fact.state = state;
    fact.why = printable(part.why, 1000);
    findings_.record(runner::to_row(fact));
    if (!opened(part))
      findings_.gap_everywhere(
          cause_of_state(state, declared_.kind),
          fmt::format("a part of the image ({} at byte {}{}, {} bytes) could not be opened: {}{}",
                      format, part.offset, inside.empty() ? "" : " of " + inside, part.length,
                      state, part.why.empty() ? "" : ": " + printable(part.why)));
  }

  void member(const formats::Member& member, ByteView content) override {
    const std::size_t count = ++members_;
    if (count % 256 == 1)
      context_.progress(index_, context_.device().firmware.size(),
                        fmt::format("{}: {} files, {}", image_.subject, count, member.path));
    formats::Member named = member;
    named.path = printable(member.path, kLongestName);
    named.inside = printable(member.inside, kLongestName);
    named.target = printable(member.target, kLongestName);
    {
      // An archive may name a file twice; each is looked at, and each has a name of its own.
      const std::scoped_lock lock(mutex_);
      const std::size_t same = ++names_[std::hash<std::string>{}(named.inside + '\n' + named.path)];
      if (same > 1) named.inside += fmt::format("#{}", same);
    }
    for (const auto& one : inspectors_) one->member(named, content);
  }

  void run(const Open& open, const std::vector<Listed>& listed) {
    for (const Listed& one : listed) inspectors_.push_back(one.make(image_, context_, findings_));
    const auto walk = open(declared_.file, formats::Bounds{}, *this, context_.stop());
    facts::FirmwareImage fact;
    fact.evidence = findings_.whole();
    fact.subject = image_.subject;
    fact.file = printable(declared_.file.filename().string());
    fact.kind = image_.kind;
    fact.version = printable(image_.version);
    if (walk) {
      finish(*walk);
      fact.sha256 = walk->sha256;
      fact.size = static_cast<std::int64_t>(walk->size);
      fact.files = static_cast<std::int64_t>(walk->members);
      fact.opened = walk->complete && members_ > 0 ? "whole" : members_ > 0 ? "partly" : "no";
      if (walk->complete && members_ == 0)
        findings_.gap_everywhere(Cause::declaration,
                                 "no file system or archive was found in the image: hand over one "
                                 "that is not encrypted");
    } else {
      const std::string why = printable(walk.error().message(), 1000);
      findings_.note("not opened: " + why);
      findings_.gap_everywhere(Cause::declaration, "the image could not be read: " + why);
      fact.opened = "no";
    }
    runner::record(context_, fact);
    for (const Listed& one : listed)
      for (const std::string& topic : one.topics)
        context_.cover(findings_.coverage(topic, fact.file));
  }

  [[nodiscard]] Coverage whole() const {
    return findings_.coverage("firmware", declared_.file.filename().string());
  }

 private:
  void finish(const formats::Walk& walk) {
    if (context_.stop().stop_requested())
      findings_.gap_everywhere(Cause::tool, "the inspection was stopped before its end");
    if (!walk.complete)
      findings_.gap_everywhere(Cause::tool,
                               "the image was not opened whole: " + printable(walk.why, 1000));
    for (const auto& one : inspectors_) one->finish(walk);
    findings_.note(fmt::format("SHA-256 {}, {} bytes, {} files, {}", walk.sha256, walk.size,
                               walk.members, walk.complete ? "opened whole" : walk.why));
    for (const formats::Band& band : walk.entropy) {
      facts::FirmwareEntropy fact;
      fact.evidence = findings_.whole();
      fact.subject = image_.subject;
      fact.offset = static_cast<std::int64_t>(band.offset);
      fact.length = static_cast<std::int64_t>(band.length);
      fact.bits = band.bits;
      findings_.record(runner::to_row(fact));
    }
  }

  runner::Context& context_;
  const declaration::FirmwareImage& declared_;
  const std::size_t index_;
  const Image image_;
  ImageFindings findings_;
  std::vector<std::unique_ptr<Inspector>> inspectors_;
  std::atomic<std::size_t> members_ = 0;
  std::mutex mutex_;
  std::set<std::tuple<std::string, std::uint64_t, std::string>> parts_;
  std::unordered_map<std::size_t, std::size_t> names_;
};

}  // namespace

Result<void> inspect(runner::Context& context, const Open& open,
                     const std::vector<Listed>& listed) {
  const auto& images = context.device().firmware;
  // One topic for each kind: that an image is there says nothing of a dump.
  std::map<std::string, Coverage> all;
  for (const Topic& topic : kTopics)
    all.emplace(topic.kind, gap(topic.topic, "lan", Cause::declaration, topic.missing));
  std::map<std::string, Coverage> lost;
  for (std::size_t index = 0; index < images.size(); ++index) {
    context.progress(index, images.size(), "firmware:" + images[index].id);
    Look look(context, images[index], index);
    look.run(open, listed);
    const Coverage one = look.whole();
    Coverage& of_kind = all.at(images[index].kind);
    if (one.state != CoverageState::complete)
      lost.try_emplace(images[index].kind, gap(of_kind.topic, "lan", one.cause,
                                               one.subject + ": " + one.why, one.tried));
    of_kind = whole(of_kind.topic, "lan", one.tried);
  }
  for (auto& [kind, coverage] : lost) all.at(kind) = std::move(coverage);
  if (!images.empty()) context.progress(images.size(), images.size(), "firmware");
  for (auto& [kind, coverage] : all) context.cover(std::move(coverage));
  return {};
}

}  // namespace haetae::testcases::firmware
