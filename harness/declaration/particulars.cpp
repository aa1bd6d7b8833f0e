#include "harness/declaration/particulars.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

using xml::Element;
using xml::Shape;
using xml::Times;

constexpr std::size_t kLongestNumber = 64;

const Shape kPlainText{.required = {}, .optional = {}, .children = {}, .text = true};

std::string text_of(const Element& root, std::string_view name) {
  const auto child = root.child(name);
  if (!child) return {};
  child->check(kPlainText);
  if (child->text().empty())
    child->problem(fmt::format("<{}> is empty; leave it out or fill it in", name));
  return child->text();
}

Text both_of(const Element& root, std::string_view name) {
  const auto child = root.child(name);
  if (!child) return {};
  child->check(
      {.required = {}, .optional = {}, .children = {{"ko", Times::one}, {"en", Times::one}}});
  return {.ko = text_of(*child, "ko"), .en = text_of(*child, "en")};
}

std::string date_of(const Element& element, std::string_view name) {
  const std::string date = element.attribute(name);
  if (element.has(name) && !valid_date(date)) {
    element.problem_at(name, fmt::format("'{}' is no date; allowed: 2026-11-22", date));
  }
  return date;
}

Party party_of(const Element& element) {
  return {.name = element.filled("name"),
          .address = element.filled("address"),
          .contact = element.attribute("contact"),
          .registration = element.attribute("registration"),
          .representative = element.attribute("representative")};
}

Signatory signatory_of(const Element& root, std::string_view name) {
  const auto child = root.child(name);
  if (!child) return {};
  child->check({.required = {"name", "title"}, .optional = {}, .children = {}});
  return {.name = child->filled("name"), .title = child->filled("title")};
}

void read_number(const Element& root, Particulars& out) {
  out.number = root.filled("number");
  const bool plain = std::ranges::none_of(
      out.number, [](unsigned char letter) { return letter < 0x21 || letter == 0x7f; });
  if (out.number.size() > kLongestNumber || !plain) {
    root.problem_at("number",
                    fmt::format("'{}' is no report number; allowed: up to {} bytes without blanks",
                                out.number.substr(0, kLongestNumber), kLongestNumber));
  }
}

void read_parties(const Element& root, Particulars& out) {
  if (const auto laboratory = root.child("laboratory")) {
    laboratory->check(
        {.required = {"name", "address"},
         .optional = {"contact", "registration", "representative", "accreditation", "site"},
         .children = {}});
    out.laboratory = party_of(*laboratory);
    out.accreditation = laboratory->attribute("accreditation");
    out.site = laboratory->attribute("site");
  }
  if (const auto applicant = root.child("applicant")) {
    applicant->check({.required = {"name", "address"},
                      .optional = {"contact", "registration", "representative"},
                      .children = {}});
    out.applicant = party_of(*applicant);
  }
  out.tester = signatory_of(root, "tester");
  out.manager = signatory_of(root, "manager");
  if (!out.tester.name.empty() && out.tester.name == out.manager.name) {
    root.child("manager")->problem_at(
        "name", "the technical manager authorises what the tester found: two persons are needed");
  }
}

void read_sample(const Element& root, Particulars& out) {
  const auto sample = root.child("sample");
  if (!sample) return;
  sample->check({.required = {"received", "description"},
                 .optional = {"condition", "units", "selection"},
                 .children = {}});
  out.receipt = date_of(*sample, "received");
  out.sample = sample->filled("description");
  out.condition = sample->attribute("condition");
  out.units = sample->attribute("units");
  out.selection = sample->attribute("selection");
}

void read_lists(const Element& root, Particulars& out) {
  if (const auto list = root.child("equipment")) {
    list->check({.required = {}, .optional = {}, .children = {{"instrument", Times::some}}});
    for (const Element& child : list->children("instrument")) {
      child.check({.required = {"name"}, .optional = {"id", "calibration"}, .children = {}});
      out.equipment.push_back({.name = child.filled("name"),
                               .id = child.attribute("id"),
                               .calibration = child.attribute("calibration")});
    }
  }
  if (const auto list = root.child("corrections")) {
    list->check({.required = {}, .optional = {}, .children = {{"correction", Times::some}}});
    for (const Element& child : list->children("correction")) {
      child.check({.required = {"date"}, .optional = {}, .children = {}, .text = true});
      out.corrections.push_back({.date = date_of(child, "date"), .what = child.text()});
    }
  }
}

Particulars read_report(const Element& root) {
  root.check({.required = {"number", "verify-at"},
              .optional = {},
              .children = {{"kind", Times::maybe},
                           {"laboratory", Times::one},
                           {"applicant", Times::one},
                           {"sample", Times::one},
                           {"environment", Times::maybe},
                           {"tester", Times::one},
                           {"manager", Times::one},
                           {"equipment", Times::maybe},
                           {"deviations", Times::maybe},
                           {"external", Times::maybe},
                           {"opinion", Times::maybe},
                           {"corrections", Times::maybe},
                           {"replaces", Times::maybe}}});
  Particulars out;
  read_number(root, out);
  out.verify_at = root.filled("verify-at");
  out.kind = root.child("kind") ? both_of(root, "kind")
                                : Text{.ko = "IoT 보안인증 시험 결과보고서",
                                       .en = "IoT security certification test report"};
  read_parties(root, out);
  read_sample(root, out);
  out.environment = text_of(root, "environment");
  read_lists(root, out);
  out.deviations = both_of(root, "deviations");
  out.external = text_of(root, "external");
  out.opinion = both_of(root, "opinion");
  if (const auto replaces = root.child("replaces")) {
    replaces->check({.required = {"number"}, .optional = {}, .children = {}, .text = true});
    out.replaces = replaces->filled("number");
    out.reason = replaces->text();
    if (out.reason.empty()) replaces->problem("<replaces> must say why, as its text");
    if (out.replaces == out.number) replaces->problem("a report cannot replace itself");
  }
  return out;
}

}  // namespace

Result<LoadedParticulars> load_particulars_text(std::string_view text, std::string file) {
  xml::Problems problems;
  const auto document = xml::Document::parse(text, std::move(file), problems);
  if (!document) return tl::unexpected<Error>(problems.error());
  const Element root = document->root();
  if (root.name() != "report") {
    root.problem(fmt::format("unknown root element <{}>; allowed: report", root.name()));
    return tl::unexpected<Error>(problems.error());
  }
  Particulars value = read_report(root);
  if (!problems.empty()) return tl::unexpected<Error>(problems.error());
  return LoadedParticulars{.value = std::move(value), .text = std::string(text)};
}

Result<LoadedParticulars> load_particulars(const std::filesystem::path& file) {
  auto text = xml::read_file(file);
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  return load_particulars_text(*text, file.string());
}

std::string particulars_template() {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- What the laboratory adds to a run when it issues a report: haetae issue RUN FILE -o REPORT.pdf
     Replace the values; leave out what is optional and not given, and the report says so. The order of
     the elements is fixed. -->
<report number="2026-0001" verify-at="https://www.example.com/verify">
  <!-- Optional: the title on the cover, in both languages.
  <kind><ko>시험 결과보고서</ko><en>Test report</en></kind> -->
  <laboratory name="Example Laboratory" address="1 Example Street, Seoul" contact="lab@example.com" accreditation="" site=""/>
  <!-- registration: business number. -->
  <applicant name="Example Maker" address="2 Example Street, Seoul" contact="maker@example.com" registration="" representative=""/>
  <!-- As it came in: date, what it is, its state, how many and how they were chosen. -->
  <sample received="2026-01-01" description="camera with power supply" condition="unopened" units="1" selection="chosen by the applicant"/>
  <!-- Optional: surroundings of the test. -->
  <environment>23 °C, 45 % relative humidity; isolated test network</environment>
  <!-- Two persons: who tested, and who authorises the report. -->
  <tester name="Name of the tester" title="Test engineer"/>
  <manager name="Name of the manager" title="Technical manager"/>
  <!-- Optional: what was used beside this program.
  <equipment><instrument name="Bench power supply" id="PS-01" calibration="until 2027-01-01"/></equipment> -->
  <!-- Optional: additions to, deviations from and exclusions from the method.
  <deviations><ko>없음</ko><en>none</en></deviations> -->
  <!-- Optional: results of external providers.
  <external>none</external> -->
  <!-- Optional: the overall opinion, which the report marks as an opinion.
  <opinion><ko>…</ko><en>…</en></opinion> -->
  <!-- Optional: what the maker changed during the test.
  <corrections><correction date="2026-01-02">firmware 1.0.1: the service on tcp/9527 was removed</correction></corrections> -->
  <!-- Only if an earlier report is replaced: its number, and why.
  <replaces number="2026-0000">serial number was wrong</replaces> -->
</report>
)";
}

}  // namespace haetae::declaration
