#pragma once

#include <string>

namespace haetae {

/// Text is one sentence in both languages.
struct Text {
  std::string ko, en;
  bool operator==(const Text&) const = default;
};

}  // namespace haetae
