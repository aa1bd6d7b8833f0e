#include "reports/evidence_index.hpp"

#include <catch2/catch.hpp>

using namespace haetae;
using namespace haetae::reports;

namespace {

Report with_evidence(std::size_t count) {
  Report report;
  for (std::size_t at = 1; at <= count; ++at) {
    EvidenceEntry entry;
    entry.id = static_cast<EvidenceId>(at);
    entry.procedure = at % 2 == 0 ? "tls" : "http";
    entry.size = 10;
    report.evidence.push_back(entry);
  }
  return report;
}

}  // namespace

TEST_CASE("ids are written as ranges, and no more of them than asked", "[reports]") {
  CHECK(id_ranges({}, 3).empty());
  CHECK(id_ranges({7}, 3) == "7");
  CHECK(id_ranges({1, 2, 3, 5, 8, 9}, 3) == "1–3, 5, 8–9");
  CHECK(id_ranges({1, 3, 5, 7}, 3) == "1, 3, 5, …");
}

TEST_CASE("a small run lists all of its evidence", "[reports]") {
  const Report report = with_evidence(kListEverything);
  const EvidenceIndex index = evidence_index(report);
  CHECK(index.listed.size() == kListEverything);
  CHECK(index.grouped.empty());
}

TEST_CASE("a large run lists what is cited and groups the rest, and counts every piece",
          "[reports]") {
  Report report = with_evidence(20'000);
  for (std::size_t at = 0; at < 10'000; at += 2) report.evidence[at].cited_by = {"1.1-x"};
  report.answers.push_back({.criterion = "7.1-x",
                            .outcome = "pass",
                            .who = "",
                            .second = "",
                            .at = "",
                            .text = "",
                            .evidence = 2,
                            .attachments = {4}});
  const EvidenceIndex index = evidence_index(report);
  CHECK(index.listed.size() == kMostListed);
  CHECK(index.listed[1]->id == 2);
  CHECK(index.listed[3]->id == 4);
  std::size_t count = index.listed.size();
  std::size_t cited = 0;
  std::int64_t bytes = 0;
  for (const EvidenceGroup& group : index.grouped) {
    count += group.count;
    cited += group.cited;
    bytes += group.bytes;
  }
  CHECK(count == 20'000);
  CHECK(cited == 5'002 - kMostListed);
  CHECK(bytes == 160'000);
}
