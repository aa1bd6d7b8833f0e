#include "harness/protocols/syslog.hpp"

#include <charconv>

namespace haetae::protocols::syslog {
namespace {

constexpr std::size_t kMostMessage = 65'536;

/// take_priority() reads <PRI>, 0 to 191 (RFC 5424, 6.2.1).
void take_priority(std::string_view& text, Message& out) {
  const auto end = text.find('>');
  if (text.empty() || text.front() != '<' || end == std::string_view::npos || end < 2 || end > 4)
    return;
  int priority = 0;
  const auto [last, code] = std::from_chars(text.data() + 1, text.data() + end, priority);
  if (code != std::errc() || last != text.data() + end || priority < 0 || priority > 191) return;
  out.facility = priority / 8;
  out.severity = priority % 8;
  text.remove_prefix(end + 1);
}

std::string take_word(std::string_view& text) {
  const auto end = text.find(' ');
  std::string out(text.substr(0, end));
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return out;
}

bool dated(std::string_view word) {
  return word.size() >= 19 && word[4] == '-' && word[7] == '-' && word[10] == 'T';
}

bool short_dated(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto found = text.size() > 15 ? kMonths.find(text.substr(0, 3)) : std::string_view::npos;
  return found != std::string_view::npos && found % 3 == 0 && text[3] == ' ' && text[6] == ' ' &&
         text[9] == ':' && text[12] == ':' && text[15] == ' ';
}

}  // namespace

Message parse(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0'))
    text.remove_suffix(1);
  Message out;
  take_priority(text, out);
  if (text.substr(0, 2) == "1 ") {
    text.remove_prefix(2);
    out.form = "rfc5424";
    out.time = take_word(text);
    out.host = take_word(text);
  } else if (short_dated(text)) {
    out.form = "rfc3164";
    out.time = text.substr(0, 15);
    text.remove_prefix(16);
    out.host = take_word(text);
  } else if (dated(text.substr(0, text.find(' ')))) {
    // RFC 3164 with the time of RFC 3339, as rsyslog forwards.
    out.form = "rfc3164";
    out.time = take_word(text);
    out.host = take_word(text);
  }
  out.content = text.substr(0, kMostMessage);
  return out;
}

std::optional<std::string> Stream::next() {
  if (dropping_) {
    const auto end = waiting_.find_first_of(std::string_view("\n\0", 2));
    waiting_.erase(0, end == std::string::npos ? waiting_.size() : end + 1);
    if (end == std::string::npos) return std::nullopt;
    dropping_ = false;
  }
  const auto digits = waiting_.find_first_not_of("0123456789");
  const bool counted = digits != std::string::npos && digits > 0 && digits <= 5 &&
                       waiting_[digits] == ' ' && waiting_[0] != '0';
  if (counted) {
    std::size_t length = 0;
    std::from_chars(waiting_.data(), waiting_.data() + digits, length);
    if (length <= kMostMessage) {
      if (waiting_.size() < digits + 1 + length) return std::nullopt;
      std::string out = waiting_.substr(digits + 1, length);
      waiting_.erase(0, digits + 1 + length);
      return out;
    }
  }
  const auto end = waiting_.find_first_of(std::string_view("\n\0", 2));
  if (end == std::string::npos && waiting_.size() <= kMostMessage) return std::nullopt;
  const bool cut = end == std::string::npos || end > kMostMessage;
  std::string out = waiting_.substr(0, cut ? kMostMessage : end);
  waiting_.erase(0, cut ? kMostMessage : end + 1);
  dropping_ = cut;
  return out;
}

std::vector<std::string> Stream::feed(std::string_view bytes) {
  waiting_ += bytes;
  std::vector<std::string> out;
  while (auto message = next())
    if (!message->empty()) out.push_back(std::move(*message));
  return out;
}

std::string Stream::rest() {
  std::string out = dropping_ ? "" : waiting_;
  waiting_.clear();
  return out;
}

}  // namespace haetae::protocols::syslog
