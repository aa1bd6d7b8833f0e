#include "devices/device.hpp"

#include <fmt/format.h>

#include "devices/events.hpp"
#include "devices/ssh_host.hpp"

namespace haetae::devices {

Device::Device(Personality what)
    : personality(std::move(what)),
      accounts(personality),
      journal(personality.settings, personality.addresses().front()),
      updater(personality),
      backup(personality.settings),
      events(std::make_unique<EventHub>(
          fmt::format(R"({{"model":"{}","motion":false}})", personality.maker.model))) {
  accounts.when_tried([this](const std::string& surface, const std::string& user, LoginResult how) {
    const bool done = how == LoginResult::accepted;
    journal.write({.kind = done ? "login" : "login-failure",
                   .user = user,
                   .text = (done ? "login at " : "login refused at ") + surface,
                   .done = done});
  });
}
Device::~Device() = default;

std::shared_ptr<const TlsIdentity> Device::tls_identity() const {
  const std::lock_guard lock(mutex_);
  return tls_;
}

std::shared_ptr<SshHost> Device::ssh_host() const {
  const std::lock_guard lock(mutex_);
  return ssh_;
}

Outcome<void> Device::make_identity(const std::filesystem::path& keys) {
  auto tls = make_tls_identity(settings, personality.address, personality.maker.model, keys);
  if (!tls) return tl::unexpected(tls.error());
  auto ssh = SshHost::make(settings, keys);
  if (!ssh) return tl::unexpected(ssh.error());
  const std::lock_guard lock(mutex_);
  tls_ = std::make_shared<const TlsIdentity>(std::move(*tls));
  ssh_ = std::move(*ssh);
  return {};
}

void Device::share_identity(const Device& other) {
  auto tls = other.tls_identity();
  auto ssh = other.ssh_host();
  const std::lock_guard lock(mutex_);
  tls_ = std::move(tls);
  ssh_ = std::move(ssh);
}

bool Device::may_view() const {
  return !accounts.factory() || settings.text("factory.view") == "granted";
}

bool Device::may_control() const {
  return !accounts.factory() || settings.text("factory.control") == "granted";
}

}  // namespace haetae::devices
