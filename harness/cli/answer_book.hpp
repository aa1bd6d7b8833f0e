#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/declaration/answers.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/judge/answers.hpp"
#include "harness/judge/judge.hpp"

/// The steps of a run that persons do, and what they answered.
namespace haetae::cli {

/// Hit is where required content was found in a submitted document.
struct Hit {
  std::string document, phrase, excerpt;
  std::int64_t page = 0;  ///< 0: the document has no pages
  EvidenceId evidence = 0;
};

/// KeptAnswer is the newest answer to a criterion.
struct KeptAnswer {
  std::string outcome, who, second, text, at;
  std::int64_t revision = 0;
  std::vector<std::string> attachments;  ///< SHA-256 of each, hex, in their order
};

/// Asked is one criterion of the plan that a person answers.
struct Asked {
  const catalogue::Item* item = nullptr;
  const catalogue::Criterion* criterion = nullptr;
  judge::Standing standing = judge::Standing::unanswered;
  bool applies = true;  ///< false: declared and found not to apply, so that nobody has to answer
  std::optional<KeptAnswer> answer;
  std::vector<Hit> hits;
  [[nodiscard]] bool open() const { return applies && standing != judge::Standing::settled; }
  /// state() is open, shows-nothing, waits-second, answered or not-applicable.
  [[nodiscard]] std::string_view state() const;
};

/// AnswerBook owns a run file while answers are written into it.
class AnswerBook {
 public:
  [[nodiscard]] static Result<AnswerBook> open(const std::filesystem::path& run, bool writable);

  /// asked() lists every criterion of the plan that a person answers, in catalogue order.
  [[nodiscard]] Result<std::vector<Asked>> asked() const;
  /// find() is one of them; an error says what else is allowed.
  [[nodiscard]] Result<Asked> find(std::string_view criterion) const;

  /// keep() writes answers in one link, each as a new revision; `document` is kept with them. An
  /// answer that says what the newest says already is left out. It returns how many were written.
  [[nodiscard]] Result<std::size_t> keep(const std::vector<declaration::PersonAnswer>& answers,
                                         std::string_view method,
                                         const declaration::Answers* document = nullptr);
  /// confirm() adds a second person to the newest answer of a criterion, as a new revision.
  [[nodiscard]] Result<void> confirm(std::string_view criterion, std::string_view second);

  /// unjudged() is whether an answer is newer than the newest revision of verdicts.
  [[nodiscard]] bool unjudged() const;
  /// judge() judges again, seals with `key` (empty: of the state folder) and leaves one file.
  [[nodiscard]] Result<judge::Judgement> judge(const std::filesystem::path& key);

  [[nodiscard]] std::string uuid() const { return run_.value("uuid"); }
  [[nodiscard]] const std::filesystem::path& path() const { return run_.path(); }
  [[nodiscard]] std::int64_t least_words() const { return judge::least_words(catalogue_.value); }

 private:
  AnswerBook(evidence::RunFile run, catalogue::Loaded catalogue)
      : run_(std::move(run)), catalogue_(std::move(catalogue)) {}
  struct Link;
  [[nodiscard]] Result<void> write(Link& link, const declaration::PersonAnswer& answer,
                                   std::string_view method, std::int64_t revision);

  evidence::RunFile run_;
  catalogue::Loaded catalogue_;
};

}  // namespace haetae::cli
