#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "testcases/authentication/login_client.hpp"
#include "testcases/authentication/session_values.hpp"

/// Sessions that stay open, and what they open.
namespace haetae::testcases {

/// HeldSession is a session that was opened by a login and not yet ended.
struct HeldSession {
  std::unique_ptr<protocols::HttpClient> client;
  std::vector<SessionValue> values;  ///< all that may carry it
  EvidenceId evidence = 0;
};

/// keeps_sessions() is whether a login leaves something behind that opens pages without the
/// password: one by form or JSON always, one by a header (basic, digest) where it is the only kind
/// on its port and the fact http_cookie says so or cannot tell.
[[nodiscard]] bool keeps_sessions(runner::Context& context, const declaration::Login& login);

/// SessionBench opens sessions of one account at one login that keeps them, and looks what opens
/// the check page. A password in a header is left out once the session is open. Every login is
/// drawn from the ledger and paced. Not for several threads.
class SessionBench {
 public:
  enum class Access { open, shut, unknown };

  SessionBench(runner::Context& context, declaration::Login login,
               const declaration::Account& account);

  /// ready() asks the check page as nobody; an error says why it can tell nothing.
  [[nodiscard]] Result<void> ready();
  /// log_in() opens a session and leaves it open. `planted` cookies are there before the login.
  [[nodiscard]] Result<HeldSession> log_in(std::map<std::string, std::string> planted = {});
  /// log_out() says so to the device, by the declared path, or by the link of a page that begins
  /// with it where that alone ends nothing (a link may carry a token against forgery). False where
  /// no logout is declared, it did not answer, or it wants a form of its own.
  bool log_out(HeldSession& session);
  /// look() is what the check page gives to the client, or to a new one that carries only `values`.
  [[nodiscard]] Access look(protocols::HttpClient& client);
  [[nodiscard]] Access look(const std::vector<SessionValue>& values);
  /// carriers() are those values that the session lives on: one that opens the check page alone, or
  /// else all without which it stays shut. Empty if that could not be told.
  [[nodiscard]] std::vector<SessionValue> carriers(const HeldSession& session);

  [[nodiscard]] const declaration::Login& login() const { return login_; }
  [[nodiscard]] const declaration::Account& account() const { return account_; }
  /// use() takes another password for the account, as it was changed.
  void use(const std::string& password) { account_.password = password; }
  /// evidence() is the transcript of the last look.
  [[nodiscard]] EvidenceId evidence() const { return evidence_; }

 private:
  [[nodiscard]] std::string check_path() const;
  bool log_out_by_page(protocols::HttpClient& client);
  [[nodiscard]] protocols::HttpClient client(const char* label);

  runner::Context& context_;
  declaration::Login login_;
  declaration::Account account_;
  Duration pace_;
  std::unique_ptr<LoginClient> logins_;
  Sameness nobody_;
  bool nobody_moved_ = false;
  enum class Way { not_known, plain, page } way_ = Way::not_known;  ///< how one logs out
  EvidenceId evidence_ = 0;
};

[[nodiscard]] std::string_view word(SessionBench::Access access);  ///< open, shut, unknown

}  // namespace haetae::testcases
