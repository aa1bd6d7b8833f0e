#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "devices/personality.hpp"

namespace haetae::devices {

/// Updater is the part of a device that takes update files: a header of 256 bytes with model,
/// version, counter, length and digest, the content, and an RSA signature (PKCS #1 v1.5, SHA-256
/// unless a setting says SHA-1) of 256 bytes over both. It is safe to call from any thread.
class Updater {
 public:
  explicit Updater(const Personality& personality);
  ~Updater();

  /// provide() makes or reads the maker's key in the folder and writes the files that the maker
  /// hands over: update-current.bin, -newer.bin, -older.bin, -other-model.bin, update-maker.pem,
  /// and the certificate of the update server (update-server.crt, .key). Without a folder nobody
  /// has files for this device, and it takes none.
  [[nodiscard]] Outcome<void> provide(const std::filesystem::path& keys);

  [[nodiscard]] std::string version() const;
  /// install() checks a file as the settings say and makes its version the running one; it returns
  /// why not, or an empty text.
  [[nodiscard]] std::string install(std::string_view file);
  /// install_from_media() does the same with a file on a memory card, as media.signature says.
  [[nodiscard]] std::string install_from_media(std::string_view file);
  /// dropped() is what a transfer that ended early does.
  void dropped();
  /// bricked() is whether the device no longer starts.
  [[nodiscard]] bool bricked() const;
  /// reflash() writes the shipped version by the programmer of the laboratory.
  void reflash();
  /// ask_server() looks for a newer version at the update server and installs it; true if it did.
  bool ask_server(const std::string& own_address);
  /// look() asks the update server for the newest version and installs nothing; offered() is what
  /// it said then, if that ranks above the running one.
  void look(const std::string& own_address);
  [[nodiscard]] std::string offered() const;

 private:
  struct Keys;
  /// `how` is a word of update.signature.
  [[nodiscard]] std::string check(std::string_view file, const std::string& how) const;
  [[nodiscard]] std::string check_signature(std::string_view file, std::size_t content,
                                            const std::string& how) const;
  [[nodiscard]] std::string take(std::string_view file, const std::string& how);

  const Personality& personality_;
  const Settings& settings_;
  std::unique_ptr<Keys> keys_;
  mutable std::mutex mutex_;
  std::string version_, offered_;
  bool bricked_ = false;
};

/// make_update() is a file of that model and version, not yet signed.
[[nodiscard]] std::string make_update(const std::string& model, const std::string& version);

}  // namespace haetae::devices
