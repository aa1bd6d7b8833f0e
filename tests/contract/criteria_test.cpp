#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/judge/judge.hpp"
#include "tests/support/fact_set.hpp"

using namespace haetae;
namespace fs = std::filesystem;

namespace {

const fs::path kSource = HAETAE_SOURCE_DIR;
const fs::path kSets = kSource / "fixtures/factsets";

/// kTopics is what procedures may cover; the list of procedures is held to it by its own test.
const std::vector<std::string> kTopics{"ports.tcp",
                                       "ports.udp",
                                       "services",
                                       "tls.endpoints",
                                       "tls.versions",
                                       "tls.suites",
                                       "tls.groups",
                                       "tls.certificate",
                                       "ssh.algorithms",
                                       "ssh.host-keys",
                                       "ssh.auth",
                                       "http.answers",
                                       "http.headers",
                                       "http.cookies",
                                       "login.surfaces",
                                       "login.well-known",
                                       "login.answers",
                                       "proof",
                                       "first-use",
                                       "units.logins",
                                       "units.keys",
                                       "lockout.restart",
                                       "record.events",
                                       "record.erase",
                                       "record.time",
                                       "session.values",
                                       "session.trials",
                                       "session.limit",
                                       "session.idle",
                                       "session.change",
                                       "cross-site",
                                       "password.policy",
                                       "lockout",
                                       "access.normal",
                                       "access.factory",
                                       "calls",
                                       "web-paths",
                                       "late-ports",
                                       "shown-secrets",
                                       "service-versions",
                                       "documents",
                                       "product-information",
                                       "support",
                                       "update.notice",
                                       "exports",
                                       "wipe",
                                       "declaration",
                                       "console",
                                       "console.boot",
                                       "update-images",
                                       "firmware",
                                       "firmware.elf",
                                       "firmware.components",
                                       "firmware.boot",
                                       "firmware.version",
                                       "firmware.secure-element",
                                       "update.offer",
                                       "update.rights",
                                       "input.errors",
                                       "input.injection",
                                       "input.login",
                                       "input.malformed",
                                       "input.messages",
                                       "update.altered",
                                       "update.older",
                                       "update.drop",
                                       "update.server",
                                       "update.media",
                                       "settings.restore",
                                       "firmware.dump",
                                       "firmware.after-reset",
                                       "firmware.accounts",
                                       "firmware.keys",
                                       "firmware.secrets",
                                       "firmware.log-strings",
                                       "firmware.user-data",
                                       "firmware.leftovers",
                                       "firmware.permissions",
                                       "firmware.services"};

struct Edition {
  std::string name;
  catalogue::Catalogue value;
};

/// editions() are the catalogue by itself and with each profile on top.
std::vector<Edition> editions() {
  const fs::path file = kSource / "testcases/catalogue/kisa-cic.xml";
  std::vector<Edition> out;
  const auto add = [&](const std::string& name, const std::optional<fs::path>& profile) {
    auto loaded = catalogue::load(file, profile);
    if (!loaded) FAIL(loaded.error().message());
    out.push_back({name, std::move(loaded->value)});
  };
  add("kisa-cic", std::nullopt);
  std::set<fs::path> profiles;
  for (const auto& entry : fs::directory_iterator(kSource / "testcases/catalogue/profiles")) {
    if (entry.path().extension() == ".xml") profiles.insert(entry.path());
  }
  for (const fs::path& profile : profiles) add(profile.stem().string(), profile);
  return out;
}

/// queried() maps every criterion with queries to the first edition that holds it.
std::map<std::string, const Edition*> queried(const std::vector<Edition>& all) {
  std::map<std::string, const Edition*> out;
  for (const Edition& edition : all) {
    for (const catalogue::Item& item : edition.value.items) {
      for (const catalogue::Criterion& criterion : item.criteria) {
        if (!criterion.planned && !catalogue::asked(criterion)) out.emplace(criterion.id, &edition);
      }
    }
  }
  return out;
}

std::vector<fs::path> sets_of(const std::string& criterion, std::string_view prefix) {
  std::vector<fs::path> out;
  if (!fs::is_directory(kSets / criterion)) return out;
  for (const auto& entry : fs::directory_iterator(kSets / criterion)) {
    if (entry.path().filename().string().starts_with(prefix)) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

catalogue::Catalogue adjusted(const catalogue::Catalogue& base, const test::FactSet& set) {
  catalogue::Catalogue out = base;
  for (const auto& [name, value] : set.parameters) {
    const auto found = std::ranges::find(out.parameters, name, &catalogue::Parameter::name);
    if (found == out.parameters.end()) FAIL(set.name + ": no parameter " + name);
    if (found->value.index() != value.index()) FAIL(set.name + ": another type of " + name);
    found->value = value;
  }
  return out;
}

/// edition_for() is the edition that a fact set names, or the first that holds the criterion.
const catalogue::Catalogue& edition_for(const std::vector<Edition>& all, const Edition& first,
                                        const test::FactSet& set) {
  if (set.profile.empty()) return first.value;
  const auto named = std::ranges::find(all, set.profile, &Edition::name);
  if (named == all.end()) FAIL(set.name + ": no profile " + set.profile);
  return named->value;
}

test::FactSet load_set(const fs::path& file) {
  auto set = test::load_fact_set(file);
  if (!set) FAIL(set.error().message());
  return std::move(*set);
}

}  // namespace

TEST_CASE("the catalogue and its profiles are sound", "[contract]") {
  for (const Edition& edition : editions()) {
    CAPTURE(edition.name);
    for (const std::string& flaw : judge::check(edition.value, test::fact_tables(), kTopics)) {
      FAIL_CHECK(flaw);
    }
    SUCCEED();
  }
}

TEST_CASE("every criterion has fact sets for both directions, and no set is left over",
          "[contract]") {
  const auto all = editions();
  const auto criteria = queried(all);
  REQUIRE_FALSE(criteria.empty());
  for (const auto& [criterion, edition] : criteria) {
    CAPTURE(criterion);
    CHECK_FALSE(sets_of(criterion, "pass-").empty());
    CHECK_FALSE(sets_of(criterion, "breach-").empty());
  }
  for (const auto& entry : fs::directory_iterator(kSets)) {
    if (!entry.is_directory()) continue;
    CAPTURE(entry.path());
    CHECK(criteria.contains(entry.path().filename().string()));
    for (const auto& file : fs::directory_iterator(entry.path())) {
      const std::string name = file.path().filename().string();
      CAPTURE(name);
      CHECK(name.ends_with(".json"));
      CHECK(
          (name.starts_with("pass-") || name.starts_with("breach-") || name.starts_with("lack-")));
    }
  }
}

TEST_CASE("every fact set gives the verdict that it says", "[contract]") {
  const auto all = editions();
  for (const auto& [criterion, edition] : queried(all)) {
    for (const fs::path& file : sets_of(criterion, "")) {
      CAPTURE(file);
      const test::FactSet set = load_set(file);
      const std::string name = file.filename().string();
      const bool pass = name.starts_with("pass-");
      const bool lack = name.starts_with("lack-");
      CHECK(set.expect == (pass ? "pass" : lack ? "inconclusive" : "fail"));
      CHECK((pass || set.irrelevant.empty()));
      test::FactBase base(test::fact_tables());
      const auto filled = base.fill(set);
      if (!filled) {
        FAIL_CHECK(filled.error().message());
        continue;
      }
      const auto reduced =
          test::only_criterion(adjusted(edition_for(all, *edition, set), set), criterion);
      const auto verdict = test::judge_one(base, reduced, set.tested_at);
      if (!verdict) FAIL(verdict.error().message());
      CAPTURE(verdict->reason.en);
      CHECK(word(verdict->verdict) == set.expect);
    }
  }
}

TEST_CASE("no passing fact set survives the loss of what it rests on", "[contract]") {
  const auto all = editions();
  for (const auto& [criterion, edition] : queried(all)) {
    for (const fs::path& file : sets_of(criterion, "pass-")) {
      CAPTURE(file);
      const test::FactSet set = load_set(file);
      for (const std::string& flaw :
           test::attack(set, adjusted(edition_for(all, *edition, set), set), criterion)) {
        FAIL_CHECK(flaw);
      }
      SUCCEED();
    }
  }
}
