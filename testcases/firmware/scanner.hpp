#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace haetae::testcases::firmware {

/// Anchor is a byte string of at least 4 bytes that starts something worth a closer look.
struct Anchor {
  std::string text;
  bool any_case = false;  ///< ASCII letters in either case
};

/// Scanner finds all anchors in one pass over the bytes.
class Scanner {
 public:
  /// The anchors keep their index; shorter ones than 4 bytes are a mistake of ours and throw.
  explicit Scanner(std::vector<Anchor> anchors);

  /// scan() calls `found` with index and position of every occurrence, in the order of positions.
  void scan(std::string_view content,
            const std::function<void(std::size_t anchor, std::size_t at)>& found) const;

 private:
  std::vector<Anchor> anchors_;
  std::vector<std::uint64_t> filter_;                // a bit for each hash of four folded bytes
  std::vector<std::vector<std::uint16_t>> buckets_;  // anchors by hash, 4096 of them
};

}  // namespace haetae::testcases::firmware
