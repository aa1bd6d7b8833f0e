#include "testcases/authentication/session_values.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "harness/model/bytes.hpp"

namespace haetae::testcases {

using protocols::HttpClient;
using protocols::HttpResponse;

namespace {

constexpr std::size_t kMostValues = 16, kLongestValue = 8192;
constexpr int kSecondsAside = 5, kCounters = 10'000;
constexpr std::size_t kDigestPart = 16;  // hex digits that nobody shares with a digest by chance

std::optional<std::string> value_in(std::string_view text, std::string_view parameter) {
  for (std::size_t at = 0; (at = text.find(parameter, at)) != std::string_view::npos; ++at) {
    const bool begins =
        at > 0 && (text[at - 1] == '?' || text[at - 1] == '&' || text[at - 1] == ';');
    const std::size_t equals = at + parameter.size();
    if (!begins || equals >= text.size() || text[equals] != '=') continue;
    std::size_t end = equals + 1;
    while (end < text.size() && end - equals <= kLongestValue &&
           (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
            std::string_view("._~%+-,").find(text[end]) != std::string_view::npos))
      ++end;
    if (end > equals + 1) return std::string(text.substr(equals + 1, end - equals - 1));
  }
  return std::nullopt;
}

std::string digest_of(const EVP_MD* kind, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &size, kind, nullptr) != 1) return {};
  return to_hex(ByteView(out.data(), size));
}

bool made_of(std::string_view value, const std::string& lower, const std::string& known) {
  if (known.empty()) return false;
  if (value == known) return true;
  if (lower.size() < kDigestPart) return false;
  for (const EVP_MD* kind : {EVP_md5(), EVP_sha1(), EVP_sha256()})
    if (digest_of(kind, known).starts_with(lower)) return true;
  return false;
}

}  // namespace

std::optional<std::string> url_value(const HttpResponse& response, std::string_view parameter) {
  if (parameter.empty()) return std::nullopt;
  if (auto found = value_in(response.field("Location"), parameter)) return found;
  return value_in(response.body, parameter);
}

void adopt_session(HttpClient& client, const declaration::Session& session, std::string_view method,
                   const HttpResponse& response) {
  std::optional<std::string> token;
  if (!session.bearer_field.empty()) {
    token = protocols::json_token(response.body, session.bearer_field);
  } else if (method == "http-json") {
    token = protocols::json_token(response.body);
  }
  if (!token && !session.header.empty()) {
    const std::string_view field = response.field(session.header);
    if (!field.empty() && field.size() <= kLongestValue) token = std::string(field);
  }
  if (token) {
    if (session.header.empty()) {
      client.with_bearer(*token);
    } else {
      client.with_header(session.header, *token);
    }
  }
  if (auto value = url_value(response, session.url_parameter))
    client.with_parameter(session.url_parameter, *value);
}

std::vector<SessionValue> session_values(const HttpClient& client) {
  std::vector<SessionValue> out;
  if (auto token = client.bearer(); !token.empty())
    out.push_back({"bearer", "Authorization", std::move(token)});
  if (!client.header().first.empty())
    out.push_back({"header", client.header().first, client.header().second});
  if (!client.parameter().first.empty())
    out.push_back({"url", client.parameter().first, client.parameter().second});
  for (const auto& [name, value] : client.cookies())
    if (out.size() < kMostValues) out.push_back({"cookie", name, value});
  return out;
}

void carry(HttpClient& client, const std::vector<SessionValue>& values) {
  for (const SessionValue& one : values) {
    if (one.carrier == "cookie") client.with_cookie(one.name, one.value);
    if (one.carrier == "bearer") client.with_bearer(one.value);
    if (one.carrier == "header") client.with_header(one.name, one.value);
    if (one.carrier == "url") client.with_parameter(one.name, one.value);
  }
}

std::string_view made_from_known(std::string_view value, std::string_view user,
                                 std::int64_t unix_seconds) {
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string name(user);
  if (made_of(value, lower, name)) return "user";
  for (int aside = -kSecondsAside; aside <= kSecondsAside; ++aside) {
    const std::string time = std::to_string(unix_seconds + aside);
    for (const std::string& known :
         {time, name + time, time + name, name + ":" + time, time + ":" + name, name + "-" + time})
      if (made_of(value, lower, known)) return "time";
  }
  for (int count = 0; count <= kCounters; ++count)
    if (made_of(value, lower, std::to_string(count))) return "counter";
  return "none";
}

}  // namespace haetae::testcases
