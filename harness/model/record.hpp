#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/verdict.hpp"

namespace haetae {

/// EvidenceId names one piece of evidence within a run; 0 is none.
using EvidenceId = std::int64_t;

/// SecretId names one secret (password, token) within a run; facts hold the id, never the value.
using SecretId = std::int64_t;

/// Value is one cell of a fact row.
using Value = std::variant<std::int64_t, double, std::string>;

/// FactRow is one row of a fact table, by column name; `id` and `link` are added by the run file.
struct FactRow {
  std::string table;
  std::vector<std::pair<std::string, Value>> cells;
  bool operator==(const FactRow&) const = default;
};

enum class CoverageState { complete, partial, tainted };
[[nodiscard]] std::string_view word(CoverageState state);

/// Coverage says how far a procedure looked: without a `complete` record nothing absent counts.
struct Coverage {
  std::string topic;    ///< "ports.tcp", "tls.suites", …
  std::string subject;  ///< "lan" for the whole device, "lan:tcp/443" for one endpoint
  CoverageState state = CoverageState::partial;
  Cause cause = Cause::none;  ///< whose matter it is, unless complete
  std::string why;            ///< one sentence, unless complete
  std::string tried;          ///< lists and parameter values used, for the reader
  bool operator==(const Coverage&) const = default;
};

/// Direction of bytes in a transcript; `inside_*` are the clear bytes inside a TLS or SSH channel.
enum class Direction : std::uint8_t {
  sent = '>',
  received = '<',
  inside_sent = '}',
  inside_received = '{',
  event = '*'
};

/// Recorder takes evidence as it is produced; it is safe to call from several threads.
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// transcript() opens a conversation with `subject`; `label` says what was asked in it.
  virtual EvidenceId transcript(std::string_view subject, std::string_view label) = 0;
  /// append() adds bytes to a conversation. Beyond the recorder's limit they are counted only.
  virtual void append(EvidenceId id, Direction direction, ByteView bytes) = 0;
  /// attach() keeps a whole artefact (a certificate, a table, an image).
  virtual EvidenceId attach(std::string_view subject, std::string_view label,
                            std::string_view media_type, ByteView bytes) = 0;
};

/// NoRecorder forgets: for what is no part of a test.
class NoRecorder final : public Recorder {
 public:
  EvidenceId transcript(std::string_view, std::string_view) override { return 1; }
  void append(EvidenceId, Direction, ByteView) override {}
  EvidenceId attach(std::string_view, std::string_view, std::string_view, ByteView) override {
    return 1;
  }
};

}  // namespace haetae
