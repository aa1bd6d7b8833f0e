#include <algorithm>

#include <fmt/format.h>

#include "harness/cli/answer_book.hpp"
#include "harness/cli/answer_dialogue.hpp"
#include "harness/cli/answer_list.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/model/clock.hpp"

namespace haetae::cli {
namespace {

using declaration::PersonAnswer;

std::string_view headline_word(Headline headline, bool korean) {
  switch (headline) {
    case Headline::conformant: return korean ? "적합" : "CONFORMANT";
    case Headline::non_conformant: return korean ? "부적합" : "NON-CONFORMANT";
    case Headline::incomplete: return korean ? "미완료" : "INCOMPLETE";
  }
  return "";
}

/// conclude() judges again if an answer asks for it, and says what is still open.
int conclude(AnswerBook& book, const AnswerArguments& arguments, std::size_t written) {
  const bool korean = style_of(stdout, arguments.language).korean;
  if (!book.unjudged()) {
    fmt::print("{}\n", korean ? "바뀐 답변이 없습니다." : "Nothing was changed.");
    return 0;
  }
  const auto judgement = book.judge(arguments.key);
  if (!judgement) return complain(judgement.error());
  const auto asked = book.asked();
  if (!asked) return complain(asked.error());
  const auto open = std::ranges::count_if(*asked, &Asked::open);
  if (korean) {
    fmt::print("답변 {}개를 기록하고 다시 판정하여 봉인했습니다: {}. 남은 단계 {}개{}\n", written,
               headline_word(judgement->headline, true), open,
               open > 0 ? "  haetae answer " + arguments.run.string() : "");
  } else {
    fmt::print("{} answers kept, judged again and sealed: {}. Steps still open: {}{}\n", written,
               headline_word(judgement->headline, false), open,
               open > 0 ? "  haetae answer " + arguments.run.string() : "");
  }
  return 0;
}

/// fitting() refuses answers to what nobody asked, with the line of the file.
Result<void> fitting(const AnswerBook& book, const std::filesystem::path& file,
                     const std::vector<PersonAnswer>& answers) {
  const auto asked = book.asked();
  if (!asked) return tl::unexpected(asked.error());
  for (const PersonAnswer& answer : answers) {
    const auto known = [&](const Asked& one) { return one.criterion->id == answer.criterion; };
    if (std::ranges::any_of(*asked, known)) continue;
    const auto found = book.find(answer.criterion);
    return fail(ErrorKind::invalid_input,
                fmt::format("{}:{}: {}", file.string(), answer.line,
                            found ? std::string() : found.error().message()));
  }
  return {};
}

int from_file(AnswerBook& book, const AnswerArguments& arguments) {
  const auto given = declaration::load_answers(arguments.file);
  if (!given) return complain(given.error());
  if (given->run != book.uuid()) {
    return complain({ErrorKind::invalid_input,
                     fmt::format("{}: these answers belong to the run {}, not to {} ({})",
                                 arguments.file.string(), printable(given->run), book.uuid(),
                                 book.path().string()),
                     nullptr});
  }
  if (auto fits = fitting(book, arguments.file, given->answers); !fits) {
    return complain(fits.error());
  }
  const auto written = book.keep(given->answers, given->method, &*given);
  if (!written) return complain(written.error());
  return conclude(book, arguments, *written);
}

Result<PersonAnswer> answer_of(const AnswerArguments& arguments) {
  PersonAnswer out{.criterion = arguments.criterion,
                   .outcome = arguments.outcome,
                   .who = arguments.who,
                   .second = arguments.second,
                   .at = iso8601(system_clock().wall()),
                   .text = arguments.text,
                   .attachments = {},
                   .line = 0};
  if (out.who.empty()) {
    return fail(ErrorKind::invalid_input, "an answer needs --who, the name of who looked");
  }
  if (std::max(out.who.size(), out.second.size()) > declaration::kMaximumName) {
    return fail(ErrorKind::invalid_input,
                fmt::format("a name is too long; allowed: {} bytes", declaration::kMaximumName));
  }
  if (out.text.size() > declaration::kMaximumAnswerText) {
    return fail(ErrorKind::invalid_input, fmt::format("--text is too long; allowed: {} bytes",
                                                      declaration::kMaximumAnswerText));
  }
  if (!out.second.empty() && declaration::same_person(out.who, out.second)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--second: '{}' gave the answer; needed: another person",
                            printable(out.second)));
  }
  if (arguments.attachments.size() > declaration::kMaximumAttachments) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--attach: too many; allowed: {}", declaration::kMaximumAttachments));
  }
  for (const auto& file : arguments.attachments) {
    auto attachment = declaration::attachment_of(file);
    if (!attachment) return tl::unexpected(attachment.error());
    out.attachments.push_back(std::move(*attachment));
  }
  return out;
}

int from_command(AnswerBook& book, const AnswerArguments& arguments) {
  if (const auto asked = book.find(arguments.criterion); !asked) return complain(asked.error());
  if (arguments.outcome.empty()) {
    const bool alone = arguments.text.empty() && arguments.attachments.empty();
    if (arguments.second.empty() || !alone || !arguments.who.empty()) {
      return complain({ErrorKind::invalid_input,
                       "an answer needs --outcome; --second alone confirms one that was given",
                       nullptr});
    }
    if (auto done = book.confirm(arguments.criterion, arguments.second); !done) {
      return complain(done.error());
    }
    return conclude(book, arguments, 1);
  }
  const auto answer = answer_of(arguments);
  if (!answer) return complain(answer.error());
  const auto written = book.keep({*answer}, "command");
  if (!written) return complain(written.error());
  return conclude(book, arguments, *written);
}

}  // namespace

int answer(const AnswerArguments& arguments) {
  auto book = AnswerBook::open(arguments.run, !arguments.list);
  if (!book) return complain(book.error());
  if (arguments.list) {
    const auto asked = book->asked();
    if (!asked) return complain(asked.error());
    const Style style = style_of(stdout, arguments.language);
    fmt::print("{}",
               arguments.format == "json" ? steps_json(*book, *asked) : steps_text(*asked, style));
    return 0;
  }
  if (!arguments.file.empty()) return from_file(*book, arguments);
  if (!arguments.criterion.empty()) return from_command(*book, arguments);
  const auto written = converse(*book, arguments.who, style_of(stdout, arguments.language));
  if (!written) return complain(written.error());
  return conclude(*book, arguments, *written);
}

}  // namespace haetae::cli
