#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "devices/settings.hpp"

struct ssh_bind_struct;
struct ssh_session_struct;

namespace haetae::devices {

/// SshHost holds the host key and the algorithms of the device's SSH service.
class SshHost {
 public:
  [[nodiscard]] static Outcome<std::shared_ptr<SshHost>> make(const Settings& settings,
                                                              const std::filesystem::path& keys);
  explicit SshHost(ssh_bind_struct* handle) : bind_(handle) {}
  ~SshHost();
  SshHost(const SshHost&) = delete;
  SshHost& operator=(const SshHost&) = delete;

  /// take() makes the session the server side of that descriptor, which it then owns.
  [[nodiscard]] bool take(ssh_session_struct* session, int descriptor);

 private:
  std::mutex mutex_;
  ssh_bind_struct* bind_;
};

}  // namespace haetae::devices
