#include "harness/audit/rejudge.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "harness/audit/snapshot.hpp"
#include "harness/audit/verdict_rows.hpp"
#include "harness/judge/judge.hpp"

namespace haetae::audit {
namespace {

using evidence::Statement;

struct Revision {
  std::int64_t id = 0, link = 0;
  std::string at, tested_at, sha256, type, tool, root, headline;
  bool whole = true;
};

Result<std::vector<Revision>> read_revisions(sqlite3* database) {
  auto rows = Statement::prepare(database,
                                 "SELECT id, link, at, tested_at, sha256, type, tool, root, whole, "
                                 "headline FROM revision ORDER BY id");
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Revision> out;
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) {
    out.push_back({.id = rows->integer(0),
                   .link = rows->integer(1),
                   .at = rows->text(2),
                   .tested_at = rows->text(3),
                   .sha256 = rows->text(4),
                   .type = rows->text(5),
                   .tool = rows->text(6),
                   .root = rows->text(7),
                   .headline = rows->text(9),
                   .whole = rows->integer(8) != 0});
  }
  if (code == SQLITE_DONE) return out;
  return tl::unexpected(evidence::database_error(database, code, "cannot read the revisions"));
}

/// Alarm interrupts a database again and again once the time is over.
class Alarm {
 public:
  Alarm(sqlite3* database, std::chrono::steady_clock::time_point end)
      : end_(end), watcher_([this, database, end](std::stop_token stop) {
          std::unique_lock lock(mutex_);
          condition_.wait_until(lock, stop, end, [] { return false; });
          while (!stop.stop_requested()) {
            rang_ = true;
            sqlite3_interrupt(database);
            condition_.wait_for(lock, stop, std::chrono::milliseconds(5), [] { return false; });
          }
        }) {}
  [[nodiscard]] bool rang() {
    const std::scoped_lock lock(mutex_);
    return rang_ || std::chrono::steady_clock::now() >= end_;
  }

 private:
  std::chrono::steady_clock::time_point end_;
  std::mutex mutex_;
  std::condition_variable_any condition_;
  bool rang_ = false;
  std::jthread watcher_;
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

class Auditor {
 public:
  Auditor(const evidence::RunFile& run, std::string_view tool,
          std::chrono::steady_clock::time_point end)
      : run_(run), tool_(tool), end_(end) {}

  Rejudged rejudge(const Revision& revision) {
    Rejudged out{.revision = revision.id, .at = revision.at, .wording = revision.tool == tool_};
    if (auto done = compare_with(revision, out); !done) out.trouble = done.error().message();
    return out;
  }

 private:
  Result<void> compare_with(const Revision& revision, Rejudged& out) {
    const auto sources = judge::sources_of(run_.handle(), revision.id);
    if (!sources) return tl::unexpected(sources.error());
    if (to_hex(haetae::sha256(as_bytes(sources->front().text))) != revision.sha256) {
      note(out, "catalogue", "the text in the file is not the one that was judged by");
    }
    const auto catalogue = catalogue::load_sources(*sources);
    if (!catalogue) return tl::unexpected(catalogue.error());
    auto grew = grew_after(run_.handle(), revision.link);
    if (!grew) return tl::unexpected(grew.error());
    evidence::Database then;
    if (*grew) {
      auto copied = snapshot(run_.handle(), revision.link);
      if (!copied) return tl::unexpected(copied.error());
      then = std::move(*copied);
    }
    const auto judgement = judge_in_time(then ? then.get() : run_.handle(), *catalogue, revision);
    if (!judgement) return tl::unexpected(judgement.error());
    return compare_rows(revision, *judgement, out);
  }

  Result<judge::Judgement> judge_in_time(sqlite3* database, const catalogue::Catalogue& catalogue,
                                         const Revision& revision) {
    const judge::Question question{
        .type = revision.type,
        .only = revision.whole ? std::vector<std::string>{} : words_of(run_.value("only")),
        .tested_at = revision.tested_at};
    Alarm alarm(database, end_);
    auto judgement = judge::judge(database, catalogue, question);
    if (!alarm.rang()) return judgement;
    return fail(ErrorKind::timed_out,
                "its queries take too long: the catalogue in the file, or the file, is not sound");
  }

  Result<void> compare_rows(const Revision& revision, const judge::Judgement& judgement,
                            Rejudged& out) {
    out.items = judgement.items.size();
    out.criteria = judgement.criteria.size();
    for (const judge::CriterionVerdict& criterion : judgement.criteria) {
      out.subjects += criterion.subjects.size();
      out.findings += criterion.findings.size();
    }
    if (word(judgement.headline) != revision.headline) {
      note(out, "headline",
           fmt::format("stored {}, follows {}", revision.headline, word(judgement.headline)));
    }
    check_root(revision, out);
    const auto stored = stored_rows(run_.handle(), revision.id);
    if (!stored) return tl::unexpected(stored.error());
    compare(*stored, rows_of(judgement), out);
    return {};
  }

  void check_root(const Revision& revision, Rejudged& out) {
    auto link = Statement::prepare(run_.handle(), "SELECT hash FROM link WHERE n = ?");
    if (link) link->bind(1, revision.link - 1);
    const bool there = link && link->step() == SQLITE_ROW;
    if (!there || to_hex(link->blob(0)) != revision.root) {
      note(out, "root", fmt::format("is not the hash of link {}", revision.link - 1));
    }
  }

  static void note(Rejudged& out, std::string place, const std::string& text) {
    ++out.differing;
    out.differences.push_back({.place = std::move(place), .text = printable(text, 400)});
  }

  const evidence::RunFile& run_;
  std::string_view tool_;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace

Result<std::vector<Rejudged>> rejudge(const evidence::RunFile& run, std::string_view tool,
                                      std::chrono::milliseconds patience) {
  const auto revisions = read_revisions(run.handle());
  if (!revisions) return tl::unexpected(revisions.error());
  Auditor auditor(run, tool, std::chrono::steady_clock::now() + patience);
  std::vector<Rejudged> out;
  for (const Revision& revision : *revisions) out.push_back(auditor.rejudge(revision));
  return out;
}

}  // namespace haetae::audit
