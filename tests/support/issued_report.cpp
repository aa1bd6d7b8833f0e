#include "tests/support/issued_report.hpp"

#include <cairo.h>

#include "tests/support/sample_report.hpp"

namespace haetae::test {
namespace {

using namespace reports;

/// picture() is a small PNG: a board with a connector.
Bytes picture() {
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 480, 320);
  cairo_t* to = cairo_create(surface);
  cairo_set_source_rgb(to, 0.12, 0.38, 0.22);
  cairo_paint(to);
  cairo_set_source_rgb(to, 0.85, 0.75, 0.35);
  for (int pin = 0; pin < 4; ++pin) {
    cairo_arc(to, 160 + 50 * pin, 250, 12, 0, 6.2832);
    cairo_fill(to);
  }
  cairo_set_source_rgb(to, 0.1, 0.1, 0.1);
  cairo_rectangle(to, 150, 60, 180, 120);
  cairo_fill(to);
  Bytes out;
  cairo_surface_write_to_png_stream(
      surface,
      [](void* closure, const unsigned char* data, unsigned length) {
        auto& bytes = *static_cast<Bytes*>(closure);
        bytes.insert(bytes.end(), data, data + length);
        return CAIRO_STATUS_SUCCESS;
      },
      &out);
  cairo_destroy(to);
  cairo_surface_destroy(surface);
  return out;
}

declaration::Particulars particulars() {
  declaration::Particulars out;
  out.number = "KTL-2026-0042";
  out.verify_at = "https://verify.example/reports";
  out.kind = {"사물인터넷 보안인증 시험 성적서", "IoT security certification test report"};
  out.laboratory = {.name = "한국가상시험연구원",
                    .address = "서울특별시 금천구 가산디지털1로 1",
                    .contact = "02-000-0000",
                    .registration = "",
                    .representative = ""};
  out.accreditation = "KOLAS KT-000";
  out.site = "가산 제2시험실";
  out.applicant = {.name = "주식회사 한빛전자",
                   .address = "경기도 성남시 분당구 판교로 100",
                   .contact = "security@hanbit.example",
                   .registration = "123-45-67890",
                   .representative = "홍길동"};
  out.sample = "IP 카메라 1대, 어댑터 포함";
  out.condition = "포장 상태 양호";
  out.receipt = "2026-11-20";
  out.units = "1";
  out.selection = "신청인이 제출";
  out.environment = "23 °C, 45 % R.H., 격리된 시험망";
  out.tester = {.name = "김시험", .title = "선임연구원"};
  out.manager = {.name = "이책임", .title = "기술책임자"};
  out.equipment = {{.name = "시험용 컴퓨터", .id = "PC-07", .calibration = "해당 없음"},
                   {.name = "시간 서버", .id = "NTP-01", .calibration = "2026-03-02"}};
  out.deviations = {"7.2 항목은 시료 1대로 시험하였다.", "Item 7.2 was tested on one unit."};
  out.external = "없음";
  out.opinion = {
      "이 제품은 암호 모음 설정을 바꾸면 기준에 맞을 것으로 본다.\n다음 펌웨어에서 다시 시험할 "
      "것을 "
      "권한다.",
      "The product should conform once its cipher suites are changed.\nA test of the next firmware "
      "is advised."};
  out.corrections = {{.date = "2026-11-21", .what = "텔넷 서비스를 끄고 펌웨어 1.4.2로 바꿈"}};
  return out;
}

void add_evidence(Report& report, EvidenceId id, const std::string& label,
                  const std::string& media) {
  EvidenceEntry entry = report.evidence.front();
  entry.id = id;
  entry.procedure = "answers";
  entry.kind = "document";
  entry.label = label;
  entry.media_type = media;
  entry.cited_by = {};
  report.evidence.push_back(entry);
}

void add_answers(Report& report) {
  Item& item = report.items.back();
  Criterion criterion = item.criteria.front();
  criterion.id = item.id + "-serial-port";
  criterion.source = "operator";
  criterion.findings.clear();
  criterion.step =
      catalogue::Step{.task = {"덮개를 열고 기판에서 직렬 포트를 찾는다.",
                               "Open the case and look for a serial port."},
                      .look = {"핀이 막혀 있거나 로그인을 요구하면 적합하다.",
                               "It conforms if the pins are blocked or ask for a login."},
                      .second = true,
                      .finds = {}};
  item.criteria.push_back(criterion);
  add_evidence(report, 2, "answer", "application/json");
  add_evidence(report, 3, "board.png", "image/png");
  add_evidence(report, 4, "broken.png", "image/png");
  report.contents[3] = {.bytes = picture(), .whole = true};
  Bytes broken = picture();
  broken.resize(broken.size() / 2);
  report.contents[4] = {.bytes = broken, .whole = true};
  report.answers.push_back({.criterion = criterion.id,
                            .outcome = "conforms",
                            .who = "김시험",
                            .second = "이책임",
                            .at = "2026-11-22T14:00:00.000Z",
                            .text = "핀 네 개가 있으나 로그인을 요구한다.",
                            .revision = 1,
                            .evidence = 2,
                            .attachments = {3, 4}});
  report.document_hits.push_back({.criterion = criterion.id,
                                  .document = "manual.pdf",
                                  .phrase = "serial",
                                  .excerpt = "The serial port asks for a login.",
                                  .page = 12,
                                  .evidence = 4});
}

}  // namespace

Report issued_report() {
  Report out = typical_report();
  out.particulars = particulars();
  out.issue = Issue{.number = "KTL-2026-0042",
                    .at = "2026-11-23T01:00:00.000Z",
                    .replaces = "KTL-2026-0040",
                    .reason = "신청인 주소 정정",
                    .revision = 1};
  out.history = {{.number = "KTL-2026-0040",
                  .at = "2026-11-22T15:00:00.000Z",
                  .replaces = "",
                  .reason = "최초 발행",
                  .revision = 1},
                 *out.issue};
  out.waivers.push_back({.target = out.items[2].criteria[0].findings[0].code,
                         .reason = "다음 판에서 고침",
                         .author = "박개발",
                         .approver = "최승인",
                         .expires = "2027-03-31T23:59:59+09:00",
                         .state = "in-force",
                         .signer = ""});
  evidence::Verification checked;
  checked.links = 5;
  checked.sealed_to = 5;
  checked.root = std::string(64, 'd');
  out.verification = checked;
  out.flows.push_back({.direction = "out",
                       .peer = "203.0.113.9:443",
                       .protocol = "tls",
                       .purpose = "cloud",
                       .declared = "yes",
                       .evidence = 1});
  out.components.push_back(
      {.name = "busybox", .version = "1.36.1", .where = "/bin/busybox", .evidence = 1});
  out.run.push_back({"defect-matrix", "81 of 81 defects caught, no false alarm"});
  out.run.push_back({"addresses", "192.0.2.1"});
  out.run.push_back({"permit", "lockout-risk"});
  out.not_tested = {{.kind = "item",
                     .id = out.items[10].id,
                     .subject = "",
                     .title = out.items[10].title,
                     .reason = {"이 유형에 속하지 않는다.", "It does not belong to this type."},
                     .word = "outside-type"},
                    {.kind = "procedure",
                     .id = "tampered-image",
                     .subject = "",
                     .title = {"tampered-image", "tampered-image"},
                     .reason = {"허용되지 않은 위험", "hazard not permitted"},
                     .word = "not-permitted"},
                    {.kind = "coverage",
                     .id = "ports.udp",
                     .subject = "lan",
                     .title = {"ports.udp", "ports.udp"},
                     .reason = {"시간이 모자랐다.", "The time ran out."},
                     .word = "partial"}};
  add_answers(out);
  return out;
}

}  // namespace haetae::test
