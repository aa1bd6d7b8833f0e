#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

#include "devices/elf.hpp"
#include "devices/settings.hpp"

namespace haetae::devices {

/// FirmwareEntry is one thing in the root file system of the simulated device.
struct FirmwareEntry {
  std::string kind;          ///< file, folder, link, program, certificate, private-key,
                             ///< environment (of U-Boot, one setting a line), drop
  std::string path;          ///< absolute
  std::string in = "image";  ///< image, dump (of the storage in use), after-reset (of it after one)
  unsigned mode = 0644;
  unsigned uid = 0, gid = 0;
  std::string text;  ///< of a file
  std::string to;    ///< target of a link
  ElfSpec program;
  std::string key = "p-256";  ///< of a certificate or private key: p-256, rsa-2048, rsa-1024
  std::string name;           ///< common name of a certificate
  int days = 3650;            ///< a certificate ends then; negative: it has ended
};

/// Firmware is the firmware image of a simulated device: a boot image (flattened image tree) with
/// kernel, device tree and a packed root file system.
struct Firmware {
  std::vector<FirmwareEntry> entries;
};

/// read_firmware() reads a <firmware> element; `fail` is told what is wrong where.
using FirmwareFault = std::function<void(pugi::xml_node, std::string)>;
void read_firmware(pugi::xml_node node, Firmware& out, const FirmwareFault& fail);

/// change_firmware() puts entries in place of those of the same path in the same place; "drop"
/// takes one away.
void change_firmware(Firmware& firmware, const Firmware& by);

/// make_dump() is what would be read from the storage chip: "dump" or "after-reset".
[[nodiscard]] std::string make_dump(const Firmware& firmware, const std::string& in);

/// make_firmware() is the whole image; its keys and certificates are new each time. Throws
/// std::runtime_error where a library fails.
[[nodiscard]] std::string make_firmware(const Firmware& firmware, const Settings& settings,
                                        const std::string& model, const std::string& version);

}  // namespace haetae::devices
