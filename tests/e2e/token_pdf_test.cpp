#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <catch2/catch.hpp>

#include "harness/evidence/signing.hpp"
#include "harness/model/clock.hpp"
#include "reports/pdf/pdf.hpp"
#include "reports/pdf/sign.hpp"
#include "tests/support/issued_report.hpp"
#include "tests/support/token.hpp"

// A PDF report signed with keys that never leave a token.

using namespace haetae;
using namespace haetae::evidence;
using namespace haetae::test;

namespace {

/// own_certificate() is one that a key issues to itself, PEM.
std::string own_certificate(EVP_PKEY* key) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600L * 24);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("이책임"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key);
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(out.get(), certificate.get());
  char* text = nullptr;
  const long length = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace

TEST_CASE("a PDF report is signed with keys that lie in a token") {
  Token token;
  token.make("EC:prime256v1", "pdf-ec", "01");
  token.make("rsa:2048", "pdf-rsa", "02");
  const auto pin = token.folder.path / "pin";
  std::ofstream(pin) << "13572468\n";
  const Setting passphrase("HAETAE_KEY_PASSPHRASE_FILE", pin.string());
  const auto report = reports::pdf(issued_report(), reports::Language::ko);
  REQUIRE(report);
  for (const std::string label : {"pdf-ec", "pdf-rsa"}) {
    INFO(label);
    const auto key =
        SigningKey::load("pkcs11:token=laboratory;object=" + label + ";type=private", false);
    INFO((key ? "" : key.error().message()));
    REQUIRE(key);
    auto* const handle = static_cast<EVP_PKEY*>(key->handle());
    const auto made = reports::sign_pdf(
        *report, handle, own_certificate(handle),
        {.at = system_clock().wall(), .name = "", .reason = "발행", .location = ""});
    INFO((made ? "" : made.error().message()));
    REQUIRE(made);
    const auto file = token.folder.path / (label + ".pdf");
    std::ofstream(file, std::ios::binary) << as_text(*made);
    const auto said = run_tool({find_tool("pdfsig"), "-nocert", file.string()});
    INFO(said.output);
    CHECK(said.output.find("Signature is Valid.") != std::string::npos);
    CHECK(said.output.find("Total document signed") != std::string::npos);
  }
}
