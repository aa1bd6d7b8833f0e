#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/input/crash.hpp"
#include "testcases/input/ground.hpp"
#include "testcases/input/message.hpp"

namespace haetae::testcases::input {

/// Messenger sends the messages of one protocol to one service and looks after each whether an
/// ordinary question is still answered on a new connection, and as before. It ends with the first
/// input that the service does not survive.
class Messenger {
 public:
  Messenger(runner::Context& context, const Protocol& protocol, const Target& target,
            const Limits& limits);
  void run();
  /// greet() looks for the question that the service answers; false: there is none.
  bool greet();
  [[nodiscard]] Away wait_back();
  /// settle() records facts, and adds what was tried to `tried`.
  void settle(std::string& tried);

  Shortfall shortfall;
  [[nodiscard]] bool gone() const { return gone_; }  ///< the service did not come back

 private:
  /// Shot is a message at one length.
  struct Shot {
    const Message* message = nullptr;
    std::size_t length = 0;
    std::string sent{};
  };

  [[nodiscard]] std::vector<Shot> shots(const std::vector<Message>& messages) const;
  /// bears() asks as many ordinary questions as inputs will follow: who blocks us for their number
  /// must not look like a service that died of one.
  bool bears(std::size_t count);
  /// fire() sends the messages in front and then `last`.
  void fire(const Message& message, const Bytes& last);
  void fire_stream(const Message& message, const Bytes& last);
  void fire_datagram(const Message& message, const Bytes& last);
  /// hear() is what the answer to an ordinary question is, empty for none.
  std::string hear(const Bytes& question, Duration wait);
  std::string hear_stream(const Bytes& question, Duration wait);
  std::string hear_datagram(const Bytes& question, Duration wait);
  /// still() asks again and again for a while before it gives up; empty: no answer.
  std::string still();
  void examine(std::vector<Shot>& done);
  facts::InputTrial& trial(const Message& message);

  runner::Context& context_;
  const Protocol& protocol_;
  Target target_;
  Limits limits_;
  Talk talk_;
  std::string subject_, usual_;
  std::vector<Message> messages_;
  std::size_t planned_ = 0, sent_ = 0;
  bool gone_ = false, stays_ = false, held_ = false;
  std::string trouble_;  ///< the last error on the way
  Cause whose_ = Cause::device;
  EvidenceId evidence_ = 0;
  std::map<std::tuple<std::string, std::string, std::string>, facts::InputTrial> trials_;
  std::vector<facts::InputCrash> crashes_;
};

}  // namespace haetae::testcases::input
