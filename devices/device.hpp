#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "devices/accounts.hpp"
#include "devices/backup.hpp"
#include "devices/connection.hpp"
#include "devices/journal.hpp"
#include "devices/personality.hpp"
#include "devices/pki.hpp"
#include "devices/store.hpp"
#include "devices/updater.hpp"

namespace haetae::devices {

class EventHub;
class SshHost;

/// Device is what all services of one simulated device share.
struct Device {
  explicit Device(Personality what);
  ~Device();

  [[nodiscard]] std::shared_ptr<const TlsIdentity> tls_identity() const;
  [[nodiscard]] std::shared_ptr<SshHost> ssh_host() const;
  /// make_identity() makes keys and certificates, or takes those of the folder.
  [[nodiscard]] Outcome<void> make_identity(const std::filesystem::path& keys = {});
  /// share_identity() takes the keys and certificates of another device.
  void share_identity(const Device& other);
  /// may_view(), may_control(): whether the state of the device allows it at all.
  [[nodiscard]] bool may_view() const;
  [[nodiscard]] bool may_control() const;

  const Personality personality;
  const Settings& settings = personality.settings;
  AccountBook accounts;
  Store store;
  Journal journal;
  Power power;
  Updater updater;
  Backup backup;
  std::unique_ptr<EventHub> events;
  /// later() does something after the answer was sent: restart, look for an update.
  std::function<void(std::function<void()>)> later;
  std::function<void()> restart;  ///< ends every connection and starts again, unless it is bricked
  std::function<void(std::uint16_t)> open;  ///< listens on one more TCP port, which echoes
  std::function<void()> halt;               ///< goes away until its power is switched off and on
  std::atomic<std::int64_t> agent_silent_until{0};  ///< SNMP, milliseconds of the steady clock
  const std::string secret = random_hex(16);        ///< of digest nonces

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsIdentity> tls_;
  std::shared_ptr<SshHost> ssh_;
};

/// One function for each kind of service; each serves one connection to its end.
void serve_web(Device& device, Connection& connection);
void serve_redirect(Device& device, Connection& connection);
void serve_basic(Device& device, Connection& connection);
void serve_ssh(Device& device, Connection& connection);
void serve_rtsp(Device& device, Connection& connection);
void serve_mqtt(Device& device, Connection& connection);
void serve_telnet(Device& device, Connection& connection);
void serve_ftp(Device& device, Connection& connection);
/// serve_echo() sends back what it gets: a protocol that nobody knows.
void serve_echo(Device& device, Connection& connection);
/// serve_hostile() behaves as hostile.answer says, whatever the protocol.
void serve_hostile(Device& device, Connection& connection, const std::string& kind);

/// scripted_tls() answers a ClientHello that only a weak peer would, where the settings ask for it,
/// and is true when it did. It must be asked before start_tls().
[[nodiscard]] bool scripted_tls(Device& device, Connection& connection);

/// answer_datagram() is the answer of a UDP service of that kind, if it gives one.
[[nodiscard]] std::optional<std::string> answer_datagram(Device& device, const std::string& kind,
                                                         std::string_view datagram);

}  // namespace haetae::devices
