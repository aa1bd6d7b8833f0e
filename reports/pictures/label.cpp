#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <qrcodegen/QrCode.hpp>

#include "reports/pictures/canvas.hpp"

namespace haetae::reports::pictures {

namespace {

constexpr double kWidth = 142;  // 50 mm
constexpr double kMargin = 8;

std::string number_of(const Report& report) {
  return report.issue ? printable(report.issue->number, 60) : std::string("draft");
}

std::string root_of(const Report& report) {
  if (report.verification && !report.verification->root.empty()) return report.verification->root;
  return report.links.empty() ? std::string("none") : report.links.back().hash;
}

std::string capitals(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return out;
}

qrcodegen::QrCode qr_of(const std::string& text) {
  using qrcodegen::QrSegment;
  std::vector<QrSegment> segments;
  const bool ascii = std::ranges::all_of(
      text, [](char letter) { return static_cast<unsigned char>(letter) < 0x80; });
  // Without the mark for UTF-8 (ISO/IEC 18004, ECI 26) readers guess an encoding.
  if (!ascii) segments.push_back(QrSegment::makeEci(26));
  segments.push_back(QrSegment::makeBytes({text.begin(), text.end()}));
  return qrcodegen::QrCode::encodeSegments(segments, qrcodegen::QrCode::Ecc::MEDIUM);
}

/// modules() draws dark runs; they overlap a little, so that no renderer leaves a gap between.
void modules(Drawing& out, const qrcodegen::QrCode& code, double x, double y, double size) {
  const int side = code.getSize();
  const double unit = size / side;
  for (int row = 0; row < side; ++row) {
    for (int column = 0; column < side;) {
      if (!code.getModule(column, row)) {
        ++column;
        continue;
      }
      int end = column;
      while (end < side && code.getModule(end, row)) ++end;
      out.shapes.emplace_back(Rect{.x = x + unit * column,
                                   .y = y + unit * row,
                                   .width = unit * (end - column),
                                   .height = unit * (row + 1 < side ? 1.02 : 1.0),
                                   .fill = Paint::ink});
      column = end;
    }
  }
}

/// Mark is how a headline looks: the same sign as its verdict.
struct Mark {
  Verdict verdict;
  Paint paint;
};

Mark mark_of(Headline headline) {
  if (headline == Headline::conformant) return {Verdict::pass, Paint::pass};
  if (headline == Headline::non_conformant) return {Verdict::fail, Paint::fail};
  return {Verdict::inconclusive, Paint::inconclusive};
}

void emblem(Drawing& out, double x, double y, double radius, const Mark& mark) {
  out.shapes.emplace_back(Wedge{.x = x,
                                .y = y,
                                .inner = radius - 3,
                                .outer = radius,
                                .from = 0,
                                .to = 360,
                                .fill = mark.paint,
                                .texture = texture_of(mark.verdict)});
  out.shapes.emplace_back(Wedge{
      .x = x, .y = y, .inner = 0, .outer = radius - 4.5, .from = 0, .to = 360, .fill = mark.paint});
  say(out, {.x = x,
            .y = y + radius * 0.42,
            .text = std::string(sign(mark.verdict)),
            .size = radius * 1.15,
            .anchor = Anchor::middle,
            .paint = Paint::paper,
            .bold = true});
}

/// head() draws the mark and the result in both languages; it gives the y below.
double head(Drawing& out, Headline headline, Language language) {
  const std::string result(said(headline, language));
  const Mark mark = mark_of(headline);
  emblem(out, kMargin + 15, kMargin + 16, 15, mark);
  const double left = kMargin + 36, room = kWidth - kMargin - left;
  say(out, {.x = left,
            .y = kMargin + 15,
            .text = result,
            .size = std::min(17.0, room / text_width(result, 1, true)),
            .paint = mark.paint,
            .bold = true});
  const std::string other(said(headline, language == Language::ko ? Language::en : Language::ko));
  say(out, {.x = left, .y = kMargin + 27, .text = other, .size = 8.5, .paint = Paint::ink}, room);
  return kMargin + 37;
}

}  // namespace

std::string label_text(const Report& report) {
  const std::string where = report.particulars ? report.particulars->verify_at : "";
  // Line 1 names the format and its version; the others are "name: value", one a line.
  return fmt::format("HAETAE 1\nReport: {}\nResult: {}\nRun: {}\nVerify: {}", number_of(report),
                     capitals(word(report.revision.headline)), printable(root_of(report), 64),
                     where.empty() ? "haetae verify" : printable(where, 200));
}

Drawing label(const Report& report, Language language) {
  Drawing out;
  out.print = true;
  out.width = kWidth;
  const Headline headline = report.revision.headline;
  const std::string result(said(headline, language));
  out.title =
      fmt::format("{}: {}", pick(language, "시험 결과 표시", "Label of the result"), result);
  const double inside = kWidth - 2 * kMargin;
  double y = head(out, headline, language);
  const auto line = [&](std::string_view text, double points, Paint paint, bool bold) {
    if (text.empty()) return;
    say(out,
        {.x = kMargin,
         .y = y + points,
         .text = std::string(text),
         .size = points,
         .paint = paint,
         .bold = bold},
        inside);
    y += points * 1.4;
  };
  line(shown(report.device.maker + " " + report.device.model), 9, Paint::ink, true);
  line(shown(report.device.firmware), 7.5, Paint::ink, false);
  line(report.issue ? fmt::format("{} {}", pick(language, "성적서", "Report"), number_of(report))
                    : std::string(pick(language, "초안 (발급 전)", "Draft, not issued")),
       7.5, Paint::ink, false);
  const std::string text = label_text(report);
  const qrcodegen::QrCode code = qr_of(text);
  // Four modules of quiet zone around the code: ISO/IEC 18004, 9.1.
  const double unit = (kWidth - 2) / (code.getSize() + 8);
  y += 4 * unit;
  modules(out, code, 1 + 4 * unit, y, unit * code.getSize());
  y += unit * (code.getSize() + 4);
  // What a laboratory finds is not what a certification body grants.
  line(pick(language, "시험 결과이며 인증서가 아님", "A test result, not a certificate"), 6.5,
       Paint::ink, false);
  out.height = y + 6;
  out.shapes.insert(out.shapes.begin(), Rect{.x = 0.5,
                                             .y = 0.5,
                                             .width = kWidth - 1,
                                             .height = out.height - 1,
                                             .fill = Paint::ink,
                                             .texture = Texture::hollow,
                                             .radius = 6});
  out.alternative = fmt::format("{}. {} {}. {}: {}", result, shown(report.device.maker),
                                shown(report.device.model),
                                pick(language, "QR 코드의 내용", "The QR code holds"), text);
  std::ranges::replace(out.alternative, '\n', ' ');
  return out;
}

}  // namespace haetae::reports::pictures
