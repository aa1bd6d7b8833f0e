#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include <fmt/format.h>

#include "reports/pictures/canvas.hpp"

namespace haetae::reports::pictures {

namespace {

std::size_t total(const Counts& counts) {
  std::size_t sum = 0;
  for (const std::size_t count : counts) sum += count;
  return sum;
}

std::size_t outside_of(const Report& report) {
  std::size_t sum = 0;
  for (const Domain& domain : report.domains) sum += domain.outside;
  return sum;
}

/// words() is "부적합 3, 적합 31 …" of what there is.
std::string words(const Counts& counts, std::size_t outside, Language language) {
  std::string out;
  for (const Verdict verdict : kWorstFirst) {
    const std::size_t count = counts[static_cast<std::size_t>(verdict)];
    if (count == 0) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", said(verdict, language), count);
  }
  if (outside > 0) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ",
                       pick(language, "시험 범위 밖", "outside the plan"), outside);
  }
  return out;
}

std::string alternative(const Report& report, Language language) {
  std::string out = fmt::format("{}: {}. ", said(report.revision.headline, language),
                                words(report.counts, outside_of(report), language));
  for (const Domain& domain : report.domains) {
    out += fmt::format("{} {}: {}. ", domain.id, shown(in(domain.title, language)),
                       words(domain.counts, domain.outside, language));
  }
  std::string failed;
  for (const Item& item : report.items) {
    if (item.selected == "planned" && item.verdict == Verdict::fail)
      failed += (failed.empty() ? "" : ", ") + item.id;
  }
  if (!failed.empty())
    out += fmt::format("{}: {}.", pick(language, "부적합 항목", "items that fail"), failed);
  return out;
}

std::vector<Key> verdict_keys(const Counts& counts, std::size_t outside, Language language) {
  std::vector<Key> out;
  for (const Verdict verdict : kWorstFirst) {
    const std::size_t count = counts[static_cast<std::size_t>(verdict)];
    if (count == 0) continue;
    out.push_back({.fill = paint_of(verdict),
                   .texture = texture_of(verdict),
                   .sign = std::string(sign(verdict)),
                   .text = fmt::format("{} {}", said(verdict, language), count)});
  }
  if (outside > 0) {
    out.push_back({.fill = Paint::hairline,
                   .texture = Texture::hollow,
                   .sign = "",
                   .text = fmt::format("{} {}", pick(language, "시험 범위 밖", "outside the plan"),
                                       outside)});
  }
  return out;
}

/// Wheel holds the measures of the rings, from the outside: items, their criteria, domains.
struct Wheel {
  double x, y, outer, inner, criteria, band, hole, step;
};

/// sign_in() puts the sign of a verdict where it is readable on the texture of that verdict.
void sign_in(Drawing& out, Verdict verdict, double x, double y, double size) {
  const Texture texture = texture_of(verdict);
  if (texture == Texture::hatched || texture == Texture::dotted)
    return badge(out, x, y, size, sign(verdict));
  say(out, {.x = x,
            .y = y + size * 0.6,
            .text = std::string(sign(verdict)),
            .size = size * 1.7,
            .anchor = Anchor::middle,
            .paint = texture == Texture::plain ? Paint::paper : Paint::ink,
            .bold = true});
}

/// criteria_in() fills the strip below a cell by the criteria of its item that are decided, the
/// worst first; what is open stays empty.
void criteria_in(Drawing& out, const Wheel& wheel, const Item& item, double from, double to) {
  if (item.selected != "planned" || item.criteria.empty()) return;
  const auto strip = [&](double start, double end, Paint fill, Texture texture) {
    out.shapes.emplace_back(Wedge{.x = wheel.x,
                                  .y = wheel.y,
                                  .inner = wheel.criteria,
                                  .outer = wheel.inner - 1.5,
                                  .from = start,
                                  .to = end,
                                  .fill = fill,
                                  .texture = texture});
  };
  strip(from, to, Paint::hairline, Texture::hollow);
  const double step = (to - from) / static_cast<double>(item.criteria.size());
  double at = from;
  for (const Verdict verdict : {Verdict::fail, Verdict::inconclusive, Verdict::pass}) {
    const auto count = std::ranges::count(item.criteria, verdict, &Criterion::verdict);
    if (count == 0) continue;
    const double end = at + step * static_cast<double>(count);
    strip(at, end, paint_of(verdict), texture_of(verdict));
    at = end;
  }
}

Counts criteria_counts(const Report& report) {
  Counts counts{};
  for (const Item& item : report.items) {
    if (item.selected != "planned") continue;
    for (const Criterion& criterion : item.criteria)
      ++counts[static_cast<std::size_t>(criterion.verdict)];
  }
  return counts;
}

void cell(Drawing& out, const Wheel& wheel, const Item& item, double from) {
  const double to = from + wheel.step;
  const double middle = (from + to) / 2;
  const double radius = (wheel.outer + wheel.inner) / 2;
  const double arc = wheel.step * radius * 3.1416 / 180;
  const bool planned = item.selected == "planned";
  const Texture texture = planned ? texture_of(item.verdict) : Texture::hollow;
  const double gap = std::min(0.35, wheel.step / 8);
  out.shapes.emplace_back(Wedge{.x = wheel.x,
                                .y = wheel.y,
                                .inner = wheel.inner,
                                .outer = wheel.outer,
                                .from = from + gap,
                                .to = to - gap,
                                .fill = planned ? paint_of(item.verdict) : Paint::hairline,
                                .texture = texture});
  criteria_in(out, wheel, item, from + gap, to - gap);
  if (planned && arc >= 7) {
    const Point at = on_circle(wheel.x, wheel.y, radius, middle);
    sign_in(out, item.verdict, at.x, at.y,
            std::min({6.0, arc * 0.42, (wheel.outer - wheel.inner) * 0.4}));
  }
  const double size = std::min(7.0, arc * 0.62);
  if (size < 4.5) return;
  const double half = text_width(item.id, size) / 2;
  // Numbers beside the wheel need more room than numbers above and below it.
  const double lean = std::abs(std::sin(middle * 3.1416 / 180));
  const Point at = on_circle(wheel.x, wheel.y, wheel.outer + 3 + size * 0.5 + half * lean, middle);
  say(out, {.x = at.x,
            .y = at.y + size * 0.36,
            .text = item.id,
            .size = size,
            .anchor = Anchor::middle,
            .paint = planned ? Paint::ink : Paint::faint});
}

void centre(Drawing& out, const Wheel& wheel, const Report& report, Language language) {
  const double room = wheel.hole * 1.8;
  const Headline headline = report.revision.headline;
  const std::string word(said(headline, language));
  const Paint paint = headline == Headline::conformant       ? Paint::pass
                      : headline == Headline::non_conformant ? Paint::fail
                                                             : Paint::inconclusive;
  const double size = std::min(wheel.hole * 0.34, room / text_width(word, 1, true));
  say(out, {.x = wheel.x,
            .y = wheel.y - wheel.hole * 0.22,
            .text = word,
            .size = size,
            .anchor = Anchor::middle,
            .paint = paint,
            .bold = true});
  const std::size_t passed = report.counts[static_cast<std::size_t>(Verdict::pass)];
  say(out, {.x = wheel.x,
            .y = wheel.y + wheel.hole * 0.26,
            .text = fmt::format("{} / {}", passed, total(report.counts)),
            .size = wheel.hole * 0.36,
            .anchor = Anchor::middle,
            .bold = true});
  say(out,
      {.x = wheel.x,
       .y = wheel.y + wheel.hole * 0.52,
       .text = std::string(pick(language, "적합 항목", "items pass")),
       .size = std::max(6.0, wheel.hole * 0.16),
       .anchor = Anchor::middle,
       .paint = Paint::faint},
      room * 0.9);
}

void rings(Drawing& out, const Wheel& wheel, const Report& report, double gap) {
  double angle = gap / 2;
  for (const Domain& domain : report.domains) {
    if (domain.items.empty()) continue;
    const double to = angle + wheel.step * static_cast<double>(domain.items.size());
    out.shapes.emplace_back(Wedge{.x = wheel.x,
                                  .y = wheel.y,
                                  .inner = wheel.hole,
                                  .outer = wheel.band,
                                  .from = angle + 0.3,
                                  .to = to - 0.3,
                                  .fill = Paint::accent_soft});
    const Point at = on_circle(wheel.x, wheel.y, (wheel.band + wheel.hole) / 2, (angle + to) / 2);
    say(out, {.x = at.x,
              .y = at.y + 2.9,
              .text = domain.id,
              .size = 8,
              .anchor = Anchor::middle,
              .bold = true});
    for (const std::size_t index : domain.items) {
      cell(out, wheel, report.items[index], angle);
      angle += wheel.step;
    }
    angle = to + gap;
  }
}

}  // namespace

Drawing result_wheel(const Report& report, Language language, double width) {
  std::size_t cells = 0, segments = 0;
  for (const Domain& domain : report.domains) {
    cells += domain.items.size();
    segments += domain.items.empty() ? 0 : 1;
  }
  if (cells == 0) return {};
  Drawing out;
  out.width = width;
  out.title = pick(language, "영역별 결과", "Result by domain");
  out.alternative = alternative(report, language);
  const double gap = segments > 1 ? std::min(2.5, 90.0 / static_cast<double>(segments)) : 0;
  const double outer = std::min(width, 380.0) / 2 - 22;
  const double thick = std::clamp(outer * 0.19, 15.0, 30.0);
  const double thin = std::clamp(outer * 0.055, 5.0, 9.0);
  const Wheel wheel{
      .x = width / 2,
      .y = outer + 20,
      .outer = outer,
      .inner = outer - thick,
      .criteria = outer - thick - 1.5 - thin,
      .band = outer - thick - thin - 3.5,
      .hole = outer - thick - thin - 16,
      .step = (360 - gap * static_cast<double>(segments)) / static_cast<double>(cells)};
  rings(out, wheel, report, gap);
  centre(out, wheel, report, language);
  std::vector<Key> names;
  for (const Domain& domain : report.domains) {
    names.push_back(
        {.sign = domain.id, .text = shown(in(domain.title, language)), .swatch = false});
  }
  double y = keys(out, verdict_keys(report.counts, outside_of(report), language), 0,
                  wheel.y + outer + 22, width);
  y = keys(out, names, 0, y + 3, width);
  const std::string rings_words =
      std::string(pick(
          language, "바깥 고리는 항목, 안쪽 고리는 그 세부 기준 가운데 판정된 몫(세부 기준: ",
          "Outer ring: items; inner ring: how many of their criteria are decided (criteria: ")) +
      words(criteria_counts(report), 0, language) + ")";
  out.alternative += " " + rings_words + ".";
  y = paragraph(out, rings_words, 0, y, width, 7);
  out.height = y + 2;
  return out;
}

Drawing domain_bars(const Report& report, Language language, double width) {
  std::size_t most = 0;
  for (const Domain& domain : report.domains) most = std::max(most, domain.items.size());
  if (most == 0) return {};
  Drawing out;
  out.width = width;
  out.title = pick(language, "영역별 항목 수", "Items by domain");
  out.alternative = alternative(report, language);
  constexpr double kSize = 9, kBar = 15;
  const double unit = std::min(44.0, width / static_cast<double>(most));
  double y = 0;
  for (const Domain& domain : report.domains) {
    if (domain.items.empty()) continue;
    const std::string amount =
        fmt::format("{}{}", domain.items.size(), language == Language::ko ? "개 항목" : " items");
    const double right = text_width(amount, 8) + 8;
    say(out,
        {.x = 0,
         .y = y + kSize,
         .text = fmt::format("{}  {}", domain.id, shown(in(domain.title, language))),
         .size = kSize,
         .bold = true},
        width - right);
    say(out, {.x = width,
              .y = y + kSize,
              .text = amount,
              .size = 8,
              .anchor = Anchor::end,
              .paint = Paint::faint});
    y += kSize + 4;
    double x = 0;
    const auto cells = [&](std::size_t count, Paint fill, Texture texture,
                           std::optional<Verdict> verdict) {
      for (std::size_t at = 0; at < count; ++at, x += unit) {
        out.shapes.emplace_back(Rect{.x = x + 0.6,
                                     .y = y + 0.5,
                                     .width = std::max(0.5, unit - 1.2),
                                     .height = kBar - 1,
                                     .fill = fill,
                                     .texture = texture,
                                     .radius = 1.5});
        if (verdict && unit >= 9)
          sign_in(out, *verdict, x + unit / 2, y + kBar / 2, std::min(5.0, unit * 0.4));
      }
    };
    for (const Verdict verdict : kWorstFirst) {
      cells(domain.counts[static_cast<std::size_t>(verdict)], paint_of(verdict),
            texture_of(verdict), verdict);
    }
    cells(domain.outside, Paint::hairline, Texture::hollow, std::nullopt);
    y = keys(out, verdict_keys(domain.counts, domain.outside, language), 0, y + kBar + 2, width,
             7.5) +
        7;
  }
  out.height = y;
  return out;
}

}  // namespace haetae::reports::pictures
