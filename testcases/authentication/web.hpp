#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/declaration/declaration.hpp"
#include "harness/protocols/http.hpp"
#include "harness/runner/procedure.hpp"

/// What the procedures that speak HTTP share: how to reach an endpoint, and how to tell an answer
/// from the one that a service gives to everything.
namespace haetae::testcases {

/// Endpoint of a TCP or UDP service on the device.
struct Target {
  declaration::PortName port;
  bool tls = false;
  bool operator==(const Target&) const = default;
  [[nodiscard]] std::string subject() const { return port.subject(); }
};

/// port_of() reads the port of a subject such as lan:tcp/443.
[[nodiscard]] std::optional<declaration::PortName> port_of(std::string_view subject);

/// services() are the seen services of a protocol (a word of the fact table `service`).
[[nodiscard]] std::vector<Target> services(const runner::Context& context,
                                           std::string_view protocol);

/// open() connects to the target, inside TLS where it asks for it.
[[nodiscard]] Result<std::unique_ptr<net::Conn>> open(runner::Context& context,
                                                      const Target& target, std::string_view label,
                                                      Duration wait = 5s);

/// web_client() is an HTTP client for the target. It waits for a service that leaves requests
/// without an answer ever shorter (Context::patience()).
[[nodiscard]] protocols::HttpClient web_client(runner::Context& context, const Target& target,
                                               std::string label);

/// bare_body() is a body without the requested path in it, so that two answers which differ only
/// in quoting the path are equal.
[[nodiscard]] std::string bare_body(const protocols::HttpResponse& response, std::string_view path);

/// Sameness compares answers with the one to a path that cannot exist.
struct Sameness {
  int status = 0;
  std::string body;  ///< bare_body()
  std::string location;
  bool known = false;  ///< the control was answered

  /// holds() is whether the answer is the one that everything gets (a soft 404).
  [[nodiscard]] bool holds(const protocols::HttpResponse& response, std::string_view path) const;
};

/// random_path() is a path that no device has.
[[nodiscard]] std::string random_path();
[[nodiscard]] Sameness sameness(const protocols::HttpResponse& response, std::string_view path);

/// column() is the text of a named column of a reference row, empty if there is no such column.
[[nodiscard]] std::string column(const catalogue::Reference& reference,
                                 const std::vector<Value>& row, std::string_view name);

/// number() is an integer parameter of the catalogue.
[[nodiscard]] std::optional<std::int64_t> number(const catalogue::Catalogue& catalogue,
                                                 std::string_view parameter);

/// yes_no() is the word of a fact column.
[[nodiscard]] inline std::string yes_no(bool value) { return value ? "yes" : "no"; }

/// gap() is a coverage record for what could not be looked at in full.
[[nodiscard]] Coverage gap(std::string topic, std::string subject, Cause cause, std::string why,
                           std::string tried = {});
[[nodiscard]] Coverage whole(std::string topic, std::string subject, std::string tried = {});

/// cause_of() says whose matter an error on the way to the device is.
[[nodiscard]] Cause cause_of(const Error& error);

}  // namespace haetae::testcases
