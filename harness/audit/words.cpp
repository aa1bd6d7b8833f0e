#include "harness/audit/words.hpp"

#include <fmt/format.h>

#include "harness/model/bytes.hpp"

namespace haetae::audit {
namespace {

template <typename... Values>
std::string put(const char* pattern, const Values&... values) {
  return fmt::format(fmt::runtime(pattern), values...);
}

}  // namespace

std::string Words::damages(const std::string& file,
                           const evidence::Verification& verification) const {
  std::string out;
  for (const auto& damage : verification.damages) {
    out += put("✗ {}: {}\n", damage.place, printable(damage.text, 300));
  }
  return out + put(pick("{}: 기록된 뒤에 바뀌었습니다({}곳). 다시 판정하지 않았습니다.\n",
                        "{}: changed after it was written ({} places); not judged again\n"),
                   file, verification.damages.size());
}

std::string Words::chain(const std::string& file, const evidence::Verification& verification,
                         bool trusted) const {
  std::string out =
      put(pick("✓ {}: 그대로입니다. 고리 {}개, 루트 {}\n", "✓ {}: intact, {} links, root {}\n"),
          file, verification.links, verification.root);
  if (verification.sealed_to > 0) {
    const char* const known =
        verification.signer_known ? pick("믿는 키", "known")
        : trusted                 ? pick("믿는 키가 아님", "NOT the key that you trust")
                  : pick("알 수 없음: --key로 공개 키를 주십시오", "unknown: give --key");
    out += put(pick("  고리 {}까지 봉인됨(전체 {}), {} 키 {} ({})\n",
                    "  sealed to link {} of {}, {} key {} ({})\n"),
               verification.sealed_to, verification.links, verification.algorithm,
               evidence::fingerprint(verification.signer), known);
  } else {
    out += pick("  봉인되지 않음: 누구나 이 파일을 쓸 수 있었습니다\n",
                "  not sealed: anybody could have written this file\n");
  }
  if (verification.sealed_to < verification.links) {
    out += pick("  봉인 뒤의 고리는 잘라 내도 드러나지 않습니다\n",
                "  links behind the seal could be cut off unnoticed\n");
  }
  if (verification.withheld > 0) {
    out += put(pick("  내용 {}건이 가려져 있습니다(가린 사본)\n",
                    "  {} contents are withheld (redacted copy)\n"),
               verification.withheld);
  }
  return out;
}

std::string Words::stamp(const evidence::Stamp& stamp, bool trusted) const {
  const char* const known = stamp.checked.known ? pick("믿는 기관", "authority known")
                            : trusted ? pick("믿는 기관이 아님", "NOT an authority that you trust")
                                      : pick("기관을 알 수 없음: --tsa-ca로 주십시오",
                                             "authority unknown: give --tsa-ca");
  return put(pick("  봉인 {}: {}에 있었음, 시점 확인 {} ({})\n",
                  "  seal {} existed at {}, says {} ({})\n"),
             stamp.seal, stamp.checked.time, stamp.checked.authority, known);
}

std::string Words::judged(const Rejudged& revision) const {
  if (!revision.trouble.empty()) {
    return put(pick("  판정 {}차: 다시 판정하지 못했습니다: {}\n",
                    "  revision {}: could not be judged again: {}\n"),
               revision.revision, printable(revision.trouble, 400));
  }
  if (revision.follows()) {
    return put(
        pick(
            "✓ 판정 {}차: 다시 판정해도 같습니다. 항목 {}개, 기준 {}개, 대상 {}개, 부적합 {}건{}\n",
            "✓ revision {}: follows from the facts: {} items, {} criteria, {} subjects, {} "
            "findings{}\n"),
        revision.revision, revision.items, revision.criteria, revision.subjects, revision.findings,
        revision.wording ? ""
                         : pick(" (다른 판의 도구가 판정하여 문장은 비교하지 않음)",
                                " (wording not compared: another edition of the tool judged)"));
  }
  std::string out;
  for (const Difference& difference : revision.differences) {
    out += put(pick("✗ 판정 {}차, {}: {}\n", "✗ revision {}, {}: {}\n"), revision.revision,
               difference.place, difference.text);
  }
  return out + put(pick("  판정 {}차: 사실에서 나오는 판정과 {}곳이 다릅니다\n",
                        "  revision {}: differs in {} places from what follows from the facts\n"),
                   revision.revision, revision.differing);
}

std::string Words::not_judged() const {
  return pick("  판정이 없습니다: 비교할 것이 없습니다\n",
              "  never judged: there are no verdicts to compare\n");
}

std::string Words::report(const ReportFile& report) const {
  const std::string file = printable(report.file.string(), 300);
  if (report.known) {
    std::string out = put(pick("✓ {}: 성적서 {}, {}, {}: 그대로입니다. 고리 {}에서 발행됨\n",
                               "✓ {}: report {}, {}, {}: unchanged, issued from link {}\n"),
                          file, printable(report.number), printable(report.format),
                          printable(report.language), report.link);
    if (!report.replaced_by.empty()) {
      out += put(pick("  성적서 {}(으)로 대체되었습니다\n", "  it was replaced by report {}\n"),
                 printable(report.replaced_by));
    }
    return out;
  }
  if (!report.like.empty()) {
    return put(pick("✗ {}: 성적서 {}의 파일과 길이는 같으나 바이트가 다릅니다: 발행된 뒤에 "
                    "바뀌었습니다 (SHA-256 {})\n",
                    "✗ {}: as long as a file of report {}, with other bytes: changed after it was "
                    "issued (SHA-256 {})\n"),
               file, printable(report.like), report.sha256);
  }
  return put(
      pick("✗ {}: 이 시험에서 발행된 파일 {}개 가운데 없습니다: 바뀌었거나 다른 시험의 것입니다 "
           "(SHA-256 {})\n",
           "✗ {}: is none of the {} files that were issued from this run: changed, a draft, "
           "or of another run (SHA-256 {})\n"),
      file, report.issued, report.sha256);
}

}  // namespace haetae::audit
