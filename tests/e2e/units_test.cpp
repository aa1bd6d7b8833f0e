#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/fact_set.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/peer.hpp"

/// Two units of a product, played by servers that other people wrote: OpenSSH and nginx at two
/// addresses, with keys and passwords of their own or in common.
using namespace haetae;
using namespace haetae::test;

namespace {

const catalogue::Catalogue& criteria() {
  static const catalogue::Catalogue value = [] {
    auto loaded = catalogue::load(
        std::filesystem::path(HAETAE_SOURCE_DIR) / "testcases/catalogue/kisa-cic.xml",
        std::nullopt);
    if (!loaded) throw std::runtime_error(loaded.error().message());
    return std::move(loaded->value);
  }();
  return value;
}

/// Lab is where two units stand.
struct Lab {
  std::string first = free_address(71), second = free_address(71);
  std::uint16_t port = free_port(first);
  TempDir folder;
  std::vector<std::unique_ptr<Daemon>> daemons;

  std::string key(const std::string& type, const std::string& name) const {
    const std::string file = folder.file(name);
    const auto made = run_tool({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", file});
    if (made.exit_code != 0) throw std::runtime_error(made.output);
    return file;
  }

  void run(const std::vector<std::string>& argv, const std::string& address) {
    daemons.push_back(std::make_unique<Daemon>(argv, folder));
    daemons.back()->wait_for_port(address, port);
  }

  void openssh(const std::string& address, const std::vector<std::string>& keys) {
    std::string config = "Port " + std::to_string(port) + "\nListenAddress " + address +
                         "\nPidFile none\nUsePAM no\nStrictModes no\n";
    for (const std::string& file : keys) config += "HostKey " + file + "\n";
    std::filesystem::create_directories("/run/sshd");
    run({find_tool("sshd"), "-D", "-e", "-f", folder.write("sshd-" + address, config)}, address);
  }

  /// users() is a password file of nginx with one account.
  std::string users(const std::string& name, const std::string& password) const {
    const auto hash =
        run_tool({find_tool("openssl"), "passwd", "-apr1", "-stdin"}, 10s, password + "\n");
    return folder.write(name, "admin:" + hash.output, 0644);
  }

  std::string certificate(const std::string& name) const {
    const auto made =
        run_tool({find_tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                  "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=camera", "-keyout",
                  folder.file(name + ".key"), "-out", folder.file(name + ".crt")});
    if (made.exit_code != 0) throw std::runtime_error(made.output);
    return name;
  }

  /// nginx() serves both units; a unit is what its server block says.
  void nginx(const std::string& one, const std::string& other) {
    folder.write("www/index.html", "<html><body>camera</body></html>", 0644);
    std::string config = "daemon off;\nuser root;\nmaster_process off;\npid " + folder.file("pid") +
                         ";\nerror_log stderr;\nevents {}\nhttp {\n" + "access_log off;\nroot " +
                         folder.file("www") + ";\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      config += std::string(kind) + "_temp_path " + folder.file(kind) + ";\n";
    const std::string at = ":" + std::to_string(port);
    config += "server { listen " + first + at + one + " }\n";
    config += "server { listen " + second + at + other + " }\n}\n";
    run({find_tool("nginx"), "-e", "stderr", "-p", folder.path().string(), "-c",
         folder.write("nginx.conf", config, 0644)},
        first);
  }
  std::string behind(const std::string& file) const {
    return "; auth_basic lab; auth_basic_user_file " + file + ";";
  }
  std::string in_tls(const std::string& name) const {
    return " ssl; ssl_certificate " + folder.file(name + ".crt") + "; ssl_certificate_key " +
           folder.file(name + ".key") + ";";
  }

  declaration::PortName name() const { return {.transport = "tcp", .number = port}; }

  declaration::Declaration device() const {
    declaration::Declaration out = lab_declaration(first);
    out.scope.networks.push_back({Address::parse(second).value(), 32});
    out.second_unit = declaration::SecondUnit{
        .address = Address::parse(second).value(), .serial = "2", .accounts = {}};
    return out;
  }

  /// shipped() has an account with the factory passwords of both units, and the one in force.
  declaration::Declaration shipped(const std::string& in_force, const std::string& one,
                                   const std::string& other) const {
    declaration::Declaration out = device();
    declaration::Login login;
    login.id = "web";
    login.port = name();
    login.method = "http-basic";
    login.path = "/";
    out.logins = {login};
    declaration::Account account;
    account.name = "admin";
    account.password = in_force;
    account.factory_password = one;
    account.factory = true;
    account.role = "administrator";
    account.logins = {"web"};
    out.accounts = {account};
    out.second_unit->accounts = {{.account = "admin", .password = other}};
    return out;
  }
};

/// Seen is what the two procedures learn of a service, and what the catalogue says of it.
struct Seen {
  FakeContext context;

  Seen(const Lab& lab, declaration::Declaration device, const std::string& protocol, bool tls)
      : context(std::move(device)) {
    context.patience().limit(std::chrono::milliseconds(700));
    facts::Service service;
    service.evidence = 1;
    service.subject = lab.name().subject();
    service.protocol = protocol;
    service.tls = tls ? "yes" : "no";
    service.starttls = "no";
    context.given(service);
    facts::DeclaredUnit unit;
    unit.evidence = 1;
    unit.unit = "second";
    context.given(unit);
    for (const auto& account : context.device().accounts) {
      facts::DeclaredUnitAccount fact;
      fact.evidence = 1;
      fact.account = account.name;
      fact.factory =
          account.factory_password == context.device().second_unit->factory_password(account.name)
              ? "same"
              : "different";
      context.given(fact);
    }
  }

  void learn(const runner::Procedure& procedure) { REQUIRE(procedure.run(context)); }

  /// verdict() is the word, and why, where that is a reason.
  std::string verdict(const std::string& criterion) {
    FactBase base(fact_tables());
    for (const auto& table : fact_tables()) {
      for (FactRow row : context.rows(table.name)) {
        for (auto& [column, value] : row.cells)
          if (column == "evidence") value = std::int64_t{1};
        REQUIRE(base.insert(row));
      }
    }
    for (const Coverage& one : context.coverages()) REQUIRE(base.insert(one));
    REQUIRE(base.insert(Coverage{.topic = "services",
                                 .subject = "lan",
                                 .state = CoverageState::complete,
                                 .cause = Cause::none,
                                 .why = {},
                                 .tried = {}}));
    const auto judged =
        judge_one(base, only_criterion(criteria(), criterion), "2026-11-22T12:00:00.000Z");
    REQUIRE(judged);
    std::string out(word(judged->verdict));
    if (judged->verdict == Verdict::inconclusive) out += ": " + judged->reason.en;
    return out;
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string ssh_verdict(const Lab& lab) {
  Seen seen(lab, lab.device(), "ssh", false);
  seen.learn(testcases::unit_keys_procedure());
  return seen.verdict("3.2-two-units");
}

std::string login_verdict(const Lab& lab, const std::string& in_force, const std::string& one,
                          const std::string& other) {
  Seen seen(lab, lab.shipped(in_force, one, other), "http", false);
  seen.learn(testcases::two_units_procedure());
  return seen.verdict("1.2-two-units");
}

}  // namespace

TEST_CASE("host keys of two OpenSSH servers are compared") {
  Lab lab;
  const std::string shared = lab.key("ed25519", "shared");
  const std::string one = lab.key("ecdsa", "one"), other = lab.key("ecdsa", "other");
  SECTION("each unit has its own") {
    lab.openssh(lab.first, {shared, one});
    lab.openssh(lab.second, {lab.key("ed25519", "second"), other});
    CHECK(ssh_verdict(lab) == "pass");
  }
  SECTION("one of two keys is in both") {
    lab.openssh(lab.first, {shared, one});
    lab.openssh(lab.second, {shared, other});
    CHECK(ssh_verdict(lab) == "fail");
  }
  SECTION("both show the same: it may be one device at two addresses") {
    lab.openssh(lab.first, {shared, one});
    lab.openssh(lab.second, {shared, one});
    CHECK(holds(ssh_verdict(lab), "one and the same"));
  }
  SECTION("one of the units has a kind of key more") {
    lab.openssh(lab.first, {shared, one});
    lab.openssh(lab.second, {other});
    CHECK(holds(ssh_verdict(lab), "one of the units alone"));
  }
}

TEST_CASE("the facts hold the fingerprints that ssh-keygen tells") {
  Lab lab;
  const std::string one = lab.key("ed25519", "one"), other = lab.key("ed25519", "other");
  lab.openssh(lab.first, {one});
  lab.openssh(lab.second, {other});
  Seen seen(lab, lab.device(), "ssh", false);
  seen.learn(testcases::unit_keys_procedure());
  const auto keys = runner::facts<facts::UnitKey>(seen.context);
  REQUIRE(keys.size() == 2);
  for (const auto& key : keys) {
    const auto told = run_tool({"ssh-keygen", "-l", "-f", key.unit == "first" ? one : other});
    CHECK(holds(told.output, key.fingerprint));
    CHECK(key.stable == "yes");
  }
}

TEST_CASE("certificates of two units are compared by their public keys") {
  Lab lab;
  const std::string one = lab.in_tls(lab.certificate("one"));
  SECTION("own keys") {
    lab.nginx(one, lab.in_tls(lab.certificate("other")));
    Seen seen(lab, lab.device(), "http", true);
    seen.learn(testcases::unit_keys_procedure());
    CHECK(seen.verdict("3.2-two-units") == "pass");
  }
  SECTION("one unit without TLS") {
    lab.nginx(one, ";");
    Seen seen(lab, lab.device(), "http", true);
    seen.learn(testcases::unit_keys_procedure());
    CHECK(holds(seen.verdict("3.2-two-units"), "inconclusive"));
  }
  SECTION("another certificate with the same key, told apart by the passwords") {
    const auto made =
        run_tool({find_tool("openssl"), "req", "-x509", "-key", lab.folder.file("one.key"), "-subj",
                  "/CN=another", "-out", lab.folder.file("again.crt")});
    REQUIRE(made.exit_code == 0);
    std::filesystem::copy_file(lab.folder.file("one.key"), lab.folder.file("again.key"));
    lab.nginx(one + lab.behind(lab.users("u1", "owner-chose-1")).substr(1),
              lab.in_tls("again") + lab.behind(lab.users("u2", "Shipped-2")).substr(1));
    auto device = lab.shipped("owner-chose-1", "Shipped-1", "Shipped-2");
    device.logins[0].tls = true;
    Seen seen(lab, device, "http", true);
    seen.learn(testcases::unit_keys_procedure());
    CHECK(holds(seen.verdict("3.2-two-units"), "one and the same"));
    seen.learn(testcases::two_units_procedure());
    CHECK(seen.verdict("3.2-two-units") == "fail");
  }
}

TEST_CASE("factory passwords are tried on two units behind nginx") {
  Lab lab;
  SECTION("own passwords, both as shipped") {
    lab.nginx(lab.behind(lab.users("u1", "Shipped-1")), lab.behind(lab.users("u2", "Shipped-2")));
    CHECK(login_verdict(lab, "Shipped-1", "Shipped-1", "Shipped-2") == "pass");
  }
  SECTION("one password for both, the first unit set up and not brought back") {
    lab.nginx(lab.behind(lab.users("u1", "owner-chose-1")), lab.behind(lab.users("u2", "Shipped")));
    CHECK(holds(login_verdict(lab, "owner-chose-1", "Shipped", "Other-2"), "hooks"));
  }
  SECTION("the maker declares one password for both") {
    lab.nginx(lab.behind(lab.users("u1", "owner-chose-1")), lab.behind(lab.users("u2", "Shipped")));
    CHECK(login_verdict(lab, "owner-chose-1", "Shipped", "Shipped") == "fail");
  }
  SECTION("a unit that is set up already proves nothing by a refusal") {
    lab.nginx(lab.behind(lab.users("u1", "Shipped-1")), lab.behind(lab.users("u2", "owner-2")));
    CHECK(holds(login_verdict(lab, "Shipped-1", "Shipped-1", "Shipped-2"), "as it is shipped"));
  }
  SECTION("one device at two addresses is no breach") {
    const std::string file = lab.users("u1", "Shipped");
    lab.nginx(lab.behind(file), lab.behind(file));
    CHECK(holds(login_verdict(lab, "Shipped", "Shipped", "Shipped"), "one and the same"));
  }
  SECTION("a second unit that takes any password") {
    lab.nginx(lab.behind(lab.users("u1", "Shipped-1")), ";");
    const auto verdict = login_verdict(lab, "Shipped-1", "Shipped-1", "Shipped-2");
    CHECK(holds(verdict, "inconclusive"));
  }
}

TEST_CASE("a second unit that is not there, or hangs, ends inconclusive") {
  Lab lab;
  lab.openssh(lab.first, {lab.key("ed25519", "one")});
  SECTION("nobody listens") {
    CHECK(holds(ssh_verdict(lab), "inconclusive"));
    CHECK(holds(login_verdict(lab, "a", "a", "b"), "inconclusive"));
  }
  SECTION("it takes connections and says nothing") {
    lab.openssh(lab.second, {lab.key("ed25519", "other")});
    lab.daemons.back()->signal(SIGSTOP);
    Seen seen(lab, lab.shipped("a", "a", "b"), "http", false);
    seen.learn(testcases::two_units_procedure());
    CHECK(holds(seen.verdict("1.2-two-units"), "inconclusive"));
    // The first unit is left alone: nothing could be learned from it.
    for (const auto& fact : runner::facts<facts::UnitLogin>(seen.context))
      CHECK(fact.unit == "second");
    lab.daemons.back()->signal(SIGCONT);
  }
}

TEST_CASE("a second unit is asked inside the scope alone, and tries count for it alone") {
  Lab lab;
  lab.nginx(lab.behind(lab.users("u1", "Shipped-1")), lab.behind(lab.users("u2", "Shipped-2")));
  auto device = lab.shipped("Shipped-1", "Shipped-1", "Shipped-2");
  SECTION("outside") {
    device.scope.networks.pop_back();
    Seen seen(lab, device, "http", false);
    seen.learn(testcases::two_units_procedure());
    CHECK(runner::facts<facts::UnitLogin>(seen.context).empty());
    CHECK(holds(seen.verdict("1.2-two-units"), "inconclusive"));
  }
  SECTION("inside") {
    Seen seen(lab, device, "http", false);
    seen.learn(testcases::two_units_procedure());
    int on_second = 0;
    int on_first = 0;
    for (const auto& one : seen.context.ledger().tries())
      ++(one.subject.starts_with("second-unit:") ? on_second : on_first);
    CHECK(on_second == 3);  // its own, the first unit's, its own again
    CHECK(on_first == 2);   // the second unit's, its own
  }
}
