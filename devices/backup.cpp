#include "devices/backup.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "devices/accounts.hpp"

namespace haetae::devices {
namespace {

constexpr std::string_view kHead = "# SimCam settings 1\n";
constexpr std::string_view kTag = "tag=";
constexpr std::size_t kMostLines = 100;

std::map<std::string, std::string> shipped() {
  return {{"timezone", "UTC"},
          {"stream.quality", "high"},
          {"stream.encrypted", "yes"},
          {"night.mode", "automatic"},
          {"motion.zones", "2"}};
}

}  // namespace

Backup::Backup(const Settings& settings)
    : settings_(settings), key_(random_hex(32)), values_(shipped()) {}

void Backup::factory() {
  const std::lock_guard lock(mutex_);
  values_ = shipped();
}

std::string Backup::tag(std::string_view text) const {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (settings_.text("backup.tag") == "checksum")
    EVP_Digest(text.data(), text.size(), out, &length, EVP_sha256(), nullptr);
  else
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes, text.size(), out,
         &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", out[i]);
  return hex;
}

std::string Backup::save() const {
  const std::lock_guard lock(mutex_);
  std::string text(kHead);
  for (const auto& [name, value] : values_) text += fmt::format("{}={}\n", name, value);
  return text + std::string(kTag) + tag(text) + "\n";
}

std::string Backup::restore(std::string_view file) {
  if (settings_.text("backup.restore") == "refused") return "settings cannot be restored";
  const auto at = file.rfind(kTag);
  const auto body = file.substr(0, at);
  if (settings_.text("backup.tag") != "ignored") {
    if (at == std::string_view::npos || file.substr(0, kHead.size()) != kHead)
      return "this is no settings file";
    if (file.substr(at + kTag.size()) != tag(body) + "\n") return "the file was changed";
  }
  std::map<std::string, std::string> taken;
  for (auto rest = body; !rest.empty() && taken.size() < kMostLines;) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (const auto equals = line.find('='); equals != std::string_view::npos && line[0] != '#')
      taken.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  const std::lock_guard lock(mutex_);
  values_ = std::move(taken);
  return "";
}

}  // namespace haetae::devices
