#pragma once

#include "harness/model/error.hpp"
#include "reports/pictures/drawing.hpp"

/// One drawing as a file of its own: a label to print, a picture for a slide.
namespace haetae::reports {

/// single_png() draws on white; its size on paper is that of the drawing, at 600 dots an inch.
/// ErrorKind::not_found if no installed font has the characters that are needed.
[[nodiscard]] Result<Bytes> single_png(const pictures::Drawing& drawing);
/// single_pdf() is one page of the drawing's size; the same drawing gives the same bytes.
[[nodiscard]] Result<Bytes> single_pdf(const pictures::Drawing& drawing);

}  // namespace haetae::reports
