#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/declaration/parts.hpp"

/// <support>, <exports> and <wipe>: what the maker tells the world, what a user takes out of the
/// device, and how it forgets him.
namespace haetae::declaration {
namespace {

using xml::Element;
using xml::Shape;
using xml::Times;

Shape call_shape(bool named) {
  Shape shape{
      .required = {"port", "path"},
      .optional = {"tls", "method", "login", "body", "field", "success-status", "success-text",
                   "failure-text"},
      .children = {{"field", Times::many}, {"header", Times::many}, {"token", Times::maybe}}};
  if (named) shape.required.push_back("name");
  return shape;
}

NamedCall named_call(const Element& element) {
  element.check(call_shape(true));
  NamedCall call{.name = element.filled("name"), .http = call_in(element, "none")};
  if (element.has("name") && !plain_name(call.name))
    element.problem_at("name", "allowed: up to 40 of a-z, 0-9 and '-'");
  return call;
}

PublicPage page_of(const Element& element, std::string_view path) {
  PublicPage page{.address = {},
                  .host = element.attribute("host"),
                  .port = port_of(element),
                  .tls = element.flag("tls"),
                  .path = element.attribute("path", path)};
  if (!page.path.starts_with('/')) element.problem_at("path", "a path starts with '/'");
  if (page.host.find_first_of(" \t\r\n/") != std::string::npos)
    element.problem_at("host", "a host is a name, without a path");
  if (element.has("address")) {
    const auto address = Address::parse(element.attribute("address"));
    if (address)
      page.address = *address;
    else
      element.problem_at("address", fmt::format("'{}' is no address; allowed: an IPv4 or IPv6 "
                                                "address inside the scope",
                                                element.attribute("address")));
  }
  return page;
}

UpdateNotice notice_of(const Element& element) {
  Shape shape = call_shape(false);
  shape.children.push_back({"ask", Times::maybe});
  element.check(shape);
  UpdateNotice notice{.look = call_in(element, "none"), .ask = {}};
  if (notice.look.success_text.empty())
    element.problem("needed: success-text, what the device shows when there is a new version");
  if (const auto ask = element.child("ask")) notice.ask = call_of(*ask, "none");
  return notice;
}

bool holds_canary(const HttpCall& call) {
  const auto has = [](const std::pair<std::string, std::string>& one) {
    return one.second.find("{canary}") != std::string::npos;
  };
  return call.path.find("{canary}") != std::string::npos || std::ranges::any_of(call.fields, has) ||
         std::ranges::any_of(call.headers, has);
}

void check_login(const Element& call, const Declaration& value) {
  if (!call.has("login")) return;
  const std::string id = call.attribute("login");
  const Login* login = value.login(id);
  if (login == nullptr)
    call.problem_at("login", fmt::format("no login '{}'", id));
  else if (call.has("port") && login->port != PortName::parse(call.attribute("port")))
    call.problem_at("login", fmt::format("login '{}' is at {}: a session belongs to one port", id,
                                         login->port.text()));
}

void refuse_same_names(const std::vector<Element>& elements, std::string_view what) {
  std::set<std::string> seen;
  for (const Element& element : elements)
    if (!seen.insert(element.attribute("name")).second)
      element.problem(fmt::format("{} '{}' stands twice", what, element.attribute("name")));
}

}  // namespace

void read_support(const Element& element, Declaration& out) {
  element.check({.required = {},
                 .optional = {},
                 .children = {{"security-txt", Times::maybe},
                              {"period", Times::maybe},
                              {"update-notice", Times::maybe}}});
  if (const auto page = element.child("security-txt")) {
    page->check(
        {.required = {"port"}, .optional = {"path", "tls", "address", "host"}, .children = {}});
    out.support.security_txt = page_of(*page, "/.well-known/security.txt");
  }
  if (const auto page = element.child("period")) {
    page->check({.required = {"port", "path", "until"},
                 .optional = {"tls", "address", "host", "text"},
                 .children = {}});
    out.support.period = SupportPeriod{.page = page_of(*page, "/"),
                                       .until = page->attribute("until"),
                                       .text = page->attribute("text")};
    if (page->has("until") && !valid_date(out.support.period->until))
      page->problem_at("until", fmt::format("'{}' is no date; allowed: year-month-day, 2031-12-31",
                                            out.support.period->until));
  }
  if (const auto notice = element.child("update-notice")) out.support.notice = notice_of(*notice);
}

void read_exports(const Element& element, Declaration& out) {
  element.check({.required = {}, .optional = {}, .children = {{"export", Times::many}}});
  for (const Element& child : element.children("export")) out.exports.push_back(named_call(child));
}

void read_wipe(const Element& element, Declaration& out) {
  element.check({.required = {},
                 .optional = {"settle-seconds"},
                 .children = {{"plant", Times::many},
                              {"look", Times::many},
                              {"reset", Times::maybe},
                              {"set-up", Times::many}}});
  Wipe wipe;
  wipe.settle = std::chrono::seconds(element.integer("settle-seconds", 1, 3600, 60));
  for (const Element& child : element.children("plant")) {
    wipe.plants.push_back(named_call(child));
    if (!holds_canary(wipe.plants.back().http))
      child.problem("nothing is planted; needed: {canary} in the path, a field or a header");
  }
  for (const Element& child : element.children("look")) wipe.looks.push_back(named_call(child));
  if (const auto reset = element.child("reset")) wipe.reset = call_of(*reset, "none");
  for (const Element& child : element.children("set-up"))
    wipe.set_up.push_back(call_of(child, "none"));
  out.wipe = std::move(wipe);
}

void check_wipe(const Element& root, const Declaration& value) {
  if (const auto support = root.child("support")) {
    for (const std::string_view name : {"security-txt", "period"}) {
      const auto page = support->child(name);
      if (!page || !page->has("address") || value.scope.networks.empty()) continue;
      const auto address = Address::parse(page->attribute("address"));
      if (address && !value.scope.contains(*address))
        page->problem_at("address",
                         fmt::format("address {} is outside the scope", address->text()));
    }
    if (const auto notice = support->child("update-notice")) {
      check_login(*notice, value);
      if (const auto ask = notice->child("ask")) check_login(*ask, value);
    }
  }
  if (const auto exports = root.child("exports")) {
    refuse_same_names(exports->children("export"), "export");
    for (const Element& one : exports->children("export")) check_login(one, value);
  }
  const auto wipe = root.child("wipe");
  if (!wipe) return;
  refuse_same_names(wipe->children("plant"), "plant");
  refuse_same_names(wipe->children("look"), "look");
  for (const Element& child : wipe->children()) check_login(child, value);
  if (!wipe->child("reset") && value.hook("factory-reset") == nullptr)
    wipe->problem("nothing resets the device; needed: <reset> or the hook factory-reset");
}

}  // namespace haetae::declaration
