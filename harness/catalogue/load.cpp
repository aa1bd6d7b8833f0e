#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/catalogue/parts.hpp"

namespace haetae::catalogue {
namespace {

using xml::Element;
using xml::Times;

constexpr std::size_t kMaximumIncludes = 100;

/// Reader reads the catalogue and what it includes; `shown` are the names for error texts.
class Reader {
 public:
  Reader(const std::vector<SourceText>& sources, std::vector<std::string> shown)
      : sources_(sources), shown_(std::move(shown)) {}

  [[nodiscard]] Result<Catalogue> read() {
    if (sources_.empty()) return fail(ErrorKind::invalid_input, "no text of a catalogue");
    used_.insert(sources_.front().name);
    const auto document = parse(sources_.front());
    if (document) read_root(document->root());
    if (document && problems_.empty()) read_others();
    if (!problems_.empty()) return tl::unexpected<Error>(problems_.error());
    return std::move(out_);
  }

 private:
  [[nodiscard]] const std::string& shown(const SourceText& source) const {
    return shown_[static_cast<std::size_t>(&source - sources_.data())];
  }

  std::unique_ptr<xml::Document> parse(const SourceText& source) {
    return xml::Document::parse(source.text, shown(source), problems_);
  }

  void read_root(const Element& root) {
    if (root.name() != "catalogue") {
      root.problem(fmt::format("unknown root element <{}>; allowed: catalogue", root.name()));
      return;
    }
    root.check({.required = {"id", "edition"},
                .optional = {},
                .children = {{"title", Times::one},
                             {"legal-base", Times::one},
                             {"domains", Times::one},
                             {"parameters", Times::maybe},
                             {"reasons", Times::maybe},
                             {"include", Times::many},
                             {"items", Times::maybe}}});
    out_.id = root.filled("id");
    out_.edition = root.filled("edition");
    if (root.has("id") && !name_like(out_.id, "-.")) {
      root.problem_at("id", fmt::format("'{}' is no name; allowed: lower-case letters, digits, '.' "
                                        "and '-'",
                                        out_.id));
    }
    out_.title = text_of(root, "title");
    if (const auto legal = root.child("legal-base")) {
      legal->check({.required = {}, .optional = {}, .children = {}, .text = true});
      out_.legal_base = legal->text();
    }
    for (const Element& element : root.children()) {
      if (element.name() == "include") read_include(element);
      read_part(element, sources_.front());
    }
    if (out_.items.empty()) root.problem("the catalogue holds no item");
  }

  void read_part(const Element& element, const SourceText& source) {
    const std::string name = element.name();
    if (name == "domains") read_domains(element, out_);
    if (name == "parameters") read_parameters(element, out_);
    if (name == "reasons") read_reasons(element, out_);
    if (name == "references") read_references(element, out_);
    if (name == "replays") read_replays(element, shown(source), out_);
    if (name == "items") read_items(element, shown(source), out_);
  }

  void read_include(const Element& element) {
    element.check({.required = {"file"}, .optional = {}, .children = {}});
    const std::string name = element.attribute("file");
    if (!used_.insert(name).second) {
      element.problem_at("file", fmt::format("'{}' is included twice", name));
      return;
    }
    const auto source = std::ranges::find(sources_, name, &SourceText::name);
    if (source == sources_.end()) {
      element.problem_at("file", fmt::format("there is no text '{}'", name));
      return;
    }
    const auto document = parse(*source);
    if (!document) return;
    const Element root = document->root();
    const std::string kind = root.name();
    if (kind != "references" && kind != "parameters" && kind != "reasons" && kind != "items" &&
        kind != "replays") {
      root.problem(
          fmt::format("unknown root element <{}> of an included file; allowed: references, "
                      "parameters, reasons, items, replays",
                      kind));
      return;
    }
    read_part(root, *source);
  }

  /// read_others() applies the profile; a text that nobody asked for is an error, not ignored.
  void read_others() {
    std::unique_ptr<xml::Document> limits;
    for (const SourceText& source : sources_) {
      if (used_.contains(source.name)) continue;
      auto document = parse(source);
      if (!document) continue;
      const Element root = document->root();
      if (root.name() == "limits") {
        if (limits) root.problem("second text of limits; allowed: one");
        limits = std::move(document);
      } else if (root.name() != "profile") {
        root.problem(
            fmt::format("unknown root element <{}>; allowed: profile, limits, or a file that the "
                        "catalogue includes",
                        root.name()));
      } else if (out_.profile) {
        root.problem("second profile; allowed: one");
      } else {
        read_profile(root, shown(source), out_);
      }
    }
    if (limits) read_limits(limits->root(), out_);
  }

  const std::vector<SourceText>& sources_;
  std::vector<std::string> shown_;
  std::set<std::string> used_;
  xml::Problems problems_;
  Catalogue out_;
};

/// include_names() lists the files that a catalogue text includes, with the line of each.
std::vector<std::pair<std::string, int>> include_names(const SourceText& source,
                                                       const std::string& shown) {
  xml::Problems ignored;  // the reader reports them with everything else
  const auto document = xml::Document::parse(source.text, shown, ignored);
  std::vector<std::pair<std::string, int>> out;
  if (!document) return out;
  for (const Element& element : document->root().children("include")) {
    out.emplace_back(element.attribute("file"), element.line());
  }
  return out;
}

/// inside() is whether a file that a catalogue names lies in the catalogue's folder, links
/// resolved.
bool inside(const std::filesystem::path& folder, const std::string& name) {
  const std::filesystem::path path(name);
  if (name.empty() || path.is_absolute()) return false;
  for (const auto& part : path) {
    if (part == "..") return false;
  }
  std::error_code code;
  const auto base = std::filesystem::weakly_canonical(folder, code);
  const auto target = std::filesystem::weakly_canonical(folder / path, code);
  const auto [end, unused] = std::ranges::mismatch(base, target);
  return !code && end == base.end();
}

Result<void> read_includes(const std::filesystem::path& file, std::vector<SourceText>& sources) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const auto includes = include_names(sources.front(), file.string());
  if (includes.size() > kMaximumIncludes) {
    return fail(ErrorKind::invalid_input, fmt::format("{}:1: too many includes; allowed: {}",
                                                      file.string(), kMaximumIncludes));
  }
  for (const auto& [name, line] : includes) {
    if (std::ranges::find(sources, name, &SourceText::name) != sources.end()) continue;
    if (!inside(folder, name)) {
      return fail(
          ErrorKind::invalid_input,
          fmt::format("{}:{}: '{}' is outside the catalogue's folder; allowed: a file in it",
                      file.string(), line, name));
    }
    auto text = xml::read_file(folder / name);
    if (!text)
      return fail(fmt::format("{}:{}: cannot include '{}'", file.string(), line, name),
                  std::move(text.error()));
    sources.push_back({.name = name, .text = std::move(*text)});
  }
  return {};
}

}  // namespace

const Item* Catalogue::item(std::string_view name) const {
  const auto found = std::ranges::find(items, name, &Item::id);
  return found == items.end() ? nullptr : &*found;
}

const Parameter* Catalogue::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

const Reference* Catalogue::reference(std::string_view name) const {
  const auto found = std::ranges::find(references, name, &Reference::name);
  return found == references.end() ? nullptr : &*found;
}

const Reason* Catalogue::reason(std::string_view name) const {
  const auto found = std::ranges::find(reasons, name, &Reason::id);
  return found == reasons.end() ? nullptr : &*found;
}

const Replay* Catalogue::replay(std::string_view name) const {
  const auto found = std::ranges::find(replays, name, &Replay::id);
  return found == replays.end() ? nullptr : &*found;
}

std::string parameter_binding(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c == '.' || c == '-') c = '_';
  }
  return out;
}

Result<Catalogue> load_sources(const std::vector<SourceText>& sources) {
  std::vector<std::string> shown;
  for (const SourceText& source : sources) shown.push_back(source.name);
  return Reader(sources, std::move(shown)).read();
}

Result<Loaded> load(const std::filesystem::path& file,
                    const std::optional<std::filesystem::path>& profile) {
  std::vector<SourceText> sources;
  auto text = xml::read_file(file);
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  sources.push_back({.name = file.filename().string(), .text = std::move(*text)});
  if (auto read = read_includes(file, sources); !read) {
    return tl::unexpected<Error>(std::move(read.error()));
  }
  std::vector<std::string> shown;
  for (const SourceText& source : sources) {
    shown.push_back((file.parent_path() / source.name).string());
  }
  if (profile) {
    auto more = xml::read_file(*profile);
    if (!more) return tl::unexpected<Error>(std::move(more.error()));
    sources.push_back(
        {.name = "profiles/" + profile->filename().string(), .text = std::move(*more)});
    shown.push_back(profile->string());
  }
  auto value = Reader(sources, std::move(shown)).read();
  if (!value) return tl::unexpected<Error>(std::move(value.error()));
  return Loaded{.value = std::move(*value), .sources = std::move(sources)};
}

}  // namespace haetae::catalogue
