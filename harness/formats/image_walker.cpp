#include "harness/formats/image_walker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <memory>

#include "harness/formats/image_gap.hpp"

namespace haetae::formats::image {
namespace {

constexpr std::size_t kLongestPath = 4096;  // PATH_MAX of Linux
constexpr std::size_t kLongestWay = 16384;
constexpr std::uint64_t kMostParts = 200'000;

// Two bytes that begin some magic; one look tells for nearly every position that none is there.
struct Starts {
  std::bitset<65536> pairs;
  std::array<std::vector<const Format*>, 256> by_first;
};

const Starts& starts() {
  static const Starts made = [] {
    Starts out;
    for (const Format& format : formats_known()) {
      if (format.only_at_start || format.magic.size() < 2) continue;
      const auto first = static_cast<std::uint8_t>(format.magic[0]);
      const auto second = static_cast<std::uint8_t>(format.magic[1]);
      out.pairs.set(static_cast<std::size_t>(first) << 8U | second);
      out.by_first.at(first).push_back(&format);
    }
    return out;
  }();
  return made;
}

bool climbs(std::string_view path) {
  int level = 0;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view step = path.substr(0, slash);
    path.remove_prefix(std::min(path.size(), slash + 1));
    if (step == "..") {
      if (--level < 0) return true;
    } else if (!step.empty() && step != ".") {
      ++level;
    }
  }
  return false;
}

bool has_step_up(std::string_view path) {
  for (std::size_t at = path.find(".."); at != std::string_view::npos;
       at = path.find("..", at + 1)) {
    const bool begins_step = at == 0 || path[at - 1] == '/';
    const bool ends_step = at + 2 == path.size() || path[at + 2] == '/';
    if (begins_step && ends_step) return true;
  }
  return false;
}

// Files that hold boot images in a file system; their inside is searched though it does not begin
// with a container.
bool named_like_an_image(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view start :
       {"vmlinu", "zImage", "uImage", "bzImage", "Image", "kernel", "initr", "rootfs", "u-boot"}) {
    if (name.starts_with(start)) return true;
  }
  for (const std::string_view end :
       {".img", ".itb", ".trx", ".ubi", ".squashfs", ".sqsh", ".swu"}) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

bool begins_container(ByteView bytes) {
  if (bytes.size() < 16) return false;
  const auto& formats = formats_known();
  return std::any_of(formats.begin(), formats.end(), [&](const Format& format) {
    return format.name != "device-tree" && begins(bytes, format.magic, format.at) &&
           format.looks_like(bytes);
  });
}

}  // namespace

Walker::Walker(const Bounds& bounds, Visitor& visitor, std::stop_token stop)
    : bounds_(bounds),
      visitor_(visitor),
      stop_(std::move(stop)),
      end_(std::chrono::steady_clock::now() + bounds.time) {}

void Walker::reach(std::string why) {
  const std::lock_guard lock(guard_);
  if (bound_.empty()) bound_ = std::move(why);
  bounded_ = true;
}

bool Walker::may_go_on() {
  if (bounded_) return false;
  if (stop_.stop_requested()) {
    reach("the walk was asked to stop");
  } else if (std::chrono::steady_clock::now() >= end_) {
    reach(fmt::format("the limit of {} seconds was reached", bounds_.time.count()));
  }
  return !bounded_;
}

bool Walker::may_expand(std::uint64_t bytes) {
  if (bounded_) return false;
  const std::uint64_t before = expanded_.fetch_add(bytes);
  if (before > bounds_.expanded || bytes > bounds_.expanded - before) {
    expanded_ -= bytes;
    reach(fmt::format("the limit of {} unpacked bytes was reached", bounds_.expanded));
    return false;
  }
  return true;
}

std::string Walker::stopped_why() {
  const std::lock_guard lock(guard_);
  return bound_;
}

std::string Walker::incomplete_why() {
  const std::lock_guard lock(guard_);
  return incomplete_.empty() ? bound_ : incomplete_;
}

int Walker::take_threads() {
  return threads_taken_.exchange(true) ? 1 : std::clamp(bounds_.threads, 1, 16);
}

void Walker::give_threads(int count) {
  if (count > 1) threads_taken_ = false;
}

void Walker::part(Part part) {
  if (part.state != "unpacked" && part.state != "plain") {
    const std::lock_guard lock(guard_);
    if (incomplete_.empty()) {
      incomplete_ = fmt::format("{} at offset {}{} is {}: {}", part.format, part.offset,
                                part.inside.empty() ? "" : " of " + printable(part.inside),
                                part.state, part.why);
    }
  } else {
    part.why.clear();
  }
  if (++parts_ > kMostParts) {
    reach(fmt::format("the limit of {} parts was reached", kMostParts));
    return;
  }
  visitor_.part(part);
}

void Walker::raw(const Stream& stream, std::uint64_t offset, std::uint64_t length) {
  if (stream.handed || length == 0 || !may_go_on()) return;
  Member member;
  member.path = fmt::format("/raw@0x{:x}", stream.base + offset);
  member.inside = stream.way;
  member.offset = stream.direct ? stream.base + offset : stream.origin;
  member.kind = "raw";
  member.mode_known = false;
  member.size = length;
  ++members_;
  visitor_.member(member, stream.bytes.subspan(offset, length));
}

void Walker::member(const Place& place, Member member, ByteView content) {
  if (!may_go_on()) return;
  if (++members_ > bounds_.members) {
    --members_;
    reach(fmt::format("the limit of {} members was reached", bounds_.members));
    return;
  }
  member.inside = place.way;
  member.offset = place.origin;
  if (!member.path.starts_with('/')) member.path.insert(0, "/");
  member.escapes =
      member.escapes || has_step_up(member.path) || member.path.find('\0') != std::string::npos;
  if (member.kind == "link" && !member.target.empty()) {
    const std::string folder = member.path.substr(0, member.path.rfind('/') + 1);
    member.escapes =
        member.escapes ||
        climbs(member.target.starts_with('/') ? member.target : folder + member.target);
  }
  if (member.path.size() > kLongestPath || member.target.size() > kLongestPath) {
    member.path.resize(std::min(member.path.size(), kLongestPath));
    member.target.resize(std::min(member.target.size(), kLongestPath));
    part({.offset = place.offset,
          .length = 0,
          .format = "unknown",
          .state = "bounded",
          .inside = place.inside,
          .why = fmt::format("a name longer than {} bytes was cut", kLongestPath)});
  }
  const bool file = member.kind == "file";
  if (file) member.size = content.size();
  member.container = file && begins_container(content);
  // A container's own bytes would tell everything in it a second time.
  visitor_.member(member, file && !member.container ? content : ByteView());
  if (!file || content.size() < 16 || place.way.size() + member.path.size() > kLongestWay) return;
  const bool at_top = member.path.find('/', 1) == std::string::npos;
  const bool update = place.format == "swu" || place.format == "mender";
  Thorough how = Thorough::as_file;
  if (place.how == Thorough::as_image && (at_top || update)) {
    how = Thorough::as_image;
  } else if (named_like_an_image(member.path)) {
    how = Thorough::as_search;
  }
  examine({.bytes = content,
           .way = place.way + "(" + member.path + ")",
           .origin = place.origin,
           .depth = place.depth + 1,
           .how = how,
           .handed = !member.container});
}

void Walker::unpacked(const Place& place, ByteView bytes) {
  examine({.bytes = bytes,
           .way = place.way,
           .origin = place.origin,
           .depth = place.depth + 1,
           .how = place.how});
}

void Walker::wrapped(const Place& place, std::uint64_t at, std::uint64_t length) {
  if (at >= place.bytes.size()) return;
  examine(
      {.bytes = place.bytes.subspan(at, std::min<std::uint64_t>(length, place.bytes.size() - at)),
       .way = place.way,
       .origin = place.origin,
       .depth = place.depth + 1,
       .how = place.how,
       .base = place.offset + at,
       .direct = place.direct,
       .handed = place.handed});
}

void Walker::raw_of(const Place& place, std::uint64_t at, std::uint64_t length) {
  raw({.bytes = place.bytes,
       .way = place.inside,
       .origin = place.origin,
       .depth = place.depth,
       .how = place.how,
       .base = place.offset,
       .direct = place.direct,
       .handed = place.handed},
      at, length);
}

void Walker::known_data(const Place& place, std::uint64_t at, std::uint64_t length) {
  if (length == 0) return;
  part({.offset = place.offset + at,
        .length = length,
        .format = "data",
        .state = "plain",
        .inside = place.way,
        .why = ""});
  raw_of(place, at, length);
}

std::uint64_t Walker::container(const Stream& stream, std::uint64_t offset, bool carved) {
  const ByteView rest = stream.bytes.subspan(offset);
  for (const Format& format : formats_known()) {
    if (carved && format.only_at_start) continue;
    if (!begins(rest, format.magic, format.at) || !format.looks_like(rest)) continue;
    const std::uint64_t shown = stream.base + offset;
    const std::string step = fmt::format("{}@{}", format.name, shown);
    Place place{.bytes = rest,
                .format = format.name,
                .inside = stream.way,
                .way = stream.way.empty() ? step : stream.way + "/" + step,
                .offset = shown,
                .origin = stream.direct ? shown : stream.origin,
                .depth = stream.depth,
                .how = stream.how,
                .direct = stream.direct,
                .handed = stream.handed,
                .carved = carved};
    Outcome made;
    const std::uint64_t before = members_;
    if (stream.depth >= bounds_.depth) {
      made = {.length = rest.size(),
              .state = "bounded",
              .why = fmt::format("it lies deeper than {} containers", bounds_.depth)};
    } else {
      made = format.open(*this, place);
    }
    if (made.length == 0) continue;
    made.length = std::min<std::uint64_t>(made.length, rest.size());
    if (const std::string why = stopped_why(); !why.empty() && made.state == "unpacked") {
      made.state = "bounded";
      made.why = why;
    }
    part({.offset = shown,
          .length = made.length,
          .format = made.format.empty() ? std::string(format.name) : made.format,
          .state = made.state,
          .inside = stream.way,
          .why = made.why});
    // What could not be opened at all is at least searched as it is.
    if (made.state != "unpacked" && made.state != "plain" && members_ == before) {
      raw(stream, offset, made.length);
    }
    return made.length;
  }
  return 0;
}

void Walker::gap(const Stream& stream, std::uint64_t offset, std::uint64_t length) {
  if (length == 0 || stream.how != Thorough::as_image) {
    // Among other files nothing is said of what is no container, but its bytes are handed over.
    raw(stream, offset, length);
    return;
  }
  for (Gap piece : pieces_of(stream.bytes, offset, length)) {
    if (!may_go_on()) return;
    if (stream.way.empty() && length == stream.bytes.size() && piece.format == "unknown" &&
        piece.state == "plain") {
      piece.state = "unknown";
      piece.why = "nothing in the image has a format that is known";
    }
    part({.offset = stream.base + piece.offset,
          .length = piece.length,
          .format = piece.format,
          .state = piece.state,
          .inside = stream.way,
          .why = piece.why});
    if (piece.format != "padding") raw(stream, piece.offset, piece.length);
  }
}

void Walker::examine(const Stream& stream) {
  const ByteView bytes = stream.bytes;
  if (bytes.empty()) return;
  std::uint64_t at = container(stream, 0, false);
  if (stream.how == Thorough::as_file) {
    if (at == 0) raw(stream, 0, bytes.size());
    return;
  }
  const Starts& known = starts();
  std::uint64_t gap_from = at;
  // The last container may end behind the last position that can hold a magic.
  for (std::uint64_t pos = at; pos + 2 <= bytes.size();) {
    if (!known.pairs[static_cast<std::size_t>(bytes[pos]) << 8U | bytes[pos + 1]]) {
      ++pos;
      continue;
    }
    std::uint64_t length = 0, start = pos;
    for (const Format* format : known.by_first[bytes[pos]]) {
      if (pos < gap_from + format->at || !begins(bytes, format->magic, pos)) continue;
      start = pos - format->at;
      if (start % format->align != 0 || !format->looks_like(bytes.subspan(start))) continue;
      if (!may_go_on()) break;
      length = container(stream, start, start != 0);
      if (length != 0) break;
    }
    if (!may_go_on()) break;
    if (length == 0) {
      ++pos;
      continue;
    }
    gap(stream, gap_from, start - gap_from);
    pos = gap_from = start + length;
  }
  if (may_go_on()) {
    gap(stream, gap_from, bytes.size() - gap_from);
  } else if (stream.way.empty() && gap_from < bytes.size()) {
    part({.offset = gap_from,
          .length = bytes.size() - gap_from,
          .format = "unknown",
          .state = "bounded",
          .inside = "",
          .why = stopped_why()});
  }
}

}  // namespace haetae::formats::image
