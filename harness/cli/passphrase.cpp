#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>

#include <fmt/format.h>

#include "harness/cli/setup.hpp"

namespace haetae::cli {
namespace {

/// on_terminal() is whether somebody can be asked: OpenSSL would read standard input instead, and
/// an unattended run would wait there for ever.
bool on_terminal() {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) return false;
  ::close(terminal);
  return true;
}

}  // namespace

evidence::AskPassphrase terminal_passphrase() {
  if (!on_terminal()) return {};
  return [](const std::string& what) -> Result<std::string> {
    std::array<char, 1024> typed{};
    const std::string prompt = fmt::format("Passphrase or PIN of {}: ", printable(what));
    const int failed =
        EVP_read_pw_string(typed.data(), static_cast<int>(typed.size()), prompt.c_str(), 0);
    std::string passphrase(typed.data());
    OPENSSL_cleanse(typed.data(), typed.size());
    if (failed != 0 || passphrase.empty()) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("no passphrase was given for {}", printable(what)));
    }
    return passphrase;
  };
}

}  // namespace haetae::cli
