#pragma once

#include <cstdint>

#include "harness/formats/image_scratch.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::formats::image {

/// Content puts the pieces of a file together; pieces that stand behind each other in the image are
/// not copied.
class Content {
 public:
  /// add() appends a piece, which must stay valid until finish() was used.
  [[nodiscard]] bool add(ByteView piece) {
    if (piece.empty()) return true;
    if (scratch_.size() == 0 && (run_.empty() || piece.data() == run_.data() + run_.size())) {
      run_ = run_.empty() ? piece : ByteView(run_.data(), run_.size() + piece.size());
      return true;
    }
    return copy_run() && scratch_.append(piece);
  }
  /// add_copy() appends bytes that go away.
  [[nodiscard]] bool add_copy(ByteView piece) { return copy_run() && scratch_.append(piece); }
  [[nodiscard]] bool add_zeros(std::uint64_t count) {
    return copy_run() && scratch_.grow(scratch_.size() + count);
  }
  [[nodiscard]] std::uint64_t size() const { return scratch_.size() + run_.size(); }
  [[nodiscard]] Result<ByteView> finish() {
    if (scratch_.size() == 0) return run_;
    return scratch_.finish();
  }
  void clear() {
    run_ = {};
    scratch_.clear();
  }

 private:
  [[nodiscard]] bool copy_run() {
    const ByteView run = run_;
    run_ = {};
    return scratch_.append(run);
  }
  ByteView run_;
  Scratch scratch_;
};

}  // namespace haetae::formats::image
