#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/image_maker.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

// What every container that keeps Unix modes must give of small_root().
void check_root(const Seen& seen, std::string_view way) {
  const auto secret = seen.find("/etc/secret");
  CHECK(secret.member.inside == way);
  CHECK(secret.member.kind == "file");
  CHECK(secret.member.mode == 0640);
  CHECK(secret.member.mode_known);
  CHECK(secret.content == std::string(kPlanted) + "\n");
  CHECK(seen.holding(kPlanted) == 1);
  CHECK(seen.find("/usr/bin/tool").member.mode == 04755);
  CHECK(seen.find("/usr/share/large.txt").content.size() == 593'388);
  CHECK(seen.find("/usr/share/zeros").content == std::string(300'000, '\0') + "tail");
  CHECK(seen.find("/etc/empty").member.kind == "file");
  CHECK(seen.find("/etc/link").member.kind == "link");
  CHECK(seen.find("/etc/link").member.target == "/usr/bin/tool");
  CHECK_FALSE(seen.find("/etc/link").member.escapes);
  CHECK(seen.find("/etc/climbs").member.escapes);
  CHECK(seen.find("/a/b/c/d/e/deep").content == "deep\n");
  CHECK(seen.find("/many/file39").content == "number 39\n");
  CHECK(seen.find("/many").member.kind == "directory");
}

}  // namespace

TEST_CASE("squashfs of every compression is unpacked") {
  const TempDir folder;
  const std::string root = small_root(folder);
  for (const char* compression : {"gzip", "xz", "lzo", "lz4", "zstd", "lzma"}) {
    INFO(compression);
    const std::string image = folder.file(std::string("image.") + compression);
    const auto made = run_tool(
        {find_tool("mksquashfs"), root, image, "-comp", compression, "-noappend", "-quiet"});
    if (made.output.find("not available") != std::string::npos ||
        made.output.find("not supported") != std::string::npos) {
      CHECK(std::string_view(compression) == "lzma");  // Debian's mksquashfs leaves it out
      continue;
    }
    REQUIRE(made.exit_code == 0);
    Seen seen;
    const auto walk = seen_in(image, seen);
    check_root(seen, "squashfs@0");
    CHECK(walk.complete);
    CHECK(walk.why == "");
    CHECK(seen.first("squashfs").state == "unpacked");
    CHECK(walk.sha256.size() == 64);
  }
}

TEST_CASE("archives are unpacked, packed or not") {
  const TempDir folder;
  const std::string root = small_root(folder);
  const auto path = [&](const char* name) { return folder.file(name); };
  tool({"tar", "-C", root, "-cf", path("plain.tar"), "."});
  tool(
      {"bash", "-c", "cd " + root + " && find . | cpio -o -H newc --quiet >" + path("plain.cpio")});
  tool({"bash", "-c", "cd " + root + " && zip -qry " + path("plain.zip") + " ."});
  for (const auto& [file, way] : std::vector<std::pair<std::string, std::string>>{
           {"plain.tar", "tar@0"}, {"plain.cpio", "cpio@0"}, {"plain.zip", "zip@0"}}) {
    INFO(file);
    Seen seen;
    const auto walk = seen_in(folder.file(file), seen);
    check_root(seen, way);
    CHECK(walk.why == "");
  }
  const std::vector<std::pair<std::string, std::string>> packers{
      {"gzip -9", "gzip"}, {"xz", "xz"},      {"xz --format=lzma", "lzma"}, {"bzip2", "bzip2"},
      {"zstd -q", "zstd"}, {"lz4 -q", "lz4"}, {"lz4 -q -l", "lz4"},         {"lzop", "lzo"}};
  for (const auto& [packer, format] : packers) {
    INFO(packer);
    tool({"bash", "-c", packer + " -c <" + path("plain.cpio") + " >" + path("packed")});
    Seen seen;
    const auto walk = seen_in(path("packed"), seen);
    check_root(seen, format + "@0/cpio@0");
    CHECK(walk.why == "");
  }
}

TEST_CASE("a kernel image with a packed payload is opened and its header named") {
  const TempDir folder;
  const std::string root = small_root(folder);
  tool({"bash", "-c",
        "cd " + root + " && find . | cpio -o -H newc --quiet | gzip >" + folder.file("initrd")});
  tool({"mkimage", "-A", "arm", "-T", "ramdisk", "-C", "gzip", "-n", "test", "-d",
        folder.file("initrd"), folder.file("uImage")});
  Seen seen;
  const auto walk = seen_in(folder.file("uImage"), seen);
  check_root(seen, "uimage@0/gzip@64/cpio@0");
  CHECK(walk.why == "");
  CHECK(seen.first("gzip").offset == 64);
  CHECK(seen.first("gzip").inside == "uimage@0");
}

TEST_CASE("stretches between containers are named: padding, text, ciphertext, environment") {
  const TempDir folder;
  std::string noise;
  std::uint64_t state = 88172645463325252ULL;
  for (int i = 0; i < 40'000; ++i) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    noise += static_cast<char>(state >> 24U);
  }
  const std::string file =
      folder.write("image", std::string(8192, '\xff') + noise + std::string(8192, '\0') +
                                "plain text\n" + std::string(5000, '\xff'));
  Seen seen;
  const auto walk = seen_in(file, seen);
  CHECK(seen.states() ==
        "padding plain; padding plain; padding plain; text plain; unknown encrypted");
  CHECK_FALSE(walk.complete);
  CHECK(seen.first("unknown").offset == 8192);
  CHECK(seen.first("unknown").length == 40'000);
  CHECK(seen.holding("plain text") == 1);
  REQUIRE_FALSE(walk.entropy.empty());
  CHECK(walk.entropy.size() <= 512);
  CHECK(walk.entropy.front().bits == 0);
}

TEST_CASE("file systems of disks are unpacked: ext2, ext4, FAT of three widths") {
  const TempDir folder;
  const std::string root = small_root(folder);
  const std::vector<std::vector<std::string>> kinds{
      {"-t", "ext2"},
      {"-t", "ext2", "-b", "4096", "-r", "0"},
      {"-t", "ext3"},
      {"-t", "ext4"},
      {"-t", "ext4", "-O", "inline_data", "-I", "256"},
      {"-t", "ext4", "-b", "1024", "-O", "^64bit,^metadata_csum"}};
  for (const auto& kind : kinds) {
    std::vector<std::string> make{"mkfs.ext4", "-q", "-F", "-d", root};
    make.insert(make.end(), kind.begin(), kind.end());
    const std::string file = folder.file("image.ext");
    std::filesystem::remove(file);
    make.insert(make.end(), {file, "16M"});
    std::string said;
    for (const std::string& word : kind) said += word + " ";
    INFO(said);
    tool(make);
    Seen seen;
    const auto walk = seen_in(file, seen);
    check_root(seen, "ext@0");
    CHECK(walk.why == "");
    CHECK(seen.find("/lost+found").member.kind == "directory");
  }
  for (const char* bits : {"12", "16", "32"}) {
    INFO(bits);
    const std::string file = folder.file(std::string("image.fat") + bits);
    tool({"truncate", "-s",
          std::string(bits) == "12"   ? "4M"
          : std::string(bits) == "16" ? "20M"
                                      : "80M",
          file});
    tool({"mkfs.vfat", "-F", bits, file});
    tool({"mcopy", "-s", "-i", file, root + "/many", root + "/usr", root + "/a", "::/"});
    tool({"mcopy", "-i", file, root + "/etc/secret", "::/A long name of a file.txt"});
    Seen seen;
    const auto walk = seen_in(file, seen);
    CHECK(walk.why == "");
    CHECK(seen.find("/A long name of a file.txt").content == std::string(kPlanted) + "\n");
    CHECK_FALSE(seen.find("/A long name of a file.txt").member.mode_known);
    CHECK(seen.find("/usr/share/large.txt").content.size() == 593'388);
    CHECK(seen.find("/a/b/c/d/e/deep").content == "deep\n");
    CHECK(seen.find("/many/file39").content == "number 39\n");
  }
}

TEST_CASE("disk images are cut into partitions, and what lies before them is seen") {
  const TempDir folder;
  const std::string root = small_root(folder);
  tool({"mkfs.ext4", "-q", "-F", "-d", root, folder.file("ext"), "8M"});
  tool({"mksquashfs", root, folder.file("squash"), "-noappend", "-quiet"});
  for (const char* label : {"dos", "gpt"}) {
    INFO(label);
    const std::string disk = folder.file(std::string("disk.") + label);
    tool({"truncate", "-s", "24M", disk});
    const std::string table =
        folder.write("table", std::string("label: ") + label +
                                  "\nstart=2048, size=16384\nstart=20480, size=16384\n");
    tool({"bash", "-c", find_tool("sfdisk") + " -q " + disk + " <" + table});
    tool({"dd", "if=" + folder.file("ext"), "of=" + disk, "bs=1M", "seek=1", "conv=notrunc"});
    tool({"dd", "if=" + folder.file("squash"), "of=" + disk, "bs=1M", "seek=10", "conv=notrunc"});
    const std::string loader =
        folder.write("loader", "U-Boot 2023.01 (Jan 01 2023)" + std::string(200, '\1'));
    tool({"dd", "if=" + loader, "of=" + disk, "bs=1k", "seek=100", "conv=notrunc"});
    Seen seen;
    const auto walk = seen_in(disk, seen);
    CHECK(walk.why == "");
    CHECK(seen.holding(kPlanted) == 2);
    CHECK(seen.first("ext").offset == 1U << 20U);
    CHECK(seen.first("ext").inside == "partition-table@0");
    CHECK(seen.first("squashfs").offset == 10U << 20U);
    CHECK(seen.find("/etc/secret").member.offset != 0);
    CHECK(seen.first("boot-loader").offset == 102'400);
  }
}

TEST_CASE("update containers are opened down to the files of the root") {
  const TempDir folder;
  const std::string root = small_root(folder);
  const auto path = [&](const char* name) { return folder.file(name); };
  const std::string go = "cd " + folder.path().string() + " && ";
  tool({"mksquashfs", root, path("rootfs.squashfs"), "-noappend", "-quiet"});
  tool({"mkfs.ext4", "-q", "-F", "-d", root, path("rootfs.ext4"), "8M"});

  SECTION("SWUpdate") {
    folder.write("sw-description", "software = { version = \"1.0\"; };\n");
    tool({"bash", "-c",
          go + "printf 'sw-description\nrootfs.squashfs\n' | cpio -o -H crc --quiet >image.swu"});
    Seen seen;
    const auto walk = seen_in(path("image.swu"), seen);
    check_root(seen, "swu@0(/rootfs.squashfs)/squashfs@0");
    CHECK(walk.why == "");
    CHECK(seen.find("/sw-description").content.starts_with("software"));
  }
  SECTION("Mender") {
    folder.write("version", "{\"format\":\"mender\",\"version\":3}");
    tool({"bash", "-c",
          go + "mkdir data && tar -czf data/0000.tar.gz rootfs.ext4 && tar -cf image.mender "
               "version data/0000.tar.gz"});
    Seen seen;
    const auto walk = seen_in(path("image.mender"), seen);
    CHECK(walk.why == "");
    CHECK(seen.first("mender").state == "unpacked");
    check_root(seen, "mender@0(/data/0000.tar.gz)/gzip@0/tar@0(/rootfs.ext4)/ext@0");
  }
  SECTION("FIT, data inside and behind") {
    tool({"bash", "-c", "gzip -c " + path("rootfs.ext4") + " >" + path("kernel.gz")});
    folder.write("tree.dts", "/dts-v1/; / { compatible = \"test\"; };\n");
    tool({"dtc", "-O", "dtb", "-o", path("tree.dtb"), path("tree.dts")});
    folder.write(
        "image.its",
        "/dts-v1/; / { description = \"t\"; #address-cells = <1>; images {\n"
        "kernel { data = /incbin/(\"kernel.gz\"); type = \"kernel\"; arch = \"arm\"; os = "
        "\"linux\"; compression = \"gzip\"; load = <0>; entry = <0>; hash { algo = \"sha256\"; }; "
        "};\n"
        "fdt { data = /incbin/(\"tree.dtb\"); type = \"flat_dt\"; arch = \"arm\"; compression = "
        "\"none\"; };\n"
        "}; configurations { default = \"c\"; c { kernel = \"kernel\"; fdt = \"fdt\"; }; }; };\n");
    for (const char* external : {"", "-E"}) {
      INFO(external);
      tool({"bash", "-c", go + "mkimage " + external + " -f image.its image.itb"});
      Seen seen;
      const auto walk = seen_in(path("image.itb"), seen);
      CHECK(walk.why == "");
      CHECK(seen.first("fit").state == "unpacked");
      CHECK(seen.first("device-tree").state == "plain");
      CHECK(seen.holding(kPlanted) >= 1);
      CHECK(seen.find("/etc/secret").member.inside.starts_with("fit@0/gzip@"));
    }
  }
  SECTION("sparse image of Android") {
    tool({"img2simg", path("rootfs.ext4"), path("sparse.img")});
    Seen seen;
    const auto walk = seen_in(path("sparse.img"), seen);
    check_root(seen, "android-sparse@0/ext@0");
    CHECK(walk.why == "");
  }
  SECTION("several files in one image of U-Boot") {
    tool({"mkimage", "-A", "arm", "-T", "multi", "-C", "none", "-d",
          path("rootfs.squashfs") + ":" + path("rootfs.ext4"), path("multi")});
    Seen seen;
    const auto walk = seen_in(path("multi"), seen);
    CHECK(walk.why == "");
    CHECK(seen.holding(kPlanted) == 2);
  }
}

TEST_CASE("file systems of flash memory are unpacked: JFFS2, UBI and UBIFS") {
  const TempDir folder;
  const std::string root = small_root(folder);
  const auto path = [&](const char* name) { return folder.file(name); };
  for (const char* how : {"-l -X zlib", "-b", "-l -x zlib -X lzo", "-l -x zlib -x lzo -X rtime",
                          "-l -m none", "-l -n -e 65536 -p"}) {
    INFO(how);
    tool({"bash", "-c",
          find_tool("mkfs.jffs2") + " -U -d " + root + " -o " + path("image.jffs2") + " " + how});
    Seen seen;
    const auto walk = seen_in(path("image.jffs2"), seen);
    check_root(seen, "jffs2@0");
    CHECK(walk.why == "");
  }
  for (const char* compression : {"lzo", "zlib", "zstd", "none"}) {
    INFO(compression);
    tool({"mkfs.ubifs", "-m", "2048", "-e", "126976", "-c", "200", "-x", compression, "-d", root,
          "-o", path("image.ubifs")});
    Seen plain;
    const auto first = seen_in(path("image.ubifs"), plain);
    check_root(plain, "ubifs@0");
    CHECK(first.why == "");
    const std::string config = folder.write(
        "ubi.ini", "[v]\nmode=ubi\nimage=" + path("image.ubifs") +
                       "\nvol_id=0\nvol_size=20MiB\nvol_type=dynamic\nvol_name=rootfs\n");
    tool({"ubinize", "-o", path("image.ubi"), "-m", "2048", "-p", "128KiB", config});
    Seen seen;
    const auto walk = seen_in(path("image.ubi"), seen);
    check_root(seen, "ubi@0(/rootfs)/ubifs@0");
    CHECK(walk.why == "");
  }
  const std::string config = folder.write(
      "static.ini", "[v]\nmode=ubi\nimage=" + folder.write("text", std::string(kPlanted)) +
                        "\nvol_id=3\nvol_type=static\nvol_name=settings\n");
  tool({"ubinize", "-o", path("static.ubi"), "-m", "1", "-p", "64KiB", config});
  Seen seen;
  CHECK(seen_in(path("static.ubi"), seen).why == "");
  CHECK(seen.holding(kPlanted) == 1);
}

TEST_CASE("file systems of read-only memory are unpacked: cramfs and romfs") {
  const TempDir folder;
  const std::string root = small_root(folder);
  tool({"mkfs.cramfs", root, folder.file("image.cramfs")});
  Seen cram;
  CHECK(seen_in(folder.file("image.cramfs"), cram).why == "");
  check_root(cram, "cramfs@0");
  tool({"mkfs.cramfs", "-N", "big", root, folder.file("big.cramfs")});
  Seen big;
  CHECK_FALSE(seen_in(folder.file("big.cramfs"), big).complete);
  CHECK(big.first("cramfs").state == "unsupported");
  tool({"genromfs", "-d", root, "-f", folder.file("image.romfs")});
  Seen rom;
  CHECK(seen_in(folder.file("image.romfs"), rom).why == "");
  CHECK(rom.find("/etc/secret").content == std::string(kPlanted) + "\n");
  CHECK(rom.find("/usr/share/large.txt").content.size() == 593'388);
  CHECK(rom.find("/etc/link").member.target == "/usr/bin/tool");
  CHECK(rom.find("/a/b/c/d/e/deep").content == "deep\n");
}
