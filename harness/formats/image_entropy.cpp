#include "harness/formats/image_entropy.hpp"

#include <algorithm>
#include <cmath>

namespace haetae::formats::image {

Histogram count_values(ByteView bytes) {
  // Four tables: equal neighbours would wait for each other's increment in one.
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  Histogram out{};
  constexpr std::size_t kPiece = 1U << 30U;
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), kPiece));
    bytes = bytes.subspan(piece.size());
    std::size_t i = 0;
    for (; i + 4 <= piece.size(); i += 4) {
      ++tables[0][piece[i]];
      ++tables[1][piece[i + 1]];
      ++tables[2][piece[i + 2]];
      ++tables[3][piece[i + 3]];
    }
    for (; i < piece.size(); ++i) ++tables[0][piece[i]];
    for (auto& table : tables) {
      for (std::size_t value = 0; value < 256; ++value) out[value] += table[value];
      table.fill(0);
    }
  }
  return out;
}

double entropy_of(const Histogram& counts) {
  std::uint64_t total = 0;
  for (const std::uint64_t count : counts) total += count;
  if (total == 0) return 0;
  double bits = 0;
  for (const std::uint64_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(total);
    bits -= share * std::log2(share);
  }
  return std::max(0.0, bits);
}

std::vector<Band> bands_of(ByteView bytes, std::uint64_t most) {
  std::vector<Band> out;
  constexpr std::uint64_t kUnit = 1024;
  std::uint64_t length = (bytes.size() + most - 1) / most;
  length = std::max(kUnit, (length + kUnit - 1) / kUnit * kUnit);
  for (std::uint64_t at = 0; at < bytes.size(); at += length) {
    const ByteView band = bytes.subspan(at, std::min<std::uint64_t>(length, bytes.size() - at));
    out.push_back({.offset = at, .length = band.size(), .bits = entropy_of(count_values(band))});
  }
  return out;
}

bool looks_random(ByteView bytes) {
  if (bytes.size() < 1024) return false;
  // At most 1 MiB from the middle: longer runs make the statistic see ever smaller unevenness.
  constexpr std::size_t kSample = 1U << 20U;
  if (bytes.size() > kSample) bytes = bytes.subspan((bytes.size() - kSample) / 2, kSample);
  const Histogram counts = count_values(bytes);
  const double expected = static_cast<double>(bytes.size()) / 256;
  double chi = 0;
  for (const std::uint64_t count : counts) {
    const double off = static_cast<double>(count) - expected;
    chi += off * off / expected;
  }
  // 255 degrees of freedom, mean 255, deviation 22.6. Ciphertext stays within 5 deviations; good
  // compression is off by about 0.5 % per value, which adds 2.5e-5 of the length.
  return chi < 255 + 5 * 22.6 + static_cast<double>(bytes.size()) * 0.01;
}

}  // namespace haetae::formats::image
