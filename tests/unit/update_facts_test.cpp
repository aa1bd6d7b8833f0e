#include <catch2/catch.hpp>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/update_maker.hpp"

using namespace haetae;

namespace {

declaration::Declaration camera(const test::Maker& maker,
                                std::initializer_list<std::pair<const char*, const char*>> images) {
  auto device = test::lab_declaration("127.44.0.1");
  device.update.mechanism = "http-upload";
  device.update.keys = {maker.file("ca.pem")};
  for (const auto& [file, role] : images)
    device.update.images.push_back({.file = maker.file(file), .version = "1.2.0", .role = role});
  return device;
}

void look(test::FakeContext& context) {
  const auto done = testcases::update_images_procedure().run(context);
  REQUIRE(done);
}

}  // namespace

TEST_CASE("each declared update file is recorded with its signature and the certificates in it") {
  const test::Maker maker;
  maker.write("new.swu", maker.swu("cms"));
  maker.write("old.swu", maker.swu("none"));
  test::FakeContext context(
      camera(maker, {{"new.swu", "current"}, {"old.swu", "older"}, {"old.swu", "older"}}));
  look(context);
  const auto files = runner::facts<facts::UpdateFile>(context);
  REQUIRE(files.size() == 3);
  CHECK(files[0].subject == "update:current");
  CHECK(files[0].format == "swu");
  CHECK(files[0].version == "1.2.0");
  CHECK(files[0].sha256 == to_hex(sha256(maker.bytes("new.swu"))));
  CHECK(files[1].subject == "update:older");
  CHECK(files[2].subject == "update:older-2");
  const auto signatures = runner::facts<facts::UpdateSignature>(context);
  REQUIRE(signatures.size() == 3);
  CHECK(signatures[0].scheme == "cms");
  CHECK(signatures[0].verifies == "yes");
  CHECK(signatures[0].evidence != files[0].evidence);
  CHECK(signatures[1].scheme == "none");
  const auto certificates = runner::facts<facts::UpdateCertificate>(context);
  REQUIRE(certificates.size() == 1);
  CHECK(certificates[0].subject_name.find("Release signer") != std::string::npos);
  CHECK(certificates[0].key_bits == 2048);
  CHECK(context.coverage("update-images", "lan").state == CoverageState::complete);
  CHECK(context.coverage("update-images", "update:older-2").state == CoverageState::complete);
}

TEST_CASE("what is not handed over or cannot be read leaves a gap, never nothing") {
  const test::Maker maker;
  test::FakeContext none(camera(maker, {}));
  look(none);
  CHECK(none.coverage("update-images", "lan").state == CoverageState::partial);
  CHECK(none.coverage("update-images", "lan").cause == Cause::declaration);

  maker.folder().write("cut.swu", std::string(as_text(maker.swu("cms"))).substr(0, 900));
  maker.folder().write("empty.bin", "");
  test::FakeContext bad(
      camera(maker, {{"missing.swu", "current"}, {"cut.swu", "older"}, {"empty.bin", "newer"}}));
  look(bad);
  CHECK(runner::facts<facts::UpdateFile>(bad).size() == 3);
  CHECK(runner::facts<facts::UpdateSignature>(bad).empty());
  for (const char* subject : {"update:current", "update:older", "update:newer"}) {
    const Coverage coverage = bad.coverage("update-images", subject);
    CHECK(coverage.state == CoverageState::partial);
    CHECK_FALSE(coverage.why.empty());
  }

  auto device = camera(maker, {});
  device.update.images.push_back(
      {.file = maker.file("empty.bin"), .version = "1", .role = "current"});
  device.update.keys = {maker.file("no-such-key.pem")};
  test::FakeContext keyless(std::move(device));
  look(keyless);
  CHECK(keyless.coverage("update-images", "lan").state == CoverageState::partial);
}
