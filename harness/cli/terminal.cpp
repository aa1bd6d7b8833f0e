#include "harness/cli/terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include "harness/model/finding.hpp"

namespace haetae::cli {
namespace {

constexpr int kBarCells = 20;
constexpr std::size_t kMostFailures = 7;
constexpr std::size_t kColumns = 100;

const char* environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string painted(const Style& style, const char* code, std::string_view text) {
  return style.colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

const char* colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "32";
    case Verdict::fail: return "31";
    case Verdict::inconclusive: return "33";
    case Verdict::pending: return "36";
    case Verdict::not_run:
    case Verdict::not_applicable: return "2";
  }
  return "0";
}

std::string_view state_word(const Style& style, std::string_view state) {
  if (!style.korean) return state;
  if (state == "finished") return "완료";
  if (state == "failed") return "실패";
  if (state == "skipped") return "건너뜀";
  return state == "interrupted" ? "중단" : state;
}

std::string bar(std::size_t done, std::size_t total) {
  const auto cells = total == 0 ? 0 : static_cast<int>(done * kBarCells / total);
  std::string out;
  for (int cell = 0; cell < kBarCells; ++cell) out += cell < cells ? "█" : "░";
  return out;
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

const std::string& in(const Style& style, const catalogue::Text& text) {
  return style.korean ? text.ko : text.en;
}

/// display_width() is the number of terminal cells: Korean letters take two.
std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x80)
      ++width;
    else if (byte >= 0xe3 && byte <= 0xed)
      width += 2;
    else if (byte >= 0xc0)
      ++width;
  }
  return width;
}

/// fitted() cuts text to a number of cells, at a letter's border.
std::string fitted(std::string_view text, std::size_t cells) {
  if (display_width(text) <= cells) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0U) == 0x80U) ++next;
    const std::string_view letter = text.substr(at, next - at);
    if (display_width(out) + display_width(letter) + 1 > cells) break;
    out += letter;
    at = next;
  }
  return out + "…";
}

std::string padded(std::string_view text, std::size_t cells) {
  std::string out = fitted(text, cells);
  out.append(cells - std::min(cells, display_width(out)), ' ');
  return out;
}

}  // namespace

Style style_of(std::FILE* file, std::string_view language) {
  Style style;
  const bool terminal = isatty(fileno(file)) == 1;
  const bool dumb = std::string_view(environment("TERM")) == "dumb";
  style.live = terminal && !dumb;
  style.colour = style.live && *environment("NO_COLOR") == '\0';
  std::string locale = environment("LC_ALL");
  if (locale.empty()) locale = environment("LC_MESSAGES");
  if (locale.empty()) locale = environment("LANG");
  style.korean = language.empty() ? locale.starts_with("ko") : language == "ko";
  return style;
}

Terminal::Terminal(std::FILE* out, Style style, Clock& clock)
    : out_(out), style_(style), clock_(clock), begun_(clock.now()), drawn_(begun_) {}

Terminal::~Terminal() {
  erase_live();
  std::fflush(out_);
}

void Terminal::line(std::string_view text) {
  erase_live();
  fmt::print(out_, "{}\n", text);
  draw_live();
  std::fflush(out_);
}

void Terminal::erase_live() {
  if (live_lines_ > 0) fmt::print(out_, "\x1b[{}A\x1b[J", live_lines_);
  live_lines_ = 0;
}

void Terminal::draw_live() {
  if (!style_.live) return;
  for (const auto& [id, running] : running_) {
    const std::string share =
        running.total == 0 ? "" : fmt::format("{:3} %", running.done * 100 / running.total);
    fmt::print(out_, "  {} {} {:>5}  {}\n", padded(running.title, 34),
               bar(running.done, running.total), share, fitted(running.what, 30));
    ++live_lines_;
  }
  const double elapsed = seconds(clock_.now() - begun_);
  const std::string calm =
      stress_.connects == 0
          ? ""
          : fmt::format(" · {} {:.1f} ms ({})", style_.korean ? "응답" : "device answers in",
                        static_cast<double>(stress_.recent.count()) / 1000.0,
                        stress_.factor() < 4 ? (style_.korean ? "안정" : "calm")
                                             : (style_.korean ? "부하" : "stressed"));
  const double left = std::max(0.0, static_cast<double>(expected_.count()) - elapsed);
  fmt::print(out_, "  {:.0f} s · {}/{}{} · {} {:.0f} s\n", elapsed, ended_, planned_, calm,
             style_.korean ? "남은 시간 약" : "about left", left);
  ++live_lines_;
}

void Terminal::redraw(bool now) {
  if (!style_.live) return;
  if (!now && clock_.now() - drawn_ < 100ms) return;
  drawn_ = clock_.now();
  erase_live();
  draw_live();
  std::fflush(out_);
}

void Terminal::planned(const runner::Plan& plan) {
  const std::scoped_lock lock(mutex_);
  planned_ = static_cast<std::size_t>(std::ranges::count_if(
      plan.procedures, [](const auto& procedure) { return procedure.planned(); }));
  expected_ = plan.expected;
  line(fmt::format(
      fmt::runtime(style_.korean ? "계획     절차 {}개 · 약 {} s · 연결 {}개 · 로그인 시도 최대 "
                                   "{}회 · 확인할 질문 {}개"
                                 : "Plan     {} procedures · about {} s · {} connections · at most "
                                   "{} login tries · {} questions for people"),
      planned_, plan.expected.count(), plan.connections, plan.logins, plan.questions));
}

void Terminal::started(const runner::Info& procedure) {
  const std::scoped_lock lock(mutex_);
  running_[procedure.id] = {in(style_, procedure.title), clock_.now(), 0, 0, ""};
  if (style_.live)
    redraw(true);
  else
    line(fmt::format("{} {}", padded(style_.korean ? "시작" : "start", 8),
                     in(style_, procedure.title)));
}

void Terminal::progress(const runner::Info& procedure, std::size_t done, std::size_t total,
                        std::string_view what) {
  const std::scoped_lock lock(mutex_);
  const auto found = running_.find(procedure.id);
  if (found == running_.end()) return;
  found->second.done = std::min(done, total);
  found->second.total = total;
  found->second.what = printable(what, 120);
  redraw(false);
}

void Terminal::ended(const runner::Info& procedure, std::string_view state, std::string_view reason,
                     std::size_t facts) {
  const std::scoped_lock lock(mutex_);
  ++ended_;
  double took = 0;
  if (const auto found = running_.find(procedure.id); found != running_.end()) {
    took = seconds(clock_.now() - found->second.since);
    running_.erase(found);
  }
  const bool good = state == "finished";
  const std::string shown = good ? fmt::format("{}{}", facts, style_.korean ? "개 사실" : " facts")
                                 : printable(reason, 160);
  line(fmt::format("{} {} {:>6.1f} s  {}",
                   painted(style_, good ? "32" : "33", padded(state_word(style_, state), 8)),
                   padded(in(style_, procedure.title), 34), took, shown));
}

void Terminal::log(std::string_view level, std::string_view text) {
  const std::scoped_lock lock(mutex_);
  line(fmt::format("{} {}", padded(level, 8), printable(text, 400)));
}

void Terminal::stress(const net::Stress& stress) {
  const std::scoped_lock lock(mutex_);
  stress_ = stress;
  redraw(false);
}

namespace {

using Counts = std::array<int, 6>;

std::string counts_text(const Counts& counts, const Style& style) {
  std::string out;
  for (const Verdict verdict : {Verdict::fail, Verdict::inconclusive, Verdict::not_run,
                                Verdict::pending, Verdict::pass, Verdict::not_applicable}) {
    const int count = counts[static_cast<std::size_t>(verdict)];
    if (count == 0) continue;
    if (!out.empty()) out += " · ";
    out += painted(style, colour_of(verdict),
                   fmt::format("{} {}{}", sign(verdict), count,
                               fmt::format(" {}", style.korean ? korean(verdict) : word(verdict))));
  }
  return out;
}

std::string failures_text(const catalogue::Catalogue& catalogue, const judge::Judgement& judgement,
                          const Style& style) {
  std::string out;
  std::size_t shown = 0;
  std::size_t total = 0;
  for (const auto& criterion : judgement.criteria) {
    for (const auto& finding : criterion.findings) {
      if (++total > kMostFailures) continue;
      ++shown;
      const auto* const item = catalogue.item(criterion.item);
      out += fmt::format("{} {}  {}\n", painted(style, "31", "✗"), padded(criterion.item, 4),
                         fitted(item == nullptr ? "" : in(style, item->title), kColumns - 10));
      const std::string evidence =
          finding.evidence.empty() ? ""
                                   : fmt::format("  [{} {}]", style.korean ? "증적" : "evidence",
                                                 finding.evidence.front());
      out += fmt::format("       {}{}  {}\n", fitted(in(style, finding.says), kColumns - 10),
                         evidence, finding_code(criterion.criterion, finding.subject, finding.key));
      out += fmt::format("       → {}\n", fitted(in(style, finding.remedy), kColumns - 12));
    }
  }
  if (total > shown) {
    out += fmt::format(fmt::runtime(style.korean ? "       그 밖에 {}건은 보고서에 있습니다\n"
                                                 : "       and {} more in the report\n"),
                       total - shown);
  }
  return out;
}

std::string inconclusive_text(const judge::Judgement& judgement, const Style& style) {
  std::string out;
  std::size_t shown = 0;
  for (const auto& item : judgement.items) {
    if (item.verdict != Verdict::inconclusive || item.selected != "planned" || ++shown > 4)
      continue;
    out += fmt::format("{} {}  ({}) {}\n", painted(style, "33", "?"), padded(item.item, 4),
                       style.korean ? korean(item.cause) : word(item.cause),
                       fitted(in(style, item.reason), kColumns - 24));
  }
  return out;
}

/// pending_text() says what a person still has to answer, and how.
std::string pending_text(const judge::Judgement& judgement, const RunEnd& end, const Style& style) {
  const auto waiting =
      std::ranges::count(judgement.criteria, Verdict::pending, &judge::CriterionVerdict::verdict);
  if (waiting == 0) return {};
  return fmt::format(
      fmt::runtime(style.korean ? "{} 사람의 답변 {}개를 기다림:  haetae answer {}\n"
                                : "{} {} answers of a person are missing:  haetae answer {}\n"),
      painted(style, colour_of(Verdict::pending), "…"), waiting, end.file);
}

}  // namespace

std::string summary(const catalogue::Catalogue& catalogue, const judge::Judgement& judgement,
                    const RunEnd& end, const Style& style) {
  Counts all{};
  std::map<std::string, Counts> by_domain;
  int planned = 0;
  for (const auto& item : judgement.items) {
    const auto* const known = catalogue.item(item.item);
    if (item.selected != "planned" || known == nullptr) continue;
    ++planned;
    ++all[static_cast<std::size_t>(item.verdict)];
    ++by_domain[known->domain][static_cast<std::size_t>(item.verdict)];
  }
  std::string headline_word(word(judgement.headline));
  std::ranges::transform(headline_word, headline_word.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  const char* const colour = judgement.headline == Headline::conformant       ? "1;32"
                             : judgement.headline == Headline::non_conformant ? "1;31"
                                                                              : "1;33";
  std::string out = "\n";
  out += fmt::format(
      "{}   {}   {} {}\n\n",
      painted(style, colour, fmt::format("{} {}", headline_word, korean(judgement.headline))),
      counts_text(all, style), style.korean ? "대상 항목" : "of", planned);
  Counts criteria{};
  for (const auto& criterion : judgement.criteria)
    ++criteria[static_cast<std::size_t>(criterion.verdict)];
  out += fmt::format("{}   {}\n\n", style.korean ? "기준  " : "criteria",
                     counts_text(criteria, style));
  for (const auto& domain : catalogue.domains) {
    if (!by_domain.contains(domain.id)) continue;
    out += fmt::format("  {} {}  {}\n", domain.id, padded(in(style, domain.title), 40),
                       counts_text(by_domain.at(domain.id), style));
  }
  out += "\n" + failures_text(catalogue, judgement, style) + inconclusive_text(judgement, style);
  out += pending_text(judgement, end, style);
  if (!end.trouble.empty()) out += fmt::format("! {}\n", printable(end.trouble, 300));
  out += fmt::format("\nRun       {}   {}\nReport    haetae report {} -o report.html\n", end.file,
                     end.seal, end.file);
  if (!end.public_key.empty()) {
    out += fmt::format("Verify    haetae verify {} --key {}\n", end.file, end.public_key);
  }
  return out;
}

std::string plan_text(const runner::Plan& plan, const Style& style) {
  std::string out;
  for (const auto& planned : plan.procedures) {
    const auto& info = planned.procedure->info;
    out += fmt::format("{} {} {} {:>5} s {:>6} {:>4}  {}\n", padded(info.id, 22),
                       padded(planned.state, 14), padded(word(info.hazard), 14),
                       info.expected.count(), info.connections, info.logins,
                       planned.planned() ? in(style, info.title) : planned.reason);
  }
  std::string head =
      fmt::format("{} {} {} {:>7} {:>6} {:>4}\n", padded(style.korean ? "절차" : "procedure", 22),
                  padded(style.korean ? "상태" : "state", 14),
                  padded(style.korean ? "위험도" : "hazard", 14), style.korean ? "시간" : "time",
                  style.korean ? "연결" : "conn.", style.korean ? "로그인" : "log.");
  int items = 0;
  int criteria = 0;
  for (const auto& planned : plan.items) {
    if (planned.selected != "planned") continue;
    ++items;
    criteria += static_cast<int>(planned.item->criteria.size());
  }
  const auto* const total = style.korean
                                ? "\n항목 {}개, 기준 {}개 · 약 {} s · 연결 {}개 · 로그인 시도 최대 "
                                  "{}회 · 사람이 답할 질문 {}개\n아무것도 보내지 않았습니다.\n"
                                : "\n{} items, {} criteria · about {} s · {} connections · at most "
                                  "{} login tries · {} questions for people\nNothing was sent.\n";
  return head + out +
         fmt::format(fmt::runtime(total), items, criteria, plan.expected.count(), plan.connections,
                     plan.logins, plan.questions);
}

}  // namespace haetae::cli
