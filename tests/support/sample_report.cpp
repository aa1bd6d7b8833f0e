#include "tests/support/sample_report.hpp"

#include <cmath>

#include <fmt/format.h>

#include "harness/model/finding.hpp"

namespace haetae::test {

using namespace reports;

namespace {

std::string at_second(double second) {
  const int whole = static_cast<int>(second);
  return fmt::format("2026-11-22T{:02}:{:02}:{:02}.{:03}Z", 13 + whole / 3600, whole / 60 % 60,
                     whole % 60, static_cast<int>(std::lround((second - whole) * 1000)) % 1000);
}

Criterion criterion_of(const Item& item, EvidenceId evidence) {
  Criterion out;
  out.id = item.id + "-probe";
  out.item = item.id;
  out.source = "probe";
  out.title = {"제공하는 것은 모두 안전하다.", "What is offered is sound."};
  out.verdict = item.verdict;
  out.cause = item.cause;
  out.reason = item.reason;
  out.rule = {{"subjects", "SELECT subject FROM service"},
              {"breach", "SELECT subject, 'weak' AS key, evidence FROM tls_suite"}};
  out.limits = {{.name = "strength.minimum",
                 .value = "112",
                 .unit = {"비트", "bits"},
                 .source = {"KISA", "KISA"},
                 .title = {"하한", "Least strength"}}};
  out.subjects.push_back({.subject = "lan:tcp/443",
                          .verdict = item.verdict,
                          .cause = item.cause,
                          .reason = item.reason,
                          .cites = {evidence}});
  if (item.verdict == Verdict::fail) {
    out.findings.push_back({.code = finding_code(out.id, "lan:tcp/443", "TLS_RSA_WITH_RC4_128_SHA"),
                            .subject = "lan:tcp/443",
                            .key = "TLS_RSA_WITH_RC4_128_SHA",
                            .says = {"lan:tcp/443이(가) 약한 암호 모음을 받아들인다.",
                                     "lan:tcp/443 accepts a weak suite."},
                            .remedy = {"끈다.", "Switch it off."},
                            .replay = "openssl s_client -connect 192.0.2.1:443 -cipher RC4-SHA",
                            .evidence = {evidence}});
  }
  return out;
}

void add_item(Report& report, std::size_t domain, std::size_t number, Verdict verdict,
              std::string selected = "planned") {
  Domain& into = report.domains[domain];
  Item& item = report.items.emplace_back();
  item.id = fmt::format("{}.{}", into.id, number);
  item.code = fmt::format("AU-{}", number);
  item.domain = into.id;
  item.standard = true;
  item.methods = {"probe"};
  item.title = {"기본 비밀번호를 쓰지 않는다", "There is no default password"};
  item.requirement = {"모든 제품에 공통인 인증정보를 두지 않는다.", "No credential is common."};
  item.remedy = {"바꾼다.", "Change it."};
  item.selected = std::move(selected);
  item.verdict = verdict;
  item.cause = verdict == Verdict::inconclusive ? Cause::lab : Cause::none;
  item.reason = {"판정 이유.", "The reason."};
  item.criteria.push_back(criterion_of(item, 1));
  into.items.push_back(report.items.size() - 1);
  if (item.selected == "planned") {
    ++into.counts[static_cast<std::size_t>(verdict)];
    ++report.counts[static_cast<std::size_t>(verdict)];
  } else {
    ++into.outside;
  }
}

void add_endpoint(Report& report, const std::string& subject, std::size_t suites, bool old) {
  static const std::vector<std::string> kSuites{"TLS_AES_128_GCM_SHA256",
                                                "TLS_AES_256_GCM_SHA384",
                                                "TLS_CHACHA20_POLY1305_SHA256",
                                                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                                                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                                                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                                                "TLS_RSA_WITH_RC4_128_SHA",
                                                "TLS_RSA_WITH_3DES_EDE_CBC_SHA"};
  TlsEndpoint& endpoint = report.tls.emplace_back();
  endpoint.subject = subject;
  for (const char* version : {"ssl3", "tls1.0", "tls1.1", "tls1.2", "tls1.3"}) {
    const bool newer = std::string(version) >= "tls1.2";
    endpoint.versions.push_back({.version = version,
                                 .offered = std::string(version) == "ssl3" ? "unknown"
                                            : newer || old                 ? "yes"
                                                                           : "no",
                                 .evidence = 1});
  }
  for (std::size_t at = 0; at < suites; ++at) {
    endpoint.suites.push_back({.version = at < 3 ? "tls1.3" : "tls1.2",
                               .suite = at < kSuites.size()
                                            ? kSuites[at]
                                            : fmt::format("TLS_DHE_RSA_WITH_SEED_{}_CBC_SHA", at),
                               .preference = static_cast<std::int64_t>(at),
                               .evidence = 1});
  }
}

void add_procedure(Report& report, const std::string& id, const std::string& hazard, double from,
                   double to, const std::string& state = "finished") {
  report.procedures.push_back({.id = id,
                               .hazard = hazard,
                               .plan = "planned",
                               .plan_reason = "",
                               .version = 1,
                               .topics = {"ports.tcp"},
                               .state = state,
                               .at = to < from ? "" : at_second(to),
                               .cause = "",
                               .reason = "",
                               .started = to < from ? "" : at_second(from)});
}

void add_latency(Report& report, std::size_t count, double every) {
  for (std::size_t at = 0; at < count; ++at) {
    const double place = static_cast<double>(at) / static_cast<double>(count);
    const bool busy = place > 0.6 && place < 0.7;
    report.latency.push_back(
        {.at = at_second(static_cast<double>(at) * every),
         .milliseconds = 3 + 2 * std::sin(place * 40) + (busy ? 400 * (place - 0.59) : 0),
         .answered = !(place > 0.66 && place < 0.68),
         .moment = ""});
  }
}

Report base() {
  Report out;
  out.device = {.maker = "한빛전자",
                .model = "ACME C200",
                .category = "ip-camera",
                .serial = "SN-1",
                .hardware = "B2",
                .firmware = "1.4.2"};
  out.run = {{"uuid", "0192d5a8-7c11-7b3e-9f66-3d1f5a2b7c10"},
             {"tool", "haetae 0.1.0"},
             {"commit", "abcdef0"},
             {"started", at_second(0)},
             {"host", "lab-1"}};
  out.revision = {.number = 1,
                  .of = 1,
                  .at = at_second(200),
                  .tested_at = at_second(0),
                  .catalogue = "kisa-cic",
                  .edition = "2025.12",
                  .sha256 = std::string(64, 'a'),
                  .profile = "ip-camera",
                  .type = "standard",
                  .tool = "haetae 0.1.0",
                  .reason = "",
                  .whole = true,
                  .headline = Headline::non_conformant};
  out.finished = at_second(190);
  out.catalogue_title = {"사물인터넷 보안인증", "IoT security certification"};
  out.legal_base = "정보통신망법 제48조의6";
  out.profile_title = {"IP 카메라", "IP camera"};
  out.links.push_back({.n = 1,
                       .at = at_second(0),
                       .what = "create",
                       .hash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"});
  out.evidence.push_back({.id = 1,
                          .procedure = "tls",
                          .kind = "transcript",
                          .subject = "lan:tcp/443",
                          .label = "hello",
                          .media_type = "application/vnd.haetae.transcript",
                          .at = at_second(4),
                          .commitment = std::string(64, 'c'),
                          .size = 700,
                          .cut = 0,
                          .link = 1,
                          .withheld = false,
                          .cited_by = {"1.1-probe"}});
  return out;
}

const std::vector<std::pair<std::string, std::string>> kDomains{
    {"식별 및 인증", "Identification and authentication"},
    {"데이터 보호", "Data protection"},
    {"암호", "Cryptography"},
    {"소프트웨어 보안", "Software security"},
    {"업데이트", "Update"},
    {"네트워크 보안과 운영체제", "Network and operating system security"},
    {"하드웨어 보안", "Hardware security"}};

void add_domains(Report& report) {
  for (std::size_t at = 0; at < kDomains.size(); ++at) {
    report.domains.push_back({.id = std::to_string(at + 1),
                              .title = {kDomains[at].first, kDomains[at].second},
                              .items = {}});
  }
}

}  // namespace

Report empty_report() { return {}; }

Report sparse_report() {
  Report out = base();
  out.revision.headline = Headline::incomplete;
  out.domains.push_back({.id = "1", .title = {"식별 및 인증", "Authentication"}, .items = {}});
  add_item(out, 0, 1, Verdict::pass);
  add_item(out, 0, 2, Verdict::pending);
  out.services.push_back({.subject = "lan:tcp/80",
                          .state = "open",
                          .protocol = "http",
                          .tls = "no",
                          .product = "",
                          .version = "",
                          .banner = "",
                          .declared = "yes",
                          .purpose = "web",
                          .evidence = 1});
  add_endpoint(out, "lan:tcp/443", 2, false);
  add_procedure(out, "discovery", "safe", 0, 2.9);
  add_latency(out, 2, 1);
  out.entropy.push_back(
      {.image = "fw.bin", .offset = 0, .size = 65536, .bits = 6.1, .what = "kernel"});
  return out;
}

Report typical_report() {
  Report out = base();
  add_domains(out);
  const Verdict cycle[] = {Verdict::pass, Verdict::pass,    Verdict::fail,
                           Verdict::pass, Verdict::pending, Verdict::inconclusive,
                           Verdict::pass, Verdict::not_run, Verdict::not_applicable};
  std::size_t index = 0;
  for (std::size_t domain = 0; domain < out.domains.size(); ++domain) {
    for (std::size_t number = 1; number <= 4 + domain % 3; ++number) {
      add_item(out, domain, number, cycle[index % std::size(cycle)],
               index % 11 == 10 ? "outside-type" : "planned");
      ++index;
    }
  }
  for (const auto& [subject, state, declared, protocol] :
       std::vector<std::array<std::string, 4>>{{"lan:tcp/23", "open", "no", "telnet"},
                                               {"lan:tcp/80", "open", "yes", "http"},
                                               {"lan:tcp/443", "open", "yes", "http"},
                                               {"lan:tcp/554", "open", "yes", "rtsp"},
                                               {"lan:tcp/8883", "closed", "yes", "mqtt"},
                                               {"lan:tcp/9527", "unknown", "no", ""},
                                               {"lan:udp/161", "open", "no", "snmp"},
                                               {"lan:udp/5353", "open", "yes", "mdns"}}) {
    out.services.push_back({.subject = subject,
                            .state = state,
                            .protocol = protocol,
                            .tls = "no",
                            .product = "",
                            .version = "",
                            .banner = "",
                            .declared = declared,
                            .purpose = "",
                            .evidence = 1});
  }
  add_endpoint(out, "lan:tcp/443", 8, true);
  add_endpoint(out, "lan:tcp/8883", 5, false);
  add_procedure(out, "discovery", "safe", 0, 12.9);
  add_procedure(out, "service-identity", "safe", 13, 19);
  add_procedure(out, "tls-suites", "safe", 19, 41);
  add_procedure(out, "well-known-logins", "lockout-risk", 41, 90, "interrupted");
  add_procedure(out, "session-limits", "state-changing", 92, 130);
  add_procedure(out, "stress", "disruptive", 131, 160);
  add_procedure(out, "capture", "passive", 0, 190);
  add_procedure(out, "tampered-image", "may-brick", 0, -1, "");
  add_latency(out, 190, 1);
  const char* const names[] = {"boot", "kernel", "rootfs squashfs", "padding"};
  const double bits[] = {5.4, 7.6, 7.95, 0.1};
  const std::int64_t sizes[] = {262144, 2097152, 5242880, 1048576};
  std::int64_t offset = 0;
  for (int band = 0; band < 4; ++band) {
    out.entropy.push_back({.image = "camera-1.4.2.bin",
                           .offset = offset,
                           .size = sizes[band],
                           .bits = bits[band],
                           .what = names[band]});
    offset += sizes[band];
  }
  return out;
}

Report full_report() {
  Report out = typical_report();
  out.issue = {.number = "HT-2026-0002",
               .at = at_second(400),
               .replaces = "HT-2026-0001",
               .reason = "오기 정정",
               .revision = 1};
  out.history = {
      {.number = "HT-2026-0001", .at = at_second(300), .replaces = "", .reason = "", .revision = 1},
      *out.issue};
  Particulars given;
  given.number = "HT-2026-0002";
  given.verify_at = "https://lab.example/verify?n=HT-2026-0002";
  given.laboratory = {.name = "한빛시험소",
                      .address = "서울시",
                      .contact = "02-000-0000",
                      .registration = "KT-1",
                      .representative = "김"};
  given.applicant.name = "한빛전자";
  given.tester = {.name = "이시험", .title = "연구원"};
  given.manager = {.name = "박책임", .title = "기술책임자"};
  given.equipment.push_back({.name = "switch", .id = "E-1", .calibration = "2026-01-01"});
  given.corrections.push_back({.date = "2026-11-22", .what = "password rule"});
  given.opinion = {"보완이 필요하다.", "Needs work."};
  out.particulars = given;
  std::size_t number = 0;
  for (Item& item : out.items) {
    for (Criterion& criterion : item.criteria) {
      for (Finding& finding : criterion.findings) {
        out.waivers.push_back({.target = finding.code,
                               .reason = "known, fixed in 1.5 " + kHostileText,
                               .author = "a",
                               .approver = "b",
                               .expires = "2027-01-01T00:00:00Z",
                               .state = number++ % 2 == 0 ? "in-force" : "expired",
                               .signer = ""});
        finding.says.en += " " + kHostileText + " [click](http://evil.example) {0}";
        finding.says.ko += " " + kHostileText;
        finding.key += "\n" + kHostileText;
      }
      for (Subject& subject : criterion.subjects) subject.reason.en += kHostileText;
    }
    item.reason.en = "=HYPERLINK(\"http://evil.example\") " + kHostileText;
    item.reason.ko = "＝1+1";
  }
  out.items[0].criteria[0].step = catalogue::Step{
      .task = {"본다.", "Look."}, .look = {"있다.", "It is there."}, .finds = {"a"}};
  out.device.model = "C200 " + kHostileText;
  out.answers.push_back({.criterion = "1.1-probe",
                         .outcome = "conforms",
                         .who = "이시험",
                         .second = "박책임",
                         .at = at_second(250),
                         .text = kHostileText,
                         .revision = 1,
                         .evidence = 1,
                         .attachments = {1}});
  out.document_hits.push_back({.criterion = "1.1-probe",
                               .document = "manual.pdf",
                               .phrase = "비밀번호",
                               .excerpt = kHostileText,
                               .page = 3,
                               .evidence = 1});
  out.flows.push_back({.direction = "out",
                       .peer = kHostileText,
                       .protocol = "dns",
                       .purpose = "",
                       .declared = "no",
                       .evidence = 1});
  out.components.push_back(
      {.name = "busybox", .version = kHostileText, .where = "/bin", .evidence = 1});
  out.changed_limits.push_back({.name = "strength.minimum",
                                .before = "112",
                                .value = "128",
                                .unit = {"비트", "bits"},
                                .title = {"하한", "Least strength"}});
  out.unstable.push_back(
      {.procedure = "tls", .table = "tls_suite", .row = kHostileText, .same = 2, .of = 3});
  out.log.push_back({.at = at_second(3), .level = "warning", .text = kHostileText});
  out.documents.push_back(
      {.kind = "declaration", .name = "/home/lab/내 카메라.xml", .sha256 = std::string(64, 'd')});
  out.damages.push_back("evidence 1: " + kHostileText);
  return out;
}

Report crowded_report() {
  Report out = base();
  add_domains(out);
  for (std::size_t index = 0; index < 50; ++index) {
    add_item(out,
             index < 14   ? 0
             : index < 20 ? 1
                          : (index - 20) % 5 + 2,
             out.domains[index < 14   ? 0
                         : index < 20 ? 1
                                      : (index - 20) % 5 + 2]
                     .items.size() +
                 1,
             static_cast<Verdict>(index * 7 % 6));
  }
  for (int port = 0; port < 60; ++port) {
    out.services.push_back(
        {.subject = fmt::format("lan:{}/{}", port % 4 == 0 ? "udp" : "tcp", port * port * 17 + 21),
         .state = port % 7 == 0    ? "closed"
                  : port % 11 == 0 ? "unknown"
                                   : "open",
         .protocol = port % 3 == 0 ? kHostileText : "http-alternative",
         .tls = "no",
         .product = "",
         .version = "",
         .banner = kHostileText,
         .declared = port % 2 == 0 ? "yes" : "no",
         .purpose = "",
         .evidence = 1});
  }
  for (int endpoint = 0; endpoint < 8; ++endpoint)
    add_endpoint(out, fmt::format("lan:tcp/{}", 443 + endpoint * 1000), 30, endpoint % 2 == 0);
  const char* const hazards[] = {"passive",      "safe",       "state-changing",
                                 "lockout-risk", "disruptive", "may-brick"};
  for (int procedure = 0; procedure < 40; ++procedure) {
    add_procedure(out, fmt::format("procedure-with-a-long-name-{}", procedure),
                  hazards[procedure % 6], procedure * 90, procedure * 90 + 85,
                  procedure % 9 == 8 ? "failed" : "finished");
  }
  add_latency(out, 2000, 1.8);
  for (int band = 0; band < 4000; ++band) {
    out.entropy.push_back({.image = band < 3000 ? "system.img" : "boot.img",
                           .offset = band < 3000 ? band * 4096 : (band - 3000) * 4096,
                           .size = 4096,
                           .bits = 4 + 4 * std::sin(band * 0.01),
                           .what = ""});
  }
  return out;
}

}  // namespace haetae::test
