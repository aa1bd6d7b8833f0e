#include <mutex>
#include <set>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/key_files.hpp"
#include "testcases/firmware/text.hpp"

/// Private keys in every usual form, and the certificates that belong to them.
namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kMostKeys = 5'000;

// How far the first byte of a DER object stands before the bytes that tell what it is.
struct Start {
  std::string text;
  enum { pem, putty, key, certificate, dropbear } what;
  std::size_t before;
};

const std::vector<Start>& starts() {
  using namespace std::string_literals;
  static const std::vector<Start> all{
      {"-----BEGIN "s, Start::pem, 0},
      {"PuTTY-User-Key-File-"s, Start::putty, 0},
      // PKCS#1 (RFC 8017 A.1.2): SEQUENCE, version 0, modulus
      {"\x02\x01\x00\x02\x82"s, Start::key, 4},
      {"\x02\x01\x00\x02\x81"s, Start::key, 4},
      // PKCS#8 (RFC 5208): SEQUENCE, version 0, algorithm
      {"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"s, Start::key, 4},
      {"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"s, Start::key, 0},
      {"\x30\x81\xb6\x02\x01\x00\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"s, Start::key, 0},
      {"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70"s, Start::key, 0},
      // SEC 1 (RFC 5915) of the curves of 256, 384 and 521 bits
      {"\x30\x77\x02\x01\x01\x04\x20"s, Start::key, 0},
      {"\x30\x74\x02\x01\x01\x04\x20"s, Start::key, 0},
      {"\x30\x81\xa4\x02\x01\x01\x04\x30"s, Start::key, 0},
      {"\x30\x81\xdc\x02\x01\x01\x04\x42"s, Start::key, 0},
      // X.509 (RFC 5280): two SEQUENCEs, version 3, serial number
      {"\xa0\x03\x02\x01\x02\x02"s, Start::certificate, 8},
      {"\x00\x00\x00\x07ssh-rsa"s, Start::dropbear, 0},
      {"\x00\x00\x00\x07ssh-dss"s, Start::dropbear, 0},
      {"\x00\x00\x00\x0bssh-ed25519"s, Start::dropbear, 0},
      {"\x00\x00\x00\x13"
       "ecdsa-sha2-nistp"s,
       Start::dropbear, 0}};
  return all;
}

class Keys final : public Hunter {
 public:
  Keys(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings), published_(table(context.catalogue(), "test_key")) {}

  [[nodiscard]] std::vector<Anchor> anchors() const override {
    std::vector<Anchor> out;
    for (const Start& start : starts()) out.push_back({start.text, false});
    return out;
  }

  void hit(const Seen& seen, std::size_t anchor, std::size_t at) override {
    const Start& start = starts()[anchor];
    if (at < start.before) return;
    const std::size_t from = at - start.before;
    switch (start.what) {
      case Start::pem:
        key(seen, from, read_pem_key(seen.content, from));
        certificate(seen, from, read_pem_certificate(seen.content, from));
        break;
      case Start::putty: key(seen, from, read_putty_key(seen.content, from)); break;
      case Start::key: key(seen, from, read_der_key(seen.content, from)); break;
      case Start::certificate:
        certificate(seen, from, read_der_certificate(seen.content, from));
        break;
      case Start::dropbear:
        if (from == 0) key(seen, from, read_dropbear_key(seen.content));
        break;
    }
  }

  void finish() override {
    std::set<std::string> private_halves, certified;
    for (const auto& one : keys_) private_halves.insert(one.key_sha256);
    for (const auto& one : certificates_) certified.insert(one.key_sha256);
    private_halves.erase("");
    for (auto& one : keys_) {
      if (one.purpose == "unknown" && certified.contains(one.key_sha256)) one.purpose = "tls";
      findings_.record(runner::to_row(one));
    }
    for (auto& one : certificates_) {
      one.key_in_image = yes_no(private_halves.contains(one.key_sha256));
      findings_.record(runner::to_row(one));
    }
    if (keys_.size() + certificates_.size() >= kMostKeys)
      findings_.gap("firmware.keys", Cause::tool,
                    "the image holds so many keys and certificates that not all were looked at");
  }

 private:
  [[nodiscard]] bool room() const { return keys_.size() + certificates_.size() < kMostKeys; }

  void key(const Seen& seen, std::size_t at, const std::optional<PrivateKey>& found) {
    if (!found) return;
    auto fact = fact_of<facts::FirmwareKey>(image_, seen.member);
    fact.position = static_cast<std::int64_t>(at);
    fact.form = found->form;
    fact.algorithm = found->algorithm;
    fact.bits = found->bits;
    fact.encrypted = found->encrypted;
    fact.key_sha256 = found->key_sha256;
    const std::string_view name = base_name(seen.member.path);
    if (fits("ssh_host_*key*", name) || fits("*dropbear*host*key*", name) ||
        found->form == "dropbear")
      fact.purpose = "ssh-host";
    for (const Row& row : published_)
      if (!found->key_sha256.empty() && cell(row, "key_sha256") == found->key_sha256)
        fact.test_key = cell(row, "name");
    fact.secret = findings_.secret(
        "private-key", seen.content.substr(at + found->secret_at, found->secret_length));
    const std::scoped_lock lock(mutex_);
    if (!room()) return;
    fact.evidence = findings_.cite(seen.member, seen.bytes, at, found->shown);
    keys_.push_back(std::move(fact));
  }

  void certificate(const Seen& seen, std::size_t at, const std::optional<FoundCertificate>& found) {
    if (!found) return;
    auto fact = fact_of<facts::FirmwareCertificate>(image_, seen.member);
    fact.position = static_cast<std::int64_t>(at);
    fact.sha256 = found->sha256;
    fact.subject_name = found->subject_name;
    fact.issuer_name = found->issuer_name;
    fact.not_before = found->not_before;
    fact.not_after = found->not_after;
    fact.ca = found->ca;
    fact.key_sha256 = found->key_sha256;
    const std::scoped_lock lock(mutex_);
    if (!room()) return;
    fact.evidence = findings_.cite(seen.member, seen.bytes, at, 128);
    certificates_.push_back(std::move(fact));
  }

  const Image& image_;
  Findings& findings_;
  const std::vector<Row> published_;
  std::mutex mutex_;
  std::vector<facts::FirmwareKey> keys_;
  std::vector<facts::FirmwareCertificate> certificates_;
};

}  // namespace

std::unique_ptr<Hunter> key_hunter(const Image& image, runner::Context& context,
                                   Findings& findings) {
  return std::make_unique<Keys>(image, context, findings);
}

}  // namespace haetae::testcases::firmware
