#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "harness/declaration/answers.hpp"
#include "harness/declaration/declaration.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Reads the documents that the maker handed over and finds in them what the document criteria ask
/// for. Whether what was found is enough is judged by a person.
namespace haetae::testcases {
namespace {

using namespace std::chrono_literals;

constexpr std::uintmax_t kMostBytes = 32U << 20U;  // of one document
constexpr std::size_t kMostText = 16U << 20U;      // of the text of a PDF
constexpr std::size_t kAround = 110;               // bytes of an excerpt on each side
constexpr std::size_t kPagesPerPhrase = 3;
constexpr std::size_t kHitsPerDocument = 8;  // for one criterion

/// Problem is why a document, or a part of it, could not be read.
struct Problem {
  Cause cause = Cause::declaration;
  std::string why;
};

/// Readable is a document as text; pages is false where it has none.
struct Readable {
  std::string text;
  bool pages = false;
};

template <class T>
using Read = tl::expected<T, Problem>;

Read<Bytes> bytes_of(const std::filesystem::path& file) {
  const auto problem = [&](std::string_view why) {
    return tl::unexpected(
        Problem{Cause::declaration, fmt::format("{} {}", file.filename().string(), why)});
  };
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return problem("is not there");
  const auto size = std::filesystem::file_size(file, error);
  if (error) return problem("cannot be read");
  if (size == 0) return problem("is empty");
  if (size > kMostBytes) return problem("is larger than 32 MiB");
  std::ifstream in(file, std::ios::binary);
  Bytes bytes(static_cast<std::size_t>(size));
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) {
    return problem("cannot be read");
  }
  return bytes;
}

Problem pdf_problem(int code) {
  if (code == 127) {
    return {Cause::lab,
            "the program pdftotext is missing here (Debian: apt install poppler-utils)"};
  }
  if (code == 3) return {Cause::declaration, "the PDF does not allow its text to be taken"};
  if (code >= 128) return {Cause::declaration, "the PDF could not be read within bounds"};
  return {Cause::declaration, "the PDF is damaged or asks for a password"};
}

Read<Readable> text_of_pdf(runner::Context& context, ByteView bytes) {
  auto ran = context.door().run_program(
      {.arguments = {"pdftotext", "-q", "-enc", "UTF-8", "/dev/stdin", "-"},
       .input = bytes,
       .most_output = kMostText},
      context.clock().now() + 60s);
  if (!ran && ran.error().kind == ErrorKind::timed_out) {
    return tl::unexpected(Problem{Cause::declaration, "the PDF could not be read within bounds"});
  }
  if (!ran) return tl::unexpected(Problem{Cause::lab, ran.error().message()});
  if (ran->exit_code != 0) return tl::unexpected(pdf_problem(ran->exit_code));
  if (ran->cut) {
    return tl::unexpected(Problem{Cause::declaration, "the PDF holds more than 16 MiB of text"});
  }
  return Readable{.text = std::move(ran->output), .pages = true};
}

Read<Readable> text_of(runner::Context& context, const Bytes& bytes, const std::string& type) {
  if (type == "application/pdf") return text_of_pdf(context, bytes);
  if (type == "text/plain") return Readable{.text = std::string(as_text(bytes)), .pages = false};
  return tl::unexpected(Problem{
      Cause::declaration, "it is neither a PDF nor text in UTF-8, so that it cannot be searched"});
}

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/// folded() makes every run of white space one blank.
std::string folded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (!blank(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  return out;
}

/// lowered() changes only the letters of ASCII, so that offsets stay what they are.
std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

/// excerpt() is the text around a place, cut at whole words, or at letters where a word is long.
std::string excerpt(const std::string& text, std::size_t at, std::size_t length) {
  std::size_t first = at > kAround ? at - kAround : 0;
  std::size_t last = std::min(at + length + kAround, text.size());
  if (const std::size_t word = first > 0 ? text.find(' ', first) : at; word < at) first = word + 1;
  if (const std::size_t word = last < text.size() ? text.rfind(' ', last) : 0;
      word >= at + length) {
    last = std::min(word, text.size());
  }
  while (first < at && continues(text[first])) ++first;
  while (last < text.size() && continues(text[last])) ++last;
  return (first > 0 ? "… " : "") + text.substr(first, last - first) +
         (last < text.size() ? " …" : "");
}

/// Page is one page, folded, and the same in lower case.
struct Page {
  std::int64_t number = 0;
  std::string plain, lower;
};

std::vector<Page> pages_of(const Readable& document) {
  std::vector<Page> out;
  std::string_view rest = document.text;
  for (std::int64_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = document.pages ? std::min(rest.find('\f'), rest.size()) : rest.size();
    std::string plain = folded(rest.substr(0, end));
    std::string lower = lowered(plain);
    out.push_back({document.pages ? number : 0, std::move(plain), std::move(lower)});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

/// Source is a document with its evidence.
struct Source {
  std::string name;
  EvidenceId evidence = 0;
  std::vector<Page> pages;
};

void search(runner::Context& context, const Source& source, const catalogue::Criterion& criterion) {
  std::size_t hits = 0;
  std::vector<std::pair<std::int64_t, std::size_t>> shown;  // page and place
  for (const std::string& phrase : criterion.step->finds) {
    const std::string wanted = lowered(folded(phrase));
    std::size_t pages = 0;
    for (const Page& page : source.pages) {
      if (hits == kHitsPerDocument || pages == kPagesPerPhrase) break;
      const std::size_t at = page.lower.find(wanted);
      if (at == std::string::npos) continue;
      // What stands in the excerpt of another hit already would only be read twice.
      const bool near = std::ranges::any_of(shown, [&](const auto& place) {
        return place.first == page.number &&
               std::max(place.second, at) - std::min(place.second, at) < kAround;
      });
      if (near) continue;
      shown.emplace_back(page.number, at);
      facts::DocumentHit fact;
      fact.evidence = source.evidence;
      fact.criterion = criterion.id;
      fact.document = source.name;
      fact.phrase = phrase;
      fact.page = page.number;
      fact.excerpt = excerpt(page.plain, at, wanted.size());
      runner::record(context, fact);
      ++hits;
      ++pages;
    }
  }
}

void search_all(runner::Context& context, const Source& source) {
  for (const catalogue::Item& item : context.catalogue().items) {
    for (const catalogue::Criterion& criterion : item.criteria) {
      if (criterion.source == "document" && criterion.step) search(context, source, criterion);
    }
  }
}

/// read_one() keeps a document as evidence, takes its text and searches it.
Read<void> read_one(runner::Context& context, const declaration::Document& document,
                    const std::string& name) {
  auto bytes = bytes_of(document.file);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  const std::string type = declaration::media_type_of(*bytes);
  const EvidenceId original = context.recorder().attach("lan", "document " + name, type, *bytes);
  auto text = text_of(context, *bytes, type);
  if (!text) {
    text.error().why = fmt::format("{}: {}", document.file.filename().string(), text.error().why);
    return tl::unexpected(std::move(text.error()));
  }
  Source source{.name = name, .evidence = original, .pages = pages_of(*text)};
  if (type == "application/pdf") {
    source.evidence =
        context.recorder().attach("lan", "text of " + name, "text/plain", as_bytes(text->text));
    if (folded(text->text).size() < 2) {
      context.log("warning", fmt::format("{} holds no text, so that nothing can be found in it (a "
                                         "scan?)",
                                         name));
    }
  }
  search_all(context, source);
  return {};
}

Result<void> read_documents(runner::Context& context) {
  const auto& documents = context.device().documents;
  std::map<std::string, int> names;
  std::vector<Problem> problems;
  std::size_t done = 0;
  for (const declaration::Document& document : documents) {
    std::string name = document.kind + ": " + document.title;
    if (const int again = ++names[name]; again > 1) name += " (" + std::to_string(again) + ")";
    context.progress(done++, documents.size(), name);
    if (context.stop().stop_requested()) {
      problems.push_back({Cause::operator_, name + " was not read, the run was stopped"});
      break;
    }
    if (auto read = read_one(context, document, name); !read) problems.push_back(read.error());
  }
  const std::string tried = fmt::format("{} declared documents", documents.size());
  if (problems.empty()) {
    context.cover(whole("documents", "lan", tried));
    return {};
  }
  std::string why;
  for (const Problem& problem : problems) why += (why.empty() ? "" : "; ") + problem.why;
  context.cover({.topic = "documents",
                 .subject = "lan",
                 .state = CoverageState::partial,
                 .cause = problems.front().cause,
                 .why = printable(why, 1000),
                 .tried = tried});
  return {};
}

}  // namespace

runner::Procedure documents_procedure() {
  runner::Info info;
  info.id = "documents";
  info.title = {"제출 문서 읽기", "reading the submitted documents"};
  info.hazard = Hazard::passive;
  info.provides_facts = {"document_hit"};
  info.topics = {"documents"};
  info.expected = 2s;
  info.deadline = 300s;
  return {.info = std::move(info), .run = read_documents, .recover = {}};
}

}  // namespace haetae::testcases
