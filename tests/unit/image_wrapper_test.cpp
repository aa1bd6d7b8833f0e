#include <zlib.h>

#include <catch2/catch.hpp>
#include <stdexcept>

#include "tests/support/image_maker.hpp"

// Wrappers that no tool of Debian makes, written byte by byte after their documents, around a real
// squashfs; and containers that stand where nobody says.
using namespace haetae;
using namespace haetae::test;

namespace {

std::string number(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string swapped(std::uint64_t value, std::size_t bytes) {
  const std::string text = number(value, bytes);
  return {text.rbegin(), text.rend()};
}

std::uint32_t crc(const std::string& text) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

std::string squashfs_in(const TempDir& folder) {
  folder.write("root/etc/secret", std::string(kPlanted) + "\n", 0600);
  tool({"mksquashfs", folder.file("root"), folder.file("squashfs"), "-noappend", "-quiet"});
  return read_file(folder.file("squashfs"));
}

std::string noise(std::size_t bytes) {
  std::string out;
  std::uint64_t state = 88172645463325252ULL;
  while (out.size() < bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    out += static_cast<char>(state >> 24U);
  }
  return out;
}

// What walks over bytes find: the secret, once, in the squashfs with this way.
void check_secret(const TempDir& folder, const std::string& bytes, const std::string& way,
                  const std::string& why = "") {
  Seen seen;
  const auto walk = seen_in(folder.write("image", bytes), seen);
  CHECK(walk.why == why);
  CHECK(seen.find("/etc/secret").member.inside == way);
  CHECK(seen.holding(kPlanted) == 1);
}

}  // namespace

TEST_CASE("TRX is cut into its parts, and a wrong checksum is told") {
  const TempDir folder;
  const std::string squashfs = squashfs_in(folder),
                    loader = "U-Boot 2020.01" + std::string(50, '\1');
  const std::uint64_t second = 28 + loader.size();
  const std::string tail = number(0, 2) + number(1, 2) + number(28, 4) + number(second, 4) +
                           number(0, 4) + loader + squashfs;
  const std::string head = "HDR0" + number(12 + tail.size(), 4);
  check_secret(folder, head + number(crc(tail) ^ 0xffffffffU, 4) + tail,
               "trx@0/squashfs@" + std::to_string(second));
  check_secret(folder, head + number(1, 4) + tail, "trx@0/squashfs@" + std::to_string(second),
               "trx at offset 0 is damaged: its checksum is wrong");
}

TEST_CASE("MCUboot images are opened behind their header, locked ones are told") {
  const TempDir folder;
  const std::string squashfs = squashfs_in(folder);
  const auto image = [&](std::uint64_t flags) {
    return number(0x96f3b83d, 4) + number(0, 4) + number(64, 2) + number(0, 2) +
           number(squashfs.size(), 4) + number(flags, 4) + number(1, 8) + number(0, 4) +
           std::string(32, '\0') + squashfs + number(0x6907, 2) + number(40, 2) + number(0x10, 2) +
           number(32, 2) + std::string(32, 'h');
  };
  check_secret(folder, image(0), "mcuboot@0/squashfs@64");
  Seen seen;
  CHECK_FALSE(seen_in(folder.write("image", image(4)), seen).complete);
  CHECK(seen.first("mcuboot").state == "encrypted");
  CHECK(seen.first("squashfs").format == "");
}

TEST_CASE("boot images of Android give kernel and ramdisk") {
  const TempDir folder;
  const std::string squashfs = squashfs_in(folder),
                    kernel = "Linux version 6.1" + std::string(3000, 'k');
  std::string image = "ANDROID!" + number(kernel.size(), 4) + number(0, 4) +
                      number(squashfs.size(), 4) + number(0, 4) + number(0, 4) + number(0, 4) +
                      number(0, 4) + number(2048, 4) + number(0, 4);
  image.resize(2048);
  image += kernel;
  image.resize(3 * 2048);
  image += squashfs;
  check_secret(folder, image, "android-boot@0/squashfs@6144");
}

TEST_CASE("bundles of RAUC are a squashfs, perhaps a hash tree, and a signature") {
  const TempDir folder;
  const std::string squashfs = squashfs_in(folder), tree = noise(8192);
  const auto bundle = [&](const std::string& middle, const std::string& inside) {
    const std::string cms = std::string("\x30\x82") + swapped(inside.size(), 2) + inside;
    return squashfs + middle + cms + swapped(cms.size(), 8);
  };
  check_secret(folder, bundle("", std::string(1500, 's')), "rauc@0/squashfs@0");
  check_secret(folder,
               bundle(tree, "[bundle]\nformat=verity\nverity-size=8192\n" + std::string(1500, 's')),
               "rauc@0/squashfs@0");
  Seen seen;
  CHECK_FALSE(seen_in(folder.write("image", bundle(tree, std::string(1500, 's'))), seen).complete);
}

TEST_CASE("what is known but not opened is told, and what is locked") {
  const TempDir folder;
  struct Case {
    std::string bytes;
    const char* format;
    const char* state;
  };
  std::string erofs(8192, '\0'), seven = "7z\xbc\xaf\x27\x1c" + number(0, 2),
                                 start = std::string(20, '\1');
  erofs.replace(1024, 4, number(0xe0f5e1e2, 4));
  erofs[1024 + 12] = 12;
  const std::vector<Case> cases{
      {"LUKS\xba\xbe" + swapped(2, 2) + noise(9000), "luks", "encrypted"},
      {"CrAU" + swapped(2, 8) + noise(9000), "android-payload", "unsupported"},
      {erofs, "erofs", "unsupported"},
      {seven + number(crc(start), 4) + start + noise(9000), "seven-zip", "unsupported"},
      {"sqsh" + std::string(24, '\0') + swapped(3, 2) + noise(9000), "squashfs", "unsupported"},
  };
  for (const Case& one : cases) {
    INFO(one.format);
    Seen seen;
    const auto walk = seen_in(folder.write("image", one.bytes), seen);
    CHECK_FALSE(walk.complete);
    CHECK(seen.first(one.format).state == one.state);
    CHECK(seen.first(one.format).why != "");
  }
}

TEST_CASE("containers are found where nobody says that they are, and chance is not one") {
  const TempDir folder;
  const std::string squashfs = squashfs_in(folder);
  const std::string loader = "U-Boot 2020.01" + std::string(5000, '\2');
  check_secret(folder, loader + "odd" + squashfs + std::string(5000, '\xff'),
               "squashfs@" + std::to_string(loader.size() + 3));

  // A kernel with its packed initramfs inside, packed itself.
  tool({"bash", "-c",
        "cd " + folder.file("root") + " && find . | cpio -o -H newc --quiet | xz --check=crc32 >" +
            folder.file("initramfs")});
  folder.write("vmlinux", "Linux version 6.1.0 (builder)" + std::string(7000, '\3') +
                              read_file(folder.file("initramfs")) + std::string(7001, '\4'));
  tool({"bash", "-c", "gzip -9 <" + folder.file("vmlinux") + " >" + folder.file("kernel.gz")});
  check_secret(folder, loader + "MZ" + read_file(folder.file("kernel.gz")) + "end",
               "gzip@" + std::to_string(loader.size() + 2) + "/xz@7029/cpio@0");

  // The magics of everything, with nothing behind them.
  std::string magics;
  for (const char* magic :
       {"hsqs", "\x1f\x8b\x08\1",
        "\xfd"
        "7zXZ",
        "\x28\xb5\x2f\xfd", "BZh9", "070701", "PK\3\4", "HDR0", "UBI#", "\x5d\1\1",
        "\x3d\xb8\xf3\x96", "-rom1fs-", "\x45\x3d\xcd\x28", "\x31\x18\x10\x06", "\x85\x19\3\x20",
        "\xd0\x0d\xfe\xed", "\x27\x05\x19\x56", "\x3a\xff\x26\xed", "ustar"}) {
    magics += std::string(777, 'a') + magic;
  }
  Seen seen;
  (void)seen_in(folder.write("image", "Linux version " + magics + std::string(2000, 'b')), seen);
  CHECK(seen.states() == "kernel plain; padding plain");
}

TEST_CASE("an environment of U-Boot is known by its checksum") {
  const TempDir folder;
  std::string data = std::string("bootcmd=run distro\0bootdelay=3\0\0", 32);
  data.resize(8192 - 4);
  Seen seen;
  const auto walk =
      seen_in(folder.write("image", number(crc(data), 4) + data + std::string(8192, '\xff')), seen);
  CHECK(walk.why == "");
  CHECK(seen.first("u-boot-env").length == 8192);
  CHECK(seen.find("/raw@0x0").content.find("bootdelay=3") != std::string::npos);
}

TEST_CASE("a visitor that throws ends the walk, and the exception comes out") {
  class Thrower : public formats::Visitor {
   public:
    void part(const formats::Part&) override {}
    void member(const formats::Member& member, ByteView) override {
      if (member.path == "/etc/secret") throw std::runtime_error("no more");
    }
  };
  const TempDir folder;
  (void)squashfs_in(folder);
  Thrower thrower;
  CHECK_THROWS_AS(formats::walk(folder.file("squashfs"), {}, thrower), std::runtime_error);
}
