#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// The subcommands, after the command line was read. Each returns the exit code of the process.
namespace haetae::cli {

namespace exit_code {
inline constexpr int kConformant = 0;
inline constexpr int kNonConformant = 1;
inline constexpr int kIncomplete = 2;
inline constexpr int kFault = 3;  ///< of the laboratory or the tool
inline constexpr int kUsage = 64;
}  // namespace exit_code

/// Common is what every subcommand takes.
struct Common {
  std::string language;  ///< ko, en, empty: from the locale
  std::string catalogue = "kisa-cic";
  std::string profile;  ///< empty: as declared; "none": without
};

struct RunArguments {
  Common common;
  std::filesystem::path device, output, key;
  std::string type;  ///< empty: as declared
  std::vector<std::string> only;
  std::string permit;  ///< empty: as declared
  bool resume = false;
  std::vector<std::filesystem::path> reports;
  std::filesystem::path waivers, waiver_key, baseline;
  std::string gate;    ///< conformance, regression; empty: regression with a baseline
  std::string format;  ///< of `plan`: text, json
  int repeat = 0;      ///< how often safe procedures are done; 0: once, or 3 where needed
};

[[nodiscard]] int run(const RunArguments& arguments);
[[nodiscard]] int plan(const RunArguments& arguments);

struct JudgeArguments {
  Common common;
  std::filesystem::path run, key;
  bool stored = true;               ///< with the catalogue in the run file
  std::vector<std::string> limits;  ///< NAME=VALUE, for this judgement only
  std::filesystem::path waivers, waiver_key;
};
[[nodiscard]] int judge(const JudgeArguments& arguments);

struct ReportArguments {
  std::filesystem::path run, output;
  std::string format;  ///< pdf, html, json, junit; empty: from the ending of output
  std::string language;
  std::filesystem::path baseline;  ///< an earlier run; empty: none
};
[[nodiscard]] int report(const ReportArguments& arguments);

struct IssueArguments {
  std::filesystem::path run, particulars, key;
  std::filesystem::path sign_key, sign_certificate;  ///< of the signature in a PDF; both or none
  std::vector<std::filesystem::path> outputs;
  std::string language;
};
[[nodiscard]] int issue(const IssueArguments& arguments);
/// issue_template() writes commented particulars to `file`, or to standard output if it is empty.
[[nodiscard]] int issue_template(const std::filesystem::path& file);

struct AnswerArguments {
  std::filesystem::path run, file, key;
  std::string criterion, outcome, who, second, text;
  std::vector<std::filesystem::path> attachments;
  bool list = false;
  std::string format = "text";  ///< of the list: text, json
  std::string language;
};
[[nodiscard]] int answer(const AnswerArguments& arguments);

struct SealArguments {
  std::filesystem::path run, key, query, reply;
  std::string authority{};  ///< http://ADDRESS[:PORT][/PATH] to be asked
  bool seal = false;  ///< --key was given
};
[[nodiscard]] int seal(const SealArguments& arguments);

struct VerifyArguments {
  std::filesystem::path run, key;
  std::vector<std::filesystem::path> reports;
  std::filesystem::path authorities;  ///< trusted for time stamps
  bool chain_only = false;
  std::string language;
};
[[nodiscard]] int verify(const VerifyArguments& arguments);
[[nodiscard]] int facts(const std::filesystem::path& run, const std::string& sql);

struct EvidenceArguments {
  std::filesystem::path run, output;
  std::int64_t id = 0;  ///< 0: list
  bool hex = false;
  std::string item, procedure;  ///< to list only those
  std::string reveal;           ///< secret:ID or evidence:ID; output: where the proof goes
  std::filesystem::path proof;  ///< to check against the run
  std::string language;
};
[[nodiscard]] int evidence(const EvidenceArguments& arguments);

struct ExportArguments {
  std::filesystem::path run;
  std::filesystem::path capture;   ///< pcapng
  std::string item, procedure;     ///< of the capture; empty: all
  std::filesystem::path redacted;  ///< a copy of the run
  std::filesystem::path replay;    ///< folder of scripts
  bool all = false;                ///< withhold every content
  std::vector<std::int64_t> withhold;
  std::vector<std::string> only_items;
  std::string language;
};
[[nodiscard]] int export_run(const ExportArguments& arguments);

[[nodiscard]] int catalogue_list(const Common& common);
[[nodiscard]] int catalogue_show(const Common& common, const std::string& item);
[[nodiscard]] int catalogue_check(const Common& common);
[[nodiscard]] int device_new(const std::filesystem::path& output);
[[nodiscard]] int device_check(const std::filesystem::path& file, const std::string& language);

[[nodiscard]] int waivers_check(const std::filesystem::path& file,
                                const std::filesystem::path& key);
[[nodiscard]] int waivers_sign(const std::filesystem::path& file, const std::filesystem::path& key);

struct DiffArguments {
  std::filesystem::path before, after, output;
  std::string format;  ///< text, json, html; empty: from the ending of output, else text
  std::string language;
  bool gate = false;  ///< the exit code is that of the regression gate
};
[[nodiscard]] int diff(const DiffArguments& arguments);

struct SimulateArguments {
  std::filesystem::path personality, ready_file, control, keys, firmware;
  std::string address;
  std::string second_unit;  ///< address of another unit of the product
  std::vector<std::string> defects;
  bool list = false;
  std::string send;  ///< a command for the control socket of a running simulator
};
[[nodiscard]] int simulate(const SimulateArguments& arguments);

}  // namespace haetae::cli
