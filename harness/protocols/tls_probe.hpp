#pragma once

#include <string>

#include "harness/net/door.hpp"
#include "harness/protocols/tls_flight.hpp"
#include "harness/protocols/tls_hello.hpp"

/// One hello, one answer: what a server does with a ClientHello, told apart by what came back.
namespace haetae::protocols {

/// Reply says how a server answered a hello. Only `alert` and `answered` are its own words; a
/// stream that ends or stays silent may also be a crash, a filter or a lost packet.
enum class Reply {
  answered,  ///< a ServerHello came (whatever happened afterwards)
  alert,     ///< an alert instead of a ServerHello
  closed,    ///< the peer ended or reset the stream without a word
  silent,    ///< nothing whole until the deadline
  not_tls,   ///< bytes that are no TLS
};

struct HelloAnswer {
  Reply reply = Reply::silent;
  Flight flight{};
  std::string detail{};  ///< one sentence for people
  /// alert() is the last alert, 255 if there was none.
  [[nodiscard]] std::uint8_t alert() const {
    return flight.alerts.empty() ? std::uint8_t{255} : flight.alerts.back().description;
  }
};

/// say_hello() sends `hello` with a random of its own and reads the clear part of the flight.
[[nodiscard]] HelloAnswer say_hello(net::Conn& conn, const ClientHello& hello, SteadyTime deadline);

struct Ssl2Answer {
  Reply reply = Reply::silent;  ///< alert: an SSL 2.0 ERROR or a TLS alert
  Ssl2Hello hello;              ///< when answered
  bool speaks_ssl2 = false;     ///< a SERVER-HELLO or an SSL 2.0 ERROR message came
  std::string detail;
};

/// say_ssl2_hello() offers every SSL 2.0 cipher kind.
[[nodiscard]] Ssl2Answer say_ssl2_hello(net::Conn& conn, SteadyTime deadline);

/// dh_group_name() is ffdhe2048 … ffdhe8192 where `prime` is one of RFC 7919, else dh-custom.
[[nodiscard]] std::string dh_group_name(ByteView prime);

}  // namespace haetae::protocols
