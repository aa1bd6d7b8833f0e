#pragma once

#include <string>
#include <vector>

#include "reports/html/markup.hpp"

namespace haetae::reports::page {

/// Shown is how the content of one piece of evidence is shown in place.
struct Shown {
  std::string media_type;
  std::vector<std::string> decisive;  ///< byte strings to mark wherever they occur
  bool tls = false;                   ///< also the version, suite or alert that a TLS server chose
};

/// Budget bounds what one page shows of contents, in bytes of markup.
struct Budget {
  std::size_t left = 0;         ///< of all pieces
  std::size_t each = 0;         ///< of one piece, about
  std::size_t images_left = 0;  ///< of pictures, which a reader wants whole, in bytes of the file
};

/// content() writes bytes in place: a transcript as a conversation in both directions with times,
/// a picture as a picture, text as text, all else as a hex dump. It takes from the budget, and says
/// what it left out.
void content(Page& page, const Content& content, const Shown& shown, Budget& budget);

/// image_type() is the media type of a picture that browsers show, judged by its first bytes
/// (PNG, JPEG, GIF, WebP); empty for everything else.
[[nodiscard]] std::string_view image_type(ByteView bytes);

}  // namespace haetae::reports::page
