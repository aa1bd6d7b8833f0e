#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haetae::devices {

/// EventHub is the broker's memory: who subscribed to what, and what waits for them.
class EventHub {
 public:
  using Message = std::pair<std::string, std::string>;  ///< topic, payload

  explicit EventHub(std::string state) : state_(std::move(state)) {}

  /// join() returns the number of a subscriber, whose `wake` (an eventfd) is written to when
  /// something waits.
  [[nodiscard]] int join(int wake);
  void leave(int number);
  /// subscribe() also queues the retained message of camera/state where the filter fits.
  void subscribe(int number, const std::string& filter);
  void unsubscribe(int number, const std::string& filter);
  void publish(const std::string& topic, const std::string& payload);
  [[nodiscard]] std::vector<Message> take(int number);

 private:
  struct Subscriber {
    int wake = -1;
    std::vector<std::string> filters;
    std::deque<Message> waiting;
  };
  static void queue(Subscriber& subscriber, Message message);

  std::mutex mutex_;
  std::string state_;
  std::map<int, Subscriber> subscribers_;
  int next_ = 1;
};

/// topic_fits() matches a topic against a filter with + and # (MQTT 5.0, 4.7).
[[nodiscard]] bool topic_fits(std::string_view filter, std::string_view topic);

}  // namespace haetae::devices
