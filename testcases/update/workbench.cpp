#include "testcases/update/workbench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "testcases/authentication/web.hpp"

namespace haetae::testcases::update {
namespace {

constexpr std::uintmax_t kMostBytes = 256u << 20U;
constexpr Duration kLook = 300ms;
constexpr std::size_t kQuoted = 400;

void read_file(const std::filesystem::path& file, Stock& out) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) {
    out.why = "the update file " + file.string() + " cannot be read";
    return;
  }
  if (size > kMostBytes) {
    out.why = "the update file " + file.string() + " is larger than 256 MiB";
    return;
  }
  out.bytes.resize(static_cast<std::size_t>(size));
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(out.bytes.data()), static_cast<std::streamsize>(size)) &&
      size != 0)
    out.why = "the update file " + file.string() + " cannot be read";
}

}  // namespace

std::vector<Stock> stocks(const declaration::Update& update) {
  std::vector<Stock> out;
  std::map<std::string, int> count;
  for (const auto& image : update.images) {
    Stock one;
    one.role = one.image = image.role;
    if (const int number = ++count[image.role]; number > 1)
      one.image += "-" + std::to_string(number);
    one.version = image.version;
    read_file(image.file, one);
    out.push_back(std::move(one));
  }
  return out;
}

std::string word(Became became) {
  if (became == Became::installed) return "accepted";
  return became == Became::not_installed ? "refused" : "unknown";
}

std::int64_t milliseconds_of(Duration took) {
  return std::chrono::ceil<std::chrono::milliseconds>(took).count();
}

Workbench::Workbench(runner::Context& context)
    : context_(context), reader_(context), stocks_(stocks(context.device().update)) {}

Result<std::unique_ptr<Workbench>> Workbench::open(runner::Context& context) {
  return open(context, make_adapter(context));
}

Result<std::unique_ptr<Workbench>> Workbench::open(runner::Context& context,
                                                   Result<std::unique_ptr<Adapter>> adapter) {
  std::unique_ptr<Workbench> bench(new Workbench(context));
  if (!adapter) return tl::unexpected(adapter.error());
  bench->adapter_ = std::move(*adapter);
  return bench;
}

std::vector<const Stock*> Workbench::of_role(std::string_view role) const {
  std::vector<const Stock*> out;
  for (const Stock& one : stocks_)
    if (one.role == role && one.there()) out.push_back(&one);
  return out;
}

const Stock* Workbench::base() const {
  for (const char* role : {"newer", "current"})
    if (const auto found = of_role(role); !found.empty()) return found.front();
  return nullptr;
}

std::string Workbench::home() const {
  for (const Stock& one : stocks_)
    if (one.role == "current" && !one.version.empty()) return one.version;
  return context_.device().identity.firmware;
}

bool Workbench::recoverable() const {
  return !context_.device().update.recovery.empty() || context_.device().hook("recover") != nullptr;
}

bool Workbench::knows(std::string& why) {
  bool installed = false;
  bool back = false;
  for (const auto& control : runner::facts<facts::UpdateControl>(context_)) {
    if (control.subject != subject() || control.outcome != "installed") continue;
    if (control.control == "genuine") {
      installed = true;
      usual_ = std::chrono::milliseconds(control.took_ms);
    }
    back = back || control.control == "put-back";
  }
  if (!installed)
    why = "no genuine update was seen to be installed, so that a refusal proves nothing";
  else if (!back)
    why = "after a genuine update the version under test could not be put back";
  return installed && back;
}

std::string third_version(const Seen& seen, const std::string& version) {
  const std::string& runs = seen.after.version;
  if (runs.empty() || version.empty() || runs == version || runs == seen.before.version) return {};
  return "after the genuine update the device shows the version " + printable(runs) +
         ", which is neither that of before nor that of the file";
}

void Workbench::learn(const Seen& genuine) {
  usual_ = std::chrono::milliseconds(milliseconds_of(genuine.took));
}

/// patience() is how long the old version has to go on running until an offer counts as without
/// effect: by what a genuine installation took, where that is known.
Duration Workbench::patience(const Offer& offer, const Manner& manner) const {
  const Duration most = context_.device().update.settle;
  if (!usual_) return most;
  if (offer.told == Told::refused) return std::min<Duration>(most, *usual_ + 500ms);
  // A genuine file is expected to be installed, on a busy device later than before.
  if (manner.genuine) return std::min<Duration>(most, 4 * *usual_ + 8s);
  return std::min<Duration>(most, 2 * *usual_ + 2s);
}

void Workbench::settle(Seen& seen, const Manner& manner, SteadyTime begin) const {
  const SteadyTime until = context_.clock().now() + context_.device().update.settle;
  std::optional<SteadyTime> calm;  // since when the version from before goes on running
  while (true) {
    seen.after = reader_.read();
    const SteadyTime now = context_.clock().now();
    seen.took = now - begin;
    if (!seen.after.alive || seen.after.version.empty()) {
      calm.reset();
    } else if (seen.after.version != seen.before.version) {
      return;
    } else {
      if (!calm) calm = now;
      // The same version can be waited for only where the device says that it is done.
      const bool same =
          manner.genuine && manner.version == seen.before.version && seen.offer.told == Told::done;
      if (now - *calm >= (same ? Duration(2s) : patience(seen.offer, manner))) return;
    }
    if (now >= until || !context_.clock().sleep(kLook, context_.stop())) return;
  }
}

bool Workbench::of_a_file(const std::string& version) const {
  return version == home() || std::any_of(stocks_.begin(), stocks_.end(),
                                          [&](const Stock& one) { return one.version == version; });
}

void Workbench::judge(Seen& seen, const Manner& manner) const {
  const Shown& after = seen.after;
  const bool marked = !manner.marker.empty() &&
                      after.text.find(manner.marker) != std::string::npos &&
                      seen.before.text.find(manner.marker) == std::string::npos;
  if (marked) {
    seen.became = Became::installed;
    seen.basis = "marker";
    return;
  }
  // Without both versions nothing shows what runs.
  if (!after.alive || after.version.empty() || seen.before.version.empty()) return;
  // What never was the version of any file may stay as it is whatever is installed.
  if (after.version == seen.before.version && !of_a_file(after.version)) return;
  if (after.version != seen.before.version) {
    const bool another = manner.exact && !manner.version.empty() && after.version != manner.version;
    if (!another) seen.became = Became::installed;
    seen.basis = "version";
  } else if (!manner.version.empty() && manner.version != seen.before.version) {
    seen.became = Became::not_installed;
    seen.basis = "version";
  } else if (seen.offer.told == Told::refused) {
    seen.became = Became::not_installed;
    seen.basis = "told";
  } else if (seen.offer.told == Told::done && manner.genuine) {
    seen.became = Became::installed;
    seen.basis = "told";
  } else {
    // The version cannot tell, and a device that takes everything in words proves nothing.
    seen.basis = seen.offer.told == Told::done ? "told" : "not-told";
  }
}

Seen Workbench::offer(const Parcel& parcel, const Manner& manner, const Then& then) {
  Seen seen;
  seen.before = reader_.read();
  const SteadyTime begin = context_.clock().now();
  seen.offer = adapter_->offer(parcel);
  if (then) then();
  settle(seen, manner, begin);
  // What was never sent can have had no effect that could be judged.
  if (seen.offer.tried) judge(seen, manner);
  seen.evidence = protocol_of(seen, parcel);
  return seen;
}

/// protocol_of() records by what an offer is judged: the transfer alone holds the device's words
/// only.
EvidenceId Workbench::protocol_of(const Seen& seen, const Parcel& parcel) const {
  if (seen.offer.evidence == 0 && seen.after.evidence == 0) return 0;
  const auto shown = [](const char* when, const Shown& one) {
    const std::size_t from = one.text.size() > kQuoted ? one.text.size() - kQuoted : 0;
    return fmt::format("{}: {}, version \"{}\", shown in evidence {}: \"{}\"{}\n", when,
                       one.alive ? "answers" : "does not answer", printable(one.version),
                       one.evidence, printable(one.text.substr(from), 4 * kQuoted),
                       one.why.empty() ? "" : " (" + printable(one.why) + ")");
  };
  std::string text = fmt::format("file: {} bytes, SHA-256 {}{}\n", parcel.bytes.size(),
                                 to_hex(sha256(parcel.bytes)),
                                 parcel.cut ? fmt::format(", cut at byte {}", *parcel.cut) : "");
  text += shown("before", seen.before);
  text += fmt::format("transfer: evidence {}, its words: {}\n", seen.offer.evidence,
                      printable(seen.offer.message));
  text += shown("after", seen.after);
  text += fmt::format("result: {} by {}\n", word(seen.became), seen.basis);
  return context_.recorder().attach(subject(), "update offered, and what ran before and after",
                                    "text/plain", as_bytes(text));
}

bool Workbench::home_runs() const {
  const Shown shown = reader_.read();
  return shown.alive && shown.version == home();
}

bool Workbench::wait_for_home() const {
  const SteadyTime until = context_.clock().now() + context_.device().update.settle;
  while (!home_runs()) {
    if (context_.clock().now() >= until || !context_.clock().sleep(kLook, context_.stop()))
      return home_runs();
  }
  return true;
}

bool Workbench::run_hook(const char* name) const {
  const auto* hook = context_.device().hook(name);
  if (hook == nullptr) return false;
  context_.log("info", std::string("the hook ") + name + " is run to bring the device back");
  const auto ran = context_.door().run_hook(hook->command, context_.clock().now() + hook->timeout);
  return ran && ran->exit_code == 0;
}

bool Workbench::put_back(bool force) {
  if (!force && home_runs()) return true;
  const auto current = of_role("current");
  const auto by_image = [&] {
    if (current.empty()) return false;
    last_ = offer({.bytes = current.front()->bytes,
                   .name = "update.bin",
                   .version = home(),
                   .actor = {},
                   .cut = {}},
                  {.version = home(), .marker = {}, .genuine = true});
    return last_.after.alive && last_.after.version == home() &&
           last_.became != Became::not_installed;
  };
  // A transfer that failed once is tried again: nothing is left undone for a lost connection.
  for (int tries = 0; tries < 3 && reader_.read().alive; ++tries) {
    if (by_image()) return true;
    if (current.empty() || context_.stop().stop_requested()) break;
  }
  if (run_hook("recover") && wait_for_home()) return true;
  if (run_hook("power-cycle")) {
    if (wait_for_home()) return true;
    if (by_image()) return true;
  }
  context_.log("error", "the version under test could not be put back: the device shows '" +
                            printable(reader_.read().version) + "', wanted is '" + home() + "'");
  return false;
}

std::string Workbench::clean_up(const Seen& seen) {
  const bool untouched = seen.became == Became::not_installed && seen.after.alive;
  if (untouched && seen.after.version == home()) return "not-needed";
  // An altered file of the version under test may run although the version looks right.
  const bool hidden = seen.after.alive && seen.after.version == home() && seen.offer.tried &&
                      seen.became != Became::not_installed;
  return put_back(hidden) ? "yes" : "no";
}

facts::UpdateTrial trial(const Workbench& bench, const Seen& seen, const std::string& image,
                         const std::string& mutation) {
  facts::UpdateTrial fact;
  fact.evidence = seen.evidence;
  fact.subject = bench.subject();
  fact.image = image;
  fact.mutation = mutation;
  fact.covered = "yes";
  fact.outcome = word(seen.became);
  fact.basis = seen.basis;
  fact.message = seen.offer.message.empty() ? seen.offer.why : seen.offer.message;
  fact.version_before = seen.before.version;
  fact.version_after = seen.after.version;
  fact.alive_after = yes_no(seen.after.alive);
  fact.took_ms = milliseconds_of(seen.took);
  return fact;
}

}  // namespace haetae::testcases::update
