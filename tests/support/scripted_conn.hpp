#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "harness/net/door.hpp"
#include "tests/support/fakes.hpp"

namespace haetae::test {

/// ScriptedConn is a peer that says `script` in pieces of at most `piece` bytes and then ends the
/// stream, or stays silent: then every read moves the clock to its deadline.
class ScriptedConn final : public net::Conn {
 public:
  enum class End { closes, silent };
  ScriptedConn(std::string_view script, FakeClock& clock, End end = End::closes,
               std::size_t piece = 4096)
      : script_(script), clock_(clock), end_(end), piece_(std::max<std::size_t>(piece, 1)) {}

  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime deadline) override {
    if (script_.empty()) {
      if (end_ == End::closes) return std::size_t{0};
      if (deadline > clock_.now()) clock_.move(deadline - clock_.now());
      return fail(ErrorKind::timed_out, "the peer is silent");
    }
    const std::size_t count = std::min({script_.size(), into.size(), piece_});
    std::copy_n(script_.begin(), count, into.begin());
    script_.remove_prefix(count);
    return count;
  }
  Result<void> write(ByteView bytes, SteadyTime) override {
    if (written_.size() < 1024 * 1024) written_ += as_text(bytes);
    return {};
  }
  void close() override {}
  [[nodiscard]] EvidenceId evidence() const override { return 1; }
  void note(Direction, ByteView) override {}
  [[nodiscard]] int descriptor() const override { return -1; }
  [[nodiscard]] const std::string& written() const { return written_; }

 private:
  std::string_view script_;
  FakeClock& clock_;
  End end_;
  std::size_t piece_;
  std::string written_;
};

}  // namespace haetae::test
