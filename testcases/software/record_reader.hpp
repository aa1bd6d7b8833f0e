#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "harness/declaration/declaration.hpp"
#include "harness/protocols/http.hpp"
#include "harness/runner/procedure.hpp"
#include "testcases/authentication/http_call.hpp"

/// The device's record of security events, wherever it can be read.
namespace haetae::testcases {

/// SeenRecord is one record.
struct SeenRecord {
  std::string text;  ///< as it was read, with its time
  std::string
      content;         ///< without the header of syslog, whose host name says nothing of who did it
  std::string source;  ///< read, syslog
  EvidenceId evidence = 0;
};

/// SyslogServer is ours, for as long as it lives. What came is kept until it is taken.
class SyslogServer {
 public:
  /// start() opens the declared address and port.
  [[nodiscard]] static Result<std::unique_ptr<SyslogServer>> start(
      runner::Context& context, const declaration::RecordListener& where);
  virtual ~SyslogServer() = default;
  /// take() gives what came since the last call; at most 50,000 records are kept between two calls.
  [[nodiscard]] virtual std::vector<SeenRecord> take() = 0;
  /// heard() is whether any message ever came.
  [[nodiscard]] virtual bool heard() const = 0;
  [[nodiscard]] virtual EvidenceId evidence() const = 0;
};

/// Reading is the whole record as a request showed it.
struct Reading {
  std::vector<std::string> lines;
  EvidenceId evidence = 0;
  bool whole = true;
};

/// read_record() asks for it inside a session; an answer that the declaration does not call a
/// success is an error.
[[nodiscard]] Result<Reading> read_record(protocols::HttpClient& client,
                                          const declaration::HttpCall& call);

/// read_anew() logs in, reads, and logs out.
[[nodiscard]] Result<Reading> read_anew(runner::Context& context,
                                        const declaration::HttpCall& call);

/// new_lines() are those of `after` that `before` has not, with their number: records may be equal.
[[nodiscard]] std::vector<std::string> new_lines(const Reading& before, const Reading& after);

/// lesser_accounts() are declared accounts with a password that use the login and have none of the
/// roles.
[[nodiscard]] std::vector<const declaration::Account*> lesser_accounts(
    const declaration::Declaration& device, const std::string& login,
    const std::vector<std::string>& roles);

}  // namespace haetae::testcases
