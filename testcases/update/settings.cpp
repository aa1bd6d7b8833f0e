#include <fmt/format.h>

#include "harness/formats/settings_file.hpp"
#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/trials.hpp"

/// Whether a settings file that was altered outside of the device is restored: the settings are
/// saved, restored untouched, restored altered, and read back each time.
namespace haetae::testcases {
namespace {

using namespace update;
using protocols::HttpClient;

constexpr const char* kTopic = "settings.restore";
constexpr Duration kPause = 300ms;  // and longer each time, up to
constexpr Duration kLongPause = 3s;
constexpr Duration kSecond = 1100ms;
constexpr int kMostRefusals = 2;
constexpr Duration kTakesEffect = 1500ms;  // what a device may need to apply what it was given

/// Text is what was read of the settings.
struct Text {
  std::string alive = "unknown";  ///< "no" only where it is the device that did not answer
  bool locked_out = false;        ///< the device answers and does not let us in
  std::optional<std::string> text;
  std::string why;
  Cause cause = Cause::none;
  EvidenceId evidence = 0;
};

/// Given is a file that was given to be restored.
struct Given {
  Told told = Told::nothing;
  bool tried = false;
  std::string message, why;
  Cause cause = Cause::none;
  EvidenceId evidence = 0;
};

class Settings {
 public:
  explicit Settings(runner::Context& context)
      : context_(context), declared_(context.device().settings) {}

  Gap run();

 private:
  Text ask(const declaration::HttpCall& call, const char* label);
  Text shown() { return ask(declared_.shown ? *declared_.shown : *declared_.save, "read back"); }
  Given give(ByteView file);
  /// wait() looks for a change of the settings, or for what they were before.
  enum class Look { change, home };
  Text wait(Look look);
  bool put_back();
  bool give_genuine();
  bool is_home(const Text& now) const { return now.text && (!stable_ || *now.text == before_); }
  bool marked(const Text& after, bool has_value) const;
  void judge(facts::SettingsTrial& fact, const Given& given, const Text& after,
             bool has_value) const;
  EvidenceId protocol_of(const facts::SettingsTrial& fact, const Given& given,
                         const Text& after) const;
  Gap learn();
  Gap control();
  Gap try_altered(const formats::AlteredSettings& altered);
  [[nodiscard]] std::string subject() const { return declared_.restore->port.subject(); }

  runner::Context& context_;
  const declaration::SettingsBackup& declared_;
  Bytes genuine_;
  std::string before_;   ///< settings as they are read back
  bool stable_ = false;  ///< two readings without a change between them were equal
};

Text Settings::ask(const declaration::HttpCall& call, const char* label) {
  Text out;
  // A device that restarts must not use up the tries of the account.
  if (const auto there = context_.connect(call.port, "whether it answers", 3s); !there) {
    out.why = printable(there.error().message());
    out.cause = cause_of(there.error());
    if (out.cause == Cause::device) out.alive = "no";
    return out;
  }
  const auto done =
      inside(context_, call, {}, std::string("settings ") + label, [&](HttpClient& client) {
        const auto response = client.exchange(request_of(call, {}, {}), 20s);
        out.evidence = client.evidence();
        if (!response) {
          out.why = printable(response.error().message());
          out.cause = cause_of(response.error());
          if (out.cause == Cause::device) out.alive = "no";
          return;
        }
        out.alive = "yes";
        if (response->status < 200 || response->status > 299) {
          out.why = words_of(*response);
          out.cause = Cause::device;
          return;
        }
        out.text = response->body;
      });
  if (!done) {
    out.why = printable(done.error().message());
    out.cause = cause_of(done.error());
    // A connection that was refused has a cause; an answer that says no has none.
    out.locked_out = done.error().kind == ErrorKind::refused && done.error().cause == nullptr;
    if (out.cause == Cause::device) out.alive = yes_no(out.locked_out);
  }
  return out;
}

Given Settings::give(ByteView file) {
  const auto& call = *declared_.restore;
  Given out;
  const auto done = inside(context_, call, {}, "settings restored", [&](HttpClient& client) {
    out.tried = true;
    const auto response = client.exchange(request_of(call, file, "settings.bin"), 60s);
    out.evidence = client.evidence();
    if (!response) {
      // Some devices restart before they answer: what is read back decides.
      out.message = printable(response.error().message());
      return;
    }
    out.message = words_of(*response);
    out.told = told_by(call, *response);
  });
  if (!done) {
    out.why = printable(done.error().message());
    out.cause = cause_of(done.error());
  }
  return out;
}

/// wait() reads the settings back as soon as the device answers, and once more where nothing shows
/// yet what is looked for: neither a yes nor a no is taken at its word.
Text Settings::wait(Look look) {
  const SteadyTime begin = context_.clock().now();
  Duration pause = kPause;
  bool looked_twice = false;
  int refusals = 0;
  while (true) {
    Text out = shown();
    const Duration gone = context_.clock().now() - begin;
    const bool may_come =
        stable_ && out.text && (*out.text == before_) == (look == Look::change) && !looked_twice;
    if (out.text && !may_come) return out;
    // Where the login is refused, more tries would lock the account.
    if (out.locked_out && ++refusals == kMostRefusals) return out;
    if (!out.text && gone >= declared_.settle) return out;
    looked_twice = out.text.has_value();
    pause = out.text ? kTakesEffect : std::min(kLongPause, pause + pause / 2);
    if (!context_.clock().sleep(pause, context_.stop())) return out;
  }
}

bool Settings::give_genuine() {
  const Given given = give(genuine_);
  const Text now = wait(Look::home);
  return given.told == Told::done && is_home(now);
}

/// put_back() gives the genuine file, and where the device no longer takes it brings the device
/// back by the declared hook first.
bool Settings::put_back() {
  for (int tries = 0; tries < 2; ++tries)
    if (give_genuine()) return true;
  if (const auto* hook = context_.device().hook("recover")) {
    context_.log("info", "the hook recover is run to bring the settings back");
    const auto ran =
        context_.door().run_hook(hook->command, context_.clock().now() + hook->timeout);
    if (ran && ran->exit_code == 0 && give_genuine()) return true;
  }
  context_.log("error",
               "the settings could not be put back: restore the evidence 'settings as "
               "saved' of this run by hand");
  return false;
}

/// marked() is whether the declared new value shows, which did not before.
bool Settings::marked(const Text& after, bool has_value) const {
  return has_value && after.text && after.text->find(declared_.to) != std::string::npos &&
         before_.find(declared_.to) == std::string::npos;
}

void Settings::judge(facts::SettingsTrial& fact, const Given& given, const Text& after,
                     bool has_value) const {
  fact.alive_after = after.alive;
  if (!after.text) return;
  const bool changed = stable_ && *after.text != before_;
  if (marked(after, has_value) || changed) {
    fact.outcome = "accepted";
    fact.basis = "read-back";
  } else if (given.told == Told::refused) {
    fact.outcome = "refused";
    fact.basis = stable_ ? "read-back" : "told";
  } else {
    // A device that says yes and changes nothing, or says nothing, proves neither.
    fact.basis = given.told == Told::done ? "told" : "not-told";
  }
}

EvidenceId Settings::protocol_of(const facts::SettingsTrial& fact, const Given& given,
                                 const Text& after) const {
  const auto line = [](std::string_view text) {
    return fmt::format("{} bytes, SHA-256 {}", text.size(), to_hex(sha256(as_bytes(text))));
  };
  std::string text =
      fmt::format("file: {} ({}), SHA-256 {}\nbefore: {}{}\nanswer: evidence {}, its words: {}\n",
                  fact.mutation, fact.what, fact.sha256, line(before_),
                  stable_ ? "" : " (differs at every reading)", given.evidence, given.message);
  text += after.text ? fmt::format("after: {}, in evidence {}\n", line(*after.text), after.evidence)
                     : fmt::format("after: not read ({})\n", after.why);
  if (after.text && stable_ && *after.text != before_)
    text += "read back now:\n" + printable(*after.text, 2000) + "\n";
  text += fmt::format("result: {} by {}\n", fact.outcome, fact.basis);
  return context_.recorder().attach(subject(), "settings file given, and what was read back",
                                    "text/plain", as_bytes(text));
}

Gap Settings::learn() {
  const Text saved = ask(*declared_.save, "saved");
  if (!saved.text) return {"the settings could not be saved: " + saved.why, saved.cause};
  const auto bytes = as_bytes(*saved.text);
  genuine_.assign(bytes.begin(), bytes.end());
  static_cast<void>(context_.recorder().attach(subject(), "settings as saved",
                                               "application/octet-stream", genuine_));
  const Text first = shown();
  // What bears the time of day in seconds has to be seen to differ by itself.
  static_cast<void>(context_.clock().sleep(kSecond, context_.stop()));
  const Text second = shown();
  if (!first.text || !second.text)
    return {"the settings could not be read back: " + first.why + second.why,
            first.text ? second.cause : first.cause};
  before_ = *first.text;
  stable_ = *second.text == before_;
  return {};
}

/// control() restores the file untouched: a device that refuses everything proves nothing.
Gap Settings::control() {
  const Given given = give(genuine_);
  if (!given.tried) return {"nothing could be restored: " + given.why, given.cause};
  const Text after = wait(Look::home);
  facts::SettingsTrial fact;
  fact.subject = subject();
  fact.mutation = "genuine";
  fact.what = "the file as the device saved it";
  fact.sha256 = to_hex(sha256(genuine_));
  fact.message = given.message;
  fact.alive_after = after.alive;
  fact.restored = "not-needed";
  fact.basis = given.told == Told::nothing ? "not-told" : "told";
  if (given.told == Told::refused) fact.outcome = "refused";
  if (given.told == Told::done && is_home(after)) fact.outcome = "accepted";
  fact.evidence = protocol_of(fact, given, after);
  runner::record(context_, fact);
  if (fact.outcome != "accepted")
    return {
        "the untouched settings file was not seen to be restored, so that a refusal proves "
        "nothing: " +
            given.message + after.why,
        Cause::device};
  return {};
}

Gap Settings::try_altered(const formats::AlteredSettings& altered) {
  const Given given = give(altered.bytes);
  if (!given.tried)
    return {"the file " + altered.mutation + " was not given: " + given.why, given.cause};
  const Text after = wait(Look::change);
  facts::SettingsTrial fact;
  fact.subject = subject();
  fact.mutation = altered.mutation;
  fact.what = altered.what;
  fact.sha256 = to_hex(sha256(altered.bytes));
  fact.message = given.message;
  judge(fact, given, after, altered.has_value);
  fact.restored = fact.outcome == "refused" ? "not-needed" : yes_no(put_back());
  // Settings that bear a time change by themselves and do not come back: against a device that did
  // not say yes, only what the genuine file undoes is the work of the altered one.
  if (fact.outcome == "accepted" && fact.restored == "no" && given.told != Told::done &&
      !marked(after, altered.has_value)) {
    fact.outcome = "unknown";
  }
  fact.evidence = protocol_of(fact, given, after);
  runner::record(context_, fact);
  if (fact.restored == "no")
    return {"after the file " + altered.mutation +
                " the settings could not be put back, so that no more was given",
            Cause::device};
  return {};
}

Gap Settings::run() {
  if (Gap missing = learn(); !missing.why.empty()) return missing;
  const auto files = formats::altered_settings(genuine_, declared_.from, declared_.to);
  if (files.empty())
    return {fmt::format("a settings file of {} bytes cannot be altered (16 bytes to 4 MiB)",
                        genuine_.size()),
            Cause::tool};
  if (Gap missing = control(); !missing.why.empty()) return missing;
  Gap out;
  std::size_t done = 0;
  for (const auto& altered : files) {
    if (context_.stop().stop_requested()) {
      out = {"the run was asked to stop", Cause::lab};
      break;
    }
    context_.progress(done++, files.size(), "settings file " + altered.mutation);
    out = try_altered(altered);
    if (!out.why.empty()) break;
  }
  if (out.why.empty() && !give_genuine())
    out = {
        "after the altered files the untouched one was no longer restored, so that the refusals "
        "prove nothing",
        Cause::device};
  out.tried = fmt::format("{} of {} altered files; read back {}", done, files.size(),
                          stable_ ? "the same twice" : "different each time");
  return out;
}

Result<void> restore_settings(runner::Context& context) {
  const auto& declared = context.device().settings;
  if (declared.backup == "none") {
    context.cover(whole(kTopic, "lan", "declared: no settings file"));
    return {};
  }
  if (!declared.save || !declared.restore) {
    context.cover(gap(kTopic, "lan", Cause::declaration,
                      "it is not declared how settings are saved to a file and restored"));
    return {};
  }
  const Gap missing = Settings(context).run();
  const std::string subject = declared.restore->port.subject();
  context.cover(missing.why.empty()
                    ? whole(kTopic, subject, missing.tried)
                    : gap(kTopic, subject, missing.cause, missing.why, missing.tried));
  return {};
}

// The saved file is in the evidence of the run that was interrupted, where no procedure reads it.
Result<void> recover_settings(runner::Context& context) {
  if (!context.device().settings.restore) return {};
  const char* advice =
      "restore the evidence 'settings as saved' of this run by hand (haetae evidence RUN --export)";
  const auto* hook = context.device().hook("recover");
  if (hook == nullptr) return fail(ErrorKind::refused, advice);
  const auto ran = context.door().run_hook(hook->command, context.clock().now() + hook->timeout);
  if (!ran) return tl::unexpected(ran.error());
  if (ran->exit_code != 0)
    return fail(ErrorKind::refused, fmt::format("the hook recover ended with exit code {}: {}",
                                                ran->exit_code, advice));
  return {};
}

}  // namespace

runner::Procedure settings_restore_procedure() {
  runner::Info info;
  info.id = "settings-restore";
  info.title = {"변조한 설정 파일의 복원 시도", "restoring of altered settings files"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"service", "declared_settings"};
  info.provides_facts = {"settings_trial"};
  info.topics = {kTopic};
  info.exclusive = {"login", "device-state"};
  info.connections = 300;
  info.logins = 60;
  info.expected = std::chrono::seconds(15);
  info.deadline = std::chrono::seconds(1800);
  info.recovery = {"저장해 둔 설정 파일을 다시 복원하고, 중단되었으면 recover 훅을 실행한다.",
                   "Restores the settings as they were saved; after an interruption it runs the "
                   "hook recover."};
  return {.info = std::move(info), .run = restore_settings, .recover = recover_settings};
}

}  // namespace haetae::testcases
