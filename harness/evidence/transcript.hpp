#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "harness/evidence/run_file.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/model/record.hpp"

/// Transcripts: what was said on the wire, with times, as one piece of evidence.
namespace haetae::evidence {

inline constexpr std::string_view kTranscriptMediaType = "application/x-haetae-transcript";

/// TranscriptRecord is one piece of a conversation in one direction.
struct TranscriptRecord {
  Direction direction = Direction::event;
  std::uint64_t microseconds = 0;  ///< since the conversation was opened
  Bytes bytes;
  bool operator==(const TranscriptRecord&) const = default;
};

/// kTranscriptOverhead is what each record costs beside its bytes.
inline constexpr std::size_t kTranscriptOverhead = 13;

/// encode_transcript() writes "HTR1", then for each record: direction (1 byte), microseconds
/// (8 bytes, big-endian), length (4 bytes, big-endian), bytes.
[[nodiscard]] Bytes encode_transcript(const std::vector<TranscriptRecord>& records);

/// decode_transcript() reads it back. It never holds more than the input; what is cut short, too
/// long or names an unknown direction is ErrorKind::protocol.
[[nodiscard]] Result<std::vector<TranscriptRecord>> decode_transcript(ByteView bytes);

/// BufferLimits bounds what is kept of a device that talks without end.
struct BufferLimits {
  std::size_t conversation = 256 * 1024;  ///< bytes of one transcript, overhead included
  std::size_t total = 64 * 1024 * 1024;   ///< bytes of all evidence in the buffer
};

/// EvidenceBuffer keeps the evidence of one procedure until its transaction commits. It is safe to
/// use from several threads. Ids come from a counter that all buffers of a run share.
class EvidenceBuffer final : public Recorder {
 public:
  /// `next` is the next free id (RunFile::next_evidence()); it and `clock` must outlive the buffer.
  EvidenceBuffer(std::string procedure, std::atomic<EvidenceId>& next, Clock& clock,
                 BufferLimits limits = {});

  EvidenceId transcript(std::string_view subject, std::string_view label) override;
  /// append() to an id that is no transcript of this buffer is ignored.
  void append(EvidenceId id, Direction direction, ByteView bytes) override;
  /// attach() keeps the start of what does not fit into the total and counts the rest as cut.
  EvidenceId attach(std::string_view subject, std::string_view label, std::string_view media_type,
                    ByteView bytes) override;

  /// attach_document() is attach() for a file that a person handed over.
  EvidenceId attach_document(std::string_view subject, std::string_view label,
                             std::string_view media_type, ByteView bytes);

  /// take() hands over everything so far, in id order, and empties the buffer.
  [[nodiscard]] std::vector<StoredEvidence> take();
  [[nodiscard]] std::size_t kept() const;  ///< bytes held now

 private:
  struct Entry {
    StoredEvidence evidence;
    SteadyTime opened;
  };
  EvidenceId open(std::string_view kind, std::string_view subject, std::string_view label,
                  std::string_view media_type, Bytes content);
  EvidenceId keep(std::string_view kind, std::string_view subject, std::string_view label,
                  std::string_view media_type, ByteView bytes);

  const std::string procedure_;
  std::atomic<EvidenceId>& next_;
  Clock& clock_;
  const BufferLimits limits_;
  mutable std::mutex mutex_;
  std::map<EvidenceId, Entry> entries_;
  std::size_t kept_ = 0;
};

}  // namespace haetae::evidence
