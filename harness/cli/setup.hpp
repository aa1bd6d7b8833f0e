#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/cli/commands.hpp"
#include "harness/declaration/declaration.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/runner/procedure.hpp"

/// Where things are, and how errors turn into exit codes.
namespace haetae::cli {

[[nodiscard]] std::string version_text();  ///< "haetae 0.1.0 (commit abc1234)"

/// data_dir() holds testcases/: HAETAE_DATA_DIR, else beside the program as installed, else the
/// source folder that it was built from.
[[nodiscard]] std::filesystem::path data_dir();
/// state_dir() holds ledgers, locks and the signing key: HAETAE_STATE_DIR, else
/// $XDG_STATE_HOME/haetae, else ~/.local/state/haetae.
[[nodiscard]] std::filesystem::path state_dir();

/// load_catalogue() finds a catalogue and a profile by id or by file name.
[[nodiscard]] Result<catalogue::Loaded> load_catalogue(const Common& common,
                                                       std::string_view declared_profile);
[[nodiscard]] Result<std::vector<evidence::FactTable>> load_facts();
/// defect_matrix() is the score that tests/e2e/matrix_test.cpp holds; empty if the file is absent.
[[nodiscard]] std::string defect_matrix();
/// topics_of() are all coverage topics that procedures write.
[[nodiscard]] std::vector<std::string> topics_of(const std::vector<runner::Procedure>& procedures);

/// terminal_passphrase() asks on the terminal without echo; empty where there is none.
[[nodiscard]] evidence::AskPassphrase terminal_passphrase();

/// seal_key() opens the key that --key names: a file or a pkcs11: URI; empty: the one of the state
/// folder, made on first use. It may ask on the terminal.
[[nodiscard]] Result<evidence::SigningKey> seal_key(const std::filesystem::path& given);

/// complain() prints an error to standard error and gives the exit code for its kind.
[[nodiscard]] int complain(const Error& error);

}  // namespace haetae::cli
