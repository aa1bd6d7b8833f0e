#include <algorithm>
#include <map>
#include <set>

#include "reports/html/content.hpp"
#include "reports/html/sections.hpp"

namespace haetae::reports::page {
namespace {

using Decisive = std::map<EvidenceId, std::set<std::string>>;

/// decisive_bytes() are the words that decide: what a breach names, and what was looked for in a
/// document.
Decisive decisive_bytes(const Report& report) {
  constexpr std::size_t kShortest = 4, kMost = 16;
  Decisive out;
  const auto add = [&](EvidenceId id, std::string_view words) {
    std::set<std::string>& all = out[id];
    for (std::size_t at = 0; at < words.size() && all.size() < kMost;) {
      const std::size_t end = std::min(words.find_first_of(" \t|,", at), words.size());
      if (end - at >= kShortest) all.emplace(words.substr(at, end - at));
      at = end + 1;
    }
  };
  for (const Item& item : report.items) {
    for (const Criterion& criterion : item.criteria) {
      for (const Finding& finding : criterion.findings) {
        for (const EvidenceId id : finding.evidence) add(id, finding.key);
      }
    }
  }
  for (const DocumentHit& hit : report.document_hits) {
    if (!hit.phrase.empty()) out[hit.evidence].insert(hit.phrase);
  }
  return out;
}

class Index {
 public:
  Index(Page& page, const Report& report) : page_(page), report_(report) {
    decisive_ = decisive_bytes(report);
    for (const Item& item : report.items) {
      for (const Criterion& criterion : item.criteria) items_[criterion.id] = item.id;
    }
    for (const Answer& answer : report.answers) {
      for (const EvidenceId id : answer.attachments) attached_[id] = answer.criterion;
    }
  }
  void entry(const EvidenceEntry& one);

 private:
  void head(const EvidenceEntry& one);
  void facts(const EvidenceEntry& one);
  void bytes(const EvidenceEntry& one);

  Page& page_;
  const Report& report_;
  Decisive decisive_;
  // What a breach stands on is shown at length; what a pass stands on, in short.
  Budget breach_{.left = 6U << 20U, .each = 96U << 10U, .images_left = 0};
  Budget pass_{.left = 3U << 20U, .each = 6U << 10U, .images_left = 0};
  std::map<std::string_view, std::string_view> items_;  // of criteria
  std::map<EvidenceId, std::string_view> attached_;     // to which criterion
};

void Index::head(const EvidenceEntry& one) {
  page_.raw("<details class=\"ev\" data-search=\"evidence\"><summary><span class=\"e\">E");
  page_.number(one.id).raw("</span> <span class=\"mono\">").text(one.subject, 160);
  page_.raw("</span> <span class=\"what\">").text(one.label, 200);
  page_.raw("</span> <span class=\"n\">").grouped(one.size).raw("&#8239;B</span></summary>\n");
}

void Index::facts(const EvidenceEntry& one) {
  page_.raw("<p class=\"meta\">").both(words_of(one.kind)).raw(" · ").text(one.media_type);
  page_.raw(" · ").text(when(one.at)).raw(" · ").both("링크 ", "link ").number(one.link);
  if (one.cut > 0) {
    page_.raw(" · ").both("한도를 넘어 세기만 한 ", "counted beyond the limit ");
    page_.grouped(one.cut).raw(" B");
  }
  page_.raw("</p><p class=\"meta\">").both("해시(솔트)", "commitment");
  page_.raw(" <span class=\"mono\">").text(one.commitment).raw("</span></p>");
  if (one.cited_by.empty()) return;
  constexpr std::size_t kMost = 20;
  page_.raw("<p class=\"meta\">").both("인용한 기준", "cited by");
  for (std::size_t at = 0; at < std::min(kMost, one.cited_by.size()); ++at) {
    const auto item = items_.find(one.cited_by[at]);
    page_.raw(" <a href=\"#item-").text(item == items_.end() ? "" : item->second).raw("\">");
    page_.text(one.cited_by[at]).raw("</a>");
  }
  if (one.cited_by.size() > kMost) page_.raw(" …");
  page_.raw("</p>\n");
}

void Index::bytes(const EvidenceEntry& one) {
  if (one.withheld) {
    page_.raw("<p class=\"none\">")
        .both("내용이 가려졌습니다.", "The content is withheld.")
        .raw("</p>");
    return;
  }
  const auto found = report_.contents.find(one.id);
  if (found == report_.contents.end()) {
    page_.raw("<p class=\"soft\"><span class=\"mono\">haetae evidence RUN ").number(one.id);
    page_.raw("</span> ").both("로 내용을 볼 수 있습니다.", "shows the content.").raw("</p>");
    return;
  }
  const auto attached = attached_.find(one.id);
  if (attached != attached_.end() && !image_type(found->second.bytes).empty()) {
    page_.raw("<p><a href=\"#step-").text(attached->second).raw("\">");
    page_.both("사진은 답에 있습니다", "The picture stands with the answer").raw("</a></p>");
    return;
  }
  Shown shown{.media_type = one.media_type, .decisive = {}, .tls = one.procedure == "tls"};
  if (const auto wanted = decisive_.find(one.id); wanted != decisive_.end()) {
    shown.decisive.assign(wanted->second.begin(), wanted->second.end());
  }
  content(page_, found->second, shown, decisive_.contains(one.id) ? breach_ : pass_);
}

void Index::entry(const EvidenceEntry& one) {
  head(one);
  page_.raw("<div class=\"body\" id=\"evidence-").number(one.id).raw("\">\n");
  facts(one);
  page_.raw("<div class=\"content\">");
  bytes(one);
  page_.raw("</div></div></details>\n");
}

void group_head(Page& page, std::string_view procedure, std::size_t count) {
  page.raw("<details class=\"group\"><summary><h3>")
      .text(procedure)
      .raw("</h3><span class=\"soft\">");
  page.grouped(static_cast<std::int64_t>(count)).both("건", "");
  page.raw("</span></summary><div class=\"all\" id=\"evidence-of-").text(procedure).raw("\">\n");
}

void rest_of(Page& page, const EvidenceGroup& group) {
  page.raw("<p class=\"rest\">").both("하나씩 싣지 않은 증적", "Not listed one by one").raw(": ");
  page.grouped(static_cast<std::int64_t>(group.count)).both("건, ", ", ").grouped(group.bytes);
  page.raw("&#8239;B · <span class=\"mono\">E").text(group.ids).raw("</span></p>\n");
}

}  // namespace

void evidence(Page& page, const Report& report, const Cited& cited) {
  open_section(page, "evidence");
  page.raw("<p class=\"soft\"><span class=\"mono\">haetae evidence RUN</span> ");
  page.both("은 모든 증적을, ", "lists all evidence, ");
  page.raw("<span class=\"mono\">haetae evidence RUN 118</span> ");
  page.both("은 하나의 내용을 보여 줍니다.", "shows the content of one.").raw("</p>\n");
  std::map<std::string_view, std::vector<const EvidenceEntry*>> listed;
  std::vector<std::string_view> order;
  const auto place = [&](std::string_view procedure) -> std::vector<const EvidenceEntry*>& {
    const auto [at, fresh] = listed.try_emplace(procedure);
    if (fresh) order.push_back(procedure);
    return at->second;
  };
  for (const EvidenceEntry* entry : cited.index().listed) place(entry->procedure).push_back(entry);
  for (const EvidenceGroup& group : cited.index().grouped) place(group.procedure);
  Index index(page, report);
  for (const std::string_view procedure : order) {
    const auto& entries = listed.at(procedure);
    const auto& grouped = cited.index().grouped;
    const auto rest = std::find_if(grouped.begin(), grouped.end(), [&](const EvidenceGroup& one) {
      return one.procedure == procedure;
    });
    group_head(page, procedure, entries.size() + (rest == grouped.end() ? 0 : rest->count));
    for (const EvidenceEntry* entry : entries) index.entry(*entry);
    if (rest != grouped.end()) rest_of(page, *rest);
    page.raw("</div></details>\n");
  }
  close_section(page);
}

}  // namespace haetae::reports::page
