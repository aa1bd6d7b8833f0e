#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "harness/formats/elf.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/binary_inspectors.hpp"
#include "testcases/firmware/component_names.hpp"
#include "testcases/firmware/package_lists.hpp"
#include "testcases/firmware/reference_rows.hpp"
#include "testcases/firmware/software_version.hpp"
#include "testcases/firmware/vulnerability_lists.hpp"

/// Other people's software in an image: package databases, texts in programs, names of files; and
/// how its versions compare with the lists of known vulnerabilities.
namespace haetae::testcases::firmware {
namespace {

constexpr char kTopic[] = "firmware.components";
constexpr std::size_t kVersionsOfOneText = 3;

/// Rule says how a program or a file name tells component and version.
struct Rule {
  std::string component, files, before, after;
};

std::vector<Rule> rules(const catalogue::Catalogue& catalogue, std::string_view name) {
  std::vector<Rule> out;
  const ReferenceRows rows(catalogue, name);
  for (std::size_t row = 0; row < rows.size(); ++row)
    out.push_back({rows.text(row, "component"), rows.text(row, "files"), rows.text(row, "before"),
                   rows.text(row, "after")});
  return out;
}

bool packaged(const facts::Component& component) {
  return component.origin == "dpkg" || component.origin == "opkg" || component.origin == "apk";
}

class ComponentInspector final : public Inspector {
 public:
  ComponentInspector(const Image& image, runner::Context& context, Findings& findings)
      : image_(image),
        findings_(findings),
        names_(context.catalogue()),
        texts_(rules(context.catalogue(), "component_text")),
        file_names_(rules(context.catalogue(), "component_file")),
        lists_(read_lists(context)) {
    if (texts_.empty() || file_names_.empty())
      findings.gap(kTopic, Cause::tool, "the catalogue has no rules for versions of components");
    for (const std::string& why : lists_.gaps) findings.gap(kTopic, Cause::lab, why);
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return {kTopic}; }

  void member(const formats::Member& member, ByteView content) override {
    if (member.kind != "file" && member.kind != "raw") return;
    const std::string_view name = base_name(member.path);
    package_lists(member, content);
    std::set<std::string> told;
    if (formats::is_elf(content) || member.kind == "raw" ||
        fits_any("*mage* vmlinu* *.bin", name)) {
      kernel_module(member, content);
      told = from_texts(member, content, name);
    }
    if (member.kind == "file") from_file_name(member, name, told);
  }

  void finish(const formats::Walk&) override {
    const std::scoped_lock lock(mutex_);
    record_lists();
    std::set<std::pair<std::string, std::string>> by_package;
    for (const facts::Component& one : found_)
      if (packaged(one)) by_package.emplace(one.component, one.release);
    for (const facts::Component& one : found_) {
      // A program out of a package carries the fixes of the distribution just as the package does.
      const bool distributed = packaged(one) || by_package.count({one.component, one.release}) != 0;
      compare(one, distributed);
    }
  }

 private:
  void add(const formats::Member& member, EvidenceId evidence, facts::Component fact) {
    fact.evidence = evidence;
    fact.subject = image_.subject;
    fact.inside = member.inside;
    fact.path = member.path;
    const std::scoped_lock lock(mutex_);
    const std::string key = fmt::format("{}\n{}\n{}\n{}\n{}", fact.inside, fact.path, fact.name,
                                        fact.version, fact.origin);
    if (!keys_.insert(key).second) return;
    found_.push_back(fact);
    findings_.record(runner::to_row(fact));
  }

  void package_lists(const formats::Member& member, ByteView content) {
    const std::string& path = member.path;
    std::string origin;
    if (path.ends_with("/var/lib/dpkg/status") || path.find("/var/lib/dpkg/status.d/") != path.npos)
      origin = "dpkg";
    else if (path.ends_with("/usr/lib/opkg/status") || path.ends_with("/var/lib/opkg/status") ||
             path.ends_with("/usr/lib/ipkg/status"))
      origin = "opkg";
    else if (path.ends_with("/lib/apk/db/installed"))
      origin = "apk";
    else if (path.ends_with("/rpmdb.sqlite") || path.ends_with("/var/lib/rpm/Packages"))
      findings_.gap(kTopic, Cause::tool,
                    "the image has a database of RPM packages, which is not read");
    if (origin.empty() || path.ends_with(".md5sums")) return;
    const Packages packages = origin == "apk" ? read_apk(content) : read_control(content);
    if (!packages.whole)
      findings_.gap(kTopic, Cause::tool,
                    printable(path) + " has entries that could not be read or are too many");
    for (const Package& package : packages.installed) {
      facts::Component fact;
      fact.name = printable(package.name);
      fact.version = printable(package.version);
      fact.origin = origin;
      fact.component = printable(names_.of(package.name, package.source));
      fact.release = release_of(fact.version, true);
      add(member, findings_.cite(member, content, package.at, package.size), fact);
    }
  }

  void from_file_name(const formats::Member& member, std::string_view name,
                      const std::set<std::string>& told) {
    for (const Rule& rule : file_names_) {
      if (!name.starts_with(rule.before) || !name.ends_with(rule.after) ||
          name.size() <= rule.before.size() + rule.after.size())
        continue;
      const std::string_view middle =
          name.substr(rule.before.size(), name.size() - rule.before.size() - rule.after.size());
      if (version_at(middle, 0) != middle) continue;
      // One number is that of the interface that programs link to, such as in libz.so.1: it says
      // that the component is there, and no more.
      const bool interface_only = middle.find('.') == middle.npos;
      if (interface_only && told.count(rule.component) != 0) continue;
      facts::Component fact;
      fact.name = fact.component = rule.component;
      fact.origin = "file-name";
      if (!interface_only) {
        fact.version = std::string(middle);
        fact.release = release_of(middle, false);
      }
      add(member, findings_.cite_member(member), fact);
    }
  }

  void kernel_module(const formats::Member& member, ByteView content) {
    if (!member.path.ends_with(".ko")) return;
    const auto elf = formats::read_elf(content);
    if (!elf || elf->module_magic.empty()) return;
    facts::Component fact;
    fact.name = fact.component = "linux";
    fact.version = printable(elf->module_magic.substr(0, elf->module_magic.find(' ')));
    fact.origin = "kernel-module";
    fact.release = release_of(fact.version, false);
    {
      const std::scoped_lock lock(mutex_);
      if (!kernels_.insert(fact.version).second) return;
    }
    const std::size_t at = find_bytes(as_text(content), "vermagic=");
    add(member, findings_.cite(member, content, at, elf->module_magic.size() + 9), fact);
  }

  /// from_texts() returns the components whose version a text tells.
  std::set<std::string> from_texts(const formats::Member& member, ByteView content,
                                   std::string_view name) {
    // What is linked in, or no file at all, has no name that tells what it is.
    const bool any = member.kind == "raw" || formats::linked_statically(content);
    std::set<std::string> told;
    for (const Rule& rule : texts_)
      if ((any || fits_any(rule.files, name)) && look_for(rule, member, content))
        told.insert(rule.component);
    return told;
  }

  bool look_for(const Rule& rule, const formats::Member& member, ByteView content) {
    const std::string_view text = as_text(content);
    std::set<std::string> seen;
    std::size_t at = 0;
    while (seen.size() < kVersionsOfOneText &&
           (at = find_bytes(text, rule.before, at)) != std::string_view::npos) {
      const std::size_t from = at + rule.before.size();
      const std::string version = version_at(text, from);
      const bool fitting =
          !version.empty() && text.substr(from + version.size()).starts_with(rule.after);
      if (fitting && seen.insert(version).second) {
        facts::Component fact;
        fact.name = fact.component = rule.component;
        fact.version = printable(version);
        fact.origin = "text";
        fact.release = release_of(version, false);
        add(member,
            findings_.cite(member, content, at,
                           rule.before.size() + version.size() + rule.after.size()),
            fact);
      }
      at = from;
    }
    return !seen.empty();
  }

  void record_lists() {
    for (const VulnerabilityList& list : lists_.lists) {
      if (list.kind != "vulnerability") continue;
      facts::VulnerabilityList fact;
      fact.evidence = list.evidence;
      fact.subject = image_.subject;
      fact.name = list.name;
      fact.dated = list.dated;
      fact.age_days = list.age_days;
      fact.entries = static_cast<std::int64_t>(list.entries.size());
      fact.scope = "whole";
      for (const auto& [component, complete] : list.components) {
        if (!complete) fact.scope = "excerpt";
        facts::VulnerabilityCoverage of;
        of.evidence = list.evidence;
        of.subject = image_.subject;
        of.list = list.name;
        of.component = component;
        of.complete = complete ? "yes" : "no";
        findings_.record(runner::to_row(of));
      }
      findings_.record(runner::to_row(fact));
    }
  }

  void compare(const facts::Component& one, bool distributed) {
    std::set<std::string> done;
    for (const VulnerabilityList& list : lists_.lists) {
      for (const std::size_t index : list.of(one.component)) {
        const Known& known = list.entries[index];
        const std::string outcome = outcome_of(list, one, known.id, distributed);
        // An entry may have several ranges of versions; it is judged once for all of them.
        if (!done.insert(list.name + "\n" + known.id).second) continue;
        facts::VulnerabilityMatch fact;
        fact.evidence = one.evidence;
        fact.subject = one.subject;
        fact.inside = one.inside;
        fact.path = one.path;
        fact.name = one.name;
        fact.version = one.version;
        fact.entry = known.id;
        fact.list = list.name;
        fact.kind = list.kind;
        fact.component = one.component;
        fact.fixed = list.fixed_after(known.id, one.component, one.release);
        fact.outcome = outcome;
        findings_.record(runner::to_row(fact));
      }
    }
  }

  static std::string outcome_of(const VulnerabilityList& list, const facts::Component& one,
                                const std::string& id, bool distributed) {
    if (one.release.empty()) return "unknown";
    if (!list.affects(id, one.component, one.release)) return "not-affected";
    // A distribution may fix what a maker left; it does not end what the maker looks after.
    return distributed && list.kind != "supported" ? "unknown" : "affected";
  }

  const Image image_;
  Findings& findings_;
  const ComponentNames names_;
  const std::vector<Rule> texts_, file_names_;
  const VulnerabilityLists lists_;
  std::mutex mutex_;
  std::set<std::string> keys_, kernels_;
  std::vector<facts::Component> found_;
};

}  // namespace

Listed component_inspector() {
  return {.make = [](const Image& image, runner::Context& context,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<ComponentInspector>(image, context, findings);
          },
          .topics = {kTopic},
          .facts = {"component", "vulnerability_list", "vulnerability_coverage",
                    "vulnerability_match"}};
}

}  // namespace haetae::testcases::firmware
