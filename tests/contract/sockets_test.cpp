#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

// Every byte between the harness and a device passes through harness/net, and only it starts
// programs: what the other libraries leave undefined shows whether one goes past it.

namespace {

namespace fs = std::filesystem;

// What opens a way to the network or a serial port, or starts a program, in C and in the libraries
// that we link.
const std::set<std::string> kForbidden{
    "socket",         "socketpair",     "connect",         "bind",
    "listen",         "accept",         "accept4",         "send",
    "sendto",         "sendmsg",        "sendmmsg",        "recv",
    "recvfrom",       "recvmsg",        "recvmmsg",        "getaddrinfo",
    "gethostbyname",  "gethostbyname2", "gethostbyname_r", "getnameinfo",
    "res_query",      "__res_query",    "popen",           "system",
    "fork",           "vfork",          "__fork",          "clone",
    "execl",          "execle",         "execlp",          "execv",
    "execve",         "execvp",         "execvpe",         "fexecve",
    "posix_spawn",    "posix_spawnp",   "BIO_new_connect", "BIO_s_connect",
    "BIO_new_accept", "BIO_s_accept",   "BIO_connect",     "BIO_lookup",
    "BIO_lookup_ex",  "OSSL_HTTP_get",  "dlopen",          "cfmakeraw",
    "cfsetspeed",     "cfsetispeed",    "cfsetospeed",     "posix_openpt",
    "openpty",        "forkpty",        "login_tty"};

bool is_forbidden(std::string symbol) {
  symbol = symbol.substr(0, symbol.find('@'));
  return kForbidden.contains(symbol) || symbol.starts_with("pcap_");
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 65536> block{};
  for (std::size_t got = 0; (got = fread(block.data(), 1, block.size(), pipe.get())) > 0;) {
    out.append(block.data(), got);
  }
  return out;
}

std::set<std::string> undefined_symbols(const std::string& library) {
  std::istringstream lines(output_of("nm -u '" + library + "'"));
  std::set<std::string> out;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find(" U ");
    const std::size_t weak = line.find(" w ");
    if (at != std::string::npos) out.insert(line.substr(at + 3));
    if (weak != std::string::npos) out.insert(line.substr(weak + 3));
  }
  return out;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, '|');) out.push_back(word);
  return out;
}

}  // namespace

TEST_CASE("no library but the door opens sockets or ttys, or starts programs") {
  const auto libraries = words_of(HAETAE_LIBRARIES);
  CHECK(libraries.size() >= 10);
  for (const std::string& library : libraries) {
    INFO(library);
    const auto symbols = undefined_symbols(library);
    REQUIRE_FALSE(symbols.empty());
    std::string found;
    for (const std::string& symbol : symbols) {
      if (is_forbidden(symbol)) found += symbol + " ";
    }
    CHECK(found == "");
  }
}

TEST_CASE("the check sees the sockets of the door itself") {
  const auto symbols = undefined_symbols(HAETAE_DOOR);
  for (const char* symbol : {"socket", "connect", "bind", "sendto", "posix_spawnp", "cfsetspeed"}) {
    CHECK(symbols.contains(symbol));
    CHECK(is_forbidden(symbol));
  }
  CHECK(is_forbidden("connect@GLIBC_2.2.5"));
  CHECK(is_forbidden("pcap_open_live"));
  CHECK_FALSE(is_forbidden("sqlite3_bind_text"));
}

TEST_CASE("every folder of the product is looked at") {
  const auto libraries = words_of(HAETAE_LIBRARIES);
  std::set<std::string> folders;
  for (const std::string& library : libraries) {
    folders.insert(fs::relative(fs::path(library).parent_path(), HAETAE_BINARY_DIR).string());
  }
  for (const auto& entry : fs::recursive_directory_iterator(HAETAE_SOURCE_DIR "/harness")) {
    if (entry.path().filename() != "CMakeLists.txt") continue;
    const fs::path folder = fs::relative(entry.path().parent_path(), HAETAE_SOURCE_DIR);
    bool sources = false;
    for (const auto& file : fs::directory_iterator(entry.path().parent_path())) {
      sources = sources || file.path().extension() == ".cpp";
    }
    if (!sources || folder == "harness/net") continue;
    INFO(folder);
    CHECK(folders.contains(folder.string()));
  }
  CHECK(folders.contains("testcases"));
  CHECK(folders.contains("reports"));
}
