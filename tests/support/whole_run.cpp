#include "tests/support/whole_run.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "devices/console.hpp"
#include "devices/simulator.hpp"
#include "testcases/procedures.hpp"

namespace haetae::test {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  return std::move(*result);
}

}  // namespace

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  if (at == std::string::npos)
    throw std::runtime_error("no '" + std::string(from) + "' to replace");
  for (; at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string camera_declaration(const std::string& address, const fs::path& control) {
  std::string text =
      read(fs::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.device.xml");
  // The console server of a device on IPv4 loopback has its own address; no other has one.
  if (const std::string console = devices::console_address(address); !console.empty()) {
    text = replaced(std::move(text), "127.42.0.110", console);
  } else {
    const std::size_t at = text.find("  <console ");
    text.erase(at, text.find("/>\n", at) + 3 - at);
  }
  // So has its second unit.
  if (const std::string second = devices::second_address(address); !second.empty()) {
    text = replaced(std::move(text), "127.42.0.60", second);
  } else {
    const std::size_t at = text.find("  <second-unit ");
    text.erase(at, text.find("</second-unit>\n", at) + 15 - at);
  }
  text = replaced(std::move(text), "127.42.0.10", address);
  text = replaced(std::move(text), "build/release/haetae", HAETAE_BINARY_DIR "/haetae");
  text = replaced(std::move(text), "file=\"documents/",
                  "file=\"" HAETAE_SOURCE_DIR "/devices/personalities/documents/");
  // The image of the sound camera stands where its control socket does; a bench that switches a
  // defect on writes its own over it.
  const fs::path image = control.parent_path() / "firmware.itb";
  if (fs::exists(image.parent_path()) && !fs::exists(image)) {
    const auto written = devices::write_firmware(
        fs::path(HAETAE_SOURCE_DIR) / "devices/personalities/conformant-camera.xml", {}, image);
    if (!written) throw std::runtime_error(written.error());
  }
  text = replaced(std::move(text), "../../out/demo/firmware.itb", image.string());
  text =
      replaced(std::move(text), "../../out/demo/keys", (control.parent_path() / "keys").string());
  // The update server of ours stands beside the device, as its personality expects.
  if (address.find_first_of(": ") == std::string::npos)
    text = replaced(std::move(text), "127.42.0.1", address.substr(0, address.rfind('.')) + ".1");
  return replaced(std::move(text), "out/demo/control", control.string());
}

std::string network_only(std::string declaration) {
  const auto cut = [&](std::string_view from, std::string_view to) {
    const std::size_t at = declaration.find(from);
    if (at == std::string::npos) return;
    declaration.erase(at, declaration.find(to, at) + to.size() - at);
  };
  cut("  <firmware>", "</firmware>\n");
  cut("  <console ", "/>\n");
  return declaration;
}

runner::Options options_for(const std::string& declaration, const TempDir& folder) {
  const fs::path data = fs::path(HAETAE_SOURCE_DIR) / "testcases";
  runner::Options options;
  options.device = must(declaration::load_text(declaration, folder.path() / "device.xml"));
  const std::string& profile = options.device.value.certification.profile;
  std::optional<fs::path> profile_file;
  if (!profile.empty()) profile_file = data / "catalogue/profiles" / (profile + ".xml");
  options.catalogue = must(catalogue::load(data / "catalogue/kisa-cic.xml", profile_file));
  // The end of an idle session is waited for where it is what is tried.
  for (auto& parameter : options.catalogue.value.parameters)
    if (parameter.name == "session.idle-wait") parameter.value = std::int64_t{0};
  options.fact_tables = must(evidence::load_fact_tables(data / "facts"));
  options.procedures = testcases::procedures();
  options.selection.type = options.device.value.certification.type;
  options.selection.permit = options.device.value.permit;
  options.output = folder.path() / "run.haetae";
  options.state_dir = folder.path() / "state";
  options.key = folder.path() / "key.pem";
  options.tool = "haetae test";
  options.patience = 5s;
  return options;
}

std::set<std::string> failing(const judge::Judgement& judgement) {
  std::set<std::string> out;
  for (const auto& criterion : judgement.criteria) {
    if (criterion.verdict == Verdict::fail) out.insert(criterion.criterion);
  }
  return out;
}

std::string verdicts_text(const judge::Judgement& judgement) {
  std::string out;
  for (const auto& criterion : judgement.criteria) {
    out += criterion.criterion + " " + std::string(word(criterion.verdict)) + "\n";
    for (const auto& subject : criterion.subjects) {
      out += "  " + subject.subject + " " + std::string(word(subject.verdict)) + "\n";
    }
  }
  return out + std::string(word(judgement.headline)) + "\n";
}

}  // namespace haetae::test
