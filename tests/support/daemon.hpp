#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Helpers of tests that talk to daemons which other people wrote. Test-only: throws on failure.
namespace haetae::test {

/// TempDir is a folder of its own that goes away with everything in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }
  /// write() makes a file (and its folders) and returns its path.
  std::string write(std::string_view name, std::string_view text, unsigned mode = 0600) const;

 private:
  std::filesystem::path path_;
};

/// free_port() is a TCP port on `address` on which nobody listens at this moment.
[[nodiscard]] std::uint16_t free_port(const std::string& address);

/// free_address() is a loopback address 127.`block`.x.y, so that tests running side by side do not
/// meet on one address.
[[nodiscard]] std::string free_address(int block);

/// find_tool() is the path of a program in PATH, /usr/sbin or /sbin, or empty.
[[nodiscard]] std::string find_tool(std::string_view name);

struct ToolResult {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string output;  ///< standard output and error, together
};
/// run_tool() runs a program to its end (no shell) and kills it after `limit`.
[[nodiscard]] ToolResult run_tool(const std::vector<std::string>& argv,
                                  std::chrono::seconds limit = std::chrono::seconds(60),
                                  std::string_view input = {});

/// Daemon is a child process in the foreground, with its output in a file of `folder`. Its whole
/// process group is ended when the object goes, by pid.
class Daemon {
 public:
  Daemon(std::vector<std::string> argv, const TempDir& folder);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  /// wait_for_port() returns when the port accepts a TCP connection; throws with the daemon's
  /// output if it ends before, or after `limit`.
  void wait_for_port(const std::string& address, std::uint16_t port,
                     std::chrono::seconds limit = std::chrono::seconds(15));
  /// wait_for_output() returns when `text` stands in the output.
  void wait_for_output(std::string_view text,
                       std::chrono::seconds limit = std::chrono::seconds(15));
  [[nodiscard]] std::string output() const;
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running();
  /// signal() goes to the process alone (SIGSTOP and SIGCONT make a device that hangs).
  void signal(int number) const;
  void stop();

 private:
  void wait_until(const std::string& what, std::chrono::seconds limit,
                  const std::function<bool()>& ready);
  std::filesystem::path log_;
  pid_t pid_ = -1;
};

}  // namespace haetae::test
