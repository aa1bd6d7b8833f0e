#include "reports/pdf/file.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace haetae::reports::print {
namespace {

constexpr std::size_t kMostObjects = 8'000'000;
constexpr std::size_t kMostDictionary = 4'000'000;
constexpr int kMostTables = 64;

Error broken(std::string_view what) {
  return {ErrorKind::invalid_input, fmt::format("this is no PDF that can be updated: {}", what),
          nullptr};
}

bool blank(char letter) {
  return letter == ' ' || letter == '\n' || letter == '\r' || letter == '\t' || letter == '\0';
}

void skip_blanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && blank(text[at])) ++at;
}

/// number_at() reads a number and goes behind it; -1 if there is none.
long long number_at(std::string_view text, std::size_t& at) {
  skip_blanks(text, at);
  long long value = -1;
  const auto [end, code] =
      std::from_chars(text.data() + std::min(at, text.size()), text.data() + text.size(), value);
  if (code != std::errc()) return -1;
  at = static_cast<std::size_t>(end - text.data());
  return value;
}

/// dictionary_end() is behind the ">>" that closes the "<<" at `at`; npos if it does not close.
std::size_t dictionary_end(std::string_view text, std::size_t at) {
  int depth = 0;
  for (std::size_t here = at; here < text.size(); ++here) {
    const char letter = text[here];
    if (letter == '(') {  // a string may hold anything
      int nested = 0;
      for (; here < text.size(); ++here) {
        if (text[here] == '\\')
          ++here;
        else if (text[here] == '(')
          ++nested;
        else if (text[here] == ')' && --nested == 0)
          break;
      }
    } else if (text.substr(here, 2) == "<<") {
      ++depth, ++here;
    } else if (text.substr(here, 2) == ">>") {
      ++here;
      if (--depth == 0) return here + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

int reference_after(std::string_view dictionary, std::string_view name) {
  const std::size_t found = dictionary.find(name);
  if (found == std::string_view::npos) return 0;
  std::size_t at = found + name.size();
  if (at >= dictionary.size() || !blank(dictionary[at])) return 0;
  const long long number = number_at(dictionary, at);
  const long long generation = number_at(dictionary, at);
  skip_blanks(dictionary, at);
  const bool good = number > 0 && number < static_cast<long long>(kMostObjects) &&
                    generation == 0 && dictionary.substr(at, 1) == "R";
  return good ? static_cast<int>(number) : 0;
}

Result<void> PdfFile::read_table(std::size_t at, std::string& trailer) {
  const std::string_view text = as_text(bytes_);
  if (text.substr(std::min(at, text.size()), 4) != "xref") {
    return tl::unexpected(broken("no cross-reference table"));
  }
  at += 4;
  for (;;) {
    skip_blanks(text, at);
    if (text.substr(at, 7) == "trailer") break;
    const long long first = number_at(text, at);
    const long long count = number_at(text, at);
    if (first < 0 || count < 0 || static_cast<std::size_t>(first + count) > kMostObjects) {
      return tl::unexpected(broken("its cross-reference table"));
    }
    for (long long one = 0; one < count; ++one) {
      const long long offset = number_at(text, at);
      const long long generation = number_at(text, at);
      skip_blanks(text, at);
      if (offset < 0 || generation < 0 || at >= text.size()) {
        return tl::unexpected(broken("its cross-reference table"));
      }
      const bool used = text[at++] == 'n';
      if (used) {
        offsets_.try_emplace(static_cast<int>(first + one), static_cast<std::size_t>(offset));
      }
    }
  }
  at += 7;
  skip_blanks(text, at);
  const std::size_t end = dictionary_end(text.substr(0, std::min(text.size(), at + 4096)), at);
  if (end == std::string_view::npos) return tl::unexpected(broken("its trailer"));
  trailer = std::string(text.substr(at, end - at));
  return {};
}

Result<PdfFile> PdfFile::read(ByteView bytes) {
  PdfFile file;
  file.bytes_ = bytes;
  const std::string_view text = as_text(bytes);
  if (!text.starts_with("%PDF-1.")) return tl::unexpected(broken("it does not start as one"));
  const std::size_t start = text.rfind("startxref");
  if (start == std::string_view::npos) return tl::unexpected(broken("its end is missing"));
  std::size_t at = start + 9;
  long long table = number_at(text, at);
  file.newest_ = static_cast<std::size_t>(std::max(table, 0LL));
  for (int count = 0; table > 0; ++count) {
    if (count == kMostTables) return tl::unexpected(broken("too many updates"));
    std::string trailer;
    if (auto done = file.read_table(static_cast<std::size_t>(table), trailer); !done) {
      return tl::unexpected(done.error());
    }
    if (count == 0) {
      file.root_ = reference_after(trailer, "/Root");
      file.info_ = reference_after(trailer, "/Info");
      const std::size_t size = trailer.find("/Size");
      std::size_t behind = size + 5;
      file.next_ = size == std::string::npos ? 0 : static_cast<int>(number_at(trailer, behind));
    }
    const std::size_t previous = trailer.find("/Prev");
    if (previous == std::string::npos) break;
    std::size_t behind = previous + 5;
    table = number_at(trailer, behind);
  }
  const bool whole = file.root_ > 0 && file.next_ > 0 && !file.offsets_.empty() &&
                     file.next_ > file.offsets_.rbegin()->first;
  if (!whole) return tl::unexpected(broken("its trailer"));
  return file;
}

Result<std::string> PdfFile::dictionary(int number) const {
  const auto found = offsets_.find(number);
  const std::string_view text = as_text(bytes_);
  if (found == offsets_.end() || found->second >= text.size()) {
    return tl::unexpected(broken(fmt::format("object {} is missing", number)));
  }
  std::size_t at = found->second;
  const bool named = number_at(text, at) == number && number_at(text, at) == 0;
  skip_blanks(text, at);
  if (!named || text.substr(at, 3) != "obj") {
    return tl::unexpected(broken(fmt::format("object {} is not where it should be", number)));
  }
  at += 3;
  skip_blanks(text, at);
  const std::string_view window = text.substr(0, std::min(text.size(), at + kMostDictionary));
  const std::size_t end =
      window.substr(at, 2) == "<<" ? dictionary_end(window, at) : std::string_view::npos;
  if (end == std::string_view::npos) {
    return tl::unexpected(broken(fmt::format("object {} is no dictionary", number)));
  }
  return std::string(text.substr(at, end - at));
}

std::vector<int> PdfFile::of_kind(std::string_view start) const {
  std::vector<int> out;
  const std::string_view text = as_text(bytes_);
  for (const auto& [number, offset] : offsets_) {
    std::size_t at = offset;
    if (number_at(text, at) != number || number_at(text, at) != 0) continue;
    skip_blanks(text, at);
    if (text.substr(std::min(at, text.size()), 3) != "obj") continue;
    at += 3;
    skip_blanks(text, at);
    if (text.substr(std::min(at, text.size()), start.size()) == start) out.push_back(number);
  }
  return out;
}

Bytes PdfFile::update(const std::map<int, std::string>& objects) const {
  std::string out = "\n";
  std::string table;
  for (const auto& [number, body] : objects) {
    table += fmt::format("{} 1\n{:010} 00000 n \n", number, bytes_.size() + out.size());
    out += fmt::format("{} 0 obj\n{}\nendobj\n", number, body);
  }
  const int size = std::max(next_, objects.empty() ? 0 : objects.rbegin()->first + 1);
  const std::size_t start = bytes_.size() + out.size();
  const Bytes digest = sha256(bytes_);
  const std::string id = to_hex(ByteView(digest).first(16));
  out += fmt::format("xref\n{}trailer\n<< /Size {} /Root {} 0 R ", table, size, root_);
  if (info_ > 0) out += fmt::format("/Info {} 0 R ", info_);
  out += fmt::format("/Prev {} /ID [<{}> <{}>] >>\nstartxref\n{}\n%%EOF\n", newest_, id, id, start);
  const ByteView view = as_bytes(out);
  return {view.begin(), view.end()};
}

std::string with_entries(const std::string& dictionary, std::string_view entries) {
  const std::size_t end = dictionary.rfind(">>");
  return dictionary.substr(0, end) + std::string(entries) + "\n>>";
}

std::string pdf_text(std::string_view utf8) {
  const std::string safe = printable(utf8, 8000);  // whole characters only
  std::string out = "<FEFF";
  for (std::size_t at = 0; at < safe.size();) {
    const auto first = static_cast<unsigned char>(safe[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t letter = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t more = 1; more < length && at + more < safe.size(); ++more) {
      letter = letter << 6 | (static_cast<unsigned char>(safe[at + more]) & 0x3fU);
    }
    at += length;
    if (letter < 0x10000) {
      out += fmt::format("{:04X}", letter);
    } else {
      letter -= 0x10000;
      out += fmt::format("{:04X}{:04X}", 0xd800 + (letter >> 10), 0xdc00 + (letter & 0x3ff));
    }
  }
  return out + ">";
}

Result<Bytes> finish_pdf(Bytes pdf, std::string_view language,
                         const std::vector<std::string>& alternatives) {
  const auto file = PdfFile::read(pdf);
  if (!file) return tl::unexpected(file.error());
  const auto catalog = file->dictionary(file->root());
  if (!catalog) return tl::unexpected(catalog.error());
  std::map<int, std::string> objects;
  objects[file->root()] =
      with_entries(*catalog, fmt::format("   /Lang ({})\n   /MarkInfo << /Marked true >>\n"
                                         "   /ViewerPreferences << /DisplayDocTitle true >>",
                                         language));
  const auto figures = file->of_kind("<< /Type /StructElem\n   /S /Figure");
  if (figures.size() != alternatives.size()) {
    return fail(ErrorKind::internal, fmt::format("the PDF holds {} figures and {} texts for them",
                                                 figures.size(), alternatives.size()));
  }
  for (std::size_t at = 0; at < figures.size(); ++at) {
    const auto figure = file->dictionary(figures[at]);
    if (!figure) return tl::unexpected(figure.error());
    objects[figures[at]] = with_entries(*figure, "   /Alt " + pdf_text(alternatives[at]));
  }
  const Bytes more = file->update(objects);
  pdf.insert(pdf.end(), more.begin(), more.end());
  return pdf;
}

}  // namespace haetae::reports::print
