#include "harness/formats/security_txt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

namespace haetae::formats {
namespace {

constexpr std::size_t kMostBytes = 256 * 1024;
constexpr int kMostLines = 2000;
constexpr std::size_t kMostContacts = 32, kLongestContact = 500;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

bool field_name(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool usable_contact(std::string_view value) {
  if (value.size() > kLongestContact) return false;
  for (const char c : value)
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) return false;
  const std::string text = lower(value);
  if (text.starts_with("mailto:")) {
    const auto at = text.find('@');
    return at != std::string::npos && at > 7 && at + 1 < text.size();
  }
  if (text.starts_with("tel:")) return text.find_first_of("0123456789") != std::string::npos;
  return text.starts_with("https://") && text.size() > 8 && text[8] != '/';
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  const std::string_view part = text.substr(at, count);
  int value = 0;
  const auto [end, code] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (code != std::errc() || end != part.data() + part.size() || part[0] == '-')
    return std::nullopt;
  return value;
}

/// offset_of() is what stands behind the seconds: Z or +hh:mm, in minutes.
std::optional<int> offset_of(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  const auto hours = digits(zone, 1, 2);
  const auto minutes = digits(zone, 4, 2);
  if (zone.size() != 6 || zone[3] != ':' || !hours || !minutes || *hours > 23 || *minutes > 59)
    return std::nullopt;
  if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

void take_field(SecurityTxt& out, const std::string& name, std::string_view value) {
  if (name == "contact") {
    if (!usable_contact(value))
      ++out.odd_contacts;
    else if (out.contacts.size() < kMostContacts)
      out.contacts.emplace_back(value);
  } else if (name == "expires") {
    ++out.expires_fields;
    out.expires = utc_of(value);
  } else if (name == "preferred-languages") {
    ++out.language_fields;
  }
}

}  // namespace

std::string utc_of(std::string_view text) {
  using namespace std::chrono;
  const auto y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
  const auto h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s) return {};
  const bool shape = text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':' &&
                     (text[10] == 'T' || text[10] == 't' || text[10] == ' ');
  if (!shape || *h > 23 || *mi > 59 || *s > 60) return {};
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    const std::size_t from = ++at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == from) return {};
  }
  const auto offset = offset_of(text.substr(at));
  const year_month_day date{year(*y), month(static_cast<unsigned>(*mo)),
                            day(static_cast<unsigned>(*d))};
  if (!offset || !date.ok()) return {};
  const auto moment =
      sys_days(date) + hours(*h) + minutes(*mi) + seconds(std::min(*s, 59)) - minutes(*offset);
  const auto whole = floor<days>(moment);
  const year_month_day in_utc{whole};
  if (static_cast<int>(in_utc.year()) < 1 || static_cast<int>(in_utc.year()) > 9999) return {};
  const auto rest = (moment - whole).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(in_utc.year()),
                     static_cast<unsigned>(in_utc.month()), static_cast<unsigned>(in_utc.day()),
                     rest / 3600, rest / 60 % 60, rest % 60);
}

SecurityTxt read_security_txt(std::string_view text) {
  SecurityTxt out;
  out.cut = text.size() > kMostBytes;
  text = text.substr(0, kMostBytes);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  bool head = false;  // the armour's own headers, up to the first blank line
  int lines = 0;
  while (!text.empty()) {
    if (++lines > kMostLines) {
      out.cut = true;
      break;
    }
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == "-----BEGIN PGP SIGNED MESSAGE-----") {
      out.clear_signed = head = true;
      continue;
    }
    if (line == "-----BEGIN PGP SIGNATURE-----" && out.clear_signed) break;
    if (line.empty()) head = false;
    if (head || line.empty() || line.front() == '#') continue;
    const std::size_t colon = line.find(':');
    const std::string name =
        colon == std::string_view::npos ? std::string() : lower(line.substr(0, colon));
    if (!field_name(name))
      ++out.odd_lines;
    else
      take_field(out, name, trimmed(line.substr(colon + 1)));
  }
  if (out.expires_fields != 1) out.expires.clear();
  return out;
}

}  // namespace haetae::formats
