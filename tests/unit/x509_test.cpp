#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "harness/protocols/x509.hpp"
#include "tests/support/daemon.hpp"

using namespace haetae;
using namespace haetae::protocols;

namespace {

void openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const auto result = test::run_tool(arguments);
  INFO(result.output);
  REQUIRE(result.exit_code == 0);
}

Bytes der_of(const test::TempDir& folder, const std::string& pem) {
  openssl({"x509", "-in", folder.file(pem), "-outform", "DER", "-out", folder.file("out.der")});
  std::ifstream in(folder.file("out.der"), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Bytes self_signed(const test::TempDir& folder, const std::string& key, const std::string& subject,
                  std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"req",
                                     "-x509",
                                     "-nodes",
                                     "-newkey",
                                     key,
                                     "-days",
                                     "30",
                                     "-subj",
                                     subject,
                                     "-keyout",
                                     folder.file("key.pem"),
                                     "-out",
                                     folder.file("cert.pem")};
  if (key == "ec") {
    arguments.insert(arguments.end(), {"-pkeyopt", "ec_paramgen_curve:P-384"});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  openssl(arguments);
  return der_of(folder, "cert.pem");
}

}  // namespace

TEST_CASE("a self-signed certificate is read as values") {
  const test::TempDir folder;
  const Bytes der = self_signed(folder, "rsa:1024", "/C=KR/O=Lab/CN=192.0.2.7", {"-sha1"});
  const std::vector<Address> addresses{*Address::parse("192.0.2.7")};
  const auto chain = read_chain(std::vector<Bytes>{der}, addresses, {});
  REQUIRE(chain.size() == 1);
  const CertificateValues& leaf = chain.front();
  CHECK(leaf.subject_name == "CN=192.0.2.7,O=Lab,C=KR");
  CHECK(leaf.issuer_name == leaf.subject_name);
  CHECK(leaf.key_algorithm == "rsa");
  CHECK(leaf.key_bits == 1024);
  CHECK(leaf.key_curve.empty());
  CHECK(leaf.signature_algorithm == "sha1WithRSAEncryption");
  CHECK(leaf.self_signed == "yes");
  CHECK(leaf.ca == "yes");
  CHECK(leaf.chain == "last");
  CHECK(leaf.covers_host == "yes");
  CHECK(leaf.sha256 == to_hex(sha256(der)));
  CHECK(leaf.not_before < leaf.not_after);
  CHECK(leaf.not_before.size() == 20);
}

TEST_CASE("names in a certificate cover only the hosts that they name") {
  const test::TempDir folder;
  const Bytes der = self_signed(folder, "ec", "/CN=camera",
                                {"-addext", "subjectAltName=IP:192.0.2.9,DNS:*.lab.test"});
  const auto covers = [&der](const char* address, const std::string& host) {
    std::vector<Address> addresses;
    if (*address != 0) addresses.push_back(*Address::parse(address));
    std::vector<std::string> hosts;
    if (!host.empty()) hosts.push_back(host);
    return read_chain(std::vector<Bytes>{der}, addresses, hosts).front().covers_host;
  };
  CHECK(covers("192.0.2.9", "") == "yes");
  CHECK(covers("192.0.2.8", "") == "no");
  CHECK(covers("", "a.lab.test") == "yes");
  CHECK(covers("", "a.b.lab.test") == "no");
  CHECK(covers("", "") == "unknown");
  const auto values = read_chain(std::vector<Bytes>{der}, {}, {}).front();
  CHECK(values.key_algorithm == "ec");
  CHECK(values.key_curve == "secp384r1");
  CHECK(values.key_bits == 384);
}

TEST_CASE("the order of a chain is told: signed by the next, or broken") {
  const test::TempDir folder;
  const Bytes root = self_signed(folder, "ec", "/CN=root");
  openssl({"req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj",
           "/CN=leaf", "-keyout", folder.file("leaf.key"), "-out", folder.file("leaf.csr")});
  openssl({"x509", "-req", "-in", folder.file("leaf.csr"), "-CA", folder.file("cert.pem"), "-CAkey",
           folder.file("key.pem"), "-days", "5", "-set_serial", "7", "-out",
           folder.file("leaf.pem")});
  const Bytes leaf = der_of(folder, "leaf.pem");
  const test::TempDir other_folder;
  const Bytes stranger = self_signed(other_folder, "ec", "/CN=root");  // same name, other key
  const auto right = read_chain(std::vector<Bytes>{leaf, root}, {}, {});
  CHECK(right[0].chain == "signed-by-next");
  CHECK(right[0].self_signed == "no");
  CHECK(right[0].ca == "no");
  CHECK(right[1].chain == "last");
  CHECK(read_chain(std::vector<Bytes>{leaf, stranger}, {}, {})[0].chain == "broken");
  CHECK(read_chain(std::vector<Bytes>{root, leaf}, {}, {})[0].chain == "broken");
}

TEST_CASE("hostile DER gives unknown words and its hash, never a guess") {
  const test::TempDir folder;
  const Bytes der = self_signed(folder, "ec", "/CN=x\033[2Jy");
  CHECK(read_chain(std::vector<Bytes>{der}, {}, {}).front().subject_name.find('\033') ==
        std::string::npos);
  std::vector<Bytes> bad{{}, Bytes(100, 0x30), Bytes(70'000, 0x30), der};
  bad.back().push_back(0);  // a byte behind the end
  for (std::size_t cut = 1; cut < der.size(); cut += 37) {
    bad.emplace_back(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(cut));
  }
  for (const CertificateValues& values : read_chain(bad, {}, {})) {
    CHECK(values.key_algorithm == "unknown");
    CHECK(values.self_signed == "unknown");
    CHECK(values.ca == "unknown");
    CHECK(values.covers_host == "unknown");
    CHECK(values.sha256.size() == 64);
  }
}
