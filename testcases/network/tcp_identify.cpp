#include "testcases/network/tcp_identify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <future>
#include <set>

#include "harness/protocols/ftp.hpp"
#include "harness/protocols/login.hpp"
#include "harness/protocols/service_probe.hpp"
#include "harness/protocols/telnet.hpp"
#include "harness/protocols/tls_client.hpp"
#include "harness/protocols/tls_probe.hpp"

namespace haetae::testcases {
namespace {

using runner::Context;
using namespace protocols;

constexpr Duration kBanner = 700ms;
constexpr Duration kQuestion = 800ms;
constexpr Duration kQuiet = 120ms;
constexpr Duration kHello = 1200ms;
constexpr Duration kSlowHello = 3s;
constexpr Duration kWhole = 4s;

/// Work is the state of the identification of one port.
struct Work {
  Context& context;
  const OpenPort& target;
  SteadyTime end;
  facts::Service fact{};
  int silent_closes = 0;   ///< connections that ended without a byte before we sent any
  bool refused = false;    ///< the port did not accept us any more
  bool asked_tls = false;  ///< a hello got a reply of some kind

  [[nodiscard]] SteadyTime until(Duration wait) const {
    return std::min(end, context.clock().now() + wait);
  }
  [[nodiscard]] bool late() const {
    return context.clock().now() >= end || context.stop().stop_requested();
  }
};

std::unique_ptr<net::Conn> open(Work& work, std::string_view label) {
  auto conn = work.context.door().connect(work.target.endpoint, work.context.recorder(),
                                          work.target.subject, label, work.until(2s));
  if (!conn) {
    work.refused = true;
    return nullptr;
  }
  if (work.fact.evidence == work.target.evidence) work.fact.evidence = (*conn)->evidence();
  return std::move(*conn);
}

/// take() keeps what was recognised; text without a known form is kept as banner only.
bool take(Work& work, const ServiceSeen& seen, EvidenceId evidence) {
  if (!seen.banner.empty() && work.fact.banner.empty()) {
    work.fact.banner = seen.banner;
    work.fact.evidence = evidence;
  }
  if (seen.protocol.empty()) return false;
  work.fact.protocol = seen.protocol;
  work.fact.product = seen.product;
  work.fact.version = seen.version;
  work.fact.banner = seen.banner.empty() ? work.fact.banner : seen.banner;
  work.fact.evidence = evidence;
  return true;
}

std::string yes_no(const Result<bool>& answer) {
  if (!answer) return "unknown";
  return *answer ? "yes" : "no";
}

Result<bool> offers_starttls(ftp::Session& session, SteadyTime deadline) {
  const auto reply = session.command("EHLO haetae.invalid", deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->code != 250) return fail(ErrorKind::protocol, "EHLO was not accepted");
  return contains_word(reply->text, "starttls");
}

/// ask_reply_service() tells FTP from SMTP where the greeting does not, and asks for STARTTLS. It
/// takes a stream of its own, because the greeting must be read whole.
void ask_reply_service(Work& work, std::unique_ptr<net::Conn> conn) {
  if (!conn) return;
  ftp::Session session(*conn);
  const SteadyTime deadline = work.until(2s);
  if (!session.greeting(deadline)) return;
  if (work.fact.protocol == "unknown") {
    const auto hello = session.command("EHLO haetae.invalid", deadline);
    if (hello && hello->code == 250) {
      work.fact.protocol = "smtp";
      work.fact.starttls = contains_word(hello->text, "starttls") ? "yes" : "no";
      return;
    }
    const auto system = session.command("SYST", deadline);
    if (!system || (system->code != 215 && system->code != 530)) return;
    work.fact.protocol = "ftp";
  }
  work.fact.starttls = yes_no(work.fact.protocol == "ftp" ? ftp::offers_auth_tls(session, deadline)
                                                          : offers_starttls(session, deadline));
}

bool replies(const Work& work) {
  return work.fact.protocol == "ftp" || work.fact.protocol == "smtp" ||
         (work.fact.protocol == "unknown" && work.fact.banner.starts_with("220"));
}

/// greet_telnet() finishes the negotiation, so that the banner holds what people would see.
void greet_telnet(Work& work) {
  auto conn = open(work, "telnet greeting");
  if (!conn) return;
  const telnet::Greeting greeting = telnet::greet(*conn, work.context.clock(), work.until(1500ms));
  const std::string text(trim(telnet::without_escapes(greeting.text)));
  if (!text.empty()) work.fact.banner = printable(text);
  conn->close();
}

bool speaks_first(const OpenPort& target) {
  static const std::set<std::string> protocols = {"ssh", "ftp", "smtp", "telnet", "vnc"};
  static const std::set<std::uint16_t> ports = {21, 22, 23, 25, 2222, 2323, 5900};
  return protocols.contains(target.expected) ||
         (target.expected.empty() && ports.contains(target.endpoint.port));
}

/// banner() waits for a service that speaks first.
bool banner(Work& work) {
  auto conn = open(work, "banner");
  if (!conn) return false;
  const Duration wait = speaks_first(work.target) ? Duration(2500ms) : kBanner;
  const Heard heard = hear(*conn, work.context.clock(), kQuiet, work.until(wait));
  if (heard.bytes.empty()) {
    if (heard.closed) ++work.silent_closes;
    return false;
  }
  // Whoever speaks first in the clear does not wait for a ClientHello.
  work.fact.tls = "no";
  const bool known = take(work, recognise(heard.bytes, "", {}), conn->evidence());
  conn->close();
  if (known && work.fact.protocol == "telnet") greet_telnet(work);
  if (replies(work)) ask_reply_service(work, open(work, "reply service"));
  return true;
}

ClientHello wide_hello(TlsVersion version) {
  ClientHello hello{.version = version};
  for (const auto& [number, name] : tls_suites())
    if ((number >> 8 == 0x13) == (version == TlsVersion::tls1_3))
      hello.suites.push_back(static_cast<std::uint16_t>(number));
  hello.groups = {29, 23, 24, 25, 30, 256, 257};
  hello.schemes = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806,
                   0x0807, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201};
  if (version == TlsVersion::tls1_3) hello.key_shares = fresh_key_shares();
  return hello;
}

/// HelloSeen is what one hello brought; `asked` is false if the port did not accept it.
struct HelloSeen {
  bool asked = false;
  Reply reply = Reply::silent;
  EvidenceId evidence = 0;
  [[nodiscard]] bool yes() const { return reply == Reply::answered || reply == Reply::alert; }
};

/// say() says one hello; it touches nothing of `work`, so that several can be said side by side.
HelloSeen say(const Work& work, TlsVersion version, Duration wait) {
  const SteadyTime deadline = work.context.clock().now() + wait;
  auto conn = work.context.door().connect(work.target.endpoint, work.context.recorder(),
                                          work.target.subject,
                                          fmt::format("hello {}", word(version)), deadline);
  if (!conn) return {};
  HelloSeen seen{.asked = true, .evidence = (*conn)->evidence()};
  if (version == TlsVersion::ssl2) {
    const Reply reply = say_ssl2_hello(**conn, deadline).reply;
    // Bytes that are no SSL 2.0 say nothing of the versions that came after it.
    seen.reply = reply == Reply::not_tls ? Reply::silent : reply;
  } else {
    seen.reply = say_hello(**conn, wide_hello(version), deadline).reply;
  }
  (*conn)->close();
  return seen;
}

/// note_hello() keeps what is certain: any TLS record is a yes, clear bytes are a no.
void note_hello(Work& work, const HelloSeen& seen) {
  work.asked_tls = work.asked_tls || seen.asked;
  if (seen.yes()) {
    work.fact.tls = "yes";
    work.fact.evidence = seen.evidence;
  } else if (seen.reply == Reply::not_tls && work.fact.tls == "unknown") {
    work.fact.tls = "no";
  }
}

std::unique_ptr<net::Conn> open_inside(Work& work, std::string_view label) {
  auto conn = open(work, label);
  if (!conn) return nullptr;
  auto inside = wrap_tls(std::move(conn), {}, work.until(2s));
  if (!inside) return nullptr;
  return std::move(*inside);
}

/// ask() puts one question on a fresh stream.
bool ask(Work& work, const std::string& protocol, std::unique_ptr<net::Conn> conn) {
  if (!conn) return false;
  const Bytes tag = random_bytes(4);
  const Bytes request = question(protocol, work.target.endpoint, tag);
  if (!conn->write(request, work.until(kQuestion))) return false;
  const Heard heard = hear(*conn, work.context.clock(), kQuiet, work.until(kQuestion));
  conn->close();
  if (heard.bytes.empty()) return false;
  return take(work, recognise(heard.bytes, protocol, tag), conn->evidence());
}

/// inside() asks within TLS; a server that speaks first there is heard before the first question.
void inside(Work& work) {
  // What a TLS port says in the clear ("plain HTTP sent to HTTPS port") is not its service.
  work.fact.protocol = "unknown";
  work.fact.product.clear();
  work.fact.version.clear();
  work.fact.banner.clear();
  bool first = true;
  for (const std::string& protocol : candidates(work.target.endpoint.port, work.target.expected)) {
    if (work.late()) return;
    auto conn = open_inside(work, "inside TLS: " + protocol);
    if (!conn) {
      if (first) return;
      continue;
    }
    if (first) {
      const Heard heard = hear(*conn, work.context.clock(), kQuiet, work.until(250ms));
      if (!heard.bytes.empty() && take(work, recognise(heard.bytes, "", {}), conn->evidence()))
        return;
    }
    first = false;
    if (ask(work, protocol, std::move(conn))) return;
  }
}

void clear(Work& work) {
  for (const std::string& protocol : candidates(work.target.endpoint.port, work.target.expected)) {
    if (work.late() || work.refused) return;
    auto conn = open(work, "question " + protocol);
    if (ask(work, protocol, std::move(conn))) return;
  }
}

/// settle() turns what was seen into the words of the fact.
void settle(Work& work) {
  facts::Service& fact = work.fact;
  const bool known = fact.protocol != "unknown";
  // A service that was understood in the clear and let a hello die has no TLS on that port.
  if (fact.tls == "unknown" && known && work.asked_tls) fact.tls = "no";
  if (!known && fact.tls != "yes" && fact.banner.empty() && work.silent_closes >= 2)
    fact.protocol = "none";
  if (fact.starttls == "unknown" && known && fact.protocol != "ftp" && fact.protocol != "smtp")
    fact.starttls = "no";
  if (fact.tls == "yes" && known) fact.starttls = "no";
}

/// clear_and_hello() asks in the clear while the other hellos are out: servers that know only one
/// version may drop the hello of another without a word.
void clear_and_hello(Work& work) {
  auto newer = std::async(std::launch::async, say, std::cref(work), TlsVersion::tls1_3, kHello);
  auto older = std::async(std::launch::async, say, std::cref(work), TlsVersion::ssl2, kQuestion);
  const OpenPort& target = work.target;
  Work beside{.context = work.context, .target = target, .end = work.end, .fact = work.fact};
  clear(beside);
  const HelloSeen second = newer.get();
  const HelloSeen third = older.get();
  work.fact = beside.fact;
  work.silent_closes += beside.silent_closes;
  note_hello(work, second);
  note_hello(work, third);
}

/// linger() gives a port that has said nothing the time that a slow device may need.
void linger(Work& work) {
  if (work.fact.protocol != "unknown" || !work.fact.banner.empty() || work.refused) return;
  work.end = work.context.clock().now() + kSlowHello;
  auto conn = open(work, "banner again");
  auto slow = std::async(std::launch::async, say, std::cref(work), TlsVersion::tls1_2, kSlowHello);
  if (conn) {
    const Heard heard = hear(*conn, work.context.clock(), kQuiet, work.until(kSlowHello));
    if (heard.bytes.empty() && heard.closed) ++work.silent_closes;
    if (!heard.bytes.empty()) {
      work.fact.tls = "no";
      take(work, recognise(heard.bytes, "", {}), conn->evidence());
    }
  }
  note_hello(work, slow.get());
}

}  // namespace

facts::Service identify_tcp(Context& context, const OpenPort& target) {
  Work work{.context = context, .target = target, .end = context.clock().now() + kWhole};
  work.fact.subject = target.subject;
  work.fact.evidence = target.evidence;
  std::future<HelloSeen> first;
  const auto begin_hello = [&] {
    first = std::async(std::launch::async, say, std::cref(work), TlsVersion::tls1_2, kHello);
  };
  if (!speaks_first(target)) begin_hello();
  const bool told = banner(work);
  if (!told && !first.valid()) begin_hello();
  const HelloSeen hello = first.valid() ? first.get() : HelloSeen{};
  if (!told && !work.refused) {
    note_hello(work, hello);
    if (work.fact.tls == "no") clear(work);
    if (work.fact.tls == "unknown") clear_and_hello(work);
    if (work.fact.tls == "unknown") linger(work);
    if (work.fact.tls == "yes") {
      work.end = std::max(work.end, context.clock().now() + 3s);
      inside(work);
    }
    if (replies(work) && work.fact.tls == "no")
      ask_reply_service(work, open(work, "reply service"));
  }
  settle(work);
  return work.fact;
}

}  // namespace haetae::testcases
