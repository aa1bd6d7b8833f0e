#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "devices/firmware.hpp"

namespace haetae::devices {
namespace {

std::vector<std::string> words(const char* text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

/// unindented() is the text of an element without its first line end and without the blanks that
/// all of its lines begin with.
std::string unindented(std::string text) {
  if (text.empty() || text.front() != '\n') return text;
  text.erase(0, 1);
  const std::string blanks = text.substr(0, std::min(text.find_first_not_of(' '), text.size()));
  std::istringstream lines(text);
  std::string out, line;
  while (std::getline(lines, line)) {
    if (line.starts_with(blanks)) line.erase(0, blanks.size());
    out += line + '\n';
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
  return out + '\n';
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> out;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

unsigned octal(pugi::xml_node node, unsigned fallback, const FirmwareFault& fail) {
  const std::string_view text = node.attribute("mode").value();
  if (text.empty()) return fallback;
  unsigned value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
  if (code != std::errc() || end != text.data() + text.size() || value > 07777)
    fail(node, fmt::format("mode: '{}' is no octal mode; allowed: 0644, 4755 …", text));
  return value;
}

bool yes(pugi::xml_node node, const char* name, bool fallback, const FirmwareFault& fail) {
  const std::string_view value = node.attribute(name).as_string(fallback ? "yes" : "no");
  if (value != "yes" && value != "no")
    fail(node, fmt::format("{}: '{}' is not allowed; allowed: yes, no", name, value));
  return value == "yes";
}

std::string one_of(pugi::xml_node node, const char* name, const std::vector<std::string>& allowed,
                   const FirmwareFault& fail) {
  std::string value = node.attribute(name).as_string(allowed.front().c_str());
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
    fail(node, fmt::format("{}: '{}' is not allowed; allowed: {}", name, value,
                           fmt::join(allowed, ", ")));
  return value;
}

void read_program(pugi::xml_node node, FirmwareEntry& out, const FirmwareFault& fail) {
  ElfSpec& program = out.program;
  program.soname = node.attribute("soname").value();
  program.library = !program.soname.empty();
  program.needs = words(node.attribute("needs").value());
  program.imports = words(node.attribute("imports").value());
  program.exports = words(node.attribute("exports").value());
  program.run_path = node.attribute("run-path").value();
  program.pie = yes(node, "pie", true, fail);
  program.stack_executable = yes(node, "stack-executable", false, fail);
  program.relro = one_of(node, "relro", {"full", "partial", "none"}, fail);
  program.stripped = yes(node, "stripped", true, fail);
  program.strings = lines_of(unindented(node.text().get()));
}

struct Element {
  std::set<std::string_view> attributes;
  unsigned mode;
};

const std::map<std::string_view, Element>& elements() {
  static const std::map<std::string_view, Element> list = {
      {"file", {{}, 0644}},
      {"folder", {{}, 0755}},
      {"link", {{"to"}, 0777}},
      {"program",
       {{"soname", "needs", "imports", "exports", "run-path", "pie", "stack-executable", "relro",
         "stripped"},
        0755}},
      {"certificate", {{"key", "name", "days"}, 0644}},
      {"private-key", {{"key"}, 0600}},
      {"environment", {{}, 0600}},
      {"drop", {{}, 0}},
  };
  return list;
}

FirmwareEntry read_entry(pugi::xml_node node, const FirmwareFault& fail) {
  static const std::set<std::string_view> common = {"path", "mode", "uid", "gid", "in"};
  const auto kind = elements().find(node.name());
  FirmwareEntry out;
  if (kind == elements().end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, element] : elements()) names.push_back(name);
    fail(node, fmt::format("<{}> may not stand in <firmware>; allowed: {}", node.name(),
                           fmt::join(names, ", ")));
    return out;
  }
  for (const auto attribute : node.attributes()) {
    if (!common.contains(attribute.name()) && !kind->second.attributes.contains(attribute.name()))
      fail(node, fmt::format("<{}> has no attribute '{}'", node.name(), attribute.name()));
  }
  out.kind = node.name();
  out.path = node.attribute("path").value();
  out.in = one_of(node, "in", {"image", "dump", "after-reset"}, fail);
  if (out.path.empty() || out.path.front() != '/') fail(node, "path: write it with '/' in front");
  out.mode = octal(node, kind->second.mode, fail);
  out.uid = node.attribute("uid").as_uint();
  out.gid = node.attribute("gid").as_uint();
  out.to = node.attribute("to").value();
  out.name = node.attribute("name").as_string("Haetae update authority");
  out.days = node.attribute("days").as_int(out.days);
  if (out.kind == "certificate" || out.kind == "private-key")
    out.key = one_of(node, "key", {"p-256", "rsa-2048", "rsa-1024"}, fail);
  if (out.kind == "program")
    read_program(node, out, fail);
  else
    out.text = unindented(node.text().get());
  return out;
}

}  // namespace

void read_firmware(pugi::xml_node node, Firmware& out, const FirmwareFault& fail) {
  for (const auto child : node.children()) {
    if (child.type() == pugi::node_element) out.entries.push_back(read_entry(child, fail));
  }
}

void change_firmware(Firmware& firmware, const Firmware& by) {
  for (const auto& entry : by.entries) {
    std::erase_if(firmware.entries,
                  [&](const auto& one) { return one.path == entry.path && one.in == entry.in; });
    if (entry.kind != "drop") firmware.entries.push_back(entry);
  }
}

}  // namespace haetae::devices
