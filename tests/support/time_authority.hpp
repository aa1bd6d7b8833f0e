#pragma once

#include <string>

#include "harness/model/bytes.hpp"
#include "tests/support/daemon.hpp"

/// A time stamp authority: `openssl ts` with a root and a certificate of its own. Test-only: throws
/// on failure.
namespace haetae::test {

class TimeAuthority {
 public:
  TimeAuthority();
  /// root() is the certificate (PEM) that a verifier trusts.
  [[nodiscard]] std::string root() const { return folder_.file("root.pem"); }
  /// command() is the command line that answers the query in one file into another.
  [[nodiscard]] std::vector<std::string> command(const std::string& query, const std::string& reply,
                                                 bool with_root = false) const;
  /// reply() answers a query (TimeStampReq, DER) with a TimeStampResp; with_root: the root comes
  /// along.
  [[nodiscard]] Bytes reply(ByteView query, bool with_root = false) const;
  [[nodiscard]] const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
};

[[nodiscard]] Bytes read_bytes(const std::string& file);
void write_bytes(const std::string& file, ByteView bytes);

}  // namespace haetae::test
