#include "testcases/input/message.hpp"

#include <algorithm>

namespace haetae::testcases::input {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): the same list on every machine.
std::uint64_t next(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

}  // namespace

MessageList& MessageList::of(std::string target, std::vector<Bytes> before) {
  target_ = std::move(target);
  before_ = std::move(before);
  return *this;
}

MessageList& MessageList::fixed(std::string place, std::string name, Bytes bytes) {
  out_.push_back({.name = std::move(name),
                  .target = target_,
                  .place = std::move(place),
                  .family = "malformed",
                  .sized = false,
                  .before = before_,
                  .make = [bytes = std::move(bytes)](std::size_t) { return bytes; }});
  return *this;
}

MessageList& MessageList::sized(std::string place, std::string name, Make make) {
  out_.push_back({.name = std::move(name),
                  .target = target_,
                  .place = std::move(place),
                  .family = "overlong",
                  .sized = true,
                  .before = before_,
                  .make = std::move(make)});
  return *this;
}

MessageList& MessageList::shaken(std::uint64_t seed, const Bytes& base, std::size_t from,
                                 int count) {
  std::uint64_t state = seed;
  for (int number = 1; number <= count && base.size() > from; ++number) {
    Bytes bytes = base;
    for (int turn = 0; turn < 3; ++turn) {
      const std::uint64_t drawn = next(state);
      const std::size_t at = from + static_cast<std::size_t>(drawn % (base.size() - from));
      bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U + (drawn >> 32U) % 255U));
    }
    fixed("bytes", "seed-" + std::to_string(seed) + "-number-" + std::to_string(number),
          std::move(bytes));
  }
  return *this;
}

Wire& Wire::number(std::uint64_t value, int width) {
  for (int at = width - 1; at >= 0; --at)
    bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * at) & 0xffU));
  return *this;
}

Wire& Wire::put(ByteView bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

Wire& Wire::many(std::size_t count, std::uint8_t byte) {
  bytes_.insert(bytes_.end(), count, byte);
  return *this;
}

Bytes changed(Bytes bytes, std::size_t at, std::uint64_t value, int width) {
  const Bytes over = Wire().number(value, width).bytes();
  for (std::size_t i = 0; i < over.size() && at + i < bytes.size(); ++i) bytes[at + i] = over[i];
  return bytes;
}

Bytes cut(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(),
          bytes.begin() + static_cast<std::ptrdiff_t>(std::min(count, bytes.size()))};
}

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace haetae::testcases::input
