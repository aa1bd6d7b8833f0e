#pragma once

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "testcases/facts/facts.hpp"
#include "testcases/input/asker.hpp"
#include "testcases/input/ground.hpp"

namespace haetae::testcases::input {

/// Malformer sends malformed and overlong input to one web service, looks after each whether it
/// lives, and finds the shortest input that ends it.
class Malformer {
 public:
  Malformer(runner::Context& context, const Target& target, const Limits& limits);
  void run();
  /// settle() records facts and coverage.
  void settle();

 private:
  using Client = protocols::HttpClient;
  /// Case is one input; send() is made with any length and gives the bytes that count.
  struct Case {
    std::string place, family, name;
    bool sized = false;
    std::size_t length = 0;
    std::function<std::string(Client&, std::size_t)> send;
  };
  struct Work {
    Spot spot;
    std::vector<Case> cases;
    std::size_t next = 0;
    int sessions = 0;
    bool begun = false, finished = false;
    int status = 0;  ///< of the ordinary answer
  };
  enum class End { done, session_lost, away };

  void behind(const std::string& login);
  [[nodiscard]] Work work_for(const Spot& spot);
  [[nodiscard]] std::vector<Case> raw_cases();
  /// add() takes a sized case at several lengths: a buffer between two of them is hit by the
  /// longer, unless something in front of it refuses that one.
  void add(std::vector<Case>& out, Case one) const;
  End go_on(Client& client, Work& work);
  facts::InputTrial& trial(const Spot& spot, const Case& one);
  /// look_closer() follows a service that went away: does it come back, does it happen again, what
  /// is the shortest input.
  void look_closer(const Work& work, const Case& one, const std::string& first);
  /// kills() sends the case anew in a session of its own.
  bool kills(const std::string& login, const Case& one, std::size_t length, std::string& sent);
  bool lives_after();
  void undo(Client& client, const Spot& spot);
  void control(const Spot& spot, bool held, EvidenceId evidence);

  runner::Context& context_;
  Limits limits_;
  Asker asker_;
  Ground ground_;
  std::string subject_;
  bool gone_ = false;
  std::string last_;       ///< what was sent last
  bool doubtful_ = false;  ///< it had no answer, or one that tells of a fault
  std::map<std::tuple<std::string, std::string, std::string>, facts::InputTrial> trials_;
  std::map<std::tuple<std::string, std::string, std::string>, facts::InputCrash> crashes_;
  std::map<std::string, facts::InputControl> controls_;
};

}  // namespace haetae::testcases::input
