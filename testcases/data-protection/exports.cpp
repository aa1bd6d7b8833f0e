#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "harness/formats/image.hpp"
#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/text.hpp"
#include "testcases/procedures.hpp"

/// Backups and other files that a user takes out of the device: fetched by the declared login,
/// opened, and searched for secrets by the rules that firmware images are searched with.
namespace haetae::testcases {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestExport = 32U << 20U;
constexpr const char* kTopic = "exports";
constexpr std::size_t kMostFindings = 500;
constexpr std::uint64_t kShown = 200;

/// Scratch is a file of ours in a folder that only we can read.
class Scratch {
 public:
  explicit Scratch(ByteView bytes) {
    std::string name = (fs::temp_directory_path() / "haetae-export-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    folder_ = name;
    std::ofstream out(path(), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    good_ = static_cast<bool>(out.flush());
  }
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] fs::path path() const { return folder_ / "export"; }

 private:
  fs::path folder_;
  bool good_ = false;
};

std::int64_t number_in(const FactRow& row, std::string_view column) {
  for (const auto& [name, cell] : row.cells)
    if (name == column)
      if (const auto* value = std::get_if<std::int64_t>(&cell)) return *value;
  return 0;
}

std::string text_in(const FactRow& row, std::string_view column) {
  for (const auto& [name, cell] : row.cells)
    if (name == column)
      if (const auto* value = std::get_if<std::string>(&cell)) return *value;
  return {};
}

/// Found turns what the inspectors of firmware images see into facts about one export.
class Found final : public firmware::Findings {
 public:
  Found(runner::Context& context, std::string subject, std::string name, EvidenceId whole)
      : context_(context), subject_(std::move(subject)), name_(std::move(name)), whole_(whole) {}

  EvidenceId cite(const formats::Member& member, ByteView content, std::uint64_t at,
                  std::uint64_t length) override {
    {
      const std::scoped_lock lock(mutex_);
      if (++cited_ > kMostFindings) return whole_;
    }
    const std::uint64_t from = std::min<std::uint64_t>(at, content.size());
    const std::uint64_t count = std::min({length, kShown, content.size() - from});
    return context_.recorder().attach(subject_,
                                      fmt::format("export {}: {} bytes at {} of {}{}", name_, count,
                                                  from, member.inside, member.path),
                                      "application/octet-stream", content.subspan(from, count));
  }
  EvidenceId cite_member(const formats::Member&) override { return whole_; }
  [[nodiscard]] EvidenceId whole() const override { return whole_; }
  SecretId secret(std::string_view kind, std::string_view value) override {
    return context_.secret(kind, value);
  }
  // What an image should hold beside secrets is nothing that an export has to.
  void gap(std::string_view topic, Cause, std::string why) override {
    if (topic == "firmware.secrets") lost(std::move(why));
  }
  void log(std::string_view level, std::string text) override {
    context_.log(level, std::move(text));
  }

  void record(FactRow row) override {
    facts::ExportSecret fact;
    if (row.table == "firmware_secret") {
      fact.datum = "token";
      fact.rule = text_in(row, "rule");
      fact.label = text_in(row, "name");
    } else if (row.table == "firmware_user_data") {
      const std::string datum = text_in(row, "datum");
      fact.datum = datum == "shell-history" ? "other" : datum;
      fact.rule = text_in(row, "form");
      fact.label = text_in(row, "name");
    } else if (row.table == "firmware_key" && text_in(row, "encrypted") != "yes") {
      fact.datum = "private-key";
      fact.rule = text_in(row, "form");
    } else {
      return;
    }
    fact.evidence = number_in(row, "evidence");
    fact.subject = subject_;
    fact.name = name_;
    fact.inside = text_in(row, "inside");
    fact.path = text_in(row, "path");
    fact.position = number_in(row, "position");
    fact.secret = number_in(row, "secret");
    const std::scoped_lock lock(mutex_);
    if (++rows_ > kMostFindings)
      why_ = "more secrets were found than are kept";
    else
      runner::record(context_, fact);
  }

  void lost(std::string why) {
    const std::scoped_lock lock(mutex_);
    if (why_.empty()) why_ = std::move(why);
  }
  [[nodiscard]] std::string why() const {
    const std::scoped_lock lock(mutex_);
    return why_;
  }

 private:
  runner::Context& context_;
  const std::string subject_, name_;
  const EvidenceId whole_;
  mutable std::mutex mutex_;
  std::size_t cited_ = 0, rows_ = 0;
  std::string why_;
};

/// Look hands what a walk finds to the inspector and keeps what could not be opened.
class Look final : public formats::Visitor {
 public:
  explicit Look(firmware::Inspector& inspector) : inspector_(inspector) {}

  void part(const formats::Part& part) override {
    const std::scoped_lock lock(mutex_);
    if (part.state == "unpacked" || part.state == "plain") return;
    if (part.state == "encrypted") {
      encrypted_ = true;
    } else if (part.format != "padding") {
      shut_ = true;
    }
  }
  void member(const formats::Member& member, ByteView content) override {
    formats::Member named = member;
    named.path = printable(member.path, 1000);
    named.inside = printable(member.inside, 1000);
    inspector_.member(named, content);
  }
  /// opened() is a word of export_file.opened.
  [[nodiscard]] std::string opened(const formats::Walk& walk, bool text) const {
    if (text) return "whole";
    if (shut_) return walk.members > 0 ? "partly" : "no";
    if (encrypted_) return "encrypted";
    return walk.complete ? "whole" : "partly";
  }

 private:
  firmware::Inspector& inspector_;
  std::mutex mutex_;
  bool encrypted_ = false, shut_ = false;
};

class Exports {
 public:
  explicit Exports(runner::Context& context) : context_(context) {}

  void look() {
    const auto& all = context_.device().exports;
    if (all.empty())
      lost("no file that a user can take out of the device is declared", Cause::declaration);
    for (std::size_t at = 0; at < all.size() && !context_.stop().stop_requested(); ++at) {
      context_.progress(at, all.size(), all[at].name);
      fetch(all[at]);
    }
    if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
    const std::string tried = std::to_string(all.size()) + " exports";
    context_.cover(why_.empty() ? whole(kTopic, "lan", tried)
                                : gap(kTopic, "lan", cause_, why_, tried));
  }

 private:
  void lost(std::string why, Cause cause) {
    if (!why_.empty()) return;
    why_ = std::move(why);
    cause_ = cause;
  }

  void fetch(const declaration::NamedCall& one) {
    const auto done =
        inside(context_, one.http, {}, "export " + one.name, [&](protocols::HttpClient& client) {
          client.read_bodies_up_to(kLargestExport);
          const auto response = client.exchange(request_of(one.http), 60s);
          if (response)
            note(one, *response);
          else
            lost("the export " + one.name +
                     " was not given: " + printable(response.error().message()),
                 cause_of(response.error()));
        });
    if (!done)
      lost("the export " + one.name + " was not asked for: " + printable(done.error().message()),
           cause_of(done.error()));
  }

  void note(const declaration::NamedCall& one, const protocols::HttpResponse& response) {
    facts::ExportFile fact;
    fact.evidence = response.evidence;
    fact.subject = one.http.port.subject();
    fact.name = one.name;
    const Told told = told_by(one.http, response);
    fact.outcome = told == Told::done ? "given" : told == Told::refused ? "refused" : "unknown";
    if (told != Told::done || response.body.empty()) {
      if (response.body.empty() && told == Told::done) fact.outcome = "unknown";
      lost("the export " + one.name + " was not given: " + words_of(response), Cause::device);
    } else {
      search(one, response, fact);
    }
    runner::record(context_, fact);
  }

  void search(const declaration::NamedCall& one, const protocols::HttpResponse& response,
              facts::ExportFile& fact) {
    const ByteView bytes = as_bytes(response.body);
    fact.size = static_cast<std::int64_t>(bytes.size());
    fact.sha256 = to_hex(sha256(bytes));
    const firmware::Image image{
        .subject = fact.subject, .id = "export " + one.name, .kind = "dump", .version = {}};
    Found found(context_, fact.subject, one.name, response.evidence);
    const auto inspector = firmware::contents_inspector().make(image, context_, found);
    formats::Member top;
    top.kind = "file";
    top.size = bytes.size();
    inspector->member(top, bytes);
    const Scratch scratch(bytes);
    Look look(*inspector);
    const auto walk = scratch.good() ? formats::walk(scratch.path(),
                                                     {.depth = 6,
                                                      .members = 20'000,
                                                      .expanded = 512ULL << 20U,
                                                      .one = 256ULL << 20U,
                                                      .time = std::chrono::seconds(60)},
                                                     look, context_.stop())
                                     : fail(ErrorKind::storage, "no scratch file could be written");
    if (walk) {
      fact.opened = look.opened(
          *walk, firmware::is_text(response.body) && response.body.find('\0') == std::string::npos);
      inspector->finish(*walk);
    } else {
      lost("the export " + one.name + " was not opened: " + printable(walk.error().message()),
           Cause::tool);
    }
    if (response.truncated)
      lost("the export " + one.name +
               (response.full ? " is longer than the 32 MiB that are read" : " ended early"),
           response.full ? Cause::tool : Cause::device);
    else if (fact.opened == "partly" || fact.opened == "no")
      lost("a part of the export " + one.name + " could not be opened", Cause::tool);
    if (const std::string why = found.why(); !why.empty()) lost(why, Cause::tool);
  }

  runner::Context& context_;
  std::string why_;
  Cause cause_ = Cause::none;
};

Result<void> look_at_exports(runner::Context& context) {
  Exports(context).look();
  return {};
}

}  // namespace

runner::Procedure exports_procedure() {
  runner::Info info;
  info.id = "exports";
  info.title = {"내려받은 백업과 내보내기 파일", "downloaded backups and exports"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service"};
  info.provides_facts = {"export_file", "export_secret"};
  info.topics = {kTopic};
  info.exclusive = {"login"};
  info.connections = 3;
  info.logins = 2;
  info.expected = std::chrono::seconds(2);
  info.deadline = std::chrono::seconds(300);
  return {.info = std::move(info), .run = look_at_exports, .recover = {}};
}

}  // namespace haetae::testcases
