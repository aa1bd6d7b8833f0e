#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "testcases/facts/facts.hpp"
#include "testcases/firmware/inspector.hpp"
#include "tests/support/fake_context.hpp"

using namespace haetae;
using namespace haetae::testcases;

namespace {

declaration::Declaration with_images(std::initializer_list<const char*> ids) {
  auto device = test::lab_declaration("127.42.0.1");
  for (const char* id : ids)
    device.firmware.push_back({.id = id,
                               .file = std::string("/nowhere/") + id + ".bin",
                               .kind = "image",
                               .version = "1.2"});
  return device;
}

formats::Walk walk_of(std::uint64_t members) {
  formats::Walk walk;
  walk.size = 4096;
  walk.sha256 = std::string(64, 'a');
  walk.entropy = {{.offset = 0, .length = 4096, .bits = 6.5}};
  walk.members = members;
  walk.complete = true;
  return walk;
}

formats::Member file(std::string path) {
  formats::Member member;
  member.path = std::move(path);
  member.inside = "squashfs@64";
  member.offset = 64;
  member.kind = "file";
  return member;
}

/// Needle cites every "needle" that it sees.
class Needle final : public firmware::Inspector {
 public:
  Needle(const firmware::Image& image, firmware::Findings& findings)
      : image_(image), findings_(findings) {}
  [[nodiscard]] std::vector<std::string> topics() const override { return {"firmware.needles"}; }
  void member(const formats::Member& member, ByteView content) override {
    const auto at = as_text(content).find("needle");
    if (at == std::string_view::npos) return;
    facts::FirmwarePart fact;
    fact.evidence = findings_.cite(member, content, at, 6);
    fact.subject = image_.subject;
    fact.inside = member.inside + member.path;
    findings_.record(runner::to_row(fact));
    if (member.path == "/odd") findings_.gap("firmware.needles", Cause::tool, "an odd file");
  }

 private:
  firmware::Image image_;
  firmware::Findings& findings_;
};

std::vector<firmware::Listed> needles() {
  return {{.make = [](const firmware::Image& image, runner::Context&,
                      firmware::Findings& findings) -> std::unique_ptr<firmware::Inspector> {
             return std::make_unique<Needle>(image, findings);
           },
           .topics = {"firmware.needles"},
           .facts = {"firmware_part"}}};
}

}  // namespace

TEST_CASE("a finding cites image, container, way, path, position and bytes") {
  test::FakeContext context(with_images({"main"}));
  const auto done = firmware::inspect(
      context,
      [](const auto&, const auto&, formats::Visitor& visitor, auto) -> Result<formats::Walk> {
        visitor.part({.offset = 64,
                      .length = 4032,
                      .format = "squashfs",
                      .state = "unpacked",
                      .inside = "",
                      .why = ""});
        visitor.member(file("/etc/hay"), as_bytes("hay\nneedle\n\x1b[0m"));
        visitor.member(file("/etc/none"), as_bytes("hay"));
        return walk_of(2);
      },
      needles());
  REQUIRE(done);
  const auto images = runner::facts<facts::FirmwareImage>(context);
  REQUIRE(images.size() == 1);
  CHECK(images[0].subject == "firmware:main");
  CHECK(images[0].file == "main.bin");
  CHECK(images[0].sha256 == std::string(64, 'a'));
  CHECK(images[0].opened == "whole");
  CHECK(images[0].version == "1.2");
  CHECK(images[0].files == 2);
  const auto parts = runner::facts<facts::FirmwarePart>(context);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].format == "squashfs");
  CHECK(runner::facts<facts::FirmwareEntropy>(context).at(0).bits == 6.5);
  const std::string shown = context.evidence().text(parts[1].evidence, Direction::received);
  for (const char* piece :
       {"main.bin (firmware:main)", "at byte 64 of the image", "way squashfs@64", "path: /etc/hay",
        "bytes: 4 to 10 of 15", "\nneedle\n", "6e6565646c65"})
    CHECK(shown.find(piece) != std::string::npos);
  CHECK(context.coverage("firmware.needles", "firmware:main").state == CoverageState::complete);
  CHECK(context.coverage("firmware", "lan").state == CoverageState::complete);
}

TEST_CASE("a part that is not opened makes every topic of its image partial, and only that image") {
  test::FakeContext context(with_images({"main", "other"}));
  const auto done = firmware::inspect(
      context,
      [](const auto& path, const auto&, formats::Visitor& visitor, auto) -> Result<formats::Walk> {
        visitor.member(file("/etc/hay"), as_bytes("needle"));
        if (path.filename() == "other.bin")
          visitor.part({.offset = 0,
                        .length = 64,
                        .format = "unknown",
                        .state = "encrypted",
                        .inside = "",
                        .why = "no known format"});
        return walk_of(1);
      },
      needles());
  REQUIRE(done);
  CHECK(context.coverage("firmware.needles", "firmware:main").state == CoverageState::complete);
  const Coverage other = context.coverage("firmware.needles", "firmware:other");
  CHECK(other.state == CoverageState::partial);
  CHECK(other.cause == Cause::declaration);
  CHECK(other.why.find("encrypted") != std::string::npos);
  const Coverage all = context.coverage("firmware", "lan");
  CHECK(all.state == CoverageState::partial);
  CHECK(all.why.find("firmware:other") != std::string::npos);
}

TEST_CASE(
    "no image, an unreadable one, an empty one and a gap of an inspector are never complete") {
  const auto state = [](const declaration::Declaration& device, const firmware::Open& open,
                        std::string_view topic, std::string_view subject) {
    test::FakeContext context(device);
    REQUIRE(firmware::inspect(context, open, needles()));
    return context.coverage(topic, subject);
  };
  const firmware::Open empty = [](const auto&, const auto&, auto&, auto) -> Result<formats::Walk> {
    return walk_of(0);
  };
  CHECK(state(with_images({}), empty, "firmware", "lan").cause == Cause::declaration);
  CHECK(state(with_images({"main"}), empty, "firmware", "lan").state == CoverageState::partial);
  CHECK(state(with_images({"main"}), empty, "firmware.needles", "firmware:main").state ==
        CoverageState::partial);
  const firmware::Open lost = [](const auto&, const auto&, auto&, auto) -> Result<formats::Walk> {
    return tl::unexpected(Error{ErrorKind::not_found, "no such file"});
  };
  CHECK(state(with_images({"main"}), lost, "firmware", "lan").why.find("no such file") !=
        std::string::npos);
  const firmware::Open bounded = [](const auto&, const auto&, formats::Visitor& visitor,
                                    auto) -> Result<formats::Walk> {
    visitor.member(file("/etc/hay"), as_bytes("hay"));
    formats::Walk walk = walk_of(1);
    walk.complete = false;
    walk.why = "time is up";
    return walk;
  };
  CHECK(state(with_images({"main"}), bounded, "firmware.needles", "firmware:main")
            .why.find("time is up") != std::string::npos);
  const firmware::Open odd = [](const auto&, const auto&, formats::Visitor& visitor,
                                auto) -> Result<formats::Walk> {
    visitor.member(file("/odd"), as_bytes("needle"));
    return walk_of(1);
  };
  CHECK(state(with_images({"main"}), odd, "firmware.needles", "firmware:main").why ==
        "an odd file");
  CHECK(state(with_images({"main"}), odd, "firmware", "lan").state == CoverageState::complete);
}

TEST_CASE("files of the same name stay apart, and names are printable") {
  test::FakeContext context(with_images({"main"}));
  REQUIRE(firmware::inspect(
      context,
      [](const auto&, const auto&, formats::Visitor& visitor, auto) -> Result<formats::Walk> {
        const auto feed = [&visitor] {
          for (int count = 0; count < 100; ++count)
            visitor.member(file("/etc/\x1bhay"), as_bytes("needle"));
        };
        std::jthread other(feed);
        feed();
        other.join();
        return walk_of(200);
      },
      needles()));
  std::set<std::string> names;
  for (const auto& part : runner::facts<facts::FirmwarePart>(context)) {
    names.insert(part.inside);
    CHECK(part.inside.find('\x1b') == std::string::npos);
  }
  CHECK(names.size() == 200);
}
