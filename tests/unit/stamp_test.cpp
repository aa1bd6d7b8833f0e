#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/time_authority.hpp"

// Time stamps by a real authority (openssl ts), by way of files.

using namespace haetae;
using namespace haetae::evidence;
using namespace haetae::test;

namespace {

const Bytes kSignature(64, 0x5a);

const TimeAuthority& authority() {
  static const TimeAuthority one;
  return one;
}

Bytes token(bool with_root = false) {
  const auto query = stamp_query(kSignature);
  REQUIRE(query);
  const auto out = token_of(authority().reply(*query, with_root), kSignature);
  INFO((out ? "" : out.error().message()));
  REQUIRE(out);
  return *out;
}

std::string why(const Result<Bytes>& refused) {
  REQUIRE_FALSE(refused);
  return refused.error().text;
}

}  // namespace

TEST_CASE("a stamp says its time and its authority, known only to who trusts the root") {
  const TimeAuthority stranger;
  for (const bool with_root : {false, true}) {
    const Bytes held = token(with_root);
    const auto unknown = check_stamp(held, kSignature, {});
    REQUIRE(unknown);
    CHECK_FALSE(unknown->known);
    CHECK(unknown->authority == "CN=Stamps,O=Laboratory of clocks");
    CHECK(unknown->time.size() == 20);
    CHECK(unknown->time.starts_with("20"));
    CHECK(check_stamp(held, kSignature, authority().root())->known);
    CHECK_FALSE(check_stamp(held, kSignature, stranger.root())->known);
    CHECK_FALSE(check_stamp(held, kSignature, authority().folder().file("none.pem"))->known);
  }
}

TEST_CASE("a stamp over something else, a refusal and junk are told apart") {
  const auto query = stamp_query(kSignature);
  REQUIRE(query);
  const Bytes reply = authority().reply(*query);
  CHECK(why(token_of(reply, Bytes(64, 0x5b))) ==
        "is over something else than the seal's signature");
  CHECK(why(token_of(kSignature, kSignature)).find("no time stamp reply") != std::string::npos);
  CHECK(why(token_of({}, kSignature)).find("no time stamp reply") != std::string::npos);
  CHECK(why(token_of(Bytes(300'000, 0x30), kSignature)).find("larger") != std::string::npos);
  Bytes longer = reply;
  longer.push_back(0);
  CHECK(why(token_of(longer, kSignature)).find("no time stamp reply") != std::string::npos);
  // An authority that does not take the digest answers with a refusal.
  Bytes other = *query;
  const Bytes sha256_id{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
  const auto at = std::search(other.begin(), other.end(), sha256_id.begin(), sha256_id.end());
  REQUIRE(at != other.end());
  at[8] = 0x08;  // SHA3-256
  CHECK(why(token_of(authority().reply(other), kSignature)).find("refused (status 2)") !=
        std::string::npos);
}

TEST_CASE("a changed byte in a stamp is found, or lies where nothing is signed and nothing read") {
  const Bytes held = token();
  const auto right = check_stamp(held, kSignature, {});
  REQUIRE(right);
  std::size_t missed = 0;
  for (std::size_t at = 0; at < held.size(); ++at) {
    for (const unsigned int flip : {0x01U, 0x80U}) {
      Bytes changed = held;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
      const auto checked = check_stamp(changed, kSignature, authority().root());
      if (!checked) continue;
      ++missed;  // version numbers and the name of the signature's algorithm in SignerInfo
      INFO(at);
      CHECK(checked->time == right->time);
      CHECK(checked->authority == right->authority);
    }
  }
  CHECK(missed <= 40);
  Bytes longer = held;
  longer.push_back(0);
  CHECK_FALSE(check_stamp(longer, kSignature, {}));
  CHECK_FALSE(check_stamp({held.data(), held.size() - 1}, kSignature, {}));
}

TEST_CASE("a certificate for anything else than time stamps is no authority") {
  // The root signs the stamp itself: it is no certificate for time stamps.
  const auto& folder = authority().folder();
  const auto query = stamp_query(kSignature);
  REQUIRE(query);
  write_bytes(folder.file("q"), *query);
  const ToolResult made =
      run_tool({find_tool("openssl"), "ts", "-reply", "-config", folder.file("openssl.cnf"),
                "-queryfile", folder.file("q"), "-signer", authority().root(), "-inkey",
                folder.file("root.key"), "-out", folder.file("r")});
  // openssl ts refuses to sign so; the reply, if there is one, must not be taken.
  CHECK((made.exit_code != 0 || !token_of(read_bytes(folder.file("r")), kSignature)));
}
