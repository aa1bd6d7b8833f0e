#include "testcases/firmware/scanner.hpp"

#include <cstring>
#include <stdexcept>

namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kBuckets = 4096;

std::uint32_t four(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Folding by one bit makes letters equal in either case, and some other bytes too; what comes
// through is compared again.
std::uint32_t hash_of(std::uint32_t value) { return ((value | 0x20202020U) * 2654435761U) >> 16U; }

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(const Anchor& anchor, std::string_view piece) {
  if (!anchor.any_case) return piece == anchor.text;
  for (std::size_t index = 0; index < piece.size(); ++index)
    if (folded(piece[index]) != folded(anchor.text[index])) return false;
  return true;
}

}  // namespace

Scanner::Scanner(std::vector<Anchor> anchors)
    : anchors_(std::move(anchors)), filter_(65536 / 64), buckets_(kBuckets) {
  for (std::size_t index = 0; index < anchors_.size(); ++index) {
    if (anchors_[index].text.size() < 4) throw std::logic_error("an anchor has four bytes or more");
    const std::uint32_t hash = hash_of(four(anchors_[index].text.data()));
    filter_[hash / 64] |= 1ULL << (hash % 64);
    buckets_[hash % kBuckets].push_back(static_cast<std::uint16_t>(index));
  }
}

void Scanner::scan(std::string_view content,
                   const std::function<void(std::size_t, std::size_t)>& found) const {
  if (content.size() < 4) return;
  const std::size_t last = content.size() - 4;
  for (std::size_t at = 0; at <= last; ++at) {
    const std::uint32_t hash = hash_of(four(content.data() + at));
    if ((filter_[hash / 64] >> (hash % 64) & 1U) == 0) continue;
    for (const std::uint16_t index : buckets_[hash % kBuckets]) {
      const Anchor& anchor = anchors_[index];
      if (anchor.text.size() <= content.size() - at &&
          same(anchor, content.substr(at, anchor.text.size())))
        found(index, at);
    }
  }
}

}  // namespace haetae::testcases::firmware
