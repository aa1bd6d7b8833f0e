#include "harness/declaration/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <set>

#include "harness/xml/xml.hpp"

namespace haetae::declaration {
namespace {

namespace fs = std::filesystem;
using xml::Element;
using xml::Times;

const xml::Words kOutcomes{"conforms", "does-not-conform", "not-applicable", "unknown"};
const xml::Words kKnownTypes{"image/png", "image/jpeg", "application/pdf"};

/// limited() is an attribute that stands, is not empty and not too long.
std::string limited(const Element& element, std::string_view name) {
  std::string text = element.filled(name);
  if (text.size() > kMaximumName) {
    element.problem_at(name,
                       fmt::format("'{}' is too long; allowed: {} bytes", name, kMaximumName));
  }
  return text;
}

/// inside() is whether a relative name stays in its folder.
bool inside(const fs::path& name) {
  return !name.empty() && !name.is_absolute() &&
         std::ranges::none_of(name, [](const fs::path& part) { return part == ".."; });
}

Attachment read_file_attachment(const Element& element, const fs::path& folder) {
  const fs::path name = element.filled("file");
  if (!element.raw_text().empty()) {
    element.problem("an <attachment> with file has no content; allowed: either of them");
  }
  if (!inside(name)) {
    element.problem_at("file", fmt::format("'{}' leads out of the folder; allowed: a relative file "
                                           "name without ..",
                                           name.string()));
    return {};
  }
  auto read = attachment_of(folder / name);
  if (!read) {
    element.problem_at("file", read.error().message());
    return {};
  }
  if (element.has("name")) read->name = fs::path(limited(element, "name")).filename().string();
  return std::move(*read);
}

Attachment read_attachment(const Element& element, const fs::path& folder) {
  element.check(
      {.required = {}, .optional = {"name", "media-type", "file"}, .children = {}, .text = true});
  Attachment out;
  if (element.has("file")) {
    out = read_file_attachment(element, folder);
  } else {
    if (!element.has("name")) {
      element.problem(
          "<attachment> has neither name nor file; needed: name with base64 content, "
          "or file");
    }
    out.name = fs::path(limited(element, "name")).filename().string();
    if (element.has("name") && out.name.empty()) {
      element.problem_at("name", "'name' is no file name; allowed: a name without folders");
    }
    const std::string content = element.raw_text();
    if (content.empty() || !from_base64(content, out.content)) {
      element.problem("the content of <attachment> is not base64; allowed: RFC 4648");
      return out;
    }
    out.media_type = media_type_of(out.content);
  }
  if (out.content.size() > kMaximumAttachment) {
    element.problem(fmt::format("attachment '{}' is too large; allowed: {} bytes", out.name,
                                kMaximumAttachment));
  }
  const std::string said = element.attribute("media-type");
  const bool known = std::ranges::find(kKnownTypes, said) != kKnownTypes.end();
  if (known && said != out.media_type && !out.content.empty()) {
    element.problem_at("media-type", fmt::format("attachment '{}' is said to be {} and is {}",
                                                 out.name, said, out.media_type));
  }
  return out;
}

PersonAnswer read_answer(const Element& element, const fs::path& folder) {
  element.check({.required = {"criterion", "outcome", "who", "at"},
                 .optional = {"second"},
                 .children = {{"text", Times::one}, {"attachment", Times::many}}});
  PersonAnswer out{.criterion = element.filled("criterion"),
                   .outcome = element.word("outcome", kOutcomes),
                   .who = limited(element, "who"),
                   .second = element.has("second") ? limited(element, "second") : std::string(),
                   .at = element.attribute("at"),
                   .text = {},
                   .attachments = {},
                   .line = element.line()};
  if (element.has("at") && !is_zoned_time(out.at)) {
    element.problem_at("at",
                       fmt::format("'{}' is no time; allowed: ISO 8601 with seconds and zone, "
                                   "2026-11-22T15:04:05+09:00",
                                   out.at));
  }
  if (!out.second.empty() && same_person(out.who, out.second)) {
    element.problem_at(
        "second", fmt::format("'{}' answers and confirms; needed: another person", out.second));
  }
  if (const auto text = element.child("text")) {
    text->check({.required = {}, .optional = {}, .children = {}, .text = true});
    out.text = text->raw_text();
    if (out.text.size() > kMaximumAnswerText) {
      text->problem(fmt::format("the text is too long; allowed: {} bytes", kMaximumAnswerText));
    }
  }
  const std::vector<Element> attachments = element.children("attachment");
  if (attachments.size() > kMaximumAttachments) {
    element.problem(
        fmt::format("{} attachments; allowed: {}", attachments.size(), kMaximumAttachments));
    return out;
  }
  for (const Element& child : attachments) {
    out.attachments.push_back(read_attachment(child, folder));
  }
  return out;
}

/// without_contents() leaves out what stands between the tags of attachments: it is kept as
/// evidence, and twice would only be larger.
std::string without_contents(std::string_view text) {
  constexpr std::string_view kOpen = "<attachment";
  constexpr std::string_view kClose = "</attachment>";
  std::string out;
  for (;;) {
    const std::size_t open = text.find(kOpen);
    const std::size_t end = open == std::string_view::npos ? open : text.find('>', open);
    if (end == std::string_view::npos) return out += text;
    out += text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    const std::size_t close = text.find(kClose);
    if (out.ends_with("/>") || close == std::string_view::npos) continue;
    text.remove_prefix(close);
  }
}

bool digits(std::string_view text, std::size_t at, std::size_t count, int lowest, int highest) {
  if (at + count > text.size()) return false;
  int number = 0;
  const auto [end, code] = std::from_chars(text.data() + at, text.data() + at + count, number);
  return code == std::errc() && end == text.data() + at + count && text[at] != '-' &&
         number >= lowest && number <= highest;
}

bool is_text(std::string_view text) {
  // printable() changes every control character and every wrong byte; lines and tabs are text.
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '\n' || c == '\r' || c == '\t'; });
  return printable(plain, plain.size()) == plain;
}

std::string folded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

int sextet(char c) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  static const auto kValues = [] {
    std::array<int, 256> out{};
    out.fill(-1);
    for (std::size_t at = 0; at < kAlphabet.size(); ++at) {
      out[static_cast<unsigned char>(kAlphabet[at])] = static_cast<int>(at);
    }
    return out;
  }();
  return kValues[static_cast<unsigned char>(c)];
}

}  // namespace

bool from_base64(std::string_view text, Bytes& out) {
  out.clear();
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  std::size_t count = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    const int value = sextet(c);
    if (c == '=') {
      ++padding;
    } else if (value < 0 || padding > 0) {
      return false;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(std::max(value, 0));
    if (++count % 4 != 0) continue;
    if (padding > 2) return false;
    for (std::size_t byte = 0; byte < 3 - padding; ++byte) {
      out.push_back(static_cast<std::uint8_t>(bits >> (16 - 8 * byte)));
    }
    bits = 0;
  }
  return count % 4 == 0 && padding <= 2;
}

bool is_zoned_time(std::string_view text) {
  const bool date = digits(text, 0, 4, 1, 9999) && digits(text, 5, 2, 1, 12) &&
                    digits(text, 8, 2, 1, 31) && digits(text, 11, 2, 0, 23) &&
                    digits(text, 14, 2, 0, 59) && digits(text, 17, 2, 0, 60) && text[4] == '-' &&
                    text[7] == '-' && text[10] == 'T' && text[13] == ':' && text[16] == ':';
  if (!date) return false;
  text.remove_prefix(19);
  if (text.starts_with('.')) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end < 2 || end > 10) return false;
    text.remove_prefix(end);
  }
  if (text == "Z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && digits(text, 1, 2, 0, 14) &&
         text[3] == ':' && digits(text, 4, 2, 0, 59);
}

bool same_person(std::string_view left, std::string_view right) {
  return folded(left) == folded(right);
}

std::string media_type_of(ByteView content) {
  const std::string_view text = as_text(content);
  if (text.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.starts_with("\xff\xd8\xff")) return "image/jpeg";
  if (text.starts_with("%PDF-")) return "application/pdf";
  return !text.empty() && is_text(text) ? "text/plain" : "application/octet-stream";
}

Result<Attachment> attachment_of(const fs::path& file) {
  std::error_code code;
  if (!fs::is_regular_file(file, code)) {
    return fail(ErrorKind::not_found, fmt::format("{}: there is no such file", file.string()));
  }
  const std::uintmax_t size = fs::file_size(file, code);
  if (code || size > kMaximumAttachment) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: is too large to attach; allowed: {} bytes", file.string(),
                            kMaximumAttachment));
  }
  if (size == 0) return fail(ErrorKind::invalid_input, fmt::format("{}: is empty", file.string()));
  Attachment out{.name = file.filename().string(), .media_type = {}, .content = {}};
  out.content.resize(static_cast<std::size_t>(size));
  std::ifstream in(file, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(out.content.data()), static_cast<std::streamsize>(size))) {
    return fail(ErrorKind::storage, fmt::format("{}: cannot be read", file.string()));
  }
  out.media_type = media_type_of(out.content);
  return out;
}

Result<Answers> load_answers_text(std::string_view text, const fs::path& file) {
  xml::Problems problems;
  const auto document = xml::Document::parse(text, file.string(), problems, kMaximumAnswers);
  if (!document) return tl::unexpected<Error>(problems.error());
  const Element root = document->root();
  if (root.name() != "answers") {
    root.problem(fmt::format("unknown root element <{}>; allowed: answers", root.name()));
    return tl::unexpected<Error>(problems.error());
  }
  root.check({.required = {"run"}, .optional = {"method"}, .children = {{"answer", Times::some}}});
  Answers out{.run = root.filled("run"),
              .method = root.word("method", {"file", "form"}, "file"),
              .answers = {},
              .sha256 = to_hex(sha256(as_bytes(text))),
              .text = without_contents(text)};
  std::set<std::string> known;
  for (const Element& child : root.children("answer")) {
    out.answers.push_back(read_answer(child, file.parent_path()));
    const std::string& criterion = out.answers.back().criterion;
    if (!criterion.empty() && !known.insert(criterion).second) {
      child.problem_at("criterion", fmt::format("criterion '{}' is answered twice", criterion));
    }
  }
  if (!problems.empty()) return tl::unexpected<Error>(problems.error());
  return out;
}

Result<Answers> load_answers(const fs::path& file) {
  auto text = xml::read_file(file, kMaximumAnswers);
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  return load_answers_text(*text, file);
}

}  // namespace haetae::declaration
