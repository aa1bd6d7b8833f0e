#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "harness/formats/image.hpp"
#include "harness/formats/image_scratch.hpp"
#include "harness/model/bytes.hpp"

/// What the readers of one walk share: the bounds, the visitor and the way back into the walk.
namespace haetae::formats::image {

/// Thorough says how a stream is looked at.
enum class Thorough {
  as_image,   ///< every byte is accounted for: containers anywhere, and what lies between them
  as_search,  ///< containers anywhere; what lies between them is no news
  as_file,    ///< only if it is a container from its first byte on
};

/// Stream is a run of bytes in work: the outermost image, or something unpacked from it.
struct Stream {
  ByteView bytes;
  std::string way;           ///< steps to it, empty for the outermost image
  std::uint64_t origin = 0;  ///< of its outermost step in the outermost image
  int depth = 0;
  Thorough how = Thorough::as_image;
  std::uint64_t base = 0;  ///< where the bytes begin in the stream that offsets count in
  bool direct = false;     ///< the bytes stand in the outermost image as they are
  bool handed = false;     ///< the visitor has seen these bytes as a member
};

/// Place is where a container begins in a stream; its bytes run to the end of the stream.
struct Place {
  ByteView bytes;
  std::string_view format;   ///< as recognised
  std::string inside;        ///< way to the stream
  std::string way;           ///< way with this container as last step
  std::uint64_t offset = 0;  ///< in the stream
  std::uint64_t origin = 0;  ///< in the outermost image
  int depth = 0;
  Thorough how = Thorough::as_image;
  bool direct = false;  ///< as in Stream
  bool handed = false;  ///< as in Stream
  bool carved = false;  ///< found by searching: a reader must be strict
};

/// Outcome is what a reader made of a place. Length 0: it is not this format after all.
struct Outcome {
  std::uint64_t length = 0;
  std::string state = "unpacked";
  std::string why = {};
  std::string format = {};  ///< another word than the recognised one
};

/// Walker is one walk. Its functions may be called from several threads.
class Walker {
 public:
  Walker(const Bounds& bounds, Visitor& visitor, std::stop_token stop);

  /// examine() takes a stream apart.
  void examine(const Stream& stream);
  /// unpacked() examines what came out of a container besides members: a decompressed stream.
  void unpacked(const Place& place, ByteView bytes);
  /// wrapped() examines a stretch of the container itself, such as the payload behind a header;
  /// offsets go on counting in the stream around it.
  void wrapped(const Place& place, std::uint64_t at, std::uint64_t length);
  /// raw_of() hands over a stretch of the container as a raw member, unless it was seen already.
  void raw_of(const Place& place, std::uint64_t at, std::uint64_t length);
  /// known_data() tells of a stretch of the container that holds nothing to open, and hands it
  /// over.
  void known_data(const Place& place, std::uint64_t at, std::uint64_t length);
  /// member() completes a member of `place` (way, offset, checks of the name), counts it, hands it
  /// over and examines its content.
  void member(const Place& place, Member member, ByteView content);
  /// may_go_on() is false once a bound is reached or the walk was asked to stop.
  [[nodiscard]] bool may_go_on();
  /// may_expand() asks for room for so many bytes of one stream or member, and counts them.
  [[nodiscard]] bool may_expand(std::uint64_t bytes);
  void part(Part part);
  /// stopped_why() is the bound that was reached, empty if none was.
  [[nodiscard]] std::string stopped_why();
  [[nodiscard]] const Bounds& bounds() const { return bounds_; }
  /// threads() gives the worker threads to the first reader that asks and one to all others.
  [[nodiscard]] int take_threads();
  void give_threads(int count);

  [[nodiscard]] std::uint64_t members() const { return members_; }
  [[nodiscard]] std::uint64_t expanded() const { return expanded_; }
  [[nodiscard]] std::string incomplete_why();

 private:
  void reach(std::string why);
  void raw(const Stream& stream, std::uint64_t offset, std::uint64_t length);
  void gap(const Stream& stream, std::uint64_t offset, std::uint64_t length);
  [[nodiscard]] std::uint64_t container(const Stream& stream, std::uint64_t offset, bool carved);

  Bounds bounds_;
  Visitor& visitor_;
  std::stop_token stop_;
  std::chrono::steady_clock::time_point end_;
  std::atomic<std::uint64_t> members_ = 0, expanded_ = 0, parts_ = 0;
  std::atomic<bool> bounded_ = false;
  std::atomic<bool> threads_taken_ = false;
  std::mutex guard_;
  std::string bound_, incomplete_;
};

/// Format is a reader with what tells that it may be its turn.
struct Format {
  std::string_view name;  ///< word of Part::format
  /// looks_like() is quick and strict enough that open() is worth a try.
  bool (*looks_like)(ByteView bytes);
  Outcome (*open)(Walker& walker, const Place& place);
  std::string_view magic;      ///< bytes to search for
  std::uint64_t at = 0;        ///< where the magic stands in the container
  std::uint64_t align = 1;     ///< containers begin at multiples of this in a stream
  bool only_at_start = false;  ///< never searched for
};

/// formats_known() are all readers, the surest first.
[[nodiscard]] const std::vector<Format>& formats_known();

/// read numbers; the caller has checked the length
[[nodiscard]] inline std::uint64_t little(ByteView bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8U | bytes[at + i];
  return value;
}
[[nodiscard]] inline std::uint64_t big(ByteView bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | bytes[at + i];
  return value;
}
[[nodiscard]] inline std::uint32_t little32(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little(bytes, at, 4));
}
[[nodiscard]] inline std::uint32_t little16(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(little(bytes, at, 2));
}
[[nodiscard]] inline std::uint32_t big32(ByteView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(big(bytes, at, 4));
}
/// fits() is true if `length` bytes from `at` lie in `bytes`, without overflow.
[[nodiscard]] inline bool fits(ByteView bytes, std::uint64_t at, std::uint64_t length) {
  return at <= bytes.size() && length <= bytes.size() - at;
}
[[nodiscard]] inline bool begins(ByteView bytes, std::string_view magic, std::size_t at = 0) {
  return fits(bytes, at, magic.size()) && as_text(bytes.subspan(at, magic.size())) == magic;
}

}  // namespace haetae::formats::image
