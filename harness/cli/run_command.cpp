#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/comparing.hpp"
#include "harness/cli/retesting.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/compare/earlier.hpp"
#include "harness/compare/render.hpp"
#include "harness/runner/run.hpp"
#include "testcases/procedures.hpp"

namespace haetae::cli {
namespace {

namespace fs = std::filesystem;

/// Question is a run as the command line and the declaration ask for it.
struct Asked {
  declaration::Loaded device;
  catalogue::Loaded catalogue;
  runner::Selection selection;
};

Result<Asked> ask(const RunArguments& arguments) {
  auto device = declaration::load(arguments.device);
  if (!device) return tl::unexpected(device.error());
  const auto& declared = device->value;
  auto catalogue = load_catalogue(arguments.common, declared.certification.profile);
  if (!catalogue) return tl::unexpected(catalogue.error());
  runner::Selection selection{
      .type = arguments.type.empty() ? declared.certification.type : arguments.type,
      .only = arguments.only,
      .permit = declared.permit};
  if (!arguments.permit.empty()) {
    const auto permit = hazard_from(arguments.permit);
    if (!permit) {
      return fail(
          ErrorKind::invalid_input,
          fmt::format("--permit: '{}' is no hazard; allowed: passive, safe, state-changing, "
                      "lockout-risk, disruptive, may-brick",
                      arguments.permit));
    }
    selection.permit = *permit;
  }
  return Asked{std::move(*device), std::move(*catalogue), std::move(selection)};
}

/// refuse_unsound() does not let a catalogue with a broken query near a device.
Result<void> refuse_unsound(const Asked& asked, const std::vector<evidence::FactTable>& facts) {
  const auto faults =
      judge::check(asked.catalogue.value, facts, topics_of(testcases::procedures()));
  if (faults.empty()) return {};
  return fail(
      ErrorKind::invalid_input,
      fmt::format(
          "the catalogue is not sound ({} faults; see haetae catalogue check), the first: {}",
          faults.size(), faults.front()));
}

/// safe_name() makes a file name of declared text.
std::string safe_name(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' || letter == '-';
    out.push_back(plain ? letter : '-');
  }
  return out.empty() ? "device" : out;
}

fs::path output_for(const RunArguments& arguments, const declaration::Declaration& device,
                    Clock& clock) {
  if (!arguments.output.empty()) return arguments.output;
  std::string stamp = iso8601(clock.wall()).substr(0, 19);
  std::erase_if(stamp, [](char letter) { return letter == ':' || letter == '-'; });
  return fs::path("out") / fmt::format("{}-{}.haetae", safe_name(device.identity.model), stamp);
}

/// Interrupt turns Ctrl-C and SIGTERM into a stop request; a second Ctrl-C ends at once. Signals
/// are taken by a thread, so nothing runs inside a handler.
class Interrupt {
 public:
  Interrupt() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    waiter_ = std::jthread([this](std::stop_token stop) { wait(stop); });
  }
  ~Interrupt() {
    waiter_.request_stop();
    waiter_.join();
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

 private:
  void wait(std::stop_token stop) {
    constexpr timespec kSlice{0, 100'000'000};
    while (!stop.stop_requested()) {
      if (sigtimedwait(&set_, nullptr, &kSlice) < 0) continue;
      if (source_.stop_requested()) std::_Exit(130);
      fmt::print(stderr,
                 "\nstopping: what is in flight is put back first; once more to end at once\n");
      source_.request_stop();
    }
  }

  sigset_t set_{};
  sigset_t before_{};
  std::stop_source source_;
  std::jthread waiter_;
};

int exit_code_of(const runner::Outcome& outcome) {
  if (!outcome.reachable) return exit_code::kFault;
  switch (outcome.judgement.headline) {
    case Headline::conformant: return exit_code::kConformant;
    case Headline::non_conformant: return exit_code::kNonConformant;
    case Headline::incomplete: return exit_code::kIncomplete;
  }
  return exit_code::kIncomplete;
}

/// Gate is what the exit code of a run rests on beside its headline: waivers and an earlier run.
/// All of it that can be wrong before anything is sent is found by read().
class Gate {
 public:
  static Result<Gate> read(const RunArguments& arguments, const catalogue::Catalogue& catalogue) {
    Gate out;
    auto waivers = asked_waivers(arguments.waivers, arguments.waiver_key, catalogue);
    if (!waivers) return tl::unexpected(waivers.error());
    out.waivers_ = std::move(*waivers);
    if (!arguments.baseline.empty()) {
      auto baseline = open_judged(arguments.baseline);
      if (!baseline) return fail("--baseline", baseline.error());
      auto facts = compare::EarlierFacts::read(baseline->run);
      if (!facts) return fail("--baseline", facts.error());
      out.earlier_ = std::move(*facts);
      out.baseline_.emplace(std::move(*baseline));
    }
    out.regression_ = arguments.gate == "regression" || (arguments.gate.empty() && out.baseline_);
    if (out.regression_ && !out.baseline_) {
      return fail(
          ErrorKind::invalid_input,
          "--gate regression needs --baseline OLD.haetae, the run that nothing may be worse "
          "than");
    }
    return out;
  }

  Result<void> store(evidence::RunFile& file, const judge::Judgement& judgement, WallTime now) {
    if (!waivers_) return {};
    const auto none = compare::unmatched(*waivers_, judgement);
    if (none.empty()) return compare::store_waivers(file, *waivers_, judgement, now);
    unmatched_ = compare::unmatched_error(*waivers_, none);
    return {};
  }

  /// doubtful() asks for a second look at what differs from the baseline, unless somebody said how
  /// often things are to be done.
  [[nodiscard]] std::function<bool(const std::string&, const std::vector<FactRow>&)> doubtful(
      int repeat) const {
    if (!baseline_ || repeat > 0) return {};
    return [this](const std::string& procedure, const std::vector<FactRow>& facts) {
      return earlier_.differ(procedure, facts);
    };
  }

  /// conclude() prints what changed and gives the exit code.
  [[nodiscard]] int conclude(const RunArguments& arguments, const fs::path& run,
                             const runner::Outcome& outcome, const Style& style) const {
    int code = exit_code_of(outcome);
    if (baseline_) {
      const auto now = open_judged(run);
      if (!now) return complain(now.error());
      const auto compared = compare_runs(*baseline_, *now);
      if (!compared) return complain(compared.error());
      const bool holds = compare::gate_holds(compared->difference);
      fmt::print("\n{} {}\n{}", style.korean ? "기준 시험과 비교:" : "against the baseline",
                 arguments.baseline.string(),
                 compare::text(compared->difference, compared->retest,
                               style.korean ? compare::Language::ko : compare::Language::en));
      if (regression_) {
        fmt::print("{}\n",
                   holds ? (style.korean ? "회귀 관문: 통과" : "regression gate: holds")
                         : (style.korean ? "회귀 관문: 막힘" : "regression gate: does not hold"));
        if (outcome.reachable) {
          code = !holds ? exit_code::kNonConformant : outcome.stopped ? exit_code::kIncomplete : 0;
        }
      }
    }
    // A run that did not come to its end could not show what is waived.
    const bool ended = outcome.reachable && !outcome.stopped && outcome.lost.empty();
    return unmatched_ && ended ? complain(*unmatched_) : code;
  }

 private:
  std::optional<compare::Waivers> waivers_;
  std::optional<Opened> baseline_;
  compare::EarlierFacts earlier_;
  std::optional<Error> unmatched_;
  bool regression_ = false;
};

void print_head(const Asked& asked, const Style& style) {
  const auto& device = asked.device.value;
  const auto& catalogue = asked.catalogue.value;
  std::string scope;
  for (const Network& network : device.scope.networks)
    scope += (scope.empty() ? "" : " ") + network.text();
  fmt::print("{} · {} {} · {}{}\n", version_text(), catalogue.id, catalogue.edition,
             asked.selection.type, catalogue.profile ? " · " + catalogue.profile->id : "");
  fmt::print("{}   {} {}, {} {}, {}   {} {}, {} {}\n", style.korean ? "제품  " : "Device",
             device.identity.maker, device.identity.model, style.korean ? "펌웨어" : "firmware",
             device.identity.firmware, device.addresses.front().text(),
             style.korean ? "범위" : "scope", scope, style.korean ? "허가 만료" : "consent until",
             device.authorisation.until);
}

std::string seal_text(const fs::path& file, bool korean) {
  const auto verification = evidence::verify(file, std::nullopt);
  if (!verification) return verification.error().message();
  return fmt::format(fmt::runtime(korean ? "{}번째 고리까지 봉인 (전체 {}), 키 {}…"
                                         : "sealed to link {} of {}, key {}…"),
                     verification->sealed_to, verification->links,
                     evidence::fingerprint(verification->signer).substr(0, 16));
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// write_public_key() leaves the half of the key that others verify with beside it, once; that of a
/// token, or where the place is taken or closed to us, in the state folder. Empty: nowhere.
fs::path write_public_key(const fs::path& key, const std::string& pem) {
  std::vector<fs::path> places{state_dir() /
                               (to_hex(sha256(as_bytes(pem))).substr(0, 16) + ".pub.pem")};
  if (!evidence::is_token(key)) {
    places.insert(places.begin(), fs::path(key).replace_extension(".pub.pem"));
  }
  for (const fs::path& file : places) {
    std::error_code ignored;
    if (!fs::exists(file, ignored)) std::ofstream(file, std::ios::binary) << pem;
    if (text_of(file) == pem) return file;
  }
  return {};
}

}  // namespace

int plan(const RunArguments& arguments) {
  const auto asked = ask(arguments);
  if (!asked) return complain(asked.error());
  const auto procedures = testcases::procedures();
  const auto made = runner::make_plan(asked->catalogue.value, procedures, asked->selection);
  if (!made) return complain(made.error());
  const Style style = style_of(stdout, arguments.common.language);
  if (!arguments.baseline.empty()) {
    const auto retest = retest_before(arguments.baseline, asked->device.value,
                                      asked->catalogue.value, asked->selection);
    if (!retest) return complain(retest.error());
    const auto language = style.korean ? compare::Language::ko : compare::Language::en;
    fmt::print("{}", arguments.format == "json" ? compare::retest_json(*retest)
                                                : compare::retest_text(*retest, language));
    return 0;
  }
  if (!arguments.format.empty() && arguments.format != "text") {
    return complain({ErrorKind::invalid_input,
                     "--format json is for the re-test plan: it needs --baseline OLD.haetae",
                     nullptr});
  }
  print_head(*asked, style);
  fmt::print("\n{}", plan_text(*made, style));
  return 0;
}

int run(const RunArguments& arguments) {
  Clock& clock = system_clock();
  auto asked = ask(arguments);
  if (!asked) return complain(asked.error());
  auto gate = Gate::read(arguments, asked->catalogue.value);
  if (!gate) return complain(gate.error());
  const auto facts = load_facts();
  if (!facts) return complain(facts.error());
  if (auto sound = refuse_unsound(*asked, *facts); !sound) return complain(sound.error());
  if (arguments.resume && arguments.output.empty()) {
    return complain({ErrorKind::invalid_input,
                     "--resume needs -o RUN.haetae, the file to go on with", nullptr});
  }
  runner::Options options;
  options.output = output_for(arguments, asked->device.value, clock);
  std::error_code ignored;
  fs::create_directories(fs::absolute(options.output).parent_path(), ignored);
  options.state_dir = state_dir();
  options.key = arguments.key.empty() ? options.state_dir / "signing-key.pem" : arguments.key;
  options.ask_passphrase = terminal_passphrase();
  options.resume = arguments.resume;
  options.tool = version_text();
  options.defect_matrix = defect_matrix();
  options.fact_tables = *facts;
  options.procedures = testcases::procedures();
  options.selection = asked->selection;
  options.repeat = std::max(1, arguments.repeat);
  options.doubtful = gate->doubtful(arguments.repeat);
  options.before_seal = [&](evidence::RunFile& file, const judge::Judgement& judgement) {
    return gate->store(file, judgement, clock.wall());
  };

  const Style style = style_of(stdout, arguments.common.language);
  print_head(*asked, style);
  options.device = std::move(asked->device);
  options.catalogue = std::move(asked->catalogue);

  const auto outcome = [&] {
    const Interrupt interrupt;
    Terminal terminal(stdout, style, clock);
    return runner::run(options, clock, terminal, interrupt.token());
  }();
  if (!outcome) return complain(outcome.error());

  RunEnd end{.file = options.output.string(),
             .seal = seal_text(options.output, style.korean),
             .public_key = write_public_key(options.key, outcome->public_key).string(),
             .trouble = outcome->lost};
  if (outcome->stopped) {
    end.trouble = fmt::format("stopped; go on with: haetae run {} -o {} --resume",
                              arguments.device.string(), end.file);
  }
  fmt::print("{}", summary(options.catalogue.value, outcome->judgement, end, style));
  int worst = gate->conclude(arguments, options.output, *outcome, style);
  for (const fs::path& path : arguments.reports) {
    const ReportArguments wanted{.run = options.output,
                                 .output = path,
                                 .format = {},
                                 .language = arguments.common.language,
                                 .baseline = arguments.baseline};
    if (const int code = report(wanted); code != 0) worst = code;
  }
  return worst;
}

}  // namespace haetae::cli
