#include <fstream>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/declaration/declaration.hpp"

namespace haetae::cli {

int device_new(const std::filesystem::path& output) {
  const std::string text = declaration::template_text();
  if (output.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  if (std::filesystem::exists(output)) {
    return complain({ErrorKind::invalid_input,
                     fmt::format("{} exists; name another file", output.string()), nullptr});
  }
  std::ofstream file(output, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    return complain(
        {ErrorKind::storage, fmt::format("{} cannot be written", output.string()), nullptr});
  }
  fmt::print("{} is written; fill it in, then: haetae device check {}\n", output.string(),
             output.string());
  return 0;
}

int device_check(const std::filesystem::path& file, const std::string& language) {
  const auto device = declaration::load(file);
  if (!device) return complain(device.error());
  const bool korean = style_of(stdout, language).korean;
  for (const std::string& line : declaration::explain(device->value, korean))
    fmt::print("{}\n", line);
  return 0;
}

}  // namespace haetae::cli
