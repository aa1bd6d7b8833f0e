#include "testcases/authentication/login_client.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "testcases/software/shown_text.hpp"

/// Whether the device shows its model and firmware version where the maker says so, and whether
/// they are the declared ones.
namespace haetae::testcases {
namespace {

using protocols::HttpResponse;

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
    const std::string text = shown_text(response);
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
