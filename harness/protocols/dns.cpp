#include "harness/protocols/dns.hpp"

#include <algorithm>
#include <optional>

namespace haetae::protocols::dns {
namespace {

constexpr std::size_t kMostRecords = 64;
constexpr int kMostJumps = 16;

void put16(Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value & 0xff));
}

std::optional<std::uint16_t> get16(ByteView bytes, std::size_t& at) {
  if (bytes.size() < 2 || at > bytes.size() - 2) return std::nullopt;
  const auto value = static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
  at += 2;
  return value;
}

/// name_at() follows compression pointers (RFC 1035, 4.1.4) backwards only and a bounded number of
/// times, so that a loop ends.
std::optional<std::string> name_at(ByteView bytes, std::size_t& at) {
  std::string out;
  std::size_t position = at;
  bool jumped = false;
  for (int jumps = 0; jumps <= kMostJumps;) {
    if (position >= bytes.size()) return std::nullopt;
    const std::uint8_t size = bytes[position];
    if (size == 0) {
      if (!jumped) at = position + 1;
      return out;
    }
    if ((size & 0xc0) == 0xc0) {
      if (position + 1 >= bytes.size()) return std::nullopt;
      const auto target = static_cast<std::size_t>((size & 0x3f) << 8 | bytes[position + 1]);
      if (!jumped) at = position + 2;
      if (target >= position) return std::nullopt;
      jumped = true;
      position = target;
      ++jumps;
      continue;
    }
    if ((size & 0xc0) != 0 || bytes.size() - position - 1 < size || out.size() + size > 255)
      return std::nullopt;
    if (!out.empty()) out.push_back('.');
    out += as_text(bytes.subspan(position + 1, size));
    position += 1u + size;
  }
  return std::nullopt;
}

std::string data_text(ByteView message, std::size_t at, std::size_t size, std::uint16_t type) {
  const ByteView data = message.subspan(at, size);
  if (type == kTxt) {
    std::string out;
    for (std::size_t i = 0; i < data.size();) {
      const std::size_t count = std::min<std::size_t>(data[i], data.size() - i - 1);
      out += as_text(data.subspan(i + 1, count));
      i += 1 + count;
    }
    return printable(out);
  }
  if (type == kPtr || type == kNs) {
    if (const auto name = name_at(message, at)) return printable(*name);
  }
  return to_hex(data.first(std::min<std::size_t>(data.size(), 64)));
}

std::optional<Record> record_at(ByteView bytes, std::size_t& at) {
  const auto name = name_at(bytes, at);
  if (!name) return std::nullopt;
  const auto type = get16(bytes, at);
  const auto klass = get16(bytes, at);
  if (!type || !klass) return std::nullopt;
  at += 4;  // TTL
  const auto size = get16(bytes, at);
  if (!size || bytes.size() - at < *size) return std::nullopt;
  Record record{.name = printable(*name),
                .type = *type,
                .klass = *klass,
                .text = data_text(bytes, at, *size, *type)};
  at += *size;
  return record;
}

}  // namespace

Bytes query(std::uint16_t id, const Question& question) {
  Bytes out;
  put16(out, id);
  put16(out, question.recursion ? 0x0100 : 0);
  put16(out, 1);
  put16(out, 0);
  put16(out, 0);
  put16(out, 0);
  std::string_view rest = question.name;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.size(), rest.find('.'));
    const std::size_t size = std::min<std::size_t>(end, 63);
    if (size > 0) {
      out.push_back(static_cast<std::uint8_t>(size));
      out.insert(out.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    }
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  out.push_back(0);
  put16(out, question.type);
  put16(out, question.klass);
  return out;
}

Result<Message> decode(ByteView datagram) {
  std::size_t at = 0;
  const auto id = get16(datagram, at);
  const auto flags = get16(datagram, at);
  const auto questions = get16(datagram, at);
  const auto answers = get16(datagram, at);
  at += 4;
  if (!id || !flags || !questions || !answers || datagram.size() < 12)
    return fail(ErrorKind::protocol, "the DNS header is not whole");
  Message out{.id = *id,
              .response = (*flags & 0x8000) != 0,
              .authoritative = (*flags & 0x0400) != 0,
              .recursion_available = (*flags & 0x0080) != 0,
              .code = *flags & 0x0f};
  if ((*flags & 0x7800) != 0 || *questions > 16)
    return fail(ErrorKind::protocol, "the DNS header holds no answer to a query");
  for (std::uint16_t i = 0; i < *questions; ++i) {
    if (!name_at(datagram, at) || !get16(datagram, at) || !get16(datagram, at))
      return fail(ErrorKind::protocol, "the DNS question is not whole");
  }
  for (std::uint16_t i = 0; i < *answers; ++i) {
    auto record = out.answers.size() < kMostRecords ? record_at(datagram, at) : std::nullopt;
    if (!record) {
      out.whole = false;
      break;
    }
    out.answers.push_back(std::move(*record));
  }
  return out;
}

}  // namespace haetae::protocols::dns
