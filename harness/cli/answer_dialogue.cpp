#include "harness/cli/answer_dialogue.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <sstream>

#include <fmt/format.h>

#include "harness/model/clock.hpp"

namespace haetae::cli {
namespace {

constexpr std::size_t kColumns = 92;
constexpr std::size_t kMostHits = 6;
constexpr std::size_t kLongestLine = 100'000;

volatile std::sig_atomic_t interrupted = 0;

/// TakeInterrupt makes Ctrl-C end a read instead of the program.
class TakeInterrupt {
 public:
  TakeInterrupt() {
    interrupted = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &before_);
  }
  ~TakeInterrupt() { sigaction(SIGINT, &before_, nullptr); }
  TakeInterrupt(const TakeInterrupt&) = delete;
  TakeInterrupt& operator=(const TakeInterrupt&) = delete;

 private:
  struct sigaction before_ {};
};

/// Move is where a reply leads.
enum class Move { on, skip, back, quit };

/// Reply is one line of the person, or a word that leads elsewhere.
struct Reply {
  Move move = Move::on;
  std::string text;
};

std::size_t columns_of(std::string_view text) {
  std::size_t out = 0;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x80) ++out;
    if (byte >= 0xc0) out += byte >= 0xe1 && byte <= 0xed ? 2 : 1;
  }
  return out;
}

/// wrapped() breaks text at blanks, later lines as far in as the first.
std::string wrapped(std::string_view head, std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string out(head);
  const std::size_t indent = columns_of(head);
  std::size_t column = indent;
  for (std::string word; words >> word;) {
    const std::size_t wide = columns_of(word);
    if (column > indent && column + 1 + wide > kColumns) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += " ";
      ++column;
    }
    out += word;
    column += wide;
  }
  return out + "\n";
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

/// Dialogue is one session.
class Dialogue {
 public:
  Dialogue(AnswerBook& book, std::string who, const Style& style)
      : book_(book), who_(std::move(who)), style_(style) {}

  Result<std::size_t> hold() {
    const TakeInterrupt taken;
    auto asked = book_.asked();
    if (!asked) return tl::unexpected(asked.error());
    const auto open = static_cast<std::size_t>(std::ranges::count_if(*asked, &Asked::open));
    greet(asked->size(), open);
    if (open == 0 || !ask_who()) return written_;
    std::size_t at = next_open(*asked, 0);
    while (at < asked->size()) {
      const auto move = step(*asked, at);
      if (!move) return tl::unexpected(move.error());
      if (*move == Move::quit) break;
      if (*move == Move::back) {
        at = previous(*asked, at);
        continue;
      }
      at = next_open(*asked, at + 1);
    }
    fmt::print("\n");
    return written_;
  }

 private:
  [[nodiscard]] std::string_view say(std::string_view ko, std::string_view en) const {
    return style_.korean ? ko : en;
  }
  [[nodiscard]] const std::string& in(const catalogue::Text& text) const {
    return style_.korean ? text.ko : text.en;
  }
  [[nodiscard]] std::string strong(std::string_view text) const {
    return style_.colour ? fmt::format("\x1b[1m{}\x1b[0m", text) : std::string(text);
  }
  [[nodiscard]] std::string quiet(std::string_view text) const {
    return style_.colour ? fmt::format("\x1b[2m{}\x1b[0m", text) : std::string(text);
  }

  void greet(std::size_t all, std::size_t open) const {
    if (style_.korean) {
      fmt::print("{} · 사람이 확인할 단계 {}개, 남은 단계 {}개\n", book_.path().string(), all,
                 open);
      fmt::print("{}\n", quiet("답변마다 바로 저장됩니다. 언제든지: 건너뛰기(skip) · 뒤로(back) · "
                               "끝(quit)"));
    } else {
      fmt::print("{} · {} steps for a person, {} open\n", book_.path().string(), all, open);
      fmt::print("{}\n", quiet("Each answer is kept at once. At any time: skip · back · quit"));
    }
  }

  static std::size_t next_open(const std::vector<Asked>& asked, std::size_t from) {
    while (from < asked.size() && !asked[from].open()) ++from;
    return from;
  }
  /// previous() is the step before that applies, answered or not.
  static std::size_t previous(const std::vector<Asked>& asked, std::size_t from) {
    std::size_t at = from;
    while (at > 0) {
      --at;
      if (asked[at].applies) return at;
    }
    return from;
  }

  /// line() reads one line; the end of input and Ctrl-C are the word quit.
  Reply line(std::string_view prompt) {
    fmt::print("{}", prompt);
    std::fflush(stdout);
    std::string text;
    for (;;) {
      char letter = 0;
      const ssize_t got = interrupted != 0 ? 0 : read(STDIN_FILENO, &letter, 1);
      if (got < 0 && errno == EINTR && interrupted == 0) continue;
      if (got <= 0) return {.move = Move::quit, .text = {}};
      if (letter == '\n') break;
      if (text.size() < kLongestLine) text.push_back(letter);
    }
    text = trimmed(text);
    if (text == "skip" || text == "건너뛰기") return {.move = Move::skip, .text = {}};
    if (text == "back" || text == "뒤로") return {.move = Move::back, .text = {}};
    if (text == "quit" || text == "끝") return {.move = Move::quit, .text = {}};
    return {.move = Move::on, .text = std::move(text)};
  }

  bool ask_who() {
    while (who_.empty()) {
      const Reply reply = line(say("\n확인하는 사람의 이름: ", "\nYour name: "));
      if (reply.move == Move::quit) return false;
      if (reply.move == Move::on && reply.text.size() <= declaration::kMaximumName) {
        who_ = reply.text;
      }
    }
    return true;
  }

  void show(const std::vector<Asked>& asked, std::size_t at) const {
    const Asked& one = asked[at];
    const auto before =
        std::count_if(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(at),
                      [](const Asked& other) { return other.open(); });
    const auto open = std::ranges::count_if(asked, &Asked::open);
    const std::string rule(kColumns, '-');
    fmt::print("\n{}\n{}\n", quiet(rule),
               strong(fmt::format("[{}/{}] {}  {}", std::min(before + 1, open), open, one.item->id,
                                  in(one.item->title))));
    fmt::print("{}", wrapped(fmt::format("{}  ", one.criterion->id), in(one.criterion->title)));
    if (const auto& step = one.criterion->step) {
      fmt::print("\n{}", wrapped(say("할 일    ", "Do      "), in(step->task)));
      fmt::print("{}", wrapped(say("볼 것    ", "Look    "), in(step->look)));
      if (step->second) {
        fmt::print("{}", wrapped(say("재확인   ", "Second  "),
                                 say("다른 사람이 한 번 더 확인해야 합니다.",
                                     "Another person has to confirm the answer.")));
      }
    }
    show_hits(one);
    if (one.answer) show_answer(*one.answer);
  }

  void show_hits(const Asked& one) const {
    if (one.criterion->source != "document") return;
    const std::string_view head = say("문서     ", "Found   ");
    if (one.hits.empty()) {
      fmt::print("{}",
                 wrapped(head, say("제출 문서에서 찾는 말이 나오지 않았습니다. 직접 읽어 보십시오.",
                                   "None of the words looked for stands in a submitted "
                                   "document; read them yourself.")));
      return;
    }
    for (std::size_t at = 0; at < std::min(one.hits.size(), kMostHits); ++at) {
      const Hit& hit = one.hits[at];
      const std::string page =
          hit.page == 0 ? "" : fmt::format(fmt::runtime(say(", {}쪽", ", page {}")), hit.page);
      fmt::print("{}", wrapped(at == 0 ? head : std::string(columns_of(head), ' '),
                               fmt::format("{}{}: “{}” ({} {})", printable(hit.document), page,
                                           printable(hit.excerpt, 400), say("증적", "evidence"),
                                           hit.evidence)));
    }
    if (one.hits.size() > kMostHits) {
      fmt::print(fmt::runtime(say("         외 {}곳\n", "        and {} more\n")),
                 one.hits.size() - kMostHits);
    }
  }

  void show_answer(const KeptAnswer& answer) const {
    fmt::print(
        "{}",
        wrapped(say("이전 답변 ", "Before  "),
                fmt::format("{} · {}{} · {}", outcome_word(answer.outcome), printable(answer.who),
                            answer.second.empty() ? std::string()
                                                  : fmt::format(" + {}", printable(answer.second)),
                            printable(answer.text, 400))));
  }

  [[nodiscard]] std::string_view outcome_word(std::string_view outcome) const {
    if (outcome == "conforms") return say("적합", "conforms");
    if (outcome == "does-not-conform") return say("부적합", "does not conform");
    if (outcome == "not-applicable") return say("해당없음", "not applicable");
    return say("판단 불가", "cannot decide");
  }

  /// ask_outcome() has no default: an empty line asks again.
  Reply ask_outcome() {
    for (;;) {
      Reply reply = line(say("\n판정: 1 적합 · 2 부적합 · 3 해당없음 · 4 판단 불가 > ",
                             "\nOutcome: 1 conforms · 2 does not conform · 3 not applicable · "
                             "4 cannot decide > "));
      if (reply.move != Move::on) return reply;
      const std::string word = reply.text;
      if (word == "1" || word == "conforms" || word == "적합") {
        reply.text = "conforms";
      } else if (word == "2" || word == "does-not-conform" || word == "부적합") {
        reply.text = "does-not-conform";
      } else if (word == "3" || word == "not-applicable" || word == "해당없음") {
        reply.text = "not-applicable";
      } else if (word == "4" || word == "unknown" || word == "판단불가") {
        reply.text = "unknown";
      } else {
        fmt::print("{}\n", say("1, 2, 3, 4 중 하나를 입력하십시오.", "Type 1, 2, 3 or 4."));
        continue;
      }
      return reply;
    }
  }

  Reply ask_text() {
    Reply whole =
        line(say("확인한 내용 (빈 줄로 마침):\n> ", "What was found (an empty line ends it):\n> "));
    while (whole.move == Move::on && !whole.text.empty() &&
           whole.text.size() < declaration::kMaximumAnswerText) {
      const Reply more = line("> ");
      if (more.move != Move::on) return more;
      if (more.text.empty()) break;
      whole.text += "\n" + more.text;
    }
    if (whole.text.size() > declaration::kMaximumAnswerText) {
      whole.text.resize(declaration::kMaximumAnswerText);
      fmt::print("{}\n", say("내용이 길어 잘랐습니다.", "The text was too long and is cut."));
    }
    return whole;
  }

  Reply ask_attachments(std::vector<declaration::Attachment>& out) {
    for (;;) {
      Reply reply =
          line(say("첨부 파일 이름 (없으면 Enter): ", "File to attach (Enter: none more): "));
      if (reply.move != Move::on || reply.text.empty()) return reply;
      auto attachment = declaration::attachment_of(reply.text);
      if (!attachment) {
        fmt::print("{}\n", printable(attachment.error().message(), 500));
        continue;
      }
      fmt::print("  {} · {} · {} {}\n", printable(attachment->name), attachment->media_type,
                 attachment->content.size(), say("바이트", "bytes"));
      out.push_back(std::move(*attachment));
      if (out.size() == declaration::kMaximumAttachments) return reply;
    }
  }

  Reply ask_second(const std::string& who) {
    for (;;) {
      Reply reply =
          line(say("두 번째 확인자 (나중에 하려면 Enter): ", "Second person (Enter: later): "));
      if (reply.move != Move::on || reply.text.empty()) return reply;
      if (reply.text.size() > declaration::kMaximumName) continue;
      if (!declaration::same_person(who, reply.text)) return reply;
      fmt::print("{}\n",
                 say("답변한 사람과 다른 사람이어야 합니다.", "It has to be another person."));
    }
  }

  /// step() asks for one answer and writes it.
  Result<Move> step(std::vector<Asked>& asked, std::size_t at) {
    show(asked, at);
    declaration::PersonAnswer answer;
    answer.criterion = asked[at].criterion->id;
    answer.who = who_;
    Reply reply = ask_outcome();
    if (reply.move != Move::on) return reply.move;
    answer.outcome = reply.text;
    reply = ask_text();
    if (reply.move != Move::on) return reply.move;
    answer.text = reply.text;
    reply = ask_attachments(answer.attachments);
    if (reply.move != Move::on) return reply.move;
    const auto& step = asked[at].criterion->step;
    const bool takes_away = answer.outcome == "conforms" || answer.outcome == "not-applicable";
    if (step && step->second && takes_away) {
      reply = ask_second(who_);
      if (reply.move != Move::on) return reply.move;
      answer.second = reply.text;
    }
    answer.at = iso8601(system_clock().wall());
    if (auto kept = book_.keep({answer}, "terminal"); !kept) return tl::unexpected(kept.error());
    ++written_;
    auto fresh = book_.asked();
    if (!fresh) return tl::unexpected(fresh.error());
    asked = std::move(*fresh);
    tell(asked[at]);
    return Move::on;
  }

  void tell(const Asked& one) const {
    if (one.standing == judge::Standing::shows_nothing) {
      fmt::print(
          fmt::runtime(say("? 저장했으나 근거가 없어 남은 단계로 둡니다: {}어절 이상의 설명이나 "
                           "첨부가 필요합니다.\n",
                           "? Kept, but it shows nothing and stays open: a text of {} words "
                           "or more, or an attachment, is needed.\n")),
          book_.least_words());
    } else if (one.standing == judge::Standing::waits_second) {
      fmt::print(fmt::runtime(say("2 저장함. 두 번째 확인: haetae answer {} {} --second 이름\n",
                                  "2 Kept. To confirm it: haetae answer {} {} --second NAME\n")),
                 book_.path().string(), one.criterion->id);
    } else {
      fmt::print("{}\n", say("✓ 저장함", "✓ Kept"));
    }
  }

  AnswerBook& book_;
  std::string who_;
  Style style_;
  std::size_t written_ = 0;
};

}  // namespace

Result<std::size_t> converse(AnswerBook& book, std::string who, const Style& style) {
  return Dialogue(book, std::move(who), style).hold();
}

}  // namespace haetae::cli
