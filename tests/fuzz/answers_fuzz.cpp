#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/declaration/answers.hpp"

// What loads holds to the limits that the header promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = declaration::load_answers_text(text, "/nowhere/at/all/fuzz.xml");
  if (!loaded) {
    if (loaded.error().text.empty()) __builtin_trap();
    return 0;
  }
  for (const declaration::PersonAnswer& answer : loaded->answers) {
    if (answer.who.empty() || answer.outcome.empty() || !declaration::is_zoned_time(answer.at)) {
      __builtin_trap();
    }
    if (!answer.second.empty() && declaration::same_person(answer.who, answer.second)) {
      __builtin_trap();
    }
    for (const declaration::Attachment& attachment : answer.attachments) {
      if (attachment.name.find('/') != std::string::npos) __builtin_trap();
      if (attachment.content.size() > declaration::kMaximumAttachment) __builtin_trap();
    }
  }
  return 0;
}
