#include "harness/protocols/ber.hpp"

#include <algorithm>

namespace haetae::protocols::ber {

std::optional<Item> Cursor::next() {
  if (rest_.size() < 2) return std::nullopt;
  const std::uint8_t tag = rest_[0];
  std::size_t size = rest_[1];
  std::size_t head = 2;
  if (size >= 0x80) {
    const std::size_t count = size & 0x7f;
    if (count == 0 || count > 3 || rest_.size() < 2 + count) return std::nullopt;
    size = 0;
    for (std::size_t i = 0; i < count; ++i) size = size << 8 | rest_[2 + i];
    head += count;
  }
  if (rest_.size() - head < size) return std::nullopt;
  const Item item{tag, rest_.subspan(head, size)};
  rest_ = rest_.subspan(head + size);
  return item;
}

std::optional<ByteView> Cursor::next(std::uint8_t tag) {
  const ByteView before = rest_;
  const auto item = next();
  if (item && item->tag == tag) return item->value;
  rest_ = before;
  return std::nullopt;
}

std::optional<std::int64_t> Cursor::integer(std::uint8_t tag) {
  const auto value = next(tag);
  if (!value || value->empty() || value->size() > 8) return std::nullopt;
  std::uint64_t out = (value->front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : *value) out = out << 8 | byte;
  return static_cast<std::int64_t>(out);
}

Bytes wrap(std::uint8_t tag, ByteView value) {
  Bytes out{tag};
  const std::size_t size = std::min<std::size_t>(value.size(), 0xffff);
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
  } else {
    out.insert(out.end(), {0x82, static_cast<std::uint8_t>(size >> 8),
                           static_cast<std::uint8_t>(size & 0xff)});
  }
  out.insert(out.end(), value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size));
  return out;
}

Bytes integer(std::int64_t value) {
  Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
  std::size_t start = 0;
  while (start + 1 < bytes.size() && ((bytes[start] == 0 && (bytes[start + 1] & 0x80) == 0) ||
                                      (bytes[start] == 0xff && (bytes[start + 1] & 0x80) != 0)))
    ++start;
  return wrap(0x02, ByteView(bytes).subspan(start));
}

Bytes text(std::string_view value) { return wrap(0x04, as_bytes(value)); }

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace haetae::protocols::ber
