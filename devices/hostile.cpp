#include <map>
#include <thread>

#include "devices/device.hpp"
#include "devices/http.hpp"

namespace haetae::devices {
namespace {

constexpr std::string_view kMarkup =
    "\x1b]0;owned\x07\x1b[2J\x1b[31m<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    "${jndi:ldap://x/}%n%s../../etc/passwd";

/// trickle() sends one byte a second.
void trickle(Device& device, Connection& connection) {
  for (std::size_t i = 0; device.power.running() && i < 3600; ++i) {
    if (!connection.write(std::string_view("HTTP/1.1 200 OK\r\nX: ").substr(i % 20, 1))) return;
    for (int step = 0; step < 20 && device.power.running() && connection.alive(); ++step)
      std::this_thread::sleep_for(milliseconds(50));
  }
}

/// flood() sends without end; the peer's window is the only limit.
void flood(Device& device, Connection& connection, std::string_view start, std::string_view unit) {
  std::string block;
  while (block.size() < 60000) block += unit;
  connection.patience = milliseconds(5000);
  connection.write(start);
  while (device.power.running() && connection.write(block)) {
  }
}

void wait_for_end(Connection& connection) {
  while (connection.read_exact(1)) {
  }
}

void markup(Connection& connection, const std::string& kind) {
  const std::string text(kMarkup);
  if (kind == "ssh" || kind == "ftp" || kind == "telnet") {
    connection.write((kind == "ssh" ? "SSH-2.0-" : kind == "ftp" ? "220 " : "") + text + "\r\n");
    wait_for_end(connection);
    return;
  }
  (void)connection.wait_for_input(milliseconds(300));
  connection.write((kind == "rtsp" ? "RTSP/1.0 200 " : "HTTP/1.1 200 ") + text +
                   "\r\nCSeq: 1\r\nServer: " + text + "\r\nX-Powered-By: " + text +
                   "\r\nSet-Cookie: " + text + "=1\r\nWWW-Authenticate: Basic realm=\"" + text +
                   "\"\r\nLocation: " + text +
                   "\r\nContent-Length: 9\r\nConnection: close\r\n\r\n<b>hi</b>");
}

}  // namespace

void serve_hostile(Device& device, Connection& connection, const std::string& kind) {
  const auto& how = device.settings.text("hostile.answer");
  if (how == "silent") wait_for_end(connection);
  if (how == "slow") trickle(device, connection);
  if (how == "flood") flood(device, connection, "", "A\x00\xff\r\n");
  if (how == "endless-headers") flood(device, connection, "HTTP/1.1 200 OK\r\n", "X-Filler: a\r\n");
  if (how == "huge-length") {
    connection.write(
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\nContent-Type: text/html\r\n\r\n"
        "short");
    wait_for_end(connection);
  }
  if (how == "dies") {
    (void)connection.wait_for_input(milliseconds(1000));
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf of");
    connection.reset();
  }
  if (how == "markup") markup(connection, kind);
  if (how == "garbage") {
    connection.write("\x16\x03\x03\xff\xff\x02\xff\xff\xff\x00SSH-9.9-\xff\xfe\r\n");
    connection.write(std::string(512, '\xee'));
    wait_for_end(connection);
  }
  if (how == "redirect-circle")
    while (const auto request = read_request(connection))
      if (!connection.write("HTTP/1.1 302 Found\r\nLocation: " +
                            std::string(request->target == "/a" ? "/b" : "/a") +
                            "\r\nContent-Length: 0\r\n\r\n"))
        return;
}

}  // namespace haetae::devices
