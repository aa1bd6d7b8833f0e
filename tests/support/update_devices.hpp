#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/daemon.hpp"

namespace haetae::test {

/// UpdateDevice is a device that takes updates, built of what other people wrote, with the update
/// files of its maker: SWUpdate or RAUC with signatures, a twin that installs what it gets, or only
/// a page with the version and the .swu files, for an installer of the test's own.
class UpdateDevice {
 public:
  enum class Kind { swupdate, rauc, trusting_swu, trusting_rauc, page };
  /// It listens on `address`, port 8080; enter_own_network() comes first. The maker's RSA keys have
  /// `bits`. Throws where a program is missing.
  UpdateDevice(Kind kind, std::string address, int bits = 3072);

  /// declaration() is the device.xml of its maker.
  [[nodiscard]] std::string declaration() const;
  /// slot() is the file that is installed into.
  [[nodiscard]] std::string slot() const { return folder_.file("www/slot.txt"); }
  /// authority() is the certificate that the device trusts.
  [[nodiscard]] std::string authority() const { return folder_.file("ca.pem"); }
  /// folder() holds all of it.
  [[nodiscard]] const TempDir& folder() const { return folder_; }
  /// file() is one of the update files, by its role in the declaration.
  [[nodiscard]] std::string file(std::string_view role) const;
  /// installed() is the last line of what is installed: "SimCam version 1.4.2".
  [[nodiscard]] std::string installed() const;
  /// log() is what the installer said.
  [[nodiscard]] std::string log() const;

 private:
  void make_files(int bits);
  void start_swupdate();
  void start_rauc();
  void start_uploader(const std::string& mode);
  [[nodiscard]] bool swu() const { return kind_ != Kind::rauc && kind_ != Kind::trusting_rauc; }

  Kind kind_;
  std::string address_;
  TempDir folder_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
};

/// can_mount_loop() is false where RAUC cannot mount a bundle: it needs root and loop devices.
[[nodiscard]] bool can_mount_loop();

}  // namespace haetae::test
