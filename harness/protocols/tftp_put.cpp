#include <algorithm>

#include "harness/protocols/tftp.hpp"

namespace haetae::protocols::tftp {
namespace {

constexpr std::size_t kBlock = 512;  // RFC 1350, section 2
constexpr int kTries = 5;
constexpr Duration kAgain = 1s;

Bytes block_of(ByteView file, std::uint16_t number, std::size_t at) {
  Bytes out{0, 3, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)};
  const auto part = file.subspan(at, std::min(kBlock, file.size() - at));
  out.insert(out.end(), part.begin(), part.end());
  return out;
}

/// Sender speaks one transfer: a packet is sent again until its own acknowledgement comes.
class Sender {
 public:
  Sender(net::Flow& flow, const Endpoint& server, SteadyTime deadline)
      : flow_(flow), peer_(server), deadline_(deadline) {}

  Result<void> send(ByteView packet, std::uint16_t wanted, PutResult& out) {
    for (int attempt = 0; attempt < kTries && flow_.now() < deadline_; ++attempt) {
      if (auto sent = flow_.send(peer_, packet); !sent) return sent;
      const SteadyTime until = std::min(deadline_, flow_.now() + kAgain);
      while (true) {
        const auto got = flow_.receive(until);
        if (!got && got.error().kind != ErrorKind::timed_out) return tl::unexpected(got.error());
        if (!got) break;
        const auto done = take(*got, wanted, out);
        if (!done) return tl::unexpected(done.error());
        if (*done) return {};
      }
    }
    return fail(ErrorKind::timed_out, "the TFTP server does not acknowledge");
  }

 private:
  /// take() is true for the acknowledgement that is waited for, or an error packet.
  Result<bool> take(const net::Datagram& datagram, std::uint16_t wanted, PutResult& out) {
    // The transfer goes on with the port that answered first (section 4).
    if (bound_ ? datagram.from != peer_ : datagram.from.address != peer_.address) return false;
    const Bytes& bytes = datagram.bytes;
    if (bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 4) {
      if ((bytes[2] << 8 | bytes[3]) != wanted) return false;
      peer_ = datagram.from;
      bound_ = true;
      return true;
    }
    const auto answer = decode(bytes);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->opcode != 5)
      return fail(ErrorKind::protocol, "the TFTP server sends no answer to a write");
    out.refused = true;
    out.text = answer->text.empty() ? "error " + std::to_string(answer->error) : answer->text;
    return true;
  }

  net::Flow& flow_;
  Endpoint peer_;
  SteadyTime deadline_;
  bool bound_ = false;
};

}  // namespace

Bytes write_request(std::string_view name) {
  Bytes out = read_request(name);
  out[1] = 2;
  return out;
}

Result<PutResult> put(net::Flow& flow, const Endpoint& server, std::string_view name, ByteView file,
                      SteadyTime deadline, std::size_t most) {
  PutResult out;
  Sender sender(flow, server, deadline);
  if (auto begun = sender.send(write_request(name), 0, out); !begun)
    return tl::unexpected(begun.error());
  std::uint16_t number = 0;
  // A file whose length is a multiple of the block ends with an empty one.
  for (std::size_t at = 0; !out.refused && at <= file.size(); at += kBlock) {
    if (out.sent >= most) return out;
    ++number;
    const Bytes packet = block_of(file, number, at);
    if (auto sent = sender.send(packet, number, out); !sent) return tl::unexpected(sent.error());
    if (!out.refused) out.sent += packet.size() - 4;
  }
  out.whole = !out.refused;
  return out;
}

}  // namespace haetae::protocols::tftp
