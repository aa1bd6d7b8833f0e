#include "tests/support/update_devices.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

namespace haetae::test {
namespace {

constexpr const char* kSupport = HAETAE_SOURCE_DIR "/tests/support/";

std::string read(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string tool(std::string_view name) {
  const std::string found = find_tool(name);
  if (found.empty()) throw std::runtime_error(fmt::format("{} is not installed", name));
  return found;
}

void must(const std::vector<std::string>& argv) {
  const ToolResult result = run_tool(argv);
  if (result.exit_code != 0)
    throw std::runtime_error(fmt::format("{}: {}", argv.front(), result.output));
}

/// bus_configuration() is a private message bus on which everybody may do everything.
std::string bus_configuration(const std::string& socket) {
  return fmt::format(
      "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" "
      "\"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
      "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>"
      "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
      "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n",
      socket);
}

}  // namespace

UpdateDevice::UpdateDevice(Kind kind, std::string address, int bits)
    : kind_(kind), address_(std::move(address)) {
  make_files(bits);
  switch (kind_) {
    case Kind::swupdate: start_swupdate(); break;
    case Kind::rauc: start_rauc(); break;
    case Kind::trusting_swu: start_uploader("trusting-swu"); break;
    case Kind::trusting_rauc: start_uploader("trusting-raucb"); break;
    case Kind::page: start_uploader("page"); break;
  }
}

/// make_files() makes keys and update files, and puts the version under test into the slot.
void UpdateDevice::make_files(int bits) {
  (void)folder_.write("www/slot.txt", "");
  must({"/bin/bash", std::string(kSupport) + "update_files.sh", swu() ? "swu" : "raucb",
        folder_.path().string(), folder_.file("www/slot.txt"), std::to_string(bits)});
  // As large as what is installed later: a slot that is a partition never grows.
  std::ofstream slot(folder_.file("www/slot.txt"), std::ios::binary);
  slot << std::string(20266 - 21, '-') << "\nSimCam version 1.4.2\n";
}

void UpdateDevice::start_swupdate() {
  (void)folder_.write("swupdate.cfg",
                      "globals : { verbose = true; loglevel = 4; bootloader = \"none\"; };\n");
  (void)folder_.write("sockets/here", "");
  daemons_.push_back(std::make_unique<Daemon>(
      std::vector<std::string>{"/usr/bin/env", "TMPDIR=" + folder_.file("sockets"),
                               tool("swupdate"), "-f", folder_.file("swupdate.cfg"), "-k",
                               folder_.file("ca.pem"), "-H", "simcam:1.0", "-N", "1.4.2", "-w",
                               fmt::format("-r {} -p {}:8080", folder_.file("www"), address_)},
      folder_));
  daemons_.back()->wait_for_port(address_, 8080);
}

void UpdateDevice::start_rauc() {
  const std::string bus = folder_.file("bus");
  (void)folder_.write("bus.conf", bus_configuration(bus));
  (void)folder_.write("rescue", "");
  (void)folder_.write("mount/here", "");
  std::filesystem::remove(folder_.file("mount/here"));
  (void)folder_.write(
      "system.conf",
      fmt::format("[system]\ncompatible=simcam-1.0\nbootloader=noop\nmountprefix={0}/mount\n"
                  "statusfile={0}/status\nbundle-formats=plain verity\n[keyring]\n"
                  "path=ca.pem\n[slot.rescue.0]\ndevice={0}/rescue\ntype=raw\nbootname=rescue\n"
                  "readonly=true\n[slot.app.0]\ndevice={0}/www/slot.txt\ntype=raw\n",
                  folder_.path().string()));
  daemons_.push_back(std::make_unique<Daemon>(
      std::vector<std::string>{tool("dbus-daemon"), "--config-file=" + folder_.file("bus.conf"),
                               "--nofork", "--print-address"},
      folder_));
  daemons_.back()->wait_for_output("unix:path=");
  daemons_.push_back(std::make_unique<Daemon>(
      std::vector<std::string>{"/usr/bin/env", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + bus,
                               tool("rauc"), "-c", folder_.file("system.conf"),
                               "--override-boot-slot=rescue", "service"},
      folder_));
  start_uploader("rauc");
}

void UpdateDevice::start_uploader(const std::string& mode) {
  daemons_.push_back(std::make_unique<Daemon>(
      std::vector<std::string>{
          "/usr/bin/env", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + folder_.file("bus"),
          tool("python3"), std::string(kSupport) + "update_device.py", address_, "8080", mode,
          folder_.file("www/slot.txt"), folder_.file("system.conf")},
      folder_));
  daemons_.back()->wait_for_port(address_, 8080);
}

std::string UpdateDevice::declaration() const {
  const auto image = [&](const char* role, const char* version) {
    return fmt::format("<image file=\"{}\" version=\"{}\" role=\"{}\"/>", file(role), version,
                       role);
  };
  const bool own_page = kind_ == Kind::swupdate;
  return fmt::format(
      "<device format=\"1\"><identity maker=\"Debian\" model=\"SimCam\" category=\"test\" "
      "serial=\"{0}\" hardware=\"1\" firmware=\"1.4.2\"/><certification type=\"standard\"/>"
      "<addresses><address>{0}</address></addresses><scope><network>{0}/32</network></scope>"
      "<authorisation by=\"test\" from=\"2026-01-01\" until=\"2099-12-31\"/>"
      "<permit hazard=\"may-brick\"/>"
      "<services><service port=\"tcp/8080\" protocol=\"http\" purpose=\"update\" "
      "management=\"yes\"/></services>"
      "<update mechanism=\"{1}\" recovery=\"the slot is written again\" settle-seconds=\"6\">"
      "{2}<key file=\"{3}\"/><upload port=\"tcp/8080\" path=\"/upload\"/></update>"
      "<product-information><shown field=\"firmware\" port=\"tcp/8080\" path=\"{4}\"/>"
      "</product-information></device>",
      address_, own_page ? "swupdate" : (swu() ? "http-upload" : "rauc"),
      image("current", "1.4.2") + image("newer", "1.5.0") + image("older", "1.3.0") +
          image("other-model", "1.5.0") + image("expired-signer", "1.5.0"),
      folder_.file("ca.pem"), own_page ? "/slot.txt" : "/version");
}

std::string UpdateDevice::file(std::string_view role) const {
  return folder_.file(fmt::format("{}.{}", role, swu() ? "swu" : "raucb"));
}

std::string UpdateDevice::installed() const {
  std::string text = read(folder_.file("www/slot.txt"));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

std::string UpdateDevice::log() const {
  std::string out;
  for (const auto& daemon : daemons_) out += daemon->output();
  return out;
}

bool can_mount_loop() {
  if (::geteuid() != 0) return false;
  struct stat place {};
  return ::stat("/dev/loop-control", &place) == 0;
}

}  // namespace haetae::test
