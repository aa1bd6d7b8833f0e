#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "harness/formats/image.hpp"

/// Walks an image and looks for the texts given, as `grep -l` would: prints the files that hold
/// one, then how long it took and how much memory beyond the page cache it needed at most.
namespace {

using namespace haetae;

class Grep : public formats::Visitor {
 public:
  explicit Grep(std::vector<std::string> texts) : texts_(std::move(texts)) {}
  void part(const formats::Part& part) override {
    const std::lock_guard lock(guard_);
    ++parts_[part.format + " " + part.state];
  }
  void member(const formats::Member& member, ByteView content) override {
    for (const std::string& text : texts_) {
      if (::memmem(content.data(), content.size(), text.data(), text.size()) == nullptr) continue;
      std::cout << member.inside + " " + member.path + "\n";
      return;
    }
  }

  [[nodiscard]] std::string parts() const {
    std::string out;
    for (const auto& [what, count] : parts_)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, what);
    return out;
  }

 private:
  std::vector<std::string> texts_;
  std::mutex guard_;
  std::map<std::string, int> parts_;
};

long memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssAnon:")) return std::stol(line.substr(8));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: image_bench IMAGE TEXT…\n";
    return 64;
  }
  std::atomic<bool> done = false;
  long most = 0;
  std::thread watch([&] {
    while (!done) {
      most = std::max(most, memory_kib());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  Grep grep({argv + 2, argv + argc});
  const auto start = std::chrono::steady_clock::now();
  const auto walk = formats::walk(argv[1], {}, grep);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  done = true;
  watch.join();
  if (!walk) {
    std::cerr << walk.error().message() << "\n";
    return 1;
  }
  std::cerr << fmt::format("{:.2f} s, {} KiB, {} members, {} bytes, {}; {}\n", took.count(), most,
                           walk->members, walk->expanded, walk->complete ? "complete" : walk->why,
                           grep.parts());
  return 0;
}
