#include "harness/protocols/console.hpp"

#include <algorithm>

#include "harness/protocols/login.hpp"
#include "harness/protocols/telnet.hpp"

namespace haetae::protocols::console {
namespace {

constexpr std::size_t kMostText = 65536;
constexpr std::size_t kMostPrompt = 80;
constexpr std::size_t kMostBanner = 120;
constexpr int kMostEscape = 64;

bool ends_with(std::string_view text, std::string_view end) {
  return !end.empty() && text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string_view without_blanks_behind(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Screen::Screen(Known known) : known_(std::move(known)) {
  for (const Sign& sign : known_.signs) longest_ = std::max(longest_, sign.text.size());
}

void Screen::restart() {
  loader_.clear();
  banner_.clear();
  naming_.reset();
  counting_ = false;
  kernel_ = false;
}

// Counts what cannot be text at all. A line at the wrong speed is full of it.
void Screen::judge(std::uint8_t byte) {
  ++bytes_;
  if (following_ > 0) {
    if ((byte & 0xc0U) == 0x80U) {
      --following_;
      return;
    }
    following_ = 0;
    ++unreadable_;
  }
  if (byte >= 0xc2 && byte <= 0xdf) {
    following_ = 1;
  } else if (byte >= 0xe0 && byte <= 0xef) {
    following_ = 2;
  } else if (byte >= 0xf0 && byte <= 0xf4) {
    following_ = 3;
  } else if (byte >= 0x7f || (byte < 0x20 && (byte < 0x07 || byte > 0x0d) && byte != 0x1b)) {
    ++unreadable_;
  }
}

bool Screen::garbage() const { return unreadable_ >= 8 && unreadable_ * 10 > bytes_ * 3; }

void Screen::take(std::uint8_t byte) {
  const char c = static_cast<char>(byte);
  // An escape sequence that never ends must not swallow what follows.
  if (escape_ != Escape::none && ++escape_length_ > kMostEscape) escape_ = Escape::none;
  switch (escape_) {
    case Escape::begun:
      escape_ = c == '[' ? Escape::sequence : c == ']' ? Escape::string : Escape::none;
      return;
    case Escape::sequence:
      if (byte >= 0x40 && byte <= 0x7e) escape_ = Escape::none;
      return;
    case Escape::string:
      if (byte == 0x07 || byte == 0x1b) escape_ = Escape::none;
      return;
    case Escape::none: break;
  }
  if (byte == 0x1b) {
    escape_ = Escape::begun;
    escape_length_ = 0;
  } else if (c == '\n' || c == '\r' || c == '\t' || (byte >= 0x20 && byte != 0x7f)) {
    text_.push_back(c);
  }
}

// Every sign is found once, where it ends in what is new; the order in the text decides.
void Screen::look(std::size_t before) {
  const std::size_t from = before - std::min(before, longest_ == 0 ? 0 : longest_ - 1);
  std::vector<std::pair<std::size_t, const Sign*>> found;
  for (const Sign& sign : known_.signs) {
    if (sign.kind == "prompt" || sign.text.empty()) continue;
    const std::size_t at = text_.rfind(sign.text);
    if (at != std::string::npos && at >= from && at + sign.text.size() > before)
      found.emplace_back(at, &sign);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& one, const auto& other) { return one.first < other.first; });
  for (const auto& [at, sign] : found) see(*sign, at);
}

void Screen::see(const Sign& sign, std::size_t at) {
  if (sign.kind == "kernel") {
    kernel_ = true;
    return;
  }
  if (sign.kind == "countdown") counting_ = true;
  // A loader that starts again ends the system.
  if (sign.kind == "banner") kernel_ = false;
  if (loader_.empty() || sign.kind == "banner") loader_ = sign.loader;
  if (naming_ || !banner_.empty()) return;
  const std::size_t line = at == 0 ? std::string::npos : text_.find_last_of("\r\n", at - 1);
  naming_ = dropped_ + (line == std::string::npos ? 0 : line + 1);
}

// The line with the sign may still be on its way.
void Screen::name() {
  if (!naming_) return;
  const std::string_view line = since(*naming_);
  const std::size_t end = line.find_first_of("\r\n");
  banner_ = printable(line.substr(0, end), kMostBanner);
  if (end != std::string_view::npos || line.size() > kMostBanner) naming_.reset();
}

void Screen::feed(ByteView bytes) {
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min<std::size_t>(bytes.size(), 4096));
    bytes = bytes.subspan(piece.size());
    const std::size_t before = text_.size();
    for (const std::uint8_t byte : piece) {
      judge(byte);
      take(byte);
    }
    if (text_.size() > before) look(before);
    name();
    if (text_.size() > kMostText) {
      const std::size_t drop = text_.size() - kMostText / 2;
      text_.erase(0, drop);
      dropped_ += drop;
    }
  }
}

std::string_view Screen::since(std::uint64_t mark) const {
  const std::uint64_t skip = mark > dropped_ ? mark - dropped_ : 0;
  return std::string_view(text_).substr(
      static_cast<std::size_t>(std::min<std::uint64_t>(skip, text_.size())));
}

std::string_view Screen::last_line() const {
  const std::string_view text = text_;
  return text.substr(text.find_last_of("\r\n") + 1);
}

Ask Screen::ask() const {
  const std::string_view line = without_blanks_behind(last_line());
  if (line.empty() || line.size() > 200) return Ask::nothing;
  if (ends_with(lower(line), lower(without_blanks_behind(known_.login_prompt)))) return Ask::user;
  const telnet::Prompt usual = telnet::prompt_of(line);
  if (usual == telnet::Prompt::user) return Ask::user;
  if (usual == telnet::Prompt::password) return Ask::password;
  if (line.size() > kMostPrompt) return Ask::nothing;
  if (!kernel_) {
    for (const Sign& sign : known_.signs)
      if (sign.kind == "prompt" && ends_with(line, without_blanks_behind(sign.text)))
        return Ask::loader;
    // Makers give their own name to the prompt: "hisilicon #", "MT7628 #".
    if (usual == telnet::Prompt::shell && !loader_.empty()) return Ask::loader;
  }
  return usual == telnet::Prompt::shell ? Ask::shell : Ask::nothing;
}

}  // namespace haetae::protocols::console
