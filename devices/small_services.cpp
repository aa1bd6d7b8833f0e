#include <fmt/format.h>

#include "devices/device.hpp"
#include "devices/http.hpp"

namespace haetae::devices {
namespace {

constexpr std::size_t kMostLine = 4096;

/// telnet_line() reads a line without the option bytes of RFC 854.
std::optional<std::string> telnet_line(Connection& connection) {
  auto line = connection.read_line(kMostLine);
  if (!line) return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < line->size(); ++i) {
    const auto byte = static_cast<unsigned char>((*line)[i]);
    if (byte == 0xff && i + 1 < line->size()) {
      const auto verb = static_cast<unsigned char>((*line)[i + 1]);
      i += verb >= 0xfb && verb < 0xff ? 2 : 1;
      continue;
    }
    if (byte >= 0x20 && byte != 0x7f) text += static_cast<char>(byte);
  }
  return text;
}

std::string rtsp_reply(const Request& request, int status, const std::string& extra,
                       const std::string& body = "") {
  auto text = fmt::format("RTSP/1.0 {} {}\r\nCSeq: {}\r\n{}", status, reason(status),
                          request.header("cseq"), extra);
  if (!body.empty())
    text += fmt::format("Content-Type: application/sdp\r\nContent-Length: {}\r\n", body.size());
  return text + "\r\n" + body;
}

std::string rtsp_answer(Device& device, Connection& connection, const Request& request) {
  if (request.method == "OPTIONS")
    return rtsp_reply(request, 200, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n");
  const bool open = device.settings.text("rtsp.describe") == "open" && !device.accounts.factory();
  if (!open) {
    const auto proof = digest_proof(request);
    auto result = LoginResult::wrong;
    const bool fresh = proof && good_nonce(device.secret, proof->nonce);
    if (fresh && proof->uri == request.target)
      result = device.accounts.login("rtsp", proof->user, connection.peer(),
                                     [&](const auto& right) { return proof->made_from(right); });
    if (result == LoginResult::blocked && !device.settings.yes("lockout.silent"))
      return fmt::format("RTSP/1.0 403 Account is blocked\r\nCSeq: {}\r\n\r\n",
                         request.header("cseq"));
    if (result != LoginResult::accepted) {
      std::string challenges;
      for (const auto& one : digest_challenges(device.secret, proof && !fresh))
        challenges += "WWW-Authenticate: " + one + "\r\n";
      return rtsp_reply(request, 401, challenges);
    }
    if (!device.may_view()) return rtsp_reply(request, 403, "");
  }
  if (request.target.find("/live") == std::string::npos) return rtsp_reply(request, 404, "");
  if (request.method == "DESCRIBE")
    return rtsp_reply(request, 200, "Content-Base: " + request.target + "/\r\n",
                      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=live\r\nt=0 0\r\n"
                      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n");
  if (request.method == "SETUP")
    return rtsp_reply(request, 200,
                      "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n");
  if (request.method == "PLAY" || request.method == "TEARDOWN")
    return rtsp_reply(request, 200, "Session: 1\r\n");
  return rtsp_reply(request, 405, "");
}

}  // namespace

void serve_rtsp(Device& device, Connection& connection) {
  while (const auto request = read_request(connection))
    if (!connection.write(rtsp_answer(device, connection, *request))) return;
}

void serve_telnet(Device& device, Connection& connection) {
  connection.write("\xff\xfb\x01\xff\xfb\x03\r\nSimCam login: ");
  for (int tries = 0; tries < 6; ++tries) {
    const auto user = telnet_line(connection);
    if (!user || !connection.write("Password: ")) return;
    const auto password = telnet_line(connection);
    if (!password) return;
    const auto result = device.accounts.login("telnet", *user, connection.peer(), *password);
    if (result != LoginResult::accepted) {
      connection.write("\r\nLogin incorrect\r\nSimCam login: ");
      continue;
    }
    connection.write("\r\nWelcome to SimCam\r\n# ");
    while (const auto line = telnet_line(connection)) {
      if (*line == "exit" || !connection.write("\r\n# ")) return;
    }
    return;
  }
}

void serve_ftp(Device& device, Connection& connection) {
  connection.write("220 SimCam FTP ready\r\n");
  std::string user;
  bool entered = false;
  while (const auto line = connection.read_line(kMostLine)) {
    const auto space = std::min(line->find(' '), line->size());
    const auto verb = lower_case(line->substr(0, space));
    const auto rest = space < line->size() ? line->substr(space + 1) : "";
    std::string answer = "502 Not implemented\r\n";
    if (verb == "user") {
      user = rest;
      answer = "331 Password required\r\n";
    } else if (verb == "pass") {
      entered =
          device.accounts.login("ftp", user, connection.peer(), rest) == LoginResult::accepted;
      answer = entered ? "230 Logged in\r\n" : "530 Login incorrect\r\n";
    } else if (verb == "quit") {
      connection.write("221 Goodbye\r\n");
      return;
    } else if (verb == "feat") {
      answer = "211 No features\r\n";
    } else if (!entered) {
      answer = "530 Log in first\r\n";
    } else if (verb == "pwd") {
      answer = "257 \"/\"\r\n";
    } else if (verb == "syst") {
      answer = "215 UNIX Type: L8\r\n";
    }
    if (!connection.write(answer)) return;
  }
}

void serve_echo(Device&, Connection& connection) {
  while (const auto line = connection.read_until("\n", kMostLine))
    if (!connection.write(*line)) return;
}

}  // namespace haetae::devices
