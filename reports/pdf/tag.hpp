#pragma once

#include <cairo-pdf.h>

#include <string>

#include "reports/pdf/document.hpp"

namespace haetae::reports::print {

/// Tag marks what is drawn while it lives as a part of the document's structure; nothing while
/// only measuring.
class Document::Tag {
 public:
  Tag(cairo_t* cairo, const char* name, const std::string& attributes = "")
      : cairo_(cairo), name_(name) {
    if (cairo_ != nullptr) cairo_tag_begin(cairo_, name_, attributes.c_str());
  }
  ~Tag() {
    if (cairo_ != nullptr) cairo_tag_end(cairo_, name_);
  }
  Tag(const Tag&) = delete;
  Tag& operator=(const Tag&) = delete;

 private:
  cairo_t* cairo_;
  const char* name_;
};

/// Laid is one cell whose text has been broken into lines.
struct Document::Laid {
  TextBlock block;
  double x = 0;
  const char* tag = "TD";
  std::string anchor;
};

/// kPad is the space at both sides of a cell's text; kRowPad that above and below.
inline constexpr double kPad = 4, kRowPad = 3.2;

}  // namespace haetae::reports::print
