#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

/// Simulated devices: real listeners on real ports of a loopback address, with defects that are
/// switched on by name. Nothing here uses code of the harness, so that a mistake on one side is not
/// repeated on the other.
namespace haetae::devices {

/// Outcome is a value, or one sentence that says what went wrong.
template <class T>
using Outcome = tl::expected<T, std::string>;

struct Device;
struct Personality;

/// Port is one listening port of a simulated device.
struct Port {
  std::string transport;  ///< tcp, udp
  std::uint16_t number = 0;
  std::string kind;  ///< what speaks there: web, redirect, ssh, rtsp, mqtt, snmp, ssdp, telnet …
  bool tls = false;
  bool operator==(const Port&) const = default;
};

/// Defect is one switchable fault of a personality.
struct Defect {
  std::string name;
  std::string says;                 ///< what is wrong, one sentence
  std::vector<std::string> breaks;  ///< ids of the criteria that must fail, and no others
  bool firmware_only = false;       ///< nothing but the firmware image differs
  bool operator==(const Defect&) const = default;
};

/// Options change a personality for one start.
struct Options {
  std::string address;  ///< one, or IPv4 and IPv6 with a blank between; empty: the personality's
  std::vector<std::string> defects;  ///< names; an unknown one is an error that lists the known
  std::map<std::string, std::string> settings;  ///< applied last; names as in settings.cpp
  std::filesystem::path keys{};  ///< folder in which its keys outlive it; empty: new ones
  std::filesystem::path
      firmware{};  ///< file that gets its firmware image, as write_firmware(); empty: none
  std::filesystem::path control;  ///< Unix socket for send_control(); empty: none
  /// address at which a second unit of the product is served, in its factory state, with keys and
  /// factory passwords of its own; empty: there is none
  std::string second_unit{};
};

/// second_address() is where the second unit of a device on IPv4 loopback stands in demonstrations
/// and tests: 50 addresses further on, or before; empty for any other address.
[[nodiscard]] std::string second_address(const std::string& device);

/// Simulator is one running device. Its listeners are open when start() returns; the destructor
/// closes them, ends every connection and waits for the threads. Its methods may be called from any
/// thread.
class Simulator {
 public:
  /// start() reads the personality (strictly: unknown names are errors with file and line), makes
  /// its keys, certificates and firmware image and opens its ports. Ports under 1024 need the right
  /// to bind them.
  [[nodiscard]] static Outcome<std::unique_ptr<Simulator>> start(
      const std::filesystem::path& personality, const Options& options = {});
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  [[nodiscard]] std::vector<std::string> addresses() const;
  [[nodiscard]] std::vector<Port> ports() const;
  /// ca_pem() is the certificate of the test authority that signed the device's certificate.
  [[nodiscard]] std::string ca_pem() const;
  /// connections() counts the accepted TCP connections since the start.
  [[nodiscard]] std::uint64_t connections() const;

  /// kill_device() closes every listener and resets every connection, as when power is lost.
  void kill_device();
  /// power_cycle() kills and starts again: sessions end, accounts, blocks and keys stay.
  [[nodiscard]] Outcome<void> power_cycle();
  /// change_identity() makes new keys and certificates: another device at the same address.
  void change_identity();
  /// hang() stops every answer while ports stay open; it ends with power_cycle() or the object.
  void hang();
  /// factory_state() brings back the shipped state: only factory accounts with factory passwords.
  void factory_state();
  /// normal_state() brings back the accounts and passwords of the personality.
  void normal_state();

  /// reflash() writes the shipped firmware by the laboratory's programmer and starts the device.
  [[nodiscard]] Outcome<void> reflash();

  /// command() is what the control socket understands: factory, normal, power-cycle, kill, hang,
  /// identity, version, state, reflash, media FILE (a memory card with that update file is put in).
  /// The answer is one line without its end.
  [[nodiscard]] Outcome<std::string> command(std::string_view name);

  struct Impl;

 private:
  static Outcome<std::unique_ptr<Simulator>> start_unit(Personality personality,
                                                        const std::filesystem::path& socket,
                                                        const Device* keys_of);
  explicit Simulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// list_defects() reads the defects of a personality, in its order.
[[nodiscard]] Outcome<std::vector<Defect>> list_defects(const std::filesystem::path& personality);

/// write_firmware() writes the firmware image of a personality with the defects and settings of
/// `options` to a file, without starting it, and beside it FILE.dump and FILE.after-reset: what its
/// storage holds in use and after a reset. The same options give another image each time: its
/// keys are new.
[[nodiscard]] Outcome<void> write_firmware(const std::filesystem::path& personality,
                                           const Options& options,
                                           const std::filesystem::path& file);

/// send_control() sends one command to the control socket of a running simulator and returns its
/// answer; it waits at most 10 seconds.
[[nodiscard]] Outcome<std::string> send_control(const std::filesystem::path& socket,
                                                std::string_view command);

}  // namespace haetae::devices
