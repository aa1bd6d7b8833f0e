#include "reports/pdf/text.hpp"

#include <pango/pangocairo.h>

#include <algorithm>

#include <fmt/format.h>

#include "harness/model/bytes.hpp"

namespace haetae::reports::print {
namespace {

constexpr const char* kSans =
    "Noto Sans CJK KR,Noto Sans KR,NanumBarunGothic,NanumGothic,UnDotum,Baekmuk Gulim";
constexpr const char* kMono =
    "Noto Sans Mono CJK KR,D2Coding,NanumGothicCoding,Noto Sans CJK KR,NanumBarunGothic";

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using Description = std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)>;

Description face(const char* families, double size) {
  Description out(pango_font_description_from_string(families), &pango_font_description_free);
  pango_font_description_set_absolute_size(out.get(), size * PANGO_SCALE);
  return out;
}

bool right_to_left(gunichar letter) {
  return (letter >= 0x0590 && letter <= 0x08ff) || (letter >= 0xfb1d && letter <= 0xfdff) ||
         (letter >= 0xfe70 && letter <= 0xfeff) || (letter >= 0x10800 && letter <= 0x10fff) ||
         (letter >= 0x1e800 && letter <= 0x1efff);
}

/// wide() says whether a letter is a full em: Hangul, Han, kana.
bool wide(gunichar letter) { return letter >= 0x1100 && g_unichar_iswide(letter) != 0; }

void cover(PangoAttrList* list, PangoAttribute* attribute, std::size_t from, std::size_t to) {
  attribute->start_index = static_cast<guint>(from);
  attribute->end_index = static_cast<guint>(to);
  pango_attr_list_insert(list, attribute);
}

/// keep_words() forbids breaks inside Korean words, as Korean print does, unless a word alone is
/// wider than the line.
void keep_words(PangoAttrList* list, const std::string& text, double size, double width) {
  const char* const start = text.c_str();
  const char* const end = start + text.size();
  for (const char* at = start; at < end;) {
    const char* word = at;
    double length = 0;
    bool any = false;
    for (; at < end && *at != ' ' && *at != '\n'; at = g_utf8_next_char(at)) {
      const bool big = wide(g_utf8_get_char(at));
      any = any || big;
      length += big ? size : size * 0.62;
    }
    if (any && length < width) {
      cover(list, pango_attr_allow_breaks_new(FALSE), static_cast<std::size_t>(word - start),
            static_cast<std::size_t>(at - start));
    }
    if (at < end) ++at;
  }
}

guint16 channel(double value) { return static_cast<guint16>(value * 65535.0 + 0.5); }

void dress(PangoAttrList* list, const Span& span, const Look& look, std::size_t from,
           std::size_t to) {
  if (span.mono) {
    cover(list, pango_attr_family_new(kMono), from, to);
    cover(list, pango_attr_size_new_absolute(static_cast<int>(look.size * 0.94 * PANGO_SCALE)),
          from, to);
  }
  if (span.bold && !look.bold) {
    cover(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD), from, to);
  }
  const bool linked = !span.link.empty();
  if (!span.ink && !linked) return;
  const Colour tint = colour(span.ink.value_or(Ink::accent));
  cover(list, pango_attr_foreground_new(channel(tint.red), channel(tint.green), channel(tint.blue)),
        from, to);
}

}  // namespace

Colour colour(Ink ink) {
  const auto hex = [](unsigned value) {
    return Colour{((value >> 16) & 0xff) / 255.0, ((value >> 8) & 0xff) / 255.0,
                  (value & 0xff) / 255.0};
  };
  switch (ink) {
    case Ink::ink: return hex(0x1b1f24);
    case Ink::soft: return hex(0x59636e);
    case Ink::hairline: return hex(0xc3cad2);
    case Ink::paper: return hex(0xffffff);
    case Ink::wash: return hex(0xf4f6f8);
    case Ink::accent: return hex(0x1f4e79);
    case Ink::accent_soft: return hex(0xa9c1d9);
    case Ink::pass: return hex(0x1a6b3c);
    case Ink::fail: return hex(0xb3261e);
    case Ink::inconclusive: return hex(0x8a5a00);
    case Ink::not_run: return hex(0x59636e);
    case Ink::pending: return hex(0x1f5fa8);
    case Ink::not_applicable: return hex(0x6f7882);
  }
  return {};
}

Fonts::Fonts() : map_(pango_cairo_font_map_new()) {
  // One unit is one point; without this pango assumes 96 dots an inch.
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map_), 72);
  context_ = pango_font_map_create_context(map_);
  pango_context_set_language(context_, pango_language_from_string("ko"));
  pango_context_set_base_dir(context_, PANGO_DIRECTION_LTR);
  pango_context_set_round_glyph_positions(context_, FALSE);
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(context_, options);
  cairo_font_options_destroy(options);
}

Fonts::~Fonts() {
  g_object_unref(context_);
  g_object_unref(map_);
}

bool Fonts::has(std::uint32_t letter) {
  if (const auto found = known_.find(letter); found != known_.end()) return found->second;
  const Description description = face(kSans, 10);
  const std::unique_ptr<PangoFontset, Unref> set(pango_font_map_load_fontset(
      map_, context_, description.get(), pango_language_from_string("ko")));
  bool found = false;
  if (set) {
    const std::unique_ptr<PangoFont, Unref> font(pango_fontset_get_font(set.get(), letter));
    found = font && pango_font_has_char(font.get(), letter) != 0;
  }
  known_[letter] = found;
  return found;
}

std::optional<Error> Fonts::trouble() const {
  auto& self = const_cast<Fonts&>(*this);
  for (const std::uint32_t letter : {0xd55cU, 0x2013U, 0x2713U, std::uint32_t{'A'}}) {
    if (self.has(letter)) continue;
    return Error{ErrorKind::not_found,
                 fmt::format("no installed font has the character U+{:04X}, which the PDF needs: "
                             "install the Debian package fonts-noto-cjk",
                             letter),
                 nullptr};
  }
  return std::nullopt;
}

std::string Fonts::safe(std::string_view text, std::size_t limit) {
  // Names of pictures in the catalogue and device strings alike: nothing reaches pango unchecked.
  const std::string plain = printable(text.substr(0, limit * 4 + 16), limit);
  std::string out;
  out.reserve(plain.size());
  bool backwards = false;
  const char* const end = plain.data() + plain.size();
  for (const char* at = plain.data(); at < end; at = g_utf8_next_char(at)) {
    const gunichar letter = g_utf8_get_char(at);
    backwards = backwards || right_to_left(letter);
    if (letter == 0x2717) {
      out += "×";  // the Korean faces have no ballot cross
    } else if (letter < 0x80 || has(letter)) {
      out.append(at, static_cast<std::size_t>(g_utf8_next_char(at) - at));
    } else {
      out += fmt::format("U+{:04X}", letter);
    }
  }
  return backwards ? "\u2066" + out + "\u2069" : out;
}

TextBlock::TextBlock(Fonts& fonts, const Rich& rich, const Look& look, double width)
    : layout_(pango_layout_new(fonts.context()), Unref{}),
      line_height_(look.size * look.leading),
      box_width_(width),
      colour_(colour(look.ink)),
      align_(look.align) {
  PangoLayout* const layout = layout_.get();
  const Description description = face(kSans, look.size);
  if (look.bold) pango_font_description_set_weight(description.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout, description.get());
  const std::unique_ptr<PangoAttrList, decltype(&pango_attr_list_unref)> list(
      pango_attr_list_new(), &pango_attr_list_unref);
  std::string text;
  for (const Span& span : rich) {
    const std::size_t from = text.size();
    text += fonts.safe(span.text);
    dress(list.get(), span, look, from, text.size());
    if (!span.link.empty())
      ranges_.push_back({static_cast<int>(from), static_cast<int>(text.size()), span.link});
  }
  cover(list.get(), pango_attr_insert_hyphens_new(FALSE), 0, text.size());
  // Figures of one width; and no forms of another language, which pango would take from the
  // surroundings (PANGO_LANGUAGE) for letters that Korean does not write: the face is Korean.
  cover(list.get(), pango_attr_font_features_new("tnum=1,locl=0"), 0, text.size());
  keep_words(list.get(), text, look.size, width);
  pango_layout_set_width(layout, static_cast<int>(std::max(width, 4.0) * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_auto_dir(layout, FALSE);
  if (look.one_line) {
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_height(layout, -1);
  }
  pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
  pango_layout_set_attributes(layout, list.get());
  lines_ = pango_layout_get_line_count(layout);
  ascent_ = line_height_ / 2 + look.size * 0.36;
}

double TextBlock::width() const {
  PangoRectangle logical{};
  pango_layout_get_extents(layout_.get(), nullptr, &logical);
  return static_cast<double>(logical.width) / PANGO_SCALE;
}

namespace {

double line_width(PangoLayoutLine* line) {
  PangoRectangle logical{};
  pango_layout_line_get_extents(line, nullptr, &logical);
  return static_cast<double>(logical.width) / PANGO_SCALE;
}

double offset_of(Align align, double box, double width) {
  if (align == Align::start) return 0;
  return align == Align::end ? box - width : (box - width) / 2;
}

}  // namespace

void TextBlock::draw(cairo_t* to, double x, double y, int first, int count) const {
  cairo_set_source_rgb(to, colour_.red, colour_.green, colour_.blue);
  for (int at = 0; at < count; ++at) {
    PangoLayoutLine* line = pango_layout_get_line_readonly(layout_.get(), first + at);
    if (line == nullptr) return;
    cairo_move_to(to, x + offset_of(align_, box_width_, line_width(line)),
                  y + at * line_height_ + ascent_);
    pango_cairo_show_layout_line(to, line);
  }
}

std::vector<TextBlock::LinkArea> TextBlock::links(int first, int count) const {
  std::vector<LinkArea> out;
  if (ranges_.empty()) return out;
  for (int at = 0; at < count; ++at) {
    PangoLayoutLine* line = pango_layout_get_line_readonly(layout_.get(), first + at);
    if (line == nullptr) break;
    for (const LinkRange& range : ranges_) {
      const int from = std::max(range.from, line->start_index);
      const int to = std::min(range.to, line->start_index + line->length);
      if (from >= to) continue;
      int left = 0, right = 0;
      pango_layout_line_index_to_x(line, from, FALSE, &left);
      pango_layout_line_index_to_x(line, to - 1, TRUE, &right);
      const double begin = static_cast<double>(std::min(left, right)) / PANGO_SCALE;
      const double stop = static_cast<double>(std::max(left, right)) / PANGO_SCALE;
      out.push_back({range.target, begin + offset_of(align_, box_width_, line_width(line)),
                     at * line_height_, stop - begin, line_height_});
    }
  }
  return out;
}

}  // namespace haetae::reports::print
