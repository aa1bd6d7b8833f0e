#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/formats/update_image.hpp"
#include "tests/support/update_maker.hpp"

using namespace haetae;
using formats::Mutation;
using formats::UpdateFile;
using test::Maker;

namespace {

UpdateFile read(ByteView file, const std::vector<Bytes>& keys) {
  auto out = formats::read_update_file(file, std::nullopt, keys);
  INFO((out ? "" : out.error().message()));
  REQUIRE(out);
  return *out;
}

// As mender-artifact writes it (artifact-format-v3.md): the tool itself is not in Debian.
Bytes mender(const Maker& maker, bool ec) {
  maker.rootfs();
  maker.folder().write("version", R"({"format":"mender","version":3})");
  maker.folder().write(
      "header-info",
      R"({"payloads":[{"type":"rootfs-image"}],"artifact_provides":{"artifact_name":)"
      R"("release-1.2.0"},"artifact_depends":{"device_type":["camera"]}})");
  maker.run({"tar", "--format=ustar", "-czf", "header.tar.gz", "header-info"});
  maker.run({"sh", "-c", "mkdir -p data && tar --format=ustar -czf data/0000.tar.gz rootfs.img"});
  std::string manifest;
  const auto line = [&](const char* file, const char* name) {
    manifest += to_hex(sha256(maker.bytes(file))) + "  " + name + "\n";
  };
  line("rootfs.img", "data/0000/rootfs.img");
  line("header.tar.gz", "header.tar.gz");
  line("version", "version");
  maker.folder().write("manifest", manifest);
  maker.run({"openssl", "dgst", "-sha256", "-sign", "signer.key", "-out", "raw.sig", "manifest"});
  if (ec) {
    // r and s of 32 bytes each, as its Go code writes them.
    const std::string parsed =
        maker.run({"openssl", "asn1parse", "-inform", "DER", "-in", "raw.sig"});
    Bytes fixed;
    for (std::size_t at = 0; (at = parsed.find("INTEGER", at)) != std::string::npos; ++at) {
      const std::size_t from = parsed.find(':', at) + 1;
      std::string hex = parsed.substr(from, parsed.find('\n', from) - from);
      hex.insert(0, 64 - hex.size(), '0');
      for (std::size_t digit = 0; digit < 64; digit += 2)
        fixed.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(digit, 2), nullptr, 16)));
    }
    REQUIRE(fixed.size() == 64);
    maker.write("raw.sig", fixed);
  }
  maker.run({"openssl", "base64", "-A", "-in", "raw.sig", "-out", "manifest.sig"});
  maker.run({"tar", "--format=ustar", "-cf", "update.mender", "version", "manifest", "manifest.sig",
             "header.tar.gz", "data/0000.tar.gz"});
  return maker.bytes("update.mender");
}

// As signapk writes it: CMS without signed attributes in the comment of the zip.
Bytes android(const Maker& maker) {
  maker.rootfs();
  maker.folder().write("META-INF/com/android/metadata",
                       "post-build=maker/camera:1.2.0/user\npre-device=camera\n");
  maker.run(
      {"sh", "-c", "rm -f ota.zip && zip -q -X ota.zip META-INF/com/android/metadata rootfs.img"});
  Bytes file = maker.bytes("ota.zip");
  file.erase(file.end() - 2, file.end());
  maker.write("covered", file);
  maker.run({"openssl", "cms", "-sign", "-binary", "-noattr", "-in", "covered", "-signer",
             "signer.pem", "-inkey", "signer.key", "-outform", "DER", "-out", "ota.cms"});
  const Bytes cms = maker.bytes("ota.cms");
  const auto put = [&](std::size_t value) {
    file.push_back(static_cast<std::uint8_t>(value));
    file.push_back(static_cast<std::uint8_t>(value >> 8U));
  };
  put(cms.size() + 6);
  file.insert(file.end(), cms.begin(), cms.end());
  put(cms.size() + 6);
  put(0xffff);
  put(cms.size() + 6);
  return file;
}

void refuses_what_is_covered(const Bytes& file, const UpdateFile& known,
                             const std::vector<Bytes>& keys) {
  for (const std::string& id : formats::mutation_ids(known)) {
    const auto one = formats::mutate_one(file, known, id);
    INFO(id << ": " << (one ? one->what : one.error().message()));
    REQUIRE(one);
    CHECK(one->bytes != file);
    if (id == "truncated" || id == "empty") continue;
    const UpdateFile judged = read(one->bytes, keys);
    CHECK((judged.signatures[0].verifies == "yes") == !one->covered);
    if (id == "unsigned") CHECK(judged.signatures[0].scheme == "none");
  }
}

}  // namespace

TEST_CASE("Mender artifacts: RSA and ECDSA over the manifest, digests of what stands inside") {
  for (const bool ec : {false, true}) {
    INFO(ec);
    const Maker maker(ec ? "ec" : "rsa:3072");
    const Bytes file = mender(maker, ec);
    const std::vector<Bytes> keys{maker.bytes("signer.pub")};
    const UpdateFile known = read(file, keys);
    CHECK(known.format == "mender");
    CHECK(known.version == "release-1.2.0");
    CHECK(known.model == "camera");
    REQUIRE(known.signatures.size() == 1);
    CHECK(known.signatures[0].scheme == (ec ? "ecdsa" : "rsa-pkcs1"));
    CHECK(known.signatures[0].key_bits == (ec ? 256 : 3072));
    CHECK(known.signatures[0].verifies == "yes");
    CHECK(read(file, {}).signatures[0].key_bits == (ec ? 256 : 3072));
    refuses_what_is_covered(file, known, keys);
    // The altered payload is the one that the manifest tells of.
    const auto altered = formats::mutate_one(file, known, "flip-payload");
    REQUIRE(altered);
    maker.write("altered.mender", altered->bytes);
    maker.run({"sh", "-c",
               "rm -rf out && mkdir out && tar -xf altered.mender -C out && tar -xzf "
               "out/data/0000.tar.gz -C out"});
    const Bytes image = maker.bytes("out/rootfs.img");
    CHECK(as_text(image).find(altered->marker) != std::string_view::npos);
    CHECK(as_text(maker.bytes("out/manifest")).find(to_hex(sha256(image))) !=
          std::string_view::npos);
    const auto model = formats::mutate_one(file, known, "wrong-model");
    REQUIRE(model);
    CHECK(read(model->bytes, {}).model == "haetae-other-model");
  }
}

TEST_CASE("Android's update packages: CMS in the comment over everything before it") {
  const Maker maker;
  const Bytes file = android(maker);
  const std::vector<Bytes> keys{maker.bytes("signer.pem")};
  const UpdateFile known = read(file, keys);
  CHECK(known.format == "android-ota");
  CHECK(known.model == "camera");
  CHECK(known.version == "maker/camera:1.2.0/user");
  REQUIRE(known.signatures.size() == 1);
  CHECK(known.signatures[0].scheme == "cms");
  CHECK(known.signatures[0].verifies == "yes");
  CHECK(formats::not_made(known).empty());
  refuses_what_is_covered(file, known, keys);
  for (const char* id :
       {"flip-payload", "wrong-model", "foreign-key", "unsigned", "path-traversal"}) {
    INFO(id);
    const auto one = formats::mutate_one(file, known, id);
    REQUIRE(one);
    maker.write("altered.zip", one->bytes);
    const auto tested = maker.try_run({"unzip", "-t", "altered.zip"});
    INFO(tested.output);
    CHECK(tested.output.find("No errors detected") != std::string::npos);
  }
  const auto ours = formats::mutate_one(file, known, "foreign-key");
  REQUIRE(ours);
  const UpdateFile judged = read(ours->bytes, {});
  REQUIRE(judged.signatures[0].certificates.size() == 2);
  CHECK(read(ours->bytes, {judged.signatures[0].certificates[0]}).signatures[0].verifies == "yes");
}

TEST_CASE(
    "cut at every border and with every byte of a header overwritten, nothing is read outside") {
  const Maker maker;
  maker.rootfs();
  maker.folder().write("small.txt", "payload\n");
  maker.run({"mkimage", "-A", "arm", "-T", "kernel", "-C", "none", "-n", "camera", "-d",
             "small.txt", "u.img"});
  std::vector<Bytes> files{maker.swu("cms"), mender(maker, false), android(maker),
                           maker.bytes("u.img")};
  for (const Bytes& whole : files) {
    const UpdateFile known = read(whole, {});
    INFO(known.format);
    std::vector<std::size_t> borders;
    for (const auto& region : known.regions) {
      borders.push_back(static_cast<std::size_t>(region.offset));
      borders.push_back(static_cast<std::size_t>(region.offset + region.length));
    }
    for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 700); at += 3)
      borders.push_back(at);
    for (const std::size_t border : borders) {
      for (const std::size_t cut : {border - 1, border, border + 1}) {
        if (cut > whole.size()) continue;
        const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(cut));
        const auto read_part = formats::read_update_file(part, std::nullopt, {});
        if (read_part) CHECK(read_part->regions.size() < 64);
        // Even what was read of another file must not lead outside of this one.
        (void)formats::mutate_one(part, known, "flip-payload");
        (void)formats::mutate_one(part, known, "flip-signature");
      }
    }
    for (std::size_t at = 0; at < std::min<std::size_t>(whole.size(), 600); ++at) {
      Bytes broken = whole;
      broken[at] = 0xff;
      const auto out = formats::read_update_file(broken, std::nullopt, {});
      if (!out) continue;
      for (const auto& region : out->regions)
        CHECK((region.offset <= broken.size() && region.length <= broken.size() - region.offset));
    }
  }
}

TEST_CASE("small files of every format, cut at every byte and with every byte overwritten") {
  std::size_t seen = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(HAETAE_SOURCE_DIR "/fixtures/corpus/update_image")) {
    INFO(entry.path().filename().string());
    std::ifstream in(entry.path(), std::ios::binary);
    const Bytes whole{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto known = formats::read_update_file(whole, std::nullopt, {});
    ++seen;
    // Every byte of what is small, and a few of what is padding.
    const std::size_t step = whole.size() > 2000 ? 13 : 1;
    for (std::size_t at = 0; at < whole.size(); at += step) {
      Bytes broken = whole;
      broken[at] = static_cast<std::uint8_t>(broken[at] ^ 0xffU);
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
      for (const Bytes& file : {broken, part}) {
        const auto out = formats::read_update_file(file, std::nullopt, {});
        if (known) (void)formats::mutate_one(file, *known, "flip-payload");
        if (!out) continue;
        for (const auto& region : out->regions)
          CHECK((region.offset <= file.size() && region.length <= file.size() - region.offset));
      }
    }
  }
  CHECK(seen >= 11);
}
