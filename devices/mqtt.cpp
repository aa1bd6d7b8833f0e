#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "devices/device.hpp"
#include "devices/events.hpp"

namespace haetae::devices {

bool topic_fits(std::string_view filter, std::string_view topic) {
  if (!topic.empty() && topic.front() == '$' && !filter.empty() && filter.front() != '$')
    return false;
  for (;;) {
    if (filter == "#") return true;
    const auto f = filter.substr(0, filter.find('/')), t = topic.substr(0, topic.find('/'));
    if (f != "+" && f != t) return false;
    const bool more_f = f.size() < filter.size(), more_t = t.size() < topic.size();
    if (more_f && !more_t) return filter.substr(f.size()) == "/#";
    if (!more_f || !more_t) return more_f == more_t;
    filter.remove_prefix(f.size() + 1);
    topic.remove_prefix(t.size() + 1);
  }
}

void EventHub::queue(Subscriber& subscriber, Message message) {
  if (subscriber.waiting.size() >= 100) return;
  subscriber.waiting.push_back(std::move(message));
  const std::uint64_t one = 1;
  (void)!::write(subscriber.wake, &one, sizeof one);
}

int EventHub::join(int wake) {
  const std::lock_guard lock(mutex_);
  subscribers_[next_].wake = wake;
  return next_++;
}

void EventHub::leave(int number) {
  const std::lock_guard lock(mutex_);
  subscribers_.erase(number);
}

void EventHub::subscribe(int number, const std::string& filter) {
  const std::lock_guard lock(mutex_);
  auto& subscriber = subscribers_[number];
  if (subscriber.filters.size() < 100) subscriber.filters.push_back(filter);
  if (topic_fits(filter, "camera/state")) queue(subscriber, {"camera/state", state_});
}

void EventHub::unsubscribe(int number, const std::string& filter) {
  const std::lock_guard lock(mutex_);
  std::erase(subscribers_[number].filters, filter);
}

void EventHub::publish(const std::string& topic, const std::string& payload) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, subscriber] : subscribers_)
    if (std::any_of(subscriber.filters.begin(), subscriber.filters.end(),
                    [&](const auto& filter) { return topic_fits(filter, topic); }))
      queue(subscriber, {topic, payload});
}

std::vector<EventHub::Message> EventHub::take(int number) {
  const std::lock_guard lock(mutex_);
  auto& waiting = subscribers_[number].waiting;
  std::vector<Message> result(waiting.begin(), waiting.end());
  waiting.clear();
  return result;
}

namespace {

constexpr std::size_t kMostPacket = 65536;

enum : unsigned {
  kConnect = 1,
  kConnack,
  kPublish,
  kPuback,
  kPubrec,
  kPubrel,
  kPubcomp,
  kSubscribe,
  kSuback,
  kUnsubscribe,
  kUnsuback,
  kPingreq,
  kPingresp,
  kDisconnect
};

/// Reader takes fields from a packet; after a field that does not fit everything is empty and good
/// is false.
struct Reader {
  std::string_view rest;
  bool good = true;

  std::string_view bytes(std::size_t count) {
    if (count > rest.size()) {
      good = false;
      rest = {};
      return {};
    }
    const auto result = rest.substr(0, count);
    rest.remove_prefix(count);
    return result;
  }
  unsigned byte() {
    const auto one = bytes(1);
    return good ? static_cast<unsigned char>(one[0]) : 0U;
  }
  unsigned number() {
    const auto high = byte();
    return high * 256 + byte();
  }
  std::string text() { return std::string(bytes(number())); }
  void skip_properties() {
    std::size_t length = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const auto one = byte();
      length |= std::size_t{one & 0x7fU} << shift;
      if ((one & 0x80U) == 0) break;
    }
    (void)bytes(length);
  }
};

std::string number(unsigned value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xffU)};
}

std::string packet(unsigned type, unsigned flags, const std::string& body) {
  std::string result(1, static_cast<char>(type << 4U | flags));
  auto length = body.size();
  do {
    const auto digit = static_cast<unsigned char>(length % 128);
    length /= 128;
    result += static_cast<char>(length != 0 ? digit | 0x80U : digit);
  } while (length != 0);
  return result + body;
}

struct Packet {
  unsigned type = 0, flags = 0;
  std::string body;
};

std::optional<Packet> read_packet(Device& device, Connection& connection) {
  const auto first = connection.read_exact(1);
  if (!first) return std::nullopt;
  std::size_t length = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto one = shift > 21 ? std::nullopt : connection.read_exact(1);
    if (!one) return std::nullopt;
    const auto value = static_cast<unsigned char>((*one)[0]);
    length |= std::size_t{value & 0x7fU} << shift;
    if ((value & 0x80U) == 0) break;
  }
  if (length > kMostPacket) {
    if (device.settings.yes("mqtt.overflow")) device.later(device.halt);
    return std::nullopt;
  }
  auto body = connection.read_exact(length);
  if (!body) return std::nullopt;
  const auto head = static_cast<unsigned char>((*first)[0]);
  return Packet{unsigned{head} >> 4U, unsigned{head} & 0x0fU, std::move(*body)};
}

class Client {
 public:
  Client(Device& device, Connection& connection)
      : device_(device), connection_(connection), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Client() {
    if (number_ != 0) device_.events->leave(number_);
    ::close(wake_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void serve() {
    const auto first = read_packet(device_, connection_);
    if (!first || first->type != kConnect || !enter(first->body)) return;
    number_ = device_.events->join(wake_);
    while (connection_.alive() && device_.power.running()) {
      deliver();
      if (!connection_.wait_for_input(connection_.patience, wake_)) {
        std::uint64_t count = 0;
        if (::read(wake_, &count, sizeof count) < 0) return;
        continue;
      }
      const auto next = read_packet(device_, connection_);
      if (!next || !handle(*next)) return;
    }
  }

 private:
  bool enter(const std::string& body) {
    Reader reader{body};
    const auto protocol = reader.text();
    const auto level = reader.byte();
    if (protocol != "MQTT" || (level != 4 && level != 5)) {
      connection_.write(packet(kConnack, 0, std::string{0, level >= 5 ? '\x84' : '\x01'}));
      return false;
    }
    five_ = level == 5;
    const auto flags = reader.byte();
    (void)reader.number();
    if (five_) reader.skip_properties();
    (void)reader.text();
    if ((flags & 0x04U) != 0) {
      if (five_) reader.skip_properties();
      (void)reader.text();
      (void)reader.text();
    }
    const bool named = (flags & 0x80U) != 0, has_password = (flags & 0x40U) != 0;
    const auto user = named ? reader.text() : "", password = has_password ? reader.text() : "";
    if (!reader.good) return false;
    auto result = LoginResult::wrong;
    if (named || has_password)
      result = device_.accounts.login("events", user, connection_.peer(), password);
    else if (device_.settings.text("mqtt.anonymous") == "accepted")
      result = LoginResult::accepted;
    connection_.write(packet(kConnack, 0, connack(result, named || has_password)));
    return result == LoginResult::accepted;
  }
  std::string connack(LoginResult result, bool named) const {
    // Return codes of MQTT 3.1.1, 3.2.2.3, and reason codes of MQTT 5.0, 3.2.2.2.
    const bool blocked = result == LoginResult::blocked && !device_.settings.yes("lockout.silent");
    int code = 0;
    if (result != LoginResult::accepted && five_) code = blocked ? 0x8a : named ? 0x86 : 0x87;
    if (result != LoginResult::accepted && !five_) code = blocked || !named ? 5 : 4;
    std::string body{'\0', static_cast<char>(code)};
    if (five_) body += '\0';
    return body;
  }

  void deliver() {
    for (const auto& [topic, payload] : device_.events->take(number_)) {
      auto body = number(static_cast<unsigned>(topic.size())) + topic;
      if (five_) body += '\0';
      connection_.write(packet(kPublish, 0, body + payload));
    }
  }

  bool handle(const Packet& next) {
    Reader reader{next.body};
    switch (next.type) {
      case kPingreq: return connection_.write(packet(kPingresp, 0, ""));
      case kPublish: return take_publish(reader, (next.flags >> 1U) & 3U);
      case kPubrel: return connection_.write(packet(kPubcomp, 0, number(reader.number())));
      case kSubscribe:
      case kUnsubscribe: return take_filters(reader, next.type == kSubscribe);
      case kPuback:
      case kPubrec:
      case kPubcomp: return true;
      default: return false;
    }
  }
  bool take_publish(Reader& reader, unsigned quality) {
    const auto topic = reader.text();
    const auto id = quality > 0 ? reader.number() : 0;
    if (five_) reader.skip_properties();
    if (!reader.good || topic.empty() || topic.find_first_of("+#") != std::string::npos)
      return false;
    device_.events->publish(topic, std::string(reader.rest));
    if (quality == 1) connection_.write(packet(kPuback, 0, number(id)));
    if (quality == 2) connection_.write(packet(kPubrec, 0, number(id)));
    return true;
  }
  bool take_filters(Reader& reader, bool subscribing) {
    const auto id = reader.number();
    if (five_) reader.skip_properties();
    std::string codes;
    while (reader.good && !reader.rest.empty()) {
      const auto filter = reader.text();
      if (subscribing) (void)reader.byte();
      if (!reader.good) return false;
      if (subscribing)
        device_.events->subscribe(number_, filter);
      else
        device_.events->unsubscribe(number_, filter);
      if (subscribing || five_) codes += '\0';
    }
    if (!reader.good) return false;
    auto body = number(id);
    if (five_) body += '\0';
    return connection_.write(packet(subscribing ? kSuback : kUnsuback, 0, body + codes));
  }

  Device& device_;
  Connection& connection_;
  int wake_;
  int number_ = 0;
  bool five_ = false;
};

}  // namespace

void serve_mqtt(Device& device, Connection& connection) { Client(device, connection).serve(); }

}  // namespace haetae::devices
