#include <algorithm>
#include <array>
#include <cstdlib>

#include "harness/formats/record_lines.hpp"

namespace haetae::formats {
namespace {

constexpr std::int64_t kDay = 86'400;

bool digit(char c) { return c >= '0' && c <= '9'; }

/// days() counts from 1970-01-01 in the Gregorian calendar.
std::int64_t days(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

std::int64_t year_of(std::int64_t seconds) { return 1970 + seconds / (365 * kDay + kDay / 4); }

/// Text is read from one place on; nothing is kept of what did not fit.
class Text {
 public:
  Text(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::optional<std::int64_t> number(std::size_t count) {
    if (at_ + count > text_.size()) return std::nullopt;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!digit(text_[at_ + i])) return std::nullopt;
      value = value * 10 + (text_[at_ + i] - '0');
    }
    at_ += count;
    return value;
  }
  bool one_of(std::string_view wanted) {
    if (at_ >= text_.size() || wanted.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  std::optional<std::int64_t> month() {
    static constexpr std::string_view kNames = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (at_ + 3 > text_.size()) return std::nullopt;
    const auto found = kNames.find(text_.substr(at_, 3));
    if (found == std::string_view::npos || found % 3 != 0) return std::nullopt;
    at_ += 3;
    return static_cast<std::int64_t>(found / 3 + 1);
  }
  /// clock() is hh:mm:ss in seconds.
  std::optional<std::int64_t> clock() {
    const auto hour = number(2);
    if (!hour || *hour > 23 || !one_of(":")) return std::nullopt;
    const auto minute = number(2);
    if (!minute || *minute > 59 || !one_of(":")) return std::nullopt;
    const auto second = number(2);
    if (!second || *second > 60) return std::nullopt;
    return *hour * 3600 + *minute * 60 + *second;
  }
  /// zone() is the offset in seconds, nothing where none stands.
  std::optional<std::int64_t> zone() {
    if (one_of("Zz")) return 0;
    const char sign = next();
    if (!one_of("+-")) return std::nullopt;
    const auto hour = number(2);
    (void)one_of(":");
    const auto minute = hour ? number(2) : std::nullopt;
    if (!minute || *hour > 14 || *minute > 59) return std::nullopt;
    return (*hour * 3600 + *minute * 60) * (sign == '-' ? -1 : 1);
  }
  void skip_fraction() {
    if (!one_of(".,")) return;
    while (digit(next())) ++at_;
  }
  void skip_blanks() {
    while (next() == ' ') ++at_;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

std::optional<std::int64_t> valid_day(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31)
    return std::nullopt;
  return days(year, month, day);
}

RecordTime with_zone(Text& text, std::int64_t seconds) {
  text.skip_fraction();
  if (text.next() == ' ') {
    Text ahead = text;
    ahead.skip_blanks();
    if (const auto zone = ahead.zone()) return {.seconds = seconds - *zone, .zone = true};
    return {.seconds = seconds, .zone = false};
  }
  const auto zone = text.zone();
  return {.seconds = seconds - zone.value_or(0), .zone = zone.has_value()};
}

/// iso_time() reads 2026-11-23T00:05:30.123+09:00 and its relatives with '/', '.' and blanks.
std::optional<RecordTime> iso_time(std::string_view record, std::size_t at) {
  Text text(record, at);
  const auto year = text.number(4);
  if (!year || !text.one_of("-/.")) return std::nullopt;
  const auto month = text.number(2);
  if (!month || !text.one_of("-/.")) return std::nullopt;
  const auto day = text.number(2);
  const auto date = day ? valid_day(*year, *month, *day) : std::nullopt;
  if (!date || !text.one_of("T t")) return std::nullopt;
  const auto clock = text.clock();
  if (!clock) return std::nullopt;
  return with_zone(text, *date * kDay + *clock);
}

/// log_time() reads 23/Nov/2026:00:05:30 +0000.
std::optional<RecordTime> log_time(std::string_view record, std::size_t at) {
  Text text(record, at);
  const auto day = text.number(2);
  if (!day || !text.one_of("/")) return std::nullopt;
  const auto month = text.month();
  if (!month || !text.one_of("/")) return std::nullopt;
  const auto year = text.number(4);
  const auto date = year ? valid_day(*year, *month, *day) : std::nullopt;
  if (!date || !text.one_of(":")) return std::nullopt;
  const auto clock = text.clock();
  if (!clock) return std::nullopt;
  return with_zone(text, *date * kDay + *clock);
}

/// short_time() reads Nov 23 00:05:30 (RFC 3164, 4.1.2), with or without a year behind it.
std::optional<RecordTime> short_time(std::string_view record, std::size_t at, std::int64_t now) {
  Text text(record, at);
  const auto month = text.month();
  if (!month || !text.one_of(" ")) return std::nullopt;
  text.skip_blanks();
  Text narrow = text;
  auto day = text.number(2);
  if (!day) {
    text = narrow;
    day = text.number(1);
  }
  if (!day || !text.one_of(" ")) return std::nullopt;
  const auto clock = text.clock();
  if (!clock) return std::nullopt;
  text.skip_fraction();
  text.skip_blanks();
  const std::int64_t middle = year_of(now);
  if (const auto year = text.number(4); year && *year >= 1970 && *year <= 2200) {
    const auto date = valid_day(*year, *month, *day);
    if (date) return RecordTime{.seconds = *date * kDay + *clock, .zone = false};
  }
  std::optional<RecordTime> best;
  for (std::int64_t year = middle - 1; year <= middle + 1; ++year) {
    const auto date = valid_day(year, *month, *day);
    if (!date) continue;
    const RecordTime one{.seconds = *date * kDay + *clock, .zone = false};
    if (!best || std::abs(one.seconds - now) < std::abs(best->seconds - now)) best = one;
  }
  return best;
}

/// counted_time() reads 10 digits (seconds) or 13 (milliseconds) since 1970 that stand alone.
std::optional<RecordTime> counted_time(std::string_view record, std::size_t at) {
  std::size_t count = 0;
  while (at + count < record.size() && digit(record[at + count])) ++count;
  if (count != 10 && count != 13) return std::nullopt;
  Text text(record, at);
  const auto value = text.number(count);
  const std::int64_t seconds = count == 13 ? *value / 1000 : *value;
  if (seconds < 315'532'800) return std::nullopt;  // 1980
  return RecordTime{.seconds = seconds, .zone = true};
}

}  // namespace

std::optional<RecordTime> record_time(std::string_view record, std::int64_t now) {
  for (std::size_t at = 0; at < record.size(); ++at) {
    const bool starts = at == 0 || !digit(record[at - 1]);
    if (digit(record[at]) && starts) {
      if (const auto found = iso_time(record, at)) return found;
      if (const auto found = log_time(record, at)) return found;
      if (const auto found = counted_time(record, at)) return found;
    } else if (record[at] >= 'A' && record[at] <= 'S') {
      if (const auto found = short_time(record, at, now)) return found;
    }
  }
  return std::nullopt;
}

std::int64_t seconds_apart(const RecordTime& time, std::int64_t begin, std::int64_t end) {
  const auto outside = [&](std::int64_t at) {
    return at < begin ? begin - at : at > end ? at - end : 0;
  };
  std::int64_t best = outside(time.seconds);
  if (time.zone) return best;
  constexpr std::int64_t kQuarter = 900;
  for (std::int64_t step = -56; step <= 56; ++step)
    best = std::min(best, outside(time.seconds + step * kQuarter));
  return best;
}

}  // namespace haetae::formats
