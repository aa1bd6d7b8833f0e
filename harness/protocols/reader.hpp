#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/net/door.hpp"

namespace haetae::protocols {

/// Reader takes bytes from a Conn and hands them out in lines or counts. The peer can never make
/// it hold or take more than `limit` bytes in all: beyond that every call is a protocol error.
class Reader {
 public:
  Reader(net::Conn& conn, std::size_t limit) : conn_(conn), limit_(limit) {}

  /// line() is the next line without its CR LF or LF; longer than `longest` is a protocol error.
  [[nodiscard]] Result<std::string> line(SteadyTime deadline, std::size_t longest = 8192);
  [[nodiscard]] Result<Bytes> exactly(std::size_t count, SteadyTime deadline);
  /// more() waits for at least one more byte and returns how many came; 0 is the end of the stream.
  [[nodiscard]] Result<std::size_t> more(SteadyTime deadline);

  /// held() is what came and was not yet handed out; it is valid until the next call.
  [[nodiscard]] ByteView held() const { return ByteView(held_).subspan(start_); }
  void drop(std::size_t count);

 private:
  net::Conn& conn_;
  std::size_t limit_;
  std::size_t taken_ = 0;
  std::size_t start_ = 0;
  Bytes held_{};
};

}  // namespace haetae::protocols
