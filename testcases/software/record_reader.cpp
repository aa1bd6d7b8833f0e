#include "testcases/software/record_reader.hpp"

#include <algorithm>
#include <map>

#include "harness/formats/record_lines.hpp"
#include "harness/net/listener.hpp"
#include "harness/net/mailbox.hpp"
#include "harness/protocols/syslog.hpp"
#include "testcases/authentication/login_client.hpp"

namespace haetae::testcases {
namespace {

constexpr std::size_t kMostWaiting = 50'000;
constexpr std::size_t kMostRead = 1U << 20U;  // of one stream
constexpr Duration kTurn = 10s;

SeenRecord from_message(const std::string& text, EvidenceId evidence) {
  return {.text = text.substr(0, 4096),
          .content = protocols::syslog::parse(text).content.substr(0, 4096),
          .source = "syslog",
          .evidence = evidence};
}

class Server : public SyslogServer {
 public:
  std::vector<SeenRecord> take() override {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }
  bool heard() const override { return heard_; }

 protected:
  void keep(const std::string& message, EvidenceId evidence) {
    heard_ = true;
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kMostWaiting) waiting_.push_back(from_message(message, evidence));
  }

 private:
  std::mutex mutex_;
  std::vector<SeenRecord> waiting_;
  std::atomic<bool> heard_ = false;
};

class UdpServer final : public Server {
 public:
  UdpServer(Clock& clock, std::unique_ptr<net::Mailbox> mailbox)
      : clock_(clock),
        mailbox_(std::move(mailbox)),
        thread_([this](std::stop_token stop) { serve(stop); }) {}
  EvidenceId evidence() const override { return mailbox_->evidence(); }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto datagram = mailbox_->receive(clock_.now() + kTurn, stop);
      if (datagram)
        keep(std::string(as_text(datagram->bytes)), mailbox_->evidence());
      else if (datagram.error().kind != ErrorKind::timed_out)
        return;
    }
  }

  Clock& clock_;
  std::unique_ptr<net::Mailbox> mailbox_;
  std::jthread thread_;
};

class TcpServer final : public Server {
 public:
  TcpServer(Clock& clock, std::unique_ptr<net::Listener> listener)
      : clock_(clock),
        listener_(std::move(listener)),
        thread_([this](std::stop_token stop) { serve(stop); }) {}
  EvidenceId evidence() const override { return evidence_; }

 private:
  // One peer after the other: a device sends over one connection, or opens one for each record.
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      auto conn = listener_->accept("syslog", clock_.now() + kTurn, stop);
      if (!conn) {
        if (conn.error().kind != ErrorKind::timed_out) return;
        continue;
      }
      evidence_ = (*conn)->evidence();
      hear(**conn, stop);
      (*conn)->close();
    }
  }
  void hear(net::Conn& conn, const std::stop_token& stop) {
    protocols::syslog::Stream stream;
    Bytes buffer(16'384);
    std::size_t total = 0;
    while (!stop.stop_requested() && total < kMostRead) {
      const auto got = conn.read_some(buffer, clock_.now() + 100ms);
      if (!got && got.error().kind == ErrorKind::timed_out) continue;
      if (!got || *got == 0) break;
      total += *got;
      for (const auto& message : stream.feed(as_text(ByteView(buffer).first(*got))))
        keep(message, conn.evidence());
    }
    if (const auto rest = stream.rest(); !rest.empty()) keep(rest, conn.evidence());
  }

  Clock& clock_;
  std::unique_ptr<net::Listener> listener_;
  std::atomic<EvidenceId> evidence_ = 0;
  std::jthread thread_;
};

}  // namespace

Result<std::unique_ptr<SyslogServer>> SyslogServer::start(
    runner::Context& context, const declaration::RecordListener& where) {
  if (where.transport == "tcp") {
    auto listener = context.door().listen(where.at, context.recorder(), "lan");
    if (!listener) return tl::unexpected(listener.error());
    return std::make_unique<TcpServer>(context.clock(), std::move(*listener));
  }
  auto mailbox = context.door().hear(where.at, context.recorder(), "lan", "syslog");
  if (!mailbox) return tl::unexpected(mailbox.error());
  return std::make_unique<UdpServer>(context.clock(), std::move(*mailbox));
}

Result<Reading> read_record(protocols::HttpClient& client, const declaration::HttpCall& call) {
  const auto response = client.exchange(request_of(call), 15s);
  if (!response) return fail("the record of events at " + call.path, response.error());
  if (told_by(call, *response) != Told::done)
    return fail(ErrorKind::refused,
                "the record of events at " + call.path + " was not shown: " + words_of(*response));
  auto parts = formats::record_lines(response->body);
  return Reading{
      .lines = std::move(parts.lines), .evidence = response->evidence, .whole = parts.whole};
}

Result<Reading> read_anew(runner::Context& context, const declaration::HttpCall& call) {
  Result<Reading> out = fail(ErrorKind::internal, "not read");
  const auto done = inside(context, call, {}, "record of events",
                           [&](protocols::HttpClient& client) { out = read_record(client, call); });
  if (!done) return tl::unexpected(done.error());
  return out;
}

std::vector<std::string> new_lines(const Reading& before, const Reading& after) {
  std::map<std::string_view, int> known;
  for (const std::string& line : before.lines) ++known[line];
  std::vector<std::string> out;
  for (const std::string& line : after.lines)
    if (--known[line] < 0) out.push_back(line);
  return out;
}

std::vector<const declaration::Account*> lesser_accounts(const declaration::Declaration& device,
                                                         const std::string& login,
                                                         const std::vector<std::string>& roles) {
  std::vector<const declaration::Account*> out;
  for (const auto& account : device.accounts)
    if (account.has_password && uses(account, login) &&
        std::find(roles.begin(), roles.end(), account.role) == roles.end())
      out.push_back(&account);
  return out;
}

}  // namespace haetae::testcases
