#pragma once

#include <optional>

#include "harness/model/bytes.hpp"
#include "reports/pdf/text.hpp"
#include "reports/pictures/drawing.hpp"

struct _cairo_surface;

namespace haetae::reports::print {

/// draw() paints a drawing with (0, 0) at its upper left corner, in the colours of print.
void draw(_cairo* to, Fonts& fonts, const pictures::Drawing& drawing, double scale = 1);

/// Image is a picture that a person attached, decoded; hostile bytes give none.
struct Image {
  std::shared_ptr<_cairo_surface> surface;
  double width = 0, height = 0;  ///< pixels
};

/// image_of() decodes PNG, and reads the header of a baseline or progressive JPEG, which the PDF
/// then carries as it is. At most 8,000 pixels a side and 24 megapixels; nothing else is a picture.
[[nodiscard]] std::optional<Image> image_of(ByteView bytes);

/// paint() scales an image to `width` points.
void paint(_cairo* to, const Image& image, double width);

}  // namespace haetae::reports::print
