#include "reports/pdf/picture.hpp"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

namespace haetae::reports::print {
namespace {

using pictures::Paint;
using pictures::Texture;

constexpr int kMostSide = 8000;
constexpr double kMostPixels = 24e6;

Ink ink_of(Paint paint) {
  switch (paint) {
    case Paint::ink: return Ink::ink;
    case Paint::faint: return Ink::soft;
    case Paint::hairline: return Ink::hairline;
    case Paint::paper: return Ink::paper;
    case Paint::accent: return Ink::accent;
    case Paint::accent_soft: return Ink::accent_soft;
    case Paint::pass: return Ink::pass;
    case Paint::fail: return Ink::fail;
    case Paint::inconclusive: return Ink::inconclusive;
    case Paint::not_run: return Ink::not_run;
    case Paint::pending: return Ink::pending;
    case Paint::not_applicable: return Ink::not_applicable;
  }
  return Ink::ink;
}

void set(cairo_t* to, Paint paint) {
  const Colour tint = colour(ink_of(paint));
  cairo_set_source_rgb(to, tint.red, tint.green, tint.blue);
}

/// hatch() strokes slanted lines of paper over the box of the current clip.
void hatch(cairo_t* to) {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  cairo_clip_extents(to, &x1, &y1, &x2, &y2);
  const double height = y2 - y1;
  if (!(x2 - x1 + height < 4000)) return;
  cairo_set_line_width(to, 1);
  for (double x = x1 - height; x < x2; x += 4) {
    cairo_move_to(to, x, y2);
    cairo_line_to(to, x + height, y1);
  }
  cairo_stroke(to);
}

/// dot() puts round dots of paper over the box of the current clip.
void dot(cairo_t* to) {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  cairo_clip_extents(to, &x1, &y1, &x2, &y2);
  if (!((x2 - x1) * (y2 - y1) < 1e6)) return;
  for (double y = y1 + 1.75; y < y2; y += 3.5) {
    for (double x = x1 + 1.75; x < x2; x += 3.5) {
      cairo_new_sub_path(to);
      cairo_arc(to, x, y, 0.8, 0, 2 * std::numbers::pi);
    }
  }
  cairo_fill(to);
}

/// fill() fills the current path by colour and texture, so that grey print tells areas apart.
void fill(cairo_t* to, Paint paint, Texture texture) {
  if (texture == Texture::hollow) {
    set(to, Paint::paper);
    cairo_fill_preserve(to);
    set(to, paint);
    cairo_set_line_width(to, 0.8);
    return cairo_stroke(to);
  }
  set(to, paint);
  if (texture == Texture::plain) return cairo_fill(to);
  cairo_save(to);
  cairo_fill_preserve(to);
  cairo_clip(to);
  set(to, Paint::paper);
  if (texture == Texture::hatched) {
    hatch(to);
  } else {
    dot(to);
  }
  cairo_restore(to);
}

void rounded(cairo_t* to, const pictures::Rect& rect) {
  const double radius = std::min({rect.radius, rect.width / 2, rect.height / 2});
  if (radius <= 0) return cairo_rectangle(to, rect.x, rect.y, rect.width, rect.height);
  const double right = rect.x + rect.width, bottom = rect.y + rect.height;
  constexpr double kQuarter = std::numbers::pi / 2;
  cairo_new_sub_path(to);
  cairo_arc(to, right - radius, rect.y + radius, radius, -kQuarter, 0);
  cairo_arc(to, right - radius, bottom - radius, radius, 0, kQuarter);
  cairo_arc(to, rect.x + radius, bottom - radius, radius, kQuarter, 2 * kQuarter);
  cairo_arc(to, rect.x + radius, rect.y + radius, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(to);
}

struct Painter {
  cairo_t* to;
  Fonts& fonts;

  void operator()(const pictures::Rect& rect) const {
    if (!(rect.width > 0) || !(rect.height > 0)) return;
    rounded(to, rect);
    fill(to, rect.fill, rect.texture);
  }
  void operator()(const pictures::Line& line) const {
    set(to, line.paint);
    cairo_set_line_width(to, line.width);
    cairo_move_to(to, line.x1, line.y1);
    cairo_line_to(to, line.x2, line.y2);
    cairo_stroke(to);
  }
  void operator()(const pictures::Path& path) const {
    set(to, path.paint);
    cairo_set_line_width(to, path.width);
    cairo_set_line_join(to, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(to);  // a word drawn before leaves a point, from which the line would come
    for (std::size_t at = 0; at + 1 < path.points.size(); at += 2) {
      cairo_line_to(to, path.points[at], path.points[at + 1]);
    }
    cairo_stroke(to);
  }
  void operator()(const pictures::Wedge& wedge) const {
    const auto angle = [](double degrees) { return (degrees - 90) * std::numbers::pi / 180; };
    cairo_new_sub_path(to);
    cairo_arc(to, wedge.x, wedge.y, wedge.outer, angle(wedge.from), angle(wedge.to));
    cairo_arc_negative(to, wedge.x, wedge.y, wedge.inner, angle(wedge.to), angle(wedge.from));
    cairo_close_path(to);
    fill(to, wedge.fill, wedge.texture);
  }
  void operator()(const pictures::Word& word) const {
    const Look look{.size = word.size,
                    .leading = 1,
                    .bold = word.bold,
                    .ink = ink_of(word.paint),
                    .one_line = true};
    const TextBlock block(fonts, {{.text = word.text}}, look, 2000);
    const double shift = word.anchor == pictures::Anchor::start    ? 0
                         : word.anchor == pictures::Anchor::middle ? block.width() / 2
                                                                   : block.width();
    // draw() puts the baseline at 0.86 of the size below the corner when the leading is 1.
    block.draw(to, word.x - shift, word.y - word.size * 0.86, 0, 1);
  }
};

struct Source {
  ByteView left;
};

cairo_status_t read_from(void* closure, unsigned char* data, unsigned length) {
  auto& source = *static_cast<Source*>(closure);
  if (source.left.size() < length) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(data, source.left.data(), length);
  source.left = source.left.subspan(length);
  return CAIRO_STATUS_SUCCESS;
}

bool fits(double width, double height) {
  return width >= 1 && height >= 1 && width <= kMostSide && height <= kMostSide &&
         width * height <= kMostPixels;
}

unsigned word_at(ByteView bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at]) << 8 | bytes[at + 1];
}

std::shared_ptr<cairo_surface_t> owned(cairo_surface_t* surface) {
  return {surface, &cairo_surface_destroy};
}

std::optional<Image> png_of(ByteView bytes) {
  if (bytes.size() < 33) return std::nullopt;
  const auto number = [&](std::size_t at) {
    return static_cast<double>(word_at(bytes, at)) * 65536 + word_at(bytes, at + 2);
  };
  // The size is read before the decoder allocates anything.
  if (!fits(number(16), number(20))) return std::nullopt;
  Source source{bytes};
  Image image;
  image.surface = owned(cairo_image_surface_create_from_png_stream(&read_from, &source));
  if (cairo_surface_status(image.surface.get()) != CAIRO_STATUS_SUCCESS) return std::nullopt;
  image.width = cairo_image_surface_get_width(image.surface.get());
  image.height = cairo_image_surface_get_height(image.surface.get());
  return image;
}

/// jpeg_size() walks the segments up to the frame header (ITU-T T.81 B.1.1): 8 bits a sample, one
/// or three components, baseline or progressive.
std::optional<std::pair<int, int>> jpeg_size(ByteView bytes) {
  std::size_t at = 2;
  for (int segments = 0; segments < 500 && at + 4 <= bytes.size(); ++segments) {
    if (bytes[at] != 0xff) return std::nullopt;
    const unsigned marker = bytes[at + 1];
    if (marker == 0xff) {
      ++at;
      continue;
    }
    const std::size_t length = word_at(bytes, at + 2);
    if (length < 2 || at + 2 + length > bytes.size()) return std::nullopt;
    if (marker == 0xc0 || marker == 0xc1 || marker == 0xc2) {
      if (length < 8 || bytes[at + 4] != 8) return std::nullopt;
      const unsigned components = bytes[at + 9];
      if (components != 1 && components != 3) return std::nullopt;
      return std::pair(static_cast<int>(word_at(bytes, at + 7)),
                       static_cast<int>(word_at(bytes, at + 5)));
    }
    const bool other_frame =
        marker >= 0xc3 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (other_frame || marker == 0xda || marker == 0xd9) return std::nullopt;
    at += 2 + length;
  }
  return std::nullopt;
}

std::optional<Image> jpeg_of(ByteView bytes) {
  const auto size = jpeg_size(bytes);
  const bool ended = bytes[bytes.size() - 2] == 0xff && bytes[bytes.size() - 1] == 0xd9;
  if (!size || !ended || !fits(size->first, size->second)) return std::nullopt;
  auto* const copy = new Bytes(bytes.begin(), bytes.end());
  // The surface only stands for the size: a PDF surface writes the JPEG bytes themselves.
  Image image{owned(cairo_image_surface_create(CAIRO_FORMAT_RGB24, size->first, size->second)),
              static_cast<double>(size->first), static_cast<double>(size->second)};
  const auto done = cairo_surface_set_mime_data(
      image.surface.get(), CAIRO_MIME_TYPE_JPEG, copy->data(), copy->size(),
      [](void* data) { delete static_cast<Bytes*>(data); }, copy);
  if (done != CAIRO_STATUS_SUCCESS) {
    delete copy;
    return std::nullopt;
  }
  return image;
}

}  // namespace

void draw(cairo_t* to, Fonts& fonts, const pictures::Drawing& drawing, double scale) {
  cairo_save(to);
  cairo_scale(to, scale, scale);
  const Painter painter{to, fonts};
  for (const pictures::Shape& shape : drawing.shapes) std::visit(painter, shape);
  cairo_restore(to);
}

std::optional<Image> image_of(ByteView bytes) {
  static constexpr std::uint8_t kPng[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  if (bytes.size() > 16 && std::equal(std::begin(kPng), std::end(kPng), bytes.begin())) {
    return png_of(bytes);
  }
  if (bytes.size() > 16 && bytes[0] == 0xff && bytes[1] == 0xd8) return jpeg_of(bytes);
  return std::nullopt;
}

void paint(cairo_t* to, const Image& image, double width) {
  cairo_save(to);
  cairo_scale(to, width / image.width, width / image.width);
  cairo_set_source_surface(to, image.surface.get(), 0, 0);
  cairo_paint(to);
  cairo_restore(to);
}

}  // namespace haetae::reports::print
