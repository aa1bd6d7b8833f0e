#include "reports/report.hpp"

#include <fmt/format.h>

#include "reports/html.hpp"
#include "reports/model.hpp"

namespace haetae::reports {

Result<std::string> render(const evidence::RunFile& run, std::string_view format,
                           std::string_view language) {
  if (format != "html" && format != "json" && format != "junit") {
    return fail(ErrorKind::invalid_input,
                fmt::format("unknown report format {}; allowed: html, json, junit", format));
  }
  if (language != "ko" && language != "en") {
    return fail(ErrorKind::invalid_input,
                fmt::format("unknown language {}; allowed: ko, en", language));
  }
  const auto catalogue = catalogue_of(run);
  if (!catalogue) return tl::unexpected(catalogue.error());
  auto verification = evidence::verify(run.path(), std::nullopt);
  if (!verification) return tl::unexpected(verification.error());
  const auto report = read(run, *catalogue, std::move(*verification));
  if (!report) return tl::unexpected(report.error());
  const Language shown = language == "ko" ? Language::ko : Language::en;
  if (format == "html") return html(*report, shown);
  return format == "json" ? json(*report) : junit(*report, shown);
}

}  // namespace haetae::reports
