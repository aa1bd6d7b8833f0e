#include <algorithm>

#include "harness/evidence/canon.hpp"
#include "reports/rows.hpp"

namespace haetae::reports {

using evidence::Statement;

namespace {

/// What is shown in place is bounded, however much a run holds: the rest is in the run file.
constexpr std::int64_t kMostOfOne = 64 * 1024;
constexpr std::int64_t kMostOfPicture = 4 * 1024 * 1024;
constexpr std::int64_t kMostOfAll = 8 * 1024 * 1024;
constexpr std::int64_t kMostOfPictures = 32 * 1024 * 1024;

bool picture(const EvidenceEntry& entry) {
  return entry.kind == "document" && entry.media_type.starts_with("image/");
}

}  // namespace

void read_issues(Rows& rows, Report& report, std::string_view number) {
  rows.each_of("report", "SELECT number, at, replaces, reason, revision FROM report ORDER BY id",
               [&](const Statement& row) {
                 Issue issue{.number = row.text(0),
                             .at = row.text(1),
                             .replaces = row.text(2),
                             .reason = row.text(3),
                             .revision = row.integer(4)};
                 if (!number.empty() && issue.number == number) report.issue = issue;
                 report.history.push_back(std::move(issue));
               });
  if (!report.issue) return;
  rows.each("SELECT name, text FROM document WHERE kind = 'particulars' ORDER BY id",
            [&](const Statement& row) {
              if (row.view(0) != number) return;
              if (auto loaded = declaration::load_particulars_text(row.view(1), row.text(0))) {
                report.particulars = std::move(loaded->value);
              }
            });
}

void read_latency(Rows& rows, Report& report) {
  rows.each_of(
      "liveness",
      "SELECT link.at, connect_us, alive, moment FROM liveness JOIN link ON link.n = "
      "liveness.link ORDER BY liveness.id",
      [&](const Statement& row) {
        report.latency.push_back({.at = row.text(0),
                                  .milliseconds = static_cast<double>(row.integer(1)) / 1000.0,
                                  .answered = row.view(2) == "yes",
                                  .moment = row.text(3)});
      });
}

void read_contents(Rows& rows, Report& report) {
  std::int64_t left = kMostOfAll;
  std::int64_t left_pictures = kMostOfPictures;
  for (const EvidenceEntry& entry : report.evidence) {
    const bool shown = picture(entry);
    if (entry.withheld || (entry.cited_by.empty() && !shown)) continue;
    std::int64_t& budget = shown ? left_pictures : left;
    const std::int64_t most = std::min(shown ? kMostOfPicture : kMostOfOne, budget);
    // A picture that was cut cannot be shown; what is text or a transcript can.
    if (most <= 0 || (shown && entry.size > most)) continue;
    Content& content = report.contents[entry.id];
    for (std::int64_t n = 0; static_cast<std::int64_t>(content.bytes.size()) < most; ++n) {
      const std::int64_t room = most - static_cast<std::int64_t>(content.bytes.size());
      bool any = false;
      rows.each(
          "SELECT substr(bytes, 1, ?2) FROM evidence_chunk WHERE id = ?1",
          [&](const Statement& row) {
            const ByteView bytes = row.blob(0);
            content.bytes.insert(content.bytes.end(), bytes.begin(), bytes.end());
            any = !bytes.empty();
          },
          entry.id * evidence::kChunksPerEvidence + n, room);
      if (!any) break;
    }
    content.whole = static_cast<std::int64_t>(content.bytes.size()) == entry.size;
    budget -= static_cast<std::int64_t>(content.bytes.size());
  }
}

}  // namespace haetae::reports
