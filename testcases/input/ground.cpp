#include "testcases/input/ground.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "harness/protocols/http_page_links.hpp"
#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/login_client.hpp"

namespace haetae::testcases::input {
namespace {

constexpr std::size_t kMostSpots = 200;
constexpr int kSamePath = 4;  // one path with other queries: calendars and pagers have no end
constexpr std::size_t kDeepest = 10;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string path_of(const std::string& target) { return target.substr(0, target.find('?')); }

// What a crawl asks for: no pictures and no archives.
bool worth(const std::string& target) {
  static constexpr std::array<std::string_view, 14> kNot{".png", ".jpg", ".jpeg", ".gif",   ".ico",
                                                         ".svg", ".css", ".woff", ".woff2", ".ttf",
                                                         ".zip", ".gz",  ".bin",  ".mp4"};
  const std::string path = lower(path_of(target));
  return std::none_of(kNot.begin(), kNot.end(),
                      [&](std::string_view end) { return path.ends_with(end); });
}

// A form in a script is no form: its address is put together there.
bool markup(const protocols::HttpResponse& page) {
  const std::string type = lower(page.field("Content-Type"));
  return type.empty() || type.find("html") != std::string::npos ||
         type.find("xml") != std::string::npos;
}

}  // namespace

std::optional<Limits> limits_of(const catalogue::Catalogue& catalogue) {
  const auto delay = number(catalogue, "input.delay"),
             pages = number(catalogue, "input.crawl-pages"),
             requests = number(catalogue, "input.requests"),
             recovery = number(catalogue, "input.recovery"),
             longest = number(catalogue, "input.longest");
  if (!delay || !pages || !requests || !recovery || !longest) return std::nullopt;
  return Limits{.delay = *delay,
                .pages = *pages,
                .requests = *requests,
                .recovery = *recovery,
                .longest = *longest};
}

void Shortfall::lost(std::string text, Cause whose) {
  if (!why.empty()) return;
  why = std::move(text);
  cause = whose;
}

std::vector<Target> web_services(const runner::Context& context) {
  std::vector<Target> out = services(context, "http");
  for (Target& one : services(context, "onvif"))
    if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(std::move(one));
  return out;
}

Ground::Ground(runner::Context& context, Target target, const Limits& limits)
    : context_(context), target_(std::move(target)), limits_(limits) {
  if (const auto* list = context.catalogue().reference("crawl_avoid"))
    for (const auto& row : list->rows)
      avoid_.emplace_back(column(*list, row, "word"), column(*list, row, "act"));
}

std::vector<std::string> Ground::logins() const {
  std::vector<std::string> out{""};
  for (const auto& login : context_.device().logins)
    if (login.port == target_.port && login.method.starts_with("http-") &&
        account_for(context_.device(), login.id) != nullptr)
      out.push_back(login.id);
  return out;
}

std::string Ground::act_of(std::string_view text) const {
  const std::string small = lower(text);
  for (const auto& [word, act] : avoid_)
    if (small.find(word) != std::string::npos) return act;
  return {};
}

bool Ground::is_login(const std::string& path) const {
  const auto& device = context_.device();
  const auto same = [&](const std::string& one) { return path_of(one) == path; };
  return std::any_of(device.logins.begin(), device.logins.end(),
                     [&](const auto& one) { return same(one.path) || same(one.logout_path); }) ||
         std::any_of(device.password_changes.begin(), device.password_changes.end(),
                     [&](const auto& one) { return same(one.path); });
}

declaration::HttpCall Ground::call_to(std::string path, const std::string& login) const {
  declaration::HttpCall call;
  call.port = target_.port;
  call.tls = target_.tls;
  call.method = "GET";
  call.path = std::move(path);
  call.login = login;
  call.body = "none";
  return call;
}

declaration::HttpCall Ground::request_for(const std::string& login) const {
  return call_to("/", login);
}

Spot Ground::front() const {
  Spot out;
  out.call = call_to("/", {});
  out.places = {{Place::Kind::url, {}, 0, "/"},
                {Place::Kind::header, "X-Forwarded-For", 0, "192.0.2.1"},
                {Place::Kind::header, "Referer", 0, "/index.html"}};
  return out;
}

void Ground::keep(Spot spot, std::vector<Spot>& out) {
  std::erase_if(spot.places, [&](const Place& place) {
    return !known_.insert(spot.name() + " " + name_of(spot, place)).second;
  });
  if (spot.places.empty()) return;
  if (out.size() >= kMostSpots) {
    shortfall.lost("more than " + std::to_string(kMostSpots) + " requests take input",
                   Cause::device);
    return;
  }
  out.push_back(std::move(spot));
}

void Ground::add_declared(const std::string& login, std::vector<Spot>& out) {
  for (const auto& call : context_.device().calls) {
    if (call.http.port != target_.port || call.http.login != login) continue;
    Spot spot;
    spot.call = with_proof(call, account_for(context_.device(), login));
    spot.call.tls = target_.tls;
    spot.id = call.id;
    spot.changes = call.changes;
    spot.undo = call.undo;
    spot.places = places_of(spot.call, call.proof_field, true);
    if (spot.places.empty()) continue;
    // What these do cannot be taken back by a call; their own procedures try them.
    const bool grave = call.kind == "reset" || call.kind == "update" || call.kind == "records" ||
                       call.kind == "time" || call.kind == "credential";
    if (call.kind == "reset" || call.kind == "update" ||
        (grave && call.changes && call.undo.empty())) {
      left_out.insert("call " + call.id + " (" + call.kind + ")");
      continue;
    }
    if (call.changes && call.undo.empty()) {
      shortfall.lost(
          "the declared call " + call.id + " changes the device and names no call that undoes it",
          Cause::declaration);
      continue;
    }
    keep(std::move(spot), out);
  }
}

void Ground::look_at(const std::string& target, const protocols::HttpResponse& page,
                     const std::string& login, std::vector<Spot>& out) {
  const std::string host = web_client(context_, target_, "").host();
  if (target.find('?') != std::string::npos) {
    Spot spot;
    spot.call = call_to(target, login);
    spot.places = places_of(spot.call, {}, false);
    keep(std::move(spot), out);
  }
  if (!markup(page)) return;
  for (const auto& form : protocols::page_forms(page.body)) {
    const auto action = form.action.empty() ? std::optional(target)
                                            : protocols::local_target(form.action, host, target);
    if (!action || form.password || is_login(path_of(*action))) continue;
    const std::string act = act_of(*action + " " + form.words);
    if (!act.empty()) {
      left_out.insert("form " + printable(path_of(*action)) + " (" + act + ")");
      if (act == "harm")
        shortfall.lost("the form " + printable(path_of(*action)) +
                           " seems to do harm and is not declared as a call that can be undone",
                       Cause::declaration);
      continue;
    }
    Spot spot;
    spot.call = call_to(path_of(*action), login);
    if (form.method == "get") {
      std::string query;
      for (const auto& [name, value] : form.fields)
        query += (query.empty() ? "?" : "&") + protocols::percent_encode(name) + "=" +
                 protocols::percent_encode(value);
      spot.call.path += query;
    } else {
      spot.call.method = "POST";
      spot.call.body = form.multipart ? "multipart" : "form";
      spot.call.fields = form.fields;
      spot.changes = true;
      if (context_.device().permit < Hazard::disruptive) {
        shortfall.lost("the form " + printable(path_of(*action)) +
                           " is not declared as a call; without permission for disruptive tests "
                           "it is not sent",
                       Cause::declaration);
        continue;
      }
    }
    spot.places = places_of(spot.call, {}, false);
    keep(std::move(spot), out);
  }
}

void Ground::crawl(protocols::HttpClient& client, const std::string& login,
                   std::vector<Spot>& out) {
  struct Step {
    std::string target;
    std::size_t depth = 0;
  };
  std::deque<Step> queue{{"/", 0}};
  std::set<std::string> seen{"/"};
  std::map<std::string, int> per_path;
  std::int64_t asked = 0;
  int failures = 0;
  bool cut = false;
  while (!queue.empty() && !context_.stop().stop_requested()) {
    if (asked >= limits_.pages) {
      shortfall.lost("the crawl found more than " + std::to_string(limits_.pages) + " pages",
                     Cause::device);
      return;
    }
    const Step step = queue.front();
    queue.pop_front();
    const auto page = client.get(step.target, 5s);
    ++asked;
    ++pages;
    if (!page) {
      if (++failures < 3) continue;
      shortfall.lost("the crawl got no answer to " + printable(step.target) + ": " +
                         printable(page.error().message()),
                     cause_of(page.error()));
      return;
    }
    if (page->broken_off())
      shortfall.lost("the answer to " + printable(step.target) + " did not come whole",
                     Cause::device);
    if (page->status < 400) look_at(step.target, *page, login, out);
    std::vector<std::string> links;
    if (markup(*page)) links = protocols::page_links(page->body);
    if (page->status >= 300 && page->status < 400)
      links = {std::string(page->field("Location"))};
    else if (page->status >= 400)
      links.clear();
    for (const std::string& link : links) {
      auto next = protocols::local_target(link, client.host(), step.target);
      if (!next || !worth(*next)) continue;
      next->erase(std::min(next->find('#'), next->size()));
      if (const std::string act = act_of(*next); !act.empty()) {
        left_out.insert(printable(path_of(*next)) + " (" + act + ")");
        continue;
      }
      if (is_login(path_of(*next)) || !seen.insert(*next).second) continue;
      if (step.depth >= kDeepest) {
        cut = true;
      } else if (++per_path[path_of(*next)] <= kSamePath) {
        queue.push_back({*next, step.depth + 1});
      }
    }
  }
  if (cut)
    shortfall.lost("the crawl found pages more than " + std::to_string(kDeepest) + " links away",
                   Cause::device);
}

}  // namespace haetae::testcases::input
