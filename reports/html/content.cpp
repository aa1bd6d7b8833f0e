#include "reports/html/content.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "harness/evidence/transcript.hpp"

namespace haetae::reports::page {
namespace {

using evidence::TranscriptRecord;

constexpr std::size_t kMostRecords = 400;       // of one conversation
constexpr std::size_t kHexWidth = 5;            // letters of a hex dump for each byte
constexpr std::size_t kLargestImage = 8 << 20;  // bytes of one picture

/// Span is a stretch of decisive bytes.
struct Span {
  std::size_t from = 0, to = 0;
};

/// tls_choice() is where a TLS record says what the server chose: the version and the suite of a
/// ServerHello (RFC 5246 section 7.4.1.3), or an alert (section 7.2).
std::vector<Span> tls_choice(std::string_view bytes) {
  constexpr std::size_t kHead = 5, kVersion = 9, kSession = 43;
  const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
  if (bytes.size() < kHead + 2 || at(1) != 3) return {};
  if (at(0) == 0x15) return {{kHead, kHead + 2}};
  if (at(0) != 0x16 || at(kHead) != 2 || bytes.size() <= kSession) return {};
  const std::size_t suite = kSession + 1 + at(kSession);
  if (suite + 2 > bytes.size()) return {{kVersion, kVersion + 2}};
  return {{kVersion, kVersion + 2}, {suite, suite + 2}};
}

std::vector<Span> decisive_spans(std::string_view bytes, const Shown& shown) {
  constexpr std::size_t kMost = 64;
  std::vector<Span> spans = shown.tls ? tls_choice(bytes) : std::vector<Span>{};
  for (const std::string& one : shown.decisive) {
    std::size_t at = one.empty() ? std::string_view::npos : bytes.find(one);
    while (at != std::string_view::npos && spans.size() < kMost) {
      spans.push_back({at, at + one.size()});
      at = bytes.find(one, at + one.size());
    }
  }
  std::sort(spans.begin(), spans.end(), [](Span a, Span b) { return a.from < b.from; });
  std::vector<Span> apart;
  for (const Span span : spans) {
    if (!apart.empty() && span.from <= apart.back().to) {
      apart.back().to = std::max(apart.back().to, span.to);
    } else {
      apart.push_back(span);
    }
  }
  return apart;
}

/// reads_as_text() says whether a person can read the bytes: hardly any control code in the start.
bool reads_as_text(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 2048);
  std::size_t odd = 0;
  for (const char letter : start) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte == 0) return false;
    const bool known = byte == '\n' || byte == '\r' || byte == '\t' || byte == 0x1B;
    if ((byte < 0x20 && !known) || byte == 0x7F || byte >= 0xF5) ++odd;
    if (byte >= 0x80 && byte < 0xF5) odd += 0;
  }
  std::string probe;
  escape(probe, start, start.size(), Lines::kept);
  // Bytes that are no UTF-8 grow fourfold as \xNN.
  std::size_t escaped = 0;
  for (std::size_t at = probe.find("\\x"); at != std::string::npos;
       at = probe.find("\\x", at + 4)) {
    ++escaped;
  }
  return odd * 10 <= start.size() && escaped * 8 <= start.size();
}

void text_view(Page& page, std::string_view bytes, std::size_t limit, const Shown& shown) {
  const std::string_view seen = bytes.substr(0, limit);
  page.raw("<pre tabindex=\"0\">");
  std::size_t at = 0;
  for (const Span span : decisive_spans(seen, shown)) {
    page.lines(seen.substr(at, span.from - at), limit);
    page.raw("<mark>").lines(seen.substr(span.from, span.to - span.from), limit).raw("</mark>");
    at = span.to;
  }
  page.lines(seen.substr(at), limit);
  page.raw("</pre>");
}

void left_out(Page& page, std::size_t bytes) {
  page.raw("<p class=\"soft\">").both("이하 ", "").grouped(static_cast<std::int64_t>(bytes));
  page.both("바이트 생략", " more bytes").raw("</p>");
}

void hex_line(std::string& out, std::string_view bytes, std::size_t offset,
              const std::vector<bool>& marked) {
  fmt::format_to(std::back_inserter(out), "{:06x}  ", offset);
  std::string letters;
  for (std::size_t at = 0; at < 16; ++at) {
    if (at == 8) out += ' ';
    if (at >= bytes.size()) {
      out += "   ";
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const bool mark = marked[offset + at];
    if (mark) {
      fmt::format_to(std::back_inserter(out), "<mark>{:02x}</mark> ", byte);
      letters += "<mark>";
    } else {
      fmt::format_to(std::back_inserter(out), "{:02x} ", byte);
    }
    const char letter = byte >= 0x20 && byte < 0x7F ? bytes[at] : '.';
    escape(letters, std::string_view(&letter, 1), 1);
    if (mark) letters += "</mark>";
  }
  out += " ";
  out += letters;
  out += '\n';
}

void hex_view(Page& page, std::string_view bytes, std::size_t limit, const Shown& shown) {
  const std::string_view seen = bytes.substr(0, std::max<std::size_t>(64, limit / kHexWidth));
  std::vector<bool> marked(seen.size());
  for (const Span span : decisive_spans(seen, shown)) {
    std::fill(marked.begin() + static_cast<std::ptrdiff_t>(span.from),
              marked.begin() + static_cast<std::ptrdiff_t>(span.to), true);
  }
  std::string out;
  for (std::size_t at = 0; at < seen.size(); at += 16) {
    hex_line(out, seen.substr(at, 16), at, marked);
  }
  page.raw("<pre class=\"hex\" tabindex=\"0\">").trusted(out).raw("</pre>");
  if (seen.size() < bytes.size()) left_out(page, bytes.size() - seen.size());
}

/// bytes_view() writes about `limit` bytes of markup at most.
void bytes_view(Page& page, std::string_view bytes, std::size_t limit, const Shown& shown) {
  if (!reads_as_text(bytes)) return hex_view(page, bytes, limit, shown);
  text_view(page, bytes, limit, shown);
  if (bytes.size() > limit) left_out(page, bytes.size() - limit);
}

/// whole_records() is the length of the start of a transcript that ends with a record.
std::size_t whole_records(ByteView bytes) {
  constexpr std::size_t kMagic = 4;
  std::size_t at = kMagic;
  while (at + evidence::kTranscriptOverhead <= bytes.size()) {
    std::uint64_t length = 0;
    for (std::size_t index = 9; index < 13; ++index) length = (length << 8U) | bytes[at + index];
    if (length > bytes.size() - at - evidence::kTranscriptOverhead) break;
    at += evidence::kTranscriptOverhead + length;
  }
  return at;
}

std::optional<std::vector<TranscriptRecord>> records_of(const Content& content) {
  const ByteView bytes(content.bytes);
  auto records = evidence::decode_transcript(bytes);
  if (!records && bytes.size() >= 4) {
    records =
        evidence::decode_transcript(bytes.first(std::min(bytes.size(), whole_records(bytes))));
  }
  if (!records) return std::nullopt;
  return std::move(*records);
}

void who(Page& page, Direction direction) {
  switch (direction) {
    case Direction::sent: page.both("시험 도구 → 기기", "tester → device"); return;
    case Direction::received: page.both("기기 → 시험 도구", "device → tester"); return;
    case Direction::inside_sent:
      page.both("시험 도구 → 기기 (암호화 안쪽)", "tester → device (inside the encryption)");
      return;
    case Direction::inside_received:
      page.both("기기 → 시험 도구 (암호화 안쪽)", "device → tester (inside the encryption)");
      return;
    case Direction::event: page.both("사건", "event"); return;
  }
}

Literal record_class(Direction direction) {
  switch (direction) {
    case Direction::sent: return "<li class=\"out\">";
    case Direction::inside_sent: return "<li class=\"out in\">";
    case Direction::received: return "<li class=\"back\">";
    case Direction::inside_received: return "<li class=\"back in\">";
    case Direction::event: return "<li class=\"event\">";
  }
  return "<li class=\"event\">";
}

void conversation(Page& page, const std::vector<TranscriptRecord>& records, const Shown& shown,
                  std::size_t limit) {
  const std::size_t start = page.size();
  std::size_t count = 0;
  page.raw("<ol class=\"talk\">\n");
  for (const TranscriptRecord& record : records) {
    const std::size_t used = page.size() - start;
    if (count == kMostRecords || used >= limit) break;
    ++count;
    page.raw(record_class(record.direction)).raw("<p class=\"who\">");
    who(page, record.direction);
    page.raw(" <span class=\"soft\">");
    page.text(fmt::format("{:.3f} ms", static_cast<double>(record.microseconds) / 1000.0));
    if (record.direction != Direction::event) {
      page.raw(" · ").grouped(static_cast<std::int64_t>(record.bytes.size())).raw(" B");
    }
    page.raw("</span></p>");
    const std::string_view bytes = as_text(record.bytes);
    if (record.direction == Direction::event) {
      page.raw("<p class=\"what\">").text(bytes, 2000).raw("</p>");
    } else if (!bytes.empty()) {
      bytes_view(page, bytes, std::max<std::size_t>(400, limit - used), shown);
    }
    page.raw("</li>\n");
  }
  page.raw("</ol>\n");
  if (count < records.size()) {
    page.raw("<p class=\"soft\">")
        .both("이하 ", "")
        .grouped(static_cast<std::int64_t>(records.size() - count));
    page.both("개 기록 생략", " more records").raw("</p>");
  }
}

}  // namespace

std::string_view image_type(ByteView bytes) {
  const std::string_view start = as_text(bytes.first(std::min<std::size_t>(16, bytes.size())));
  if (start.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (start.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (start.starts_with("GIF87a") || start.starts_with("GIF89a")) return "image/gif";
  if (start.size() >= 12 && start.starts_with("RIFF") && start.substr(8, 4) == "WEBP")
    return "image/webp";
  return "";
}

void content(Page& page, const Content& content, const Shown& shown, Budget& budget) {
  const std::string_view picture = content.whole ? image_type(content.bytes) : "";
  if (!picture.empty() && content.bytes.size() <= std::min(kLargestImage, budget.images_left)) {
    budget.images_left -= content.bytes.size();
    page.raw("<p><img alt=\"");
    page.text(fmt::format("{}, {} bytes", picture, content.bytes.size()));
    page.raw("\" src=\"data:").text(picture).raw(";base64,").trusted(base64(content.bytes));
    page.raw("\"></p>");
    return;
  }
  const std::size_t limit = std::min(budget.each, budget.left);
  if (limit < 400) {
    page.raw("<p class=\"soft\">");
    page.both(
        "이 페이지에 담기에는 너무 많습니다. 내용은 haetae evidence RUN 번호로 볼 수 있습니다.",
        "Too much for this page; haetae evidence RUN NUMBER shows the content.");
    page.raw("</p>");
    return;
  }
  const std::size_t start = page.size();
  const auto records = shown.media_type == evidence::kTranscriptMediaType
                           ? records_of(content)
                           : std::optional<std::vector<TranscriptRecord>>{};
  if (records) {
    conversation(page, *records, shown, limit);
  } else {
    bytes_view(page, as_text(content.bytes), limit, shown);
  }
  budget.left -= std::min(budget.left, page.size() - start);
  if (!content.whole) {
    page.raw("<p class=\"soft\">");
    page.both("여기에는 앞부분만 있습니다.", "Only the start is shown here.").raw("</p>");
  }
}

}  // namespace haetae::reports::page
