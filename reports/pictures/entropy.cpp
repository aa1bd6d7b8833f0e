#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "reports/pictures/canvas.hpp"

namespace haetae::reports::pictures {

namespace {

struct Level {
  double from;
  std::string_view ko, en;
  Paint fill;
  Texture texture;
};

/// kLevels are how mixed bytes are; what that means stands in the report, not in the picture.
constexpr Level kLevels[] = {
    {7.2, "7.2 이상 (압축되었거나 암호화된 듯)", "7.2 or more (as compressed or encrypted)",
     Paint::accent, Texture::hatched},
    {1.0, "1 – 7.2 (코드와 데이터)", "1 to 7.2 (code and data)", Paint::accent, Texture::plain},
    {0.0, "1 미만 (비어 있는 듯)", "below 1 (as empty)", Paint::accent, Texture::hollow}};

const Level& level_of(double bits) {
  for (const Level& level : kLevels) {
    if (bits >= level.from) return level;
  }
  return kLevels[2];
}

std::string bytes_text(std::int64_t bytes) {
  if (bytes >= 10 * 1024 * 1024) return fmt::format("{} MiB", bytes / 1024 / 1024);
  return bytes >= 10 * 1024 ? fmt::format("{} KiB", bytes / 1024) : fmt::format("{} B", bytes);
}

using Bands = std::vector<const EntropyBand*>;

/// bar() reaches a little into its neighbour, so that no seam shows; a narrow hollow one is only
/// its top.
void bar(Drawing& out, const Level& level, double x, double base, double wide, double tall) {
  if (level.texture == Texture::hollow && wide < 6) {
    out.shapes.emplace_back(Line{.x1 = x,
                                 .y1 = base - tall,
                                 .x2 = x + wide,
                                 .y2 = base - tall,
                                 .width = 0.8,
                                 .paint = level.fill});
    return;
  }
  const double more = level.texture == Texture::hollow ? 0 : 0.4;
  out.shapes.emplace_back(Rect{.x = x,
                               .y = base - tall,
                               .width = wide + more,
                               .height = tall,
                               .fill = level.fill,
                               .texture = level.texture});
}

void profile(Drawing& out, const Bands& bands, double y, double left, double width, double height) {
  std::int64_t end = 1;
  for (const EntropyBand* band : bands) end = std::max(end, band->offset + band->size);
  for (const int bits : {0, 4, 8}) {
    const double line = y + height - height * bits / 8;
    out.shapes.emplace_back(
        Line{.x1 = left, .y1 = line, .x2 = left + width, .y2 = line, .width = 0.4});
    say(out, {.x = left - 3,
              .y = line + 2.5,
              .text = std::to_string(bits),
              .size = 7,
              .anchor = Anchor::end,
              .paint = Paint::faint});
  }
  double named_to = left - 1;
  const double scale = width / static_cast<double>(end);
  for (const EntropyBand* band : bands) {
    const double x = left + scale * static_cast<double>(band->offset);
    const double wide = std::max(0.6, scale * static_cast<double>(band->size));
    const double tall = std::max(1.0, height * std::clamp(band->bits, 0.0, 8.0) / 8);
    bar(out, level_of(band->bits), x, y + height, wide, tall);
    const std::string name = shown(band->what);
    if (name.empty() || x < named_to || wide < 18) continue;
    const std::string cut = fit(name, 7, wide - 2);
    say(out, {.x = x + 1, .y = y + height + 9, .text = cut, .size = 7});
    named_to = x + text_width(cut, 7) + 3;
  }
  say(out, {.x = left, .y = y + height + 19, .text = "0", .size = 7, .paint = Paint::faint});
  say(out, {.x = left + width,
            .y = y + height + 19,
            .text = bytes_text(end),
            .size = 7,
            .anchor = Anchor::end,
            .paint = Paint::faint});
}

/// merged() joins neighbours until no image has more bands than there are points to draw them.
std::vector<EntropyBand> merged(std::vector<EntropyBand> bands, std::size_t most) {
  while (bands.size() > most) {
    std::vector<EntropyBand> fewer;
    for (std::size_t at = 0; at < bands.size(); at += 2) {
      EntropyBand band = bands[at];
      if (at + 1 < bands.size()) {
        const EntropyBand& next = bands[at + 1];
        const auto size = static_cast<double>(std::max<std::int64_t>(1, band.size + next.size));
        band.bits = (band.bits * static_cast<double>(band.size) +
                     next.bits * static_cast<double>(next.size)) /
                    size;
        band.size = next.offset + next.size - band.offset;
        if (band.what != next.what) band.what = "";
      }
      fewer.push_back(std::move(band));
    }
    bands = std::move(fewer);
  }
  return bands;
}

}  // namespace

Drawing entropy_map(const Report& report, Language language, double width) {
  if (report.entropy.empty()) return {};
  std::map<std::string, std::vector<EntropyBand>> images;
  for (const EntropyBand& band : report.entropy) images[band.image].push_back(band);
  Drawing out;
  out.width = width;
  out.title = pick(language, "펌웨어 이미지의 엔트로피", "Entropy of the firmware image");
  constexpr double kLeft = 12, kTall = 64;
  double y = 0;
  std::size_t shown_images = 0;
  for (auto& [image, all] : images) {
    if (++shown_images > 6) break;
    std::ranges::sort(all, {}, &EntropyBand::offset);
    const auto bands = merged(all, static_cast<std::size_t>(std::max(16.0, width)));
    say(out, {.x = 0, .y = y + 9, .text = shown(image), .size = 8.5, .bold = true}, width - 90);
    say(out, {.x = width,
              .y = y + 9,
              .text = std::string(pick(language, "바이트당 비트", "bits per byte")),
              .size = 7,
              .anchor = Anchor::end,
              .paint = Paint::faint});
    y += 18;
    Bands pointers;
    std::map<std::string_view, std::int64_t> sums;
    std::int64_t whole = 0;
    for (const EntropyBand& band : bands) {
      pointers.push_back(&band);
      sums[pick(language, level_of(band.bits).ko, level_of(band.bits).en)] += band.size;
      whole += band.size;
    }
    profile(out, pointers, y, kLeft, width - kLeft, kTall);
    y += kTall + 30;
    out.alternative += fmt::format("{}, {}: ", shown(image), bytes_text(whole));
    for (const auto& [name, size] : sums) {
      out.alternative +=
          fmt::format("{} {} %; ", name, size * 100 / std::max<std::int64_t>(1, whole));
    }
  }
  std::vector<Key> entries;
  for (const Level& level : kLevels) {
    entries.push_back({.fill = level.fill,
                       .texture = level.texture,
                       .sign = "",
                       .text = std::string(pick(language, level.ko, level.en))});
  }
  out.height = keys(out, entries, 0, y, width, 7.5) + 2;
  return out;
}

}  // namespace haetae::reports::pictures
