#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "testcases/authentication/login_client.hpp"

namespace haetae::testcases {

/// HttpLogin logs in over HTTP by Basic, Digest, a form or JSON, and proves it: a status alone is
/// success only where the maker declared it so. Safe for several threads.
class HttpLogin {
 public:
  using Work = std::function<void(protocols::HttpClient&)>;

  HttpLogin(runner::Context& context, declaration::Login login);

  /// attempt() makes one try; an accepted one calls `work` inside the session and then logs out.
  [[nodiscard]] Attempt attempt(const std::string& user, const std::string& password,
                                const Work& work);

  /// measure() opens the connection of each further try by asking for the check page, before the
  /// time of the credential begins.
  void measure() { measures_ = true; }
  /// plant() puts cookies into the jar of every further try, before the login.
  void plant(std::map<std::string, std::string> cookies) { planted_ = std::move(cookies); }

 private:
  /// Baseline is what the check page answers without login.
  struct Baseline {
    Result<protocols::HttpResponse> answer = fail(ErrorKind::internal, "not asked");
    Sameness same;
    bool form = false;  ///< it shows a login form
  };
  /// Page is the form as the device shows it, with its hidden fields.
  struct Page {
    protocols::Form form;
    std::string action;
  };

  [[nodiscard]] std::shared_ptr<const Baseline> baseline();
  [[nodiscard]] std::string check_path() const;
  [[nodiscard]] Attempt by_header(const std::string& user, const std::string& password,
                                  const Work& work);
  [[nodiscard]] Attempt by_body(const std::string& user, const std::string& password,
                                const Work& work);
  [[nodiscard]] std::optional<Page> read_page(protocols::HttpClient& client);
  [[nodiscard]] Result<protocols::HttpRequest> request(protocols::HttpClient& client,
                                                       const std::string& user,
                                                       const std::string& password);
  [[nodiscard]] std::optional<Answer> clear_answer(const protocols::HttpResponse& response) const;
  [[nodiscard]] Answer prove(protocols::HttpClient& client, const protocols::HttpResponse& response,
                             const std::string& user, std::string& why);
  [[nodiscard]] Answer prove_by_check(protocols::HttpClient& client, std::string& why);
  [[nodiscard]] Answer prove_by_form(protocols::HttpClient& client,
                                     const protocols::HttpResponse& response,
                                     const std::string& user, std::string& why);
  void log_out(protocols::HttpClient& client);
  [[nodiscard]] Target target() const { return {.port = login_.port, .tls = login_.tls}; }

  runner::Context& context_;
  declaration::Login login_;
  bool measures_ = false;
  std::map<std::string, std::string> planted_;
  std::mutex mutex_;
  std::shared_ptr<const Baseline> baseline_;
  std::optional<Sameness> refusal_;  ///< what a seen form answered to the first refused credential
  std::atomic<int> refused_status_ = 0;
};

/// asks_login() is whether a page shows the form of this login. A form for another password (of a
/// profile, of a new account) is none: where the login's own field is declared, a form is taken for
/// a login that has this field, or a name and one password.
[[nodiscard]] bool asks_login(const protocols::HttpResponse& response,
                              const declaration::Login& login);

/// tells_block() is whether an answer tells of a lock in its status or words.
[[nodiscard]] bool tells_block(const protocols::HttpResponse& response);

}  // namespace haetae::testcases
