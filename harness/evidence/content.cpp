#include "harness/evidence/content.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/evidence/database.hpp"

namespace haetae::evidence {
namespace {

constexpr std::string_view kMagic = "HTR1";
constexpr std::size_t kPiece = 16384;

std::uint64_t number(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

}  // namespace

Result<void> each_chunk(const RunFile& run, EvidenceId id,
                        const std::function<Result<void>(ByteView)>& take) {
  auto size = Statement::prepare(
      run.handle(),
      "SELECT e.size FROM evidence e JOIN evidence_salt s ON s.evidence = e.id WHERE e.id = ?");
  if (!size) return tl::unexpected(size.error());
  size->bind(1, id);
  if (size->step() != SQLITE_ROW) {
    return fail(ErrorKind::not_found,
                fmt::format("evidence {} is not in the file or withheld", id));
  }
  auto chunks = Statement::prepare(
      run.handle(), "SELECT bytes FROM evidence_chunk WHERE evidence = ? ORDER BY n");
  if (!chunks) return tl::unexpected(chunks.error());
  chunks->bind(1, id);
  std::int64_t seen = 0;
  int code = SQLITE_ROW;
  while ((code = chunks->step()) == SQLITE_ROW) {
    const ByteView bytes = chunks->blob(0);
    seen += static_cast<std::int64_t>(bytes.size());
    if (auto taken = take(bytes); !taken) return taken;
  }
  if (code != SQLITE_DONE) {
    return tl::unexpected(
        database_error(run.handle(), code, fmt::format("cannot read evidence {}", id)));
  }
  if (seen != size->integer(0)) {
    return fail(ErrorKind::storage,
                fmt::format("evidence {} has {} bytes instead of {}: the file was changed", id,
                            seen, size->integer(0)));
  }
  return {};
}

Result<void> TranscriptReader::header() {
  if (!started_) {
    if (as_text(held_) != kMagic) {
      return fail(ErrorKind::protocol, "this is no transcript: it does not start with HTR1");
    }
    started_ = true;
    held_.clear();
    return {};
  }
  const auto letter = static_cast<char>(held_[0]);
  if (std::string_view("><}{*").find(letter) == std::string_view::npos) {
    return fail(ErrorKind::protocol,
                fmt::format("unknown direction at byte {}", at_ - kTranscriptOverhead));
  }
  piece_.direction = static_cast<Direction>(letter);
  piece_.microseconds = number(ByteView(held_).subspan(1, 8));
  left_ = number(ByteView(held_).subspan(9, 4));
  held_.clear();
  if (left_ > 0) {
    inside_ = true;
    return {};
  }
  piece_.bytes = {};
  piece_.last = true;
  take_(piece_);
  return {};
}

Result<void> TranscriptReader::feed(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t wanted =
        inside_ ? std::min<std::uint64_t>(left_, kPiece)
                : (started_ ? kTranscriptOverhead : kMagic.size()) - held_.size();
    const std::size_t count = std::min(wanted, bytes.size());
    const ByteView next = bytes.first(count);
    bytes = bytes.subspan(count);
    at_ += count;
    if (inside_) {
      left_ -= count;
      inside_ = left_ > 0;
      piece_.bytes = next;
      piece_.last = !inside_;
      take_(piece_);
      continue;
    }
    held_.insert(held_.end(), next.begin(), next.end());
    if (count < wanted) return {};
    if (auto read = header(); !read) return read;
  }
  return {};
}

Result<void> TranscriptReader::finish() const {
  if (started_ && !inside_ && held_.empty()) return {};
  return fail(ErrorKind::protocol, fmt::format("the transcript is cut short at byte {}", at_));
}

}  // namespace haetae::evidence
