#include <catch2/catch.hpp>

#include <map>
#include <string>

#include "harness/formats/settings_file.hpp"
#include "harness/formats/update_crypto.hpp"

using namespace haetae;

namespace {

const std::string kText = "# settings\nname=cam\ntimezone=UTC\nnight=auto\n";

std::map<std::string, formats::AlteredSettings> altered(const std::string& file,
                                                        std::string_view from = "timezone=UTC",
                                                        std::string_view to = "timezone=KST") {
  std::map<std::string, formats::AlteredSettings> out;
  for (auto& one : formats::altered_settings(as_bytes(file), from, to)) {
    CHECK_FALSE(as_text(one.bytes) == file);
    CHECK_FALSE(one.what.empty());
    out.emplace(one.mutation, std::move(one));
  }
  return out;
}

std::string hex_of(std::string_view name, const std::string& text) {
  return to_hex(formats::update::hash(name, {as_bytes(text)}));
}

}  // namespace

TEST_CASE("a settings file is flipped, cut and changed in the declared value") {
  auto made = altered(kText);
  REQUIRE(made.size() == 3);
  CHECK(made["flip"].bytes.size() == kText.size());
  CHECK(made["truncated"].bytes.size() == kText.size() / 2);
  CHECK(as_text(made["value"].bytes).find("timezone=KST") != std::string_view::npos);
  CHECK(made["value"].has_value);
  CHECK_FALSE(altered(kText, "no such value", "x").contains("value"));
  CHECK_FALSE(altered(kText, "", "x").contains("value"));
  CHECK(formats::altered_settings(as_bytes("short"), "", "").empty());
  CHECK(formats::altered_settings(Bytes(formats::kMostSettings + 1, 'a'), "", "").empty());
}

TEST_CASE("a checksum without a key is made anew wherever it stands") {
  for (const char* name : {"md5", "sha1", "sha256", "sha512"}) {
    INFO(name);
    const std::string last = kText + "sum=" + hex_of(name, kText) + "\n";
    auto made = altered(last);
    REQUIRE(made.contains("checksum-fixed"));
    const std::string text(as_text(made["checksum-fixed"].bytes));
    const auto line = text.find("sum=");
    CHECK(text.find("timezone=KST") < line);
    CHECK(text.substr(line + 4) == hex_of(name, text.substr(0, line)) + "\n");
  }
  // In the first line, over what stands behind it.
  const std::string first = "sha256 " + hex_of("sha256", kText) + "\n" + kText;
  CHECK(altered(first).count("checksum-fixed") == 1);
  const std::string around = "a=1\nsum=" + hex_of("md5", "a=1\n" + kText) + "\n" + kText;
  CHECK(altered(around).count("checksum-fixed") == 1);
  // As bytes, before or behind.
  const Bytes md5 = formats::update::hash("md5", {as_bytes(kText)});
  CHECK(altered(std::string(as_text(md5)) + kText).contains("checksum-fixed"));
  CHECK(altered(kText + std::string(as_text(md5))).contains("checksum-fixed"));
  // CRC-32 of "123456789" is cbf43926 (ISO 3309).
  CHECK(altered("123456789\ncbf43926").count("checksum-fixed") == 0);  // it covers no line end
  CHECK(altered("cbf43926\n123456789").count("checksum-fixed") == 1);
}

TEST_CASE("a tag with a key is no checksum") {
  const std::string tagged = kText + "tag=" + hex_of("sha256", "a key" + kText) + "\n";
  CHECK_FALSE(altered(tagged).contains("checksum-fixed"));
}
