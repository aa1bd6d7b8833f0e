#pragma once

#include <string>

#include "harness/protocols/http.hpp"

/// How a model or a version is found in what a device shows.
namespace haetae::testcases {

/// shown_text() is what a person sees of an answer: HTML without its tags, anything else as it is.
[[nodiscard]] std::string shown_text(const protocols::HttpResponse& response);

/// holds() is whether the value stands in the text as a whole: 1.4.2 is not found in 1.4.25 or
/// 11.4.2; a v in front of it is no part of another word.
[[nodiscard]] bool holds(const std::string& text, const std::string& wanted);

/// value_after() is what stands after the name of a field: "firmware": "1.3", Firmware
/// version: 1.3; at most 100 bytes, empty if nothing does.
[[nodiscard]] std::string value_after(const std::string& text, const std::string& field);

}  // namespace haetae::testcases
