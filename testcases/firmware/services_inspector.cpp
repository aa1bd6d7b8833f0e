#include <map>
#include <mutex>
#include <set>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/start_files.hpp"
#include "testcases/firmware/text.hpp"

/// Which network programs the start files start, and as whom.
namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kLargest = 1U << 20U;  // of a start file
constexpr std::string_view kTopic = "firmware.services";

struct Daemon {
  std::string drops;          // never, itself, settings
  std::string setting, file;  // where the account stands
};

struct Pending {
  facts::FirmwareService fact;
  std::string unit;  // base name of the script or unit
};

bool digit(char c) { return c >= '0' && c <= '9'; }

// S50dropbear in init.d, rc.d, rcS.d, rc3.d
bool numbered(std::string_view name) {
  return name.size() > 3 && name[0] == 'S' && digit(name[1]) && digit(name[2]);
}

bool start_folder(std::string_view path) {
  return below(path, "/init.d/") || below(path, "/rc.d/") || below(path, "/rcS.d/") ||
         fits("*/rc*.d/*", path);
}

bool always_started(std::string_view path) {
  const std::string_view name = base_name(path);
  for (const char* one : {"rc.local", "rcS", "rc.sysinit", "rc.S", "rc.M", "linuxrc"})
    if (name == one) return true;
  return path == "/init" || path == "/sbin/init" || path.ends_with("/etc/rc") ||
         (start_folder(path) && numbered(name));
}

class Services final : public Inspector {
 public:
  Services(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings) {
    for (const Row& row : table(context.catalogue(), "daemon")) {
      programs_.insert(cell(row, "program"));
      daemons_.emplace(cell(row, "program"),
                       Daemon{cell(row, "drops"), cell(row, "setting"), cell(row, "file")});
    }
    if (programs_.empty())
      findings_.gap(kTopic, Cause::tool, "the catalogue holds no list of network programs");
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return {std::string(kTopic)}; }

  void member(const formats::Member& member, ByteView bytes) override {
    link(member);
    if (member.kind != "file" || bytes.empty() || bytes.size() > kLargest) return;
    const std::string_view content = as_text(bytes);
    if (!is_text(content)) return;
    settings(member, content);
    const std::string_view name = base_name(member.path);
    const std::string_view path = member.path;
    if (name == "inittab") {
      keep(member, bytes, "inittab", "yes", read_inittab(content, programs_));
      called(member, content);
    } else if (name == "inetd.conf") {
      keep(member, bytes, "inetd", "yes", read_inetd(content, programs_));
    } else if (below(path, "/xinetd.d/")) {
      keep(member, bytes, "xinetd", "yes", read_xinetd(content, programs_));
    } else if (name.ends_with(".service") && below(path, "/systemd/")) {
      keep(member, bytes, "systemd", "unknown", read_unit(content, programs_));
    } else if (name == "run" && (below(path, "/service/") || below(path, "/sv/"))) {
      keep(member, bytes, "runit", below(path, "/service/") ? "yes" : "unknown",
           read_script(content, programs_));
    } else if (always_started(path)) {
      keep(member, bytes, "script", "yes", read_script(content, programs_));
      called(member, content);
    } else if (start_folder(path)) {
      keep(member, bytes, "script", "unknown", read_script(content, programs_));
    }
  }

  void finish(const formats::Walk&) override {
    std::set<std::tuple<std::string, std::string, std::int64_t, std::string>> known;
    for (Pending& one : pending_) {
      facts::FirmwareService& fact = one.fact;
      if (!known.emplace(fact.inside, fact.path, fact.position, fact.program).second) continue;
      if (fact.enabled == "unknown") fact.enabled = yes_no(started(one));
      account(fact);
      findings_.record(runner::to_row(fact));
    }
  }

 private:
  // A link into the folder of a run level, or of what a target wants, starts what it leads to.
  void link(const formats::Member& member) {
    const std::string_view name = base_name(member.path);
    const bool wanted = below(member.path, ".wants/") || below(member.path, ".requires/");
    const bool level = start_folder(member.path) && numbered(name);
    const bool runit = member.kind == "link" && below(member.path, "/service/");
    if (!wanted && !level && !runit) return;
    const std::scoped_lock lock(mutex_);
    started_.emplace(member.inside, std::string(level ? name.substr(3) : name));
    if (!member.target.empty())
      started_.emplace(member.inside, std::string(base_name(member.target)));
  }

  void settings(const formats::Member& member, std::string_view content) {
    for (const auto& [program, daemon] : daemons_) {
      if (daemon.file.empty() || !fits(daemon.file, base_name(member.path))) continue;
      if (documentation_file(member.path)) continue;
      if (const auto value = setting(content, daemon.setting)) {
        const std::scoped_lock lock(mutex_);
        accounts_[{member.inside, program}] = *value;
      }
    }
  }

  static bool documentation_file(std::string_view path) { return below(path, "/share/"); }

  void called(const formats::Member& member, std::string_view content) {
    const auto files = called_files(content);
    const std::scoped_lock lock(mutex_);
    for (const std::string& file : files)
      started_.emplace(member.inside, std::string(base_name(file)));
  }

  void keep(const formats::Member& member, ByteView bytes, const char* source, const char* enabled,
            const std::vector<Start>& starts) {
    for (const Start& start : starts) {
      Pending one{.fact = fact_of<facts::FirmwareService>(image_, member),
                  .unit = std::string(base_name(member.path))};
      if (std::string_view(source) == "runit") {
        const std::string_view folder =
            std::string_view(member.path).substr(0, member.path.size() - 4);
        one.unit = base_name(folder);
      }
      one.fact.position = static_cast<std::int64_t>(start.at);
      one.fact.program = start.program;
      one.fact.source = source;
      one.fact.enabled = enabled;
      one.fact.account = printable(start.account);
      one.fact.evidence = findings_.cite(member, bytes, start.at, start.length);
      const std::scoped_lock lock(mutex_);
      pending_.push_back(std::move(one));
    }
  }

  [[nodiscard]] bool started(const Pending& one) const {
    if (started_.contains({one.fact.inside, one.unit})) return true;
    if (one.fact.source != "systemd") return false;
    // A socket that is wanted starts the service of the same name.
    std::string stem = one.unit.substr(0, one.unit.rfind('.'));
    if (stem.ends_with('@')) stem.pop_back();
    return started_.contains({one.fact.inside, stem + ".socket"});
  }

  void account(facts::FirmwareService& fact) {
    if (fact.account.empty()) {
      const auto set = accounts_.find({fact.inside, fact.program});
      const std::string& drops = daemons_.at(fact.program).drops;
      if (set != accounts_.end())
        fact.account = printable(set->second);
      else if (drops != "itself")
        fact.account = "root";
    }
    fact.superuser = yes_no(fact.account == "root" || fact.account == "0");
  }

  const Image& image_;
  Findings& findings_;
  Programs programs_;
  std::map<std::string, Daemon, std::less<>> daemons_;
  std::mutex mutex_;
  std::vector<Pending> pending_;
  std::set<std::pair<std::string, std::string>> started_;
  std::map<std::pair<std::string, std::string>, std::string> accounts_;
};

}  // namespace

Listed services_inspector() {
  return {.make = [](const Image& image, runner::Context& context,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<Services>(image, context, findings);
          },
          .topics = {std::string(kTopic)},
          .facts = {"firmware_service"}};
}

}  // namespace haetae::testcases::firmware
