#include "testcases/input/malformer.hpp"

#include <algorithm>

#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/input/shapes.hpp"

namespace haetae::testcases::input {

namespace {

constexpr int kMostSessions = 6;  // for one spot; each crash takes one
constexpr Duration kMoment = 100ms;
constexpr Duration kAnswer = 250ms;  // a dropped request is as good as an answered one

bool is_front(const Spot& spot) {
  return !spot.places.empty() && spot.places.front().kind == Place::Kind::url;
}

}  // namespace

Malformer::Malformer(runner::Context& context, const Target& target, const Limits& limits)
    : context_(context),
      limits_(limits),
      asker_(context, target, limits),
      ground_(context, target, limits),
      subject_(target.subject()) {}

void Malformer::run() {
  for (const std::string& login : ground_.logins()) {
    if (gone_ || context_.stop().stop_requested()) break;
    behind(login);
  }
  if (context_.stop().stop_requested())
    ground_.shortfall.lost("the run was asked to stop", Cause::lab);
}

void Malformer::add(std::vector<Case>& out, Case one) const {
  for (const std::int64_t part : {64, 8, 1}) {
    one.length = static_cast<std::size_t>(limits_.longest / part);
    if (one.sized || part == 1) out.push_back(one);
  }
}

std::vector<Malformer::Case> Malformer::raw_cases() {
  std::vector<Case> out;
  for (RawShape& shape : raw_shapes())
    add(out, {.place = shape.place,
              .family = shape.family,
              .name = shape.name,
              .sized = shape.sized,
              .length = 0,
              .send = [this, make = shape.make](Client& client, std::size_t length) {
                asker_.count();
                const std::string bytes = make(client.host(), length);
                auto conn = open(context_, asker_.target(), "malformed request", 3s);
                if (!conn) return bytes;
                const SteadyTime until = context_.clock().now() + 3s;
                static_cast<void>((*conn)->write(as_bytes(bytes), until));
                static_cast<void>(net::read_all(**conn, 4096, kAnswer, until));
                (*conn)->close();
                return bytes;
              }});
  return out;
}

Malformer::Work Malformer::work_for(const Spot& spot) {
  Work work;
  work.spot = spot;
  if (is_front(spot)) {
    work.cases = raw_cases();
    return work;
  }
  for (const Place& place : spot.places)
    for (ValueShape& shape : value_shapes())
      add(work.cases,
          {.place = name_of(spot, place),
           .family = shape.family,
           .name = shape.name,
           .sized = shape.sized,
           .length = 0,
           .send = [this, spot, place, make = shape.make](Client& client, std::size_t length) {
             const std::string value = make(length);
             const auto answer = asker_.ask(client, with_value(spot, place, value), 3s);
             doubtful_ = !answer || answer->status >= 500;
             return value;
           }});
  if (spot.call.body != "json") return work;
  for (ValueShape& shape : body_shapes())
    add(work.cases, {.place = "body",
                     .family = shape.family,
                     .name = shape.name,
                     .sized = shape.sized,
                     .length = 0,
                     .send = [this, spot, make = shape.make](Client& client, std::size_t length) {
                       protocols::HttpRequest request = ordinary(spot);
                       request.body = make(length);
                       const auto answer = asker_.ask(client, request, 3s);
                       doubtful_ = !answer || answer->status >= 500;
                       return request.body;
                     }});
  return work;
}

void Malformer::behind(const std::string& login) {
  std::vector<Work> works;
  bool gathered = false;
  const auto open_work = [&] {
    return std::any_of(works.begin(), works.end(), [](const Work& one) { return !one.finished; });
  };
  // Each session ends with all work done, or with a service that went away or forgot us.
  for (int turn = 0; turn < 40 && (!gathered || open_work()) && !gone_; ++turn) {
    if (context_.stop().stop_requested()) break;
    const Case* fatal = nullptr;
    Work* where = nullptr;
    const auto done =
        inside(context_, ground_.request_for(login), {}, "malformed input", [&](Client& client) {
          if (!gathered) {
            std::vector<Spot> spots;
            if (login.empty()) spots.push_back(ground_.front());
            ground_.add_declared(login, spots);
            ground_.crawl(client, login, spots);
            for (const Spot& spot : spots) works.push_back(work_for(spot));
            gathered = true;
          }
          for (Work& work : works) {
            if (work.finished || context_.stop().stop_requested()) continue;
            context_.progress(work.next, work.cases.size(), subject_ + " " + work.spot.name());
            const End end = go_on(client, work);
            if (end == End::done) continue;
            if (end == End::away) {
              where = &work;
              fatal = &work.cases.at(work.next - 1);
            }
            return;
          }
        });
    if (!done) {
      ground_.shortfall.lost(printable(done.error().message()), cause_of(done.error()));
      break;
    }
    if (fatal != nullptr) look_closer(*where, *fatal, last_);
  }
  for (const Work& work : works)
    if (!work.finished) {
      control(work.spot, false, asker_.evidence());
      ground_.shortfall.lost("not all input could be sent to " + work.spot.name(), Cause::device);
    }
}

bool Malformer::lives_after() {
  // A service that failed may take a moment to be gone.
  if (doubtful_) static_cast<void>(context_.clock().sleep(kMoment, context_.stop()));
  return asker_.alive();
}

facts::InputTrial& Malformer::trial(const Spot& spot, const Case& one) {
  facts::InputTrial& row = trials_[{spot.name(), one.place, one.family}];
  if (row.subject.empty()) {
    row.subject = subject_;
    row.protocol = "http";
    row.target = spot.name();
    row.place = one.place;
    row.family = one.family;
    row.outcome = "handled";
    row.basis = "nothing";
  }
  return row;
}

Malformer::End Malformer::go_on(Client& client, Work& work) {
  const bool front = is_front(work.spot);
  if (++work.sessions > kMostSessions) {
    work.finished = true;
    control(work.spot, false, client.evidence());
    ground_.shortfall.lost(
        "the session ended again and again while input was sent to " + work.spot.name(),
        Cause::device);
    return End::done;
  }
  const auto usual = asker_.ask(client, ordinary(work.spot));
  const bool lost = usual && session_shut(work.spot, *usual);
  if (lost) return End::session_lost;
  if (!usual || (!front && usual->status >= 400)) {
    // What gives no ordinary answer shows nothing; the declared ones must.
    work.finished = true;
    if (usual && work.spot.id.empty()) return End::done;
    control(work.spot, false, client.evidence());
    ground_.shortfall.lost(work.spot.name() + " gave no ordinary answer", Cause::device);
    return End::done;
  }
  if (!work.begun) work.status = usual->status;
  work.begun = true;
  while (work.next < work.cases.size()) {
    if (context_.stop().stop_requested()) return End::done;
    if (asker_.spent()) {
      ground_.shortfall.lost(
          "more than " + std::to_string(limits_.requests) + " requests would have been needed",
          Cause::lab);
      return End::done;
    }
    const Case& one = work.cases[work.next++];
    facts::InputTrial& row = trial(work.spot, one);
    if (row.outcome == "crashed") continue;
    ++row.tried;
    last_ = one.send(client, one.length);
    const bool lives = lives_after();
    row.evidence = client.evidence() != 0 ? client.evidence() : asker_.evidence();
    if (!lives) {
      if (context_.stop().stop_requested()) {
        --work.next;
        return End::done;
      }
      return End::away;
    }
  }
  const auto after = asker_.ask(client, ordinary(work.spot));
  if (after && session_shut(work.spot, *after)) return End::session_lost;
  undo(client, work.spot);
  work.finished = true;
  control(work.spot, after && after->status == work.status,
          after ? after->evidence : client.evidence());
  return End::done;
}

bool Malformer::kills(const std::string& login, const Case& one, std::size_t length,
                      std::string& sent) {
  bool dead = false;
  const auto done =
      inside(context_, ground_.request_for(login), {}, "the same again", [&](Client& client) {
        sent = one.send(client, length);
        dead = !lives_after();
      });
  return done && dead;
}

void Malformer::look_closer(const Work& work, const Case& one, const std::string& first) {
  facts::InputTrial& row = trial(work.spot, one);
  const Autopsy autopsy =
      input::look_closer(context_,
                         {{.halves = one.sized,
                           .length = one.length,
                           .sent = first,
                           .again =
                               [&](std::size_t length, std::string& sent) {
                                 return kills(work.spot.call.login, one, length, sent);
                               }}},
                         [this] { return asker_.wait_back(); });
  gone_ = !autopsy.back;
  const facts::InputCrash crash = crash_of(context_, row, one.name, autopsy);
  crashes_[{row.target, row.place, row.family}] = crash;
  row.outcome = "crashed";
  row.basis = "liveness";
  row.probe = one.name;
  row.sent = crash.sent;
  row.seen = "no answer on new connections afterwards";
  if (gone_)
    ground_.shortfall.lost("the service did not come back after input to " + work.spot.name(),
                           Cause::device);
}

void Malformer::undo(Client& client, const Spot& spot) {
  if (!spot.changes || spot.undo.empty()) return;
  const auto* call = context_.device().call(spot.undo);
  if (call == nullptr) return;
  declaration::HttpCall http = with_proof(*call, account_for(context_.device(), call->http.login));
  http.tls = spot.call.tls;
  const auto answer = asker_.ask(client, request_of(http));
  if (!answer || told_by(http, *answer) != Told::done)
    ground_.shortfall.lost(spot.name() + " could not be undone by the call " + spot.undo,
                           Cause::device);
}

void Malformer::control(const Spot& spot, bool held, EvidenceId evidence) {
  facts::InputControl& row = controls_[spot.name()];
  const bool first = row.subject.empty();
  row.subject = subject_;
  row.target = spot.name();
  row.family = "malformed";
  if (first || !held) {
    row.ordinary = held ? "answered" : "not-answered";
    row.evidence = evidence != 0 ? evidence : asker_.evidence();
  }
}

void Malformer::settle() {
  Keeper keeper(context_);
  for (auto& [key, row] : trials_) keeper.keep(row);
  for (auto& [key, row] : crashes_) keeper.keep(row);
  for (auto& [key, row] : controls_) keeper.keep(row);
  std::string tried = std::to_string(asker_.sent()) + " requests to " +
                      std::to_string(controls_.size()) + " targets, at most " +
                      std::to_string(limits_.longest) + " bytes";
  for (const std::string& one : ground_.left_out) {
    if (tried.size() > 800) break;
    tried += "; left out: " + one;
  }
  const Shortfall& why = ground_.shortfall;
  context_.cover(why.why.empty() ? whole("input.malformed", subject_, tried)
                                 : gap("input.malformed", subject_, why.cause, why.why, tried));
}

}  // namespace haetae::testcases::input
