#include "reports/html/html.hpp"

#include "reports/html/html_assets.hpp"
#include "reports/html/sections.hpp"

namespace haetae::reports {
namespace page {
namespace {

/// source_hash() is how a content security policy names an inline script or style.
std::string source_hash(std::string_view text) {
  return "'sha256-" + base64(sha256(as_bytes(text))) + "'";
}

void head(Page& page, const Report& report) {
  page.raw("<!doctype html>\n<html lang=\"");
  page.raw(page.language() == Language::ko ? Literal("ko") : Literal("en"));
  page.raw("\">\n<head>\n<meta charset=\"utf-8\">\n");
  page.raw(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src ");
  page.trusted(source_hash(kScript)).raw("; style-src ").trusted(source_hash(kStyle));
  page.raw("; img-src data:; form-action 'none'; base-uri 'none'\">\n");
  page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  page.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"");
  page.text(report.run_value("tool")).raw("\">\n<title>").text(report.device.model, 100).raw(" ");
  page.text(report.device.firmware, 100).raw(" · ");
  const Text words = headline_text(report.revision.headline);
  page.text(in(words, page.language())).raw(" · Haetae</title>\n<style>");
  page.trusted(kStyle).raw("</style>\n</head>\n");
}

void switches(Page& page) {
  const bool korean = page.language() == Language::ko;
  page.raw("<fieldset class=\"switch\"><legend class=\"sr\">Language 언어</legend><label><input ");
  page.raw("type=\"radio\" name=\"language\" id=\"show-ko\"");
  if (korean) page.raw(" checked");
  page.raw(
      "><span lang=\"ko-KR\">한국어</span></label><label><input type=\"radio\" name=\"language\" ");
  page.raw("id=\"show-en\"");
  if (!korean) page.raw(" checked");
  page.raw("><span lang=\"en-US\">English</span></label></fieldset>\n");
  page.raw("<fieldset class=\"switch\"><legend class=\"sr\">").both("색", "Colours");
  page.raw("</legend><label><input type=\"radio\" name=\"theme\" id=\"theme-auto\" checked><span>");
  page.both("자동", "Auto").raw("</span></label>");
  page.raw("<label><input type=\"radio\" name=\"theme\" id=\"theme-light\"><span>");
  page.both("밝게", "Light").raw("</span></label>");
  page.raw("<label><input type=\"radio\" name=\"theme\" id=\"theme-dark\"><span>");
  page.both("어둡게", "Dark").raw("</span></label></fieldset>\n");
}

void bar(Page& page) {
  page.raw("<div class=\"bar\"><a class=\"skip\" href=\"#main\">");
  page.both("본문으로", "Skip to content").raw("</a>\n<div class=\"in\" role=\"search\">");
  page.raw("<a class=\"jump\" href=\"#h-contents\">");
  page.both("차례", "Contents").raw("</a><label class=\"find scripted\"><span class=\"sr\">");
  page.both("항목, 위반, 증적에서 찾기", "Search items, findings and evidence");
  page.raw("</span><input type=\"search\" id=\"find\" autocomplete=\"off\" spellcheck=\"false\" ");
  page.raw("aria-controls=\"hits\" data-ko=\"찾기 ( / )\" data-en=\"Search ( / )\"></label>\n");
  switches(page);
  page.raw("</div><div class=\"found scripted\" hidden><p id=\"hit-count\" role=\"status\" ");
  page.raw("aria-live=\"polite\"></p><ol id=\"hits\"></ol></div></div>\n");
}

void sections(Page& page, const Report& report) {
  const Cited cited(report);
  buyer(page, report);
  history(page, report);
  corrections(page, report);
  contents(page);
  opinion(page, report);
  method(page, report);
  glance(page, report);
  items(page, report);
  fails(page, report, cited);
  details(page, report, cited);
  not_tested(page, report);
  waivers(page, report);
  steps(page, report, cited);
  inventory(page, report);
  evidence(page, report, cited);
  seal(page, report);
}

void footer(Page& page, const Report& report) {
  page.raw("<footer>");
  if (report.issue) {
    page.raw("<span class=\"mono\">").text(report.issue->number).raw("</span>");
  } else {
    page.both("초안", "Draft");
  }
  page.raw(" · Haetae · ").text(report.run_value("tool")).raw(" · <span class=\"mono\">");
  page.text(report.run_value("uuid")).raw("</span></footer>\n");
}

}  // namespace
}  // namespace page

std::string html(const Report& report, Language language) {
  page::Page out(language);
  out.reserve(4U << 20U);
  page::head(out, report);
  out.raw("<body>\n");
  page::bar(out);
  out.raw("<div class=\"page\">\n");
  page::damages(out, report);
  page::cover(out, report);
  out.raw("<main id=\"main\" tabindex=\"-1\">\n");
  page::sections(out, report);
  out.raw("</main>\n");
  page::footer(out, report);
  out.raw("</div>\n<script>").trusted(kScript).raw("</script>\n</body>\n</html>\n");
  return out.take();
}

}  // namespace haetae::reports
