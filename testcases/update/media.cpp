#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/trials.hpp"

/// Whether an update file without the maker's signature is installed from a removable medium.
namespace haetae::testcases {
namespace {

using namespace update;

constexpr const char* kTopic = "update.media";
constexpr const char* kSubject = "media";

void keep(runner::Context& context, const facts::UpdateTrial& fact) {
  facts::MediaTrial media;
  static_cast<facts::UpdateTrial&>(media) = fact;
  runner::record(context, media);
}

/// offer_genuine() is the control: without it a refusal proves nothing.
Gap offer_genuine(runner::Context& context, Workbench& bench, const Stock& base) {
  context.progress(0, 1, "genuine update on a medium");
  const Seen seen = bench.offer(
      {.bytes = base.bytes, .name = "update.bin", .version = base.version, .actor = {}, .cut = {}},
      {.version = base.version, .marker = {}, .genuine = true, .exact = true});
  const Gap nothing{"nothing was offered on a medium: " + seen.offer.why,
                    seen.offer.cause == Cause::none ? Cause::lab : seen.offer.cause};
  if (seen.evidence == 0) return nothing;
  facts::UpdateTrial fact = trial(bench, seen, base.image, "genuine");
  fact.what = "the maker's file as it is";
  fact.sha256 = to_hex(sha256(base.bytes));
  const bool home = seen.after.alive && seen.after.version == bench.home();
  if (seen.became == Became::installed) bench.learn(seen);
  const bool back = bench.put_back(false);
  fact.restored = home ? "not-needed" : yes_no(back);
  keep(context, fact);
  if (!back) return {"the version under test could not be put back", Cause::device};
  if (!seen.offer.tried) return nothing;
  if (std::string why = third_version(seen, base.version); !why.empty())
    return {std::move(why), Cause::device};
  if (seen.became != Became::installed)
    return {
        "no genuine update was seen to be installed from a medium, so that a refusal proves "
        "nothing",
        Cause::device};
  return {};
}

/// offer_again() is the control at the end: a medium that was no longer read refuses everything.
Gap offer_again(Workbench& bench, const Stock& base) {
  const Seen seen = bench.offer(
      {.bytes = base.bytes, .name = "update.bin", .version = base.version, .actor = {}, .cut = {}},
      {.version = base.version, .marker = {}, .genuine = true, .exact = true});
  if (!bench.put_back(false))
    return {"the version under test could not be put back", Cause::device};
  if (seen.became == Became::installed) return {};
  return {
      "after the altered files no genuine update was installed from a medium any more, so that "
      "the refusals prove nothing",
      Cause::lab};
}

/// counts_as_unsigned() is whether the catalogue counts a mutation as one without the maker's
/// signature.
bool counts_as_unsigned(const catalogue::Catalogue& catalogue, const std::string& id) {
  const auto* table = catalogue.reference("update_mutation");
  if (table == nullptr) return false;
  for (const auto& row : table->rows)
    if (column(*table, row, "mutation") == id) return column(*table, row, "judges") == "unsigned";
  return false;
}

Gap try_media(runner::Context& context, Workbench& bench) {
  const Stock* base = bench.base();
  if (base == nullptr)
    return {"no genuine update file was handed over, or it cannot be read", Cause::declaration};
  if (!bench.shows_version())
    return {"it is not declared where the running version can be read", Cause::declaration};
  if (!bench.recoverable())
    return {"no way back from a bad image is declared (recovery, or the hook recover)",
            Cause::declaration};
  const auto known = taken_apart(context, *base);
  if (!known)
    return {
        "the genuine update file could not be taken apart: " + printable(known.error().message()),
        Cause::tool};
  if (Gap missing = offer_genuine(context, bench, *base); !missing.why.empty()) return missing;
  Trials trials(context, bench, [&](const facts::UpdateTrial& fact) { keep(context, fact); });
  for (const std::string& id : formats::mutation_ids(*known)) {
    if (!counts_as_unsigned(context.catalogue(), id)) continue;
    trials.add({.image = base->image,
                .mutation = id,
                .what = {},
                .version = base->version,
                .genuine = false,
                .bytes = {},
                .make = [&, id] { return formats::mutate_one(base->bytes, *known, id); }});
  }
  if (trials.count() == 0)
    return {"no file without a signature could be made of the genuine one", Cause::tool};
  Gap out = trials.run();
  out.tried += "; format " + known->format;
  if (!out.why.empty()) return out;
  Gap after = offer_again(bench, *base);
  after.tried = std::move(out.tried);
  return after;
}

Result<void> offer_on_media(runner::Context& context) {
  auto bench = Workbench::open(context, on_media(context));
  if (!bench) {
    context.cover(gap(kTopic, kSubject, Cause::declaration, printable(bench.error().message())));
    return {};
  }
  const Gap missing = try_media(context, **bench);
  context.cover(missing.why.empty()
                    ? whole(kTopic, kSubject, missing.tried)
                    : gap(kTopic, kSubject, missing.cause, missing.why, missing.tried));
  return {};
}

Result<void> bring_back_from_media(runner::Context& context) {
  auto bench = Workbench::open(context, on_media(context));
  if (!bench) return {};
  if ((*bench)->put_back(false)) return {};
  return fail(ErrorKind::refused,
              "the version under test does not run after an interrupted update from a medium; put "
              "it back by the declared way of recovery");
}

}  // namespace

runner::Procedure update_media_procedure() {
  runner::Info info;
  info.id = "update-media";
  info.title = {"저장매체로 준 업데이트의 설치 시도", "offer of updates on a removable medium"};
  info.hazard = Hazard::may_brick;
  info.requires_facts = {"service", "declared_media"};
  info.provides_facts = {"media_trial"};
  info.topics = {kTopic};
  info.exclusive = {"login", "device-state"};
  info.connections = 100;
  info.logins = 60;
  info.expected = std::chrono::seconds(60);
  info.deadline = std::chrono::seconds(2 * 3600);
  info.recovery = {
      "설치된 것이 있으면 현재 이미지를 매체로 다시 주고, 안 되면 recover 훅이나 전원 재투입을 "
      "쓴다.",
      "Gives the current image on the medium again where something was taken, or else runs the "
      "hook recover or a power cycle."};
  return {.info = std::move(info), .run = offer_on_media, .recover = bring_back_from_media};
}

}  // namespace haetae::testcases
