#include "harness/audit/check.hpp"

#include "harness/audit/words.hpp"
#include "harness/evidence/run_file.hpp"

namespace haetae::audit {
namespace {

constexpr int kChanged = 1;
constexpr int kIncomplete = 2;
constexpr int kFault = 3;
constexpr int kUsage = 64;

/// note() keeps the graver of two exit codes: changed before incomplete before whole.
void note(Checked& out, int code) {
  if (out.exit_code != kChanged && code != 0) out.exit_code = code;
}

Result<void> judge_again(const Wish& wish, const evidence::RunFile& run, Checked& out) {
  const Words words(wish.korean);
  const auto revisions = rejudge(run, wish.tool);
  if (!revisions) return tl::unexpected(revisions.error());
  if (revisions->empty()) out.text += words.not_judged();
  for (const Rejudged& revision : *revisions) {
    out.text += words.judged(revision);
    if (!revision.trouble.empty()) note(out, kIncomplete);
    if (revision.differing > 0) note(out, kChanged);
  }
  return {};
}

Result<void> check_inside(const Wish& wish, Checked& out) {
  const auto run = evidence::RunFile::open(wish.run, false, system_clock());
  if (!run) return tl::unexpected(run.error());
  if (wish.judge) {
    if (auto done = judge_again(wish, *run, out); !done) return done;
  }
  for (const auto& file : wish.reports) {
    const auto report = check_report(*run, file);
    if (!report) return tl::unexpected(report.error());
    out.text += Words(wish.korean).report(*report);
    if (!report->known) note(out, kChanged);
  }
  return {};
}

}  // namespace

Result<Checked> check(const Wish& wish) {
  std::optional<Bytes> trusted;
  if (!wish.key.empty()) {
    auto key = evidence::public_key_from_pem(wish.key);
    if (!key) return tl::unexpected(key.error());
    trusted = std::move(*key);
  }
  const auto verification = evidence::verify(wish.run, trusted, wish.authorities);
  if (!verification) return tl::unexpected(verification.error());
  const Words words(wish.korean);
  Checked out;
  const std::string file = printable(wish.run.string(), 300);
  if (!verification->intact()) {
    return Checked{.text = words.damages(file, *verification), .exit_code = kChanged};
  }
  out.text = words.chain(file, *verification, trusted.has_value());
  for (const evidence::Stamp& stamp : verification->stamps) {
    out.text += words.stamp(stamp, !wish.authorities.empty());
    if (!wish.authorities.empty() && !stamp.checked.known) note(out, kIncomplete);
  }
  const bool sealed = verification->sealed_to > 0;
  if (!sealed || (trusted && !verification->signer_known)) note(out, kIncomplete);
  if (auto done = check_inside(wish, out); !done) return tl::unexpected(done.error());
  return out;
}

int exit_code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::invalid_input:
    case ErrorKind::not_found:
    case ErrorKind::out_of_scope: return kUsage;
    default: return kFault;
  }
}

}  // namespace haetae::audit
