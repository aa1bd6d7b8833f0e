#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/compare/render.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::compare {
namespace {

constexpr std::size_t kMostRows = 2000;

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #59636e; --line: #d5dae0; --paper: #ffffff; --accent: #1f4e79; --worse: #b3261e; --better: #1a6b3c; --changed: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #a3adb8; --line: #3a424c; --paper: #14181d; --accent: #8fbbe6; --worse: #ff8a80; --better: #6cc78f; --changed: #f0b95a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); word-break: keep-all; overflow-wrap: anywhere; font: 16px/1.55 "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", "Apple SD Gothic Neo", "Segoe UI", Roboto, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 58rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; border-top: 6px solid var(--accent); }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .6rem; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-bottom: .3rem; border-bottom: 2px solid var(--accent); }
.answer { font-size: 1.3rem; font-weight: 700; border: 2px solid currentColor; border-radius: .4rem; padding: .7rem 1rem; margin: 1.2rem 0; }
.worse { color: var(--worse); } .better { color: var(--better); } .changed { color: var(--changed); } .soft { color: var(--soft); }
.way { font-weight: 700; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr 1fr; gap: .2rem 1.4rem; } dt { color: var(--soft); } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; margin: .4rem 0 1rem; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); } thead th { color: var(--soft); } th, td:first-child, td:last-child { overflow-wrap: normal; }
code { font-family: "D2Coding", ui-monospace, Consolas, monospace; font-size: .86em; }
ul { padding-left: 1.2rem; }
@media (max-width: 40rem) { main { padding: 1.2rem .9rem; } dl { grid-template-columns: 1fr; } thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; } td { display: block; border: 0; padding: .1rem 0; } }
@media print { @page { size: A4; margin: 20mm 18mm; } body { font-size: 10pt; } h2, tr { break-inside: avoid; } }
)css";

std::string escaped(std::string_view raw, std::size_t limit = 600) {
  std::string out;
  for (const char letter : printable(raw, limit)) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += letter;
    }
  }
  return out;
}

/// Page writes one difference in one language.
class Page {
 public:
  Page(const Difference& difference, const Retest& retest, Language language)
      : diff_(difference), retest_(retest), ko_(language == Language::ko) {}

  std::string write() {
    const std::string title = say("두 시험의 비교", "Two runs compared");
    out_ = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
        "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta "
        "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n"
        "<h1>{}</h1>\n",
        ko_ ? "ko" : "en", title, kStyle, title);
    answer();
    heads();
    changes();
    facts();
    waivers();
    retest();
    out_ += "</main>\n</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string say(std::string_view ko, std::string_view en) const {
    return std::string(ko_ ? ko : en);
  }
  [[nodiscard]] const std::string& in(const Text& text) const { return ko_ ? text.ko : text.en; }
  [[nodiscard]] std::string shown(std::optional<Verdict> verdict) const {
    if (!verdict) return say("시험하지 않음", "not tested");
    return std::string(sign(*verdict)) + " " + std::string(ko_ ? korean(*verdict) : word(*verdict));
  }
  [[nodiscard]] std::string causes(const std::vector<Why>& why) const {
    return joined(why, ko_ ? Language::ko : Language::en);
  }
  /// way() is told by its sign and word, not by its colour alone.
  [[nodiscard]] std::string way(Way way) const {
    const char* const mark = way == Way::worse ? "▼" : way == Way::better ? "▲" : "◆";
    return fmt::format("<span class=\"way {}\">{} {}</span>", word(way), mark,
                       ko_ ? korean(way) : word(way));
  }

  void answer() {
    const std::size_t worse = diff_.regressions(false);
    const std::size_t beyond = diff_.regressions(true);
    std::string text;
    if (diff_.equal()) {
      text = say("같습니다", "Equal");
    } else if (worse == 0) {
      text = say("바뀌었고, 나빠진 것은 없습니다", "Changed, and nothing got worse");
    } else {
      text = fmt::format(fmt::runtime(say("{}건 나빠짐, 그중 예외 없는 것 {}건",
                                          "{} got worse, {} of them beyond what is waived")),
                         worse, beyond);
    }
    out_ += fmt::format("<p class=\"answer {}\">{}</p>\n",
                        worse > 0       ? "worse"
                        : diff_.equal() ? "better"
                                        : "changed",
                        text);
  }

  void heads() {
    out_ += fmt::format("<dl><dt></dt><dd class=\"soft\">{}</dd><dd class=\"soft\">{}</dd>\n",
                        say("앞", "before"), say("뒤", "after"));
    const auto row = [&](std::string_view ko, std::string_view en, const std::string& before,
                         const std::string& after) {
      out_ += fmt::format("<dt>{}</dt><dd>{}</dd><dd>{}</dd>\n", say(ko, en), escaped(before),
                          escaped(after));
    };
    row("펌웨어", "firmware", diff_.before.firmware, diff_.after.firmware);
    row("종합 판정", "headline", diff_.before.headline, diff_.after.headline);
    row("시험", "run", diff_.before.uuid, diff_.after.uuid);
    row("뿌리 해시", "root", diff_.before.root, diff_.after.root);
    row("시작", "started", diff_.before.started, diff_.after.started);
    row("기준", "catalogue", diff_.before.catalogue + " " + diff_.before.edition,
        diff_.after.catalogue + " " + diff_.after.edition);
    row("도구", "tool", diff_.before.tool, diff_.after.tool);
    out_ += "</dl>\n";
    std::vector<std::string> other;
    if (diff_.catalogue_changed) other.push_back(say("기준", "catalogue"));
    if (diff_.declaration_changed) other.push_back(say("신고서", "declaration"));
    if (diff_.engine_changed) other.push_back(say("도구", "engine"));
    out_ += fmt::format(
        "<p class=\"soft\">{}: {}</p>\n", say("바뀐 조건", "inputs that changed"),
        other.empty() ? say("없음", "none") : fmt::format("{}", fmt::join(other, ", ")));
  }

  void row(Way kind, const std::string& item, const std::string& text, const std::vector<Why>& why,
           const std::string& waived) {
    const std::string accepted =
        waived.empty() ? ""
                       : fmt::format(" <span class=\"soft\">({} {})</span>",
                                     say("예외, 만료", "waived until"), escaped(waived));
    rows_ += fmt::format("<tr><td>{}</td><td>{}</td><td>{}{}</td><td>{}</td></tr>\n", way(kind),
                         escaped(item), text, accepted, causes(why));
  }

  void changes() {
    for (const Way kind : {Way::worse, Way::changed, Way::better}) {
      for (const auto& finding : diff_.findings) {
        if (finding.way != kind) continue;
        const std::string what = finding.what == "new" ? say("새 위반", "new breach")
                                 : finding.what == "gone"
                                     ? kind == Way::better
                                           ? say("고침", "fixed")
                                           : say("다시 확인하지 못함", "not looked at again")
                                     : say("예외 상태", "waiver");
        row(kind, finding.item,
            fmt::format("{}: {} <code>{}</code>", what, escaped(in(finding.says)), finding.code),
            finding.why, finding.waived);
      }
      for (const auto* const list : {&diff_.items, &diff_.criteria, &diff_.subjects}) {
        for (const auto& change : *list) {
          if (change.way != kind) continue;
          std::string name = change.criterion.empty()
                                 ? escaped(in(change.title))
                                 : fmt::format("<code>{}</code>", change.criterion);
          if (!change.subject.empty()) name += " " + escaped(change.subject);
          row(kind, change.item,
              fmt::format("{}: {} → {}", name, shown(change.before), shown(change.after)),
              change.why, change.way == Way::worse ? change.waived : "");
        }
      }
    }
    out_ += fmt::format("<h2>{}</h2>\n", say("판정과 위반", "Verdicts and breaches"));
    if (rows_.empty()) {
      out_ += fmt::format("<p>{}</p>\n", say("바뀐 것이 없습니다.", "Nothing changed."));
      return;
    }
    table({say("방향", "way"), say("항목", "item"), say("무엇", "what"), say("까닭", "cause")});
  }

  void table(const std::vector<std::string>& names) {
    out_ += "<table><thead><tr>";
    for (const std::string& name : names) out_ += fmt::format("<th scope=\"col\">{}</th>", name);
    out_ += "</tr></thead><tbody>\n" + rows_ + "</tbody></table>\n";
    rows_.clear();
  }

  void facts() {
    out_ += fmt::format("<h2>{} ({})</h2>\n", say("사실", "Facts"), diff_.facts.size());
    if (diff_.facts.empty()) {
      out_ += fmt::format("<p>{}</p>\n", say("모두 같습니다.", "All are the same."));
      return;
    }
    std::size_t count = 0;
    for (const FactChange& fact : diff_.facts) {
      if (++count > kMostRows) break;
      std::string cells;
      for (const CellChange& cell : fact.cells) {
        cells += fmt::format("{}<code>{}</code> {}", cells.empty() ? "" : "<br>", cell.column,
                             fact.what == "added" ? escaped(cell.after, 200)
                             : fact.what == "removed"
                                 ? escaped(cell.before, 200)
                                 : escaped(cell.before, 200) + " → " + escaped(cell.after, 200));
      }
      const std::string what = fact.what == "added"     ? say("+ 새로움", "+ new")
                               : fact.what == "removed" ? say("− 없어짐", "− gone")
                                                        : say("~ 다름", "~ other");
      rows_ +=
          fmt::format("<tr><td>{}</td><td><code>{}</code> {}</td><td>{}</td><td>{}</td></tr>\n",
                      what, fact.table, escaped(fact.key), cells, causes({fact.why}));
    }
    table({say("무엇", "what"), say("행", "row"), say("값", "values"), say("까닭", "cause")});
    if (diff_.facts.size() > kMostRows) {
      out_ += fmt::format(fmt::runtime(say("<p>그 밖에 {}건은 JSON에 있습니다.</p>\n",
                                           "<p>{} more are in the JSON.</p>\n")),
                          diff_.facts.size() - kMostRows);
    }
  }

  void waivers() {
    if (diff_.waivers.empty()) return;
    out_ += fmt::format("<h2>{}</h2>\n", say("예외", "Waivers"));
    for (const WaiverLine& waiver : diff_.waivers) {
      rows_ += fmt::format(
          "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
          escaped(waiver.target),
          waiver.state == "in-force" ? say("유효", "in force") : say("만료", "expired"),
          escaped(waiver.reason), escaped(waiver.approver), escaped(waiver.expires));
    }
    table({say("대상", "target"), say("상태", "state"), say("까닭", "reason"),
           say("승인", "approved by"), say("만료", "expires")});
  }

  void retest() {
    out_ += fmt::format("<h2>{}</h2>\n", say("다시 시험할 항목", "What to test again"));
    for (const RetestItem& item : retest_.items) {
      if (item.reasons.empty()) continue;
      std::string reasons;
      std::size_t count = 0;
      for (const RetestReason& reason : item.reasons) {
        if (++count > 5) break;
        reasons += fmt::format("{}{}", reasons.empty() ? "" : "<br>", escaped(in(reason.says)));
      }
      if (item.reasons.size() > 5) reasons += fmt::format("<br>+{}", item.reasons.size() - 5);
      rows_ += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", item.item,
                           escaped(in(item.title)), reasons);
    }
    if (!rows_.empty()) table({say("항목", "item"), say("이름", "title"), say("까닭", "why")});
    const auto carried = retest_.carried();
    out_ += fmt::format(
        "<p>{}: {}. {} <code>{}</code></p>\n", say("이어받음", "Carried over"),
        carried.empty() ? say("없음", "none") : fmt::format("{}", fmt::join(carried, " ")),
        say("증거가 있는 시험", "Evidence lies in run"), escaped(retest_.run));
  }

  const Difference& diff_;
  const Retest& retest_;
  bool ko_;
  std::string out_, rows_;
};

}  // namespace

std::string html(const Difference& difference, const Retest& retest, Language language) {
  return Page(difference, retest, language).write();
}

}  // namespace haetae::compare
