#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/formats/image.hpp"
#include "tests/support/daemon.hpp"

/// Images made in a test by the tools that people use, and a visitor that keeps what a walk finds.
namespace haetae::test {

/// Seen keeps everything.
class Seen : public formats::Visitor {
 public:
  struct File {
    formats::Member member;
    std::string content;
  };
  void part(const formats::Part& part) override;
  void member(const formats::Member& member, ByteView content) override;

  /// find() is the first member with the path, or an empty one.
  [[nodiscard]] File find(std::string_view path) const;
  /// holding() is how many members hold the text.
  [[nodiscard]] int holding(std::string_view text) const;
  /// states() is "format state" of each part, sorted, with ";" between.
  [[nodiscard]] std::string states() const;
  /// first() is the first part of a format; a part of format "" if there is none.
  [[nodiscard]] formats::Part first(std::string_view format) const;

  std::vector<File> files;
  std::vector<formats::Part> parts;

 private:
  std::mutex guard_;
};

/// seen_in() walks a file.
formats::Walk seen_in(const std::string& file, Seen& seen, const formats::Bounds& bounds = {});

/// tool() runs a program that must succeed; throws with its output if it does not.
std::string tool(const std::vector<std::string>& argv);

/// read_file() is the whole file.
std::string read_file(const std::string& file);

/// small_root() makes a root file system in folder "root": files small, large, empty, sparse, with
/// a set-uid bit, a link, deep folders. It returns the path.
std::string small_root(const TempDir& folder);

/// planted() is a text that stands in /etc/secret of small_root() and nowhere else.
inline constexpr std::string_view kPlanted = "planted-secret-4711";

}  // namespace haetae::test
