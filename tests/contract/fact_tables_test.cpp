#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>

#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "testcases/facts/facts.hpp"

using namespace haetae;

namespace {

const std::filesystem::path kFolder = HAETAE_SOURCE_DIR "/testcases/facts";

struct Member {
  std::string name, type, initial;
  bool operator==(const Member&) const = default;
};

template <class F>
void describe(std::map<std::string, std::vector<Member>>& out) {
  std::vector<Member> members;
  F fact;
  F::columns(fact, [&](std::string_view name, auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
      members.push_back({std::string(name), "TEXT", value});
    } else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
      members.push_back({std::string(name), "REAL", ""});
    } else {
      static_assert(std::is_same_v<std::decay_t<decltype(value)>, std::int64_t>);
      members.push_back({std::string(name), "INTEGER", ""});
    }
  });
  out.emplace(std::string(F::table), std::move(members));
}

template <class... F>
std::map<std::string, std::vector<Member>> describe_all() {
  std::map<std::string, std::vector<Member>> out;
  (describe<F>(out), ...);
  return out;
}

/// Every struct of the headers there; the last test case finds one that is missing here.
using namespace haetae::facts;
const auto kStructs = describe_all<
    DeclaredRecords, RecordEvent, RecordErase, FalseTime, LoginAnswer, LoginTime, ProofTrial,
    DeclaredProof, LockoutRestart, FirstUseTrial, DeclaredUnit, DeclaredUnitAccount, UnitLogin,
    UnitKey, DeclaredConsole, ConsoleSeen, ConsolePrompt, ConsoleBoot, ConsoleLogin, DeclaredUpdate,
    DeclaredUpdateImage, DeclaredSettings, SettingsTrial, DeclaredMedia, MediaTrial, UpdateControl,
    UpdateTrial, UpdateRights, UpdateDrop, UpdateServer, DeclaredIdentity, DeclaredService,
    DeclaredPart, DeclaredAccount, DeclaredLockout, DeclaredSession, DeclaredOutbound,
    DeclaredDocument, Statement, Answer, AnswerAttachment, DocumentHit, Port, Liveness, Service,
    TlsVersion, TlsSuite, TlsGroup, TlsSignature, TlsProperty, Certificate, SshServer, SshAlgorithm,
    SshHostKey, SshAuthMethod, HttpAnswer, HttpHeader, HttpCookie, LoginSurface, LoginControl,
    LoginTrial, PasswordTrial, PasswordRestore, LockoutTrial, AccessTrial, AccessControl,
    FactoryState, ProductInformation, FirmwareImage, FirmwarePart, FirmwareEntropy, FirmwareAccount,
    FirmwareKey, FirmwareCertificate, FirmwareSecret, FirmwareLogString, FirmwareUserData,
    FirmwareService, FirmwareMode, FirmwareLeftover, ElfFile, ElfImport, ElfLibraryPath, CryptoUse,
    CryptoPrimitive, Component, VulnerabilityList, VulnerabilityCoverage, VulnerabilityMatch,
    DeclaredComponent, BootSetting, BootLoader, BootIntegrity, RollbackCounter, ImageVersion,
    SecureElement, DeclaredCall, CallTrial, CallBypass, HiddenPathTrial, PathTrial,
    ServiceComponent, ServiceVulnerability, UpdateFile, UpdateSignature, UpdateCertificate,
    InputTrial, InputCrash, InputControl, ErrorAnswer, SessionValue, SessionRandomness,
    SessionFixation, SessionLogout, SessionLimit, SessionIdle, SessionAfterChange, CrossSiteTrial,
    CrossOriginAnswer, PublicPage, SecurityTxt, SupportPeriod, UpdateNotice, ExportFile,
    ExportSecret, WipeReset, WipeTrial, LateLogin, LatePort, SecretSought, SecretPage,
    SecretShown>();

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Result<std::vector<evidence::FactTable>> load_one(const std::string& name,
                                                  const std::string& text) {
  std::string folder = (std::filesystem::temp_directory_path() / "haetae-facts-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  std::ofstream(folder + "/" + name + ".sql") << text;
  auto loaded = evidence::load_fact_tables(folder);
  std::filesystem::remove_all(folder);
  return loaded;
}

}  // namespace

TEST_CASE("every fact table obeys the rules of testcases/facts/README.md") {
  const auto loaded = evidence::load_fact_tables(kFolder);
  INFO((loaded ? "" : loaded.error().message()));
  REQUIRE(loaded);
  CHECK(loaded->size() == kStructs.size());
  for (const auto& table : *loaded) CHECK(table.sql == read(kFolder / (table.name + ".sql")));
}

TEST_CASE("the structs have the same tables and columns, in the same order") {
  std::set<std::string> in_header;
  std::string header;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".hpp") header += read(entry.path());
  static const std::regex kTable(R"re(string_view table = "(\w+)")re");
  for (std::sregex_iterator at(header.begin(), header.end(), kTable), end; at != end; ++at) {
    in_header.insert((*at)[1]);
  }
  std::set<std::string> listed;
  for (const auto& [name, members] : kStructs) listed.insert(name);
  CHECK(in_header == listed);  // a struct that this test does not list

  const auto loaded = evidence::load_fact_tables(kFolder);
  REQUIRE(loaded);
  static const std::regex kColumn(R"re(\n  (\w+) (TEXT|INTEGER|REAL) NOT NULL( CHECK)?)re");
  for (const auto& table : *loaded) {
    INFO(table.name);
    REQUIRE(kStructs.contains(table.name));
    const std::vector<Member>& members = kStructs.at(table.name);
    std::vector<Member> columns;
    for (std::sregex_iterator at(table.sql.begin(), table.sql.end(), kColumn), end; at != end;
         ++at) {
      if ((*at)[1] == "link") continue;
      columns.push_back({(*at)[1], (*at)[2], (*at)[3].matched ? "unknown" : ""});
    }
    REQUIRE(columns.size() == members.size());
    for (std::size_t index = 0; index < columns.size(); ++index) {
      INFO(columns[index].name);
      CHECK(columns[index] == members[index]);
    }
  }
}

TEST_CASE("a fact table that breaks a rule is refused with file and line") {
  const std::string good =
      "-- door: whether a door is open.\n"
      "CREATE TABLE door (\n"
      "  id INTEGER PRIMARY KEY,\n"
      "  link INTEGER NOT NULL REFERENCES link(n),\n"
      "  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it\n"
      "  subject TEXT NOT NULL,  -- key: which\n"
      "  state TEXT NOT NULL CHECK (state IN ('open', 'unknown')),  -- value: how\n"
      "  UNIQUE (subject)\n"
      ") STRICT;\n";
  REQUIRE(load_one("door", good));
  CHECK_FALSE(load_one("gate", good));
  const auto broken = [&](const std::string& from, const std::string& to,
                          const std::string& where) {
    std::string text = good;
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    const auto loaded = load_one("door", text);
    INFO(text);
    REQUIRE_FALSE(loaded);
    INFO(loaded.error().text);
    CHECK(loaded.error().kind == ErrorKind::invalid_input);
    CHECK(loaded.error().text.find(where) != std::string::npos);
  };
  broken("-- door: ", "-- ", "door.sql:1:");
  broken(" STRICT", "", "door.sql:9:");
  broken(", 'unknown'", "", "door.sql:7:");
  broken("state IN", "subject IN", "door.sql:7:");
  broken("-- key: which", "-- which", "door.sql:6:");
  broken("-- key: which", "-- value: which", "door.sql:8:");
  broken("TEXT NOT NULL,", "TEXT,", "door.sql:6:");
  broken("  UNIQUE (subject)\n", "", "door.sql:8:");
  broken("  id INTEGER PRIMARY KEY,\n", "", "door.sql:");
  broken(") STRICT;\n", ") STRICT;\nDROP TABLE port;\n", "door.sql:9:");
  broken("CREATE TABLE door", "CREATE TABLE port", "door.sql:2:");
  broken("state TEXT", "subject TEXT", "door.sql:7:");
  CHECK(evidence::load_fact_tables("/nowhere/at/all").error().kind == ErrorKind::not_found);
}
