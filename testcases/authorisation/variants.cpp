#include "testcases/authorisation/variants.hpp"

#include <fmt/format.h>

#include "testcases/authorisation/content.hpp"

namespace haetae::testcases {
namespace {

using protocols::HttpRequest;
using protocols::HttpResponse;

char changed_case(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c;
}

std::string other_case(std::string text) {
  for (char& c : text) c = changed_case(c);
  return text;
}

struct Target {
  std::string path, query;
  [[nodiscard]] std::string with(const std::string& other) const { return other + query; }
};

Target parts(const std::string& target) {
  const auto at = target.find('?');
  if (at == std::string::npos) return {target, ""};
  return {target.substr(0, at), target.substr(at)};
}

// RFC 3986 section 2.1: a letter and its percent-encoded form are the same.
std::string encoded_letter(const std::string& path) {
  std::size_t at = path.rfind('/', path.size() > 1 ? path.size() - 2 : 0);
  at = at == std::string::npos ? 0 : at + 1;
  if (at >= path.size()) return path + "%2f";
  return path.substr(0, at) + fmt::format("%{:02x}", static_cast<unsigned char>(path[at])) +
         path.substr(at + 1);
}

bool vary_method(HttpRequest& request, std::string_view variant) {
  if (variant == "head" || variant == "options") {
    request.method = variant == "head" ? "HEAD" : "OPTIONS";
    return true;
  }
  if (variant == "lower-case-method") {
    request.method = other_case(request.method);
    return true;
  }
  if (variant != "override-header") return false;
  const std::string other = request.method == "GET" ? "HEAD" : "GET";
  for (const char* name : {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"})
    request.fields.push_back({name, other});
  return true;
}

bool vary_fields(HttpRequest& request, std::string_view variant) {
  if (variant == "original-url") {
    for (const char* name : {"X-Original-URL", "X-Rewrite-URL"})
      request.fields.push_back({name, request.target});
    request.target = "/";
    return true;
  }
  if (variant != "local-client") return false;
  for (const char* name : {"X-Forwarded-For", "X-Real-IP", "X-Client-IP"})
    request.fields.push_back({name, "127.0.0.1"});
  request.fields.push_back({"Forwarded", "for=127.0.0.1"});
  return true;
}

bool vary_path(HttpRequest& request, std::string_view variant) {
  const Target target = parts(request.target);
  const std::string& path = target.path;
  if (variant == "trailing-slash") {
    request.target = target.with(path + "/");
  } else if (variant == "double-slash") {
    request.target = target.with("/" + path);
  } else if (variant == "dot-segment") {
    request.target = target.with("/." + path);
  } else if (variant == "parent-segment") {
    request.target = target.with("/static/.." + path);
  } else if (variant == "encoded-letter") {
    request.target = target.with(encoded_letter(path));
  } else if (variant == "upper-case") {
    request.target = target.with(other_case(path));
  } else if (variant == "path-parameter") {
    request.target = target.with(path + ";.css");
  } else if (variant == "other-suffix") {
    request.target = target.with(path + ".json");
  } else {
    return false;
  }
  return true;
}

Result<HttpResponse> send(const Person& person, const HttpRequest& request) {
  auto response = person.client->exchange(request);
  if (!response) person.client->close();
  return response;
}

// HEAD gives no content, but the length of it where the request was carried out (RFC 9110 section
// 9.3.2).
std::string told_by_head(const HttpResponse& response, const HttpResponse* nothing,
                         const HttpResponse& right) {
  const bool yes = response.status >= 200 && response.status < 300;
  if (!yes) return "refused";
  const std::string length = std::to_string(right.body.size());
  const bool same = response.field("Content-Length") == length;
  if (nothing != nullptr && nothing->status == response.status &&
      nothing->field("Content-Length") == response.field("Content-Length"))
    return same ? "unknown" : "refused";
  if (right.body.empty() || response.field("Content-Length").empty()) return "unknown";
  return same ? "granted" : "refused";
}

// A service that refuses with 200 and tells no length says nothing by a HEAD but what its refusal
// said: there is no content that could be given.
bool refused_alike(const declaration::Call& call, const Person& person, const HttpResponse& head,
                   const HttpResponse& right, const Known& known) {
  const auto plain = make(call, person);
  return plain && plain->status == head.status && !plain->broken_off() &&
         (told_by(call.http, *plain) == Told::refused ||
          lacks_success(call.http, *plain, right, known.common));
}

}  // namespace

std::vector<std::string> variants(const catalogue::Catalogue& catalogue) {
  std::vector<std::string> out;
  const auto* list = catalogue.reference("request_variant");
  if (list == nullptr) return out;
  for (const auto& row : list->rows) out.push_back(column(*list, row, "variant"));
  return out;
}

std::optional<HttpRequest> varied(const declaration::Call& call, const Person& person,
                                  std::string_view variant, std::string_view path) {
  HttpRequest request = request_for(call, person);
  if (!path.empty()) request.target = std::string(path);
  if (vary_method(request, variant) || vary_fields(request, variant) || vary_path(request, variant))
    return request;
  return std::nullopt;
}

Variant try_variant(const declaration::Call& call, const Person& person, std::string_view variant,
                    const HttpResponse& right, const Known& known) {
  const std::string& given = known.given;
  Variant out;
  const auto request = varied(call, person, variant);
  if (!request) {
    out.message = "our side cannot write the request so";
    return out;
  }
  const auto response = send(person, *request);
  if (!response) {
    // Many servers end the connection at a method that they do not know: no answer gives nothing,
    // if the next ordinary request is answered.
    out.evidence = person.client->evidence();
    out.message = printable(response.error().message());
    const bool ended = response.error().kind == ErrorKind::closed;
    if (ended && make(call, person)) out.outcome = "refused";
    return out;
  }
  out.evidence = response->evidence;
  out.message = words_of(*response);
  const std::string nowhere = random_path();
  const auto control_request = varied(call, person, variant, nowhere);
  if (request->method == "HEAD") {
    const auto control = send(person, *control_request);
    out.outcome = told_by_head(*response, control ? &*control : nullptr, right);
    if (out.outcome == "unknown" && response->field("Content-Length").empty() &&
        refused_alike(call, person, *response, right, known))
      out.outcome = "refused";
    return out;
  }
  if (told_by(call.http, *response) == Told::refused ||
      lacks_success(call.http, *response, right, known.common)) {
    out.outcome = "refused";
    return out;
  }
  if (response->broken_off()) return out;
  if (alike(*response, right, given) == Alike::unlike) {
    out.outcome = "refused";
    return out;
  }
  // What every path gives in this way is no content of the call.
  const auto control = send(person, *control_request);
  if (!control || control->body == right.body) return out;
  switch (alike(*response, right, given + "\n" + control->body)) {
    case Alike::same: out.outcome = "granted"; break;
    case Alike::unlike: out.outcome = "refused"; break;
    case Alike::undecided:
      if (sameness(*control, nowhere).holds(*response, call.http.path)) out.outcome = "refused";
      break;
  }
  return out;
}

}  // namespace haetae::testcases
