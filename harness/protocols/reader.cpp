#include "harness/protocols/reader.hpp"

#include <algorithm>
#include <array>

namespace haetae::protocols {

Result<std::size_t> Reader::more(SteadyTime deadline) {
  std::array<std::uint8_t, 4096> block;
  if (taken_ >= limit_) return fail(ErrorKind::protocol, "the peer sent more than is allowed");
  const std::size_t room = std::min(block.size(), limit_ - taken_);
  const auto got = conn_.read_some(std::span(block).first(room), deadline);
  if (!got) return tl::unexpected(got.error());
  if (start_ > 0) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  held_.insert(held_.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(*got));
  taken_ += *got;
  return *got;
}

void Reader::drop(std::size_t count) { start_ = std::min(held_.size(), start_ + count); }

Result<std::string> Reader::line(SteadyTime deadline, std::size_t longest) {
  std::size_t searched = 0;
  for (;;) {
    const std::string_view text = as_text(held());
    const std::size_t end = text.find('\n', searched);
    if (end != std::string_view::npos) {
      std::string out(text.substr(0, end));
      drop(end + 1);
      while (!out.empty() && out.back() == '\r') out.pop_back();
      if (out.size() > longest) return fail(ErrorKind::protocol, "a line is too long");
      return out;
    }
    searched = text.size();
    if (searched > longest) return fail(ErrorKind::protocol, "a line is too long");
    const auto got = more(deadline);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return fail(ErrorKind::closed, "the peer ended the stream within a line");
  }
}

Result<Bytes> Reader::exactly(std::size_t count, SteadyTime deadline) {
  while (held().size() < count) {
    const auto got = more(deadline);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return fail(ErrorKind::closed, "the peer ended the stream too early");
  }
  Bytes out(held().begin(), held().begin() + static_cast<std::ptrdiff_t>(count));
  drop(count);
  return out;
}

}  // namespace haetae::protocols
