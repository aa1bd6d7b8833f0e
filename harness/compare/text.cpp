#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/compare/render.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::compare {
namespace {

constexpr std::size_t kMostFacts = 40;
constexpr std::size_t kMostLines = 400;

const std::string& in(const Text& text, Language language) {
  return language == Language::ko ? text.ko : text.en;
}

std::string shown(std::optional<Verdict> verdict, Language language) {
  if (!verdict) return language == Language::ko ? "시험하지 않음" : "not tested";
  return std::string(language == Language::ko ? korean(*verdict) : word(*verdict));
}

/// padded() fills up with blanks; Korean letters are two columns wide.
std::string padded(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  for (const unsigned char byte : text) {
    if ((byte & 0xc0U) != 0x80U) columns += byte >= 0xe0U ? 2 : 1;
  }
  std::string out(text);
  if (columns < width) out.append(width - columns, ' ');
  return out;
}

/// Writer puts the lines of one difference together.
class Writer {
 public:
  Writer(const Difference& difference, const Retest& retest, Language language)
      : diff_(difference), retest_(retest), language_(language) {}

  std::string write() {
    head();
    if (diff_.equal())
      line(say("같음: 항목, 위반, 사실이 모두 같습니다", "equal: items, findings and facts"));
    for (const Way way : {Way::worse, Way::changed, Way::better}) {
      for (const auto& finding : diff_.findings) {
        if (finding.way == way) show(finding);
      }
      for (const auto* const list : {&diff_.items, &diff_.criteria, &diff_.subjects}) {
        for (const auto& change : *list) {
          if (change.way == way) show(change);
        }
      }
    }
    facts();
    tail();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string say(std::string_view ko, std::string_view en) const {
    return std::string(language_ == Language::ko ? ko : en);
  }
  void line(std::string_view text) {
    if (++lines_ > kMostLines) return;
    out_ += text;
    out_ += '\n';
  }

  void head() {
    const auto changed = [&](std::string_view ko, std::string_view en, const std::string& before,
                             const std::string& after) {
      if (before == after) return;
      line(fmt::format("{} {} → {}", say(ko, en), printable(before), printable(after)));
    };
    changed("펌웨어", "firmware", diff_.before.firmware, diff_.after.firmware);
    changed("하드웨어", "hardware", diff_.before.hardware, diff_.after.hardware);
    std::vector<std::string> other, same;
    for (const auto& [differs, ko, en] :
         {std::tuple(diff_.catalogue_changed, "기준", "catalogue"),
          std::tuple(diff_.declaration_changed, "신고서", "declaration"),
          std::tuple(diff_.engine_changed, "도구", "engine")}) {
      (differs ? other : same).push_back(say(ko, en));
    }
    std::string text;
    if (!other.empty()) {
      text = fmt::format("{} {}", fmt::join(other, ", "), say("바뀜", "changed"));
    }
    if (!same.empty()) {
      text += fmt::format("{}{} {}", text.empty() ? "" : " · ", fmt::join(same, ", "),
                          say("그대로", "unchanged"));
    }
    line(text);
    changed("종합 판정", "headline", diff_.before.headline, diff_.after.headline);
  }

  void show(const FindingChange& finding) {
    const std::string what = finding.what == "new" ? say("새 위반", "new breach")
                             : finding.what == "gone"
                                 ? finding.way == Way::better
                                       ? say("고침", "fixed")
                                       : say("다시 확인하지 못함", "not looked at again")
                                 : say("예외 상태", "waiver");
    entry(
        finding.way, finding.item,
        fmt::format("{}: {} [{}]", what, printable(in(finding.says, language_), 300), finding.code),
        finding.why, finding.waived);
  }

  void show(const VerdictChange& change) {
    // What a finer line says already is not said again.
    if (!change.subject.empty() && !change.regression && change.way != Way::better) return;
    const auto said = [&](const FindingChange& one) {
      return one.criterion == change.criterion && one.way == change.way;
    };
    if (!change.criterion.empty() && !change.regression &&
        std::ranges::any_of(diff_.findings, said)) {
      return;
    }
    std::string name = change.criterion.empty() ? in(change.title, language_) : change.criterion;
    if (!change.subject.empty()) name += " " + printable(change.subject);
    std::string text = fmt::format("{}: {} → {}", name, shown(change.before, language_),
                                   shown(change.after, language_));
    if (change.regression)
      text += fmt::format(" ({})", printable(in(change.reason, language_), 200));
    entry(change.way, change.item, text, change.why, change.waived);
  }

  void entry(Way way, const std::string& item, const std::string& text, const std::vector<Why>& why,
             const std::string& waived) {
    const std::string accepted =
        waived.empty() || way != Way::worse
            ? ""
            : fmt::format(" ({} {})", say("예외, 만료", "waived until"), printable(waived));
    line(fmt::format("{} {} {}{}   {}",
                     padded(language_ == Language::ko ? korean(way) : word(way), 8),
                     padded(item, 5), text, accepted, joined(why, language_)));
  }

  void facts() {
    std::size_t shown_facts = 0;
    for (const FactChange& fact : diff_.facts) {
      if (++shown_facts > kMostFacts) break;
      std::string cells;
      if (fact.what == "changed") {
        for (const CellChange& cell : fact.cells) {
          cells += fmt::format("{}{}: {} → {}", cells.empty() ? "  " : ", ", cell.column,
                               printable(cell.before, 80), printable(cell.after, 80));
        }
      }
      const std::string_view sign = fact.what == "added" ? "+" : fact.what == "removed" ? "-" : "~";
      line(fmt::format("{} {} {} {}{}   {}", padded(say("사실", "fact"), 8), sign, fact.table,
                       printable(fact.key, 200), cells, joined({fact.why}, language_)));
    }
    if (diff_.facts.size() > kMostFacts) {
      line(
          fmt::format(fmt::runtime(say("         그 밖에 사실 {}건", "         and {} more facts")),
                      diff_.facts.size() - kMostFacts));
    }
  }

  void tail() {
    if (lines_ > kMostLines) {
      out_ += fmt::format(fmt::runtime(say("그 밖에 {}줄은 --format json에 있습니다\n",
                                           "and {} more lines: see --format json\n")),
                          lines_ - kMostLines);
      lines_ = 0;
    }
    std::string flaky;
    for (const Flaky& one : diff_.flaky) {
      flaky += fmt::format("{}{} {} ({}/{})", flaky.empty() ? "" : ", ", one.table,
                           printable(one.key, 100), one.same, one.of);
    }
    line(fmt::format("{} {} {}      {}: {}", padded(say("그대로", "same"), 8), diff_.same_items,
                     say("개 항목", "items"), say("불안정", "flaky"),
                     flaky.empty() ? say("없음", "none") : flaky));
    for (const WaiverLine& waiver : diff_.waivers) {
      const bool expired = waiver.state != "in-force";
      line(fmt::format("{} {} {} {} ({}: {})", padded(say("예외", "waiver"), 8), waiver.target,
                       expired ? say("만료됨", "expired") : say("유효, 만료", "in force until"),
                       printable(waiver.expires), say("승인", "approved by"),
                       printable(waiver.approver)));
    }
    const auto again = retest_.again();
    line(fmt::format(
        "{}: {}        {}: {}", say("다시 시험", "test again"),
        again.empty() ? say("없음", "nothing") : fmt::format("{}", fmt::join(again, " ")),
        say("이어받음", "carried over"), retest_.carried().size()));
  }

  const Difference& diff_;
  const Retest& retest_;
  Language language_;
  std::string out_;
  std::size_t lines_ = 0;
};

}  // namespace

std::string joined(const std::vector<Why>& why, Language language) {
  std::string out;
  for (const Why one : why) {
    out += out.empty() ? "" : ", ";
    out += language == Language::ko ? korean(one) : word(one);
  }
  return out;
}

std::string text(const Difference& difference, const Retest& retest, Language language) {
  return Writer(difference, retest, language).write();
}

std::string retest_text(const Retest& retest, Language language) {
  const bool ko = language == Language::ko;
  std::string out = fmt::format("{} {}, {} {}\n\n", ko ? "기준 시험" : "baseline", retest.run,
                                ko ? "뿌리 해시" : "root", retest.root.substr(0, 16));
  out += ko ? "다시 시험\n" : "test again\n";
  for (const RetestItem& item : retest.items) {
    if (item.reasons.empty()) continue;
    out += fmt::format("  {} {}\n", padded(item.item, 5), in(item.title, language));
    std::size_t count = 0;
    for (const RetestReason& reason : item.reasons) {
      if (++count > 5) break;
      out += fmt::format("        {}\n", printable(in(reason.says, language), 300));
    }
    if (item.reasons.size() > 5) {
      out += fmt::format(fmt::runtime(ko ? "        그 밖에 {}가지\n" : "        and {} more\n"),
                         item.reasons.size() - 5);
    }
  }
  out += ko ? "\n이어받음\n" : "\ncarried over\n";
  for (const RetestItem& item : retest.items) {
    if (!item.reasons.empty()) continue;
    std::vector<EvidenceId> first(
        item.evidence.begin(),
        item.evidence.begin() +
            static_cast<std::ptrdiff_t>(std::min<std::size_t>(8, item.evidence.size())));
    out += fmt::format("  {} {}  {} {}{}\n", padded(item.item, 5), in(item.title, language),
                       ko ? "증거" : "evidence", fmt::join(first, " "),
                       first.size() < item.evidence.size()
                           ? fmt::format(" (+{})", item.evidence.size() - first.size())
                           : "");
  }
  return out;
}

}  // namespace haetae::compare
