#include "reports/html/markup.hpp"

#include <fmt/format.h>

namespace haetae::reports::page {
namespace {

/// length_of() is the length of the well-formed UTF-8 sequence at `at` (Unicode table 3-7), or 0.
std::size_t length_of(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t offset) {
    return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
  };
  const auto tail = [&](std::size_t offset) { return (byte(offset) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

char32_t code_point(std::string_view text, std::size_t at, std::size_t length) {
  char32_t code = static_cast<unsigned char>(text[at]) & (0xFFU >> (length + 1));
  for (std::size_t offset = 1; offset < length; ++offset) {
    code = (code << 6U) | (static_cast<unsigned char>(text[at + offset]) & 0x3FU);
  }
  return code;
}

/// Unseen code points could hide or reorder what stands beside them.
bool unseen(char32_t code) {
  const auto within = [code](char32_t from, char32_t to) { return code >= from && code <= to; };
  return within(0x80, 0x9F) || code == 0xAD || code == 0x34F || code == 0x61C ||
         within(0x115F, 0x1160) || within(0x17B4, 0x17B5) || within(0x180B, 0x180F) ||
         within(0x200B, 0x200F) || within(0x2028, 0x202E) || within(0x2060, 0x206F) ||
         code == 0x3164 || within(0xFE00, 0xFE0F) || code == 0xFEFF || code == 0xFFA0 ||
         within(0xFFF0, 0xFFFB) || (code & 0xFFFEU) == 0xFFFEU || within(0xFDD0, 0xFDEF) ||
         within(0xE0000, 0xE0FFF);
}

/// stacks() are marks that pile up over the letter before them and could cover other lines.
bool stacks(char32_t code) {
  const auto within = [code](char32_t from, char32_t to) { return code >= from && code <= to; };
  return within(0x300, 0x36F) || within(0x483, 0x489) || within(0x1AB0, 0x1AFF) ||
         within(0x1DC0, 0x1DFF) || within(0x20D0, 0x20FF) || within(0xFE20, 0xFE2F);
}

void append_escaped_bytes(std::string& out, std::string_view bytes, bool marks) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (marks) out += "<i>";
  for (const char letter : bytes) {
    const auto byte = static_cast<unsigned char>(letter);
    out += "\\x";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0xFU];
  }
  if (marks) out += "</i>";
}

/// plain_run() is how many bytes at `at` need no care at all.
std::size_t plain_run(std::string_view text, std::size_t at, std::size_t end) {
  std::size_t here = at;
  while (here < end) {
    const auto byte = static_cast<unsigned char>(text[here]);
    if (byte < 0x20 || byte >= 0x7F || byte == '<' || byte == '>' || byte == '&' || byte == '"' ||
        byte == '\'')
      break;
    ++here;
  }
  return here - at;
}

}  // namespace

void escape(std::string& out, std::string_view text, std::size_t limit, Lines lines, bool marks) {
  constexpr std::size_t kMostStacked = 3;
  const std::size_t end = std::min(text.size(), limit);
  std::size_t at = 0, stacked = 0;
  const auto hidden = [&](char32_t code) {
    stacked = stacks(code) ? stacked + 1 : 0;
    return unseen(code) || stacked > kMostStacked;
  };
  while (at < end) {
    const std::size_t plain = plain_run(text, at, end);
    out.append(text, at, plain);
    at += plain;
    if (at >= end) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    std::size_t length = 1;
    switch (byte) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (lines == Lines::kept && (byte == '\n' || byte == '\t')) {
          out += static_cast<char>(byte);
        } else if (lines == Lines::kept && byte == '\r' && at + 1 < end && text[at + 1] == '\n') {
          // CR LF is one line end
        } else if (byte < 0x80) {
          append_escaped_bytes(out, text.substr(at, 1), marks);
        } else if ((length = length_of(text, at)) == 0) {
          length = 1;
          append_escaped_bytes(out, text.substr(at, 1), marks);
        } else if (hidden(code_point(text, at, length))) {
          append_escaped_bytes(out, text.substr(at, length), marks);
        } else {
          out.append(text, at, length);
        }
    }
    at += length;
  }
  if (text.size() > limit) out += "…";
}

Page& Page::raw(Literal markup) {
  out_ += markup.view();
  return *this;
}

Page& Page::text(std::string_view text, std::size_t limit) {
  escape(out_, text, limit);
  return *this;
}

Page& Page::lines(std::string_view text, std::size_t limit) {
  escape(out_, text, limit, Lines::kept, true);
  return *this;
}

Page& Page::number(std::int64_t value) {
  fmt::format_to(std::back_inserter(out_), "{}", value);
  return *this;
}

Page& Page::grouped(std::int64_t value) {
  const std::string digits = fmt::format("{}", value);
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && digits[at - 1] != '-' && (digits.size() - at) % 3 == 0) out_ += ',';
    out_ += digits[at];
  }
  return *this;
}

Page& Page::both(const Text& words, std::size_t limit) {
  if (words.ko == words.en) return text(words.ko, limit);
  out_ += "<span lang=\"ko\">";
  text(words.ko, limit);
  out_ += "</span><span lang=\"en\">";
  text(words.en, limit);
  out_ += "</span>";
  return *this;
}

Page& Page::both(Literal korean, Literal english) {
  out_ += "<span lang=\"ko\">";
  out_ += korean.view();
  out_ += "</span><span lang=\"en\">";
  out_ += english.view();
  out_ += "</span>";
  return *this;
}

Page& Page::trusted(std::string_view markup) {
  out_ += markup;
  return *this;
}

Table::Table(Page& page, std::vector<Column> columns) : page_(page), columns_(std::move(columns)) {
  page_.raw("<table class=\"cards\" role=\"table\"><thead role=\"rowgroup\"><tr role=\"row\">");
  for (const Column& column : columns_) {
    if (column.number) {
      page_.raw("<th scope=\"col\" role=\"columnheader\" class=\"n\">");
    } else {
      page_.raw("<th scope=\"col\" role=\"columnheader\">");
    }
    page_.both(column.name).raw("</th>");
  }
  page_.raw("</tr></thead><tbody role=\"rowgroup\">\n");
}

void Table::close_cell() {
  if (!in_cell_) return;
  if (at_ == 1) {
    page_.raw("</span></th>");
  } else {
    page_.raw("</span></td>");
  }
  in_cell_ = false;
}

Table& Table::row(std::string_view verdict) {
  close_cell();
  if (in_row_) page_.raw("</tr>\n");
  page_.raw("<tr role=\"row\"");
  if (!verdict.empty()) page_.raw(" data-verdict=\"").text(verdict).raw("\"");
  page_.raw(">");
  in_row_ = true;
  at_ = 0;
  return *this;
}

Page& Table::cell() {
  close_cell();
  const Column& column = columns_.at(at_);
  page_.raw(at_ == 0 ? Literal("<th scope=\"row\" role=\"rowheader\" data-ko=\"")
                     : Literal("<td role=\"cell\" data-ko=\""));
  page_.text(column.name.ko).raw("\" data-en=\"").text(column.name.en).raw("\"");
  if (column.number) page_.raw(" class=\"n\"");
  page_.raw("><span>");
  ++at_;
  in_cell_ = true;
  return page_;
}

Table::~Table() {
  close_cell();
  if (in_row_) page_.raw("</tr>\n");
  page_.raw("</tbody></table>\n");
}

std::string base64(ByteView bytes) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = static_cast<std::uint32_t>(bytes[at]) << 16U;
    if (left > 1) group |= static_cast<std::uint32_t>(bytes[at + 1]) << 8U;
    if (left > 2) group |= bytes[at + 2];
    out += kLetters[group >> 18U];
    out += kLetters[(group >> 12U) & 63U];
    out += left > 1 ? kLetters[(group >> 6U) & 63U] : '=';
    out += left > 2 ? kLetters[group & 63U] : '=';
  }
  return out;
}

}  // namespace haetae::reports::page
