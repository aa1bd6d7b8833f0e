#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/image_maker.hpp"

// Images made to hurt: every walk must end, tell what it could not do, and write nothing.
using namespace haetae;
using namespace haetae::test;
namespace fs = std::filesystem;

namespace {

formats::Bounds small_bounds() {
  formats::Bounds bounds;
  bounds.one = 4U << 20U;
  bounds.expanded = 16U << 20U;
  bounds.members = 2000;
  bounds.time = std::chrono::seconds(20);
  return bounds;
}

std::string gzipped(const std::string& text) {
  z_stream state{};
  REQUIRE(deflateInit2(&state, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&state, text.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&state, Z_FINISH) == Z_STREAM_END);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

void put(std::string& text, std::size_t at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) text.at(at + i) = static_cast<char>(value >> (8 * i));
}

std::string ustar(const std::string& name, char type, const std::string& link,
                  const std::string& content) {
  std::string head(512, '\0');
  const auto set = [&](std::size_t at, const std::string& text) {
    head.replace(at, text.size(), text);
  };
  set(0, name);
  set(100, "0000644");
  set(108, "0000000");
  set(116, "0000000");
  char size[16];
  std::snprintf(size, sizeof size, "%011zo", content.size());
  set(124, size);
  set(136, "00000000000");
  set(148, "        ");
  head[156] = type;
  set(157, link);
  set(257, std::string("ustar\0"
                       "00",
                       8));
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  char check[16];
  std::snprintf(check, sizeof check, "%06o", sum);
  set(148, std::string(check) + std::string(1, '\0') + " ");
  return head + content + std::string((512 - content.size() % 512) % 512, '\0');
}

std::string newc(const std::string& name, unsigned mode, const std::string& content) {
  char head[128];
  std::snprintf(head, sizeof head, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1U,
                mode, 0U, 0U, 1U, 0U, static_cast<unsigned>(content.size()), 0U, 0U, 4U, 64U,
                static_cast<unsigned>(name.size() + 1), 0U);
  std::string out = std::string(head) + name + std::string(1, '\0');
  out.resize((out.size() + 3) / 4 * 4);
  out += content;
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}

// One small image of every kind.
std::vector<std::string> images_in(const TempDir& folder) {
  const std::string root = folder.file("root");
  folder.write("root/etc/secret", std::string(kPlanted) + "\n");
  folder.write("root/bin/tool", std::string(20'000, 't'));
  fs::create_symlink("/bin/tool", folder.file("root/link"));
  const auto path = [&](const char* name) { return folder.file(name); };
  tool({"mksquashfs", root, path("squashfs"), "-noappend", "-quiet"});
  tool({"mkfs.ext4", "-q", "-F", "-d", root, path("ext"), "1M"});
  tool({"mkfs.cramfs", root, path("cramfs")});
  tool({"genromfs", "-d", root, "-f", path("romfs")});
  tool({"mkfs.jffs2", "-d", root, "-o", path("jffs2")});
  tool({"mkfs.ubifs", "-m", "512", "-e", "15360", "-c", "100", "-d", root, "-o", path("ubifs")});
  const std::string config =
      folder.write("ubi.ini", "[v]\nmode=ubi\nimage=" + path("ubifs") +
                                  "\nvol_id=0\nvol_size=600KiB\nvol_type=dynamic\nvol_name=r\n");
  tool({"ubinize", "-o", path("ubi"), "-m", "512", "-p", "16KiB", config});
  const std::string go = "cd " + root + " && ";
  tool({"bash", "-c", go + "tar -cf " + path("tar") + " ."});
  tool({"bash", "-c", go + "find . | cpio -o -H newc --quiet >" + path("cpio")});
  tool({"bash", "-c", go + "zip -qry " + path("plain.zip") + " ."});
  for (const char* packer : {"gzip", "xz", "bzip2", "zstd", "lz4", "lzop"}) {
    tool({"bash", "-c", std::string(packer) + " -c <" + path("tar") + " >" + path(packer)});
  }
  tool({"img2simg", path("ext"), path("sparse")});
  tool({"mkimage", "-A", "arm", "-T", "kernel", "-C", "gzip", "-d", path("gzip"), path("uimage")});
  tool({"truncate", "-s", "512K", path("fat")});
  tool({"mkfs.vfat", path("fat")});
  tool({"mcopy", "-s", "-i", path("fat"), root + "/etc", "::/"});
  std::vector<std::string> out;
  for (const char* name :
       {"squashfs", "ext", "cramfs", "romfs", "jffs2", "ubifs", "ubi", "tar", "cpio", "plain.zip",
        "gzip", "xz", "bzip2", "zstd", "lz4", "lzop", "sparse", "uimage", "fat"}) {
    out.push_back(path(name));
  }
  return out;
}

}  // namespace

TEST_CASE("what is no image is an error or a damaged part, never a pass") {
  const TempDir folder;
  Seen seen;
  CHECK_FALSE(formats::walk(folder.file("missing"), {}, seen).has_value());
  CHECK_FALSE(formats::walk(folder.path(), {}, seen).has_value());
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(formats::walk(folder.file("pipe"), {}, seen).has_value());
  const auto empty = seen_in(folder.write("empty", ""), seen);
  CHECK_FALSE(empty.complete);
  CHECK(seen.states() == "empty damaged");
  for (const char* text : {"x", "hs", "hsqs", "\x1f\x8b\x08", "UBI#"}) {
    Seen one;
    (void)seen_in(folder.write("short", text), one);
    CHECK(one.parts.size() == 1);
  }
}

TEST_CASE("every image that is cut off says so, wherever it is cut") {
  const TempDir folder;
  for (const std::string& image : images_in(folder)) {
    const std::string whole = read_file(image);
    {
      Seen seen;
      INFO(image);
      CHECK(seen_in(image, seen, small_bounds()).why == "");
      CHECK(seen.holding(kPlanted) == 1);
    }
    for (const std::size_t keep :
         {whole.size() / 7, whole.size() / 3, whole.size() / 2, whole.size() * 3 / 4}) {
      INFO(image << " cut to " << keep << " of " << whole.size());
      Seen seen;
      const auto walk = seen_in(folder.write("cut", whole.substr(0, keep)), seen, small_bounds());
      REQUIRE_FALSE(seen.parts.empty());
      // Padding may be lost without loss; and a log has no length: what is missing of it cannot be
      // known.
      const bool log = image.ends_with("jffs2") || image.ends_with("ubi");
      if (!log && seen.holding(kPlanted) == 0) CHECK_FALSE(walk.complete);
    }
  }
}

TEST_CASE("flipped bits anywhere end in a walk that ends") {
  const TempDir folder;
  for (const std::string& image : images_in(folder)) {
    const std::string whole = read_file(image);
    std::uint64_t state = 0x9e3779b97f4a7c15ULL;
    for (int turn = 0; turn < 60; ++turn) {
      std::string broken = whole;
      for (int flip = 0; flip < 1 + turn % 8; ++flip) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        const std::size_t range =
            turn % 2 == 0 ? std::min<std::size_t>(broken.size(), 4096) : broken.size();
        broken[(state >> 20U) % range] ^= static_cast<char>(1U << (state >> 60U & 7U));
      }
      Seen seen;
      const auto walk = seen_in(folder.write("broken", broken), seen, small_bounds());
      CHECK(walk.size == broken.size());
      CHECK(walk.members <= small_bounds().members + seen.files.size());
    }
  }
}

TEST_CASE("bombs are stopped at the bound and told") {
  const TempDir folder;
  formats::Bounds bounds = small_bounds();
  const std::string zeros = gzipped(std::string(8U << 20U, '\0'));

  SECTION("one stream") {
    Seen seen;
    const auto walk = seen_in(folder.write("bomb.gz", zeros), seen, bounds);
    CHECK(seen.first("gzip").state == "bounded");
    CHECK_FALSE(walk.complete);
    CHECK(walk.expanded <= bounds.one);
  }
  SECTION("ratio") {
    bounds.one = 64U << 20U;
    bounds.ratio = 100;
    Seen seen;
    (void)seen_in(folder.write("bomb.gz", zeros), seen, bounds);
    CHECK(seen.first("gzip").state == "bounded");
    CHECK(seen.first("gzip").why.find("times its size") != std::string::npos);
  }
  SECTION("many streams behind each other") {
    std::string many;
    const std::string one = gzipped(std::string(1U << 20U, 'a'));
    for (int i = 0; i < 40; ++i) many += one + std::string(20, '\xff');
    Seen seen;
    const auto walk = seen_in(folder.write("many", many), seen, bounds);
    CHECK_FALSE(walk.complete);
    CHECK(walk.expanded <= bounds.expanded);
    CHECK(walk.why.find("unpacked bytes") != std::string::npos);
  }
  SECTION("nested deeper than allowed") {
    std::string nested = "the end of it all";
    for (int i = 0; i < 12; ++i) nested = gzipped(nested);
    Seen seen;
    const auto walk = seen_in(folder.write("nested", nested), seen, bounds);
    CHECK_FALSE(walk.complete);
    CHECK(walk.why.find("deeper") != std::string::npos);
    CHECK(std::count_if(seen.parts.begin(), seen.parts.end(),
                        [](const auto& part) { return part.state == "unpacked"; }) == 8);
  }
  SECTION("a zip whose members lie over each other") {
    folder.write("zeros", std::string(2U << 20U, '\0'));
    tool({"bash", "-c", "cd " + folder.path().string() + " && zip -q9 bomb.zip zeros"});
    const std::string zip = read_file(folder.file("bomb.zip"));
    const std::size_t central = zip.find("PK\1\2"), end = zip.find("PK\5\6");
    const std::string entry = zip.substr(central, end - central);
    std::string bomb = zip.substr(0, central);
    for (int i = 0; i < 400; ++i) bomb += entry;
    std::string record = zip.substr(end);
    put(record, 8, 400, 2);
    put(record, 10, 400, 2);
    put(record, 12, entry.size() * 400, 4);
    Seen seen;
    const auto walk = seen_in(folder.write("overlap.zip", bomb + record), seen, bounds);
    CHECK(walk.complete == (seen.files.size() == 1));  // told once, or bounded
    CHECK(walk.expanded <= bounds.expanded);
  }
  SECTION("too many members, no time, stopped") {
    std::string tar;
    for (int i = 0; i < 50; ++i) tar += ustar("file" + std::to_string(i), '0', "", "x");
    const std::string file = folder.write("many.tar", tar + std::string(1024, '\0'));
    bounds.members = 10;
    Seen seen;
    const auto walk = seen_in(file, seen, bounds);
    CHECK(seen.files.size() == 10);
    CHECK(walk.why.find("10 members") != std::string::npos);
    bounds = small_bounds();
    bounds.time = std::chrono::seconds(0);
    Seen late;
    CHECK(seen_in(file, late, bounds).why.find("seconds") != std::string::npos);
    std::stop_source stop;
    stop.request_stop();
    Seen stopped;
    const auto told = formats::walk(file, small_bounds(), stopped, stop.get_token());
    REQUIRE(told.has_value());
    CHECK_FALSE(told->complete);
    CHECK(stopped.files.empty());
  }
}

TEST_CASE("names that lead outside are marked, and nothing is written anywhere") {
  const TempDir folder;
  const std::string outside = folder.file("canary");
  std::string long_name(9000, 'n');
  const std::string pax = std::to_string(long_name.size() + 11) + " path=" + long_name + "\n";
  const std::string tar =
      ustar("../../../../../../../../.." + outside, '0', "", "evil") +
      ustar(outside, '0', "", "evil") + ustar("jump", '2', folder.path().string(), "") +
      ustar("jump/canary", '0', "", "evil") + ustar("up", '2', "../../..", "") +
      ustar("same", '0', "", "first") + ustar("same", '0', "", "second") +
      ustar("a\x1b[31m\nb", '0', "", "control") + ustar("tty", '3', "", "") +
      ustar("pax", 'x', "", pax) + ustar("short", '0', "", "long") + std::string(1024, '\0');
  const auto before = fs::directory_iterator(folder.path());
  const auto count = std::distance(fs::begin(before), fs::end(before));
  Seen seen;
  const auto walk = seen_in(folder.write("evil.tar", tar), seen, small_bounds());
  CHECK_FALSE(fs::exists(outside));
  const auto after = fs::directory_iterator(folder.path());
  CHECK(std::distance(fs::begin(after), fs::end(after)) == count + 1);
  REQUIRE(seen.files.size() >= 10);
  CHECK(seen.files[0].member.escapes);
  CHECK(seen.files[1].member.escapes);
  CHECK_FALSE(seen.find("/jump/canary").member.escapes);
  CHECK(seen.find("/up").member.escapes);
  CHECK(std::count_if(seen.files.begin(), seen.files.end(),
                      [](const auto& file) { return file.member.path == "/same"; }) == 2);
  CHECK(seen.find("/tty").member.kind == "device");
  CHECK(seen.find("/tty").content == "");
  for (const auto& file : seen.files) CHECK(file.member.path.size() <= 4096);
  CHECK(walk.why.find("longer than 4096") != std::string::npos);

  const std::string cpio = newc("dev/mem", 0020666, "") + newc("../out", 0100644, "x") +
                           newc("pipe", 0010644, "") + newc("sock", 0140644, "") +
                           newc("TRAILER!!!", 0, "");
  Seen nodes;
  (void)seen_in(folder.write("evil.cpio", cpio), nodes, small_bounds());
  CHECK(nodes.find("/dev/mem").member.kind == "device");
  CHECK(nodes.find("/../out").member.escapes);
  CHECK(nodes.find("/pipe").member.kind == "fifo");
  CHECK(nodes.find("/sock").member.kind == "socket");
}

TEST_CASE("squashfs that lies about its sizes is damaged, bounded or unsupported") {
  const TempDir folder;
  folder.write("root/file", std::string(200'000, 'f') + std::string(kPlanted));
  folder.write("root/small", "small");
  tool({"mksquashfs", folder.file("root"), folder.file("good"), "-noappend", "-quiet"});
  const std::string good = read_file(folder.file("good"));
  struct Lie {
    const char* what;
    std::size_t at;
    std::uint64_t value;
    std::size_t bytes;
    const char* state;
  };
  const std::vector<Lie> lies{{"length", 40, 1ULL << 60U, 8, "damaged"},
                              {"fragments", 16, 0xffffffff, 4, "damaged"},
                              {"fragment table", 80, 1ULL << 40U, 8, "damaged"},
                              {"directory table", 72, 1ULL << 40U, 8, "damaged"},
                              {"inode table", 64, 1ULL << 40U, 8, "damaged"},
                              {"owner table", 48, 1ULL << 40U, 8, "damaged"},
                              {"root", 32, 0xffffffffffff, 8, "damaged"},
                              {"compression", 20, 99, 2, "unsupported"},
                              {"version", 28, 3, 2, "unsupported"}};
  for (const Lie& lie : lies) {
    INFO(lie.what);
    std::string bad = good;
    put(bad, lie.at, lie.value, lie.bytes);
    Seen seen;
    const auto walk = seen_in(folder.write("bad", bad), seen, small_bounds());
    CHECK_FALSE(walk.complete);
    CHECK(seen.first("squashfs").state == lie.state);
    CHECK(seen.first("squashfs").why != "");
  }
  formats::Bounds bounds = small_bounds();
  bounds.one = 100'000;
  Seen seen;
  (void)seen_in(folder.file("good"), seen, bounds);
  CHECK(seen.first("squashfs").state == "bounded");
}

TEST_CASE("a member that is itself damaged, locked or bounded is told with its way") {
  const TempDir folder;
  const std::string broken = gzipped(std::string(50'000, 'q') + std::string(kPlanted));
  folder.write("root/etc/broken.gz", broken.substr(0, broken.size() / 2));
  folder.write("root/etc/plain", "plain");
  tool({"mksquashfs", folder.file("root"), folder.file("image"), "-noappend", "-quiet"});
  Seen seen;
  const auto walk = seen_in(folder.file("image"), seen);
  CHECK_FALSE(walk.complete);
  CHECK(seen.first("gzip").state == "damaged");
  CHECK(seen.first("gzip").inside == "squashfs@0(/etc/broken.gz)");
  CHECK(seen.find("/etc/plain").content == "plain");

  tool(
      {"bash", "-c", "cd " + folder.file("root") + " && zip -q -P secret ../locked.zip etc/plain"});
  Seen locked;
  CHECK_FALSE(seen_in(folder.file("locked.zip"), locked).complete);
  CHECK(locked.first("zip").state == "encrypted");
  CHECK(locked.holding("plain") == 0);
}

TEST_CASE("an image that is cut while it is looked at is still read whole") {
  // Cuts the file at the first member, as one who builds the next image into the same place would.
  class Cutter final : public Seen {
   public:
    explicit Cutter(std::string file) : file_(std::move(file)) {}
    void member(const formats::Member& member, ByteView content) override {
      fs::resize_file(file_, 0);
      Seen::member(member, content);
    }

   private:
    std::string file_;
  };
  const TempDir folder;
  std::string image = ustar("etc/first", '0', "", std::string(300'000, 'a'));
  image += ustar("etc/last", '0', "", std::string(kPlanted) + std::string(300'000, 'b'));
  image += std::string(1024, '\0');
  const std::string file = folder.write("image.tar", image);
  Cutter cutter(file);
  const auto walk = seen_in(file, cutter);
  CHECK(fs::file_size(file) == 0);
  CHECK(walk.complete);
  CHECK(walk.size == image.size());
  CHECK(cutter.holding(kPlanted) == 1);
  CHECK(cutter.find("/etc/last").content.size() == 300'000 + kPlanted.size());
}
