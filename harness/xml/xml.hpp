#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/error.hpp"

/// Strict reading of the XML that people write: every name, number of occurrences, order and word
/// is checked, and everything that is wrong is told with its line. No DOCTYPE, no entities beyond
/// the five of XML, UTF-8 only, size and depth bounded.
namespace haetae::xml {

inline constexpr std::size_t kMaximumBytes = 1U << 20U;
inline constexpr int kMaximumDepth = 12;

/// read_file() reads a regular file of at most `limit` bytes; its errors name the file.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& file,
                                            std::size_t limit = kMaximumBytes);

/// Problems collects what is wrong, in any number of files.
class Problems {
 public:
  void add(std::string_view file, int line, std::string what);
  [[nodiscard]] bool empty() const { return list_.empty(); }
  /// error() is all of them, one per line, "FILE:LINE: what", in the order of the lines; at
  /// most 20.
  [[nodiscard]] Error error() const;

 private:
  struct Entry {
    std::string file;
    int line = 0;
    std::string what;
  };
  std::vector<Entry> list_;
};

/// Times says how often a child element may stand.
enum class Times { one, maybe, some, many };

struct Child {
  std::string_view name;
  Times times = Times::one;
};

/// Shape is what an element may hold. The children stand in the order given here.
struct Shape {
  std::vector<std::string_view> required, optional;  ///< attributes
  std::vector<Child> children;
  bool text = false;
};

using Words = std::vector<std::string_view>;

class Document;

/// Element is a view into a Document, which must outlive it. What is wrong goes to its Problems.
class Element {
 public:
  Element(const Document* document, const void* node) : document_(document), node_(node) {}

  [[nodiscard]] std::string name() const;
  [[nodiscard]] int line() const;
  /// line(attribute) is where the attribute stands, the line of the element if it does not.
  [[nodiscard]] int line(std::string_view attribute) const;
  void problem(std::string what) const;
  void problem_at(std::string_view attribute, std::string what) const;

  /// check() reports unknown, missing, doubled and misplaced attributes, children and text.
  void check(const Shape& shape) const;

  [[nodiscard]] bool has(std::string_view attribute) const;
  [[nodiscard]] std::string attribute(std::string_view name, std::string_view fallback = {}) const;
  /// filled() is an attribute that may not be empty if it stands.
  [[nodiscard]] std::string filled(std::string_view name) const;
  [[nodiscard]] std::string word(std::string_view name, const Words& allowed,
                                 std::string_view fallback = {}) const;
  /// words() are blank-separated words, each at most once.
  [[nodiscard]] std::vector<std::string> words(std::string_view name, const Words& allowed) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t smallest,
                                     std::int64_t largest, std::int64_t fallback = 0) const;
  [[nodiscard]] bool flag(std::string_view name, bool fallback = false) const;

  [[nodiscard]] std::vector<Element> children() const;
  [[nodiscard]] std::vector<Element> children(std::string_view name) const;
  [[nodiscard]] std::optional<Element> child(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> attributes() const;

  [[nodiscard]] std::string text() const;      ///< every run of white space is one blank
  [[nodiscard]] std::string raw_text() const;  ///< as it stands, trimmed

 private:
  const Document* document_;
  const void* node_;  // pugi::xml_node_struct
};

/// Document is one parsed text.
class Document {
 public:
  /// parse() gives nothing and reports if the text is not well-formed or goes beyond a limit.
  [[nodiscard]] static std::unique_ptr<Document> parse(std::string_view text, std::string file,
                                                       Problems& problems,
                                                       std::size_t limit = kMaximumBytes);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  [[nodiscard]] Element root() const;
  [[nodiscard]] const std::string& file() const;

 private:
  friend class Element;
  struct State;
  explicit Document(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// split() cuts at white space.
[[nodiscard]] std::vector<std::string> split(std::string_view text);

/// list() joins names for an error text: "a, b, c".
[[nodiscard]] std::string list(const std::vector<std::string_view>& names);

}  // namespace haetae::xml
