#pragma once

#include <string>
#include <string_view>

#include "harness/model/bytes.hpp"
#include "tests/support/daemon.hpp"

/// Update files made by the tools of their formats, with a maker's PKI of their own. Test-only:
/// throws where a tool fails.
namespace haetae::test {

/// Maker is a folder with the maker's authority (ca.pem), release signer (signer.pem, signer.key,
/// signer.pub), and what is made there.
class Maker {
 public:
  /// `algorithm` is a word of openssl req -newkey: rsa:2048, or ec (P-256).
  explicit Maker(std::string_view algorithm = "rsa:2048");
  [[nodiscard]] const TempDir& folder() const { return folder_; }
  [[nodiscard]] std::string file(std::string_view name) const { return folder_.file(name); }
  [[nodiscard]] Bytes bytes(std::string_view name) const;
  std::string write(std::string_view name, ByteView bytes) const;
  /// run() runs a tool in the folder and throws with its output unless it ends with 0.
  std::string run(const std::vector<std::string>& argv) const;
  /// try_run() gives the exit code and output whatever they are.
  [[nodiscard]] ToolResult try_run(const std::vector<std::string>& argv) const;

  /// rootfs() is a payload of 64 KiB with text and zeros; returns its name.
  std::string rootfs() const;
  /// swu() makes a .swu with cpio and openssl; `signature` is cms, rsa or none.
  [[nodiscard]] Bytes swu(std::string_view signature) const;
  /// rauc() makes a bundle with rauc; `format` is plain or verity.
  [[nodiscard]] Bytes rauc(std::string_view format) const;

 private:
  TempDir folder_;
};

}  // namespace haetae::test
