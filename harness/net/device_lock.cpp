#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/net/ledger.hpp"
#include "harness/net/socket.hpp"

namespace haetae::net {
namespace {

std::string holder(int descriptor) {
  char text[32] = {};
  const ssize_t got = pread(descriptor, text, sizeof text - 1, 0);
  std::string digits;
  for (ssize_t at = 0; at < got && text[at] >= '0' && text[at] <= '9'; ++at) digits += text[at];
  return digits.empty() ? "of unknown number" : digits;
}

}  // namespace

Result<DeviceLock> DeviceLock::acquire(const std::filesystem::path& file) {
  Fd descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  const auto failed = [&file](std::string_view what) {
    return fail(ErrorKind::storage, fmt::format("device lock {}: {}: {}", file.string(), what,
                                                std::generic_category().message(errno)));
  };
  if (!descriptor) return failed("opening");
  int result = 0;
  do {
    result = flock(descriptor.get(), LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno == EWOULDBLOCK) {
    return fail(ErrorKind::budget,
                fmt::format("another run on this device is under way: process {} holds {}",
                            holder(descriptor.get()), file.string()));
  }
  if (result != 0) return failed("locking");
  const std::string text = fmt::format("{}\n", getpid());
  if (ftruncate(descriptor.get(), 0) != 0 ||
      pwrite(descriptor.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return failed("writing");
  }
  // The file stays: removing it would let a third process lock a new one beside ours.
  return DeviceLock(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0));
}

DeviceLock::DeviceLock(DeviceLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

DeviceLock& DeviceLock::operator=(DeviceLock&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

DeviceLock::~DeviceLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace haetae::net
