#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "testcases/facts/facts.hpp"
#include "testcases/input/asker.hpp"
#include "testcases/input/callback.hpp"
#include "testcases/input/ground.hpp"
#include "testcases/input/probe.hpp"

namespace haetae::testcases::input {

/// Injector sends every listed input to every place of one service, and reads each answer for
/// effects and for texts that show the inside.
class Injector {
 public:
  Injector(runner::Context& context, const Target& target, const Limits& limits,
           Callback& callback);
  void run();
  /// settle() looks for late connections to us, then records facts and coverage.
  void settle();
  [[nodiscard]] bool waits_for_callback() const { return !called_.empty(); }

 private:
  using Client = protocols::HttpClient;
  using Response = protocols::HttpResponse;
  struct Base {
    Response answer;
    std::string whole;     ///< with its fields, for the texts
    bool stable = false;   ///< two answers are equal
    bool numbers = false;  ///< they are when numbers are left out
    Duration slowest{};
  };
  struct Try {
    Client& client;
    const Spot& spot;
    const Place& place;
    const Probe& probe;
    const Base& base;
    facts::InputTrial& row;
  };
  enum class End { done, session_lost, stop };

  void behind(const std::string& login);
  std::vector<Spot> try_spots(Client& client, const std::vector<Spot>& spots);
  End try_spot(Client& client, const Spot& spot);
  [[nodiscard]] bool usable(const Spot& spot, const Response& answer);
  End try_place(Client& client, const Spot& spot, const Place& place, const Base& base);
  /// fire() tries one probe; false: the service went away for good.
  bool fire(const Try& one);
  Result<Response> send(const Try& one, const std::string& value);
  /// answered() is whether the service still lives after a request without answer.
  bool answered(const Try& one, const Error& error, const std::string& value);
  void hit(const Try& one, const std::string& basis, EvidenceId evidence, const std::string& sent,
           const std::string& seen);
  void read(const Spot& spot, const std::string& family, const Response& answer,
            const std::string& ordinary, const std::string& sent);
  void on_text(const Try& one, const Shot& shot);
  void on_header(const Try& one, const Shot& shot);
  void on_error(const Try& one, const Shot& shot);
  void on_condition(const Try& one, const Shot& shot);
  void on_delay(const Try& one, const Shot& shot);
  void on_callback(const Try& one, const Shot& shot);
  void wrong_requests(Client& client, const Spot& spot, const Base& base);
  void undo(Client& client, const Spot& spot);
  void control(const Spot& spot, bool held, EvidenceId evidence);

  runner::Context& context_;
  Limits limits_;
  Callback& callback_;
  Asker asker_;
  Ground ground_;
  std::string subject_;
  std::vector<Probe> probes_;
  std::vector<ErrorText> texts_;
  bool gone_ = false;  ///< the service does not come back
  int silent_ = 0;     ///< requests without answer
  std::map<std::tuple<std::string, std::string, std::string>, facts::InputTrial> trials_;
  std::map<std::pair<std::string, std::string>, facts::ErrorAnswer> errors_;
  std::map<std::string, facts::InputControl> controls_;
  std::map<std::tuple<std::string, std::string, std::string>, facts::InputCrash> crashes_;
  struct Called {
    std::tuple<std::string, std::string, std::string> trial;
    std::string token, sent, probe;
  };
  std::vector<Called> called_;
};

}  // namespace haetae::testcases::input
