#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <memory>

#include "reports/pdf/pdf.hpp"
#include "reports/pdf/sign.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/issued_report.hpp"

using namespace haetae;
using namespace haetae::reports;

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string contents(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Laboratory is a key with a certificate that an own root has issued.
struct Laboratory {
  test::TempDir folder;

  std::string openssl(std::vector<std::string> argv) const {
    argv.insert(argv.begin(), test::find_tool("openssl"));
    const auto result = test::run_tool(argv);
    INFO(result.output);
    REQUIRE(result.exit_code == 0);
    return result.output;
  }
  /// make() gives the name of a key; its certificate with the root's stands in NAME.pem.
  void make(const std::string& name, const std::vector<std::string>& algorithm) const {
    const auto file = [&](const std::string& ending) { return folder.file(name + ending); };
    std::vector<std::string> key{"genpkey", "-out", file(".key")};
    key.insert(key.end(), algorithm.begin(), algorithm.end());
    openssl(key);
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-keyout", file(".rootkey"), "-out", file(".root"), "-subj", "/CN=Root", "-days",
             "36500"});
    openssl({"req", "-new", "-utf8", "-key", file(".key"), "-out", file(".csr"), "-subj",
             "/O=한국가상시험연구원/CN=이책임"});
    openssl({"x509", "-req", "-in", file(".csr"), "-CA", file(".root"), "-CAkey", file(".rootkey"),
             "-out", file(".leaf"), "-days", "36500"});
    std::ofstream(file(".pem")) << contents(file(".leaf")) << contents(file(".root"));
  }
  [[nodiscard]] Key key(const std::string& name) const {
    const std::string pem = contents(folder.file(name + ".key"));
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    return {PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
  }
  [[nodiscard]] std::string chain(const std::string& name) const {
    return contents(folder.file(name + ".pem"));
  }
  [[nodiscard]] std::string write(std::string_view name, ByteView bytes) const {
    return folder.write(name, as_text(bytes));
  }
  [[nodiscard]] std::string pdfsig(const std::string& file) const {
    return test::run_tool({test::find_tool("pdfsig"), "-nocert", file}).output;
  }
};

const Bytes& report_pdf() {
  static const Bytes bytes = *pdf(test::issued_report(), Language::ko);
  return bytes;
}

/// A moment inside the validity of the certificates that the tests make.
Signing signing() {
  return {.at = std::chrono::system_clock::now(),
          .name = "",
          .reason = "성적서 KTL-2026-0042 발급",
          .location = "서울"};
}

}  // namespace

TEST_CASE("a signed report is judged valid by pdfsig, and a changed byte is found", "[pdf]") {
  const Laboratory laboratory;
  const auto& [name, algorithm] = GENERATE(table<std::string, std::vector<std::string>>(
      {{"p256", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}},
       {"p384", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}},
       {"rsa", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"}}}));
  INFO(name);
  laboratory.make(name, algorithm);
  const Key key = laboratory.key(name);
  auto made = sign_pdf(report_pdf(), key.get(), laboratory.chain(name), signing());
  INFO((made ? "" : made.error().message()));
  REQUIRE(made);
  const std::string file = laboratory.write("signed.pdf", *made);
  const std::string said = laboratory.pdfsig(file);
  INFO(said);
  CHECK(said.find("Signature is Valid.") != std::string::npos);
  CHECK(said.find("Total document signed") != std::string::npos);
  CHECK(said.find("ETSI.CAdES.detached") != std::string::npos);
  CHECK(said.find("이책임") != std::string::npos);
  CHECK(said.find("한국가상시험연구원") != std::string::npos);
  const auto checked = test::run_tool({test::find_tool("qpdf"), "--check", file});
  CHECK(checked.exit_code == 0);
  CHECK(checked.output.find("WARNING") == std::string::npos);
  // The old bytes stand unchanged at the start, so both states can be looked at.
  CHECK(std::equal(report_pdf().begin(), report_pdf().end(), made->begin()));
  // A drawn byte of the first page, one in the middle, and one behind the signature.
  for (const std::size_t place : {made->size() / 7, report_pdf().size() / 2, made->size() - 30}) {
    Bytes changed = *made;
    changed[place] = static_cast<std::uint8_t>(changed[place] ^ 1U);
    const std::string found = laboratory.pdfsig(laboratory.write("changed.pdf", changed));
    INFO(place << found);
    CHECK(found.find("Signature is Valid.") == std::string::npos);
  }
}

TEST_CASE("the signature dictionary says who, why and where in Korean", "[pdf]") {
  const Laboratory laboratory;
  laboratory.make("p256", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  const Key key = laboratory.key("p256");
  const Bytes made = *sign_pdf(report_pdf(), key.get(), laboratory.chain("p256"), signing());
  const std::string text(as_text(made));
  // U+C774 U+CC45 U+C784 and U+C11C U+C6B8 in UTF-16BE.
  CHECK(text.find("/Name <FEFFC774CC45C784>") != std::string::npos);
  CHECK(text.find("/Location <FEFFC11CC6B8>") != std::string::npos);
  CHECK(text.find("/Reason <FEFF") != std::string::npos);
}

TEST_CASE("an RSA signature over the same report at the same time has the same bytes", "[pdf]") {
  const Laboratory laboratory;
  laboratory.make("rsa", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
  const Key key = laboratory.key("rsa");
  const Signing same = signing();
  CHECK(*sign_pdf(report_pdf(), key.get(), laboratory.chain("rsa"), same) ==
        *sign_pdf(report_pdf(), key.get(), laboratory.chain("rsa"), same));
}

TEST_CASE("what cannot be signed is refused with the reason", "[pdf]") {
  const Laboratory laboratory;
  laboratory.make("p256", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  laboratory.make("other", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  laboratory.make("ed", {"-algorithm", "ED25519"});
  const Key key = laboratory.key("p256");
  const auto said = [&](ByteView file, EVP_PKEY* with, const std::string& chain,
                        const Signing& how) {
    const auto made = sign_pdf(file, with, chain, how);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::invalid_input);
    return made.error().text;
  };
  const std::string chain = laboratory.chain("p256");
  CHECK_THAT(said(report_pdf(), key.get(), laboratory.chain("other"), signing()),
             Catch::Contains("does not fit"));
  CHECK_THAT(said(report_pdf(), laboratory.key("ed").get(), laboratory.chain("ed"), signing()),
             Catch::Contains("EC or RSA"));
  CHECK_THAT(said(report_pdf(), key.get(), "no certificate", signing()),
             Catch::Contains("BEGIN CERTIFICATE"));
  Signing early = signing();
  early.at = WallTime{};
  CHECK_THAT(said(report_pdf(), key.get(), chain, early), Catch::Contains("not valid"));
  const Bytes once = *sign_pdf(report_pdf(), key.get(), chain, signing());
  CHECK_THAT(said(once, key.get(), chain, signing()), Catch::Contains("signed already"));
  for (const std::string_view text : {"", "%PDF-1.5", "%PDF-1.5\nstartxref\n9999\n%%EOF",
                                      "%PDF-1.5\nxref\n0 999999999\nstartxref\n9\n%%EOF"}) {
    INFO(text);
    said(as_bytes(text), key.get(), chain, signing());
  }
}
