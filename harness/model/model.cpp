#include <openssl/evp.h>
#include <openssl/rand.h>

#include <condition_variable>
#include <ctime>
#include <mutex>
#include <stdexcept>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/record.hpp"

namespace haetae {

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 15U]);
  }
  return out;
}

Bytes sha256(ByteView bytes) {
  Bytes digest(32);
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available in OpenSSL");
  }
  return digest;
}

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  if (RAND_bytes(out.data(), static_cast<int>(count)) != 1) {
    throw std::runtime_error("the system's random generator failed");
  }
  return out;
}

namespace {

/// utf8_length() is the length of the well-formed, visible sequence at the start, or 0.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  char32_t code = lead & (0x7fU >> length);
  for (std::size_t index = 1; index < length; ++index) {
    if ((at(index) & 0xc0U) != 0x80U) return 0;
    code = (code << 6U) | (at(index) & 0x3fU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  const bool control = code < 0xa0;
  const bool invisible = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0x061c;
  return code < kSmallest[length] || code > 0x10ffff || surrogate || control || invisible ? 0
                                                                                          : length;
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall() const override { return std::chrono::system_clock::now(); }
  bool sleep(Duration duration, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  bool cut = false;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string piece = length > 0
                                  ? std::string(text.substr(0, length))
                                  : fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text[0]));
    if (out.size() + piece.size() > limit) {
      cut = true;
      break;
    }
    out += piece;
    text.remove_prefix(length > 0 ? length : 1);
  }
  return cut ? out + "…" : out;
}

std::string_view word(CoverageState state) {
  switch (state) {
    case CoverageState::complete: return "complete";
    case CoverageState::partial: return "partial";
    case CoverageState::tainted: return "tainted";
  }
  return "partial";
}

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string iso8601(WallTime time) {
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03d}Z",
                     fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (milliseconds - seconds).count());
}

}  // namespace haetae
