#include <cairo.h>

#include <catch2/catch.hpp>

#include <array>
#include <fstream>
#include <random>

#include "reports/pdf/picture.hpp"
#include "tests/support/daemon.hpp"

using namespace haetae;
using namespace haetae::reports::print;
namespace pictures = haetae::reports::pictures;

namespace {

constexpr int kSide = 60;

/// Canvas is a drawing as grey pixels: what a printer without colour leaves of it.
struct Canvas {
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, kSide, kSide);
  cairo_t* to = cairo_create(surface);
  Canvas() {
    cairo_set_source_rgb(to, 1, 1, 1);
    cairo_paint(to);
  }
  ~Canvas() {
    cairo_destroy(to);
    cairo_surface_destroy(surface);
  }
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  /// dark() is the share of pixels that are not paper.
  [[nodiscard]] double dark() {
    cairo_surface_flush(surface);
    const unsigned char* const data = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    int count = 0;
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        if (data[y * stride + x * 4 + 1] < 200) ++count;
      }
    }
    return static_cast<double>(count) / (kSide * kSide);
  }
};

double darkness(pictures::Texture texture) {
  Canvas canvas;
  Fonts fonts;
  pictures::Drawing drawing;
  drawing.shapes.push_back(pictures::Rect{
      .x = 5, .y = 5, .width = 50, .height = 50, .fill = pictures::Paint::ink, .texture = texture});
  draw(canvas.to, fonts, drawing);
  return canvas.dark();
}

Bytes png(int width, int height) {
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  Bytes out;
  cairo_surface_write_to_png_stream(
      surface,
      [](void* closure, const unsigned char* data, unsigned length) {
        auto& bytes = *static_cast<Bytes*>(closure);
        bytes.insert(bytes.end(), data, data + length);
        return CAIRO_STATUS_SUCCESS;
      },
      &out);
  cairo_surface_destroy(surface);
  return out;
}

/// jpeg() is the head of one: start, frame header, end; its picture data are none.
Bytes jpeg(std::uint8_t frame, std::uint16_t width, std::uint16_t height, std::uint8_t components) {
  const auto high = [](std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); };
  const auto low = [](std::uint16_t value) { return static_cast<std::uint8_t>(value & 0xff); };
  return {0xff,        0xd8,        0xff,       0xe0,       0,  4,    1,
          2,           0xff,        frame,      0,          11, 8,    high(height),
          low(height), high(width), low(width), components, 1,  0x11, 0,
          0xff,        0xd9};
}

}  // namespace

TEST_CASE("textures tell areas apart without colour", "[pdf]") {
  const double plain = darkness(pictures::Texture::plain);
  const double hatched = darkness(pictures::Texture::hatched);
  const double dotted = darkness(pictures::Texture::dotted);
  const double hollow = darkness(pictures::Texture::hollow);
  CHECK(plain == Approx(50.0 * 50 / (60 * 60)).margin(0.02));
  CHECK(hatched < plain * 0.9);
  CHECK(dotted < plain * 0.95);
  CHECK(hollow < plain * 0.2);
  CHECK(hollow > 0);
}

TEST_CASE("every shape of a drawing leaves a trace", "[pdf]") {
  const std::vector<pictures::Shape> shapes{
      pictures::Rect{.x = 5, .y = 5, .width = 20, .height = 20, .radius = 4},
      pictures::Line{
          .x1 = 2, .y1 = 2, .x2 = 50, .y2 = 50, .width = 3, .paint = pictures::Paint::ink},
      pictures::Path{.points = {2, 30, 20, 4, 50, 50}, .width = 3},
      pictures::Wedge{.x = 30, .y = 30, .inner = 8, .outer = 25, .from = 0, .to = 120},
      pictures::Word{.x = 30,
                     .y = 40,
                     .text = "적합 12",
                     .size = 14,
                     .anchor = pictures::Anchor::middle,
                     .bold = true}};
  for (std::size_t at = 0; at < shapes.size(); ++at) {
    INFO(at);
    Canvas canvas;
    Fonts fonts;
    pictures::Drawing drawing;
    drawing.shapes.push_back(shapes[at]);
    draw(canvas.to, fonts, drawing);
    CHECK(canvas.dark() > 0.01);
  }
}

TEST_CASE("attached pictures are read within bounds", "[pdf]") {
  REQUIRE(image_of(png(40, 30)));
  CHECK(image_of(png(40, 30))->width == 40);
  REQUIRE(image_of(jpeg(0xc0, 640, 480, 3)));
  CHECK(image_of(jpeg(0xc2, 640, 480, 1))->height == 480);
  CHECK_FALSE(image_of(jpeg(0xc0, 640, 480, 4)));  // CMYK has no single meaning
  CHECK_FALSE(image_of(jpeg(0xc3, 640, 480, 3)));  // lossless
  CHECK_FALSE(image_of(jpeg(0xc0, 0, 480, 3)));
  CHECK_FALSE(image_of(jpeg(0xc0, 60000, 60000, 3)));
  CHECK_FALSE(image_of({}));
  CHECK_FALSE(image_of(as_bytes("GIF89a and some more bytes to be long enough")));
  Bytes huge = png(40, 30);
  for (const std::size_t at : {16U, 20U}) huge[at] = 0x7f;
  CHECK_FALSE(image_of(huge));
}

TEST_CASE("a broken picture is no picture, and never more", "[pdf]") {
  std::mt19937 random(1);
  for (const Bytes& good : {png(40, 30), jpeg(0xc0, 640, 480, 3)}) {
    for (std::size_t length = 0; length < good.size(); ++length) {
      const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
      CHECK_FALSE(image_of(cut));
    }
    for (int round = 0; round < 500; ++round) {
      Bytes changed = good;
      changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
      const auto image = image_of(changed);
      if (image) CHECK(image->width * image->height <= 24e6);
    }
  }
}
