#pragma once

#include <functional>
#include <string>
#include <vector>

#include "testcases/input/place.hpp"

/// Malformed and overlong input for a web service. Everything is made from a length alone, so that
/// a shorter one of the same kind can be tried.
namespace haetae::testcases::input {

/// RawShape is a message of its own bytes.
struct RawShape {
  std::string place;   ///< of the message: "request line", "header value"
  std::string family;  ///< overlong, malformed
  std::string name;
  bool sized = false;  ///< the length matters
  std::function<std::string(const std::string& host, std::size_t length)> make;
};
[[nodiscard]] std::vector<RawShape> raw_shapes();

/// ValueShape is a value for a place of a request.
struct ValueShape {
  std::string family, name;
  bool sized = false;
  std::function<std::string(std::size_t length)> make;
};
[[nodiscard]] std::vector<ValueShape> value_shapes();

/// body_shapes() are whole bodies for a request with a JSON body.
[[nodiscard]] std::vector<ValueShape> body_shapes();

}  // namespace haetae::testcases::input
