#include "tests/support/daemon.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace haetae::test {
namespace {

using Steady = std::chrono::steady_clock;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

SocketAddress socket_address(const std::string& address, std::uint16_t port) {
  SocketAddress out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    out.length = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    out.length = sizeof(sockaddr_in6);
  } else {
    throw std::runtime_error("not an address: " + address);
  }
  return out;
}

bool accepts(const std::string& address, std::uint16_t port) {
  const SocketAddress to = socket_address(address, port);
  const int fd = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&to.storage), to.length) == 0;
  ::close(fd);
  return ok;
}

std::vector<char*> c_arguments(std::vector<std::string>& argv) {
  std::vector<char*> out;
  for (std::string& word : argv) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

/// start() forks into a process group of its own, so that whatever it starts ends with it.
pid_t start(std::vector<std::string> argv, int in, int out, const char* folder) {
  std::vector<char*> arguments = c_arguments(argv);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    ::setpgid(0, 0);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    if (folder != nullptr && ::chdir(folder) != 0) ::_exit(126);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::setpgid(pid, pid);
  return pid;
}

void end_group(pid_t pid) {
  ::kill(-pid, SIGTERM);
  ::kill(-pid, SIGCONT);
  const auto until = Steady::now() + std::chrono::seconds(2);
  while (Steady::now() < until) {
    if (::waitpid(pid, nullptr, WNOHANG) != 0) {
      ::kill(-pid, SIGKILL);
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(-pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> resolved(std::vector<std::string> argv) {
  const std::string path = find_tool(argv.at(0));
  if (path.empty()) throw std::runtime_error("no such program: " + argv[0]);
  argv[0] = path;
  return argv;
}

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "haetae-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::write(std::string_view name, std::string_view text, unsigned mode) const {
  const std::filesystem::path path = path_ / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), static_cast<mode_t>(mode));
  return path.string();
}

std::uint16_t free_port(const std::string& address) {
  SocketAddress at = socket_address(address, 0);
  const int fd = ::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&at.storage), at.length) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&at.storage), &at.length) != 0) {
    if (fd >= 0) ::close(fd);
    throw std::runtime_error("no free port on " + address);
  }
  ::close(fd);
  return at.storage.ss_family == AF_INET6
             ? ntohs(reinterpret_cast<sockaddr_in6*>(&at.storage)->sin6_port)
             : ntohs(reinterpret_cast<sockaddr_in*>(&at.storage)->sin_port);
}

std::string free_address(int block) {
  std::random_device random;
  return "127." + std::to_string(block) + "." + std::to_string(1 + random() % 250) + "." +
         std::to_string(1 + random() % 250);
}

std::string find_tool(std::string_view name) {
  if (name.find('/') != std::string_view::npos) {
    return ::access(std::string(name).c_str(), X_OK) == 0 ? std::string(name) : std::string();
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "/usr/bin:/bin" : path) +
                             ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/" + std::string(name);
    if (::access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

ToolResult run_tool(const std::vector<std::string>& argv, std::chrono::seconds limit,
                    std::string_view input) {
  const TempDir folder;
  const std::string in_name = folder.write("in", input);
  const std::filesystem::path out_name = folder.path() / "out";
  const int in = ::open(in_name.c_str(), O_RDONLY | O_CLOEXEC);
  const int out = ::open(out_name.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const pid_t pid = start(resolved(argv), in, out, nullptr);
  ::close(in);
  ::close(out);
  ToolResult result;
  const auto until = Steady::now() + limit;
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (Steady::now() > until) {
      ::kill(-pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.output = read_file(out_name);
  return result;
}

Daemon::Daemon(std::vector<std::string> argv, const TempDir& folder) {
  static int number = 0;
  log_ = folder.path() / ("daemon-" + std::to_string(++number) + ".log");
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = ::open(log_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  pid_ = start(resolved(std::move(argv)), in, out, folder.path().c_str());
  ::close(in);
  ::close(out);
}

Daemon::~Daemon() { stop(); }

void Daemon::stop() {
  if (pid_ > 0) end_group(pid_);
  pid_ = -1;
}

std::string Daemon::output() const { return read_file(log_); }

bool Daemon::running() {
  if (pid_ <= 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void Daemon::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void Daemon::wait_until(const std::string& what, std::chrono::seconds limit,
                        const std::function<bool()>& ready) {
  const auto until = Steady::now() + limit;
  while (!ready()) {
    if (!running()) throw std::runtime_error("ended before " + what + ": " + output());
    if (Steady::now() > until) throw std::runtime_error("no " + what + ": " + output());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void Daemon::wait_for_port(const std::string& address, std::uint16_t port,
                           std::chrono::seconds limit) {
  wait_until("listening on " + address + ":" + std::to_string(port), limit,
             [&] { return accepts(address, port); });
}

void Daemon::wait_for_output(std::string_view text, std::chrono::seconds limit) {
  wait_until("output '" + std::string(text) + "'", limit,
             [&] { return output().find(text) != std::string::npos; });
}

}  // namespace haetae::test
