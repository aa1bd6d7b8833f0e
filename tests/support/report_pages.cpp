#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "harness/declaration/answers.hpp"
#include "harness/evidence/transcript.hpp"
#include "harness/model/finding.hpp"
#include "reports/html/html.hpp"

/// For tests/e2e/report_page_test.py: writes pages that show everything a report can hold, without
/// a run.  report_pages pages FOLDER      report_pages answers FILE
namespace {

using namespace haetae;
using namespace haetae::reports;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// A picture of one dark pixel (PNG).
Bytes picture() {
  static constexpr unsigned char kPixel[] = {
      0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
      0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00,
      0x00, 0x90, 0x77, 0x53, 0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x08,
      0xd7, 0x63, 0x60, 0x60, 0x60, 0x00, 0x00, 0x00, 0x04, 0x00, 0x01, 0x27, 0x34, 0x27,
      0x0a, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
  return {std::begin(kPixel), std::end(kPixel)};
}

/// hostile() is what a device may say about itself: markup in every place, marks that reorder,
/// bytes that are no text, a line without end.
std::string hostile() {
  return "<script>window.pwned=1</script><img src=x "
         "onerror=\"window.pwned=2\">'\"><svg/onload=window."
         "pwned=3></style></pre></title><!-- ]]> <a "
         "href=\"javascript:window.pwned=4\">\x1b[31m\x07 "
         "\xe2\x80\xae"
         "desrever\xe2\x81\xa6 \xff\xfe\x80 \xed\xa0\x80 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d "
         "{{maker}} [[ko|en]] &lt;b&gt; %s \\x41";
}

EvidenceId add_evidence(Report& report, std::string procedure, std::string subject,
                        std::string label, std::string_view media_type, Bytes content) {
  EvidenceEntry& entry = report.evidence.emplace_back();
  entry.id = static_cast<EvidenceId>(report.evidence.size());
  entry.procedure = std::move(procedure);
  entry.kind = media_type == evidence::kTranscriptMediaType ? "transcript" : "artefact";
  entry.subject = std::move(subject);
  entry.label = std::move(label);
  entry.media_type = media_type;
  entry.at = "2026-11-22T12:00:00.000Z";
  entry.commitment = std::string(64, 'a');
  entry.size = static_cast<std::int64_t>(content.size());
  entry.link = 3;
  report.contents[entry.id] = {.bytes = std::move(content), .whole = true};
  return entry.id;
}

Bytes conversation(const std::string& told) {
  return evidence::encode_transcript(
      {{Direction::event, 10, bytes_of("connected")},
       {Direction::received, 2000, bytes_of("Welcome to " + told + "\r\nlogin: ")},
       {Direction::sent, 3500, bytes_of("root\r\n")},
       {Direction::received, 5250, {0x16, 0x03, 0x01, 0x00, 0x05, 0x00, 0xff, 0x80, 0x81, 0x82}},
       {Direction::inside_received, 6000, bytes_of("Linux version 2.6 telnet-shell\r\n# ")}});
}

Criterion criterion(std::string id, std::string item, std::string source, Verdict verdict) {
  Criterion out;
  out.id = std::move(id);
  out.item = std::move(item);
  out.source = std::move(source);
  out.title = {"기준 " + out.id, "Criterion " + out.id};
  out.verdict = verdict;
  out.reason = {"이유", "the reason"};
  return out;
}

Item item(std::string id, std::string domain, Verdict verdict) {
  Item out;
  out.id = std::move(id);
  out.code = out.id;
  out.domain = std::move(domain);
  out.selected = "planned";
  out.title = {"항목 제목 " + out.id, "Title of item " + out.id};
  out.requirement = {"요구 사항", "What is required"};
  out.remedy = {"조치 방법", "What to do"};
  out.reason = {"항목의 사유", "the item's reason"};
  out.verdict = verdict;
  return out;
}

void add_breach(Report& report, const std::string& told) {
  const EvidenceId seen =
      add_evidence(report, "services", "lan:tcp/23", "banner of " + told.substr(0, 200),
                   evidence::kTranscriptMediaType, conversation(told));
  Item& one = report.items.emplace_back(item("1.2", "1", Verdict::fail));
  Criterion& failed =
      one.criteria.emplace_back(criterion("1.2-known", "1.2", "probe", Verdict::fail));
  failed.limits.push_back({.name = "tries",
                           .value = "5",
                           .unit = {"회", "times"},
                           .source = {"KISA 2025.12", "KISA 2025.12"},
                           .title = {"시도 횟수", "Tries"}});
  failed.rule.push_back({"breach", "SELECT subject FROM login_trial WHERE accepted = 'yes'"});
  failed.subjects.push_back({.subject = "lan:tcp/23",
                             .verdict = Verdict::fail,
                             .reason = {"로그인됨", "it can be logged in to"},
                             .cites = {}});
  Finding& finding = failed.findings.emplace_back();
  finding.subject = "lan:tcp/23";
  finding.key = "telnet-shell";
  finding.code = finding_code(failed.id, finding.subject, finding.key);
  finding.says = {"기기가 말한 것: " + told, "The device says: " + told};
  finding.remedy = {"계정을 지운다.", "Remove the account."};
  finding.replay = "telnet 127.0.0.1 23";
  finding.evidence = {seen};
  report.evidence.back().cited_by = {failed.id};
  report.waivers.push_back({.target = finding.code,
                            .reason = "accepted until the next build",
                            .author = "Kim",
                            .approver = "Lee",
                            .expires = "2026-12-31T00:00:00+09:00",
                            .state = "in-force",
                            .signer = ""});
}

void add_pass(Report& report) {
  Item& one = report.items.emplace_back(item("3.1", "3", Verdict::pass));
  Criterion& held = one.criteria.emplace_back(criterion("3.1-tls", "3.1", "probe", Verdict::pass));
  Subject& subject = held.subjects.emplace_back();
  subject.subject = "lan:tcp/443";
  subject.verdict = Verdict::pass;
  subject.reason = {"위반이 없음", "no breach"};
  for (int count = 0; count < 30; ++count) {
    subject.cites.push_back(add_evidence(report, "tls", "lan:tcp/443",
                                         fmt::format("hello {}", count), "text/plain",
                                         bytes_of(fmt::format("suite needle{}\n", count))));
    report.evidence.back().cited_by = {held.id};
  }
}

void add_steps(Report& report) {
  Item& one = report.items.emplace_back(item("7.1", "7", Verdict::pending));
  for (const char* const id : {"7.1-photos", "7.1-second", "7.1-manual"}) {
    Criterion& asked =
        one.criteria.emplace_back(criterion(id, "7.1", "operator", Verdict::pending));
    asked.step = catalogue::Step{.task = {"기기를 연다.", "Open the device."},
                                 .look = {"디버그 단자가 없다.", "There is no debug port."},
                                 .second = std::string_view(id) == "7.1-second",
                                 .finds = {"debug port"}};
  }
  const EvidenceId photo =
      add_evidence(report, "answer", "lan", "board.png", "image/png", picture());
  const EvidenceId told =
      add_evidence(report, "answer", "lan", "answer", "text/plain", bytes_of("seen by Kim"));
  report.answers.push_back({.criterion = "7.1-photos",
                            .outcome = "unknown",
                            .who = "Kim",
                            .second = "",
                            .at = "2026-11-22T12:00:00Z",
                            .text = "too dark",
                            .revision = 1,
                            .evidence = told,
                            .attachments = {}});
  report.answers.push_back({.criterion = "7.1-photos",
                            .outcome = "conforms",
                            .who = "Kim",
                            .second = "Lee",
                            .at = "2026-11-22T12:30:00Z",
                            .text = "no port\nat all",
                            .revision = 1,
                            .evidence = told,
                            .attachments = {photo}});
  report.document_hits.push_back({.criterion = "7.1-manual",
                                  .document = "manual.pdf",
                                  .phrase = "debug port",
                                  .excerpt = "There is no debug port on it.",
                                  .page = 12,
                                  .evidence = told});
}

void add_identity(Report& report) {
  report.device = {.maker = "Haetae",
                   .model = "SimCam 200",
                   .category = "ip-camera",
                   .serial = "SC200-0001",
                   .hardware = "1.0",
                   .firmware = "1.4.2"};
  report.run = {{"uuid", "0b9c7a52-1111-2222-3333-444455556666"},
                {"tool", "haetae 0.1.0"},
                {"started", "2026-11-22T11:58:00.000Z"},
                {"addresses", "127.0.0.1"},
                {"authorised-by", "Haetae"},
                {"host", "bench"},
                {"permit", "state-changing"}};
  report.revision = {.number = 1,
                     .of = 1,
                     .at = "2026-11-22T12:40:00.000Z",
                     .tested_at = "2026-11-22T11:58:00.000Z",
                     .catalogue = "kisa-cic",
                     .edition = "2025.12",
                     .sha256 = std::string(64, 'b'),
                     .profile = "",
                     .type = "standard",
                     .tool = "haetae 0.1.0",
                     .reason = "",
                     .whole = true,
                     .headline = Headline::non_conformant};
  report.finished = "2026-11-22T12:10:00.000Z";
  report.catalogue_title = {"사물인터넷 보안인증 항목", "Items of the IoT security certification"};
  report.legal_base = "정보통신망법 제48조의6";
  report.procedures.push_back({.id = "services",
                               .hazard = "safe",
                               .plan = "planned",
                               .plan_reason = "",
                               .version = 1,
                               .topics = {},
                               .state = "finished",
                               .at = "2026-11-22T12:01:00.000Z",
                               .cause = "none",
                               .reason = "",
                               .started = "2026-11-22T12:00:00.000Z"});
  report.services.push_back({.subject = "lan:tcp/23",
                             .state = "open",
                             .protocol = "telnet",
                             .tls = "no",
                             .product = "busybox",
                             .version = "1.2",
                             .banner = "",
                             .declared = "no",
                             .purpose = "",
                             .evidence = 1});
}

Report sample(const std::string& told) {
  Report report;
  add_identity(report);
  report.domains = {
      {.id = "1", .title = {"식별 및 인증", "Identification and authentication"}, .items = {0}},
      {.id = "3", .title = {"암호", "Cryptography"}, .items = {1}},
      {.id = "7", .title = {"하드웨어 보안", "Hardware security"}, .items = {2}}};
  add_breach(report, told);
  add_pass(report);
  add_steps(report);
  report.items.push_back(item("9.9", "7", Verdict::not_run));
  report.items.back().selected = "outside-type";
  for (Domain& domain : report.domains) {
    const Item& one = report.items[domain.items.front()];
    ++domain.counts[static_cast<std::size_t>(one.verdict)];
    ++report.counts[static_cast<std::size_t>(one.verdict)];
  }
  report.verification = evidence::Verification{};
  report.verification->root = std::string(64, 'c');
  return report;
}

/// everywhere() puts a device's words wherever a report shows words.
Report everywhere() {
  const std::string told = hostile();
  Report report = sample(told + std::string(10 << 20, 'A'));
  report.device = {told, told, told, told, told, told};
  for (auto& entry : report.run) entry.value = told;
  report.services[0] = {told, told, told, told, told, told, told, told, told, 1};
  report.procedures[0].id = report.procedures[0].reason = told;
  report.coverage.push_back({told, told, "partial", "device", told, told, told});
  report.not_tested.push_back({"coverage", told, told, {told, told}, {told, told}, "partial"});
  add_evidence(report, told, told, told, told, bytes_of(told + std::string(1 << 20, 'B')));
  report.evidence.back().commitment = told;
  Finding& finding = report.items[0].criteria[0].findings[0];
  finding.subject = finding.key = finding.replay = told;
  report.answers[1].who = report.answers[1].text = report.answers[1].second = told;
  report.document_hits[0].document = report.document_hits[0].excerpt = told;
  report.waivers[0].reason = report.waivers[0].author = told;
  report.damages = {told};
  report.seals.push_back({.n = 1, .at = told, .public_key = told});
  return report;
}

Report issued() {
  Report report = sample("SimCam");
  report.issue = Issue{.number = "HT-2026-002",
                       .at = "2026-11-23T09:00:00.000Z",
                       .replaces = "HT-2026-001",
                       .reason = "a wrong serial number",
                       .revision = 1};
  report.history = {{.number = "HT-2026-001",
                     .at = "2026-11-22T13:00:00.000Z",
                     .replaces = "",
                     .reason = "",
                     .revision = 1},
                    *report.issue};
  Particulars given;
  given.laboratory.name = "Haetae Laboratory";
  given.applicant.name = "SimCam Incorporated";
  given.opinion = {"제품을 권하지 않는다.", "The product is not recommended."};
  given.tester = {"Kim", "tester"};
  given.manager = {"Lee", "technical manager"};
  given.corrections.push_back({.date = "2026-11-22", .what = "firmware 1.4.2 instead of 1.4.1"});
  given.equipment.push_back({.name = "Switch", .id = "SW-1", .calibration = ""});
  report.particulars = given;
  return report;
}

/// large() is as big as the page of a real run: many items, and a thousand conversations.
Report large() {
  constexpr int kItems = 40, kConversations = 1200;
  Report report = sample("SimCam");
  for (int count = 0; count < kConversations; ++count) {
    add_evidence(report, "web", fmt::format("lan:tcp/{}", 8000 + count),
                 fmt::format("answer {}", count), evidence::kTranscriptMediaType,
                 conversation(fmt::format("page {}", count)));
    report.evidence.back().cited_by = {"6.1-a"};
  }
  for (int count = 1; count <= kItems; ++count) {
    const std::string id = fmt::format("6.{}", count);
    Item& one = report.items.emplace_back(item(id, "6", Verdict::inconclusive));
    for (const char* const part : {"-a", "-b", "-c"}) {
      Criterion& asked =
          one.criteria.emplace_back(criterion(id + part, id, "probe", Verdict::inconclusive));
      for (int subject = 0; subject < 8; ++subject) {
        asked.subjects.push_back({.subject = fmt::format("lan:tcp/{}", 8000 + subject),
                                  .verdict = Verdict::inconclusive,
                                  .reason = {"관찰하지 못함", "could not be seen"},
                                  .cites = {}});
      }
    }
  }
  return report;
}

bool write(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  return static_cast<bool>(out);
}

}  // namespace

int main(int count, char** words) {
  const std::string_view what = count == 3 ? words[1] : "";
  if (what == "pages") {
    const std::string folder = std::string(words[2]) + "/";
    const Report draft = sample("SimCam");
    const bool done = write(folder + "sample-ko.html", html(draft, Language::ko)) &&
                      write(folder + "sample-en.html", html(draft, Language::en)) &&
                      write(folder + "issued.html", html(issued(), Language::en)) &&
                      write(folder + "large.html", html(large(), Language::en)) &&
                      write(folder + "hostile.html", html(everywhere(), Language::en));
    return done ? 0 : 1;
  }
  if (what == "answers") {
    const auto answers = declaration::load_answers(words[2]);
    if (!answers) {
      std::cerr << answers.error().message() << "\n";
      return 1;
    }
    std::cout << answers->run << " " << answers->method << "\n";
    for (const auto& one : answers->answers) {
      std::cout << one.criterion << "|" << one.outcome << "|" << one.who << "|" << one.second << "|"
                << one.text << "\n";
      for (const auto& file : one.attachments) {
        std::cout << "  " << file.name << "|" << file.media_type << "|" << file.content.size()
                  << "\n";
      }
    }
    return 0;
  }
  std::cerr << "report_pages pages FOLDER, or report_pages answers FILE\n";
  return 64;
}
