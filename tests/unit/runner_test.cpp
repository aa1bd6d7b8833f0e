#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

#include "harness/runner/repeat.hpp"
#include "harness/runner/run.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/peer.hpp"

/// The runner with small procedures against a peer that says one banner: order, brackets, taints,
/// stops, and what is kept.
namespace {

using namespace haetae;

/// Greeter answers every connection with a banner that a test can change or withhold.
class Greeter {
 public:
  explicit Greeter(const char* address)
      : peer_(address, [this](int fd, const test::Peer& peer) {
          std::string text;
          {
            const std::scoped_lock lock(mutex_);
            text = banner_;
          }
          if (text.empty())
            test::Peer::reset(fd);
          else
            test::Peer::say(fd, text);
          if (!text.empty()) peer.hold(fd);
        }) {}
  void become(std::string banner) {
    const std::scoped_lock lock(mutex_);
    banner_ = std::move(banner);
  }
  [[nodiscard]] Endpoint endpoint() const { return peer_.endpoint(); }

 private:
  std::mutex mutex_;
  std::string banner_ = "220 greeter ready\r\n";
  test::Peer peer_;
};

catalogue::Catalogue tiny_catalogue() {
  catalogue::Catalogue out;
  out.id = "tiny";
  out.edition = "1";
  out.title = {"작은 목록", "tiny"};
  out.domains = {{"1", {"하나", "one"}}};
  catalogue::Criterion criterion;
  criterion.id = "1.1-things";
  criterion.source = "probe";
  criterion.title = {"제목", "title"};
  criterion.coverage = {"things"};
  criterion.subjects = "SELECT subject FROM thing";
  criterion.breach = "SELECT subject, subject AS key, evidence FROM thing WHERE good = 'no'";
  criterion.cites = "SELECT subject, evidence FROM thing";
  criterion.says = {"나쁨", "bad"};
  criterion.remedy = {"고침", "mend"};
  criterion.universe = {"things"};
  catalogue::Item item;
  item.id = "1.1";
  item.domain = "1";
  item.title = {"항목", "item"};
  item.lite = item.basic = item.standard = true;
  item.criteria = {criterion};
  out.items = {item};
  return out;
}

const char* const kThing =
    "-- thing: something.\nCREATE TABLE thing (\n  id INTEGER PRIMARY KEY,\n"
    "  link INTEGER NOT NULL REFERENCES link(n),\n"
    "  evidence INTEGER NOT NULL REFERENCES evidence(id),  -- value: what shows it\n"
    "  subject TEXT NOT NULL,  -- key: which\n"
    "  good TEXT NOT NULL CHECK (good IN ('yes', 'no', 'unknown')),  -- value: whether\n"
    "  UNIQUE (subject)\n) STRICT;\n";

runner::Info info(std::string id, Hazard hazard = Hazard::safe) {
  runner::Info out;
  out.id = std::move(id);
  out.title = {out.id, out.id};
  out.hazard = hazard;
  out.provides_facts = {"thing"};
  out.topics = {"things"};
  return out;
}

void give(runner::Context& context, const std::string& subject, const std::string& good = "yes") {
  const EvidenceId evidence =
      context.recorder().attach(subject, "seen", "text/plain", as_bytes("it is " + good));
  context.record(
      {.table = "thing", .cells = {{"evidence", evidence}, {"subject", subject}, {"good", good}}});
}

void cover(runner::Context& context, const std::string& subject) {
  context.cover({.topic = "things",
                 .subject = subject,
                 .state = CoverageState::complete,
                 .cause = Cause::none,
                 .why = {},
                 .tried = {}});
}

runner::Procedure giver(const std::string& id, Hazard hazard = Hazard::safe) {
  return {.info = info(id, hazard),
          .run = [id](runner::Context& context) -> Result<void> {
            give(context, id);
            cover(context, id);
            if (id == "first") cover(context, "lan");
            return {};
          },
          .recover = {}};
}

struct Told final : runner::Observer {
  void planned(const runner::Plan&) override {}
  void started(const runner::Info& procedure) override { order += "+" + procedure.id; }
  void progress(const runner::Info&, std::size_t, std::size_t, std::string_view) override {}
  void ended(const runner::Info& procedure, std::string_view state, std::string_view reason,
             std::size_t) override {
    states[procedure.id] = state;
    reasons[procedure.id] = reason;
    order += "-" + procedure.id;
  }
  void log(std::string_view, std::string_view) override {}
  void stress(const net::Stress&) override {}
  std::string order;
  std::map<std::string, std::string> states, reasons;
};

struct Bench {
  explicit Bench(const Endpoint& device) {
    auto& declared = options.device.value;
    declared.identity = {"Maker", "Model", "test", "1", "1", "1"};
    declared.addresses = {device.address};
    declared.scope.networks = {{device.address, 32}};
    declared.authorisation = {"somebody", "", "2000-01-01", "2099-12-31"};
    declared.services = {{{"tcp", device.port}, "ftp", false, "test", false}};
    declared.services_declared = true;
    options.device.text = options.device.redacted_text = "<device/>";
    options.catalogue.value = tiny_catalogue();
    options.catalogue.sources = {{"tiny.xml", "<catalogue/>"}};
    auto tables = evidence::load_fact_tables(HAETAE_SOURCE_DIR "/testcases/facts");
    if (!tables) throw std::runtime_error(tables.error().message());
    options.fact_tables = std::move(*tables);
    options.fact_tables.push_back({"thing", kThing});
    options.output = folder.path() / "run.haetae";
    options.state_dir = folder.path() / "state";
    options.key = folder.path() / "key.pem";
    options.tool = "test";
    options.patience = 0s;
  }
  Result<runner::Outcome> run(std::stop_token stop = {}) {
    return runner::run(options, system_clock(), told, stop);
  }
  [[nodiscard]] std::string query(const std::string& sql) const {
    auto file = evidence::RunFile::open(options.output, false, system_clock());
    if (!file) return file.error().message();
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(file->handle(), sql.c_str(), -1, &statement, nullptr);
    std::string out;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      out += reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      out += " ";
    }
    sqlite3_finalize(statement);
    return out;
  }
  test::TempDir folder;
  runner::Options options;
  Told told;
};

}  // namespace

TEST_CASE("what is required comes first, then the least harmful", "[unit]") {
  const Greeter device("127.50.1.1");
  Bench bench(device.endpoint());
  auto harmful = giver("harmful", Hazard::state_changing);
  auto second = giver("second");
  second.info.requires_facts = {"thing"};
  second.info.provides_facts = {"other"};
  bench.options.procedures = {harmful, second, giver("first")};
  bench.options.procedures[0].info.provides_facts = {"other"};
  const auto outcome = bench.run();
  REQUIRE(outcome);
  CHECK(bench.told.order == "+first-first+second-second+harmful-harmful");
  CHECK(outcome->judgement.headline == Headline::conformant);
  CHECK(bench.query("SELECT subject FROM thing ORDER BY id") == "first second harmful ");
}

TEST_CASE("what may not run or cannot run says so and is no pass", "[unit]") {
  const Greeter device("127.50.1.2");
  Bench bench(device.endpoint());
  auto dependent = giver("dependent");
  dependent.info.requires_facts = {"thing"};
  dependent.info.provides_facts = {"other"};
  auto failing = giver("failing");
  failing.run = [](runner::Context& context) -> Result<void> {
    give(context, "lost");
    return fail(ErrorKind::timed_out, "no answer");
  };
  SECTION("a failed requirement skips what rests on it; its facts are gone, its evidence stays") {
    bench.options.procedures = {failing, dependent};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(bench.told.states ==
          std::map<std::string, std::string>{{"failing", "failed"}, {"dependent", "skipped"}});
    CHECK(bench.told.reasons["dependent"] == "needs facts about thing, which failing did not give");
    CHECK(bench.query("SELECT count(*) FROM thing") == "0 ");
    CHECK(bench.query("SELECT count(*) FROM evidence WHERE label = 'seen'") == "1 ");
    CHECK(outcome->judgement.items.front().verdict == Verdict::inconclusive);
    CHECK(outcome->judgement.items.front().cause == Cause::device);
  }
  SECTION("above the permitted hazard") {
    bench.options.procedures = {giver("harmful", Hazard::disruptive)};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(bench.told.order.empty());
    CHECK(outcome->judgement.items.front().verdict == Verdict::not_run);
    CHECK(outcome->judgement.headline == Headline::incomplete);
  }
  SECTION("an exception is the tool's fault") {
    failing.run = [](runner::Context&) -> Result<void> { throw std::runtime_error("oh"); };
    bench.options.procedures = {failing};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(bench.told.reasons["failing"] == "fault of the tool: oh");
    CHECK(outcome->judgement.items.front().verdict == Verdict::inconclusive);
    CHECK(outcome->judgement.items.front().cause == Cause::tool);
  }
  SECTION("facts that do not fit the tables are the tool's fault") {
    failing.run = [](runner::Context& context) -> Result<void> {
      give(context, "a", "perhaps");
      cover(context, "lan");
      return {};
    };
    bench.options.procedures = {failing};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(bench.told.states["failing"] == "failed");
    CHECK(bench.query("SELECT count(*) FROM coverage") == "0 ");
    CHECK(outcome->judgement.headline == Headline::incomplete);
  }
}

TEST_CASE("safe procedures overlap, except where they hold the same resource", "[unit]") {
  const Greeter device("127.50.1.3");
  Bench bench(device.endpoint());
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  const auto meet = [&](const std::string& id, bool exclusive) {
    auto out = giver(id);
    if (exclusive) out.info.exclusive = {"login"};
    out.run = [&, id](runner::Context& context) -> Result<void> {
      const int now = ++inside;
      if (now > most) most = now;
      // Long enough for a scheduler that would start the other one to do so.
      context.clock().sleep(200ms, context.stop());
      --inside;
      give(context, id);
      return {};
    };
    return out;
  };
  SECTION("side by side") {
    bench.options.procedures = {meet("first", false), meet("second", false)};
    REQUIRE(bench.run());
    CHECK(most == 2);
  }
  SECTION("alone") {
    bench.options.procedures = {meet("first", true), meet("second", true)};
    REQUIRE(bench.run());
    CHECK(most == 1);
  }
}

TEST_CASE("absence does not count when another device answers or none", "[unit]") {
  Greeter device("127.50.1.4");
  Bench bench(device.endpoint());
  auto probe = giver("first");
  SECTION("another identity afterwards") {
    probe.run = [&](runner::Context& context) -> Result<void> {
      device.become("220 somebody else\r\n");
      give(context, "first");
      cover(context, "first");
      cover(context, "lan");
      return {};
    };
    bench.options.procedures = {probe};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(bench.query("SELECT DISTINCT state FROM coverage") == "tainted ");
    CHECK(outcome->judgement.items.front().verdict == Verdict::inconclusive);
    CHECK(outcome->judgement.items.front().cause == Cause::device);
  }
  SECTION("another identity before something that is not safe") {
    probe.run = [&](runner::Context& context) -> Result<void> {
      device.become("220 somebody else\r\n");
      give(context, "first");
      cover(context, "lan");
      return {};
    };
    auto later = giver("later", Hazard::state_changing);
    later.info.requires_facts = {"thing"};
    later.info.provides_facts = {"other"};
    bench.options.procedures = {probe, later};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(bench.told.states["later"] == "skipped");
    CHECK(bench.query("SELECT count(*) FROM thing WHERE subject = 'later'") == "0 ");
    CHECK(outcome->judgement.headline == Headline::incomplete);
  }
  SECTION("silent afterwards, and what comes later is skipped") {
    probe.run = [&](runner::Context& context) -> Result<void> {
      device.become("");
      give(context, "first");
      cover(context, "first");
      cover(context, "lan");
      return {};
    };
    auto later = giver("later");
    later.info.requires_facts = {"thing"};
    later.info.provides_facts = {"other"};
    bench.options.procedures = {probe, later};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(outcome->judgement.headline == Headline::incomplete);
    CHECK(bench.query("SELECT state FROM coverage WHERE subject = 'lan'") == "tainted ");
  }
}

TEST_CASE("a stopped run is valid and goes on where it was", "[unit]") {
  const Greeter device("127.50.1.5");
  Bench bench(device.endpoint());
  std::stop_source source;
  int calls = 0;
  auto first = giver("first");
  auto second = giver("second");
  second.info.requires_facts = {"thing"};
  second.info.provides_facts = {"other"};
  second.run = [&](runner::Context& context) -> Result<void> {
    ++calls;
    if (calls == 1) source.request_stop();
    give(context, "second");
    cover(context, "second");
    context.cover({.topic = "more",
                   .subject = "lan",
                   .state = CoverageState::complete,
                   .cause = Cause::none,
                   .why = {},
                   .tried = {}});
    return {};
  };
  second.info.topics = {"more"};
  bench.options.catalogue.value.items.front().criteria.front().universe = {"things", "more"};
  bench.options.procedures = {first, second};
  const auto stopped = bench.run(source.get_token());
  REQUIRE(stopped);
  CHECK(stopped->stopped);
  CHECK(stopped->judgement.headline == Headline::incomplete);
  CHECK(bench.told.states["second"] == "interrupted");
  const auto intact = evidence::verify(bench.options.output, std::nullopt);
  REQUIRE(intact);
  CHECK(intact->intact());

  bench.options.resume = true;
  bench.told.order.clear();
  const auto resumed = bench.run();
  REQUIRE(resumed);
  CHECK(bench.told.order == "+second-second");
  CHECK(resumed->judgement.headline == Headline::conformant);
}

TEST_CASE("a run is refused before anything is sent", "[unit]") {
  const Greeter device("127.50.1.6");
  Bench bench(device.endpoint());
  bench.options.procedures = {giver("first")};
  SECTION("outside the authorised dates") {
    bench.options.device.value.authorisation.until = "2001-01-01";
    const auto outcome = bench.run();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == ErrorKind::invalid_input);
    CHECK(outcome.error().message().find("nothing was sent") != std::string::npos);
  }
  SECTION("an unknown item") {
    bench.options.selection.only = {"9.9"};
    const auto outcome = bench.run();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().message().find("allowed: 1.1") != std::string::npos);
  }
  SECTION("a selection that plans nothing") {
    bench.options.catalogue.value.items.front().lite = false;
    bench.options.selection.type = "lite";
    REQUIRE_FALSE(bench.run());
  }
  SECTION("a device that another run holds") {
    std::filesystem::create_directories(bench.options.state_dir / "locks");
    const auto lock = net::DeviceLock::acquire(bench.options.state_dir / "locks" /
                                               device.endpoint().address.text());
    REQUIRE(lock);
    const auto outcome = bench.run();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == ErrorKind::budget);
  }
  CHECK_FALSE(std::filesystem::exists(bench.options.output));
}

TEST_CASE("a fact that does not come each time is unstable and never a plain pass", "[unit]") {
  const Greeter device("127.50.1.7");
  Bench bench(device.endpoint());
  bench.options.repeat = 3;
  int calls = 0;
  auto probe = giver("first");
  const auto answer = [&](const std::function<void(runner::Context&, int)>& go) {
    probe.run = [&calls, go](runner::Context& context) -> Result<void> {
      go(context, ++calls);
      cover(context, "lan");
      cover(context, "first");
      return {};
    };
    bench.options.procedures = {probe};
    return bench.run();
  };
  SECTION("the same each time: three goes, nothing unstable, a pass") {
    const auto outcome = answer([](runner::Context& context, int) { give(context, "first"); });
    REQUIRE(outcome);
    CHECK(calls == 3);
    CHECK(bench.query("SELECT count(*) FROM unstable") == "0 ");
    CHECK(bench.query("SELECT count(*) FROM thing") == "1 ");
    CHECK(outcome->judgement.headline == Headline::conformant);
  }
  SECTION("values that differ") {
    const auto outcome = answer([](runner::Context& context, int call) {
      give(context, "first", call == 2 ? "unknown" : "yes");
    });
    REQUIRE(outcome);
    CHECK(bench.query("SELECT row_key || ' ' || same || '/' || of FROM unstable") ==
          "subject=first 2/3 ");
    CHECK(bench.query("SELECT good FROM thing") == "yes ");
    CHECK(bench.query("SELECT state FROM coverage WHERE subject = 'first'") == "partial ");
    CHECK(bench.query("SELECT why FROM coverage WHERE subject = 'first'").find("2 of 3") !=
          std::string::npos);
    CHECK(outcome->judgement.headline == Headline::incomplete);
  }
  SECTION("a breach that was seen once stands") {
    const auto outcome = answer([](runner::Context& context, int call) {
      give(context, "first");
      if (call == 2) give(context, "bad", "no");
    });
    REQUIRE(outcome);
    CHECK(bench.query("SELECT row_key || ' ' || same || '/' || of FROM unstable") ==
          "subject=bad 1/3 ");
    CHECK(bench.query("SELECT DISTINCT state FROM coverage") == "partial ");
    CHECK(outcome->judgement.headline == Headline::non_conformant);
  }
  SECTION("a go that fails makes nothing complete") {
    probe.run = [&calls](runner::Context& context) -> Result<void> {
      if (++calls == 2) return fail(ErrorKind::timed_out, "no answer");
      give(context, "first");
      cover(context, "lan");
      cover(context, "first");
      return {};
    };
    bench.options.procedures = {probe};
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(bench.told.states["first"] == "finished");
    CHECK(bench.query("SELECT DISTINCT state FROM coverage") == "partial ");
    CHECK(outcome->judgement.headline == Headline::incomplete);
  }
}

TEST_CASE("only what sends and harms nothing is repeated", "[unit]") {
  const Greeter device("127.50.1.8");
  Bench bench(device.endpoint());
  std::map<std::string, int> calls;
  const auto counted = [&](const std::string& id, Hazard hazard) {
    auto out = giver(id, hazard);
    out.run = [&calls, id](runner::Context& context) -> Result<void> {
      ++calls[id];
      give(context, id);
      cover(context, id);
      if (id == "first") cover(context, "lan");
      return {};
    };
    return out;
  };
  bench.options.procedures = {counted("first", Hazard::safe), counted("paper", Hazard::passive),
                              counted("harmful", Hazard::state_changing)};
  SECTION("asked for") {
    bench.options.repeat = 2;
    REQUIRE(bench.run());
    CHECK(calls == std::map<std::string, int>{{"first", 2}, {"paper", 1}, {"harmful", 1}});
  }
  SECTION("where an earlier run saw something else") {
    bench.options.doubtful = [](const std::string& procedure, const std::vector<FactRow>& facts) {
      return procedure == "first" && !facts.empty();
    };
    const auto outcome = bench.run();
    REQUIRE(outcome);
    CHECK(calls ==
          std::map<std::string, int>{{"first", runner::kSecondLook}, {"paper", 1}, {"harmful", 1}});
    CHECK(bench.query("SELECT count(*) FROM unstable") == "0 ");
    CHECK(outcome->judgement.headline == Headline::conformant);
  }
}

TEST_CASE("a run that is stopped while it repeats goes on with all of it", "[unit]") {
  const Greeter device("127.50.1.9");
  Bench bench(device.endpoint());
  bench.options.repeat = 3;
  std::stop_source source;
  int calls = 0;
  auto probe = giver("first");
  probe.run = [&](runner::Context& context) -> Result<void> {
    if (++calls == 2) source.request_stop();
    give(context, "first");
    cover(context, "lan");
    cover(context, "first");
    return {};
  };
  bench.options.procedures = {probe};
  const auto stopped = bench.run(source.get_token());
  REQUIRE(stopped);
  CHECK(bench.told.states["first"] == "interrupted");
  CHECK(bench.query("SELECT count(*) FROM thing") == "0 ");
  bench.options.resume = true;
  const auto resumed = bench.run();
  REQUIRE(resumed);
  CHECK(calls == 5);
  CHECK(resumed->judgement.headline == Headline::conformant);
}
