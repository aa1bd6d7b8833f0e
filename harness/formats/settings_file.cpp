#include "harness/formats/settings_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "harness/formats/update_crypto.hpp"

namespace haetae::formats {
namespace {

constexpr std::size_t kShortest = 16;
constexpr std::size_t kMostTokens = 64;

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool in_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// crc32() is that of IEEE 802.3, highest byte first.
Bytes crc32(std::string_view text) {
  std::uint32_t state = 0xFFFFFFFFU;
  for (const char c : text) {
    state ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit)
      state = (state >> 1U) ^ ((state & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  state = ~state;
  Bytes out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(state >> static_cast<unsigned>(shift)));
  return out;
}

struct Sum {
  std::string_view name;
  std::size_t size;
};
constexpr std::array<Sum, 5> kSums{
    {{"crc32", 4}, {"md5", 16}, {"sha1", 20}, {"sha256", 32}, {"sha512", 64}}};

Bytes digest(std::string_view name, std::string_view text) {
  return name == "crc32" ? crc32(text) : update::hash(name, {as_bytes(text)});
}

/// Place is where a digest stands and what it covers.
struct Place {
  std::string_view sum;
  std::size_t at = 0, length = 0;  ///< of the digest as it is written
  std::size_t from = 0, to = 0;    ///< of what is covered
  bool behind = false;             ///< and what stands behind the digest's line, too
  bool hex = false, upper = false, reversed = false;
};

std::string covered(std::string_view text, const Place& place) {
  std::string out(text.substr(place.from, place.to - place.from));
  if (!place.behind) return out;
  const auto end = text.find('\n', place.at);
  if (end != std::string_view::npos) out += text.substr(end + 1);
  return out;
}

std::string written(std::string_view text, const Place& place) {
  Bytes bytes = digest(place.sum, covered(text, place));
  if (place.reversed) std::ranges::reverse(bytes);
  if (!place.hex) return std::string(as_text(bytes));
  std::string out = to_hex(bytes);
  if (place.upper)
    for (char& c : out) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

bool stands(std::string_view text, const Place& place) {
  return written(text, place) == text.substr(place.at, place.length);
}

std::optional<Place> written_in_hex(std::string_view text) {
  std::size_t tokens = 0;
  for (std::size_t at = 0; at < text.size() && tokens < kMostTokens;) {
    if (!in_word(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    bool hex = true, upper = false;
    for (; end < text.size() && in_word(text[end]); ++end) {
      hex = hex && in_hex(text[end]);
      upper = upper || (text[end] >= 'A' && text[end] <= 'F');
    }
    for (const Sum& sum : kSums) {
      if (!hex || end - at != 2 * sum.size) continue;
      ++tokens;
      const auto line = text.rfind('\n', at);
      const std::size_t start = line == std::string_view::npos ? 0 : line + 1;
      Place place{.sum = sum.name, .at = at, .length = end - at, .hex = true, .upper = upper};
      for (const std::size_t to : {start, at})
        for (const bool behind : {false, true}) {
          place.to = to;
          place.behind = behind;
          if (stands(text, place)) return place;
        }
    }
    at = end;
  }
  return std::nullopt;
}

std::optional<Place> written_in_bytes(std::string_view text) {
  for (const Sum& sum : kSums)
    for (const bool first : {false, true})
      for (const bool reversed : {false, true}) {
        if (reversed && sum.name != "crc32") continue;
        const Place place{.sum = sum.name,
                          .at = first ? 0 : text.size() - std::min(sum.size, text.size()),
                          .length = sum.size,
                          .from = first ? sum.size : 0,
                          .to = first ? text.size() : text.size() - std::min(sum.size, text.size()),
                          .reversed = reversed};
        if (text.size() > 2 * sum.size && stands(text, place)) return place;
      }
  return std::nullopt;
}

/// changeable() is the letter or digit nearest to the middle of [from, to): a changed line end says
/// less than a changed word.
std::size_t changeable(std::string_view text, std::size_t from, std::size_t to) {
  const std::size_t middle = from + (to - from) / 2;
  for (std::size_t step = 0; step < (to - from) / 2; ++step)
    for (const std::size_t at : {middle + step, middle - step})
      if (at >= from && at < to && in_word(text[at])) return at;
  return middle;
}

AlteredSettings flipped(std::string_view text, std::size_t from, std::size_t to) {
  const std::size_t at = changeable(text, from, to);
  AlteredSettings out{.mutation = "flip", .what = fmt::format("bit 0 of byte {}", at), .bytes = {}};
  const auto bytes = as_bytes(text);
  out.bytes.assign(bytes.begin(), bytes.end());
  out.bytes[at] ^= 1U;
  return out;
}

AlteredSettings with_value(std::string_view text, std::size_t at, std::string_view from,
                           std::string_view to) {
  std::string changed(text);
  changed.replace(at, from.size(), to);
  const auto bytes = as_bytes(changed);
  return {.mutation = "value",
          .what = fmt::format("the declared value at byte {}", at),
          .bytes = Bytes(bytes.begin(), bytes.end()),
          .has_value = true};
}

/// fixed() changes what a digest covers and writes the digest anew.
std::optional<AlteredSettings> fixed(std::string_view text, const Place& place,
                                     std::optional<std::size_t> value, std::string_view from,
                                     std::string_view to) {
  std::size_t begin = place.from, end = place.to;
  if (const auto line = text.find('\n', place.at);
      place.behind && line != std::string_view::npos && text.size() - line > end - begin) {
    begin = line + 1;
    end = text.size();
  }
  if (end <= begin) return std::nullopt;
  const bool by_value =
      value && from.size() == to.size() && *value >= begin && *value + from.size() <= end;
  AlteredSettings out = by_value ? with_value(text, *value, from, to) : flipped(text, begin, end);
  const std::string changed(as_text(out.bytes));
  const std::string sum = written(changed, place);
  std::ranges::copy(as_bytes(sum), out.bytes.begin() + static_cast<std::ptrdiff_t>(place.at));
  out.mutation = "checksum-fixed";
  out.what += fmt::format(", and the {} at byte {} made anew", place.sum, place.at);
  return out;
}

}  // namespace

std::vector<AlteredSettings> altered_settings(ByteView file, std::string_view from,
                                              std::string_view to) {
  std::vector<AlteredSettings> out;
  if (file.size() < kShortest || file.size() > kMostSettings) return out;
  const std::string_view text = as_text(file);
  std::optional<std::size_t> value;
  if (!from.empty() && from != to)
    if (const auto at = text.find(from); at != std::string_view::npos) value = at;
  out.push_back(flipped(text, 0, text.size()));
  if (value) out.push_back(with_value(text, *value, from, to));
  const auto half = file.first(file.size() / 2);
  out.push_back({.mutation = "truncated",
                 .what = fmt::format("the first {} of {} bytes", half.size(), file.size()),
                 .bytes = Bytes(half.begin(), half.end())});
  auto place = written_in_hex(text);
  if (!place) place = written_in_bytes(text);
  if (place)
    if (auto one = fixed(text, *place, value, from, to)) out.push_back(std::move(*one));
  return out;
}

}  // namespace haetae::formats
