#include "harness/declaration/parts.hpp"

namespace haetae::declaration {
namespace {

using xml::Element;
using xml::Times;

Endpoint own_port(const Element& element) {
  const auto address = Address::parse(element.attribute("address"));
  if (!address && element.has("address")) element.problem_at("address", address.error().text);
  return {.address = address.value_or(Address{}),
          .port = static_cast<std::uint16_t>(element.integer("port", 1, 65'535))};
}

RecordListener listener_of(const Element& element) {
  element.check({.required = {"address", "port"}, .optional = {"transport"}, .children = {}});
  return {.at = own_port(element), .transport = element.word("transport", {"udp", "tcp"}, "udp")};
}

TimeServer time_server_of(const Element& element) {
  element.check({.required = {"address", "port"},
                 .optional = {"wait-seconds"},
                 .children = {{"ask", Times::maybe}}});
  TimeServer out;
  out.at = own_port(element);
  out.wait = std::chrono::seconds(element.integer("wait-seconds", 1, 3600, out.wait.count()));
  if (const auto child = element.child("ask")) out.ask = call_of(*child, "none");
  return out;
}

RecordEvent event_of(const Element& element) {
  element.check({.required = {"kind"},
                 .optional = {"text", "outcome", "call"},
                 .children = {{"cause", Times::maybe}}});
  RecordEvent out{.kind = element.word("kind", {"login", "login-failure", "change", "update"}),
                  .text = element.attribute("text"),
                  .outcome = element.attribute("outcome"),
                  .call = element.attribute("call"),
                  .cause = {}};
  if (const auto cause = element.child("cause")) out.cause = call_of(*cause, "none");
  const bool login = out.kind.starts_with("login");
  if (login && (!out.call.empty() || out.cause))
    element.problem(
        "logins are caused at every declared login; 'call' and <cause> belong to "
        "change and update");
  if (!login && out.call.empty() && !out.cause)
    element.problem("what causes the event is needed: 'call' or <cause>");
  if (!out.call.empty() && out.cause) element.problem("'call' and <cause> exclude each other");
  return out;
}

RightCall right_call_of(const Element& element) {
  RightCall out;
  out.http = call_of(element, "none", {"roles"});
  if (element.has("roles")) out.roles = roles_of(element);
  return out;
}

bool names_time(const HttpCall& call) {
  if (call.path.find("{time}") != std::string::npos) return true;
  for (const auto& [name, value] : call.fields)
    if (value.find("{time}") != std::string::npos) return true;
  return false;
}

}  // namespace

void read_records(const Element& element, Declaration& out) {
  element.check({.required = {},
                 .optional = {"wait-seconds", "erasable", "time-form"},
                 .children = {{"read", Times::maybe},
                              {"listen", Times::maybe},
                              {"event", Times::many},
                              {"erase", Times::maybe},
                              {"show-time", Times::maybe},
                              {"set-time", Times::maybe},
                              {"time-server", Times::maybe}}});
  Records& records = out.records.emplace();
  records.wait =
      std::chrono::seconds(element.integer("wait-seconds", 1, 3600, records.wait.count()));
  records.erasable = element.flag("erasable", true);
  records.time_form = element.word("time-form", {"iso", "unix"}, "iso");
  if (const auto child = element.child("read")) records.read = call_of(*child, "none");
  if (const auto child = element.child("listen")) records.listen = listener_of(*child);
  for (const Element& child : element.children("event")) records.events.push_back(event_of(child));
  if (const auto child = element.child("erase")) records.erase = right_call_of(*child);
  if (const auto child = element.child("show-time")) records.show_time = call_of(*child, "none");
  if (const auto child = element.child("set-time")) {
    records.set_time = right_call_of(*child);
    if (!names_time(records.set_time->http))
      child->problem("no place for the time: {time} is needed in the path or in a field");
  }
  if (const auto child = element.child("time-server")) records.time_server = time_server_of(*child);
  if (!records.erasable && records.erase)
    element.problem_at("erasable", "'no' and <erase> exclude each other");
}

const RecordEvent* Records::event(std::string_view kind) const {
  for (const RecordEvent& one : events)
    if (one.kind == kind) return &one;
  return nullptr;
}

}  // namespace haetae::declaration
