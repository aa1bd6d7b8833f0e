#include "reports/pdf/pdf.hpp"

#include <cairo-pdf.h>

#include <memory>

#include <fmt/format.h>

#include "reports/pdf/content.hpp"
#include "reports/pdf/file.hpp"
#include "reports/words.hpp"

namespace haetae::reports {
namespace {

using namespace print;  // NOLINT(google-build-using-namespace): this file only joins its parts

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;

cairo_status_t append_to(void* closure, const unsigned char* data, unsigned length) {
  auto& out = *static_cast<Bytes*>(closure);
  out.insert(out.end(), data, data + length);
  return CAIRO_STATUS_SUCCESS;
}

std::string title_of(const Report& report, Language language) {
  return fmt::format("{} {} {} – {}", report.device.maker, report.device.model,
                     report.device.firmware,
                     language == Language::ko ? "시험 성적서" : "test report");
}

Frame frame_of(const Report& report, Language language) {
  const bool korean = language == Language::ko;
  const std::string product = cut(report.device.maker + " " + report.device.model, 120);
  const std::string laboratory = report.particulars ? report.particulars->laboratory.name : "";
  const std::string draft = korean ? "초안 – 발급되지 않음" : "Draft – not issued";
  Frame frame;
  frame.head_left = (korean ? "성적서 번호 " : "Report ") + cut(report_id(report), 80);
  frame.head_right = product;
  frame.foot_left = report.issue ? cut(laboratory, 120) : draft;
  frame.number = [korean](int page, int total) {
    return korean ? fmt::format("{} / {} 쪽", page, total)
                  : fmt::format("page {} of {}", page, total);
  };
  return frame;
}

void write_all(Writer& to) {
  cover(to);
  summary(to);
  history(to);
  corrections(to);
  to.document.contents(to.t("차례", "Contents"));
  opinion(to);
  method(to);
  glance(to);
  items_and_results(to);
  findings(to);
  details(to);
  not_tested(to);
  waivers(to);
  people(to);
  print::inventories(to);
  evidence_list(to);
  seal(to);
  to.document.finish();
}

/// second() is a moment as PDF writes it, without parts of a second.
std::string second(const Report& report) {
  const std::string& at = report.issue ? report.issue->at : report.revision.at;
  return at.size() >= 19 ? at.substr(0, 19) + "Z" : at;
}

struct Pass {
  Plan plan;
  std::vector<std::string> alternatives;
};

Pass one_pass(Fonts& fonts, const Report& report, const EvidenceIndex& index, Language language,
              const Plan& known, cairo_surface_t* surface) {
  Document document(fonts, frame_of(report, language), known, surface);
  Writer writer{document, report, index, language};
  write_all(writer);
  return {document.plan(), document.alternatives()};
}

void describe(cairo_surface_t* surface, Fonts& fonts, const Report& report, Language language) {
  const auto set = [&](cairo_pdf_metadata_t what, const std::string& value) {
    cairo_pdf_surface_set_metadata(surface, what, fonts.safe(value, 300).c_str());
  };
  set(CAIRO_PDF_METADATA_TITLE, title_of(report, language));
  set(CAIRO_PDF_METADATA_SUBJECT, report_id(report));
  if (report.particulars) set(CAIRO_PDF_METADATA_AUTHOR, report.particulars->laboratory.name);
  set(CAIRO_PDF_METADATA_CREATOR, report.run_value("tool"));
  set(CAIRO_PDF_METADATA_CREATE_DATE, second(report));
  set(CAIRO_PDF_METADATA_MOD_DATE, second(report));
}

/// predicted() is where everything stands once the contents are filled in: what comes behind them
/// moves by the pages that they take beyond one.
Plan predicted(Fonts& fonts, const Report& report, Language language, Plan plan) {
  const int contents_page = plan.pages["contents"];
  Document document(fonts, frame_of(report, language), plan, nullptr);
  document.contents("");
  document.finish();
  // The contents end with a page break, and start on the first page of this document.
  const int more = document.plan().total - 2;
  for (auto& [name, number] : plan.pages) number += number > contents_page ? more : 0;
  for (Entry& entry : plan.entries) entry.page += entry.page > contents_page ? more : 0;
  plan.total += more;
  return plan;
}

struct Drawn {
  Bytes bytes;
  Pass pass;
};

Result<Drawn> drawn(Fonts& fonts, const Report& report, const EvidenceIndex& index,
                    Language language, const Plan& known) {
  Drawn out;
  const Surface surface(
      cairo_pdf_surface_create_for_stream(&append_to, &out.bytes, page::kWidth, page::kHeight),
      &cairo_surface_destroy);
  describe(surface.get(), fonts, report, language);
  out.pass = one_pass(fonts, report, index, language, known, surface.get());
  cairo_surface_finish(surface.get());
  if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorKind::internal,
                fmt::format("the PDF cannot be drawn: {}", cairo_status_to_string(status)));
  }
  return out;
}

}  // namespace

Result<Bytes> pdf(const Report& report, Language language) {
  Fonts fonts;
  if (auto trouble = fonts.trouble()) return tl::unexpected(*trouble);
  const EvidenceIndex index = evidence_index(report);
  Plan known = predicted(fonts, report, language,
                         one_pass(fonts, report, index, language, {}, nullptr).plan);
  for (int attempt = 0; attempt < 5; ++attempt) {
    auto done = drawn(fonts, report, index, language, known);
    if (!done) return tl::unexpected(done.error());
    if (done->pass.plan == known) {
      return finish_pdf(std::move(done->bytes), language == Language::ko ? "ko-KR" : "en-GB",
                        done->pass.alternatives);
    }
    known = std::move(done->pass.plan);
  }
  return fail(ErrorKind::internal, "the pages of the report do not settle");
}

}  // namespace haetae::reports
