#include <fmt/format.h>

#include "reports/html/sections.hpp"
#include "reports/pictures/drawing.hpp"

namespace haetae::reports::page {
namespace {

const Particulars& particulars_of(const Report& report) {
  static const Particulars kNone;
  return report.particulars ? *report.particulars : kNone;
}

void heading(Page& page, const Text& title) { page.raw("<h2>").both(title).raw("</h2>\n"); }

void title(Page& page, const Report& report) {
  const Particulars& given = particulars_of(report);
  page.raw("<div class=\"label\"><div lang=\"ko\">");
  page.trusted(pictures::svg(pictures::label(report, Language::ko))).raw("</div><div lang=\"en\">");
  page.trusted(pictures::svg(pictures::label(report, Language::en))).raw("</div></div>\n");
  page.raw("<p class=\"kind\">");
  if (given.kind.ko.empty() && given.kind.en.empty()) {
    page.both("사물인터넷 보안인증 사전시험 성적서",
              "IoT security certification · pre-test report");
  } else {
    page.both(given.kind);
  }
  if (!report.issue) {
    page.raw(" <span class=\"draft\">").both("초안 — 발급되지 않음", "Draft — not issued");
    page.raw("</span>");
  }
  page.raw("</p>\n<h1><bdi>").text(report.device.maker, 80).raw("</bdi> <bdi>");
  page.text(report.device.model, 80).raw("</bdi></h1>\n<p class=\"soft\">");
  page.both("펌웨어", "Firmware").raw(" <bdi>").text(report.device.firmware, 80).raw("</bdi>");
  if (!report.device.hardware.empty()) {
    page.raw(" · ").both("하드웨어", "hardware").raw(" <bdi>");
    page.text(report.device.hardware, 80).raw("</bdi>");
  }
  page.raw("</p>\n");
}

void headline(Page& page, const Report& report) {
  page.raw("<div class=\"headline h-")
      .text(word(report.revision.headline))
      .raw("\"><p class=\"word\">");
  page.raw("<span aria-hidden=\"true\">").text(sign_of(report.revision.headline));
  page.raw("</span> ")
      .both(headline_text(report.revision.headline))
      .raw("</p><p class=\"counts\">");
  counts(page, report.counts, With::words);
  page.raw("<span class=\"soft\">").both("대상 항목 ", "of ");
  page.grouped(static_cast<std::int64_t>(total(report.counts))).both("개", " items");
  page.raw("</span></p></div>\n");
}

void report_facts(Page& page, const Report& report) {
  heading(page, {"성적서", "Report"});
  Facts facts(page);
  if (report.issue) {
    facts.mono({"성적서 번호", "Report number"}, report.issue->number);
    facts.add({"발급일", "Issued"}, when(report.issue->at));
    if (!report.issue->replaces.empty()) {
      facts.mono({"대체하는 성적서", "Replaces"}, report.issue->replaces);
      facts.add({"대체 사유", "Reason"}, report.issue->reason);
    }
  } else {
    facts.add({"성적서 번호", "Report number"},
              Text{"초안: 번호가 부여되지 않음", "draft: no number was given"});
  }
  facts.mono({"시험 실행", "Run"}, report.run_value("uuid"));
  facts.add({"판정", "Judgement"}, Text{fmt::format("{}차 (전체 {}차), {}", report.revision.number,
                                                    report.revision.of, when(report.revision.at)),
                                        fmt::format("{} of {}, {}", report.revision.number,
                                                    report.revision.of, when(report.revision.at))});
}

void product_facts(Page& page, const Report& report) {
  const Particulars& given = particulars_of(report);
  heading(page, {"제품과 시료", "Product and sample"});
  Facts facts(page);
  facts.add({"제조자", "Maker"}, report.device.maker);
  facts.add({"모델", "Model"}, report.device.model);
  facts.add({"구분", "Category"}, report.device.category);
  facts.add({"펌웨어", "Firmware"}, report.device.firmware);
  facts.add({"하드웨어", "Hardware"}, report.device.hardware);
  facts.mono({"일련번호", "Serial number"}, report.device.serial);
  facts.add({"시료", "Sample"}, given.sample);
  facts.add({"시료 상태", "Condition"}, given.condition);
  facts.add({"시료 수", "Units"}, given.units);
  facts.add({"시료 선정", "Selection"}, given.selection);
  facts.mono({"시험 대상 주소", "Address under test"}, report.run_value("addresses"));
}

std::string authorised(const Report& report) {
  const std::string by = report.run_value("authorised-by");
  const std::string organisation = report.run_value("authorised-organisation");
  if (by.empty()) return "";
  return fmt::format("{}{}{} ({} – {})", by, organisation.empty() ? "" : ", ", organisation,
                     report.run_value("authorised-from"), report.run_value("authorised-until"));
}

void test_facts(Page& page, const Report& report) {
  const Particulars& given = particulars_of(report);
  heading(page, {"시험", "Test"});
  Facts facts(page);
  const Text type = type_words(report.revision.type);
  const std::string part_ko = report.revision.whole ? "" : " · 일부 항목만 시험";
  const std::string part_en = report.revision.whole ? "" : " · a selection of items";
  facts.add({"인증 유형", "Type"}, Text{type.ko + part_ko, type.en + part_en});
  facts.open({"시험 기준", "Catalogue"}).both(report.catalogue_title);
  page.raw(" <span class=\"mono soft\">").text(report.revision.catalogue).raw(" ");
  page.text(report.revision.edition).raw("</span>");
  facts.close();
  if (!report.profile_title.ko.empty()) facts.add({"프로필", "Profile"}, report.profile_title);
  facts.add({"법적 근거", "Legal base"}, report.legal_base);
  facts.add({"시료 접수", "Received"}, given.receipt);
  facts.add({"시험 기간", "Tested"},
            fmt::format("{} – {}", when(report.run_value("started")), when(report.finished)));
  facts.add({"시험 허가", "Authorised by"}, authorised(report));
}

void party_facts(Page& page, const Report& report) {
  const Particulars& given = particulars_of(report);
  heading(page, {"신청인", "Applicant"});
  {
    Facts facts(page);
    facts.add({"이름", "Name"}, given.applicant.name);
    facts.add({"대표자", "Representative"}, given.applicant.representative);
    facts.add({"사업자등록번호", "Registration"}, given.applicant.registration);
    facts.add({"주소", "Address"}, given.applicant.address);
    facts.add({"연락처", "Contact"}, given.applicant.contact);
  }
  heading(page, {"시험기관", "Laboratory"});
  Facts facts(page);
  facts.add({"이름", "Name"}, given.laboratory.name);
  facts.add({"주소", "Address"}, given.laboratory.address);
  facts.add({"연락처", "Contact"}, given.laboratory.contact);
  facts.add({"인정 번호", "Accreditation"}, given.accreditation);
  facts.add({"시험 장소", "Place of the test"}, given.site);
}

void signature(Page& page, const Text& role, const declaration::Signatory& person) {
  page.raw("<div><p class=\"line\"></p><p>").both(role).raw("</p><p>");
  if (person.name.empty()) {
    page.raw("<span class=\"none\">").both("이름·서명·날짜", "name, signature, date");
    page.raw("</span>");
  } else {
    page.raw("<strong>").text(person.name).raw("</strong> ").text(person.title);
    page.raw(" <span class=\"soft\">").both("서명·날짜", "signature, date").raw("</span>");
  }
  page.raw("</p></div>");
}

}  // namespace

void cover(Page& page, const Report& report) {
  page.raw("<header class=\"cover\" id=\"cover\">\n");
  title(page, report);
  headline(page, report);
  page.raw("<div class=\"columns\"><div>");
  report_facts(page, report);
  test_facts(page, report);
  page.raw("</div><div>");
  product_facts(page, report);
  page.raw("</div></div><div class=\"columns\">");
  party_facts(page, report);
  page.raw("</div>\n<p class=\"statement\">");
  page.both(
      "이 성적서의 결과는 시험한 시료에만 유효합니다. 시험기관의 승인 없이 일부만 복제할 수 "
      "없습니다. "
      "공식 인증서가 아닙니다.",
      "The results hold for the tested sample only. Not to be reproduced except in full without "
      "approval of the laboratory. This is no official certificate.");
  page.raw("</p>\n<div class=\"signatures\">");
  const Particulars& given = particulars_of(report);
  signature(page, {"시험자", "Tester"}, given.tester);
  signature(page, {"기술책임자", "Technical manager"}, given.manager);
  page.raw("</div>\n</header>\n");
}

void damages(Page& page, const Report& report) {
  std::vector<std::string> all = report.damages;
  if (report.verification) {
    for (const auto& damage : report.verification->damages) {
      all.push_back(damage.place + ": " + damage.text);
    }
  }
  if (all.empty()) return;
  constexpr std::size_t kMost = 50;
  page.raw(
      "<aside class=\"damaged\" role=\"note\" aria-labelledby=\"h-damaged\"><p id=\"h-damaged\">");
  page.raw("<span aria-hidden=\"true\">⚠</span> ");
  page.both("손상된 실행 기록", "Damaged run").raw("</p><p>");
  page.both(
      "이 실행 기록은 기록된 그대로가 아닙니다. 읽을 수 있는 것만 보이며, 이 성적서로 아무것도 "
      "증명할 수 없습니다.",
      "This run is not what was written. What can be read is shown; nothing can be proved by this "
      "report.");
  page.raw("</p><ul>");
  for (std::size_t at = 0; at < std::min(kMost, all.size()); ++at) {
    page.raw("<li>").text(all[at], 400).raw("</li>");
  }
  page.raw("</ul>");
  if (all.size() > kMost) {
    page.raw("<p>").both("그 밖에 ", "and ").grouped(static_cast<std::int64_t>(all.size() - kMost));
    page.both("곳", " more places").raw("</p>");
  }
  page.raw("</aside>\n");
}

}  // namespace haetae::reports::page
