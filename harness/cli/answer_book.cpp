#include "harness/cli/answer_book.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "harness/cli/judging.hpp"
#include "harness/judge/stored.hpp"
#include "harness/model/clock.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::cli {
namespace {

using declaration::PersonAnswer;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

std::string text_of(sqlite3_stmt* row, int column) {
  const auto* text = sqlite3_column_text(row, column);
  return text == nullptr ? std::string()
                         : std::string(reinterpret_cast<const char*>(text),
                                       static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

/// each_row() gives nothing for a table or column that the file does not have: one of an earlier
/// version.
void each_row(const evidence::RunFile& run, const char* sql,
              const std::function<void(sqlite3_stmt*)>& take) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(run.handle(), sql, -1, &raw, nullptr) != SQLITE_OK) return;
  const Statement statement(raw, &sqlite3_finalize);
  while (sqlite3_step(raw) == SQLITE_ROW) take(raw);
}

std::map<std::string, KeptAnswer> kept_answers(const evidence::RunFile& run) {
  std::map<std::string, KeptAnswer> out;
  each_row(run,
           "SELECT criterion, outcome, who, second, text, at, revision FROM answer "
           "ORDER BY revision, id",
           [&out](sqlite3_stmt* row) {
             out[text_of(row, 0)] = {.outcome = text_of(row, 1),
                                     .who = text_of(row, 2),
                                     .second = text_of(row, 3),
                                     .text = text_of(row, 4),
                                     .at = text_of(row, 5),
                                     .revision = sqlite3_column_int64(row, 6),
                                     .attachments = {}};
           });
  each_row(run, "SELECT criterion, revision, sha256 FROM answer_attachment ORDER BY position",
           [&out](sqlite3_stmt* row) {
             const auto answer = out.find(text_of(row, 0));
             if (answer == out.end() || answer->second.revision != sqlite3_column_int64(row, 1)) {
               return;
             }
             answer->second.attachments.push_back(text_of(row, 2));
           });
  return out;
}

std::map<std::string, std::vector<Hit>> hits_of(const evidence::RunFile& run) {
  std::map<std::string, std::vector<Hit>> out;
  each_row(run,
           "SELECT criterion, document, phrase, excerpt, page, evidence FROM document_hit "
           "ORDER BY document, page, id",
           [&out](sqlite3_stmt* row) {
             out[text_of(row, 0)].push_back({.document = text_of(row, 1),
                                             .phrase = text_of(row, 2),
                                             .excerpt = text_of(row, 3),
                                             .page = sqlite3_column_int64(row, 4),
                                             .evidence = sqlite3_column_int64(row, 5)});
           });
  return out;
}

/// spared() are the criteria that the newest revision found not to apply.
std::map<std::string, bool> spared(const evidence::RunFile& run) {
  std::map<std::string, bool> out;
  each_row(run,
           "SELECT criterion FROM verdict_criterion WHERE verdict = 'not-applicable' AND revision "
           "= (SELECT max(id) FROM revision)",
           [&out](sqlite3_stmt* row) { out[text_of(row, 0)] = true; });
  return out;
}

std::map<std::string, std::string> planned(const evidence::RunFile& run) {
  std::map<std::string, std::string> out;
  each_row(run, "SELECT item, selected FROM plan_item",
           [&out](sqlite3_stmt* row) { out[text_of(row, 0)] = text_of(row, 1); });
  return out;
}

/// written_down() is the evidence of an answer, for a reader who has only the file.
std::string written_down(const PersonAnswer& answer, std::string_view method) {
  return fmt::format("criterion: {}\noutcome: {}\nwho: {}\nsecond: {}\nat: {}\nmethod: {}\n\n{}\n",
                     answer.criterion, answer.outcome, answer.who, answer.second, answer.at, method,
                     answer.text);
}

std::vector<std::string> hashes(const PersonAnswer& answer) {
  std::vector<std::string> out;
  for (const auto& attachment : answer.attachments)
    out.push_back(to_hex(sha256(attachment.content)));
  return out;
}

bool says_the_same(const KeptAnswer& kept, const PersonAnswer& answer) {
  return kept.outcome == answer.outcome && kept.who == answer.who && kept.text == answer.text &&
         kept.second == answer.second && kept.at == answer.at && kept.attachments == hashes(answer);
}

/// row_of() is a fact struct as cells.
template <class F>
evidence::Cells row_of(const F& fact) {
  evidence::Cells cells;
  F::columns(fact, [&cells](std::string_view name, const auto& value) {
    cells.emplace_back(std::string(name), Value(value));
  });
  return cells;
}

}  // namespace

/// Link is the transaction in which answers are written.
struct AnswerBook::Link {
  evidence::Transaction& transaction;
  EvidenceId next = 0;

  Result<EvidenceId> evidence(std::string label, std::string media_type, Bytes content) {
    const EvidenceId id = next++;
    auto done = transaction.insert(evidence::StoredEvidence{.id = id,
                                                            .procedure = "answer",
                                                            .kind = "document",
                                                            .subject = "lan",
                                                            .label = std::move(label),
                                                            .media_type = std::move(media_type),
                                                            .at = system_clock().wall(),
                                                            .content = std::move(content),
                                                            .cut = 0});
    if (!done) return tl::unexpected(done.error());
    return id;
  }
};

std::string_view Asked::state() const {
  if (!applies) return "not-applicable";
  switch (standing) {
    case judge::Standing::unanswered: return "open";
    case judge::Standing::shows_nothing: return "shows-nothing";
    case judge::Standing::waits_second: return "waits-second";
    case judge::Standing::settled: return "answered";
  }
  return "open";
}

Result<AnswerBook> AnswerBook::open(const std::filesystem::path& path, bool writable) {
  auto run = evidence::RunFile::open(path, writable, system_clock());
  if (!run) return tl::unexpected(run.error());
  auto catalogue = stored_catalogue(*run);
  if (!catalogue) return tl::unexpected(catalogue.error());
  bool fits = false;
  each_row(*run, "SELECT 1 FROM pragma_table_info('answer') WHERE name = 'second'",
           [&fits](sqlite3_stmt*) { fits = true; });
  if (!fits) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} was written by an earlier version whose answers had no second "
                            "person; test the device again",
                            path.string()));
  }
  return AnswerBook(std::move(*run), std::move(*catalogue));
}

Result<std::vector<Asked>> AnswerBook::asked() const {
  const auto stored = judge::Stored::read(run_.handle());
  if (!stored) return tl::unexpected(stored.error());
  auto answers = kept_answers(run_);
  auto hits = hits_of(run_);
  const auto selected = planned(run_);
  const auto not_applicable = spared(run_);
  std::vector<Asked> out;
  for (const catalogue::Item& item : catalogue_.value.items) {
    const auto plan = selected.find(item.id);
    if (plan == selected.end() || plan->second != "planned") continue;
    for (const catalogue::Criterion& criterion : item.criteria) {
      if (criterion.planned || !catalogue::asked(criterion)) continue;
      Asked asked{.item = &item,
                  .criterion = &criterion,
                  .standing = judge::standing_of(catalogue_.value, *stored, criterion),
                  .applies = true,
                  .answer = std::nullopt,
                  .hits = std::move(hits[criterion.id])};
      if (const auto answer = answers.find(criterion.id); answer != answers.end()) {
        asked.answer = std::move(answer->second);
      } else {
        asked.applies = !not_applicable.contains(criterion.id);
      }
      out.push_back(std::move(asked));
    }
  }
  return out;
}

Result<Asked> AnswerBook::find(std::string_view criterion) const {
  auto all = asked();
  if (!all) return tl::unexpected(all.error());
  for (Asked& one : *all) {
    if (one.criterion->id == criterion) return std::move(one);
  }
  std::string allowed;
  for (const Asked& one : *all) allowed += " " + one.criterion->id;
  for (const catalogue::Item& item : catalogue_.value.items) {
    for (const catalogue::Criterion& other : item.criteria) {
      if (other.id != criterion) continue;
      const bool person = catalogue::asked(other) && !other.planned;
      return fail(ErrorKind::invalid_input,
                  fmt::format("criterion '{}' {}; allowed:{}", criterion,
                              person ? "is not in the plan of this run"
                                     : "is answered by a procedure, not by a person",
                              allowed));
    }
  }
  return fail(ErrorKind::invalid_input,
              fmt::format("there is no criterion '{}'; allowed:{}", printable(criterion), allowed));
}

Result<void> AnswerBook::write(Link& link, const PersonAnswer& answer, std::string_view method,
                               std::int64_t revision) {
  const std::string label = fmt::format("answer {} to {}", revision, answer.criterion);
  const std::string text = written_down(answer, method);
  const ByteView bytes = as_bytes(text);
  auto evidence = link.evidence(label, "text/plain", Bytes(bytes.begin(), bytes.end()));
  if (!evidence) return tl::unexpected(evidence.error());
  auto row = link.transaction.insert("answer", row_of(facts::Answer{.evidence = *evidence,
                                                                    .criterion = answer.criterion,
                                                                    .revision = revision,
                                                                    .outcome = answer.outcome,
                                                                    .who = answer.who,
                                                                    .second = answer.second,
                                                                    .text = answer.text,
                                                                    .method = std::string(method),
                                                                    .at = answer.at}));
  if (!row) return tl::unexpected(row.error());
  std::int64_t position = 0;
  for (const declaration::Attachment& attachment : answer.attachments) {
    auto content = link.evidence(fmt::format("{}: {}", label, printable(attachment.name)),
                                 attachment.media_type, attachment.content);
    if (!content) return tl::unexpected(content.error());
    auto kept = link.transaction.insert(
        "answer_attachment", row_of(facts::AnswerAttachment{
                                 .evidence = *content,
                                 .criterion = answer.criterion,
                                 .revision = revision,
                                 .position = ++position,
                                 .name = printable(attachment.name),
                                 .media_type = attachment.media_type,
                                 .sha256 = to_hex(sha256(attachment.content)),
                                 .size = static_cast<std::int64_t>(attachment.content.size())}));
    if (!kept) return tl::unexpected(kept.error());
  }
  return {};
}

Result<std::size_t> AnswerBook::keep(const std::vector<PersonAnswer>& answers,
                                     std::string_view method,
                                     const declaration::Answers* document) {
  const auto known = kept_answers(run_);
  std::vector<const PersonAnswer*> changed;
  for (const PersonAnswer& answer : answers) {
    const auto kept = known.find(answer.criterion);
    if (kept == known.end() || !says_the_same(kept->second, answer)) changed.push_back(&answer);
  }
  if (changed.empty()) return 0;
  auto transaction =
      run_.begin(changed.size() == 1 ? fmt::format("answer {}", changed.front()->criterion)
                                     : fmt::format("{} answers", changed.size()));
  if (!transaction) return tl::unexpected(transaction.error());
  Link link{.transaction = **transaction, .next = run_.next_evidence()};
  for (const PersonAnswer* answer : changed) {
    const auto kept = known.find(answer->criterion);
    const std::int64_t revision = kept == known.end() ? 1 : kept->second.revision + 1;
    if (auto done = write(link, *answer, method, revision); !done) {
      return tl::unexpected(done.error());
    }
  }
  if (document != nullptr) {
    auto row = (*transaction)
                   ->insert("document", {{"kind", std::string("answers")},
                                         {"name", std::string("answers.xml")},
                                         {"sha256", document->sha256},
                                         {"text", document->text}});
    if (!row) return tl::unexpected(row.error());
  }
  if (auto done = (*transaction)->commit(); !done) return tl::unexpected(done.error());
  return changed.size();
}

Result<void> AnswerBook::confirm(std::string_view criterion, std::string_view second) {
  const auto asked = find(criterion);
  if (!asked) return tl::unexpected(asked.error());
  if (!asked->answer) {
    return fail(ErrorKind::invalid_input,
                fmt::format("criterion '{}' has no answer that somebody could confirm; give "
                            "--outcome, --who and --text first",
                            criterion));
  }
  const KeptAnswer& kept = *asked->answer;
  if (declaration::same_person(kept.who, second)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("'{}' gave the answer; needed: another person", printable(second)));
  }
  PersonAnswer answer{.criterion = std::string(criterion),
                      .outcome = kept.outcome,
                      .who = kept.who,
                      .second = std::string(second),
                      .at = iso8601(system_clock().wall()),
                      .text = kept.text,
                      .attachments = {},
                      .line = 0};
  Error trouble;
  bool sound = true;
  const std::string own(criterion);
  std::vector<std::pair<EvidenceId, declaration::Attachment>> files;
  each_row(run_,
           "SELECT criterion, revision, evidence, name, media_type FROM answer_attachment "
           "ORDER BY position",
           [&](sqlite3_stmt* row) {
             if (text_of(row, 0) != own || sqlite3_column_int64(row, 1) != kept.revision) return;
             auto content = run_.content(sqlite3_column_int64(row, 2));
             if (!content) {
               sound = false;
               trouble = content.error();
               return;
             }
             answer.attachments.push_back({.name = text_of(row, 3),
                                           .media_type = text_of(row, 4),
                                           .content = std::move(*content)});
           });
  if (!sound) return tl::unexpected(std::move(trouble));
  auto done = keep({answer}, "command");
  if (!done) return tl::unexpected(done.error());
  return {};
}

bool AnswerBook::unjudged() const {
  bool out = false;
  each_row(run_,
           "SELECT 1 WHERE (SELECT max(link) FROM answer) > "
           "coalesce((SELECT max(link) FROM revision), 0)",
           [&out](sqlite3_stmt*) { out = true; });
  return out;
}

Result<judge::Judgement> AnswerBook::judge(const std::filesystem::path& key) {
  return judge_again(run_, catalogue_, key, "answers of persons");
}

}  // namespace haetae::cli
