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
