#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/formats/image.hpp"
#include "harness/model/bytes.hpp"
#include "testcases/firmware/reference_rows.hpp"

/// Small helpers over names and contents of files that nobody has checked.
namespace haetae::testcases::firmware {

/// Line is a line of a file without its end.
struct Line {
  std::size_t at = 0;  ///< first byte in the file
  std::string_view text;
};

/// lines() are the first `most` lines of a file, each cut after 4096 bytes; CR at the end is
/// dropped.
[[nodiscard]] std::vector<Line> lines(std::string_view content, std::size_t most = 20'000);

/// line_around() is the line that holds byte `at`, at most 512 bytes to each side; a NUL ends it
/// too.
[[nodiscard]] Line line_around(std::string_view content, std::size_t at);

/// fields() are the pieces between separators, empty ones kept; at most `most`, the last holds the
/// rest.
[[nodiscard]] std::vector<std::string_view> fields(std::string_view text, char separator,
                                                   std::size_t most = 64);

/// words() are the pieces between blanks and tabs.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string lowered(std::string_view text);
/// extension() is what follows the last dot of the base name, with the dot; empty if there is none.
[[nodiscard]] std::string_view extension(std::string_view path);
/// below() says whether the path lies in a folder, at any depth of the path: "/etc/",
/// "/share/doc/".
[[nodiscard]] bool below(std::string_view path, std::string_view folder);

/// is_text() holds if the first 4096 bytes have no NUL and few other control characters.
[[nodiscard]] bool is_text(std::string_view content);
[[nodiscard]] bool is_elf(std::string_view content);

/// entropy() is that of the characters of a text, bits for a character.
[[nodiscard]] double entropy(std::string_view text);

/// unbase64() decodes both alphabets, with or without padding; empty for anything else.
[[nodiscard]] std::string unbase64(std::string_view text);

/// Table is a reference table as rows of text by column; empty if the catalogue has none.
using Row = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] std::vector<Row> table(const catalogue::Catalogue& catalogue, std::string_view name);
[[nodiscard]] const std::string& cell(const Row& row, std::string_view column);

}  // namespace haetae::testcases::firmware
