#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "testcases/firmware/inspector.hpp"
#include "testcases/firmware/scanner.hpp"

namespace haetae::testcases::firmware {

/// Seen is one file in the pass over its content.
struct Seen {
  const formats::Member& member;
  ByteView bytes;
  std::string_view content;  ///< the same bytes
  bool text = false;         ///< is_text()
  bool elf = false;          ///< is_elf()
};

/// Hunter names the byte strings that interest it and is told where they stand, so that all of them
/// share one pass over the image. Calls come from several threads at once.
class Hunter {
 public:
  virtual ~Hunter() = default;
  [[nodiscard]] virtual std::vector<Anchor> anchors() const = 0;
  /// hit() gets the index of the anchor in anchors() and its position in the file.
  virtual void hit(const Seen& seen, std::size_t anchor, std::size_t at) = 0;
  /// file() is called once for every file, before its hits, for what is known by its name.
  virtual void file(const Seen&) {}
  virtual void finish() {}
};

using HunterMaker = std::unique_ptr<Hunter> (*)(const Image&, runner::Context&, Findings&);

std::unique_ptr<Hunter> account_hunter(const Image&, runner::Context&, Findings&);
std::unique_ptr<Hunter> key_hunter(const Image&, runner::Context&, Findings&);
std::unique_ptr<Hunter> secret_hunter(const Image&, runner::Context&, Findings&);
std::unique_ptr<Hunter> log_string_hunter(const Image&, runner::Context&, Findings&);
std::unique_ptr<Hunter> user_data_hunter(const Image&, runner::Context&, Findings&);

Listed contents_inspector();
Listed services_inspector();
Listed permissions_inspector();
Listed leftovers_inspector();

/// fact_of() fills subject, way and path of a fact.
template <class F>
[[nodiscard]] F fact_of(const Image& image, const formats::Member& member) {
  F fact;
  fact.subject = image.subject;
  fact.inside = member.inside;
  fact.path = member.path;
  return fact;
}

}  // namespace haetae::testcases::firmware
