#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/secret_rules.hpp"
#include "testcases/firmware/text.hpp"

/// Tools and files of developers, by the names of ref_leftover.
namespace haetae::testcases::firmware {
namespace {

constexpr std::string_view kTopic = "firmware.leftovers";

// What a file has to be beside its name: a program, a link to one, or any file that is not empty.
bool program(const formats::Member& member, std::string_view content) {
  if (member.kind == "link") return below(member.path, "bin/");
  if (member.kind != "file") return false;
  if (is_elf(content) || content.starts_with("#!")) return true;
  return member.mode_known && (member.mode & 0111U) != 0 && below(member.path, "bin/");
}

// e_type of an ELF file (ELF specification, ET_CORE)
bool core_dump(std::string_view content) {
  return is_elf(content) && content.size() > 18 &&
         ((content[5] == 1 && content[16] == 4) || (content[5] == 2 && content[17] == 4));
}

bool login_key(std::string_view content) {
  for (const Line& line : lines(content, 1'000)) {
    if (trimmed(line.text).starts_with('#')) continue;
    for (const char* kind : {"ssh-rsa AAAA", "ssh-ed25519 AAAA", "ssh-dss AAAA", "ecdsa-sha2-"})
      if (below(line.text, kind)) return true;
  }
  return false;
}

class Leftovers final : public Inspector {
 public:
  Leftovers(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings), rows_(table(context.catalogue(), "leftover")) {
    if (rows_.empty())
      findings_.gap(kTopic, Cause::tool, "the catalogue holds no list of left-over tools");
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return {std::string(kTopic)}; }

  void member(const formats::Member& member, ByteView bytes) override {
    const std::string_view content = as_text(bytes);
    const std::string_view name = base_name(member.path);
    for (const Row& row : rows_) {
      const std::string& pattern = cell(row, "pattern");
      const bool whole = pattern.find('/') != std::string::npos;
      if (!fits(pattern, whole ? std::string_view(member.path) : name)) continue;
      if (holds(cell(row, "form"), member, content)) keep(row, member, bytes);
    }
  }

 private:
  static bool holds(const std::string& form, const formats::Member& member,
                    std::string_view content) {
    if (form == "program") return program(member, content);
    if (form == "core") return member.kind == "file" && core_dump(content);
    if (form == "login-key") return member.kind == "file" && login_key(content);
    if (form == "script") return member.kind == "file" && content.starts_with("#!");
    if (documentation(member.path)) return false;
    return member.kind == "file" && !content.empty();
  }

  void keep(const Row& row, const formats::Member& member, ByteView bytes) {
    auto fact = fact_of<facts::FirmwareLeftover>(image_, member);
    fact.entry = cell(row, "entry");
    fact.kind = cell(row, "kind");
    fact.evidence =
        bytes.empty() ? findings_.cite_member(member) : findings_.cite(member, bytes, 0, 64);
    findings_.record(runner::to_row(fact));
  }

  const Image& image_;
  Findings& findings_;
  const std::vector<Row> rows_;
};

}  // namespace

Listed leftovers_inspector() {
  return {.make = [](const Image& image, runner::Context& context,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<Leftovers>(image, context, findings);
          },
          .topics = {std::string(kTopic)},
          .facts = {"firmware_leftover"}};
}

}  // namespace haetae::testcases::firmware
