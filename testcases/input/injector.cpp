#include "testcases/input/injector.hpp"
#include "testcases/authentication/login_client.hpp"

#include <algorithm>

#include "testcases/authentication/http_call.hpp"

namespace haetae::testcases::input {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int kMostSilent = 12;

std::string whole_of(const protocols::HttpResponse& answer) {
  std::string out;
  for (const auto& field : answer.fields) out += field.name + ": " + field.value + "\n";
  return out + "\n" + answer.body;
}

bool is_front(const Spot& spot) {
  return !spot.places.empty() && spot.places.front().kind == Place::Kind::url;
}

// The first line of what stands around a place, for people.
std::string around(std::string_view text, std::string_view found) {
  const auto at = static_cast<std::size_t>(found.data() - text.data());
  const std::size_t from = at < 40 ? 0 : at - 40;
  return printable(text.substr(from, found.size() + 80));
}

}  // namespace

Injector::Injector(runner::Context& context, const Target& target, const Limits& limits,
                   Callback& callback)
    : context_(context),
      limits_(limits),
      callback_(callback),
      asker_(context, target, limits),
      ground_(context, target, limits),
      subject_(target.subject()),
      probes_(probes(context.catalogue())),
      texts_(error_texts(context.catalogue())) {}

void Injector::run() {
  for (const std::string& login : ground_.logins()) {
    if (gone_ || context_.stop().stop_requested()) break;
    behind(login);
  }
  if (context_.stop().stop_requested())
    ground_.shortfall.lost("the run was asked to stop", Cause::lab);
}

void Injector::behind(const std::string& login) {
  std::vector<Spot> pending;
  bool first = true;
  for (int round = 0; round < 2 && (first || !pending.empty()) && !gone_; ++round) {
    const auto done =
        inside(context_, ground_.request_for(login), {}, "hostile input", [&](Client& client) {
          if (first && login.empty()) pending.push_back(ground_.front());
          if (first) ground_.add_declared(login, pending);
          if (first) ground_.crawl(client, login, pending);
          first = false;
          pending = try_spots(client, pending);
        });
    if (!done) {
      ground_.shortfall.lost(printable(done.error().message()), cause_of(done.error()));
      break;
    }
  }
  for (const Spot& spot : pending) {
    control(spot, false, asker_.evidence());
    ground_.shortfall.lost("the session ended while input was sent to " + spot.name(),
                           Cause::device);
  }
}

std::vector<Spot> Injector::try_spots(Client& client, const std::vector<Spot>& spots) {
  std::vector<Spot> lost;
  for (std::size_t i = 0; i < spots.size(); ++i) {
    if (context_.stop().stop_requested() || gone_) break;
    context_.progress(i, spots.size(), subject_ + " " + spots[i].name());
    // Behind a lost session nothing can be learned.
    if (!lost.empty()) {
      lost.push_back(spots[i]);
      continue;
    }
    if (try_spot(client, spots[i]) == End::session_lost) lost.push_back(spots[i]);
  }
  return lost;
}

bool Injector::usable(const Spot& spot, const Response& answer) {
  if (is_front(spot)) return answer.status < 500;
  const Told told = told_by(spot.call, answer);
  if (told != Told::refused && answer.status < 400) return true;
  if (spot.id.empty()) {
    ground_.left_out.insert(spot.name() + " (status " + std::to_string(answer.status) + ")");
  } else {
    ground_.shortfall.lost(
        "the declared call " + spot.id + " was answered with " + words_of(answer),
        Cause::declaration);
  }
  return false;
}

Injector::End Injector::try_spot(Client& client, const Spot& spot) {
  Base base;
  std::string before;
  for (int turn = 0; turn < 2; ++turn) {
    auto answer = asker_.ask(client, ordinary(spot));
    if (!answer) {
      control(spot, false, client.evidence());
      ground_.shortfall.lost(
          spot.name() + " was not answered: " + printable(answer.error().message()),
          cause_of(answer.error()));
      return End::done;
    }
    if (session_shut(spot, *answer)) return End::session_lost;
    if (!usable(spot, *answer)) return End::done;
    const std::string bared = bare(*answer, {}, {});
    if (turn == 1) {
      base.stable = bared == before;
      base.numbers = bare_of_numbers(bared) == bare_of_numbers(before);
    }
    before = bared;
    base.slowest = std::max(base.slowest, answer->took);
    base.whole += whole_of(*answer);
    base.answer = std::move(*answer);
  }
  End end = End::done;
  for (const Place& place : spot.places) {
    end = try_place(client, spot, place, base);
    if (end != End::done) break;
  }
  if (end == End::done && !gone_) wrong_requests(client, spot, base);
  if (end == End::session_lost) return end;
  undo(client, spot);
  const auto after =
      gone_ ? fail(ErrorKind::closed, "it is gone") : asker_.ask(client, ordinary(spot));
  if (after && session_shut(spot, *after)) return End::session_lost;
  undo(client, spot);
  control(spot, after && after->status == base.answer.status,
          after ? after->evidence : client.evidence());
  return end;
}

Injector::End Injector::try_place(Client& client, const Spot& spot, const Place& place,
                                  const Base& base) {
  const bool url = place.kind == Place::Kind::url;
  for (const Probe& probe : probes_) {
    if (probe.at != (url ? "url" : "value")) continue;
    if (probe.shows == "callback" && !callback_.open()) continue;
    if (context_.stop().stop_requested()) return End::stop;
    if (asker_.spent()) {
      ground_.shortfall.lost(
          "more than " + std::to_string(limits_.requests) + " requests would have been needed",
          Cause::lab);
      return End::stop;
    }
    facts::InputTrial& row = trials_[{spot.name(), name_of(spot, place), probe.family}];
    if (row.subject.empty()) {
      row.subject = subject_;
      row.protocol = "http";
      row.target = spot.name();
      row.place = name_of(spot, place);
      row.family = probe.family;
      row.outcome = "handled";
      row.basis = "nothing";
      row.evidence = base.answer.evidence;
    }
    if (row.outcome == "executed" || row.outcome == "crashed") continue;
    if (!fire({client, spot, place, probe, base, row})) return End::stop;
  }
  const auto check = asker_.ask(client, ordinary(spot));
  if (check && session_shut(spot, *check)) return End::session_lost;
  return End::done;
}

bool Injector::fire(const Try& one) {
  ++one.row.tried;
  const Shot shot = load(one.probe, one.place.value, callback_.url(), limits_.delay);
  const std::string& shows = one.probe.shows;
  if (shows == "computed" || shows == "content")
    on_text(one, shot);
  else if (shows == "header")
    on_header(one, shot);
  else if (shows == "error")
    on_error(one, shot);
  else if (shows == "condition")
    on_condition(one, shot);
  else if (shows == "delay")
    on_delay(one, shot);
  else if (shows == "callback")
    on_callback(one, shot);
  return !gone_ && silent_ < kMostSilent;
}

Result<Injector::Response> Injector::send(const Try& one, const std::string& value) {
  auto answer =
      asker_.ask(one.client, with_value(one.spot, one.place, value), seconds(limits_.delay + 3));
  if (!answer) {
    answered(one, answer.error(), value);
    return answer;
  }
  if (one.row.outcome != "executed") one.row.evidence = answer->evidence;
  read(one.spot, one.probe.family, *answer, one.base.whole, value);
  return answer;
}

bool Injector::answered(const Try& one, const Error& error, const std::string& value) {
  ++silent_;
  if (silent_ >= kMostSilent)
    ground_.shortfall.lost(std::to_string(kMostSilent) + " requests had no answer, at last at " +
                               one.spot.name() + ": " + printable(error.message()),
                           Cause::device);
  if (asker_.alive()) return true;
  facts::InputCrash& crash = crashes_[{one.row.target, one.row.place, one.row.family}];
  const Away away = asker_.wait_back();
  crash.evidence = one.client.evidence() != 0 ? one.client.evidence() : away.evidence;
  crash.subject = subject_;
  crash.protocol = "http";
  crash.target = one.row.target;
  crash.place = one.row.place;
  crash.family = one.row.family;
  crash.effect = away.effect;
  crash.repeated = "not-tried";
  crash.probe = one.probe.name;
  crash.length = static_cast<std::int64_t>(value.size());
  crash.away_ms = std::chrono::duration_cast<milliseconds>(away.gone).count();
  crash.sent = printable(value);
  crash.sha256 = to_hex(sha256(as_bytes(value)));
  one.row.outcome = "crashed";
  one.row.basis = "liveness";
  one.row.probe = one.probe.name;
  one.row.sent = printable(value);
  one.row.seen = printable(error.message());
  one.row.evidence = crash.evidence;
  gone_ = !away.back;
  ground_.shortfall.lost("the service stopped answering at " + one.spot.name(), Cause::device);
  return false;
}

void Injector::hit(const Try& one, const std::string& basis, EvidenceId evidence,
                   const std::string& sent, const std::string& seen) {
  one.row.outcome = "executed";
  one.row.basis = basis;
  one.row.probe = one.probe.name;
  one.row.sent = printable(sent);
  one.row.seen = printable(seen);
  one.row.evidence = evidence;
}

void Injector::on_text(const Try& one, const Shot& shot) {
  const auto answer = send(one, shot.text);
  if (!answer) return;
  const std::string whole = whole_of(*answer);
  const std::string_view found = match(whole, shot.expect);
  if (found.empty() || !match(one.base.whole, shot.expect).empty()) return;
  hit(one, one.probe.shows, answer->evidence, shot.text, around(whole, found));
}

void Injector::on_header(const Try& one, const Shot& shot) {
  const auto answer = send(one, shot.text);
  if (!answer || answer->all(shot.expect).empty()) return;
  hit(one, "header", answer->evidence, shot.text,
      shot.expect + ": " + std::string(answer->field(shot.expect)));
}

void Injector::on_error(const Try& one, const Shot& shot) {
  const auto database = [&](const Result<Response>& answer, const std::string& sent) {
    if (!answer) return Revealed{};
    Revealed found = reveals(texts_, *answer, one.base.whole, sent);
    return found.what != nullptr && found.what->kind == "database" ? found : Revealed{};
  };
  const auto broken = send(one, shot.text);
  if (database(broken, shot.text).what == nullptr) return;
  const auto whole = send(one, shot.other);
  if (!whole || database(whole, shot.other).what != nullptr) return;
  const auto again = send(one, shot.text);
  const Revealed found = database(again, shot.text);
  if (found.what != nullptr) hit(one, "error", again->evidence, shot.text, found.text);
}

void Injector::on_condition(const Try& one, const Shot& shot) {
  if (!one.base.numbers) {
    // Answers that change by themselves follow no condition that could be seen.
    if (one.row.outcome == "handled") one.row.outcome = "unknown";
    return;
  }
  const auto same = [&](const Response& answer, const std::string& sent) {
    const std::string mine = bare(answer, sent, one.place.value);
    const std::string theirs = bare(one.base.answer, {}, {});
    return one.base.stable ? mine == theirs : bare_of_numbers(mine) == bare_of_numbers(theirs);
  };
  const auto holds = [&](const Shot& made, EvidenceId& evidence) {
    const auto yes = send(one, made.text);
    if (!yes || !same(*yes, made.text)) return false;
    const auto no = send(one, made.other);
    if (!no || same(*no, made.other)) return false;
    evidence = no->evidence;
    return true;
  };
  EvidenceId evidence = 0;
  if (!holds(shot, evidence)) return;
  const Shot second = load(one.probe, one.place.value, callback_.url(), limits_.delay);
  if (!holds(second, evidence)) return;
  hit(one, "condition", evidence, second.text,
      "answered as the ordinary value, and otherwise with a condition that is false: " +
          second.other);
}

void Injector::on_delay(const Try& one, const Shot& shot) {
  const Duration quick = milliseconds(500 * limits_.delay);
  const Duration late = seconds(limits_.delay) - milliseconds(50);
  if (one.base.slowest >= quick) {
    if (one.row.outcome == "handled") one.row.outcome = "unknown";
    return;
  }
  const auto took = [&](const std::string& value) -> std::optional<Duration> {
    const auto answer = send(one, value);
    if (!answer) return std::nullopt;
    return answer->took;
  };
  const auto first = took(shot.text);
  if (!first || *first < late) return;
  const auto control = took(shot.other);
  if (!control || *control >= quick) return;
  const Shot longer = load(one.probe, one.place.value, callback_.url(), limits_.delay + 1);
  const auto second = took(longer.text);
  if (!second || *second < late + seconds(1)) return;
  const auto again = took(shot.other);
  if (!again || *again >= quick) return;
  const auto ms = [](Duration one_time) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(one_time).count());
  };
  hit(one, "delay", one.client.evidence(), longer.text,
      "answered after " + ms(*first) + " ms and " + ms(*second) + " ms, with no wait after " +
          ms(*control) + " ms and " + ms(*again) + " ms");
}

void Injector::on_callback(const Try& one, const Shot& shot) {
  const auto answer = send(one, shot.text);
  if (const EvidenceId evidence = callback_.evidence_of(shot.token); evidence != 0) {
    hit(one, "callback", evidence, shot.text,
        "the device connected to us and asked for /" + shot.token);
    return;
  }
  if (answer)
    called_.push_back({.trial = {one.row.target, one.row.place, one.row.family},
                       .token = shot.token,
                       .sent = shot.text,
                       .probe = one.probe.name});
}

void Injector::read(const Spot& spot, const std::string& family, const Response& answer,
                    const std::string& ordinary, const std::string& sent) {
  facts::ErrorAnswer& row = errors_[{spot.name(), family}];
  if (row.subject.empty()) {
    row.subject = subject_;
    row.target = spot.name();
    row.family = family;
    row.reveals = "no";
    row.kind = "none";
    row.evidence = answer.evidence;
  }
  if (row.reveals == "yes") return;
  if (answer.broken_off()) row.reveals = "unknown";
  const Revealed found = reveals(texts_, answer, ordinary, sent);
  if (found.what == nullptr) return;
  row.reveals = "yes";
  row.marker = found.what->name;
  row.kind = found.what->kind;
  row.sent = printable(sent);
  row.text = found.text;
  row.evidence = answer.evidence;
}

void Injector::wrong_requests(Client& client, const Spot& spot, const Base& base) {
  struct Wrong {
    std::string family, sent;
    protocols::HttpRequest request;
  };
  std::vector<Wrong> all;
  protocols::HttpRequest method = ordinary(spot);
  method.method = "HAETAE";
  all.push_back({"method", "HAETAE", method});
  if (is_front(spot))
    for (const std::string& path : {random_path(), random_path() + ".php", std::string("/%00"),
                                    std::string("/%ff%fe"), std::string("/?") + "[]=%"})
      all.push_back(
          {"unknown-path",
           path,
           {.method = "GET", .target = path, .fields = {}, .body = {}, .content_type = {}}});
  for (const Place& place : spot.places)
    if (place.kind != Place::Kind::url)
      for (const std::string& value :
           {std::string(), std::string("-1"), std::string("99999999999999999999"),
            std::string("\xff\xfe\xfd"), std::string("%s%x%d"), std::string(400, 'A')})
        all.push_back({"malformed", value, with_value(spot, place, value)});
  if (spot.call.body == "json")
    for (const std::string& body : {std::string("{"), std::string("[]"), std::string("7"),
                                    std::string("null"), std::string("{\"a\":[{}]}")}) {
      protocols::HttpRequest request = ordinary(spot);
      request.body = body;
      all.push_back({"malformed", body, request});
    }
  for (const Wrong& wrong : all) {
    if (context_.stop().stop_requested() || asker_.spent()) return;
    const auto answer = asker_.ask(client, wrong.request);
    if (answer) {
      read(spot, wrong.family, *answer, base.whole, wrong.sent);
    } else {
      auto& row = errors_[{spot.name(), wrong.family}];
      if (row.subject.empty()) {
        // A request that is dropped tells nothing of the inside.
        row.subject = subject_;
        row.target = spot.name();
        row.family = wrong.family;
        row.reveals = asker_.alive() ? "no" : "unknown";
        row.kind = "none";
        row.evidence = client.evidence();
      }
    }
  }
}

void Injector::undo(Client& client, const Spot& spot) {
  if (!spot.changes || spot.undo.empty() || gone_) return;
  const auto* call = context_.device().call(spot.undo);
  if (call == nullptr) return;
  declaration::HttpCall http = with_proof(*call, account_for(context_.device(), call->http.login));
  http.tls = spot.call.tls;
  const auto answer = asker_.ask(client, request_of(http));
  if (!answer || told_by(http, *answer) != Told::done)
    ground_.shortfall.lost(spot.name() + " could not be undone by the call " + spot.undo,
                           Cause::device);
}

void Injector::control(const Spot& spot, bool held, EvidenceId evidence) {
  facts::InputControl& row = controls_[spot.name()];
  const bool first = row.subject.empty();
  row.subject = subject_;
  row.target = spot.name();
  row.family = "injection";
  if (first || !held) {
    row.ordinary = held ? "answered" : "not-answered";
    row.evidence = evidence;
  }
}

void Injector::settle() {
  for (const Called& one : called_) {
    const EvidenceId evidence = callback_.evidence_of(one.token);
    facts::InputTrial& row = trials_[one.trial];
    if (evidence == 0 || row.outcome == "executed") continue;
    row.outcome = "executed";
    row.basis = "callback";
    row.probe = one.probe;
    row.sent = printable(one.sent);
    row.seen = "the device connected to us and asked for /" + one.token;
    row.evidence = evidence;
  }
  Keeper keeper(context_);
  for (auto& [key, row] : trials_) {
    if (row.evidence == 0) row.evidence = asker_.evidence();
    keeper.keep(row);
  }
  for (const auto& [key, row] : errors_) keeper.keep(row);
  for (const auto& [key, row] : controls_) keeper.keep(row);
  for (const auto& [key, row] : crashes_) keeper.keep(row);
  std::string tried = std::to_string(asker_.sent()) + " requests to " +
                      std::to_string(controls_.size()) + " targets, " +
                      std::to_string(ground_.pages) + " pages crawled, input.delay " +
                      std::to_string(limits_.delay);
  if (!callback_.open()) tried += "; connections to us were not watched: " + callback_.why();
  for (const std::string& one : ground_.left_out) {
    if (tried.size() > 800) break;
    tried += "; left out: " + one;
  }
  const Shortfall& why = ground_.shortfall;
  for (const char* topic : {"input.injection", "input.errors"})
    context_.cover(why.why.empty() ? whole(topic, subject_, tried)
                                   : gap(topic, subject_, why.cause, why.why, tried));
}

}  // namespace haetae::testcases::input
