#include "harness/cli/judging.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/cli/setup.hpp"
#include "harness/model/bytes.hpp"
#include "reports/model.hpp"

namespace haetae::cli {
namespace {

/// keep_catalogue() adds the texts of another catalogue, so that the file alone explains its newest
/// verdicts too.
Result<void> keep_catalogue(evidence::RunFile& run, const catalogue::Loaded& catalogue) {
  const auto held = reports::sources_of(run);
  const auto same = [](const catalogue::SourceText& left, const catalogue::SourceText& right) {
    return left.name == right.name && left.text == right.text;
  };
  if (held && std::ranges::equal(*held, catalogue.sources, same)) {
    return {};
  }
  auto transaction = run.begin("catalogue");
  if (!transaction) return tl::unexpected(transaction.error());
  for (const auto& source : catalogue.sources) {
    const char* const kind = source.name.starts_with("profiles/") ? "profile"
                             : source.name == kLimitsName         ? "limits"
                                                                  : "catalogue";
    auto row = (*transaction)
                   ->insert("document", {{"kind", std::string(kind)},
                                         {"name", source.name},
                                         {"sha256", to_hex(sha256(as_bytes(source.text)))},
                                         {"text", source.text}});
    if (!row) return tl::unexpected(row.error());
  }
  return (*transaction)->commit();
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

Result<catalogue::Loaded> stored_catalogue(const evidence::RunFile& run) {
  auto sources = reports::sources_of(run);
  if (!sources) return tl::unexpected(sources.error());
  auto value = catalogue::load_sources(*sources);
  if (!value) return tl::unexpected(value.error());
  return catalogue::Loaded{.value = std::move(*value), .sources = std::move(*sources)};
}

Result<void> unchanged(const std::filesystem::path& file) {
  const auto checked = evidence::verify(file, std::nullopt);
  if (!checked) return tl::unexpected(checked.error());
  if (checked->intact()) return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("{} was changed after it was written ({}: {}), and nobody can stand for "
                          "it; 'haetae verify {}' tells all of it",
                          file.string(), checked->damages.front().place,
                          checked->damages.front().text, file.string()));
}

Result<judge::Judgement> judge_again(evidence::RunFile& run, const catalogue::Loaded& catalogue,
                                     const std::filesystem::path& key_file, std::string_view reason,
                                     const BeforeSeal& before_seal) {
  if (auto sound = unchanged(run.path()); !sound) return tl::unexpected(sound.error());
  const auto key = seal_key(key_file);
  if (!key) return tl::unexpected(key.error());
  const judge::Question question{.type = run.value("type"),
                                 .only = words_of(run.value("only")),
                                 .tested_at = run.value("started")};
  auto judgement = judge::judge(run.handle(), catalogue.value, question);
  if (!judgement) return judgement;
  if (auto kept = keep_catalogue(run, catalogue); !kept) return tl::unexpected(kept.error());
  const std::string hash = to_hex(sha256(as_bytes(catalogue.sources.front().text)));
  if (auto stored = judge::store(run, catalogue.value, hash, question, *judgement, reason,
                                 version_text(), system_clock());
      !stored) {
    return tl::unexpected(stored.error());
  }
  if (before_seal) {
    if (auto done = before_seal(run, *judgement); !done) return tl::unexpected(done.error());
  }
  if (auto sealed = run.seal(*key); !sealed) return tl::unexpected(sealed.error());
  if (auto finished = run.finish(); !finished) return tl::unexpected(finished.error());
  return judgement;
}

}  // namespace haetae::cli
