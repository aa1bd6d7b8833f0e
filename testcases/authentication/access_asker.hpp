#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "testcases/authentication/login_client.hpp"

namespace haetae::testcases {

/// AccessAsker asks every service for what only a logged-in user may have, without logging in, and
/// records access_trial, access_control and the coverage of one state of the device.
class AccessAsker {
 public:
  /// `state` is a word of access_trial.state: normal or factory. Positive controls (the same with
  /// the declared login) are made in normal state only.
  AccessAsker(runner::Context& context, std::string state)
      : context_(context), state_(std::move(state)) {}

  /// ask_all() asks every seen service of a protocol that can give something.
  void ask_all();

 private:
  /// Part is one service in work.
  struct Part {
    Target target;
    std::string subject;
    std::string why;  ///< why it could not be asked in full
    Cause cause = Cause::none;
    Sameness nothing;  ///< what HTTP answers to a path that cannot exist
    std::shared_ptr<std::mutex> mutex = std::make_shared<std::mutex>();
    void lost(std::string text, Cause whose);
  };

  void trial(Part& part, const std::string& target, const std::string& kind,
             const std::string& outcome, EvidenceId evidence, bool declared);
  void control(Part& part, const char* which, const std::string& outcome, EvidenceId evidence);
  [[nodiscard]] std::vector<declaration::Resource> declared(const Part& part,
                                                            std::string_view protocol) const;

  void http(Part& part);
  void http_positive(Part& part);
  void positive(Part& part, const std::string& protocol);
  void rtsp(Part& part);
  void mqtt(Part& part);
  void coap(Part& part);
  void ftp(Part& part);
  void snmp(Part& part);

  runner::Context& context_;
  std::string state_;
};

}  // namespace haetae::testcases
