#include "harness/runner/run.hpp"

#include <sqlite3.h>
#include <sys/utsname.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/net/ledger.hpp"
#include "harness/runner/attempt.hpp"
#include "harness/runner/schedule.hpp"
#include "harness/runner/session.hpp"

namespace haetae::runner {
namespace {

namespace fs = std::filesystem;

std::string hash_of(std::string_view text) { return to_hex(sha256(as_bytes(text))); }

std::string today(Clock& clock) { return iso8601(clock.wall()).substr(0, 10); }

/// uuid() is a random UUID (RFC 4122 version 4).
std::string uuid() {
  Bytes bytes = random_bytes(16);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
  const std::string hex = to_hex(bytes);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

Result<void> check_authorisation(const declaration::Declaration& device, Clock& clock) {
  const std::string day = today(clock);
  const auto& authorisation = device.authorisation;
  if (day < authorisation.from || day > authorisation.until) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("the authorisation by {} holds from {} until {}, and today is {}; nothing was "
                    "sent; ask for a new one and write its dates into <authorisation>",
                    authorisation.by, authorisation.from, authorisation.until, day));
  }
  return {};
}

using NamedValues = std::vector<std::pair<std::string, std::string>>;

NamedValues run_values(const Options& options, Clock& clock) {
  utsname host{};
  uname(&host);
  const auto& device = options.device.value;
  std::vector<std::string> addresses;
  for (const Address& address : device.addresses) addresses.push_back(address.text());
  const auto& catalogue = options.catalogue.value;
  return {{"uuid", uuid()},
          {"tool", options.tool},
          // Whole seconds, as certificates and declarations have: "now" of the criteria.
          {"started", iso8601(clock.wall()).substr(0, 19) + "Z"},
          {"device", device_key(device)},
          {"addresses", fmt::format("{}", fmt::join(addresses, " "))},
          {"declaration-sha256", hash_of(options.device.text)},
          {"catalogue", catalogue.id},
          {"edition", catalogue.edition},
          {"profile", catalogue.profile ? catalogue.profile->id : ""},
          {"defect-matrix", options.defect_matrix},
          {"type", options.selection.type},
          {"only", fmt::format("{}", fmt::join(options.selection.only, " "))},
          {"repeat", fmt::format("{}", options.repeat)},
          {"permit", std::string(word(options.selection.permit))},
          {"authorised-by", device.authorisation.by},
          {"authorised-organisation", device.authorisation.organisation},
          {"authorised-from", device.authorisation.from},
          {"authorised-until", device.authorisation.until},
          {"host", fmt::format("{} {} {}", host.sysname, host.release, host.machine)}};
}

Result<void> write_first(evidence::Transaction& transaction, const Options& options,
                         const NamedValues& values) {
  for (const auto& [name, value] : values) {
    if (auto row = transaction.insert("run", {{"name", name}, {"value", value}}); !row) {
      return tl::unexpected(row.error());
    }
  }
  const auto document = [&](std::string_view kind, std::string_view name, std::string_view hashed,
                            std::string_view text) {
    return transaction.insert("document", {{"kind", std::string(kind)},
                                           {"name", std::string(name)},
                                           {"sha256", hash_of(hashed)},
                                           {"text", std::string(text)}});
  };
  auto row =
      document("declaration", "device.xml", options.device.text, options.device.redacted_text);
  if (!row) return tl::unexpected(row.error());
  for (const auto& source : options.catalogue.sources) {
    const bool profile = source.name.starts_with("profiles/");
    row = document(profile ? "profile" : "catalogue", source.name, source.text, source.text);
    if (!row) return tl::unexpected(row.error());
  }
  return {};
}

/// create_file() writes what was asked for and the plan as one link: a run file without a plan does
/// not exist.
Result<evidence::RunFile> create_file(const Options& options, const Plan& plan, Clock& clock) {
  const NamedValues values = run_values(options, clock);
  const auto first = [&](evidence::Transaction& transaction) -> Result<void> {
    if (auto written = write_first(transaction, options, values); !written) return written;
    return store_plan(transaction, plan);
  };
  return evidence::RunFile::create(options.output, options.fact_tables, first, clock);
}

/// reopen_file() opens a run to go on with it, if it is the same question that is asked.
Result<evidence::RunFile> reopen_file(const Options& options, Clock& clock) {
  auto file = evidence::RunFile::open(options.output, true, clock);
  if (!file) return file;
  for (const auto& [name, value] : run_values(options, clock)) {
    if (name == "uuid" || name == "started" || name == "host") continue;
    if (file->value(name) == value) continue;
    return fail(ErrorKind::invalid_input,
                fmt::format("{} cannot be resumed: its {} is '{}', now it is '{}'; start a new run",
                            options.output.string(), name, file->value(name), value));
  }
  return file;
}

/// tested_at() is when the run was started: the same for a resumed run, so that its verdicts are.
judge::Question question_of(const Options& options, const evidence::RunFile& file) {
  return {.type = options.selection.type,
          .only = options.selection.only,
          .tested_at = file.value("started")};
}

Result<Outcome> judge_and_seal(const Options& options, evidence::RunFile& file,
                               const evidence::SigningKey& key, std::string_view reason,
                               Clock& clock) {
  const judge::Question question = question_of(options, file);
  auto judgement = judge::judge(file.handle(), options.catalogue.value, question);
  if (!judgement) return tl::unexpected(judgement.error());
  const std::string sha256 = hash_of(options.catalogue.sources.front().text);
  if (auto stored = judge::store(file, options.catalogue.value, sha256, question, *judgement,
                                 reason, options.tool, clock);
      !stored) {
    return tl::unexpected(stored.error());
  }
  if (options.before_seal) {
    if (auto added = options.before_seal(file, *judgement); !added) {
      return tl::unexpected(added.error());
    }
  }
  if (auto sealed = file.seal(key); !sealed) return tl::unexpected(sealed.error());
  if (auto finished = file.finish(); !finished) return tl::unexpected(finished.error());
  return Outcome{
      .judgement = std::move(*judgement), .stopped = false, .reachable = true, .lost = {}};
}

Result<std::vector<net::DeviceLock>> lock_device(const Options& options) {
  std::vector<net::DeviceLock> locks;
  std::vector<std::string> names{device_key(options.device.value)};
  for (const Address& address : options.device.value.addresses) names.push_back(address.text());
  for (const std::string& name : names) {
    auto lock = net::DeviceLock::acquire(options.state_dir / "locks" / name);
    if (!lock) return tl::unexpected(lock.error());
    locks.push_back(std::move(*lock));
  }
  return locks;
}

Result<void> make_state_folders(const fs::path& state_dir) {
  for (const char* const folder : {"locks", "ledgers"}) {
    std::error_code error;
    fs::create_directories(state_dir / folder, error);
    if (error) {
      return fail(
          ErrorKind::storage,
          fmt::format("the state folder {} cannot be made: {}; set HAETAE_STATE_DIR to a folder "
                      "that can be written",
                      (state_dir / folder).string(), error.message()));
    }
  }
  return {};
}

}  // namespace

std::string device_key(const declaration::Declaration& device) {
  const auto& identity = device.identity;
  return hash_of(identity.maker + '\0' + identity.model + '\0' + identity.serial).substr(0, 16);
}

Result<Outcome> run(const Options& options, Clock& clock, Observer& observer,
                    std::stop_token stop) {
  if (auto allowed = check_authorisation(options.device.value, clock); !allowed) {
    return tl::unexpected(allowed.error());
  }
  const auto plan = make_plan(options.catalogue.value, options.procedures, options.selection);
  if (!plan) return tl::unexpected(plan.error());
  // A key that does not open would be found out only after hours.
  const auto key = evidence::SigningKey::load(options.key, true, options.ask_passphrase);
  if (!key) return tl::unexpected(key.error());
  if (auto made = make_state_folders(options.state_dir); !made) return tl::unexpected(made.error());
  const auto locks = lock_device(options);
  if (!locks) return tl::unexpected(locks.error());
  const auto ledger = net::Ledger::open(
      options.state_dir / "ledgers" / (device_key(options.device.value) + ".ledger"), clock);
  if (!ledger) return tl::unexpected(ledger.error());
  auto file = options.resume ? reopen_file(options, clock) : create_file(options, *plan, clock);
  if (!file) return tl::unexpected(file.error());

  observer.planned(*plan);
  net::Door door(options.device.value.scope, options.limits, clock);
  Session session(*file, clock);
  Surroundings around{options, clock, observer, session, door, **ledger};
  Schedule schedule(around, *plan, stop);
  if (options.resume) {
    if (auto resumed = schedule.resume(); !resumed) return tl::unexpected(resumed.error());
  }
  if (auto executed = schedule.execute(); !executed) return tl::unexpected(executed.error());
  const bool stopped = stop.stop_requested();
  auto outcome = judge_and_seal(options, *file, *key, stopped ? "stopped" : "run", clock);
  if (!outcome) return outcome;
  outcome->public_key = key->public_pem();
  outcome->stopped = stopped;
  outcome->reachable = schedule.reachable();
  outcome->lost = schedule.lost();
  return outcome;
}

}  // namespace haetae::runner
