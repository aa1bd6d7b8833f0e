#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <unordered_set>

#include "testcases/firmware/inspector.hpp"

namespace haetae::testcases::firmware {

/// kCited is how many bytes of a member one piece of evidence shows.
inline constexpr std::uint64_t kCited = 512;

/// kMost is how many rows of one table, and pieces of evidence, are kept of one image: a made-up
/// image could otherwise fill the disk. What is beyond makes the coverage partial.
inline constexpr std::size_t kMost = 20'000;

/// ImageFindings keeps what inspectors see of one image in the run.
class ImageFindings final : public Findings {
 public:
  /// `name` is the file name as people know it.
  ImageFindings(runner::Context& context, Image image, std::string name);

  EvidenceId cite(const formats::Member& member, ByteView content, std::uint64_t at,
                  std::uint64_t length) override;
  EvidenceId cite_member(const formats::Member& member) override;
  [[nodiscard]] EvidenceId whole() const override { return whole_; }
  void record(FactRow row) override;
  SecretId secret(std::string_view kind, std::string_view value) override;
  void gap(std::string_view topic, Cause cause, std::string why) override;
  void log(std::string_view level, std::string text) override;

  /// note() adds a line to the evidence of the image as a whole.
  void note(const std::string& line);
  /// gap_everywhere() makes every topic of the image partial; the first reason counts.
  void gap_everywhere(Cause cause, std::string why);
  /// coverage() is the record for a topic after the walk.
  [[nodiscard]] Coverage coverage(const std::string& topic, const std::string& tried) const;

 private:
  struct Why {
    Cause cause = Cause::none;
    std::string text;
  };
  [[nodiscard]] std::string place(const formats::Member& member) const;
  [[nodiscard]] bool room();

  runner::Context& context_;
  const Image image_;
  const std::string name_;
  const EvidenceId whole_;
  mutable std::mutex mutex_;
  std::size_t cited_ = 0;
  std::map<std::string, std::size_t, std::less<>> rows_;
  std::map<std::string, Why, std::less<>> gaps_;
  Why everywhere_;
};

}  // namespace haetae::testcases::firmware
