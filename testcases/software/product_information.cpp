#include <algorithm>
#include <cctype>

#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Whether the device shows its model and firmware version where the maker says so, and whether
/// they are the declared ones.
namespace haetae::testcases {
namespace {

using protocols::HttpResponse;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool part_of_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// The declared value as a whole: 1.4.2 is not found in 1.4.25 or 11.4.2.
bool holds(const std::string& text, const std::string& wanted) {
  if (wanted.empty()) return false;
  for (std::size_t at = 0; (at = text.find(wanted, at)) != std::string::npos; ++at) {
    const std::size_t end = at + wanted.size();
    const bool before = at == 0 || (!part_of_word(text[at - 1]) && text[at - 1] != '.');
    const bool dot = end + 1 < text.size() && text[end] == '.' && part_of_word(text[end + 1]);
    if (before && (end == text.size() || (!part_of_word(text[end]) && !dot))) return true;
  }
  // A version is often written with a v in front.
  return wanted.front() != 'v' && holds(text, "v" + wanted);
}

// What stands after the name of the field: "firmware": "1.3", Firmware version: 1.3.
std::string value_after(const std::string& text, const std::string& field) {
  const std::string low = lower(text);
  std::vector<std::string> names{field};
  if (field == "firmware") names = {"firmware", "version"};
  for (const std::string& name : names) {
    const std::size_t at = low.find(name);
    if (at == std::string::npos) continue;
    std::size_t from = at + name.size();
    for (const char* filler : {"version", "_version", "-version", " version"})
      if (low.compare(from, std::string_view(filler).size(), filler) == 0)
        from += std::string_view(filler).size();
    from = std::min(text.find_first_not_of("\"': =\t\n\r", from), text.size());
    const std::size_t end = std::min(text.find_first_of("\"',;<}\n\r", from), text.size());
    const std::string value = text.substr(from, std::min<std::size_t>(end - from, 100));
    if (!value.empty()) return value;
  }
  return {};
}

class Places {
 public:
  explicit Places(runner::Context& context) : context_(context) {}

  void look() {
    const auto& places = context_.device().product_information;
    for (const auto& place : places) look_at(place);
    if (places.empty()) {
      context_.cover(
          gap("product-information", "lan", Cause::declaration,
              "the declaration does not say where the device shows its model and version"));
      return;
    }
    const std::string tried = std::to_string(places.size()) + " declared places";
    context_.cover(why_.empty() ? whole("product-information", "lan", tried)
                                : gap("product-information", "lan", cause_, why_, tried));
  }

 private:
  void lost(const std::string& why, Cause cause) {
    if (!why_.empty()) return;
    why_ = why;
    cause_ = cause;
  }

  void look_at(const declaration::ProductInformation& place) {
    if (place.login.empty()) {
      protocols::HttpClient client =
          web_client(context_, {.port = place.port, .tls = place.tls}, "product information");
      const auto response = client.get(place.path);
      if (!response) {
        lost(place.path + " was not answered: " + printable(response.error().message()),
             cause_of(response.error()));
        return;
      }
      note(place, *response);
      return;
    }
    const auto* login = context_.device().login(place.login);
    const auto* account = login != nullptr ? account_for(context_.device(), login->id) : nullptr;
    if (account == nullptr) {
      lost("no password was handed over for the login " + place.login, Cause::declaration);
      return;
    }
    LoginClient client(context_, *login);
    bool answered = false;
    const auto attempt =
        booked_session(context_, client, *account, budget_of(context_, login->port, account->name),
                       [&](protocols::HttpClient& inside) {
                         // The session belongs to the port of the login.
                         if (login->port != place.port) return;
                         const auto response = inside.get(place.path);
                         answered = response.has_value();
                         if (response) note(place, *response);
                       });
    if (!answered)
      lost(place.path + " could not be asked inside the login " + place.login + ": " +
               printable(attempt ? attempt->why : attempt.error().message()),
           attempt ? Cause::device : cause_of(attempt.error()));
  }

  void note(const declaration::ProductInformation& place, const HttpResponse& response) {
    const auto& who = context_.device().identity;
    const std::string& wanted = place.field == "model" ? who.model : who.firmware;
    facts::ProductInformation fact;
    fact.evidence = response.evidence;
    fact.field = place.field;
    fact.subject = place.port.subject();
    fact.path = place.path;
    const bool good = response.status >= 200 && response.status < 300;
    const bool html = response.body.find('<') != std::string::npos &&
                      lower(response.field("Content-Type")).find("html") != std::string::npos;
    const std::string text = html ? protocols::html_text(response.body) : response.body;
    const std::string found = value_after(text, place.field);
    if (!good) {
      fact.shown = "unknown";
      fact.text = "status " + std::to_string(response.status);
      lost(place.path + " answered status " + std::to_string(response.status), Cause::device);
    } else if (holds(text, wanted)) {
      fact.shown = "as-declared";
      fact.text = wanted;
    } else {
      fact.shown = found.empty() ? "nothing" : "different";
      fact.text = printable(found, 200);
    }
    runner::record(context_, fact);
  }

  runner::Context& context_;
  std::string why_;
  Cause cause_ = Cause::none;
};

Result<void> look_for_information(runner::Context& context) {
  Places(context).look();
  return {};
}

}  // namespace

runner::Procedure product_information_procedure() {
  runner::Info info;
  info.id = "product-information";
  info.title = {"제품 정보 표시", "model and version as shown by the device"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service"};
  info.provides_facts = {"product_information"};
  info.topics = {"product-information"};
  info.exclusive = {"login"};
  info.connections = 2;
  info.logins = 2;
  info.expected = std::chrono::seconds(1);
  info.deadline = std::chrono::seconds(60);
  return {.info = std::move(info), .run = look_for_information, .recover = {}};
}

}  // namespace haetae::testcases
