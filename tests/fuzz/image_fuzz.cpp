#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "harness/formats/image_walker.hpp"

/// Whatever the bytes are, a walk over them ends within its bounds and tells of what it could not
/// do with a word of the list; members have whole paths, and only files and raw stretches content.
namespace {

using namespace haetae;

bool among(const std::vector<std::string>& words, const std::string& word) {
  for (const std::string& known : words) {
    if (known == word) return true;
  }
  return false;
}

class Judge : public formats::Visitor {
 public:
  void part(const formats::Part& part) override {
    if (!among(formats::part_formats(), part.format) || !among(formats::part_states(), part.state))
      std::abort();
    const bool fine = part.state == "unpacked" || part.state == "plain";
    if (part.why.empty() != fine) std::abort();
  }
  void member(const formats::Member& member, ByteView content) override {
    if (member.path.empty() || member.path[0] != '/' || member.path.size() > 4096) std::abort();
    if (!content.empty() && member.kind != "file" && member.kind != "raw") std::abort();
    // Every byte is really there.
    unsigned sum = 0;
    for (const std::uint8_t byte : content) sum += byte;
    sum_ += sum;
  }

 private:
  unsigned sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  formats::Bounds bounds;
  bounds.depth = 4;
  bounds.members = 300;
  bounds.one = 1U << 20U;
  bounds.expanded = 4U << 20U;
  bounds.threads = 1;
  bounds.time = std::chrono::seconds(5);
  Judge judge;
  formats::image::Walker walker(bounds, judge, {});
  walker.examine({.bytes = {data, size}, .way = "", .direct = true});
  if (walker.expanded() > bounds.expanded) std::abort();
  return 0;
}
