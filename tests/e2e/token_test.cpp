#include <fstream>

#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/token.hpp"

// Keys that never leave a token: SoftHSM by way of OpenSSL's engine for PKCS #11.

using namespace haetae;
using namespace haetae::evidence;
using namespace haetae::test;

TEST_CASE("a run is sealed with keys that lie in a token") {
  Token token;
  token.make("EC:prime256v1", "seal-256", "01");
  token.make("EC:secp384r1", "seal-384", "02");
  token.make("rsa:2048", "seal-rsa", "03");
  const auto pin = token.folder.path / "pin";
  std::ofstream(pin) << "13572468\n";
  const auto file = token.folder.path / "run.haetae";
  auto run = RunFile::create(file, {}, nullptr, system_clock());
  REQUIRE(run);
  const std::string uri = "pkcs11:token=laboratory;object=seal-256;type=private";
  // Before anybody logged in: a login lasts as long as the process.
  const auto refused = [](const Result<SigningKey>& key) {
    REQUIRE_FALSE(key);
    return key.error().message();
  };
  CHECK(refused(SigningKey::load(uri, false)).find("asks for a passphrase or PIN") !=
        std::string::npos);
  CHECK(refused(SigningKey::load(uri, false, [](const std::string&) -> Result<std::string> {
          return "00000000";
        })).find("check the PIN") != std::string::npos);
  CHECK(refused(SigningKey::load(uri + "?pin-source=file:" + pin.string() + ".none", false))
            .find("the PIN file") != std::string::npos);
  const auto first = SigningKey::load(uri + "?pin-source=file:" + pin.string(), false);
  INFO((first ? "" : first.error().message()));
  REQUIRE(first);  // the end of the line is no part of the PIN
  {
    const Setting setting("HAETAE_KEY_PASSPHRASE_FILE", pin.string());
    for (const auto& [label, algorithm] :
         std::map<std::string, std::string>{{"seal-256", "ecdsa-sha256"},
                                            {"seal-384", "ecdsa-sha384"},
                                            {"seal-rsa", "rsa-pss-sha256"}}) {
      const auto key =
          SigningKey::load("pkcs11:token=laboratory;object=" + label + ";type=private", false);
      INFO(label << (key ? "" : key.error().message()));
      REQUIRE(key);
      CHECK(key->algorithm() == algorithm);
      const auto sealed = run->seal(*key);
      INFO((sealed ? "" : sealed.error().message()));
      REQUIRE(sealed);
      const auto verification = verify(file, key->public_key());
      REQUIRE(verification);
      CHECK(verification->intact());
      CHECK(verification->signer_known);
      CHECK(verification->algorithm == algorithm);
    }
  }
  for (const std::string form : {"?pin-source=file://", "?pin-source="}) {
    const auto by_source = SigningKey::load(uri + form + pin.string(), false);
    INFO(form << (by_source ? "" : by_source.error().message()));
    CHECK(by_source);
  }
  const auto by_person = SigningKey::load(
      uri, false, [](const std::string&) -> Result<std::string> { return "13572468"; });
  CHECK(by_person);
  CHECK(refused(
            SigningKey::load("pkcs11:token=laboratory;object=none;type=private", false,
                             [](const std::string&) -> Result<std::string> { return "13572468"; }))
            .find("gives no such private key") != std::string::npos);
}
