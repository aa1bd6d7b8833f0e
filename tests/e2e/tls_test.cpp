#include <signal.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/learned_tls.hpp"
#include "tests/support/tls_servers.hpp"

using namespace haetae;

namespace {

test::LearnedTls learned(const test::TlsServer& server) {
  return {server.address(), server.subject()};
}

using Words = std::set<std::string>;

}  // namespace

TEST_CASE("a server of TLS 1.0 alone with a short key is seen as it is") {
  const auto server =
      test::TlsServers::openssl("rsa:1024", {"-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"});
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  CHECK(seen.offered("tls1.0") == "yes");
  for (const char* version : {"ssl2", "ssl3", "tls1.1", "tls1.2", "tls1.3"}) {
    INFO(version);
    CHECK(seen.offered(version) == "no");
  }
  CHECK(seen.suites("tls1.0") == Words{"TLS_RSA_WITH_AES_128_CBC_SHA"});
  REQUIRE(seen.certificates().size() == 1);
  CHECK(seen.certificates()[0].key_bits == 1024);
  CHECK(seen.certificates()[0].covers_host == "no");
  CHECK(seen.property("compression") == "no");
  CHECK(seen.property("secure-renegotiation") == "yes");
}

TEST_CASE("a sound server of TLS 1.2 and 1.3 shows its curves and schemes") {
  const auto server = test::TlsServers::openssl(
      "P-256", {"-no_tls1", "-no_tls1_1", "-groups", "X25519:P-256", "-cipher",
                "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"});
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  CHECK(seen.offered("tls1.3") == "yes");
  CHECK(seen.offered("tls1.2") == "yes");
  CHECK(seen.offered("tls1.1") == "no");
  CHECK(seen.offered("ssl3") == "no");
  CHECK(seen.suites("tls1.2") == Words{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                                       "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"});
  CHECK(seen.suites("tls1.3") ==
        Words{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"});
  CHECK(seen.groups("tls1.2") == Words{"x25519/255", "secp256r1/256"});
  CHECK(seen.groups("tls1.3") == Words{"x25519/255", "secp256r1/256"});
  CHECK(seen.schemes("tls1.3") == Words{"ecdsa_secp256r1_sha256"});
  CHECK(seen.property("fallback-scsv") == "yes");
  CHECK(seen.property("extended-master-secret") == "yes");
  REQUIRE(seen.certificates().size() == 1);
  CHECK(seen.certificates()[0].key_curve == "secp256r1");
}

TEST_CASE("suites that OpenSSL has not are seen on a GnuTLS server") {
  const auto server = test::TlsServers::gnutls(
      "rsa:2048",
      "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.2:+ARCFOUR-128:+3DES-CBC:+SHA1:+MD5:+ANON-DH:"
      "+ANON-ECDH:+NULL:%COMPAT");
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  const Words old = seen.suites("tls1.0");
  for (const char* name :
       {"TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_RC4_128_MD5", "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        "TLS_RSA_WITH_NULL_SHA", "TLS_DH_anon_WITH_RC4_128_MD5"}) {
    INFO(name);
    CHECK(old.count(name) == 1);
  }
  CHECK(seen.offered("tls1.1") == "no");
  CHECK(seen.offered("tls1.3") == "no");
}

TEST_CASE("both certificates of a server are found") {
  const auto server = test::TlsServers::nginx("ssl_protocols TLSv1.2 TLSv1.3;");
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  Words keys;
  for (const auto& certificate : seen.certificates()) keys.insert(certificate.key_algorithm);
  CHECK(keys == Words{"rsa", "ec"});
  CHECK(seen.schemes("tls1.3").count("rsa_pss_rsae_sha256") == 1);
  CHECK(seen.schemes("tls1.3").count("ecdsa_secp256r1_sha256") == 1);
}

TEST_CASE("a server of TLS 1.3 alone hides neither certificate nor group") {
  const auto server = test::TlsServers::openssl("rsa:2048", {"-tls1_3", "-groups", "P-384"});
  const auto seen = learned(server);
  CHECK(seen.gaps().empty());
  CHECK(seen.groups("tls1.3") == Words{"secp384r1/384"});
  CHECK(seen.certificates().size() == 1);
  CHECK(seen.property("compression") == "no");
}

TEST_CASE("a port that answers no hello leaves everything unknown, never a no") {
  auto server = test::TlsServers::openssl("P-256", {});
  server.daemon().signal(SIGSTOP);
  const auto seen = learned(server);
  for (const char* version : {"ssl2", "ssl3", "tls1.0", "tls1.1", "tls1.2", "tls1.3"}) {
    CHECK(seen.offered(version) == "unknown");
  }
  for (const char* topic : {"tls.versions", "tls.suites", "tls.groups", "tls.certificate"}) {
    CHECK(seen.context().coverage(topic, server.subject()).state == CoverageState::partial);
  }
}
