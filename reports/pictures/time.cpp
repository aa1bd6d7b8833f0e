#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "reports/pictures/canvas.hpp"

namespace haetae::reports::pictures {

namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  const char* const end = text.data() + at + count;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// seconds_of() reads 2026-11-22T13:01:52.080Z; the run file writes no other form.
std::optional<double> seconds_of(std::string_view iso) {
  const auto year = digits(iso, 0, 4), month = digits(iso, 5, 2), day = digits(iso, 8, 2);
  const auto hour = digits(iso, 11, 2), minute = digits(iso, 14, 2), second = digits(iso, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const double days = static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
  double fraction = 0;
  if (iso.size() > 20 && iso[19] == '.') {
    double place = 0.1;
    for (std::size_t at = 20; at < iso.size() && iso[at] >= '0' && iso[at] <= '9'; ++at) {
      fraction += place * (iso[at] - '0');
      place /= 10;
    }
  }
  return days * 86400 + *hour * 3600 + *minute * 60 + *second + fraction;
}

/// span_text() is how long something took.
std::string span_text(double seconds, Language language) {
  if (seconds < 9.95) return fmt::format("{:.1f}{}", seconds, pick(language, "초", " s"));
  if (seconds < 120) return fmt::format("{:.0f}{}", seconds, pick(language, "초", " s"));
  if (seconds < 7200) return fmt::format("{:.0f}{}", seconds / 60, pick(language, "분", " min"));
  return fmt::format("{:.1f}{}", seconds / 3600, pick(language, "시간", " h"));
}

std::string milliseconds_text(double value) {
  return value < 10 ? fmt::format("{:.1f} ms", value) : fmt::format("{:.0f} ms", value);
}

/// Axis maps times onto the width of a picture.
struct Axis {
  double begin = 0, end = 1, left = 0, width = 1;
  [[nodiscard]] double x(double at) const {
    return left + width * std::clamp((at - begin) / (end - begin), 0.0, 1.0);
  }
};

/// tick() is a step of 1, 2, 5 … seconds, minutes or hours that gives few lines.
double tick(double span, double most) {
  for (const double step : {0.1,    0.2,     0.5,     1.0,     2.0,     5.0,      10.0,    20.0,
                            30.0,   60.0,    120.0,   300.0,   600.0,   1200.0,   1800.0,  3600.0,
                            7200.0, 10800.0, 21600.0, 43200.0, 86400.0, 172800.0, 604800.0}) {
    if (span / step <= most) return step;
  }
  return span;
}

void time_axis(Drawing& out, const Axis& axis, double top, double bottom, Language language) {
  const double span = axis.end - axis.begin;
  const double step = tick(span, std::max(2.0, axis.width / 60));
  for (double at = 0; at <= span * 1.0001; at += step) {
    const double x = axis.x(axis.begin + at);
    out.shapes.emplace_back(Line{.x1 = x, .y1 = top, .x2 = x, .y2 = bottom, .width = 0.3});
    const bool last = at + step > span * 1.0001;
    say(out, {.x = x,
              .y = bottom + 9,
              .text = at == 0 ? "0" : span_text(at, language),
              .size = 7,
              .anchor = at == 0                                   ? Anchor::start
                        : last && axis.left + axis.width - x < 15 ? Anchor::end
                                                                  : Anchor::middle,
              .paint = Paint::faint});
  }
}

struct HazardStyle {
  std::string_view word, ko, en;
  Paint fill;
  Texture texture;
};

constexpr HazardStyle kHazards[] = {
    {"passive", "수동 관찰", "passive", Paint::accent, Texture::hollow},
    {"safe", "안전", "safe", Paint::accent_soft, Texture::plain},
    {"state-changing", "상태 변경", "state-changing", Paint::accent, Texture::plain},
    {"lockout-risk", "잠금 위험", "lockout-risk", Paint::accent, Texture::dotted},
    {"disruptive", "서비스 중단", "disruptive", Paint::accent, Texture::hatched},
    {"may-brick", "고장 위험", "may-brick", Paint::fail, Texture::hatched}};

const HazardStyle& hazard_of(std::string_view word) {
  const auto* const found = std::ranges::find(kHazards, word, &HazardStyle::word);
  return found == std::end(kHazards) ? *std::prev(std::end(kHazards)) : *found;
}

struct Bar {
  const ProcedureEntry* entry;
  double from, to;
};

std::vector<Bar> bars_of(const Report& report) {
  std::vector<Bar> out;
  for (const ProcedureEntry& entry : report.procedures) {
    const auto from = seconds_of(entry.started);
    const auto to = seconds_of(entry.at);
    if (!from) continue;
    out.push_back({.entry = &entry, .from = *from, .to = std::max(*from, to.value_or(*from))});
  }
  std::ranges::stable_sort(out, {}, &Bar::from);
  return out;
}

/// Sample is one latency sample with its time.
struct Sample {
  double at, milliseconds;
  bool answered;
};

std::vector<Sample> samples_of(const Report& report) {
  std::vector<Sample> out;
  for (const Latency& one : report.latency) {
    const auto at = seconds_of(one.at);
    if (!at || !std::isfinite(one.milliseconds)) continue;
    out.push_back(
        {.at = *at, .milliseconds = std::max(0.1, one.milliseconds), .answered = one.answered});
  }
  std::ranges::stable_sort(out, {}, &Sample::at);
  return out;
}

/// Height maps milliseconds, by tens, onto y.
struct Height {
  double low = 0, high = 1, top = 0, tall = 1;
  [[nodiscard]] double y(double milliseconds) const {
    return top + tall - tall * (std::log10(milliseconds) - low) / (high - low);
  }
};

Height height_of(const std::vector<Sample>& samples, double top, double tall) {
  double least = 1e9, most = 0.1;
  for (const Sample& sample : samples) {
    if (!sample.answered) continue;
    least = std::min(least, sample.milliseconds);
    most = std::max(most, sample.milliseconds);
  }
  // A little more than a power of ten does not open another decade.
  Height out{.low = std::floor(std::log10(std::min(least, most)) + 0.02),
             .high = std::ceil(std::log10(most) - 0.02),
             .top = top,
             .tall = tall};
  if (out.high <= out.low) out.high = out.low + 1;
  return out;
}

void value_axis(Drawing& out, const Height& height, const Axis& axis) {
  for (double power = height.low; power <= height.high + 0.01; power += 1) {
    const double value = std::pow(10, power);
    const double y = height.y(value);
    out.shapes.emplace_back(
        Line{.x1 = axis.left, .y1 = y, .x2 = axis.left + axis.width, .y2 = y, .width = 0.3});
    say(out, {.x = axis.left - 3,
              .y = y + 2.5,
              .text = value < 1 ? fmt::format("{:.1g} ms", value) : fmt::format("{:.0f} ms", value),
              .size = 7,
              .anchor = Anchor::end,
              .paint = Paint::faint});
  }
}

/// answered_line() draws the least and the most of each point of the width, so that no peak is
/// lost and a long run stays small. A silence breaks the line.
void answered_line(Drawing& out, const std::vector<Sample>& samples, const Axis& axis,
                   const Height& height) {
  Path path{.points = {}, .width = 1.1, .paint = Paint::accent};
  const auto flush = [&] {
    if (path.points.size() == 2) {
      out.shapes.emplace_back(Rect{.x = path.points[0] - 1,
                                   .y = path.points[1] - 1,
                                   .width = 2,
                                   .height = 2,
                                   .fill = Paint::accent,
                                   .radius = 1});
    } else if (path.points.size() > 2) {
      out.shapes.emplace_back(path);
    }
    path.points.clear();
  };
  for (std::size_t at = 0; at < samples.size();) {
    if (!samples[at].answered) {
      flush();
      ++at;
      continue;
    }
    const double column = std::floor(axis.x(samples[at].at));
    double low = samples[at].milliseconds, high = low;
    std::size_t next = at;
    while (next < samples.size() && samples[next].answered &&
           std::floor(axis.x(samples[next].at)) == column) {
      low = std::min(low, samples[next].milliseconds);
      high = std::max(high, samples[next].milliseconds);
      ++next;
    }
    const double x = next - at == 1 ? axis.x(samples[at].at) : column + 0.5;
    path.points.insert(path.points.end(), {x, height.y(low)});
    if (high > low) path.points.insert(path.points.end(), {x, height.y(high)});
    at = next;
  }
  flush();
  // Of few samples each shows where it was taken; between them nobody asked.
  constexpr std::size_t kFew = 80;
  if (samples.size() > kFew) return;
  for (const Sample& sample : samples) {
    if (!sample.answered) continue;
    out.shapes.emplace_back(Rect{.x = axis.x(sample.at) - 1.5,
                                 .y = height.y(sample.milliseconds) - 1.5,
                                 .width = 3,
                                 .height = 3,
                                 .fill = Paint::accent,
                                 .radius = 1.5});
  }
}

/// silences() marks unanswered samples in a row of their own; near ones become one mark.
std::size_t silences(Drawing& out, const std::vector<Sample>& samples, const Axis& axis, double y,
                     double bottom) {
  std::size_t all = 0;
  double last = -100;
  for (const Sample& sample : samples) {
    if (sample.answered) continue;
    ++all;
    const double x = axis.x(sample.at);
    if (x - last < 8) continue;
    last = x;
    out.shapes.emplace_back(
        Line{.x1 = x, .y1 = y + 4, .x2 = x, .y2 = bottom, .width = 0.8, .paint = Paint::fail});
    say(out, {.x = x,
              .y = y + 2,
              .text = "✗",
              .size = 8,
              .anchor = Anchor::middle,
              .paint = Paint::fail,
              .bold = true});
  }
  return all;
}

/// stress() shades when a procedure loaded or restarted the device.
bool stress(Drawing& out, const std::vector<Bar>& bars, const Axis& axis, double top,
            double bottom) {
  bool any = false;
  for (const Bar& bar : bars) {
    const std::string_view hazard = bar.entry->hazard;
    if (hazard != "disruptive" && hazard != "may-brick") continue;
    if (bar.to < axis.begin || bar.from > axis.end) continue;
    any = true;
    const double x = axis.x(bar.from);
    out.shapes.emplace_back(Rect{.x = x,
                                 .y = top,
                                 .width = std::max(2.0, axis.x(bar.to) - x),
                                 .height = bottom - top,
                                 .fill = Paint::accent_soft,
                                 .texture = Texture::hatched});
  }
  return any;
}

std::string latency_words(std::vector<Sample> samples, std::size_t silent, double span,
                          Language language) {
  std::erase_if(samples, [](const Sample& sample) { return !sample.answered; });
  std::string out =
      fmt::format(fmt::runtime(pick(language, "{} 동안 {}번 물어 {}번 답이 없었다.",
                                    "Asked {1} times over {0}; {2} without an answer.")),
                  span_text(span, language), samples.size() + silent, silent);
  if (samples.empty()) return out;
  std::ranges::sort(samples, {}, &Sample::milliseconds);
  const auto at = [&](double part) {
    return milliseconds_text(
        samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1))]
            .milliseconds);
  };
  return out +
         fmt::format(fmt::runtime(pick(language, " 응답 시간: 중앙값 {}, 95 % {} 이하, 최대 {}.",
                                       " Answer time: median {}, 95 % within {}, most {}.")),
                     at(0.5), at(0.95), at(1));
}

}  // namespace

Drawing latency_line(const Report& report, Language language, double width) {
  const std::vector<Sample> samples = samples_of(report);
  if (samples.empty()) return {};
  Drawing out;
  out.width = width;
  out.title = pick(language, "응답 시간", "Answer time");
  constexpr double kTop = 14, kTall = 96, kBottom = kTop + kTall;
  Axis axis{.begin = samples.front().at, .end = samples.back().at, .left = 44, .width = width - 50};
  if (axis.end - axis.begin < 0.1) axis.end = axis.begin + 0.1;
  const Height height = height_of(samples, kTop, kTall);
  const bool loaded = stress(out, bars_of(report), axis, kTop, kBottom);
  time_axis(out, axis, kTop, kBottom, language);
  value_axis(out, height, axis);
  answered_line(out, samples, axis, height);
  const std::size_t silent = silences(out, samples, axis, 6, kBottom);
  out.alternative = latency_words(samples, silent, axis.end - axis.begin, language);
  std::vector<Key> entries{
      {.fill = Paint::accent,
       .sign = "",
       .text = std::string(pick(language, "응답 시간(로그 눈금)", "answer time (logarithmic)"))}};
  if (silent > 0) {
    entries.push_back({.sign = "✗",
                       .text = fmt::format("{} {}", pick(language, "답 없음", "no answer"), silent),
                       .swatch = false});
  }
  if (loaded) {
    entries.push_back({.fill = Paint::accent_soft,
                       .texture = Texture::hatched,
                       .sign = "",
                       .text = std::string(pick(language, "부하 또는 재시작 시험 중",
                                                "while loaded or restarted"))});
  }
  double y = keys(out, entries, 0, kBottom + 14, width, 7.5);
  y = paragraph(out, out.alternative, 0, y, width, 7.5);
  out.height = y + 2;
  return out;
}

Drawing time_line(const Report& report, Language language, double width) {
  const std::vector<Bar> bars = bars_of(report);
  if (bars.empty()) return {};
  Drawing out;
  out.width = width;
  out.title = pick(language, "시험 시간표", "Time line of the run");
  double begin = bars.front().from, end = begin, names = 0;
  for (const Bar& bar : bars) {
    end = std::max(end, bar.to);
    names = std::max(names, text_width(shown(bar.entry->id), 8, true));
  }
  if (end - begin < 0.1) end = begin + 0.1;
  const bool beside = names + 8 < width * 0.36;
  const double row = beside ? 14 : 24;
  const double left = beside ? names + 8 : 0;
  // Behind each bar there is room for its sign and time.
  const Axis axis{.begin = begin, .end = end, .left = left, .width = width - left - 46};
  const double bottom = row * static_cast<double>(bars.size()) + 4;
  time_axis(out, axis, 0, bottom, language);
  std::vector<const HazardStyle*> seen;
  double y = 2;
  for (const Bar& bar : bars) {
    const HazardStyle& hazard = hazard_of(bar.entry->hazard);
    if (std::ranges::find(seen, &hazard) == seen.end()) seen.push_back(&hazard);
    const bool whole = bar.entry->state == "finished";
    say(out, {.x = 0, .y = y + 9, .text = shown(bar.entry->id), .size = 8, .bold = !whole},
        beside ? left - 4 : width);
    const double top = beside ? y + 1.5 : y + 12;
    const double x = axis.x(bar.from);
    const double wide = std::max(2.0, axis.x(bar.to) - x);
    out.shapes.emplace_back(Rect{.x = x,
                                 .y = top,
                                 .width = wide,
                                 .height = 9,
                                 .fill = hazard.fill,
                                 .texture = hazard.texture,
                                 .radius = 1});
    const std::string took = span_text(bar.to - bar.from, language);
    say(out, {.x = x + wide + 3,
              .y = top + 7.2,
              .text = whole ? took : "✗ " + took,
              .size = 7,
              .paint = whole ? Paint::faint : Paint::fail,
              .bold = !whole});
    out.alternative += fmt::format(
        "{}: {}, {}, {}{}; ", shown(bar.entry->id), span_text(bar.from - begin, language), took,
        pick(language, hazard.ko, hazard.en), whole ? "" : ", " + shown(bar.entry->state));
    y += row;
  }
  std::ranges::sort(seen);
  std::vector<Key> entries;
  for (const HazardStyle* hazard : seen) {
    entries.push_back({.fill = hazard->fill,
                       .texture = hazard->texture,
                       .sign = "",
                       .text = std::string(pick(language, hazard->ko, hazard->en))});
  }
  if (std::ranges::any_of(bars, [](const Bar& bar) { return bar.entry->state != "finished"; })) {
    entries.push_back({.sign = "✗",
                       .text = std::string(pick(language, "끝나지 않음", "not finished")),
                       .swatch = false});
  }
  y = keys(out, entries, 0, bottom + 14, width, 7.5);
  std::string idle;
  for (const ProcedureEntry& entry : report.procedures) {
    if (entry.started.empty()) idle += (idle.empty() ? "" : ", ") + shown(entry.id);
  }
  if (!idle.empty()) {
    const std::string text =
        fmt::format("{}: {}", pick(language, "시작하지 않은 절차", "Never started"), idle);
    out.alternative += text + ".";
    y = paragraph(out, text, 0, y, width, 7.5);
  }
  out.height = y + 2;
  return out;
}

}  // namespace haetae::reports::pictures
