#include <fmt/format.h>

#include <cstdlib>
#include <mutex>
#include <set>

#include "harness/formats/boot_blocks.hpp"
#include "harness/formats/elf.hpp"
#include "harness/formats/image_scratch.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/binary_inspectors.hpp"
#include "testcases/firmware/reference_rows.hpp"
#include "testcases/firmware/terminal_lines.hpp"

/// How the device starts: settings of boot loader, kernel and first process, signs that what runs
/// is verified, and counters against older versions.
namespace haetae::testcases::firmware {
namespace {

constexpr char kTopic[] = "firmware.boot";
constexpr std::size_t kTextFile = 256 * 1024;

std::string text_of(ByteView value) {
  std::string_view text = as_text(value);
  return printable(text.substr(0, text.find('\0')), 1000);
}

class BootInspector final : public Inspector {
 public:
  BootInspector(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings) {
    for (const auto& one : context.device().firmware)
      if (one.id == image.id) file_ = one.file;
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return {kTopic}; }

  void member(const formats::Member& member, ByteView content) override {
    if (member.kind == "link") {
      if (fits("*.wants/debug-shell.service", member.path))
        setting(member, findings_.cite_member(member), "systemd", "shell", "debug-shell.service",
                "none");
      return;
    }
    if (content.empty()) return;
    environment(member, content);
    device_tree(member, content);
    signed_headers(member, content);
    module(member, content);
    if (member.kind == "file" && content.size() <= kTextFile) text_file(member, content);
  }

  void finish(const formats::Walk&) override {
    // The header of the outermost image is no member of it.
    if (const auto whole = formats::image::Mapping::of_file(file_)) {
      formats::Member member;
      member.path = "/";
      member.kind = "file";
      member.size = whole->bytes().size();
      device_tree(member, whole->bytes());
      signed_headers(member, whole->bytes());
    }
    const std::scoped_lock lock(mutex_);
    if (modules_ == 0) return;
    facts::BootIntegrity fact;
    fact.evidence = unsigned_ != 0 ? unsigned_ : signed_;
    fact.subject = image_.subject;
    fact.sign = "module-signature";
    fact.name = "kernel modules";
    fact.state = unsigned_ != 0 ? "absent" : "present";
    findings_.record(runner::to_row(fact));
  }

 private:
  bool first(const std::string& key) {
    const std::scoped_lock lock(mutex_);
    return keys_.insert(key).second;
  }

  void setting(const formats::Member& member, EvidenceId evidence, const char* source,
               const char* name, const std::string& text, const std::string& login) {
    facts::BootSetting fact;
    fact.evidence = evidence;
    fact.subject = image_.subject;
    fact.inside = member.inside;
    fact.path = member.path;
    fact.source = source;
    fact.setting = name;
    fact.text = printable(text, 1000);
    fact.number = std::strtol(fact.text.c_str(), nullptr, 10);
    fact.login = login;
    if (first(
            fmt::format("s\n{}\n{}\n{}\n{}\n{}", fact.inside, fact.path, source, name, fact.text)))
      findings_.record(runner::to_row(fact));
  }

  void sign(const formats::Member& member, EvidenceId evidence, const char* what,
            const std::string& name, const char* state, const std::string& algorithm) {
    facts::BootIntegrity fact;
    fact.evidence = evidence;
    fact.subject = image_.subject;
    fact.inside = member.inside;
    fact.path = member.path;
    fact.sign = what;
    fact.name = printable(name);
    fact.state = state;
    fact.algorithm = printable(algorithm);
    if (first(fmt::format("i\n{}\n{}\n{}\n{}", fact.inside, fact.path, what, fact.name)))
      findings_.record(runner::to_row(fact));
  }

  void counter(const formats::Member& member, EvidenceId evidence, const char* format,
               const char* name, const char* state, const std::string& value) {
    facts::RollbackCounter fact;
    fact.evidence = evidence;
    fact.subject = image_.subject;
    fact.inside = member.inside;
    fact.path = member.path;
    fact.format = format;
    fact.name = name;
    fact.state = state;
    fact.value = printable(value);
    if (first(fmt::format("c\n{}\n{}\n{}\n{}", fact.inside, fact.path, format, name)))
      findings_.record(runner::to_row(fact));
  }

  // A kernel command line, wherever it stands.
  void arguments(const formats::Member& member, EvidenceId evidence, const char* source,
                 const std::string& text) {
    setting(member, evidence, source, "kernel-arguments", text, "not-applicable");
    if (const std::string word = shell_in_arguments(text); !word.empty())
      setting(member, evidence, source, "boot-arguments-shell", word, "none");
    for (const char* mark : {"dm-mod.create=", "roothash=", "dm=\"", "systemd.verity=yes",
                             "androidboot.veritymode=enforcing", "rootfs.verity.sig"})
      if (text.find(mark) != std::string::npos)
        sign(member, evidence, "verity-arguments", mark, "present", "");
    if (text.find("ima_appraise=enforce") != std::string::npos)
      sign(member, evidence, "ima-signature", "ima_appraise", "present", "");
  }

  void variables(const formats::Member& member, ByteView content,
                 const std::vector<formats::Variable>& list, const char* source) {
    for (const formats::Variable& one : list) {
      const auto evidence = [&] {
        return findings_.cite(member, content, one.at, one.name.size() + 1 + one.value.size());
      };
      if (one.name == "bootdelay")
        setting(member, evidence(), source, "boot-delay", one.value, "not-applicable");
      else if (one.name == "bootargs")
        arguments(member, evidence(), source, printable(one.value, 1000));
      else if (one.name == "bootstopkey" || one.name == "bootdelaykey" ||
               one.name == "bootstopkeysha256" || one.name == "bootstopkeycrypt")
        // The key itself is a secret of the maker.
        setting(member, evidence(), source, "stop-key", one.name, "not-applicable");
      else if (one.name == "console" || one.name == "stdout")
        setting(member, evidence(), source, "console", one.value, "not-applicable");
      else if (one.name == "silent")
        setting(member, evidence(), source, "silent", one.value, "not-applicable");
      else if (one.name == "bootcmd")
        setting(member, evidence(), source, "boot-command", one.value, "not-applicable");
    }
  }

  void environment(const formats::Member& member, ByteView content) {
    const bool place =
        member.kind == "raw" || fits_any("*env* *.bin *.img u-boot*", base_name(member.path));
    if (!place) return;
    if (const auto list = formats::read_environment(content))
      variables(member, content, *list, "u-boot-environment");
    const std::size_t at = find_bytes(as_text(content), "U-Boot ");
    if (at == std::string_view::npos) return;
    const auto compiled = formats::default_environment(content);
    if (compiled.empty()) return;
    facts::BootLoader fact;
    fact.evidence = findings_.cite(member, content, at, 64);
    fact.subject = image_.subject;
    fact.inside = member.inside;
    fact.path = member.path;
    fact.name = "u-boot";
    fact.version =
        text_of(content.subspan(at + 7, std::min<std::size_t>(24, content.size() - at - 7)));
    if (first("l\n" + fact.inside + "\n" + fact.path)) findings_.record(runner::to_row(fact));
    variables(member, content, compiled, "u-boot-default");
  }

  void device_tree(const formats::Member& member, ByteView content) {
    if (!formats::is_device_tree(content)) return;
    bool fit = false, signature = false, images = false, rollback = false;
    std::string algorithm;
    const EvidenceId evidence = findings_.cite(member, content, 0, 64);
    const bool whole = formats::each_property(content, [&](const formats::Property& one) {
      const std::string value = text_of(one.value);
      if (one.node == "/chosen" && one.name == "bootargs") {
        const std::size_t at = find_bytes(as_text(content), as_text(one.value));
        arguments(member,
                  at == std::string_view::npos
                      ? evidence
                      : findings_.cite(member, content, at, one.value.size()),
                  "device-tree", value);
      } else if (one.node == "/chosen" && one.name == "stdout-path") {
        setting(member, evidence, "device-tree", "console", value, "not-applicable");
      } else if (one.node.starts_with("/signature/") && one.name == "required") {
        sign(member, evidence, "required-key", one.node, "present", value);
      }
      fit = fit || one.node.starts_with("/configurations") || one.node.starts_with("/images/");
      rollback = rollback || one.name == "rollback-index" || one.name == "fit-rollback";
      if (one.name == "algo" && one.node.find("/signature") != std::string::npos) {
        // Each image may be signed by itself, or a configuration with all of its images.
        signature = signature || one.node.starts_with("/configurations/");
        images = images || one.node.starts_with("/images/");
        algorithm = value;
      }
    });
    if (!whole)
      findings_.gap(kTopic, Cause::tool,
                    printable(member.path) + " holds a device tree that is damaged or too deep");
    if (fit && whole)
      sign(member, evidence, "fit-signature", signature || !images ? "configurations" : "images",
           signature || images ? "present" : "absent", algorithm);
    if (rollback) counter(member, evidence, "fit", "rollback-index", "present", "");
  }

  void signed_headers(const formats::Member& member, ByteView content) {
    if (const auto image = formats::read_mcuboot(content)) {
      const EvidenceId evidence = findings_.cite(member, content, 0, 32);
      std::string all;
      for (const std::string& one : image->signatures) all += (all.empty() ? "" : ",") + one;
      const bool none = image->signatures.empty();
      sign(member, evidence, "mcuboot-signature", image->version,
           !none          ? "present"
           : image->whole ? "absent"
                          : "unknown",
           all);
      counter(member, evidence, "mcuboot", "security counter",
              image->security_counter ? "present"
              : image->whole          ? "absent"
                                      : "unknown",
              image->security_counter ? std::to_string(*image->security_counter) : "");
    }
    if (const auto header = formats::read_vbmeta(content)) {
      const EvidenceId evidence = findings_.cite(member, content, 0, 256);
      sign(member, evidence, "android-vbmeta", "vbmeta",
           header->algorithm != 0 ? "present" : "absent", std::to_string(header->algorithm));
      counter(member, evidence, "android", "rollback index",
              header->rollback_index != 0 ? "present" : "absent",
              std::to_string(header->rollback_index));
    }
    // cryptsetup's superblock, version 1 (Documentation/admin-guide/device-mapper/verity.rst).
    static constexpr std::string_view kVerity("verity\0\0\1\0\0\0", 12);
    if (member.kind != "raw") return;
    if (const std::size_t at = find_bytes(as_text(content), kVerity); at != std::string_view::npos)
      sign(member, findings_.cite(member, content, at, 64), "dm-verity", "superblock", "present",
           at + 32 < content.size()
               ? text_of(
                     content.subspan(at + 32, std::min<std::size_t>(32, content.size() - at - 32)))
               : "");
  }

  void module(const formats::Member& member, ByteView content) {
    if (!member.path.ends_with(".ko") || !formats::is_elf(content)) return;
    const bool has = as_text(content).ends_with("~Module signature appended~\n");
    const std::scoped_lock lock(mutex_);
    ++modules_;
    EvidenceId& kept = has ? signed_ : unsigned_;
    if (kept == 0)
      kept = findings_.cite(member, content, content.size() < 64 ? 0 : content.size() - 64, 64);
  }

  void lines(const formats::Member& member, ByteView content) {
    const std::string_view text = as_text(content);
    const std::string& path = member.path;
    const bool inittab = path.ends_with("/etc/inittab");
    bool terminal = false;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string line(text.substr(at, end - at));
      const auto evidence = [&] { return findings_.cite(member, content, at, end - at); };
      if (inittab) {
        if (const std::string command = inittab_command(line); !command.empty()) {
          terminal = true;
          setting(member, evidence(), "inittab", "shell", line, login_of_command(command));
        }
      } else if (line.starts_with("ExecStart=") && line.size() > 10) {
        setting(member, evidence(), "systemd", "shell", line, login_of_command(line.substr(10)));
      }
      at = end + 1;
    }
    if (inittab && !terminal)
      setting(member, findings_.cite(member, content, 0, content.size()), "inittab", "shell",
              "nothing on a terminal", "not-applicable");
  }

  // name=value lines that U-Boot reads from a file (env import -t).
  void text_environment(const formats::Member& member, ByteView content) {
    const std::string_view text = as_text(content);
    std::vector<formats::Variable> list;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = text.substr(at, end - at);
      if (const std::size_t equals = line.find('='); equals != std::string_view::npos && equals > 0)
        list.push_back(
            {std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)), at});
      at = end + 1;
    }
    variables(member, content, list, "boot-file");
  }

  void text_file(const formats::Member& member, ByteView content) {
    const std::string& path = member.path;
    if (path.ends_with("/uEnv.txt")) text_environment(member, content);
    if (path.ends_with("/etc/inittab") ||
        fits_any("*/systemd/system/*getty*.service *getty*.service.d/*.conf", path))
      lines(member, content);
    if (fits_any("*/cmdline.txt */extlinux.conf */syslinux.cfg */grub.cfg */etc/kernel/cmdline "
                 "*/boot.cmd */uEnv.txt",
                 path)) {
      const std::string_view text = as_text(content);
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.find("root=") != std::string_view::npos ||
            line.find("init=") != std::string_view::npos)
          arguments(member, findings_.cite(member, content, at, end - at), "boot-file",
                    printable(line, 1000));
        at = end + 1;
      }
    }
    if (path.ends_with("/etc/ima/ima-policy") &&
        find_bytes(as_text(content), "appraise") != std::string_view::npos)
      sign(member, findings_.cite(member, content, find_bytes(as_text(content), "appraise"), 60),
           "ima-signature", "ima-policy", "present", "");
    if (path.ends_with("/etc/swupdate.cfg")) {
      const std::size_t at = find_bytes(as_text(content), "no-downgrading");
      counter(member, findings_.cite(member, content, at == std::string_view::npos ? 0 : at, 60),
              "swupdate", "no-downgrading", at == std::string_view::npos ? "absent" : "present",
              "");
    }
  }

  const Image image_;
  Findings& findings_;
  std::filesystem::path file_;
  std::mutex mutex_;
  std::set<std::string> keys_;
  std::size_t modules_ = 0;
  EvidenceId signed_ = 0, unsigned_ = 0;
};

}  // namespace

Listed boot_inspector() {
  return {.make = [](const Image& image, runner::Context& context,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<BootInspector>(image, context, findings);
          },
          .topics = {kTopic},
          .facts = {"boot_setting", "boot_loader", "boot_integrity", "rollback_counter"}};
}

}  // namespace haetae::testcases::firmware
