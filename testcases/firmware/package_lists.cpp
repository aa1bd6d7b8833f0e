#include "testcases/firmware/package_lists.hpp"

#include <algorithm>

namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kMost = 15'000;
constexpr std::size_t kLongest = 200;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

// Entries are parted by an empty line; `field` gets each line of one.
template <class Field, class Done>
void entries(std::string_view text, const Field& field, const Done& done) {
  std::size_t begin = 0;
  bool any = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (trimmed(line).empty()) {
      if (any) done(begin, at - begin);
      any = false;
      begin = end + 1;
    } else {
      any = true;
      field(line);
    }
    at = end + 1;
  }
  if (any) done(begin, text.size() - begin);
}

void keep(Packages& out, Package& package, bool wanted) {
  if (wanted &&
      (package.name.empty() || package.version.empty() || package.name.size() > kLongest ||
       package.version.size() > kLongest || out.installed.size() >= kMost))
    out.whole = false;
  else if (wanted)
    out.installed.push_back(package);
  package = {};
}

}  // namespace

Packages read_control(ByteView text) {
  Packages out;
  Package package;
  bool installed = true;
  entries(
      as_text(text),
      [&](std::string_view line) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || line.front() == ' ') return;
        const std::string_view name = line.substr(0, colon),
                               value = trimmed(line.substr(colon + 1));
        if (name == "Package") package.name = value;
        if (name == "Version") package.version = value;
        if (name == "Source") package.source = value.substr(0, value.find(' '));
        if (name == "Status") installed = value.ends_with(" installed");
      },
      [&](std::size_t at, std::size_t size) {
        package.at = at;
        package.size = size;
        keep(out, package, installed);
        installed = true;
      });
  return out;
}

Packages read_apk(ByteView text) {
  Packages out;
  Package package;
  entries(
      as_text(text),
      [&](std::string_view line) {
        if (line.size() < 2 || line[1] != ':') return;
        const std::string_view value = trimmed(line.substr(2));
        if (line[0] == 'P') package.name = value;
        if (line[0] == 'V') package.version = value;
        if (line[0] == 'o') package.source = value;
      },
      [&](std::size_t at, std::size_t size) {
        package.at = at;
        package.size = size;
        keep(out, package, true);
      });
  return out;
}

}  // namespace haetae::testcases::firmware
