#include "reports/pdf/single.hpp"

#include <cairo-pdf.h>

#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "reports/pdf/picture.hpp"

namespace haetae::reports {
namespace {

constexpr double kDots = 600;  ///< an inch
constexpr double kMostSide = 12000;

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;

cairo_status_t append_to(void* closure, const unsigned char* data, unsigned length) {
  auto& out = *static_cast<Bytes*>(closure);
  out.insert(out.end(), data, data + length);
  return CAIRO_STATUS_SUCCESS;
}

Result<void> paint(cairo_surface_t* surface, const pictures::Drawing& drawing, double scale) {
  print::Fonts fonts;
  if (auto trouble = fonts.trouble()) return tl::unexpected(*trouble);
  cairo_t* const to = cairo_create(surface);
  cairo_set_source_rgb(to, 1, 1, 1);
  cairo_paint(to);
  // Code modules have to end sharply, and text drawn at 600 dots needs no grey edge.
  cairo_set_antialias(to, CAIRO_ANTIALIAS_GRAY);
  print::draw(to, fonts, drawing, scale);
  const cairo_status_t status = cairo_status(to);
  cairo_destroy(to);
  if (status == CAIRO_STATUS_SUCCESS) return {};
  return fail(ErrorKind::internal,
              fmt::format("the picture cannot be drawn: {}", cairo_status_to_string(status)));
}

}  // namespace

Result<Bytes> single_png(const pictures::Drawing& drawing) {
  const double scale = kDots / 72;
  const double width = std::ceil(drawing.width * scale), height = std::ceil(drawing.height * scale);
  if (!(width >= 1 && height >= 1 && width <= kMostSide && height <= kMostSide)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("a picture of {:.0f} by {:.0f} dots is not drawn", width, height));
  }
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width),
                                                   static_cast<int>(height)),
                        &cairo_surface_destroy);
  if (auto painted = paint(surface.get(), drawing, scale); !painted)
    return tl::unexpected(painted.error());
  Bytes out;
  cairo_surface_write_to_png_stream(surface.get(), &append_to, &out);
  return out;
}

Result<Bytes> single_pdf(const pictures::Drawing& drawing) {
  Bytes out;
  const Surface surface(
      cairo_pdf_surface_create_for_stream(&append_to, &out, drawing.width, drawing.height),
      &cairo_surface_destroy);
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, drawing.title.c_str());
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_SUBJECT,
                                 printable(drawing.alternative, 2000).c_str());
  // A date of its own making would make every file another one.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE,
                                 "2000-01-01T00:00:00Z");
  if (auto painted = paint(surface.get(), drawing, 1); !painted)
    return tl::unexpected(painted.error());
  cairo_surface_finish(surface.get());
  return out;
}

}  // namespace haetae::reports
