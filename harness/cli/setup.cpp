#include "harness/cli/setup.hpp"

#include <cstdlib>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "version.hpp"

namespace haetae::cli {
namespace {

namespace fs = std::filesystem;

fs::path environment_path(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

/// find() takes a name that is a file, or the id of a file in `folder`.
fs::path find(const std::string& name, const fs::path& folder) {
  if (name.find('/') != std::string::npos || name.ends_with(".xml")) return name;
  return folder / (name + ".xml");
}

}  // namespace

std::string version_text() { return fmt::format("haetae {} (commit {})", kVersion, kCommit); }

fs::path data_dir() {
  if (const fs::path given = environment_path("HAETAE_DATA_DIR"); !given.empty()) return given;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path().parent_path() / "share" / "haetae";
  return fs::exists(installed / "testcases", error) ? installed : fs::path(kSourceDir);
}

fs::path state_dir() {
  if (const fs::path given = environment_path("HAETAE_STATE_DIR"); !given.empty()) return given;
  if (const fs::path given = environment_path("XDG_STATE_HOME"); !given.empty())
    return given / "haetae";
  return environment_path("HOME") / ".local" / "state" / "haetae";
}

Result<catalogue::Loaded> load_catalogue(const Common& common, std::string_view declared_profile) {
  const fs::path folder = data_dir() / "testcases" / "catalogue";
  const std::string profile =
      common.profile.empty() ? std::string(declared_profile) : common.profile;
  std::optional<fs::path> profile_file;
  if (!profile.empty() && profile != "none") profile_file = find(profile, folder / "profiles");
  return catalogue::load(find(common.catalogue, folder), profile_file);
}

Result<std::vector<evidence::FactTable>> load_facts() {
  return evidence::load_fact_tables(data_dir() / "testcases" / "facts");
}

std::string defect_matrix() {
  std::ifstream file(data_dir() / "testcases" / "defect-matrix.txt");
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<std::string> topics_of(const std::vector<runner::Procedure>& procedures) {
  std::set<std::string> topics;
  for (const auto& procedure : procedures) {
    topics.insert(procedure.info.topics.begin(), procedure.info.topics.end());
  }
  return {topics.begin(), topics.end()};
}

Result<evidence::SigningKey> seal_key(const fs::path& given) {
  return evidence::SigningKey::load(given.empty() ? state_dir() / "signing-key.pem" : given,
                                    given.empty(), terminal_passphrase());
}

int complain(const Error& error) {
  fmt::print(stderr, "haetae: {}\n", error.message());
  switch (error.kind) {
    case ErrorKind::invalid_input:
    case ErrorKind::not_found:
    case ErrorKind::out_of_scope: return exit_code::kUsage;
    default: return exit_code::kFault;
  }
}

}  // namespace haetae::cli
