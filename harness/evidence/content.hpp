#pragma once

#include <cstdint>
#include <functional>

#include "harness/evidence/run_file.hpp"
#include "harness/evidence/transcript.hpp"

/// Contents piece by piece, for readers that must not hold a whole one.
namespace haetae::evidence {

/// each_chunk() hands over the chunks of an evidence in order, at most 1 MiB each; not_found if it
/// is absent or withheld. An error of `take` ends it and is returned.
[[nodiscard]] Result<void> each_chunk(const RunFile& run, EvidenceId id,
                                      const std::function<Result<void>(ByteView)>& take);

/// TranscriptPiece is a record of a transcript or, where it is long, a part of one.
struct TranscriptPiece {
  Direction direction = Direction::event;
  std::uint64_t microseconds = 0;
  ByteView bytes;    ///< at most 16 KiB; lives until the call returns
  bool last = true;  ///< the record ends with it
};

/// TranscriptReader is decode_transcript() for input that comes in pieces; it holds 16 KiB.
class TranscriptReader {
 public:
  using Take = std::function<void(const TranscriptPiece&)>;
  explicit TranscriptReader(Take take) : take_(std::move(take)) {}
  /// feed() takes the next bytes; what is no transcript is ErrorKind::protocol.
  [[nodiscard]] Result<void> feed(ByteView bytes);
  /// finish() is ErrorKind::protocol where the transcript is cut short.
  [[nodiscard]] Result<void> finish() const;

 private:
  [[nodiscard]] Result<void> header();

  Take take_;
  Bytes held_;            ///< of a header that is not complete, or a piece
  bool started_ = false;  ///< HTR1 was seen
  bool inside_ = false;   ///< in the bytes of a record
  TranscriptPiece piece_;
  std::uint64_t left_ = 0, at_ = 0;
};

}  // namespace haetae::evidence
