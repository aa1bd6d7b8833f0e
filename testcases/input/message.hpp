#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"
#include "testcases/facts/facts.hpp"

/// Malformed and overlong messages of protocols other than HTTP: each begins as the protocol asks
/// for, so that it gets to the parser, and breaks one rule. Everything is made from an ordinary
/// message, a seed and a length alone. Nothing here writes, sets or deletes where it is understood.
namespace haetae::testcases::input {

/// Message is one input.
struct Message {
  std::string name;             ///< unique within the protocol
  std::string target;           ///< message of the protocol: "ClientHello"
  std::string place;            ///< field of it: "record length"
  std::string family;           ///< overlong, malformed
  bool sized = false;           ///< the length matters
  std::vector<Bytes> before{};  ///< ordinary messages in front, each answered first
  std::function<Bytes(std::size_t length)> make{};
};

/// Talk is what the messages of one service are made from.
struct Talk {
  Endpoint to;
  bool datagrams = false;
  std::uint64_t seed = 1;
  Bytes ordinary{};     ///< the question that was answered
  bool inside = false;  ///< its answer opened a session, so that what is said there can be tried
  std::optional<std::pair<std::string, std::string>> login{};  ///< declared: user and password
};

/// Ordinary is a well-formed question.
struct Ordinary {
  Bytes question;
  std::string opens{};     ///< the answer that opens a session; empty: none does
  bool only_open = false;  ///< with a password, which is not given again where it was refused
};

/// Protocol is one row of the table of protocols.
struct Protocol {
  std::string_view name;  ///< word of input_trial.protocol
  bool (*spoken_by)(const facts::Service&);
  /// ordinary() are the questions to try, best first.
  std::vector<Ordinary> (*ordinary)(const Talk&);
  /// read() is what the answer is, in a word or two that stay the same as long as the service does
  /// ("ServerHello", "CONNACK 0"); empty for no whole answer of the protocol.
  std::string (*read)(const Talk&, ByteView answer);
  std::vector<Message> (*messages)(const Talk&);
};
[[nodiscard]] const std::vector<Protocol>& message_protocols();

[[nodiscard]] std::vector<Message> tls_messages(const Talk& talk);
[[nodiscard]] std::vector<Message> ssh_messages(const Talk& talk);
[[nodiscard]] std::vector<Message> mqtt_messages(const Talk& talk);
[[nodiscard]] std::vector<Message> rtsp_messages(const Talk& talk);
[[nodiscard]] std::vector<Message> snmp_messages(const Talk& talk);
[[nodiscard]] std::vector<Message> coap_messages(const Talk& talk);
[[nodiscard]] std::vector<Message> dns_messages(const Talk& talk);

/// MessageList builds a list of messages of one target after the other.
class MessageList {
 public:
  using Make = std::function<Bytes(std::size_t)>;

  /// of() sets the target of what follows, and the ordinary messages in front of it.
  MessageList& of(std::string target, std::vector<Bytes> before = {});
  MessageList& fixed(std::string place, std::string name, Bytes bytes);
  MessageList& sized(std::string place, std::string name, Make make);
  /// shaken() adds `count` copies of `base` with three bytes behind `from` changed by the seed.
  MessageList& shaken(std::uint64_t seed, const Bytes& base, std::size_t from, int count);
  [[nodiscard]] std::vector<Message> take() { return std::move(out_); }

 private:
  std::string target_;
  std::vector<Bytes> before_;
  std::vector<Message> out_;
};

/// Wire builds bytes in network order.
class Wire {
 public:
  Wire() = default;
  explicit Wire(Bytes bytes) : bytes_(std::move(bytes)) {}
  /// number() puts the low `width` bytes of the value.
  Wire& number(std::uint64_t value, int width);
  Wire& u8(std::uint64_t value) { return number(value, 1); }
  Wire& u16(std::uint64_t value) { return number(value, 2); }
  Wire& u32(std::uint64_t value) { return number(value, 4); }
  Wire& put(ByteView bytes);
  Wire& text(std::string_view text) { return put(as_bytes(text)); }
  Wire& many(std::size_t count, std::uint8_t byte = 'A');
  /// text16() is a length of two bytes and the text.
  Wire& text16(std::string_view text) { return u16(text.size()).put(as_bytes(text)); }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

/// changed() puts the low `width` bytes of the value over what stands at `at`, as far as there is
/// something.
[[nodiscard]] Bytes changed(Bytes bytes, std::size_t at, std::uint64_t value, int width);
/// cut() is the first `count` bytes.
[[nodiscard]] Bytes cut(const Bytes& bytes, std::size_t count);
[[nodiscard]] Bytes bytes_of(std::string_view text);

}  // namespace haetae::testcases::input
