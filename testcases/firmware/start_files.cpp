#include "testcases/firmware/start_files.hpp"

#include <algorithm>

#include "testcases/firmware/text.hpp"

namespace haetae::testcases::firmware {
namespace {

std::string_view unquoted(std::string_view word) {
  constexpr std::string_view kMarks = "\"'`";
  while (!word.empty() && kMarks.find(word.front()) != std::string_view::npos)
    word.remove_prefix(1);
  while (!word.empty() && kMarks.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  return word;
}

bool is_any(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Commands that name a program without starting it.
bool harmless(std::string_view command) {
  return is_any(base_name(command), {"[",
                                     "[[",
                                     "test",
                                     "echo",
                                     "printf",
                                     "kill",
                                     "killall",
                                     "pkill",
                                     "pidof",
                                     "pgrep",
                                     "which",
                                     "type",
                                     "command",
                                     "log",
                                     "logger",
                                     "rm",
                                     "ls",
                                     "cat",
                                     "grep",
                                     "sed",
                                     "chmod",
                                     "chown",
                                     "ln",
                                     "cp",
                                     "mv",
                                     "touch",
                                     "case",
                                     "killproc",
                                     "log_daemon_msg",
                                     "log_end_msg",
                                     "msg",
                                     "log_progress_msg",
                                     "log_failure_msg",
                                     "log_success_msg",
                                     "status_of_proc",
                                     "trap",
                                     "unset",
                                     "mkdir",
                                     "install",
                                     "fuser",
                                     "ps",
                                     "update-rc.d",
                                     "systemctl"});
}

bool before_command(std::string_view word) {
  return is_any(word, {"then", "do", "else", "exec", "nohup", "env", "if", "elif", "while", "!",
                       "{", "&&", "||", "time", "nice", "setsid", "busybox", "sudo", "eval"}) ||
         base_name(word) == "busybox";
}

bool user_option(std::string_view command, std::string_view word) {
  const std::string_view name = base_name(command);
  if (word == "--chuid" || word == "--user") return true;
  if (word == "-c") return name == "start-stop-daemon";
  return word == "-u" &&
         is_any(name, {"chpst", "runuser", "sudo", "daemonize", "start-stop-daemon"});
}

std::string plain_account(std::string_view word) {
  const std::string_view name = unquoted(word);
  std::string out(name.substr(0, name.find_first_of(":.")));
  if (out.empty() || out.size() > 64 || out.find_first_of("$/(){}") != std::string::npos) return {};
  return out;
}

// One simple command: the pieces of a line between ; & and |.
class Command {
 public:
  Command(std::string_view text, const Programs& programs) : programs_(programs) {
    for (const std::string_view word : words(text)) words_.push_back(unquoted(word));
  }

  void read(std::vector<std::pair<std::string, std::string>>& out) {
    std::size_t at = 0;
    while (at < words_.size() && before_command(words_[at])) ++at;
    if (at >= words_.size() || harmless(words_[at])) return;
    const std::string_view command = words_[at];
    if (words_[at] == "start-stop-daemon" || base_name(command) == "start-stop-daemon")
      for (const std::string_view word : words_)
        if (word == "--stop" || word == "-K" || word == "--status") return;
    std::string account;
    if (is_any(base_name(command), {"su", "setuidgid", "s6-setuidgid", "gosu", "su-exec"})) {
      std::size_t next = at + 1;
      while (next < words_.size() && words_[next].starts_with('-')) ++next;
      if (next < words_.size()) account = plain_account(words_[next]);
    }
    for (std::size_t index = at; index + 1 < words_.size(); ++index)
      if (user_option(command, words_[index])) account = plain_account(words_[index + 1]);
    bool first = true;
    for (std::size_t index = at; index < words_.size(); ++index) {
      const std::string program = program_in(words_[index], first || after_wrapper(index));
      first = false;
      if (!program.empty()) out.emplace_back(program, account);
    }
  }

 private:
  [[nodiscard]] bool after_wrapper(std::size_t index) const {
    return index > 0 && (before_command(words_[index - 1]) || words_[index - 1] == "--");
  }

  // A path may be the value of a variable or an option; a bare name only starts in command
  // position.
  [[nodiscard]] std::string program_in(std::string_view word, bool command) const {
    const std::size_t sign = word.find('=');
    if (sign != std::string_view::npos) word = unquoted(word.substr(sign + 1));
    while (!word.empty() && std::string_view("({$-").find(word.front()) != std::string_view::npos)
      word.remove_prefix(1);
    while (!word.empty() && std::string_view(");}").find(word.back()) != std::string_view::npos)
      word.remove_suffix(1);
    if (word.find('/') == std::string_view::npos && (!command || sign != std::string_view::npos))
      return {};
    if (word.find('/') != std::string_view::npos && !below(word, "bin/")) return {};
    const std::string_view name = base_name(word);
    return programs_.contains(name) ? std::string(name) : std::string();
  }

  const Programs& programs_;
  std::vector<std::string_view> words_;
};

std::vector<std::pair<std::string, std::string>> read_line(std::string_view text,
                                                           const Programs& programs) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(";&|", at), text.size());
    std::string_view piece = text.substr(at, end - at);
    // case labels: start)
    const std::size_t close = piece.find(')');
    if (close != std::string_view::npos &&
        piece.substr(0, close).find('(') == std::string_view::npos)
      piece = piece.substr(close + 1);
    Command(piece, programs).read(out);
    at = end + 1;
  }
  return out;
}

void add(const Line& line, const std::vector<std::pair<std::string, std::string>>& found,
         std::vector<Start>& out) {
  for (const auto& [program, account] : found)
    out.push_back({line.at, line.text.size(), program, account});
}

// The program that a command line starts: the first word, or the applet of busybox.
std::string program_of(std::string_view line, const Programs& programs) {
  for (const std::string_view word : words(line)) {
    std::string_view name = unquoted(word);
    while (!name.empty() && std::string_view("-@:+!").find(name.front()) != std::string_view::npos)
      name.remove_prefix(1);
    name = base_name(name);
    if (name == "busybox" || name == "tcpd" || name == "env" || name == "exec") continue;
    return programs.contains(name) ? std::string(name) : std::string();
  }
  return {};
}

}  // namespace

std::vector<Start> read_script(std::string_view content, const Programs& programs) {
  std::vector<Start> out;
  for (const Line& line : lines(content, 5'000)) {
    const std::string_view text = trimmed(line.text);
    if (text.empty() || text.starts_with('#')) continue;
    add(line, read_line(text, programs), out);
  }
  return out;
}

std::vector<Start> read_inittab(std::string_view content, const Programs& programs) {
  std::vector<Start> out;
  for (const Line& line : lines(content, 1'000)) {
    if (trimmed(line.text).starts_with('#')) continue;
    const auto parts = fields(line.text, ':', 4);
    if (parts.size() < 4 || parts[2] == "off") continue;
    add(line, read_line(parts[3], programs), out);
  }
  return out;
}

std::vector<Start> read_inetd(std::string_view content, const Programs& programs) {
  std::vector<Start> out;
  for (const Line& line : lines(content, 1'000)) {
    if (trimmed(line.text).starts_with('#')) continue;
    const auto parts = words(line.text);
    if (parts.size() < 6) continue;
    std::string command;
    for (std::size_t index = 5; index < parts.size(); ++index)
      command += std::string(parts[index]) + " ";
    // The arguments start with the name of the program; busybox takes the applet there.
    const std::string_view server = base_name(parts[5]);
    if ((server == "busybox" || server == "tcpd") && parts.size() > 6) command = parts[6];
    const std::string program = program_of(command, programs);
    if (!program.empty())
      out.push_back({line.at, line.text.size(), program, plain_account(parts[4])});
  }
  return out;
}

std::vector<Start> read_xinetd(std::string_view content, const Programs& programs) {
  Start held;
  for (const Line& line : lines(content, 1'000)) {
    const auto parts = words(line.text);
    if (parts.size() < 3 || parts[1] != "=") continue;
    if (parts[0] == "disable" && parts[2] == "yes") return {};
    if (parts[0] == "user") held.account = plain_account(parts[2]);
    if (parts[0] == "server" && programs.contains(base_name(parts[2]))) {
      held.program = base_name(parts[2]);
      held.at = line.at;
      held.length = line.text.size();
    }
  }
  return held.program.empty() ? std::vector<Start>{} : std::vector<Start>{held};
}

std::vector<Start> read_unit(std::string_view content, const Programs& programs) {
  std::vector<Start> out;
  std::string account;
  for (const Line& line : lines(content, 2'000)) {
    const std::string_view text = trimmed(line.text);
    if (text.starts_with("User=")) account = plain_account(text.substr(5));
    if (text == "DynamicUser=yes" || text == "DynamicUser=true") account = "dynamic";
    if (!text.starts_with("ExecStart=")) continue;
    const std::string program = program_of(text.substr(10), programs);
    if (!program.empty()) out.push_back({line.at, line.text.size(), program, {}});
  }
  for (Start& one : out) one.account = account;
  return out;
}

std::optional<std::string> setting(std::string_view content, std::string_view name) {
  for (const Line& line : lines(content)) {
    std::string_view text = trimmed(line.text);
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    if (text.empty() || std::string_view(" \t=:").find(text[0]) == std::string_view::npos) continue;
    const std::size_t from = text.find_first_not_of(" \t=:\"'");
    if (from == std::string_view::npos) continue;
    text.remove_prefix(from);
    const std::string_view value = text.substr(0, text.find_first_of(" \t;\"'#:"));
    if (!value.empty() && value.size() <= 64) return std::string(value);
  }
  return std::nullopt;
}

std::vector<std::string> called_files(std::string_view content) {
  std::vector<std::string> out;
  for (const Line& line : lines(content, 5'000)) {
    const std::string_view text = trimmed(line.text);
    if (text.starts_with('#')) continue;
    for (std::size_t at = 0; (at = text.find("/etc/", at)) != std::string_view::npos; ++at) {
      const std::size_t end = std::min(text.find_first_of(" \t;&|\"')`", at), text.size());
      if (out.size() < 1'000) out.emplace_back(text.substr(at, end - at));
    }
  }
  return out;
}

}  // namespace haetae::testcases::firmware
