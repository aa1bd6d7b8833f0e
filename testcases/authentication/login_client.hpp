#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/declaration/declaration.hpp"
#include "harness/net/ledger.hpp"
#include "harness/protocols/http.hpp"
#include "harness/runner/procedure.hpp"
#include "testcases/authentication/web.hpp"

/// One credential on one login surface, whatever the protocol.
namespace haetae::testcases {

enum class Answer {
  accepted,  ///< proved: what was refused without login is given with it
  refused,   ///< the device looked at the credential and said no
  blocked,   ///< the device refuses to look (too many tries)
  unknown,   ///< neither could be proved; never to be read as a refusal
};
[[nodiscard]] std::string_view word(Answer answer);  ///< a word of login_trial.outcome

struct Attempt {
  Answer answer = Answer::unknown;
  EvidenceId evidence = 0;
  Duration took{};
  std::string why;                            ///< what decided, printable; never the password
  std::vector<protocols::SetCookie> cookies;  ///< set by an accepted HTTP login
  /// what the device said to the credential over HTTP; null if it said nothing, or not over HTTP
  std::shared_ptr<const protocols::HttpResponse> response = nullptr;
};

/// LoginClient tries credentials on one surface. attempt() may be called from several threads; it
/// neither asks nor tells the ledger.
class LoginClient {
 public:
  /// `surface` is as declared, or made up from what was seen (see seen_surface()).
  LoginClient(runner::Context& context, declaration::Login surface);
  ~LoginClient();
  LoginClient(LoginClient&&) noexcept;

  [[nodiscard]] const declaration::Login& surface() const;
  [[nodiscard]] std::string subject() const { return surface().port.subject(); }

  /// measure() asks a page before each further HTTP try, so that Attempt::took holds the credential
  /// alone and not how long a connection takes.
  void measure();

  /// attempt() makes one try on a connection of its own. For SNMP `password` is the community.
  [[nodiscard]] Attempt attempt(const std::string& user, const std::string& password);

  /// plant() puts cookies into the jar of every further try, as if the device had set them before
  /// the login. HTTP only.
  void plant(std::map<std::string, std::string> cookies);

  /// session() logs in and hands the HTTP client with the open session to `work`, then logs out.
  /// The attempt says how the login went; `work` is called only if it was accepted. HTTP only.
  [[nodiscard]] Attempt session(const std::string& user, const std::string& password,
                                const std::function<void(protocols::HttpClient&)>& work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Budget is what the ledger lets a procedure do with one account. A device may count failures of
/// an account in one place for all its services, so a declared account has one count for the
/// device.
struct Budget {
  net::LoginPolicy policy;
  /// Key is a count of the ledger that each try draws from.
  struct Key {
    std::string subject, account;
    bool operator==(const Key&) const = default;
  };
  std::vector<Key> keys;
  bool unbounded = false;  ///< an account that nobody uses, and lockout risk is permitted
};

/// budget_of() is the ledger policy for tries of `account` at a port: from the declared lockout one
/// try less than blocks, else three in half an hour. An account that does not stand in the declared
/// list of accounts may be tried through where the person who allowed the test permitted lockout
/// risk: locking it takes nothing from anybody.
[[nodiscard]] Budget budget_of(const runner::Context& context, const declaration::PortName& port,
                               std::string_view account);
/// guess_budget_of() is budget_of() for passwords that are guessed: where a right login sets no
/// count back, one try of a declared account is kept for its own password, which is needed later.
[[nodiscard]] Budget guess_budget_of(const runner::Context& context,
                                     const declaration::PortName& port, std::string_view account);
/// left() is how many failures the ledger still allows.
[[nodiscard]] int left(runner::Context& context, const Budget& budget);

/// booked() draws from the ledger, makes the try, and settles. ErrorKind::budget: it was not made.
[[nodiscard]] Result<Attempt> booked(runner::Context& context, const Budget& budget,
                                     const std::function<Attempt()>& make,
                                     std::string_view mark = {});
/// booked_attempt() draws from the ledger, tries, and settles. ErrorKind::budget: nothing was sent.
[[nodiscard]] Result<Attempt> booked_attempt(runner::Context& context, LoginClient& client,
                                             const std::string& user, const std::string& password,
                                             const Budget& budget);
/// booked_session() is booked_attempt() with LoginClient::session(). `mark` is written to the
/// ledger behind the name of the procedure, for what has to be known after a crash.
[[nodiscard]] Result<Attempt> booked_session(
    runner::Context& context, LoginClient& client, const declaration::Account& account,
    const Budget& budget, const std::function<void(protocols::HttpClient&)>& work,
    std::string_view mark = {});

/// account_for() is the declared account with a known password that may use the login; not the
/// sacrificial one where another is there. Null if none.
[[nodiscard]] const declaration::Account* account_for(const declaration::Declaration& device,
                                                      std::string_view login_id);
[[nodiscard]] bool uses(const declaration::Account& account, std::string_view login_id);

/// Surface is a login surface of this run, declared or seen.
struct Surface {
  declaration::Login login;  ///< id is empty if it was only seen
  bool usable = false;
  EvidenceId evidence = 0;
};
/// surfaces() reads the fact table login_surface and joins the declaration to it.
[[nodiscard]] std::vector<Surface> surfaces(const runner::Context& context);

}  // namespace haetae::testcases
