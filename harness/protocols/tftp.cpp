#include "harness/protocols/tftp.hpp"

#include <algorithm>

namespace haetae::protocols::tftp {

Bytes read_request(std::string_view name) {
  Bytes out{0, 1};
  out.insert(out.end(), name.begin(), name.end());
  out.push_back(0);
  constexpr std::string_view mode = "octet";
  out.insert(out.end(), mode.begin(), mode.end());
  out.push_back(0);
  return out;
}

Result<Answer> decode(ByteView datagram) {
  if (datagram.size() < 4 || datagram[0] != 0 || datagram.size() > 4 + 1024)
    return fail(ErrorKind::protocol, "the datagram is no TFTP packet");
  Answer out{.opcode = datagram[1]};
  if (out.opcode == 3 || out.opcode == 6) return out;
  if (out.opcode != 5 || datagram.size() < 5 || datagram[2] != 0 || datagram[3] > 8 ||
      datagram.back() != 0)
    return fail(ErrorKind::protocol, "the datagram is no TFTP error packet");
  out.error = datagram[3];
  out.text = printable(as_text(datagram.subspan(4, datagram.size() - 5)));
  return out;
}

}  // namespace haetae::protocols::tftp
