#pragma once

#include <functional>
#include <string>

#include "harness/declaration/declaration.hpp"
#include "harness/protocols/http.hpp"
#include "harness/runner/procedure.hpp"

/// The requests that the maker declares, sent as somebody.
namespace haetae::testcases {

/// Who makes a call: the account that the login is declared for, nobody, or another account.
struct Actor {
  enum class Kind { declared, nobody, account };
  Kind kind = Kind::declared;
  const declaration::Account* account = nullptr;  ///< kind account only
  bool shipped = false;  ///< the password is the shipped one, which may open nothing but its change
};

/// Told is what the device said of what it was asked to do; what it did is another matter.
enum class Told { nothing, done, refused };

/// request_of() is the declared request with the file in it (multipart or raw), or with the
/// declared fields alone (form, json, none).
[[nodiscard]] protocols::HttpRequest request_of(const declaration::HttpCall& call,
                                                ByteView file = {}, const std::string& name = {});

/// token_of() is the declared token as the client brings it.
[[nodiscard]] std::optional<protocols::HttpToken> token_of(
    const std::optional<declaration::PageToken>& token);

/// refused_untold() is whether a refusal says nothing of the one who asked: the request lacked its
/// token, which the device had not given to his session.
[[nodiscard]] bool refused_untold(const declaration::HttpCall& call,
                                  const protocols::HttpResponse& response);

/// change_of() is the declared request that changes the password of `account` from `old` (left out
/// where there is none) to `wanted`.
[[nodiscard]] declaration::HttpCall change_of(const declaration::PasswordChange& change,
                                              const std::string& account,
                                              const std::optional<std::string>& old,
                                              const std::string& wanted);

/// with_proof() is the request of a call with the password of the account where the call asks for
/// it anew.
[[nodiscard]] declaration::HttpCall with_proof(const declaration::Call& call,
                                               const declaration::Account* account);

/// file_offset() is where the file begins in the body of such a request.
[[nodiscard]] std::size_t file_offset(const declaration::HttpCall& call,
                                      const protocols::HttpRequest& request, ByteView file);

/// finds() is whether the answer holds the text, if there is one.
[[nodiscard]] bool finds(const protocols::HttpResponse& response, const std::string& text);

/// told_by() is what an answer says by the declared texts and status, or else by its status: 2xx
/// is done, 4xx and 5xx and a way to a login page are refused.
[[nodiscard]] Told told_by(const declaration::HttpCall& call,
                           const protocols::HttpResponse& response);

/// words_of() is status and text of an answer, printable, at most 200 bytes.
[[nodiscard]] std::string words_of(const protocols::HttpResponse& response);

/// denies() is whether the answer says that a login is missing or not enough: 401, 403, or a
/// redirect.
[[nodiscard]] bool denies(const protocols::HttpResponse& response);

using WebWork = std::function<void(protocols::HttpClient&)>;

/// inside() hands an HTTP client to `work`: with the session of the declared login, of the actor's
/// account, or with none. An error says why `work` was not called.
[[nodiscard]] Result<void> inside(runner::Context& context, const declaration::HttpCall& call,
                                  const Actor& actor, const std::string& label,
                                  const WebWork& work);

}  // namespace haetae::testcases
