#include "testcases/update/trials.hpp"

#include <fstream>
#include <iterator>

#include "testcases/authentication/web.hpp"

namespace haetae::testcases::update {
namespace {

std::optional<formats::DeclaredSignature> signature_of(const declaration::Update& update) {
  if (!update.signature) return std::nullopt;
  return formats::DeclaredSignature{.offset = update.signature->offset,
                                    .length = update.signature->length};
}

std::vector<Bytes> keys_of(const declaration::Update& update) {
  std::vector<Bytes> out;
  for (const auto& file : update.keys) {
    std::ifstream in(file, std::ios::binary);
    if (in) out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

}  // namespace

Result<formats::UpdateFile> taken_apart(const runner::Context& context, const Stock& stock) {
  const auto& update = context.device().update;
  return formats::read_update_file(stock.bytes, signature_of(update), keys_of(update));
}

Result<void> with_bench(runner::Context& context, std::string_view topic,
                        const std::function<Gap(Workbench&)>& work) {
  const std::string name(topic);
  auto bench = Workbench::open(context);
  if (!bench) {
    context.cover(gap(name, subject_of(context.device().update), Cause::declaration,
                      printable(bench.error().message())));
    return {};
  }
  std::string why;
  Gap missing;
  if ((*bench)->knows(why))
    missing = work(**bench);
  else
    missing = {why, Cause::device};
  context.cover(missing.why.empty()
                    ? whole(name, (*bench)->subject(), missing.tried)
                    : gap(name, (*bench)->subject(), missing.cause, missing.why, missing.tried));
  return {};
}

Gap Trials::run() {
  Gap out;
  std::size_t done = 0;
  std::string notes;
  for (const Candidate& candidate : candidates_) {
    if (context_.stop().stop_requested()) {
      out.why = "the run was asked to stop";
      out.cause = Cause::lab;
      break;
    }
    context_.progress(done++, candidates_.size(), candidate.mutation + " of " + candidate.image);
    formats::Mutation made;
    made.what = candidate.what;
    if (candidate.make) {
      auto altered = candidate.make();
      if (!altered) {
        notes += "; no " + candidate.mutation + ": " + printable(altered.error().message());
        continue;
      }
      made = std::move(*altered);
    }
    const ByteView bytes = candidate.make ? ByteView(made.bytes) : candidate.bytes;
    const Seen seen = bench_.offer(
        {.bytes = bytes,
         .name = "update.bin",
         .version = candidate.version,
         .actor = {},
         .cut = {}},
        {.version = candidate.version, .marker = made.marker, .genuine = candidate.genuine});
    facts::UpdateTrial fact = trial(bench_, seen, candidate.image, candidate.mutation);
    fact.what = printable(made.what);
    fact.covered = yes_no(made.covered);
    fact.sha256 = to_hex(sha256(bytes));
    fact.restored = bench_.clean_up(seen);
    if (fact.evidence == 0) {
      out.why = "nothing was offered: " + seen.offer.why;
      out.cause = seen.offer.cause == Cause::none ? Cause::device : seen.offer.cause;
      break;
    }
    keep_(fact);
    if (fact.restored == "no") {
      out.why = "after the file " + candidate.mutation + " of " + candidate.image +
                " the version under test could not be put back, so that no more was offered";
      out.cause = Cause::device;
      break;
    }
  }
  out.tried = std::to_string(done) + " of " + std::to_string(candidates_.size()) + " files" + notes;
  return out;
}

}  // namespace haetae::testcases::update
