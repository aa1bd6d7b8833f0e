#include <fmt/format.h>

#include <mutex>
#include <set>

#include "testcases/facts/facts.hpp"
#include "testcases/firmware/binary_inspectors.hpp"
#include "testcases/firmware/reference_rows.hpp"

/// Places of an image that name a version of the product, and whether it is the declared one; and
/// signs of a secure element.
namespace haetae::testcases::firmware {
namespace {

constexpr char kVersionTopic[] = "firmware.version";
constexpr char kElementTopic[] = "firmware.secure-element";
constexpr std::size_t kTextFile = 64 * 1024;
constexpr std::size_t kNodesFile = 4 * 1024 * 1024;

bool part_of_version(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The declared version as a whole: 1.4.2 does not stand in 1.4.25 or 11.4.2.
bool names(std::string_view text, std::string_view wanted) {
  for (std::size_t at = 0; (at = text.find(wanted, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + wanted.size();
    const bool v = at > 0 && (text[at - 1] == 'v' || text[at - 1] == 'V') &&
                   (at == 1 || !part_of_version(text[at - 2]));
    const bool before = at == 0 || v || (!part_of_version(text[at - 1]) && text[at - 1] != '.');
    const bool dot = end + 1 < text.size() && text[end] == '.' && part_of_version(text[end + 1]);
    if (before && !dot && (end == text.size() || !part_of_version(text[end]))) return true;
  }
  return false;
}

class VersionInspector final : public Inspector {
 public:
  VersionInspector(const Image& image, runner::Context& context, Findings& findings)
      : image_(image),
        findings_(findings),
        files_(context.catalogue(), "version_file"),
        wanted_(image.version.empty() ? context.device().identity.firmware : image.version) {
    if (files_.size() == 0)
      findings.gap(kVersionTopic, Cause::tool, "the catalogue has no list of version files");
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return {kVersionTopic}; }

  void member(const formats::Member& member, ByteView content) override {
    if (member.kind != "file" || content.size() > kTextFile) return;
    for (std::size_t row = 0; row < files_.size(); ++row)
      if (fits_any(files_.text(row, "files"), member.path))
        look(member, content, files_.text(row, "field"), files_.text(row, "place"));
  }

 private:
  void look(const formats::Member& member, ByteView content, const std::string& field,
            const std::string& place) {
    const std::string_view text = as_text(content);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      const std::size_t begin = at;
      at = end + 1;
      while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
      if (line.empty() || line.front() == '#') continue;
      if (!field.empty()) {
        if (!line.starts_with(field)) continue;
        line.remove_prefix(field.size());
        const std::size_t value = line.find_first_not_of(" \t:=\"'");
        if (value == 0 || value == std::string_view::npos) continue;
        line = line.substr(value);
        line = line.substr(0, line.find_first_of("\"';"));
      }
      facts::ImageVersion fact;
      fact.evidence = findings_.cite(member, content, begin, end - begin);
      fact.subject = image_.subject;
      fact.inside = member.inside;
      fact.path = member.path;
      fact.field = field;
      fact.place = place;
      fact.text = printable(line);
      fact.wanted = wanted_;
      fact.same = wanted_.empty() ? "unknown" : names(line, wanted_) ? "yes" : "no";
      const std::scoped_lock lock(mutex_);
      if (keys_.insert(fact.inside + "\n" + fact.path + "\n" + field).second)
        findings_.record(runner::to_row(fact));
      return;
    }
  }

  const Image image_;
  Findings& findings_;
  const ReferenceRows files_;
  const std::string wanted_;
  std::mutex mutex_;
  std::set<std::string> keys_;
};

class SecureElementInspector final : public Inspector {
 public:
  SecureElementInspector(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings), rows_(context.catalogue(), "secure_element") {
    if (rows_.size() == 0)
      findings.gap(kElementTopic, Cause::tool, "the catalogue has no list of secure elements");
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return {kElementTopic}; }

  void member(const formats::Member& member, ByteView content) override {
    const std::string_view name = base_name(member.path);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      const std::string where = rows_.text(row, "place"), pattern = rows_.text(row, "pattern");
      if (where == "file") {
        if (member.kind == "file" && fits_any(pattern, name))
          record(member, findings_.cite_member(member), row, std::string(name));
        continue;
      }
      const bool tree = where == "device-tree";
      const bool looked =
          tree ? (member.kind == "raw" || name.ends_with(".dtb") || name.ends_with(".dtbo")) &&
                     content.size() <= kNodesFile
               : member.kind == "file" && content.size() <= kTextFile;
      if (!looked) continue;
      const std::size_t at = find_bytes(as_text(content), pattern);
      if (at == std::string_view::npos) continue;
      record(member, findings_.cite(member, content, at, pattern.size()), row, pattern);
    }
  }

 private:
  void record(const formats::Member& member, EvidenceId evidence, std::size_t row,
              const std::string& text) {
    facts::SecureElement fact;
    fact.evidence = evidence;
    fact.subject = image_.subject;
    fact.inside = member.inside;
    fact.path = member.path;
    fact.element = rows_.text(row, "element");
    fact.seen_by = rows_.text(row, "sign");
    fact.text = printable(text);
    const std::scoped_lock lock(mutex_);
    if (keys_
            .insert(
                fmt::format("{}\n{}\n{}\n{}", fact.inside, fact.path, fact.element, fact.seen_by))
            .second)
      findings_.record(runner::to_row(fact));
  }

  const Image image_;
  Findings& findings_;
  const ReferenceRows rows_;
  std::mutex mutex_;
  std::set<std::string> keys_;
};

}  // namespace

Listed version_inspector() {
  return {.make = [](const Image& image, runner::Context& context,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<VersionInspector>(image, context, findings);
          },
          .topics = {kVersionTopic},
          .facts = {"image_version"}};
}

Listed secure_element_inspector() {
  return {.make = [](const Image& image, runner::Context& context,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<SecureElementInspector>(image, context, findings);
          },
          .topics = {kElementTopic},
          .facts = {"secure_element"}};
}

}  // namespace haetae::testcases::firmware
