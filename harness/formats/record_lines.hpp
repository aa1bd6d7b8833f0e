#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The record of events that a device shows, taken apart without knowing its form. The text is the
/// device's: size and count are bounded, nothing in it is trusted.
namespace haetae::formats {

struct RecordLines {
  std::vector<std::string> lines;  ///< each at most 4096 bytes; escapes of JSON are undone
  bool whole = true;               ///< false: more than 4 MiB or 50,000 records
};

/// record_lines() are the single records of a text: the elements of the arrays where it is JSON
/// (RFC 8259; broken JSON is read as far as it goes), rows and lines otherwise, without HTML tags.
[[nodiscard]] RecordLines record_lines(std::string_view text);

/// RecordTime is a time as it was written.
struct RecordTime {
  std::int64_t seconds = 0;  ///< since 1970, as UTC where no zone is given
  bool zone = false;         ///< whether the zone is known (Z, an offset, seconds since 1970)
  bool operator==(const RecordTime&) const = default;
};

/// record_time() finds the first time in a record: RFC 3339 and ISO 8601, RFC 3164 (the year is
/// taken so that the time is nearest to `now`), Common Log Format, and seconds or milliseconds
/// since 1970. `now` is in seconds since 1970.
[[nodiscard]] std::optional<RecordTime> record_time(std::string_view record, std::int64_t now);

/// seconds_apart() is how far a recorded time lies outside begin..end; a time without a zone is
/// moved by whole quarters of an hour first, up to 14 hours, since zones differ by these.
[[nodiscard]] std::int64_t seconds_apart(const RecordTime& time, std::int64_t begin,
                                         std::int64_t end);

}  // namespace haetae::formats
