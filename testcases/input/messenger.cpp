#include "testcases/input/messenger.hpp"

#include <algorithm>
#include <array>

#include "harness/protocols/service_probe.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/input/asker.hpp"

namespace haetae::testcases::input {
namespace {

// An input that is dropped is as good as one that is answered; what it does shows afterwards.
constexpr Duration kAnswer = 25ms;
constexpr Duration kQuiet = 5ms;
constexpr Duration kStep = 1s;  // for the answer to a message in front
constexpr std::size_t kMostHeard = 16 * 1024;
constexpr std::size_t kSuspects = 3;  // a service may take a moment to be gone

}  // namespace

Messenger::Messenger(runner::Context& context, const Protocol& protocol, const Target& target,
                     const Limits& limits)
    : context_(context),
      protocol_(protocol),
      target_(target),
      limits_(limits),
      subject_(target.subject()) {
  talk_.to = {context.address(), target.port.number};
  talk_.datagrams = target.port.transport == "udp";
  for (const auto& login : context.device().logins) {
    if (login.port != target.port || login.method != protocol.name) continue;
    if (const auto* account = account_for(context.device(), login.id))
      talk_.login.emplace(account->name, account->password);
  }
}

bool Messenger::greet() {
  for (const Ordinary& one : protocol_.ordinary(talk_)) {
    const std::string seen = hear(one.question, talk_.datagrams ? Duration(1500ms) : Duration(3s));
    if (context_.stop().stop_requested()) return false;
    const bool opened = !one.opens.empty() && seen == one.opens;
    if (seen.empty() || (one.only_open && !opened)) continue;
    if (!usual_.empty() && !opened) continue;
    usual_ = seen;
    talk_.ordinary = one.question;
    talk_.inside = opened;
    if (opened || one.opens.empty()) break;
  }
  return !usual_.empty();
}

std::string Messenger::hear(const Bytes& question, Duration wait) {
  return talk_.datagrams ? hear_datagram(question, wait) : hear_stream(question, wait);
}

std::string Messenger::hear_stream(const Bytes& question, Duration wait) {
  const auto failed = [this](const Error& error) {
    trouble_ = printable(error.message());
    whose_ = cause_of(error);
    return std::string();
  };
  auto conn = open(context_, target_, "ordinary " + std::string(protocol_.name), wait);
  if (!conn) return failed(conn.error());
  evidence_ = (*conn)->evidence();
  const SteadyTime until = context_.clock().now() + wait;
  if (const auto written = (*conn)->write(question, until); !written)
    return failed(written.error());
  Bytes heard;
  std::array<std::uint8_t, 2048> block{};
  while (heard.size() < kMostHeard) {
    const auto got = (*conn)->read_some(block, until);
    if (!got) return failed(got.error());
    if (*got == 0) break;
    heard.insert(heard.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(*got));
    if (std::string seen = protocol_.read(talk_, heard); !seen.empty()) return seen;
  }
  trouble_ = "what it says is no answer of the protocol";
  whose_ = Cause::device;
  return {};
}

std::string Messenger::hear_datagram(const Bytes& question, Duration wait) {
  const net::UdpQuestion asked{.to = talk_.to,
                               .payload = question,
                               .label = "ordinary " + std::string(protocol_.name),
                               .subject = subject_};
  const auto answers = context_.door().ask({&asked, 1}, wait, context_.recorder(), context_.stop());
  trouble_ = "no answer of the protocol came";
  whose_ = Cause::device;
  if (!answers || answers->empty()) return {};
  evidence_ = answers->front().evidence;
  if (answers->front().unsent) whose_ = Cause::lab;
  for (const net::Datagram& one : answers->front().datagrams) {
    if (one.from != talk_.to) continue;
    if (std::string seen = protocol_.read(talk_, one.bytes); !seen.empty()) return seen;
  }
  return {};
}

std::string Messenger::still() {
  const auto waits =
      talk_.datagrams ? std::array<Duration, 3>{60ms, 1s, 2s} : std::array<Duration, 3>{2s, 2s, 2s};
  for (const Duration wait : waits) {
    if (context_.stop().stop_requested()) return {};
    if (std::string seen = hear(talk_.ordinary, wait); !seen.empty()) return seen;
  }
  return {};
}

void Messenger::fire(const Message& message, const Bytes& last) {
  if (talk_.datagrams)
    fire_datagram(message, last);
  else
    fire_stream(message, last);
}

void Messenger::fire_stream(const Message& message, const Bytes& last) {
  auto conn = open(context_, target_, "malformed " + message.target + ": " + message.name, 3s);
  if (!conn) return;
  evidence_ = (*conn)->evidence();
  for (const Bytes& step : message.before) {
    const SteadyTime until = context_.clock().now() + kStep;
    if (!(*conn)->write(step, until)) return;
    if (protocols::hear(**conn, context_.clock(), kQuiet, until).closed) return;
  }
  const SteadyTime until = context_.clock().now() + 3s;
  static_cast<void>((*conn)->write(last, until));
  static_cast<void>(
      protocols::hear(**conn, context_.clock(), kQuiet, context_.clock().now() + kAnswer));
  (*conn)->close();
}

void Messenger::fire_datagram(const Message& message, const Bytes& last) {
  const net::UdpQuestion asked{.to = talk_.to,
                               .payload = last,
                               .label = "malformed " + message.target + ": " + message.name,
                               .subject = subject_};
  const auto answers =
      context_.door().ask({&asked, 1}, kAnswer, context_.recorder(), context_.stop());
  if (answers && !answers->empty()) evidence_ = answers->front().evidence;
}

std::vector<Messenger::Shot> Messenger::shots(const std::vector<Message>& messages) const {
  std::vector<Shot> out;
  for (const Message& one : messages)
    for (const std::int64_t part : {64, 8, 1})
      if (one.sized || part == 1)
        out.push_back(
            {.message = &one, .length = static_cast<std::size_t>(limits_.longest / part)});
  return out;
}

bool Messenger::bears(std::size_t count) {
  for (std::size_t asked = 0; asked < count; ++asked) {
    context_.progress(asked, count, subject_ + " ordinary " + std::string(protocol_.name));
    const std::string seen = still();
    if (context_.stop().stop_requested()) return false;
    if (seen == usual_) continue;
    shortfall.lost("after " + std::to_string(asked + 1) + " ordinary questions of " +
                       std::string(protocol_.name) + " the service " +
                       (seen.empty() ? "no longer answered" : "answered otherwise") +
                       ": it blocks us, or cannot bear the number",
                   Cause::device);
    return false;
  }
  return true;
}

facts::InputTrial& Messenger::trial(const Message& message) {
  facts::InputTrial& row = trials_[{message.target, message.place, message.family}];
  if (row.subject.empty()) {
    row.subject = subject_;
    row.protocol = protocol_.name;
    row.target = message.target;
    row.place = message.place;
    row.family = message.family;
    row.outcome = "handled";
    row.basis = "nothing";
  }
  return row;
}

void Messenger::run() {
  const std::string name(protocol_.name);
  if (!greet()) {
    shortfall.lost("no ordinary question of " + name + " was answered: " + trouble_, whose_);
    return;
  }
  messages_ = protocol_.messages(talk_);
  std::vector<Shot> all = shots(messages_);
  planned_ = all.size();
  if (!bears(planned_)) return;
  std::vector<Shot> done;
  for (Shot& shot : all) {
    if (context_.stop().stop_requested()) break;
    context_.progress(sent_, planned_, subject_ + " " + name);
    const Bytes bytes = shot.message->make(shot.length);
    shot.sent = std::string(as_text(bytes));
    fire(*shot.message, bytes);
    ++sent_;
    done.insert(done.begin(), shot);
    if (done.size() > kSuspects) done.pop_back();
    facts::InputTrial& row = trial(*shot.message);
    ++row.tried;
    row.evidence = evidence_;
    const std::string seen = still();
    if (seen == usual_) continue;
    if (context_.stop().stop_requested()) break;
    if (!seen.empty()) {
      shortfall.lost("an ordinary question of " + name + " was answered otherwise (" + seen +
                         " instead of " + usual_ + ") after " + shot.message->name,
                     Cause::device);
      return;
    }
    examine(done);
    return;
  }
  held_ = still() == usual_;
  if (!held_)
    shortfall.lost("the last ordinary question of " + name + " was not answered", Cause::device);
  if (context_.stop().stop_requested()) shortfall.lost("the run was asked to stop", Cause::lab);
}

Away Messenger::wait_back() {
  return input::wait_back(context_, limits_, stays_, [this] {
    if (talk_.ordinary.empty()) return greet();
    return !hear(talk_.ordinary, talk_.datagrams ? Duration(400ms) : Duration(1s)).empty();
  });
}

void Messenger::examine(std::vector<Shot>& done) {
  std::vector<Suspect> suspects;
  for (const Shot& shot : done)
    suspects.push_back(
        {.halves = true,
         .length = shot.message->sized ? shot.length : shot.sent.size(),
         .sent = shot.sent,
         .again = [this, message = shot.message](std::size_t length, std::string& sent) {
           // Of a message without a length of its own the beginning is sent.
           const Bytes bytes =
               message->sized ? message->make(length) : cut(message->make(0), length);
           sent = std::string(as_text(bytes));
           fire(*message, bytes);
           return still().empty() && !context_.stop().stop_requested();
         }});
  const Autopsy autopsy = input::look_closer(context_, suspects, [this] { return wait_back(); });
  gone_ = !autopsy.back;
  const Message& guilty = *done[autopsy.which].message;
  facts::InputTrial& row = trial(guilty);
  row.outcome = "crashed";
  row.basis = "liveness";
  row.probe = guilty.name;
  row.seen = "no answer on new connections afterwards";
  crashes_.push_back(crash_of(context_, row, guilty.name, autopsy));
  row.sent = crashes_.back().sent;
  held_ = autopsy.back && still() == usual_;
  shortfall.lost("the service stopped answering after " + guilty.name + " of " +
                     std::string(protocol_.name) + ": " + std::to_string(planned_ - sent_) +
                     " further inputs were not sent",
                 Cause::device);
}

void Messenger::settle(std::string& tried) {
  Keeper keeper(context_);
  std::map<std::string, facts::InputControl> controls;
  for (const auto& [key, row] : trials_) {
    keeper.keep(row);
    facts::InputControl& control = controls[row.target];
    control.subject = subject_;
    control.target = row.target;
    control.family = "malformed";
    control.ordinary = held_ ? "answered" : "not-answered";
    control.evidence = evidence_;
  }
  for (const auto& [key, row] : controls) keeper.keep(row);
  for (const auto& row : crashes_) keeper.keep(row);
  tried += (tried.empty() ? "" : "; ") + std::to_string(sent_) + " of " + std::to_string(planned_) +
           " inputs of " + std::string(protocol_.name) +
           (protocol_.name == "mqtt" && planned_ > 0 && !talk_.inside
                ? ", none behind a login (no session was to be had)"
                : "");
}

}  // namespace haetae::testcases::input
