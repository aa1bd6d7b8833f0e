#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "harness/formats/image.hpp"
#include "harness/runner/procedure.hpp"

/// One walk over each declared firmware image, many inspectors that look at what comes by. Each
/// file in this folder named *_inspector.cpp is one; procedure `firmware` in firmware.cpp drives
/// them.
namespace haetae::testcases::firmware {

/// Image is the image in work.
struct Image {
  std::string subject;            ///< "firmware:main"
  std::string id, kind, version;  ///< as declared
};

/// Findings is where inspectors put what they see. Safe to use from several threads.
class Findings {
 public:
  virtual ~Findings() = default;
  /// cite() keeps `length` bytes of the member (at most 512, with what stands around them) as
  /// evidence that names image, offset of the container, way, path and position of the bytes.
  virtual EvidenceId cite(const formats::Member& member, ByteView content, std::uint64_t at,
                          std::uint64_t length) = 0;
  /// cite_member() keeps what the container says of it: mode, owner, size, target.
  virtual EvidenceId cite_member(const formats::Member& member) = 0;
  /// whole() is evidence of the image as a whole: its hash, size and parts.
  [[nodiscard]] virtual EvidenceId whole() const = 0;
  virtual void record(FactRow row) = 0;
  virtual SecretId secret(std::string_view kind, std::string_view value) = 0;
  /// gap() makes the coverage of `topic` for this image partial.
  virtual void gap(std::string_view topic, Cause cause, std::string why) = 0;
  virtual void log(std::string_view level, std::string text) = 0;
};

/// Inspector looks at the members of one image. One object an image. Path, way and target of a
/// member come printable, at most 1000 bytes, and (way, path) is unique in the image.
class Inspector {
 public:
  virtual ~Inspector() = default;
  /// topics() are the coverage topics that are complete for the image unless somebody says gap().
  [[nodiscard]] virtual std::vector<std::string> topics() const = 0;
  /// member() is called from several threads at once.
  virtual void member(const formats::Member& member, ByteView content) = 0;
  virtual void part(const formats::Part&) {}
  /// finish() is called once after the walk, for what needs all of it.
  virtual void finish(const formats::Walk&) {}
};

using Maker = std::unique_ptr<Inspector> (*)(const Image&, runner::Context&, Findings&);

/// Listed is one inspector with what it writes, for the plan and for images that none could open.
struct Listed {
  Maker make;
  std::vector<std::string> topics;  ///< the same as its topics()
  std::vector<std::string> facts;   ///< fact tables
};

/// inspectors() is all of them.
[[nodiscard]] std::vector<Listed> inspectors();

/// Open is formats::walk() or what a test has in its place.
using Open = std::function<Result<formats::Walk>(
    const std::filesystem::path&, const formats::Bounds&, formats::Visitor&, std::stop_token)>;

/// inspect() opens every declared image and lets the listed inspectors look at it.
[[nodiscard]] Result<void> inspect(runner::Context& context, const Open& open,
                                   const std::vector<Listed>& listed);

}  // namespace haetae::testcases::firmware
