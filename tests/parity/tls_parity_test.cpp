#include <catch2/catch.hpp>
#include <regex>
#include <sstream>

#include "harness/protocols/tls_names.hpp"
#include "tests/support/learned_tls.hpp"
#include "tests/support/tls_servers.hpp"

using namespace haetae;

namespace {

using Pairs = std::set<std::pair<std::string, std::string>>;

std::string version_word(const std::string& theirs) {
  if (theirs == "SSLv2") return "ssl2";
  if (theirs == "SSLv3") return "ssl3";
  return "tls" + theirs.substr(4);  // TLSv1.2
}

/// sslscan_pairs() are the suites that sslscan saw accepted, by their numbers.
Pairs sslscan_pairs(const test::TlsServer& server) {
  const auto run =
      test::run_tool({"sslscan", "--no-heartbleed", "--no-renegotiation", "--no-compression",
                      "--no-check-certificate", "--no-groups", "--xml=-", server.where()});
  Pairs out;
  const std::regex expression(
      "<cipher status=\"[a-z]+\" sslversion=\"([^\"]+)\"[^>]* id=\"0x([0-9A-Fa-f]+)\"");
  for (std::sregex_iterator at(run.output.begin(), run.output.end(), expression), end; at != end;
       ++at) {
    const auto number = static_cast<std::uint16_t>(std::stoul((*at)[2].str(), nullptr, 16));
    out.insert({version_word((*at)[1].str()), protocols::suite_name(number)});
  }
  return out;
}

/// nmap_pairs() are the suites of nmap's ssl-enum-ciphers, which names them as IANA does.
Pairs nmap_pairs(const test::TlsServer& server) {
  const auto run = test::run_tool({"nmap", "-Pn", "-n", "-p", std::to_string(server.port()),
                                   "--script", "+ssl-enum-ciphers", server.address()});
  Pairs out;
  std::string version;
  std::istringstream lines(run.output);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_search(line, match, std::regex("^\\|   (SSLv3|TLSv1\\.[0-3]):"))) {
      version = version_word(match[1].str());
    } else if (std::regex_search(line, match, std::regex("^\\|       ((TLS|SSL)_\\w+)"))) {
      // It names the suites of TLS 1.3 after those of TLS 1.2, with a wrong key exchange.
      const std::string name =
          std::regex_replace(match[1].str(), std::regex("^TLS_AKE_WITH_"), "TLS_");
      out.insert({version, name});
    }
  }
  return out;
}

std::string text(const Pairs& pairs) {
  std::string out;
  for (const auto& [version, suite] : pairs) out += version + " " + suite + "\n";
  return out;
}

/// agreed() is what the tool says, asked up to three times: on a busy machine the tools give up on
/// connections that take long, and list too little without a word.
std::string agreed(Pairs (*tool)(const test::TlsServer&), const test::TlsServer& server,
                   const Pairs& pairs) {
  std::string last;
  for (int i = 0; i < 3 && last != text(pairs); ++i) last = text(tool(server));
  return last;
}

Pairs ours(const test::TlsServer& server) {
  const test::LearnedTls seen(server.address(), server.subject());
  CHECK(seen.gaps() == "");
  return seen.pairs();
}

}  // namespace

TEST_CASE("nginx with everything on: the same pairs as sslscan and nmap") {
  const auto server = test::TlsServers::nginx(
      "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;\nssl_ciphers ALL:@SECLEVEL=0;\n"
      "ssl_prefer_server_ciphers on;");
  const Pairs pairs = ours(server);
  CHECK(pairs.size() > 40);
  CHECK(text(pairs) == agreed(sslscan_pairs, server, pairs));
  CHECK(text(pairs) == agreed(nmap_pairs, server, pairs));
}

TEST_CASE("lighttpd as it comes: the same pairs as sslscan and nmap") {
  const auto server = test::TlsServers::lighttpd("\"MinProtocol\" => \"TLSv1.2\"");
  const Pairs pairs = ours(server);
  CHECK(pairs.size() > 3);
  CHECK(text(pairs) == agreed(sslscan_pairs, server, pairs));
  CHECK(text(pairs) == agreed(nmap_pairs, server, pairs));
}

TEST_CASE("mosquitto as it comes: the same pairs as sslscan and nmap") {
  const auto server = test::TlsServers::mosquitto("");
  const Pairs pairs = ours(server);
  CHECK(pairs.size() > 3);
  CHECK(text(pairs) == agreed(sslscan_pairs, server, pairs));
  CHECK(text(pairs) == agreed(nmap_pairs, server, pairs));
}

TEST_CASE("OpenSSL with NULL, anonymous and ARIA suites: the same pairs as nmap") {
  const auto server = test::TlsServers::openssl(
      "rsa:2048", {"-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-tls1_2"});
  const Pairs pairs = ours(server);
  CHECK(pairs.size() > 60);
  CHECK(text(pairs) == agreed(nmap_pairs, server, pairs));
}

TEST_CASE("GnuTLS with RC4, 3DES, NULL and anonymous suites: the same pairs as nmap") {
  const auto server = test::TlsServers::gnutls(
      "rsa:2048",
      "NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+ARCFOUR-128:+3DES-CBC:+SHA1:+MD5:+ANON-DH:+ANON-ECDH:"
      "+NULL:%COMPAT");
  const Pairs pairs = ours(server);
  CHECK(pairs.count({"tls1.0", "TLS_RSA_WITH_RC4_128_MD5"}) == 1);
  CHECK(pairs.count({"tls1.2", "TLS_RSA_WITH_NULL_SHA"}) == 1);
  CHECK(text(pairs) == agreed(nmap_pairs, server, pairs));
}
