#pragma once

#include <map>
#include <string>

#include "testcases/authentication/web.hpp"
#include "testcases/input/crash.hpp"
#include "testcases/input/limits.hpp"

namespace haetae::testcases::input {

/// Asker sends requests to one service, counts them, and knows whether the service lives.
class Asker {
 public:
  Asker(runner::Context& context, Target target, const Limits& limits)
      : context_(context), target_(std::move(target)), limits_(limits) {}

  [[nodiscard]] Result<protocols::HttpResponse> ask(protocols::HttpClient& client,
                                                    const protocols::HttpRequest& request,
                                                    Duration wait = 5s);
  /// alive() is whether the service answers an ordinary request on a new connection.
  [[nodiscard]] bool alive(Duration wait = 3s);
  [[nodiscard]] Away wait_back();  ///< input::wait_back() of this service
  /// spent() is whether no more requests may be sent.
  [[nodiscard]] bool spent() const;
  [[nodiscard]] std::int64_t sent() const { return sent_; }
  [[nodiscard]] EvidenceId evidence() const { return evidence_; }  ///< of the last alive()
  [[nodiscard]] const Target& target() const { return target_; }
  void count() { ++sent_; }

 private:
  runner::Context& context_;
  Target target_;
  Limits limits_;
  std::int64_t sent_ = 0;
  EvidenceId evidence_ = 0;
  bool stays_ = false;  ///< it was seen not to come back by itself
};

/// Keeper records rows; one for which no connection came about has a note as its evidence.
class Keeper {
 public:
  explicit Keeper(runner::Context& context) : context_(context) {}

  template <class Row>
  void keep(Row row) {
    if (row.evidence == 0) row.evidence = note(row.subject);
    runner::record(context_, row);
  }

 private:
  [[nodiscard]] EvidenceId note(const std::string& subject) {
    auto& id = notes_[subject];
    if (id == 0)
      id = context_.recorder().attach(subject, "input without an answer", "text/plain",
                                      as_bytes(std::string_view("no connection\n")));
    return id;
  }

  runner::Context& context_;
  std::map<std::string, EvidenceId> notes_;
};

}  // namespace haetae::testcases::input
