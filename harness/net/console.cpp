#include "harness/net/console.hpp"

#include <algorithm>
#include <vector>

#include "harness/net/conn.hpp"
#include "harness/net/state.hpp"

namespace haetae::net {
namespace {

// ServerConsole is the stream of a console server without telnet options; the transcript below it
// holds every byte as it came.
class ServerConsole final : public Conn {
 public:
  explicit ServerConsole(std::unique_ptr<Conn> stream) : stream_(std::move(stream)) {}

  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime deadline) override;
  Result<void> write(ByteView bytes, SteadyTime deadline) override;
  void close() override { stream_->close(); }
  [[nodiscard]] EvidenceId evidence() const override { return stream_->evidence(); }
  void note(Direction direction, ByteView bytes) override { stream_->note(direction, bytes); }
  [[nodiscard]] int descriptor() const override { return stream_->descriptor(); }
  [[nodiscard]] SteadyTime now() const override { return stream_->now(); }

 private:
  std::unique_ptr<Conn> stream_;
  OptionFilter filter_;
  Bytes text_;  // not yet read
  std::size_t taken_ = 0;
};

Result<std::size_t> ServerConsole::read_some(std::span<std::uint8_t> into, SteadyTime deadline) {
  if (into.empty()) return fail(ErrorKind::internal, "a read into no space");
  while (taken_ == text_.size()) {
    text_.clear();
    taken_ = 0;
    std::array<std::uint8_t, 4096> block;
    const auto got = stream_->read_some(block, deadline);
    if (!got || *got == 0) return got;
    Bytes reply;
    filter_.feed(ByteView(block).first(*got), text_, reply);
    if (!reply.empty()) {
      if (auto sent = stream_->write(reply, deadline); !sent) return tl::unexpected(sent.error());
    }
  }
  const std::size_t count = std::min(into.size(), text_.size() - taken_);
  std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(taken_), count, into.begin());
  taken_ += count;
  return count;
}

Result<void> ServerConsole::write(ByteView bytes, SteadyTime deadline) {
  constexpr std::uint8_t kIac = 255;
  if (!filter_.negotiated()) return stream_->write(bytes, deadline);
  Bytes out;
  for (const std::uint8_t byte : bytes) {
    out.push_back(byte);
    if (byte == kIac) out.push_back(kIac);
  }
  return stream_->write(out, deadline);
}

}  // namespace

Result<std::unique_ptr<Conn>> Door::console(const ConsoleLine& line, Recorder& recorder,
                                            std::string_view subject, std::string_view label,
                                            SteadyTime deadline) {
  if (!line.server) {
    return open_tty(line.device, line.baud, recorder, subject, label, state_->clock);
  }
  auto stream = connect(*line.server, recorder, subject, label, deadline);
  if (!stream) return stream;
  return std::make_unique<ServerConsole>(std::move(*stream));
}

}  // namespace haetae::net
