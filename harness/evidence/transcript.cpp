#include "harness/evidence/transcript.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace haetae::evidence {

namespace {

constexpr std::string_view kMagic = "HTR1";

void put(Bytes& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
  }
}

std::uint64_t get(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

bool is_direction(std::uint8_t byte) {
  return std::string_view("><}{*").find(static_cast<char>(byte)) != std::string_view::npos;
}

void put_record(Bytes& out, Direction direction, std::uint64_t microseconds, ByteView bytes) {
  out.push_back(static_cast<std::uint8_t>(direction));
  put(out, microseconds, 8);
  put(out, bytes.size(), 4);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Bytes encode_transcript(const std::vector<TranscriptRecord>& records) {
  Bytes out(kMagic.begin(), kMagic.end());
  for (const TranscriptRecord& record : records) {
    put_record(out, record.direction, record.microseconds, record.bytes);
  }
  return out;
}

Result<std::vector<TranscriptRecord>> decode_transcript(ByteView bytes) {
  if (!as_text(bytes).starts_with(kMagic)) {
    return fail(ErrorKind::protocol, "this is no transcript: it does not start with HTR1");
  }
  std::vector<TranscriptRecord> records;
  std::size_t at = kMagic.size();
  while (at < bytes.size()) {
    if (bytes.size() - at < kTranscriptOverhead) {
      return fail(ErrorKind::protocol, fmt::format("the transcript is cut short at byte {}", at));
    }
    if (!is_direction(bytes[at])) {
      return fail(ErrorKind::protocol, fmt::format("unknown direction at byte {}", at));
    }
    const std::size_t length = get(bytes.subspan(at + 9, 4));
    if (length > bytes.size() - at - kTranscriptOverhead) {
      return fail(ErrorKind::protocol,
                  fmt::format("the record at byte {} is longer than the transcript", at));
    }
    const ByteView content = bytes.subspan(at + kTranscriptOverhead, length);
    records.push_back({.direction = static_cast<Direction>(bytes[at]),
                       .microseconds = get(bytes.subspan(at + 1, 8)),
                       .bytes = Bytes(content.begin(), content.end())});
    at += kTranscriptOverhead + length;
  }
  return records;
}

EvidenceBuffer::EvidenceBuffer(std::string procedure, std::atomic<EvidenceId>& next, Clock& clock,
                               BufferLimits limits)
    : procedure_(std::move(procedure)), next_(next), clock_(clock), limits_(limits) {}

EvidenceId EvidenceBuffer::open(std::string_view kind, std::string_view subject,
                                std::string_view label, std::string_view media_type,
                                Bytes content) {
  const EvidenceId id = next_.fetch_add(1);
  kept_ += content.size();
  Entry entry{.evidence = {.id = id,
                           .procedure = procedure_,
                           .kind = std::string(kind),
                           .subject = std::string(subject),
                           .label = std::string(label),
                           .media_type = std::string(media_type),
                           .at = clock_.wall(),
                           .content = std::move(content),
                           .cut = 0},
              .opened = clock_.now()};
  entries_.emplace(id, std::move(entry));
  return id;
}

EvidenceId EvidenceBuffer::transcript(std::string_view subject, std::string_view label) {
  const std::scoped_lock lock(mutex_);
  return open("transcript", subject, label, kTranscriptMediaType,
              Bytes(kMagic.begin(), kMagic.end()));
}

void EvidenceBuffer::append(EvidenceId id, Direction direction, ByteView bytes) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.evidence.kind != "transcript") return;
  auto& [evidence, opened] = found->second;
  const std::size_t used = evidence.content.size();
  const std::size_t room = std::min(limits_.conversation > used ? limits_.conversation - used : 0,
                                    limits_.total > kept_ ? limits_.total - kept_ : 0);
  // Once something was cut nothing later is kept: a gap in the middle would mislead the reader.
  const bool ended = evidence.cut > 0 || room <= kTranscriptOverhead;
  const std::size_t keep = ended ? 0 : std::min(room - kTranscriptOverhead, bytes.size());
  if (!ended) {
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - opened).count();
    put_record(evidence.content, direction,
               static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed, 0)), bytes.first(keep));
    kept_ += kTranscriptOverhead + keep;
  }
  evidence.cut += static_cast<std::int64_t>(bytes.size() - keep);
}

EvidenceId EvidenceBuffer::keep(std::string_view kind, std::string_view subject,
                                std::string_view label, std::string_view media_type,
                                ByteView bytes) {
  const std::scoped_lock lock(mutex_);
  const std::size_t room = limits_.total > kept_ ? limits_.total - kept_ : 0;
  const ByteView start = bytes.first(std::min(room, bytes.size()));
  const EvidenceId id = open(kind, subject, label, media_type, Bytes(start.begin(), start.end()));
  entries_.at(id).evidence.cut = static_cast<std::int64_t>(bytes.size() - start.size());
  return id;
}

EvidenceId EvidenceBuffer::attach(std::string_view subject, std::string_view label,
                                  std::string_view media_type, ByteView bytes) {
  return keep("artefact", subject, label, media_type, bytes);
}

EvidenceId EvidenceBuffer::attach_document(std::string_view subject, std::string_view label,
                                           std::string_view media_type, ByteView bytes) {
  return keep("document", subject, label, media_type, bytes);
}

std::vector<StoredEvidence> EvidenceBuffer::take() {
  const std::scoped_lock lock(mutex_);
  std::vector<StoredEvidence> out;
  out.reserve(entries_.size());
  for (auto& [id, entry] : entries_) out.push_back(std::move(entry.evidence));
  entries_.clear();
  kept_ = 0;
  return out;
}

std::size_t EvidenceBuffer::kept() const {
  const std::scoped_lock lock(mutex_);
  return kept_;
}

}  // namespace haetae::evidence
