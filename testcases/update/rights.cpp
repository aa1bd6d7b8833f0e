#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/trials.hpp"

/// Whether somebody without the rights can start an update: nobody at all, or an account of a
/// lesser role.
namespace haetae::testcases {
namespace {

using namespace update;

struct Person {
  Actor actor;
  std::string word, account;
};

std::vector<Person> people(const runner::Context& context, const Adapter& adapter) {
  std::vector<Person> out;
  if (adapter.can_be_nobody())
    out.push_back({.actor = {.kind = Actor::Kind::nobody}, .word = "nobody", .account = {}});
  if (adapter.login().empty()) return out;
  for (const auto& account : context.device().accounts) {
    const bool lesser = account.role == "user" || account.role == "viewer";
    if (!lesser || !account.has_password || !uses(account, adapter.login())) continue;
    out.push_back({.actor = {.kind = Actor::Kind::account, .account = &account},
                   .word = "lesser-role",
                   .account = account.name});
  }
  return out;
}

Gap try_people(runner::Context& context, Workbench& bench) {
  const Stock* base = bench.base();
  if (base == nullptr) return {"no genuine update file can be read", Cause::declaration};
  const auto everybody = people(context, bench.adapter());
  if (everybody.empty()) return {"by this way of update nobody else can be tried", Cause::tool};
  std::size_t done = 0;
  for (const Person& person : everybody) {
    if (context.stop().stop_requested()) return {"the run was asked to stop", Cause::lab};
    context.progress(done++, everybody.size(), person.word + " " + person.account);
    const Seen seen = bench.offer({.bytes = base->bytes,
                                   .name = "update.bin",
                                   .version = base->version,
                                   .actor = person.actor,
                                   .cut = {}},
                                  {.version = base->version, .marker = {}, .genuine = true});
    if (seen.evidence == 0 || !seen.offer.tried)
      return {"the update could not be tried as " + person.word + " " + person.account + ": " +
                  seen.offer.why,
              seen.offer.cause};
    facts::UpdateRights fact;
    fact.evidence = seen.evidence;
    fact.subject = bench.subject();
    fact.actor = person.word;
    fact.account = person.account;
    fact.outcome = word(seen.became);
    fact.basis = seen.basis;
    fact.message = seen.offer.message.empty() ? seen.offer.why : seen.offer.message;
    fact.version_before = seen.before.version;
    fact.version_after = seen.after.version;
    fact.restored = bench.clean_up(seen);
    runner::record(context, fact);
    if (fact.restored == "no")
      return {"the version under test could not be put back", Cause::device};
  }
  return {.why = {}, .cause = Cause::none, .tried = std::to_string(done) + " actors"};
}

Result<void> try_rights(runner::Context& context) {
  return with_bench(context, "update.rights",
                    [&](Workbench& bench) { return try_people(context, bench); });
}

}  // namespace

runner::Procedure update_rights_procedure() {
  runner::Info info;
  info.id = "update-rights";
  info.title = {"권한 없는 업데이트 시도", "offer of an update without rights"};
  info.hazard = Hazard::disruptive;
  info.requires_facts = {"update_control"};
  info.provides_facts = {"update_rights"};
  info.topics = {"update.rights"};
  info.exclusive = {"login", "device-state"};
  info.connections = 60;
  info.logins = 20;
  info.expected = std::chrono::seconds(30);
  info.deadline = std::chrono::seconds(3600);
  info.recovery = {"설치되었으면 선언된 현재 이미지를 다시 설치한다.",
                   "Installs the declared current image again where the file was taken."};
  return {.info = std::move(info), .run = try_rights, .recover = bring_back};
}

}  // namespace haetae::testcases
