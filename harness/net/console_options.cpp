#include "harness/net/console.hpp"

namespace haetae::net {
namespace {

// RFC 854, RFC 857 (ECHO), RFC 858 (SUPPRESS-GO-AHEAD).
constexpr std::uint8_t kSe = 240, kSb = 250, kWill = 251, kWont = 252, kDo = 253, kDont = 254,
                       kIac = 255;
constexpr std::uint8_t kEcho = 1, kNoGoAhead = 3;

}  // namespace

void OptionFilter::answer(std::uint8_t option, Bytes& reply) {
  negotiated_ = true;
  if (!answered_.emplace(verb_, option).second) return;
  const bool offers = verb_ == kWill || verb_ == kWont;
  const bool allowed = verb_ == kWill && (option == kEcho || option == kNoGoAhead);
  const std::uint8_t verb = allowed ? kDo : offers ? kDont : kWont;
  reply.insert(reply.end(), {kIac, verb, option});
}

void OptionFilter::feed(ByteView bytes, Bytes& text, Bytes& reply) {
  for (const std::uint8_t byte : bytes) {
    switch (state_) {
      case State::text:
        if (byte == kIac)
          state_ = State::command;
        else
          text.push_back(byte);
        break;
      case State::command:
        state_ = State::text;
        if (byte >= kWill && byte < kIac) {
          verb_ = byte;
          state_ = State::option;
        } else if (byte == kSb && negotiated_) {
          state_ = State::sub;
        } else if (byte == kIac && negotiated_) {
          text.push_back(byte);
        } else if (!negotiated_) {
          text.push_back(kIac);
          if (byte == kIac)
            state_ = State::command;  // a raw line full of 0xff
          else
            text.push_back(byte);
        }
        break;
      case State::option:
        answer(byte, reply);
        state_ = State::text;
        break;
      case State::sub:
        if (byte == kIac) state_ = State::sub_command;
        break;
      case State::sub_command: state_ = byte == kSe ? State::text : State::sub; break;
    }
  }
}

}  // namespace haetae::net
