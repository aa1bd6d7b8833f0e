#include "harness/cli/replay_pack.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "harness/cli/replay_environment.hpp"
#include "harness/cli/replay_texts.hpp"
#include "harness/evidence/database.hpp"
#include "harness/judge/replay.hpp"
#include "harness/model/finding.hpp"

namespace haetae::cli {
namespace {

namespace fs = std::filesystem;
using evidence::Statement;

struct Found {
  std::string code, item, criterion, subject, key, says_ko, says_en, replay;
};

Result<std::vector<Found>> findings_of(const evidence::RunFile& run) {
  auto rows = Statement::prepare(
      run.handle(),
      "SELECT v.item, f.criterion, f.subject, f.key, f.says_ko, f.says_en, f.replay FROM finding f "
      "JOIN verdict_criterion v ON v.revision = f.revision AND v.criterion = f.criterion WHERE "
      "f.revision = (SELECT max(id) FROM revision) ORDER BY v.id, f.id");
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Found> out;
  while (rows->step() == SQLITE_ROW) {
    out.push_back({.code = finding_code(rows->text(1), rows->text(2), rows->text(3)),
                   .item = rows->text(0),
                   .criterion = rows->text(1),
                   .subject = rows->text(2),
                   .key = rows->text(3),
                   .says_ko = rows->text(4),
                   .says_en = rows->text(5),
                   .replay = rows->text(6)});
  }
  return out;
}

/// marked() is what follows `mark` in the comments at the head of a replay; empty if absent.
std::string marked(const std::string& replay, std::string_view mark) {
  std::istringstream lines(replay);
  for (std::string line; std::getline(lines, line) && line.starts_with("# ");) {
    if (line.starts_with(mark)) return line.substr(mark.size());
  }
  return {};
}

/// tools_in() are the programs of the pack's list that a script names.
std::string tools_in(const std::string& script) {
  std::string out;
  for (const std::string_view tool :
       {"curl", "openssl", "ssh", "ssh-keyscan", "ssh-keygen", "sshpass", "nmap", "snmpget",
        "socat", "xxd", "md5sum", "awk", "readelf", "strings", "fdtget", "base64", "cmp"}) {
    for (std::size_t at = script.find(tool); at != std::string::npos;
         at = script.find(tool, at + 1)) {
      const auto letter = [&](std::size_t place) {
        return place < script.size() &&
               (std::isalnum(static_cast<unsigned char>(script[place])) != 0 ||
                script[place] == '-' || script[place] == '/');
      };
      if ((at > 0 && letter(at - 1)) || letter(at + tool.size())) continue;
      out += fmt::format(" {}", tool);
      break;
    }
  }
  return out;
}

/// behind() are the tools that functions of lib.sh use for a script.
std::string behind(const std::string& script) {
  std::string out = " ";
  const auto uses = [&](std::string_view name) { return script.find(name) != std::string::npos; };
  if (uses("web_") || uses("page_as ")) out += "curl ";
  if (uses("try ssh ") || uses("ssh_stay ")) out += "ssh sshpass ";
  if (uses("try mqtt ")) out += "xxd ";
  if (uses("try rtsp ")) out += "md5sum ";
  if (uses("forms_of ")) out += "xxd base64 ";
  if (uses("without ") || uses("web_reset ") || uses("web_time ")) out += "awk ";
  return out;
}

/// one_line() is text for a comment or a table: no line end, no mark of the table.
std::string one_line(std::string_view text) {
  std::string out = printable(text, 400);
  for (std::size_t at = out.find('|'); at != std::string::npos; at = out.find('|', at + 2)) {
    out.insert(at, "\\");
  }
  return out;
}

std::string script_of(const Found& found, const std::string& uuid) {
  const std::string hazard = marked(found.replay, "# hazard: ");
  const std::string secret = marked(found.replay, "# SECRET: ");
  std::string out = "#!/bin/sh\n";
  out += fmt::format("# {}  item {}, criterion {}, {}\n# {}\n# {}\n# run {}\n", found.code,
                     one_line(found.item), one_line(found.criterion), one_line(found.subject),
                     one_line(found.says_en), one_line(found.says_ko), one_line(uuid));
  out += "# exit code: 0 the breach was seen, 1 it was not, 2 it could not be told\n";
  out += "here=$(dirname -- \"$0\"); . \"$here/device.env\"; . \"$here/lib.sh\"\n";
  out += fmt::format("needs{}\n", tools_in(found.replay + behind(found.replay)));
  if (!secret.empty()) out += "wants SECRET '" + one_line(secret) + "'\n";
  if (found.replay.find("\"$ACCOUNT2\"") != std::string::npos)
    out += "wants ACCOUNT2 'another account of the same login, known to the maker'\n";
  if (found.replay.find("\"$ROOT\"") != std::string::npos)
    out +=
        "wants ROOT 'the folder in which the image is unpacked (unsquashfs -d ROOT, binwalk -e)'\n";
  for (const std::string_view name : {"PASSWORD", "PASSWORD2"}) {
    const bool by_function = name == "PASSWORD" &&
                             found.replay.find("page_as ") != std::string::npos &&
                             found.replay.find("page_as '' ") == std::string::npos;
    if (by_function || found.replay.find(fmt::format("\"${}\"", name)) != std::string::npos ||
        found.replay.find(fmt::format("=${} ", name)) != std::string::npos) {
      out += fmt::format("wants {} 'the password of the account, known to the maker'\n", name);
    }
  }
  if (!hazard.empty()) out += fmt::format("ask '{}'\n", one_line(hazard));
  out += "replay() (\n" + found.replay + "\n)\nconclude\n";
  return out;
}

Result<void> write(const fs::path& file, const std::string& text, bool program) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) return fail(ErrorKind::storage, fmt::format("{} cannot be written", file.string()));
  std::error_code failed;
  fs::permissions(file,
                  program ? fs::perms::owner_all : fs::perms::owner_read | fs::perms::owner_write,
                  failed);
  return {};
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(folder, failed) &&
      (!fs::is_directory(folder, failed) || !fs::is_empty(folder, failed))) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} exists already and is not an empty folder", folder.string()));
  }
  fs::create_directories(folder, failed);
  if (failed) {
    return fail(ErrorKind::storage,
                fmt::format("cannot make {}: {}", folder.string(), failed.message()));
  }
  return {};
}

}  // namespace

Result<ReplayPack> write_replay_pack(const evidence::RunFile& run, const fs::path& folder) {
  const auto findings = findings_of(run);
  if (!findings) return tl::unexpected(findings.error());
  if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
  ReplayPack out;
  std::string rows;
  std::string all, locking, stopping;
  for (const Found& found : *findings) {
    const bool has = !found.replay.empty();
    ++(has ? out.scripts : out.without);
    rows += fmt::format("| {} | {} | {} | {} | {} | {} |\n", has ? found.code + ".sh" : "–",
                        one_line(found.item), one_line(found.subject), one_line(found.says_ko),
                        one_line(found.says_en), one_line(marked(found.replay, "# hazard: ")));
    if (!has) continue;
    const std::string hazard = marked(found.replay, "# hazard: ");
    const bool locks = hazard == "lockout-risk", stops = hazard == "disruptive";
    (locks ? locking : stops ? stopping : all) += found.code + ".sh ";
    auto done = write(folder / (found.code + ".sh"), script_of(found, run.value("uuid")), true);
    if (!done) return tl::unexpected(done.error());
  }
  for (const auto& [name, text] :
       {std::pair<std::string, std::string>{"README.md", std::string(kReplayReadme) + rows},
        {"lib.sh", std::string(kReplayLibrary)},
        {"device.env", replay_environment(run)},
        {"run-all.sh", fmt::format(fmt::runtime(kReplayAll), all, locking, stopping)}}) {
    if (auto done = write(folder / name, text, name == "run-all.sh"); !done)
      return tl::unexpected(done.error());
  }
  return out;
}

}  // namespace haetae::cli
