#include <algorithm>
#include <map>
#include <thread>

#include "testcases/authentication/login_client.hpp"
#include "testcases/authorisation/call_matrix.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/network/tcp_sweep.hpp"
#include "testcases/network/udp_ask.hpp"
#include "testcases/procedures.hpp"

/// Ports that are open once somebody has logged in: all TCP ports and the known UDP ports are asked
/// again while the sessions of every declared account are open.
namespace haetae::testcases {
namespace {

constexpr const char* kTopic = "late-ports";
constexpr std::size_t kAskedAgain = 16;  // new ports that are connected to, to be sure of them
constexpr auto kTouch = 3s;              // a session is used that often while the ports are asked

bool over_http(const declaration::Login& login) { return login.method.starts_with("http-"); }

/// Opened is one login of one account, and its session where it has one.
struct Opened {
  const declaration::Login* login = nullptr;
  facts::LateLogin fact;
  Person* person = nullptr;  ///< with a session over HTTP
};

class LatePorts {
 public:
  explicit LatePorts(runner::Context& context) : context_(context) {}

  void work() {
    for (const auto& login : context_.device().logins) {
      if (login.method == "snmp") continue;  // a community is no account
      if (over_http(login))
        web_.push_back(&login);
      else
        log_in_once(login);
    }
    with_sessions(0);
    for (Opened& one : opened_) {
      one.fact.evidence = report_;
      runner::record(context_, one.fact);
    }
    if (opened_.empty())
      lost("no account with a password and a login over the network is declared",
           Cause::declaration);
    if (context_.stop().stop_requested()) lost("the run was asked to stop", Cause::lab);
    const std::string tried = std::to_string(opened_.size()) + " logins, then " + tried_;
    context_.cover(why_.empty() ? whole(kTopic, "lan", tried)
                                : gap(kTopic, "lan", cause_, why_, tried));
  }

 private:
  void lost(const std::string& why, Cause cause) {
    if (!why_.empty()) return;
    why_ = printable(why);
    cause_ = cause;
  }

  Opened opened(const declaration::Login& login, const std::string& account) {
    Opened out;
    out.login = &login;
    out.fact.subject = login.port.subject();
    out.fact.login = login.id;
    out.fact.account = account;
    return out;
  }

  // The connection of such a login ends with it; what it opened is still open afterwards.
  void log_in_once(const declaration::Login& login) {
    LoginClient client(context_, login);
    for (const auto& account : context_.device().accounts) {
      if (!account.has_password || !uses(account, login.id)) continue;
      if (context_.stop().stop_requested()) return;
      Opened one = opened(login, account.name);
      const auto made = booked_attempt(context_, client, account.name, account.password,
                                       budget_of(context_, login.port, account.name));
      one.fact.outcome = made ? std::string(word(made->answer)) : "not-tried";
      one.fact.message = made ? made->why : printable(made.error().message());
      one.fact.held = "not-kept";
      if (one.fact.outcome != "accepted")
        lost("the login " + login.id + " as " + account.name +
                 " was not accepted: " + one.fact.message,
             made ? Cause::device : cause_of(made.error()));
      opened_.push_back(std::move(one));
    }
  }

  // One login after the other opens the sessions of its accounts, and they stay open.
  void with_sessions(std::size_t at) {
    if (at == web_.size()) {
      ask_ports();
      return;
    }
    const declaration::Login& login = *web_[at];
    declaration::Call any;
    any.http.port = login.port;
    any.http.tls = login.tls;
    any.http.path = "/";
    any.http.login = login.id;
    with_people(context_, {{&any}}, [&](std::vector<Person>& people) {
      for (Person& person : people) {
        if (person.account == nullptr || !person.account->has_password) continue;
        Opened one = opened(login, person.account->name);
        one.person = person.client != nullptr ? &person : nullptr;
        one.fact.outcome = one.person != nullptr ? "accepted" : "refused";
        one.fact.message = one.person != nullptr ? "a session is open" : person.why;
        if (one.person == nullptr) {
          one.fact.held = "no";
          if (person.cause != Cause::device) one.fact.outcome = "not-tried";
          lost(person.why, person.cause);
        }
        opened_.push_back(std::move(one));
      }
      with_sessions(at + 1);
    });
  }

  void touch() {
    for (Opened& one : opened_) {
      if (one.person == nullptr) continue;
      const auto lives_on = lives(one.login, *one.person);
      if (one.fact.held == "no") continue;
      one.fact.held = lives_on ? (*lives_on ? "yes" : "no") : "unknown";
      if (lives_on && *lives_on) continue;
      one.fact.message = lives_on ? "the session ended while the ports were asked"
                                  : printable(lives_on.error().message());
    }
  }

  void ask_ports() {
    // Sessions end where nobody uses them; their clients belong to this thread until it ends.
    std::jthread keep([this](std::stop_token end) {
      while (!end.stop_requested()) {
        touch();
        if (!context_.clock().sleep(kTouch, end)) return;
      }
    });
    std::map<bool, UdpFace> udp;
    std::vector<TcpFace> tcp;
    const auto& addresses = context_.device().addresses;
    {
      std::jthread beside([&] {
        for (const Address& address : addresses)
          udp[address.v6] = ask_udp(context_, address, udp_ports(context_.device()));
      });
      for (const Address& address : addresses)
        tcp.push_back(sweep_tcp(context_, address, declared_tcp()));
    }
    keep.request_stop();
    keep.join();
    touch();
    note(tcp, udp);
    for (Opened& one : opened_) one.person = nullptr;
  }

  std::vector<std::uint16_t> declared_tcp() const {
    std::vector<std::uint16_t> out;
    for (const auto& service : context_.device().services)
      if (service.port.transport == "tcp") out.push_back(service.port.number);
    return out;
  }

  // Ports that were closed before have no row, unless the sweep could not tell one of them.
  std::string before(const std::map<std::string, facts::Port>& ports, bool whole_sweep,
                     const std::string& subject) const {
    const auto found = ports.find(subject);
    if (found == ports.end()) return whole_sweep ? "not-open" : "unknown";
    if (found->second.state == "open") return "open";
    return found->second.state == "unknown" && found->second.transport != "udp" ? "unknown"
                                                                                : "not-open";
  }

  void note(const std::vector<TcpFace>& tcp, const std::map<bool, UdpFace>& udp) {
    std::map<std::string, facts::Port> ports;
    bool whole_sweep = false;
    for (auto& one : runner::facts<facts::Port>(context_)) {
      whole_sweep = whole_sweep || one.transport == "tcp";
      ports.emplace(one.subject, std::move(one));
    }
    for (const auto& [subject, one] : ports)
      if (one.transport != "udp" && one.state == "unknown") whole_sweep = false;
    std::string text;
    std::set<std::uint16_t> open_tcp, open_udp;
    for (const TcpFace& face : tcp) {
      text += face.report;
      open_tcp.insert(face.open.begin(), face.open.end());
      if (!face.whole) lost("the ports were not asked in full again: " + face.why, face.cause);
    }
    for (const auto& [v6, face] : udp) {
      for (const auto& [number, port] : face.ports)
        if (port.state == "open") open_udp.insert(number);
      if (!face.why.empty()) lost(face.why, Cause::tool);
    }
    for (const Opened& one : opened_)
      text += "login " + one.fact.login + " as " + one.fact.account + ": " + one.fact.outcome +
              ", session " + one.fact.held + " (" + one.fact.message + ")\n";
    text += "UDP ports that answer: " + ranges(open_udp) + "\n";
    report_ = context_.recorder().attach("lan", "all ports again, with sessions of every account",
                                         "text/plain; charset=utf-8", as_bytes(text));
    tried_ = "TCP ports 1-65535 and " + std::to_string(udp_ports(context_.device()).size()) +
             " UDP ports";
    std::size_t again = 0;
    for (const auto& [transport, open] : {std::pair("tcp", open_tcp), std::pair("udp", open_udp)})
      for (const std::uint16_t number : open) {
        const declaration::PortName name{.transport = transport, .number = number};
        facts::LatePort fact;
        fact.evidence = report_;
        fact.subject = name.subject();
        fact.transport = name.transport;
        fact.number = number;
        fact.before = before(ports, whole_sweep, fact.subject);
        fact.after = "open";
        if (name.transport == "tcp" && fact.before != "open") sure(name, again++, fact);
        runner::record(context_, fact);
      }
  }

  // A port that is new is connected to once more by itself.
  void sure(const declaration::PortName& name, std::size_t number, facts::LatePort& fact) {
    if (number >= kAskedAgain) return;
    const auto conn = context_.connect(name, "a port that is open after the logins", 3s);
    if (!conn) fact.after = "unknown";
  }

  runner::Context& context_;
  std::vector<const declaration::Login*> web_;
  std::vector<Opened> opened_;
  EvidenceId report_ = 0;
  std::string tried_ = "no port";
  std::string why_;
  Cause cause_ = Cause::none;
};

Result<void> look_at_ports(runner::Context& context) {
  LatePorts(context).work();
  return {};
}

}  // namespace

runner::Procedure late_ports_procedure() {
  runner::Info info;
  info.id = "late-ports";
  info.title = {"로그인한 뒤 열리는 포트", "ports that open after a login"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"port", "login_surface"};
  info.provides_facts = {"late_login", "late_port"};
  info.topics = {kTopic};
  info.exclusive = {"login"};
  info.connections = 65535;
  info.logins = 16;
  info.expected = std::chrono::seconds(10);
  info.deadline = std::chrono::seconds(600);
  return {.info = std::move(info), .run = look_at_ports, .recover = {}};
}

}  // namespace haetae::testcases
