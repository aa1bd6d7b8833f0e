#include "reports/machine/texts.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace haetae::reports {

namespace {

constexpr std::string_view kHex = "0123456789abcdefABCDEF";
constexpr std::array<std::size_t, 4> kDashes{8, 13, 18, 23};

int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = -1;
  const char* const end = text.data() + at + count;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  return error == std::errc() && stop == end ? value : -1;
}

}  // namespace

std::string plain(std::string_view text, std::size_t line_limit) {
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) out += '\n';
    out += printable(text.substr(begin, end - begin), line_limit);
    begin = end + 1;
  }
  return out;
}

std::string line(std::string_view text, std::size_t limit) {
  std::string out = printable(text, limit);
  const std::size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return "-";
  return out.substr(first, out.find_last_not_of(' ') - first + 1);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool dash = std::ranges::find(kDashes, at) != kDashes.end();
    if (dash ? text[at] != '-' : kHex.find(text[at]) == std::string_view::npos) return false;
  }
  return text[14] >= '1' && text[14] <= '8' &&
         std::string_view("89abAB").find(text[19]) != std::string_view::npos;
}

std::string uuid5(std::string_view name_space, std::string_view name) {
  Bytes input;
  if (is_uuid(name_space)) {
    for (std::size_t at = 0; at < name_space.size();) {
      if (name_space[at] == '-') {
        ++at;
        continue;
      }
      std::uint8_t byte = 0;
      std::from_chars(name_space.data() + at, name_space.data() + at + 2, byte, 16);
      input.push_back(byte);
      at += 2;
    }
  } else {
    input.assign(16, 0);
  }
  input.insert(input.end(), name.begin(), name.end());
  // RFC 9562 names SHA-1 here; nothing rests on its strength.
  std::array<std::uint8_t, 20> hash{};
  unsigned size = 0;
  EVP_Digest(input.data(), input.size(), hash.data(), &size, EVP_sha1(), nullptr);
  hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0FU) | 0x50U);
  hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3FU) | 0x80U);
  std::string out = to_hex(ByteView(hash).first(16));
  for (const std::size_t dash : kDashes) out.insert(dash, 1, '-');
  return out;
}

bool is_instant(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z') {
    return false;
  }
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (year < 1900 || month < 0 || day < 0 || !date.ok() || hour < 0 || hour > 23 || minute < 0 ||
      minute > 59 || second < 0 || second > 59) {
    return false;
  }
  const std::string_view rest = text.substr(19, text.size() - 20);
  return rest.empty() || (rest.size() > 1 && rest.front() == '.' &&
                          rest.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

const Waiver* waiver_of(const Report& report, const Item& item, const Criterion& criterion,
                        const Finding& finding) {
  const Waiver* found = nullptr;
  for (const Waiver& waiver : report.waivers) {
    const bool meant = (!finding.code.empty() && waiver.target == finding.code) ||
                       waiver.target == criterion.id || waiver.target == item.id;
    if (!meant) continue;
    if (waiver.state == "in-force") return &waiver;
    found = &waiver;
  }
  return found;
}

std::string root_of(const Report& report) {
  if (report.verification && !report.verification->root.empty()) return report.verification->root;
  return report.links.empty() ? std::string() : report.links.back().hash;
}

}  // namespace haetae::reports
