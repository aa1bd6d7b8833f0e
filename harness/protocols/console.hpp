#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"

/// What a board's serial console says: boot loaders, the kernel, prompts. The texts by which a boot
/// loader is known are handed in; here stands only how they are looked for.
namespace haetae::protocols::console {

/// Sign is a text by which something that speaks on a console is known.
struct Sign {
  std::string loader;  ///< name of the boot loader
  /// banner: it starts; countdown: it waits for a key; prompt: it takes commands (end of a line
  /// that stands); kernel: the system itself starts, and the boot loader is over
  std::string kind;
  std::string text;  ///< as it is printed, case and blanks included
  bool operator==(const Sign&) const = default;
};

/// Known is what a Screen looks for.
struct Known {
  std::vector<Sign> signs;
  std::string login_prompt = "login:";  ///< how a login prompt ends
};

/// Ask is what the unfinished last line wants from us.
enum class Ask { nothing, user, password, shell, loader };

/// Screen takes the bytes of a console as they come, in pieces of any size, and keeps the last
/// 64 KiB as clear text: escape sequences, backspaces and other controls are left out.
class Screen {
 public:
  explicit Screen(Known known);

  void feed(ByteView bytes);
  /// ask() is what the last line asks for. A line is a prompt only when nothing follows: the caller
  /// waits until it has stood for a while.
  [[nodiscard]] Ask ask() const;
  /// loader() is the boot loader whose sign came last since restart(), empty if none did.
  [[nodiscard]] const std::string& loader() const { return loader_; }
  [[nodiscard]] bool counting() const { return counting_; }  ///< a countdown was seen
  [[nodiscard]] bool kernel() const { return kernel_; }      ///< the system was seen to start
  /// banner() is the line with the first sign of the boot loader, printable.
  [[nodiscard]] const std::string& banner() const { return banner_; }
  /// restart() forgets which boot loader and system were seen: the power is about to be cut.
  void restart();

  /// mark() is where the text stands now; since(mark) is what came after it, as far as it is kept.
  [[nodiscard]] std::uint64_t mark() const { return dropped_ + text_.size(); }
  [[nodiscard]] std::string_view since(std::uint64_t mark) const;
  [[nodiscard]] std::string_view last_line() const;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// garbage() is whether so many bytes are no text (UTF-8 without controls) that the speed must be
  /// wrong: at least 8, and more than three in ten of all.
  [[nodiscard]] bool garbage() const;

 private:
  void take(std::uint8_t byte);
  void judge(std::uint8_t byte);
  void look(std::size_t before);
  void see(const Sign& sign, std::size_t at);
  void name();

  Known known_;
  std::size_t longest_ = 0;  // of the signs
  std::string text_;
  std::uint64_t dropped_ = 0;
  std::uint64_t bytes_ = 0, unreadable_ = 0;
  int following_ = 0;  // continuation bytes of UTF-8 that must come
  enum class Escape { none, begun, sequence, string } escape_ = Escape::none;
  int escape_length_ = 0;
  std::string loader_, banner_;
  std::optional<std::uint64_t> naming_;  // where the line of the banner begins, while it comes
  bool counting_ = false, kernel_ = false;
};

}  // namespace haetae::protocols::console
