#include "harness/cli/rendering.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

#include "reports/html/html.hpp"
#include "reports/machine/machine.hpp"
#include "reports/pdf/pdf.hpp"
#include "reports/pdf/single.hpp"
#include "reports/pictures/drawing.hpp"

namespace haetae::cli {
namespace {

namespace fs = std::filesystem;

using Renderer = Result<std::string> (*)(const reports::Report&, reports::Language);

struct Format {
  std::string_view name;
  std::string_view ending;  ///< of the file name; empty if only --format names it. The first counts
  bool both = false;        ///< both languages in one file
  Renderer renderer = nullptr;
};

Result<std::string> text_of(const Result<Bytes>& bytes) {
  if (!bytes) return tl::unexpected(bytes.error());
  return std::string(as_text(*bytes));
}

Result<std::string> label_png(const reports::Report& report, reports::Language language) {
  return text_of(reports::single_png(reports::pictures::label(report, language)));
}

Result<std::string> label_pdf(const reports::Report& report, reports::Language language) {
  return text_of(reports::single_pdf(reports::pictures::label(report, language)));
}

constexpr std::array kFormats{
    Format{"pdf", ".pdf", false,
           [](const reports::Report& report, reports::Language language) -> Result<std::string> {
             const auto bytes = reports::pdf(report, language);
             if (!bytes) return tl::unexpected(bytes.error());
             return std::string(as_text(*bytes));
           }},
    Format{"html", ".html", true,
           [](const reports::Report& report, reports::Language language) -> Result<std::string> {
             return reports::html(report, language);
           }},
    Format{"junit", ".xml", false,
           [](const reports::Report& report, reports::Language language) -> Result<std::string> {
             return reports::junit(report, language);
           }},
    Format{"sarif", ".sarif", false,
           [](const reports::Report& report, reports::Language language) -> Result<std::string> {
             return reports::sarif(report, language);
           }},
    Format{"sarif-failures", "", false,
           [](const reports::Report& report, reports::Language language) -> Result<std::string> {
             return reports::sarif(report, language, reports::Shown::failures);
           }},
    Format{"oscal", ".oscal.json", false,
           [](const reports::Report& report, reports::Language language) -> Result<std::string> {
             return reports::oscal(report, language);
           }},
    Format{"json", ".json", true,
           [](const reports::Report& report, reports::Language) -> Result<std::string> {
             return reports::json(report);
           }},
    Format{"csv", ".csv", true,
           [](const reports::Report& report, reports::Language) -> Result<std::string> {
             return reports::csv(report);
           }},
    Format{"label", ".svg", false,
           [](const reports::Report& report, reports::Language language) -> Result<std::string> {
             return reports::pictures::svg_file(reports::pictures::label(report, language));
           }},
    Format{"label-png", ".png", false, &label_png},
    Format{"label-pdf", "", false, &label_pdf},
};

const Format* find_format(std::string_view name) {
  const auto found = std::ranges::find(kFormats, name, &Format::name);
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace

Result<std::string> format_of(const fs::path& file, std::string_view asked) {
  const std::string name = file.filename().string();
  const std::string ending = file.extension().string();
  // A label is one thing in three forms: SVG unless the ending says otherwise.
  if (asked == "label" && (ending == ".png" || ending == ".pdf"))
    return "label-" + ending.substr(1);
  std::string endings;
  std::string names;
  for (const Format& format : kFormats) {
    if (asked == format.name ||
        (asked.empty() && !format.ending.empty() && name.ends_with(format.ending)))
      return std::string(format.name);
    if (!format.ending.empty())
      endings += fmt::format("{}{} ({})", endings.empty() ? "" : ", ", format.ending, format.name);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", format.name);
  }
  if (!asked.empty()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("'{}' is no format; allowed: {}", asked, names));
  }
  return fail(ErrorKind::invalid_input,
              fmt::format("{} has no known ending; allowed: {}, or --format with one of {}",
                          file.string(), endings, names));
}

bool shows_both(std::string_view format) {
  const Format* found = find_format(format);
  return found != nullptr && found->both;
}

Result<reports::Report> read_report(const evidence::RunFile& run, const fs::path& file,
                                    const reports::Wanted& wanted) {
  const auto catalogue = reports::catalogue_of(run, wanted.revision);
  if (!catalogue) return tl::unexpected(catalogue.error());
  auto verification = evidence::verify(file, std::nullopt);
  if (!verification) return tl::unexpected(verification.error());
  return reports::read(run, *catalogue, std::move(*verification), wanted);
}

Result<std::string> render(const reports::Report& report, std::string_view format,
                           reports::Language language) {
  const Format* found = find_format(format);
  if (found == nullptr)
    return fail(ErrorKind::invalid_input, fmt::format("'{}' is no format", format));
  return found->renderer(report, language);
}

Result<void> write_file(const fs::path& file, std::string_view content) {
  fs::path beside = file;
  beside += ".part";
  std::ofstream out(beside, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  std::error_code failed;
  if (out) fs::rename(beside, file, failed);
  if (!out || failed) {
    std::error_code ignored;
    fs::remove(beside, ignored);
    return fail(ErrorKind::storage,
                fmt::format("{} cannot be written; is there room, and may this user write there?",
                            file.string()));
  }
  return {};
}

}  // namespace haetae::cli
