#include "harness/net/ledger.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <map>
#include <mutex>
#include <system_error>

#include <fmt/format.h>

#include "harness/net/socket.hpp"

namespace haetae::net {
namespace {

// One line a record, fields parted by tabs. The last field is a point: without it the line is torn,
// even where a line feed was added later.
//   try   ID TIME PROCEDURE SUBJECT ACCOUNT .
//   end   ID TIME OUTCOME .
//   mark  TIME .                            (after a torn line: when it was found)
// TIME is milliseconds since 1970. Bytes below 0x21, '%' and 0x7f are written as %XX.
constexpr std::string_view kAny = "%";  // a lone escape sign is no escaped text: every account

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte <= 0x20 || byte == '%' || byte == 0x7f) {
      out += fmt::format("%{:02X}", byte);
    } else {
      out.push_back(letter);
    }
  }
  return out.empty() ? "%00" : out;  // a field is never empty
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    if (text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 3, byte, 16).ec == std::errc{}) {
      if (byte != 0) out.push_back(static_cast<char>(byte));
      at += 2;
    } else {
      out.push_back(text[at]);
    }
  }
  return out;
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t tab = line.find('\t');
    out.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return out;
    line.remove_prefix(tab + 1);
  }
}

// number() is -1 for what is no number from zero upwards.
std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return -1;
  return value;
}

WallTime time_from(std::int64_t milliseconds) {
  return WallTime(
      std::chrono::duration_cast<WallTime::duration>(std::chrono::milliseconds(milliseconds)));
}

std::int64_t milliseconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string_view word(TryOutcome outcome) {
  switch (outcome) {
    case TryOutcome::accepted: return "accepted";
    case TryOutcome::refused: return "refused";
    case TryOutcome::unknown: return "unknown";
  }
  return "unknown";
}

std::optional<TryOutcome> outcome_from(std::string_view text) {
  for (const TryOutcome outcome :
       {TryOutcome::accepted, TryOutcome::refused, TryOutcome::unknown}) {
    if (text == word(outcome)) return outcome;
  }
  return std::nullopt;
}

tl::unexpected<Error> storage(const std::filesystem::path& file, std::string_view what) {
  return fail(ErrorKind::storage, fmt::format("login ledger {}: {}: {}", file.string(), what,
                                              std::generic_category().message(errno)));
}

// FileLock holds flock() for a scope; other processes wait.
class FileLock {
 public:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {
    int result = 0;
    do {
      result = flock(descriptor_, LOCK_EX);
    } while (result != 0 && errno == EINTR);
    held_ = result == 0;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() {
    if (held_) flock(descriptor_, LOCK_UN);
  }
  [[nodiscard]] bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

class FileLedger final : public Ledger {
 public:
  FileLedger(std::filesystem::path path, Fd file, Clock& clock)
      : path_(std::move(path)), file_(std::move(file)), clock_(clock) {}

  Result<void> load() {
    const std::scoped_lock lock(mutex_);
    const FileLock held(file_.get());
    return held.held() ? refresh() : storage(path_, "locking");
  }

  Result<std::int64_t> draw(std::string_view procedure, std::string_view subject,
                            std::string_view account, const LoginPolicy& policy) override;
  Result<void> settle(std::int64_t try_id, TryOutcome outcome) override;
  [[nodiscard]] int left(std::string_view subject, std::string_view account,
                         const LoginPolicy& policy) const override;
  [[nodiscard]] WallTime free_at(std::string_view subject, std::string_view account,
                                 const LoginPolicy& policy) const override;
  [[nodiscard]] std::vector<LoginTry> tries() const override;

 private:
  struct Count {
    int failures = 0;
    std::optional<WallTime> last;
  };
  [[nodiscard]] Count count(std::string_view subject, std::string_view account,
                            const LoginPolicy& policy) const;
  [[nodiscard]] int left_of(const Count& count, const LoginPolicy& policy) const {
    return std::max(0, policy.failures - count.failures);
  }
  // The const questions must see what other processes wrote, too.
  Result<void> refresh() const;
  void take(std::string_view line) const;
  void torn() const;
  Result<void> append(std::string_view text) const;
  void refresh_for_reading() const {
    const FileLock held(file_.get());
    // Where the file cannot be read any more, draw() will refuse; what is known still holds.
    if (held.held()) (void)refresh();
  }

  const std::filesystem::path path_;
  const Fd file_;
  Clock& clock_;
  mutable std::mutex mutex_;
  mutable off_t read_to_ = 0;
  mutable std::vector<LoginTry> tries_;
  mutable std::map<std::int64_t, std::size_t> by_id_;
  mutable std::vector<std::size_t> untimed_;  // torn lines that no timed line follows yet
  mutable std::int64_t last_id_ = 0;
};

void FileLedger::torn() const {
  untimed_.push_back(tries_.size());
  tries_.push_back({.at = clock_.wall(),
                    .procedure = "?",
                    .subject = std::string(kAny),
                    .account = std::string(kAny),
                    .outcome = std::nullopt});
}

void FileLedger::take(std::string_view line) const {
  const auto fields = fields_of(line);
  const bool whole = fields.back() == ".";
  const bool is_try = whole && fields.size() == 7 && fields[0] == "try";
  const bool is_end = whole && fields.size() == 5 && fields[0] == "end";
  const bool is_mark = whole && fields.size() == 3 && fields[0] == "mark";
  const std::int64_t id = is_try || is_end ? number(fields[1]) : -1;
  const std::int64_t at = is_try || is_end ? number(fields[2]) : is_mark ? number(fields[1]) : -1;
  const auto outcome = is_end ? outcome_from(fields[3]) : std::nullopt;
  if (at < 0 || (!is_mark && id < 0) || (is_end && !outcome)) return torn();
  for (const std::size_t index : untimed_) tries_[index].at = time_from(at);
  untimed_.clear();
  if (is_try) {
    last_id_ = std::max(last_id_, id);
    by_id_[id] = tries_.size();
    tries_.push_back({.at = time_from(at),
                      .procedure = unescaped(fields[3]),
                      .subject = unescaped(fields[4]),
                      .account = unescaped(fields[5]),
                      .outcome = std::nullopt});
  } else if (is_end) {
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
      tries_[found->second].outcome = outcome;
    }
  }
}

Result<void> FileLedger::refresh() const {
  std::string fresh;
  char block[16384];
  for (;;) {
    const ssize_t got =
        pread(file_.get(), block, sizeof block, read_to_ + static_cast<off_t>(fresh.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return storage(path_, "reading");
    if (got == 0) break;
    fresh.append(block, static_cast<std::size_t>(got));
  }
  std::string_view rest = fresh;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (end > 0) take(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  read_to_ += static_cast<off_t>(fresh.size() - rest.size());
  if (rest.empty()) return {};
  // We hold the lock, so nobody is still writing this line: its writer died.
  torn();
  read_to_ += static_cast<off_t>(rest.size());
  if (auto written = append(fmt::format("\nmark\t{}\t.\n", milliseconds_of(clock_.wall())));
      !written) {
    return written;
  }
  return refresh();
}

Result<void> FileLedger::append(std::string_view text) const {
  struct stat before {};
  if (fstat(file_.get(), &before) != 0) return storage(path_, "reading its size");
  while (!text.empty()) {
    const ssize_t put = write(file_.get(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      auto error = storage(path_, "writing");
      // Leave no half line behind; if even that fails, the next reader counts it as a try.
      if (ftruncate(file_.get(), before.st_size) != 0) errno = 0;
      return error;
    }
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  if (fsync(file_.get()) != 0) return storage(path_, "syncing to disk");
  return {};
}

FileLedger::Count FileLedger::count(std::string_view subject, std::string_view account,
                                    const LoginPolicy& policy) const {
  Count out;
  for (const LoginTry& one : tries_) {
    const bool any = one.subject == kAny;
    if (!any && (one.subject != subject || one.account != account)) continue;
    if (out.last && one.at - *out.last >= policy.window) out.failures = 0;
    out.last = out.last ? std::max(*out.last, one.at) : one.at;
    if (one.outcome != TryOutcome::accepted) {
      ++out.failures;
    } else if (policy.success_resets) {
      out.failures = 0;
    }
  }
  if (out.last && clock_.wall() - *out.last >= policy.window) out.failures = 0;
  return out;
}

Result<std::int64_t> FileLedger::draw(std::string_view procedure, std::string_view subject,
                                      std::string_view account, const LoginPolicy& policy) {
  const std::scoped_lock lock(mutex_);
  const FileLock held(file_.get());
  if (!held.held()) return storage(path_, "locking");
  if (auto fresh = refresh(); !fresh) return tl::unexpected(fresh.error());
  const Count now = count(subject, account, policy);
  if (left_of(now, policy) == 0) {
    const auto wait =
        now.last
            ? std::chrono::ceil<std::chrono::seconds>(*now.last + policy.window - clock_.wall())
            : std::chrono::seconds(0);
    return fail(ErrorKind::budget,
                fmt::format("account '{}' at {} has had {} failures of {} that may be made; "
                            "the next try may be made in {} s",
                            account, subject, now.failures, policy.failures, wait.count()));
  }
  const std::int64_t id = last_id_ + 1;
  if (auto written =
          append(fmt::format("try\t{}\t{}\t{}\t{}\t{}\t.\n", id, milliseconds_of(clock_.wall()),
                             escaped(procedure), escaped(subject), escaped(account)));
      !written) {
    return tl::unexpected(written.error());
  }
  if (auto fresh = refresh(); !fresh) return tl::unexpected(fresh.error());
  return id;
}

Result<void> FileLedger::settle(std::int64_t try_id, TryOutcome outcome) {
  const std::scoped_lock lock(mutex_);
  const FileLock held(file_.get());
  if (!held.held()) return storage(path_, "locking");
  if (auto fresh = refresh(); !fresh) return fresh;
  if (!by_id_.contains(try_id)) {
    return fail(ErrorKind::internal, fmt::format("login try {} was never drawn", try_id));
  }
  if (auto written = append(fmt::format("end\t{}\t{}\t{}\t.\n", try_id,
                                        milliseconds_of(clock_.wall()), word(outcome)));
      !written) {
    return written;
  }
  return refresh();
}

int FileLedger::left(std::string_view subject, std::string_view account,
                     const LoginPolicy& policy) const {
  const std::scoped_lock lock(mutex_);
  refresh_for_reading();
  return left_of(count(subject, account, policy), policy);
}

WallTime FileLedger::free_at(std::string_view subject, std::string_view account,
                             const LoginPolicy& policy) const {
  const std::scoped_lock lock(mutex_);
  refresh_for_reading();
  const Count now = count(subject, account, policy);
  if (left_of(now, policy) > 0 || !now.last) return clock_.wall();
  return *now.last + policy.window;
}

std::vector<LoginTry> FileLedger::tries() const {
  const std::scoped_lock lock(mutex_);
  refresh_for_reading();
  return tries_;
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& file, Clock& clock) {
  Fd descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!descriptor) return storage(file, "opening");
  struct stat about {};
  if (fstat(descriptor.get(), &about) != 0) return storage(file, "reading its type");
  if (!S_ISREG(about.st_mode)) {
    return fail(ErrorKind::storage,
                fmt::format("login ledger {} is no regular file", file.string()));
  }
  // A new name must survive a power cut as well as its content.
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const Fd parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || fsync(parent.get()) != 0) return storage(file, "syncing its folder");
  auto ledger = std::make_unique<FileLedger>(file, std::move(descriptor), clock);
  if (auto loaded = ledger->load(); !loaded) return tl::unexpected(loaded.error());
  return ledger;
}

}  // namespace haetae::net
