#include <catch2/catch.hpp>
#include <map>

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

// What SWUpdate itself says of a file, without installing it.
bool swupdate_takes(const Maker& maker, ByteView file, const std::string& key) {
  maker.write("asked.swu", file);
  const auto done = maker.try_run(
      {test::find_tool("swupdate"), "-n", "-i", "asked.swu", "-k", key, "-H", "camera:1.0"});
  UNSCOPED_INFO(done.output);
  // Its exit code also tells whether its pipe was read to the end, which it does not do itself.
  return done.output.find("SWUPDATE successful") != std::string::npos;
}

bool contains(const std::vector<std::string>& list, std::string_view what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

TEST_CASE("a .swu with CMS is judged as openssl and swupdate judge it") {
  const Maker maker;
  const Bytes file = maker.swu("cms");
  const UpdateFile known = read(file, {maker.bytes("ca.pem")});
  CHECK(known.format == "swu");
  CHECK(known.version == "1.2.0");
  CHECK(known.model == "1.0");
  REQUIRE(known.signatures.size() == 1);
  CHECK(known.signatures[0].scheme == "cms");
  CHECK(known.signatures[0].digest == "sha256");
  CHECK(known.signatures[0].key_algorithm == "rsa");
  CHECK(known.signatures[0].key_bits == 2048);
  CHECK(known.signatures[0].over == "manifest");
  CHECK(known.signatures[0].certificates.size() == 1);
  CHECK(known.signatures[0].verifies == "yes");
  CHECK(swupdate_takes(maker, file, "ca.pem"));
  CHECK(read(file, {}).signatures[0].verifies == "unknown");
  CHECK(read(file, {maker.bytes("signer.pub")}).signatures[0].verifies == "yes");
  const Maker stranger;
  CHECK(read(file, {stranger.bytes("ca.pem")}).signatures[0].verifies == "no");
  CHECK(read(file, {stranger.bytes("signer.pub")}).signatures[0].verifies == "no");
}

TEST_CASE("swupdate refuses what the signature covers and takes what it does not") {
  const Maker maker;
  const Bytes file = maker.swu("cms");
  const std::vector<Bytes> keys{maker.bytes("ca.pem")};
  const UpdateFile known = read(file, keys);
  const auto ids = formats::mutation_ids(known);
  CHECK(ids.size() == 14);
  CHECK(formats::not_made(known).empty());
  for (const Mutation& one : formats::mutate(file, known)) {
    INFO(one.id << ": " << one.what);
    CHECK(contains(ids, one.id));
    CHECK(one.format == "swu");
    CHECK_FALSE(one.what.empty());
    CHECK(one.bytes != file);
    if (one.id == "truncated" || one.id == "empty") {
      CHECK_FALSE(swupdate_takes(maker, one.bytes, "ca.pem"));
      continue;
    }
    CHECK(swupdate_takes(maker, one.bytes, "ca.pem") == !one.covered);
    const auto judged = formats::read_update_file(one.bytes, std::nullopt, keys);
    REQUIRE(judged);
    CHECK((judged->signatures[0].verifies == "yes") == !one.covered);
    if (!one.marker.empty()) CHECK(as_text(one.bytes).find(one.marker) != std::string_view::npos);
  }
}

TEST_CASE(
    "an altered .swu is whole apart from its origin: with our key for a root swupdate takes it") {
  const Maker maker;
  const Bytes file = maker.swu("cms");
  const UpdateFile known = read(file, {});
  for (const char* id : {"foreign-key", "unknown-certificate", "expired-certificate"}) {
    const auto one = formats::mutate_one(file, known, id);
    REQUIRE(one);
    INFO(one->what);
    const auto judged = read(one->bytes, {});
    REQUIRE(judged.signatures.size() == 1);
    REQUIRE(judged.signatures[0].certificates.size() == 2);
    maker.write("ours.der", judged.signatures[0].certificates[1]);
    maker.run({"openssl", "x509", "-inform", "DER", "-in", "ours.der", "-out", "ours.pem"});
    maker.write("leaf.der", judged.signatures[0].certificates[0]);
    const std::string leaf =
        maker.run({"openssl", "x509", "-inform", "DER", "-in", "leaf.der", "-noout", "-subject"});
    CHECK((leaf.find("Release signer") != std::string::npos) ==
          (std::string(id) != "unknown-certificate"));
    CHECK(swupdate_takes(maker, one->bytes, "ours.pem") ==
          (std::string(id) != "expired-certificate"));
    CHECK(read(one->bytes, {maker.bytes("ours.pem")}).signatures[0].verifies == "yes");
  }
}

TEST_CASE("a .swu with RSA is judged with the public key and signed anew alike") {
  const Maker maker;
  const Bytes file = maker.swu("rsa");
  const UpdateFile known = read(file, {maker.bytes("signer.pub")});
  REQUIRE(known.signatures.size() == 1);
  CHECK(known.signatures[0].scheme == "rsa-pkcs1");
  CHECK(known.signatures[0].key_bits == 2048);
  CHECK(known.signatures[0].verifies == "yes");
  const UpdateFile blind = read(file, {});
  CHECK(blind.signatures[0].scheme == "unknown");
  CHECK(blind.signatures[0].key_algorithm == "rsa");
  CHECK(blind.signatures[0].key_bits == 2048);
  const auto ids = formats::mutation_ids(known);
  CHECK(contains(ids, "foreign-key"));
  CHECK_FALSE(contains(ids, "expired-certificate"));
  const auto one = formats::mutate_one(file, known, "foreign-key");
  REQUIRE(one);
  CHECK(read(one->bytes, {maker.bytes("signer.pub")}).signatures[0].verifies == "no");
  maker.write("altered.swu", one->bytes);
  maker.run({"sh", "-c", "cpio -i -u --quiet < altered.swu"});
  CHECK(maker
            .try_run({"openssl", "dgst", "-sha256", "-verify", "signer.pub", "-signature",
                      "sw-description.sig", "sw-description"})
            .exit_code != 0);
}

TEST_CASE("a .swu without signature is told as such, its checksums are right after every change") {
  const Maker maker;
  const Bytes file = maker.swu("none");
  const UpdateFile known = read(file, {});
  REQUIRE(known.signatures.size() == 1);
  CHECK(known.signatures[0].scheme == "none");
  const auto ids = formats::mutation_ids(known);
  CHECK_FALSE(contains(ids, "unsigned"));
  CHECK(formats::not_made(known).size() == 14 - ids.size());
  const auto one = formats::mutate_one(file, known, "flip-payload");
  REQUIRE(one);
  REQUIRE_FALSE(one->marker.empty());
  maker.write("altered.swu", one->bytes);
  // cpio checks the checksum of each member as it unpacks.
  const auto unpacked = maker.try_run({"sh", "-c", "cpio -i -u --quiet < altered.swu"});
  CHECK(unpacked.exit_code == 0);
  CHECK(unpacked.output.empty());
  CHECK(as_text(maker.bytes("rootfs.img")).find(one->marker) != std::string_view::npos);
  CHECK(as_text(maker.bytes("sw-description")).find(to_hex(sha256(maker.bytes("rootfs.img")))) !=
        std::string_view::npos);
}
