#include <algorithm>
#include <cctype>

#include "harness/protocols/html_tags.hpp"
#include "harness/protocols/http.hpp"

namespace haetae::protocols {

using html::blank;
using html::decode;
using html::lower;
using html::Tag;
using html::Tags;

namespace {

void add_input(Form& form, const Tag& tag) {
  const std::string type = lower(tag.get("type"));
  const std::string name = decode(tag.get("name").empty() ? tag.get("id") : tag.get("name"));
  if (type == "password") {
    ++form.passwords;
    if (form.password_field.empty()) form.password_field = name;
  } else if (type == "hidden" || type == "submit") {
    if (!tag.get("name").empty() && form.hidden.size() < 32)
      form.hidden.emplace_back(name, decode(tag.get("value")));
  } else if (type.empty() || type == "text" || type == "email") {
    // The text field straight before the password is the user name.
    if (form.passwords == 0) form.user_field = name;
  }
}

std::string_view location_host(std::string_view location) {
  const std::size_t scheme = location.find("//");
  std::string_view rest = location.substr(scheme + 2);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos)
    rest = rest.substr(at + 1);
  return rest;
}

std::string host_only(std::string_view host) {
  if (host.starts_with('[')) return lower(host.substr(0, host.find(']') + 1));
  return lower(host.substr(0, host.find(':')));
}

}  // namespace

std::vector<Form> login_forms(std::string_view html) {
  std::vector<Form> out;
  Form outside;
  Form current;
  bool inside = false;
  const auto close = [&] {
    if (inside && current.passwords > 0 && out.size() < 8) out.push_back(current);
    inside = false;
  };
  Tags tags(html);
  for (Tag tag; tags.next(tag);) {
    if (tag.name == "form") {
      close();
      inside = true;
      current = {};
      current.action = decode(tag.get("action"));
      current.method = lower(tag.get("method"));
      if (current.method != "post") current.method = "get";
    } else if (tag.name == "/form") {
      close();
    } else if (tag.name == "input") {
      add_input(inside ? current : outside, tag);
    }
  }
  close();
  if (outside.passwords > 0 && out.size() < 8) out.push_back(outside);
  return out;
}

bool directory_listing(std::string_view html) {
  const std::string text = lower(html.substr(0, 64 * 1024));
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  const bool title = has("<title>index of") || has("<h1>index of") || has("<h2>index of") ||
                     has("<title>directory listing") || has("<h1>directory listing") ||
                     has("<h1>directory:") || has("<title>listing of");
  return title && has("<a href=");
}

std::string html_text(std::string_view html, std::size_t limit) {
  std::string raw;
  Tags tags(html);
  std::size_t from = 0;
  for (Tag tag; raw.size() < limit && tags.next(tag);) {
    if (tags.text_end() > from) raw += tags.html().substr(from, tags.text_end() - from);
    raw += ' ';
    from = tags.at();
  }
  if (from < tags.html().size()) raw += tags.html().substr(from);
  std::string out;
  for (const char c : decode(raw)) {
    if (out.size() >= limit) break;
    if (!blank(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string_view word(Redirect redirect) {
  switch (redirect) {
    case Redirect::none: return "none";
    case Redirect::https_same_host: return "https-same-host";
    case Redirect::http_same_host: return "http-same-host";
    case Redirect::relative: return "relative";
    case Redirect::other_host: return "other-host";
    case Redirect::unknown: return "unknown";
  }
  return "unknown";
}

Redirect classify_redirect(const HttpResponse& response, std::string_view host) {
  if (response.status < 300 || response.status > 399 || response.status == 304)
    return Redirect::none;
  const std::string_view location = response.field("Location");
  if (location.empty()) return Redirect::unknown;
  const std::string start = lower(location.substr(0, 8));
  const bool https = start.starts_with("https://");
  const bool plain = start.starts_with("http://");
  if (https || plain || start.starts_with("//")) {
    if (host_only(location_host(location)) != host_only(host)) return Redirect::other_host;
    if (https) return Redirect::https_same_host;
    return plain ? Redirect::http_same_host : Redirect::relative;
  }
  const std::size_t colon = location.find(':');
  if (colon != std::string_view::npos && colon < location.find_first_of("/?#"))
    return Redirect::unknown;
  return Redirect::relative;
}

std::optional<std::string> local_target(std::string_view location, std::string_view host,
                                        std::string_view base) {
  location = location.substr(0, location.find('#'));
  const std::string start = lower(location.substr(0, 8));
  if (start.starts_with("https://") || start.starts_with("http://") || start.starts_with("//")) {
    if (lower(location_host(location)) != lower(host)) return std::nullopt;
    const std::string_view rest = location.substr(location.find("//") + 2);
    const std::size_t slash = rest.find('/');
    return slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  }
  if (location.empty()) return std::string(base);
  if (location.starts_with('/')) return std::string(location);
  if (location.starts_with('?'))
    return std::string(base.substr(0, base.find('?'))) + std::string(location);
  const std::size_t colon = location.find(':');
  if (colon != std::string_view::npos && colon < location.find('/')) return std::nullopt;
  base = base.substr(0, base.find('?'));
  return std::string(base.substr(0, base.rfind('/') + 1)) + std::string(location);
}

}  // namespace haetae::protocols
