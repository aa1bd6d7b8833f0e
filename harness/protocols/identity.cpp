#include "harness/protocols/identity.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "harness/protocols/login.hpp"
#include "harness/protocols/reader.hpp"
#include "harness/protocols/ssh_transport.hpp"
#include "harness/protocols/tls_client.hpp"

namespace haetae::protocols {
namespace {

constexpr Duration kWhole = 3s;
constexpr std::size_t kPorts = 3;
constexpr Duration kBanner = 400ms;
constexpr std::string_view kSshHostKey = "ssh-host-key";
constexpr std::string_view kSshBanner = "ssh-banner";

int rank(const ReferencePort& port) {
  // An SSH server counts connections that end before a login against their source.
  if (port.tls) return 0;
  if (port.protocol == "ssh") return 1;
  if (port.protocol == "http") return 2;
  if (port.protocol == "rtsp") return 3;
  if (port.protocol == "ftp" || port.protocol == "smtp") return 4;
  if (port.protocol == "telnet") return 6;
  return 5;
}

std::vector<ReferencePort> chosen(std::span<const ReferencePort> ports) {
  std::vector<ReferencePort> out(ports.begin(), ports.end());
  std::stable_sort(out.begin(), out.end(), [](const ReferencePort& a, const ReferencePort& b) {
    return rank(a) < rank(b);
  });
  if (out.size() > kPorts) out.resize(kPorts);
  return out;
}

/// steady() replaces numbers: banners hold the time of day, counters and process ids.
std::string steady(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !out.empty() && out.back() == '#') continue;
    out.push_back(digit ? '#' : c);
  }
  return printable(out);
}

void read_banner(net::Conn& conn, Print& print, SteadyTime deadline) {
  Reader reader(conn, 4096);
  const auto line = reader.line(deadline, 2048);
  const std::string_view held = as_text(reader.held());
  const std::string text = line ? *line : std::string(held.substr(0, 256));
  const bool ssh = text.starts_with("SSH-");
  print.kind = text.empty() ? "silent" : ssh ? std::string(kSshBanner) : "banner";
  // The version of an SSH server is part of its name; it does not change by itself.
  print.value = ssh ? printable(text) : steady(text);
}

/// read_ssh() asks for any host key; the server takes the first of our list that it has.
bool read_ssh(net::Conn& conn, Print& print, SteadyTime deadline) {
  const auto answer = ssh_host_key(conn,
                                   "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
                                   "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa,ssh-dss",
                                   deadline);
  if (!answer) return false;
  print.kind = kSshHostKey;
  print.value = answer->key.fingerprint;
  return true;
}

void read_http(net::Conn& conn, const Address& address, std::string_view protocol, Print& print,
               SteadyTime deadline) {
  const std::string host = address.v6 ? "[" + address.text() + "]" : address.text();
  const std::string request =
      protocol == "rtsp" ? "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"
                         : "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  print.kind = "silent";
  if (!conn.write(as_bytes(request), deadline)) return;
  Reader reader(conn, 16 * 1024);
  std::string server, realm;
  for (int lines = 0; lines < 64; ++lines) {
    const auto line = reader.line(deadline, 4096);
    if (!line || line->empty()) break;
    if (lines == 0 && !line->starts_with("HTTP/") && !line->starts_with("RTSP/")) return;
    print.kind = std::string(protocol);
    const std::size_t colon = line->find(':');
    if (colon == std::string::npos) continue;
    const std::string name = lower(trim(line->substr(0, colon)));
    if (name == "server") server = trim(line->substr(colon + 1));
  }
  // The status is left out: a device that blocks an address for a while is the same device.
  if (print.kind != "silent") print.value = "server: " + printable(server);
}

void read_tls(std::unique_ptr<net::Conn> conn, Print& print, SteadyTime deadline) {
  print.kind = "silent";
  const auto inside = wrap_tls(std::move(conn), {}, deadline);
  if (!inside || (*inside)->chain().empty()) return;
  print.kind = "tls-certificate";
  print.value = to_hex(sha256((*inside)->chain().front()));
  (*inside)->close();
}

struct Visit {
  Print print{};
  bool alive = false;
  std::chrono::microseconds connect{};
};

Result<Visit> visit(net::Door& door, const Address& address, const ReferencePort& port,
                    Recorder& recorder, Clock& clock, SteadyTime deadline) {
  Visit out{.print = {.port = port.port}};
  const Endpoint to{address, port.port};
  const std::string subject = "lan:tcp/" + std::to_string(port.port);
  const SteadyTime begin = clock.now();
  auto conn = door.connect(to, recorder, subject, "identity", deadline);
  if (!conn) {
    const ErrorKind kind = conn.error().kind;
    if (kind == ErrorKind::out_of_scope || kind == ErrorKind::stopped)
      return tl::unexpected(conn.error());
    out.alive = kind == ErrorKind::refused;
    return out;
  }
  out.alive = true;
  out.connect = std::chrono::duration_cast<std::chrono::microseconds>(clock.now() - begin);
  out.print.connected = true;
  if (port.tls) {
    read_tls(std::move(*conn), out.print, deadline);
  } else if (port.protocol == "ssh" && read_ssh(**conn, out.print, deadline)) {
    (*conn)->close();
  } else if (port.protocol == "ssh") {
    // A key exchange that failed has used up the stream; the banner needs another.
    auto again = door.connect(to, recorder, subject, "identity by banner", deadline);
    if (again) read_banner(**again, out.print, std::min(deadline, clock.now() + kBanner));
  } else if (port.protocol == "http" || port.protocol == "rtsp") {
    read_http(**conn, address, port.protocol, out.print, deadline);
  } else {
    read_banner(**conn, out.print, std::min(deadline, clock.now() + kBanner));
  }
  return out;
}

Bytes listing(const Fingerprint& fingerprint) {
  std::string text = fingerprint.alive ? "alive\n" : "silent\n";
  for (const Print& print : fingerprint.prints) {
    text += "tcp/" + std::to_string(print.port) + ' ' +
            (print.connected ? "connected " : "not connected ") + print.kind + ' ' + print.value +
            '\n';
  }
  return Bytes(text.begin(), text.end());
}

}  // namespace

std::string_view word(Likeness likeness) {
  switch (likeness) {
    case Likeness::same: return "same";
    case Likeness::changed: return "changed";
    case Likeness::silent: return "silent";
    case Likeness::unclear: break;
  }
  return "unclear";
}

Result<Fingerprint> fingerprint(net::Door& door, const Address& address,
                                std::span<const ReferencePort> ports, Recorder& recorder,
                                Clock& clock, SteadyTime deadline) {
  const SteadyTime end = std::min(deadline, clock.now() + kWhole);
  const std::array<ReferencePort, kPorts> usual = {
      ReferencePort{80, "", false}, ReferencePort{443, "", false}, ReferencePort{22, "ssh", false}};
  const std::vector<ReferencePort> asked =
      chosen(ports.empty() ? std::span<const ReferencePort>(usual) : ports);
  Fingerprint out;
  std::vector<std::chrono::microseconds> times;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const SteadyTime now = clock.now();
    const SteadyTime until = now + (end - now) / static_cast<int>(asked.size() - i);
    auto one = visit(door, address, asked[i], recorder, clock, until);
    if (!one) return tl::unexpected(one.error());
    out.alive = out.alive || one->alive;
    if (one->print.connected) times.push_back(one->connect);
    out.prints.push_back(std::move(one->print));
  }
  if (!times.empty()) {
    std::sort(times.begin(), times.end());
    out.connect = times[times.size() / 2];
  }
  out.evidence =
      recorder.attach("lan", "identity and liveness", "text/plain; charset=utf-8", listing(out));
  return out;
}

Likeness compare(const Fingerprint& before, const Fingerprint& now) {
  if (!now.alive) return Likeness::silent;
  bool same = false;
  for (const Print& old : before.prints) {
    const auto found = std::find_if(now.prints.begin(), now.prints.end(),
                                    [&](const Print& print) { return print.port == old.port; });
    if (found == now.prints.end() || old.value.empty() || found->value.empty()) continue;
    const bool ssh = (found->kind == kSshBanner && old.kind == kSshHostKey) ||
                     (found->kind == kSshHostKey && old.kind == kSshBanner);
    if (ssh) continue;  // a key exchange that failed once says nothing about the key
    if (found->kind != old.kind || found->value != old.value) return Likeness::changed;
    same = true;
  }
  return same ? Likeness::same : Likeness::unclear;
}

}  // namespace haetae::protocols
