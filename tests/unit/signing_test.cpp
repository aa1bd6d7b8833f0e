#include <fstream>

#include <catch2/catch.hpp>

#include "harness/evidence/run_file.hpp"
#include "tests/support/filled_run.hpp"
#include "tests/support/keys.hpp"

using namespace haetae;
using namespace haetae::evidence;
using namespace haetae::test;

namespace {

struct Kind {
  std::string kind, algorithm;
};
const Kind kKinds[] = {{"ED25519", "ed25519"},
                       {"EC:P-256", "ecdsa-sha256"},
                       {"EC:P-384", "ecdsa-sha384"},
                       {"RSA:2048", "rsa-pss-sha256"}};

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

std::string refusal(const Result<SigningKey>& key) {
  REQUIRE_FALSE(key);
  CHECK(key.error().kind == ErrorKind::invalid_input);
  return key.error().message();
}

bool holds(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every kind of key signs, and no changed byte is taken for signed") {
  const Folder folder;
  const Bytes message = bytes_of("what was seen");
  for (const Kind& kind : kKinds) {
    INFO(kind.kind);
    const TestKey made = make_key(kind.kind);
    const auto key = SigningKey::load(write_private(made, folder.path / "key.pem"), false);
    REQUIRE(key);
    CHECK(key->algorithm() == kind.algorithm);
    const auto trusted = public_key_from_pem(write_public(made, folder.path / "public.pem"));
    REQUIRE(trusted);
    CHECK(*trusted == key->public_key());
    for (int round = 0; round < 8; ++round) {  // ECDSA: both halves of s come up
      const auto signature = key->sign(message);
      REQUIRE(signature);
      CHECK(signed_by(kind.algorithm, *trusted, message, *signature));
      for (std::size_t at = 0; at < signature->size(); at += round == 0 ? 1 : 16) {
        Bytes changed = *signature;
        changed[at] ^= 0x01;
        CHECK_FALSE(signed_by(kind.algorithm, *trusted, message, changed));
      }
      Bytes longer = *signature;
      longer.push_back(0);
      CHECK_FALSE(signed_by(kind.algorithm, *trusted, message, longer));
      CHECK_FALSE(signed_by(kind.algorithm, *trusted, bytes_of("what was seen."), *signature));
      for (const Kind& other : kKinds) {
        if (other.algorithm == kind.algorithm) continue;
        CHECK_FALSE(signed_by(other.algorithm, *trusted, message, *signature));
      }
    }
    for (std::size_t at = 0; at < trusted->size(); ++at) {
      Bytes changed = *trusted;
      changed[at] ^= 0x01;
      const auto signature = key->sign(message);
      REQUIRE(signature);
      CHECK_FALSE(signed_by(kind.algorithm, changed, message, *signature));
    }
    CHECK_FALSE(signed_by(kind.algorithm, *trusted, message, {}));
    CHECK_FALSE(signed_by(kind.algorithm, {}, message, message));
    CHECK_FALSE(signed_by("none", *trusted, message, message));
  }
}

TEST_CASE("a passphrase comes from a file or from a person, and a wrong one says so") {
  const Folder folder;
  const auto file = write_private(make_key("EC:P-256"), folder.path / "key.pem", "horse staple");
  const auto no_one = refusal(SigningKey::load(file, false));
  CHECK(holds(no_one, "HAETAE_KEY_PASSPHRASE_FILE"));
  int asked = 0;
  const AskPassphrase right = [&](const std::string& what) -> Result<std::string> {
    ++asked;
    CHECK(what == file.string());
    return "horse staple";
  };
  const AskPassphrase wrong = [](const std::string&) -> Result<std::string> { return "horse"; };
  CHECK(SigningKey::load(file, false, right));
  CHECK(asked == 1);
  CHECK(holds(refusal(SigningKey::load(file, false, wrong)), "does not open with this passphrase"));

  std::ofstream(folder.path / "pass") << "horse staple\nsecond line\n";
  std::ofstream(folder.path / "empty") << "\n";
  {
    const Setting setting("HAETAE_KEY_PASSPHRASE_FILE", folder.path / "pass");
    CHECK(SigningKey::load(file, false, right));
    CHECK(asked == 1);  // the file was enough
  }
  {
    const Setting setting("HAETAE_KEY_PASSPHRASE_FILE", folder.path / "empty");
    CHECK(holds(refusal(SigningKey::load(file, false, right)), "in its first line"));
  }
  const Setting setting("HAETAE_KEY_PASSPHRASE_FILE", folder.path / "none");
  CHECK(SigningKey::load(file, false, right).error().kind == ErrorKind::not_found);
  CHECK(asked == 1);
}

TEST_CASE("a key that does not fit says what to do") {
  const Folder folder;
  const auto as_private = [&](const std::string& kind) {
    return refusal(SigningKey::load(write_private(make_key(kind), folder.path / "key.pem"), false));
  };
  CHECK(holds(as_private("RSA:1024"), "RSA key of 1024 bits, too short to seal"));
  CHECK(holds(as_private("EC:P-521"), "curve"));
  CHECK(holds(as_private("EC:secp256k1"), "take P-256 or P-384"));
  CHECK(holds(as_private("ED448"), "ED448, which cannot seal"));
  CHECK(holds(as_private("X25519"), "which cannot seal"));

  const auto public_file = write_public(make_key("ED25519"), folder.path / "public.pem");
  CHECK(holds(refusal(SigningKey::load(public_file, true)), "holds a public key"));
  const auto text = [&](const std::string& content) {
    std::ofstream(folder.path / "text.pem") << content;
    return refusal(SigningKey::load(folder.path / "text.pem", true));
  };
  CHECK(holds(text("junk"), "holds no private key in PEM"));
  CHECK(holds(text("-----BEGIN CERTIFICATE-----\nAAAA\n"), "holds a certificate"));
  CHECK(holds(text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"), "ssh-keygen"));
  CHECK(holds(text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "damaged"));
  CHECK(holds(text(std::string(300'000, 'x')), "larger"));
  CHECK(SigningKey::load(folder.path, true).error().kind == ErrorKind::storage);

  const auto trusted = [&](const std::filesystem::path& file) {
    const auto key = public_key_from_pem(file);
    REQUIRE_FALSE(key);
    return key.error().message();
  };
  const auto mine = write_private(make_key("ED25519"), folder.path / "key.pem");
  CHECK(holds(trusted(mine), "holds a private key"));
  CHECK(holds(trusted(folder.path / "text.pem"), "larger"));
  CHECK(holds(trusted(write_public(make_key("RSA:1024"), folder.path / "p")), "too short"));
}

TEST_CASE("a run is sealed with every kind of key, one after the other") {
  const Folder folder;
  const auto file = folder.path / "run.haetae";
  auto run = RunFile::create(file, {}, nullptr, system_clock());
  REQUIRE(run);
  std::vector<Bytes> keys;
  for (const Kind& kind : kKinds) {
    auto writer = run->begin("log");
    REQUIRE(writer);
    REQUIRE((*writer)->insert(
        "log", {{"at", std::string("now")}, {"level", std::string("info")}, {"text", kind.kind}}));
    REQUIRE((*writer)->commit());
    writer->reset();
    const auto key =
        SigningKey::load(write_private(make_key(kind.kind), folder.path / "key.pem"), false);
    REQUIRE(key);
    REQUIRE(run->seal(*key));
    keys.push_back(key->public_key());
  }
  REQUIRE(run->finish());
  for (std::size_t index = 0; index < keys.size(); ++index) {
    const auto verification = verify(file, keys[index]);
    REQUIRE(verification);
    CHECK(verification->intact());
    CHECK(verification->signer_known);
    CHECK(verification->signer == keys[index]);
    CHECK(verification->algorithm == kKinds[index].algorithm);
    CHECK(verification->sealed_to == static_cast<std::int64_t>(index) + 2);
  }
}
