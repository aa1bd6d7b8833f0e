#include <catch2/catch.hpp>

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

// rauc checks the signature, and in the verity format every block, before it unpacks.
bool rauc_takes(const Maker& maker, ByteView file, const std::string& keyring) {
  maker.write("asked.raucb", file);
  maker.run({"rm", "-rf", "unpacked"});
  const auto done =
      maker.try_run({"rauc", "extract", "--keyring=" + keyring, "asked.raucb", "unpacked"});
  UNSCOPED_INFO(done.output);
  return done.exit_code == 0;
}

}  // namespace

TEST_CASE(
    "a RAUC bundle of either format is judged as rauc judges it, and so is each altered one") {
  for (const char* format : {"plain", "verity"}) {
    INFO(format);
    const Maker maker;
    const Bytes file = maker.rauc(format);
    const std::vector<Bytes> keys{maker.bytes("ca.pem")};
    const UpdateFile known = read(file, keys);
    CHECK(known.format == "rauc");
    CHECK(known.version == "1.2.0");
    CHECK(known.model == "Camera");
    REQUIRE(known.signatures.size() == 1);
    CHECK(known.signatures[0].scheme == "cms");
    CHECK(known.signatures[0].verifies == "yes");
    CHECK(known.signatures[0].key_bits == 2048);
    CHECK(rauc_takes(maker, file, "ca.pem"));
    const Maker stranger;
    CHECK(read(file, {stranger.bytes("ca.pem")}).signatures[0].verifies == "no");
    CHECK(formats::not_made(known).size() == 1);
    const auto all = formats::mutate(file, known);
    CHECK(all.size() == 13);
    for (const Mutation& one : all) {
      INFO(one.id << ": " << one.what);
      CHECK(one.bytes != file);
      CHECK_FALSE(rauc_takes(maker, one.bytes, "ca.pem"));
      const auto judged = formats::read_update_file(one.bytes, std::nullopt, keys);
      if (judged && judged->format == "rauc") CHECK(judged->signatures[0].verifies == "no");
    }
  }
}

TEST_CASE("an altered RAUC bundle is whole apart from its origin: with our root rauc unpacks it") {
  for (const char* format : {"plain", "verity"}) {
    INFO(format);
    const Maker maker;
    const Bytes file = maker.rauc(format);
    const UpdateFile known = read(file, {});
    for (const char* id : {"foreign-key", "unknown-certificate", "expired-certificate"}) {
      INFO(id);
      const auto one = formats::mutate_one(file, known, id);
      REQUIRE(one);
      const UpdateFile judged = read(one->bytes, {});
      REQUIRE(judged.signatures[0].certificates.size() == 2);
      maker.write("ours.der", judged.signatures[0].certificates[1]);
      maker.run({"openssl", "x509", "-inform", "DER", "-in", "ours.der", "-out", "ours.pem"});
      const bool taken = rauc_takes(maker, one->bytes, "ours.pem");
      CHECK(taken == (std::string(id) != "expired-certificate"));
      if (!taken) continue;
      const Bytes image = maker.bytes("unpacked/rootfs.img");
      CHECK_FALSE(one->marker.empty());
      CHECK(as_text(image).find(one->marker) != std::string_view::npos);
      const auto told = maker.try_run({"rauc", "info", "--keyring=ours.pem", "asked.raucb"});
      CHECK(told.output.find(to_hex(sha256(image))) != std::string::npos);
      // The file system of ours is one that squashfs-tools read, too.
      CHECK(maker.try_run({"unsquashfs", "-s", "asked.raucb"}).exit_code == 0);
    }
  }
}
