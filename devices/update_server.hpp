#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "devices/simulator.hpp"

/// The device's own side of an update that it fetches: HTTP inside TLS from one server, whose
/// certificate it knows.
namespace haetae::devices {

struct ServerName {
  std::string own;  ///< from which the device asks
  std::string address;
  std::uint16_t port = 0;
};

/// make_server_certificate() writes update-server.crt and .key into the folder unless they are
/// there.
[[nodiscard]] Outcome<void> make_server_certificate(const std::filesystem::path& keys);

/// update_server_of() is the server that a setting names, ADDRESS:PORT; "=" is port 8443 of the
/// address that ends in .1 beside the device's own.
[[nodiscard]] ServerName update_server_of(const std::string& setting, const std::string& own);

/// newest_version() is what the server says is the newest version, empty if it does not answer.
[[nodiscard]] std::string newest_version(const ServerName& server,
                                         const std::filesystem::path& keys, bool trusting);

/// fetch_update() asks the server for the newest version and fetches it if it ranks above
/// `running`. It returns the file, or nothing. It waits at most 3 seconds for each answer.
[[nodiscard]] std::string fetch_update(const ServerName& server, const std::filesystem::path& keys,
                                       bool trusting, const std::string& running,
                                       long (*rank)(std::string_view));

}  // namespace haetae::devices
