#include "testcases/input/message.hpp"

namespace haetae::testcases::input {
namespace {

Bytes request(const std::string& first, const std::string& rest = "CSeq: 1\r\n") {
  return bytes_of(first + "\r\n" + rest + "\r\n");
}

void add_fields(MessageList& list, const std::string& uri) {
  const std::string setup = "SETUP " + uri + "track1 RTSP/1.0",
                    describe = "DESCRIBE " + uri + " RTSP/1.0";
  list.of("DESCRIBE")
      .fixed("CSeq", "no-sequence", request(describe, ""))
      .fixed("CSeq", "sequence-negative", request(describe, "CSeq: -1\r\n"))
      .fixed("CSeq", "sequence-65-bit", request(describe, "CSeq: 18446744073709551616\r\n"))
      .fixed("CSeq", "sequence-twice", request(describe, "CSeq: 1\r\nCSeq: 2\r\n"))
      .fixed("Content-Length", "length-negative",
             request(describe, "CSeq: 1\r\nContent-Length: -1\r\n"))
      .fixed("Content-Length", "length-max",
             request(describe, "CSeq: 1\r\nContent-Length: 4294967295\r\n"))
      .fixed("Content-Length", "length-more",
             bytes_of(describe + "\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nabc"))
      .fixed("Authorization", "digest-empty",
             request(describe, "CSeq: 1\r\nAuthorization: Digest username=\",,,=\r\n"))
      .fixed("fields", "no-colon", request(describe, "CSeq: 1\r\naaaa\r\n"))
      .fixed("fields", "cut-off", bytes_of(describe + "\r\nCSe"))
      .sized("fields", "long-field",
             [describe](std::size_t n) {
               return request(describe, "CSeq: 1\r\nAccept: " + std::string(n, 'A') + "\r\n");
             })
      .sized("Authorization", "long-digest", [describe](std::size_t n) {
        return request(describe, "CSeq: 1\r\nAuthorization: Digest username=\"" +
                                     std::string(n, 'A') + "\"\r\n");
      });
  list.of("SETUP")
      .fixed("Transport", "no-transport", request(setup))
      .fixed("Transport", "ports-out-of-range",
             request(setup, "CSeq: 1\r\nTransport: RTP/AVP;unicast;client_port=99999-1\r\n"))
      .fixed("Transport", "channels-lie",
             request(setup, "CSeq: 1\r\nTransport: RTP/AVP/TCP;interleaved=300--7\r\n"))
      .fixed("Session", "unknown-session",
             request("PLAY " + uri + " RTSP/1.0", "CSeq: 1\r\nSession: %n%n%s;timeout=-1\r\n"))
      .fixed(
          "Range", "range-lies",
          request("PLAY " + uri + " RTSP/1.0", "CSeq: 1\r\nSession: 0\r\nRange: npt=1e999-\r\n"));
}

}  // namespace

// RFC 2326: request line, fields, interleaved data.
std::vector<Message> rtsp_messages(const Talk& talk) {
  const std::string uri = "rtsp://" + talk.to.text() + "/";
  MessageList list;
  list.of("request line")
      .fixed("version", "no-version", request("OPTIONS " + uri))
      .fixed("version", "version-9", request("OPTIONS " + uri + " RTSP/9.99999999999"))
      .fixed("method", "method-unknown", request("%n%s " + uri + " RTSP/1.0"))
      .fixed("uri", "no-uri", request("OPTIONS RTSP/1.0"))
      .fixed("uri", "port-out-of-range",
             request("OPTIONS rtsp://" + talk.to.address.text() + ":99999999/ RTSP/1.0"))
      .fixed("uri", "high-bytes", request("OPTIONS rtsp://\xff\xc0\x80/%zz%0 RTSP/1.0"))
      .fixed("line", "zero-bytes", Wire().text("OPTIONS ").many(8, 0).text("\r\n\r\n").bytes())
      .fixed("interleaved data", "channel-lies", Wire().u8('$').u8(255).u16(0xffff).bytes())
      .fixed("interleaved data", "channel-empty", Wire().u8('$').u8(0).u16(0).bytes())
      .shaken(talk.seed, talk.ordinary, 0, 4)
      .sized("uri", "long-uri",
             [uri](std::size_t n) {
               return request("OPTIONS " + uri + std::string(n, 'a') + " RTSP/1.0");
             })
      .sized("method", "long-method", [uri](std::size_t n) {
        return request(std::string(n, 'A') + " " + uri + " RTSP/1.0");
      });
  add_fields(list, uri);
  return list.take();
}

}  // namespace haetae::testcases::input
