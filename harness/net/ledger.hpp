#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"

namespace haetae::net {

/// LoginPolicy is how many failures an account bears, as declared or as assumed.
struct LoginPolicy {
  int failures = 3;                      ///< failures in a row that may be made, at most
  std::chrono::seconds window{30 * 60};  ///< after this without a try the count starts anew
  bool success_resets = false;           ///< a successful login sets the count to zero
};

enum class TryOutcome { accepted, refused, unknown };

/// LoginTry is one line of the ledger.
struct LoginTry {
  WallTime at;
  std::string procedure;
  std::string subject;  ///< the login surface, lan:tcp/80
  std::string account;
  std::optional<TryOutcome> outcome;  ///< absent if the run died before the answer
};

/// Ledger counts login tries per (subject, account) of one device, across runs and crashes. Every
/// try is written and synced to disk *before* it is made. Safe for several threads.
class Ledger {
 public:
  /// open() reads `file` (created if absent); a torn last line counts as a try.
  [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& file,
                                                            Clock& clock);
  virtual ~Ledger() = default;
  /// draw() books a try; ErrorKind::budget with the time to wait in the text if none is left.
  [[nodiscard]] virtual Result<std::int64_t> draw(std::string_view procedure,
                                                  std::string_view subject,
                                                  std::string_view account,
                                                  const LoginPolicy& policy) = 0;
  /// settle() notes the outcome of a booked try.
  [[nodiscard]] virtual Result<void> settle(std::int64_t try_id, TryOutcome outcome) = 0;
  /// left() is how many failures may still be made now.
  [[nodiscard]] virtual int left(std::string_view subject, std::string_view account,
                                 const LoginPolicy& policy) const = 0;
  /// free_at() is when left() will be at least one (now, if it is already).
  [[nodiscard]] virtual WallTime free_at(std::string_view subject, std::string_view account,
                                         const LoginPolicy& policy) const = 0;
  [[nodiscard]] virtual std::vector<LoginTry> tries() const = 0;
};

/// DeviceLock keeps two runs from meeting on one device; released when destroyed or when the
/// process ends, however it ends.
class DeviceLock {
 public:
  /// acquire() fails with ErrorKind::budget and names the process that holds the lock.
  [[nodiscard]] static Result<DeviceLock> acquire(const std::filesystem::path& file);
  DeviceLock(DeviceLock&& other) noexcept;
  DeviceLock& operator=(DeviceLock&& other) noexcept;
  ~DeviceLock();

 private:
  explicit DeviceLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace haetae::net
