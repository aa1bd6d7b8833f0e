#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "harness/catalogue/phrases.hpp"
#include "reports/rows.hpp"

namespace haetae::reports {

using evidence::Statement;

namespace {

void read_evidence(Rows& rows, Report& report) {
  std::map<EvidenceId, std::vector<std::string>> cited;
  rows.each(
      "SELECT DISTINCT evidence, criterion FROM citation WHERE revision = ?1 ORDER BY evidence, id",
      [&](const Statement& row) { cited[row.integer(0)].push_back(row.text(1)); },
      report.revision.number);
  rows.each(
      "SELECT id, link, procedure, kind, subject, label, media_type, at, size, cut, commitment, "
      "id NOT IN (SELECT evidence FROM evidence_salt) FROM evidence ORDER BY id",
      [&](const Statement& row) {
        EvidenceEntry& entry = report.evidence.emplace_back();
        entry.id = row.integer(0);
        entry.link = row.integer(1);
        entry.procedure = row.text(2);
        entry.kind = row.text(3);
        entry.subject = row.text(4);
        entry.label = row.text(5);
        entry.media_type = row.text(6);
        entry.at = row.text(7);
        entry.size = row.integer(8);
        entry.cut = row.integer(9);
        entry.commitment = to_hex(row.blob(10));
        entry.withheld = row.integer(11) == 1;
        if (const auto found = cited.find(entry.id); found != cited.end()) {
          entry.cited_by = found->second;
        }
      });
}

void read_procedures(Rows& rows, Report& report) {
  std::map<std::string, std::size_t> place;
  rows.each(
      "SELECT procedure, version, hazard, topics, state, reason FROM plan_procedure ORDER BY id",
      [&](const Statement& row) {
        place[row.text(0)] = report.procedures.size();
        ProcedureEntry& entry = report.procedures.emplace_back();
        entry.id = row.text(0);
        entry.version = row.integer(1);
        entry.hazard = row.text(2);
        std::istringstream topics(row.text(3));
        for (std::string topic; topics >> topic;) entry.topics.push_back(topic);
        entry.plan = row.text(4);
        entry.plan_reason = row.text(5);
      });
  rows.each("SELECT procedure, state, at, cause, reason FROM procedure_state ORDER BY id",
            [&](const Statement& row) {
              const auto found = place.find(row.text(0));
              if (found == place.end()) return;
              ProcedureEntry& entry = report.procedures[found->second];
              entry.state = row.text(1);
              entry.at = row.text(2);
              entry.cause = row.text(3);
              entry.reason = row.text(4);
              if (entry.state == "started" && entry.started.empty()) entry.started = entry.at;
              report.finished = std::max(report.finished, entry.at);
            });
}

void read_unstable(Rows& rows, Report& report) {
  rows.each("SELECT procedure, tbl, row_key, same, of FROM unstable ORDER BY id",
            [&](const Statement& row) {
              report.unstable.push_back({.procedure = row.text(0),
                                         .table = row.text(1),
                                         .row = row.text(2),
                                         .same = row.integer(3),
                                         .of = row.integer(4)});
            });
}

void read_custody(Rows& rows, Report& report) {
  rows.each("SELECT n, at, what, hash FROM link ORDER BY n", [&](const Statement& row) {
    report.links.push_back(
        {.n = row.integer(0), .at = row.text(1), .what = row.text(2), .hash = to_hex(row.blob(3))});
  });
  rows.each("SELECT n, at, public_key FROM seal ORDER BY id", [&](const Statement& row) {
    report.seals.push_back(
        {.n = row.integer(0), .at = row.text(1), .public_key = to_hex(row.blob(2))});
  });
  rows.each(
      "SELECT kind, name, sha256 FROM document WHERE kind NOT IN ('schema', 'fact-table') ORDER "
      "BY id",
      [&](const Statement& row) {
        report.documents.push_back(
            {.kind = row.text(0), .name = row.text(1), .sha256 = row.text(2)});
      });
  if (report.finished.empty() && !report.links.empty()) report.finished = report.links.back().at;
}

bool left_open(Verdict verdict) {
  return verdict == Verdict::not_run || verdict == Verdict::pending;
}

}  // namespace

void read_records(Rows& rows, Report& report) {
  read_evidence(rows, report);
  read_procedures(rows, report);
  read_unstable(rows, report);
  rows.each(
      "SELECT topic, subject, state, cause, why, tried, procedure FROM coverage ORDER BY topic, "
      "subject",
      [&](const Statement& row) {
        report.coverage.push_back({.topic = row.text(0),
                                   .subject = row.text(1),
                                   .state = row.text(2),
                                   .cause = row.text(3),
                                   .why = row.text(4),
                                   .tried = row.text(5),
                                   .procedure = row.text(6)});
      });
  rows.each("SELECT at, level, text FROM log ORDER BY id", [&](const Statement& row) {
    report.log.push_back({.at = row.text(0), .level = row.text(1), .text = row.text(2)});
  });
  read_custody(rows, report);
  rows.each(
      "SELECT target, reason, author, approver, expires, state, signer FROM waiver "
      "WHERE revision = ?1 ORDER BY id",
      [&](const Statement& row) {
        report.waivers.push_back({.target = row.text(0),
                                  .reason = row.text(1),
                                  .author = row.text(2),
                                  .approver = row.text(3),
                                  .expires = row.text(4),
                                  .state = row.text(5),
                                  .signer = row.text(6)});
      },
      report.revision.number);
}

void list_not_tested(const catalogue::Catalogue& catalogue, Report& report) {
  const auto phrase = [&](const std::string& english) {
    return catalogue::phrase(catalogue, english);
  };
  const auto add = [&](std::string kind, std::string id, std::string subject, Text title,
                       Text reason, std::string word) {
    report.not_tested.push_back({.kind = std::move(kind),
                                 .id = std::move(id),
                                 .subject = std::move(subject),
                                 .title = std::move(title),
                                 .reason = std::move(reason),
                                 .word = std::move(word)});
  };
  for (const Item& item : report.items) {
    if (item.selected != "planned") {
      add("item", item.id, "", item.title, item.reason, item.selected);
      continue;
    }
    for (const Criterion& criterion : item.criteria) {
      if (!left_open(criterion.verdict)) continue;
      add("criterion", criterion.id, "", criterion.title, criterion.reason,
          std::string(word(criterion.verdict)));
    }
  }
  for (const ProcedureEntry& entry : report.procedures) {
    const bool planned = entry.plan == "planned";
    if (planned && entry.state == "finished") continue;
    const std::string& reason = planned ? entry.reason : entry.plan_reason;
    add("procedure", entry.id, "", {entry.id, entry.id}, phrase(reason),
        !planned              ? entry.plan
        : entry.state.empty() ? "not-started"
                              : entry.state);
  }
  for (const CoverageEntry& entry : report.coverage) {
    if (entry.state == "complete") continue;
    add("coverage", entry.topic, entry.subject, phrase(entry.topic), phrase(entry.why),
        entry.state);
  }
}

}  // namespace haetae::reports
