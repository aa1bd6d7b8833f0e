#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/rendering.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/declaration/particulars.hpp"
#include "harness/evidence/run_file.hpp"
#include "reports/model.hpp"
#include "reports/pdf/sign.hpp"

namespace haetae::cli {
namespace {

namespace fs = std::filesystem;

using declaration::LoadedParticulars;

/// Output is one file of the report.
struct Output {
  fs::path path;
  std::string format;
  std::string content{};
};

Result<std::string> read_text_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.good() || in.eof()) {
    if (!text.empty()) return text;
  }
  return fail(ErrorKind::not_found, fmt::format("{} cannot be read or is empty", file.string()));
}

Result<void> refuse_existing(const std::vector<Output>& outputs) {
  std::error_code ignored;
  for (const Output& output : outputs) {
    if (!fs::exists(output.path, ignored)) continue;
    return fail(ErrorKind::invalid_input,
                fmt::format("{} exists already: an issued report is never rewritten; name another "
                            "file, or issue a new report that replaces the old one",
                            output.path.string()));
  }
  return {};
}

/// refuse_number() holds the rules on numbers: each once, and whatever follows a report of the same
/// run replaces the one before it and says why.
Result<void> refuse_number(const reports::Report& draft, const declaration::Particulars& wanted) {
  const auto& history = draft.history;
  const auto used = std::ranges::find(history, wanted.number, &reports::Issue::number);
  if (used != history.end()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("report {} was issued from this run on {}; give the new one another "
                            "number and <replaces number=\"{}\">",
                            used->number, used->at, history.back().number));
  }
  if (!history.empty() && wanted.replaces != history.back().number) {
    return fail(ErrorKind::invalid_input,
                fmt::format("report {} was issued from this run before; say <replaces "
                            "number=\"{}\">why</replaces> in the particulars of report {}",
                            history.back().number, history.back().number, wanted.number));
  }
  return {};
}

Result<void> write_issue(evidence::RunFile& run, const LoadedParticulars& particulars,
                         std::int64_t revision) {
  const auto& value = particulars.value;
  auto transaction = run.begin(fmt::format("report {}", value.number));
  if (!transaction) return tl::unexpected(transaction.error());
  auto row = (*transaction)
                 ->insert("document", {{"kind", std::string("particulars")},
                                       {"name", value.number},
                                       {"sha256", to_hex(sha256(as_bytes(particulars.text)))},
                                       {"text", particulars.text}});
  if (row) {
    row = (*transaction)
              ->insert("report", {{"number", value.number},
                                  {"revision", revision},
                                  {"at", iso8601(system_clock().wall())},
                                  {"replaces", value.replaces},
                                  {"reason", value.reason}});
  }
  if (!row) return tl::unexpected(row.error());
  return (*transaction)->commit();
}

Result<void> write_files(evidence::RunFile& run, const std::string& number,
                         const std::vector<Output>& outputs, std::string_view language) {
  auto transaction = run.begin(fmt::format("files of report {}", number));
  if (!transaction) return tl::unexpected(transaction.error());
  for (const Output& output : outputs) {
    auto row =
        (*transaction)
            ->insert("report_file",
                     {{"report", number},
                      {"format", output.format},
                      {"language", std::string(shows_both(output.format) ? "both" : language)},
                      {"size", static_cast<std::int64_t>(output.content.size())},
                      {"sha256", to_hex(sha256(as_bytes(output.content)))}});
    if (!row) return tl::unexpected(row.error());
  }
  return (*transaction)->commit();
}

Result<void> render_all(const reports::Report& model, std::vector<Output>& outputs,
                        reports::Language language) {
  for (Output& output : outputs) {
    auto content = render(model, output.format, language);
    if (!content) return tl::unexpected(content.error());
    output.content = std::move(*content);
  }
  return {};
}

/// Signature is the PAdES signature that every PDF of the issue gets.
struct Signature {
  evidence::SigningKey key;
  std::string certificates;  ///< PEM, the signer's first
};

Result<std::optional<Signature>> signature_of(const IssueArguments& arguments) {
  if (arguments.sign_key.empty() && arguments.sign_certificate.empty()) return std::nullopt;
  if (arguments.sign_key.empty() || arguments.sign_certificate.empty()) {
    return fail(
        ErrorKind::invalid_input,
        "--sign-key and --sign-certificate belong together: the key that signs the PDF, and "
        "its certificate (PEM) with those that lead to a root");
  }
  auto key = evidence::SigningKey::load(arguments.sign_key, false, terminal_passphrase());
  if (!key) return tl::unexpected(key.error());
  auto certificates = read_text_file(arguments.sign_certificate);
  if (!certificates) return tl::unexpected(certificates.error());
  return Signature{.key = std::move(*key), .certificates = std::move(*certificates)};
}

Result<void> sign_all(const Signature& signature, const declaration::Particulars& particulars,
                      std::vector<Output>& outputs) {
  for (Output& output : outputs) {
    if (output.format != "pdf") continue;
    const auto bytes =
        reports::sign_pdf(as_bytes(output.content),
                          static_cast<evp_pkey_st*>(signature.key.handle()), signature.certificates,
                          {.at = system_clock().wall(),
                           .name = particulars.manager.name,
                           .reason = fmt::format("report {}", particulars.number),
                           .location = particulars.laboratory.name});
    if (!bytes) return tl::unexpected(bytes.error());
    output.content = std::string(as_text(*bytes));
  }
  return {};
}

/// Issuing holds what one issue works with.
struct Issuing {
  const IssueArguments& arguments;
  evidence::RunFile& run;
  const evidence::SigningKey& key;
  const std::optional<Signature>& signature;
  reports::Language language;
};

/// produce() renders every file, and signs those that can carry a signature.
Result<void> produce(const Issuing& issuing, const reports::Report& report,
                     const declaration::Particulars& particulars, std::vector<Output>& outputs) {
  auto done = render_all(report, outputs, issuing.language);
  if (done && issuing.signature) done = sign_all(*issuing.signature, particulars, outputs);
  return done;
}

/// seal_and_read() is the report after the newest link, whose hash it carries.
Result<reports::Report> seal_and_read(Issuing& issuing, const std::string& number) {
  if (auto sealed = issuing.run.seal(issuing.key); !sealed) return tl::unexpected(sealed.error());
  return read_report(issuing.run, issuing.arguments.run, {.revision = 0, .issue = number});
}

Result<std::string> issue_report(Issuing& issuing, const LoadedParticulars& particulars,
                                 std::vector<Output>& outputs) {
  auto draft = read_report(issuing.run, issuing.arguments.run, {});
  if (!draft) return tl::unexpected(draft.error());
  if (!draft->damages.empty()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("no report is issued from a damaged run: {}", draft->damages.front()));
  }
  const std::string& number = particulars.value.number;
  if (auto sound = refuse_number(*draft, particulars.value); !sound)
    return tl::unexpected(sound.error());
  // Once as a draft, so that a missing font or a bad key burns no number.
  draft->particulars = particulars.value;
  if (auto tried = produce(issuing, *draft, particulars.value, outputs); !tried)
    return tl::unexpected(tried.error());
  if (auto done = write_issue(issuing.run, particulars, draft->revision.number); !done)
    return tl::unexpected(done.error());
  auto model = seal_and_read(issuing, number);
  if (!model) return tl::unexpected(model.error());
  auto done = produce(issuing, *model, particulars.value, outputs);
  for (std::size_t index = 0; done && index < outputs.size(); ++index)
    done = write_file(outputs[index].path, outputs[index].content);
  if (done) {
    done = write_files(issuing.run, number, outputs,
                       issuing.language == reports::Language::ko ? "ko" : "en");
  }
  if (done) done = issuing.run.seal(issuing.key);
  if (done) done = issuing.run.finish();
  if (!done) return tl::unexpected(done.error());
  return number;
}

Result<std::vector<Output>> outputs_of(const IssueArguments& arguments) {
  std::vector<Output> outputs;
  for (const fs::path& path : arguments.outputs) {
    auto format = format_of(path, "");
    if (!format) return tl::unexpected(format.error());
    outputs.push_back({.path = path, .format = std::move(*format)});
  }
  if (auto fresh = refuse_existing(outputs); !fresh) return tl::unexpected(fresh.error());
  return outputs;
}

}  // namespace

int issue_template(const fs::path& file) {
  const std::string text = declaration::particulars_template();
  if (file.empty()) {
    fmt::print("{}", text);
    return 0;
  }
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    return complain({ErrorKind::invalid_input,
                     fmt::format("{} exists already; nothing was written", file.string()),
                     nullptr});
  }
  const auto written = write_file(file, text);
  return written ? 0 : complain(written.error());
}

int issue(const IssueArguments& arguments) {
  auto outputs = outputs_of(arguments);
  if (!outputs) return complain(outputs.error());
  const auto particulars = declaration::load_particulars(arguments.particulars);
  if (!particulars) return complain(particulars.error());
  const auto key = seal_key(arguments.key);
  if (!key) return complain(key.error());
  const auto signature = signature_of(arguments);
  if (!signature) return complain(signature.error());
  auto run = evidence::RunFile::open(arguments.run, true, system_clock());
  if (!run) return complain(run.error());
  const Style style = style_of(stdout, arguments.language);
  Issuing issuing{.arguments = arguments,
                  .run = *run,
                  .key = *key,
                  .signature = *signature,
                  .language = style.korean ? reports::Language::ko : reports::Language::en};
  const auto number = issue_report(issuing, *particulars, *outputs);
  if (!number) return complain(number.error());
  fmt::print("{} {}\n", style.korean ? "발급된 성적서" : "Issued report", *number);
  for (const Output& output : *outputs) {
    fmt::print("  {}  {}\n", to_hex(sha256(as_bytes(output.content))), output.path.string());
  }
  fmt::print("{} haetae verify {} --report {}\n", style.korean ? "확인  " : "Verify",
             arguments.run.string(), outputs->front().path.string());
  return 0;
}

}  // namespace haetae::cli
