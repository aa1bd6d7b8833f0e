#include "tests/support/image_maker.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace haetae::test {

void Seen::part(const formats::Part& part) {
  const std::lock_guard lock(guard_);
  parts.push_back(part);
}

void Seen::member(const formats::Member& member, ByteView content) {
  const std::lock_guard lock(guard_);
  files.push_back({member, std::string(as_text(content))});
}

Seen::File Seen::find(std::string_view path) const {
  for (const File& file : files) {
    if (file.member.path == path) return file;
  }
  return {};
}

int Seen::holding(std::string_view text) const {
  return static_cast<int>(std::count_if(files.begin(), files.end(), [&](const File& file) {
    return file.content.find(text) != std::string::npos;
  }));
}

std::string Seen::states() const {
  std::vector<std::string> words;
  for (const formats::Part& part : parts) words.push_back(part.format + " " + part.state);
  std::sort(words.begin(), words.end());
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : "; ") + word;
  return out;
}

formats::Part Seen::first(std::string_view format) const {
  for (const formats::Part& part : parts) {
    if (part.format == format) return part;
  }
  formats::Part none;
  none.format.clear();
  return none;
}

formats::Walk seen_in(const std::string& file, Seen& seen, const formats::Bounds& bounds) {
  const auto walk = formats::walk(file, bounds, seen);
  if (!walk) throw std::runtime_error(walk.error().message());
  return *walk;
}

std::string tool(const std::vector<std::string>& argv) {
  std::vector<std::string> found = argv;
  found[0] = find_tool(argv[0]);
  if (found[0].empty()) throw std::runtime_error(argv[0] + " is not installed");
  const ToolResult result = run_tool(found);
  if (result.exit_code != 0) throw std::runtime_error(argv[0] + ": " + result.output);
  return result.output;
}

std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string small_root(const TempDir& folder) {
  folder.write("root/etc/secret", std::string(kPlanted) + "\n", 0640);
  folder.write("root/etc/empty", "");
  folder.write("root/usr/bin/tool",
               std::string("\x7f"
                           "ELF") +
                   std::string(3000, 'e'),
               04755);
  std::string large;
  for (int i = 0; i < 60'000; ++i) large += "line " + std::to_string(i * 7919 % 10007) + "\n";
  folder.write("root/usr/share/large.txt", large);
  folder.write("root/usr/share/zeros", std::string(300'000, '\0') + "tail");
  folder.write("root/a/b/c/d/e/deep", "deep\n");
  for (int i = 0; i < 40; ++i) {
    folder.write("root/many/file" + std::to_string(i), "number " + std::to_string(i) + "\n");
  }
  std::filesystem::create_symlink("/usr/bin/tool", folder.file("root/etc/link"));
  std::filesystem::create_symlink("../../../../../outside", folder.file("root/etc/climbs"));
  return folder.file("root");
}

}  // namespace haetae::test
