#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include "harness/catalogue/catalogue.hpp"

using namespace haetae;
using catalogue::Catalogue;
using catalogue::Criterion;
using catalogue::Item;

namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(HAETAE_SOURCE_DIR) / "testcases/catalogue";

Catalogue loaded(const std::string& profile = "") {
  std::optional<std::filesystem::path> file;
  if (!profile.empty()) file = kFolder / "profiles" / (profile + ".xml");
  auto out = catalogue::load(kFolder / "kisa-cic.xml", file);
  if (!out) FAIL(out.error().message());
  return std::move(out->value);
}

struct Count {
  int all = 0, lite = 0, basic = 0, standard = 0, optional = 0;
  bool operator==(const Count&) const = default;
};

void add(Count& count, const Item& item) {
  ++count.all;
  count.optional += item.optional ? 1 : 0;
  if (item.optional) return;
  count.lite += item.lite ? 1 : 0;
  count.basic += item.basic ? 1 : 0;
  count.standard += item.standard ? 1 : 0;
}

bool queried(const Criterion& criterion) { return !criterion.breach.empty(); }

}  // namespace

TEST_CASE("the catalogue holds the items of the scheme, in number and by domain") {
  const Catalogue cic = loaded();
  Count total;
  std::map<std::string, Count> domains;
  for (const Item& item : cic.items) {
    add(total, item);
    add(domains[item.domain], item);
  }
  CHECK(total == Count{50, 10, 29, 43, 7});
  const std::map<std::string, Count> expected{{"1", {6, 2, 5, 6, 0}}, {"2", {6, 2, 5, 6, 0}},
                                              {"3", {4, 1, 1, 3, 1}}, {"4", {8, 1, 5, 7, 1}},
                                              {"5", {8, 2, 6, 8, 0}}, {"6", {11, 1, 5, 9, 2}},
                                              {"7", {7, 1, 2, 4, 3}}};
  CHECK(domains == expected);
  CHECK(cic.domains.size() == 7);
}

TEST_CASE("a stricter type holds every item of a milder one") {
  for (const Item& item : loaded().items) {
    CAPTURE(item.id);
    CHECK(item.id.starts_with(item.domain + "."));
    CHECK((!item.lite || item.basic));
    CHECK((!item.basic || item.standard));
    CHECK(item.standard);
  }
}

TEST_CASE("only what public sources confirm is marked as confirmed") {
  std::set<std::string> confirmed;
  std::set<std::string> optional;
  for (const Item& item : loaded().items) {
    if (item.official) confirmed.insert(item.id);
    if (item.optional) optional.insert(item.id);
  }
  CHECK(confirmed == std::set<std::string>{"1.3", "2.1", "2.2", "3.1", "4.4"});
  CHECK(optional == std::set<std::string>{"3.4", "4.6", "6.10", "6.11", "7.5", "7.6", "7.7"});
}

TEST_CASE("every method of an item has a criterion and every criterion a method") {
  for (const std::string profile : {"", "ip-camera"}) {
    std::set<std::string> ids;
    for (const Item& item : loaded(profile).items) {
      CAPTURE(profile, item.id);
      std::set<std::string> sources;
      for (const Criterion& criterion : item.criteria) {
        CAPTURE(criterion.id);
        sources.insert(criterion.source);
        CHECK(ids.insert(criterion.id).second);
        CHECK(criterion.id.starts_with(item.id + "-"));
        const bool asked = criterion.source == "document" || criterion.source == "operator";
        CHECK((queried(criterion) || criterion.planned || asked));
      }
      for (const std::string& method : item.methods) CHECK(sources.contains(method));
      if (!profile.empty()) continue;
      CHECK(sources == std::set<std::string>(item.methods.begin(), item.methods.end()));
    }
  }
}

TEST_CASE("every criterion with queries has a fact set that passes and one that breaks") {
  const auto folder = std::filesystem::path(HAETAE_SOURCE_DIR) / "fixtures/factsets";
  std::set<std::string> known;
  for (const std::string profile : {"", "ip-camera"}) {
    for (const Item& item : loaded(profile).items) {
      for (const Criterion& criterion : item.criteria) {
        if (!queried(criterion) || !known.insert(criterion.id).second) continue;
        CAPTURE(criterion.id);
        REQUIRE(std::filesystem::is_directory(folder / criterion.id));
        int pass = 0;
        int breach = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder / criterion.id)) {
          const std::string name = entry.path().filename().string();
          pass += name.starts_with("pass-") ? 1 : 0;
          breach += name.starts_with("breach-") ? 1 : 0;
        }
        CHECK(pass > 0);
        CHECK(breach > 0);
      }
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    CHECK(known.contains(entry.path().filename().string()));
  }
}

TEST_CASE("the camera profile sets the numbers of the camera rule") {
  const Catalogue camera = loaded("ip-camera");
  const auto number = [&](std::string_view name) {
    const auto* parameter = camera.parameter(name);
    REQUIRE(parameter != nullptr);
    CHECK(parameter->source.find("2025-13") != std::string::npos);
    return std::get<std::int64_t>(parameter->value);
  };
  CHECK(number("password.mixed-classes") == 3);
  CHECK(number("password.mixed-length") == 8);
  CHECK(number("password.long-classes") == 2);
  CHECK(number("password.long-length") == 10);
  CHECK(number("lockout.failures") == 5);
  CHECK(number("lockout.block-minimum") == 30);
  CHECK(number("lockout.block-maximum") == 3600);
}

TEST_CASE("references have a source, a date and no entry twice") {
  for (const auto& reference : loaded().references) {
    CAPTURE(reference.name);
    CHECK(!reference.source.empty());
    CHECK(reference.date.size() == 10);
    std::set<std::vector<Value>> keys;
    const bool pair = reference.name == "ssh_algorithm" || reference.name == "key_strength" ||
                      reference.name == "protocol_alias";
    // One name has several rules, tables or ranges of versions.
    static const std::set<std::string> whole{
        "crypto_table", "component_text",    "component_file",     "known_vulnerability",
        "boot_sign",    "boot_command",      "version_file",       "secure_element",
        "allowed_mode", "record_event_word", "record_outcome_word"};
    for (const auto& row : reference.rows) {
      std::vector<Value> key{row.front()};
      if (pair) key.push_back(row[1]);
      if (whole.contains(reference.name)) key = row;
      CHECK(keys.insert(key).second);
    }
  }
}

TEST_CASE("every criterion that a person answers says what to do and what to look at") {
  std::size_t asked_for = 0;
  for (const char* profile : {"", "ip-camera"}) {
    for (const Item& item : loaded(profile).items) {
      for (const Criterion& criterion : item.criteria) {
        CAPTURE(criterion.id);
        CHECK(criterion.step.has_value() == asked(criterion));
        if (!criterion.step) continue;
        ++asked_for;
        const haetae::catalogue::Step& step = *criterion.step;
        // A sentence or more in each language, and the Korean one is Korean.
        for (const haetae::catalogue::Text* text : {&step.task, &step.look}) {
          CHECK(text->ko.size() > 60);
          CHECK(text->en.size() > 40);
          CHECK(text->ko.ends_with("."));
          CHECK((text->en.ends_with(".") || text->en.ends_with(").")));
        }
        CHECK(step.look.ko.find("적합") != std::string::npos);
        CHECK(step.look.en.find("conforms if") != std::string::npos);
        CHECK(step.finds.empty() == (criterion.source != "document"));
      }
    }
  }
  CHECK(asked_for > 100);
}

TEST_CASE("every item of the hardware domain is looked at by a person") {
  for (const Item& item : loaded("").items) {
    if (item.domain != "7") continue;
    CAPTURE(item.id);
    CHECK(std::ranges::any_of(item.criteria, [](const Criterion& criterion) {
      return criterion.source == "operator" && criterion.step;
    }));
    CHECK(std::ranges::any_of(item.criteria, [](const Criterion& criterion) {
      return criterion.source == "document" && criterion.step;
    }));
  }
}
