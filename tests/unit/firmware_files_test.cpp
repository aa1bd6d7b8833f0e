#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "testcases/firmware/account_files.hpp"
#include "testcases/firmware/key_files.hpp"
#include "testcases/firmware/log_strings.hpp"
#include "testcases/firmware/password_hash.hpp"
#include "testcases/firmware/scanner.hpp"
#include "testcases/firmware/secret_rules.hpp"
#include "testcases/firmware/start_files.hpp"
#include "testcases/firmware/text.hpp"

using namespace haetae;
using namespace haetae::testcases::firmware;

namespace {

const catalogue::Catalogue& edition() {
  static const catalogue::Catalogue held = [] {
    auto loaded =
        catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
    if (!loaded) throw std::runtime_error(loaded.error().message());
    return std::move(loaded->value);
  }();
  return held;
}

/// secrets() are "rule name value" of every secret in a file.
std::vector<std::string> secrets(const std::string& path, const std::string& content) {
  const SecretRules rules = secret_rules(edition());
  std::vector<std::string> out;
  for (const SecretRule& rule : rules.rules) {
    const std::string low = lowered(content), anchor = lowered(rule.anchor);
    for (std::size_t at = 0; (at = low.find(anchor, at)) != std::string::npos; ++at) {
      if (rule.how == "token" && content.substr(at, anchor.size()) != rule.anchor) continue;
      if (const auto found = match_secret(rules, rule, path, content, at, is_text(content)))
        out.push_back(rule.rule + " " + found->name + " " +
                      content.substr(found->at, found->length));
    }
  }
  return out;
}

std::vector<std::string> started(const std::vector<Start>& starts) {
  std::vector<std::string> out;
  for (const Start& one : starts) out.push_back(one.program + ":" + one.account);
  return out;
}

std::string pem(EVP_PKEY* key, const EVP_CIPHER* cipher) {
  BIO* out = BIO_new(BIO_s_mem());
  char password[] = "four";
  PEM_write_bio_PKCS8PrivateKey(out, key, cipher, password, 4, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

}  // namespace

TEST_CASE("files of accounts are told by name and form") {
  const auto passwd = read_account_file(
      "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/:/usr/sbin/nologin\nbad line\n");
  REQUIRE(passwd.entries.size() == 2);
  CHECK(passwd.source == "passwd");
  CHECK(passwd.entries[0].uid == 0);
  CHECK(passwd.entries[1].at == 30);
  CHECK(login_word(passwd.entries[1].shell) == "no");
  CHECK(read_account_file("/usr/share/passwd", "root:x:0:0:root:/root:/bin/sh\n").source.empty());
  CHECK(read_account_file("/etc/passwd", "this is\nno such\nfile\nroot:x:0:0:a:b:c\n")
            .source.empty());
  CHECK(read_account_file("/etc/httpd.conf", "/cgi-bin:admin:4321\nA:192.168.\n").entries.size() ==
        1);
  CHECK(read_account_file("/etc/mosquitto/passwords", "cam:$7$101$c2FsdA==$aGFzaA==\n").source ==
        "broker");
  CHECK(read_account_file("/etc/mosquitto/pwfile.example", "cam:x\n").source.empty());
  CHECK(password_word("shadow", "") == "blank");
  CHECK(password_word("shadow", "!$6$x") == "locked");
  CHECK(password_word("passwd", "x") == "elsewhere");
  CHECK(password_word("shadow", "aB3dE5gH7jK9m") == "hash");
  CHECK(password_word("web", "4321") == "clear");
}

TEST_CASE("well-known passwords are found in every scheme, and others are not") {
  Guesser guesser(edition(), std::chrono::seconds(100));
  // openssl passwd -1|-5|-6|-apr1 -salt saltsalt; mkpasswd -m yescrypt, bcrypt; htpasswd -s
  for (const char* hash : {"$1$saltsalt$j9Lv.iOnRMr5Zd/GKLDkR0", "rEK1ecacw.7.c",
                           "{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc="}) {
    INFO(hash);
    const auto answer = guesser.guess(hash, "someone", "");
    CHECK((answer.word == "yes" || answer.word == "no"));
  }
  CHECK(guesser.guess("{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=", "x", "").guess.password == "admin");
  // md5 of admin:camera:12345
  Bytes digest(16);
  EVP_Digest("admin:camera:12345", 18, digest.data(), nullptr, EVP_md5(), nullptr);
  CHECK(guesser.guess(to_hex(digest), "admin", "camera").word == "yes");
  CHECK(guesser.guess(to_hex(digest), "admin", "other").word == "no");
  CHECK(guesser.guess("not a hash", "admin", "").word == "not-tried");
  Guesser late(edition(), std::chrono::milliseconds(-1));
  CHECK(late.guess("{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=", "x", "").word == "not-tried");
  CHECK(late.exhausted());
  CHECK(hash_length("$2a$10$" + std::string(53, 'x')) == 0);
  CHECK(hash_length("$1$saltsalt$j9Lv.iOnRMr5Zd/GKLDkR0:rest") == 34);
  CHECK(scheme_of("$6$ab$short").empty());
}

// The catalogue as it is, with more well-known passwords.
catalogue::Catalogue with_passwords(const std::vector<std::string>& passwords) {
  catalogue::Catalogue out = edition();
  for (catalogue::Reference& reference : out.references) {
    if (reference.name == "well_known_login") reference.rows.clear();
    if (reference.name != "well_known_password") continue;
    reference.rows.clear();
    for (const std::string& password : passwords) {
      std::vector<Value> row;
      for (const catalogue::ReferenceColumn& column : reference.columns)
        row.push_back(column.integer ? Value(std::int64_t{0})
                                     : Value(column.name == "password" ? password : "x"));
      reference.rows.push_back(std::move(row));
    }
  }
  return out;
}

TEST_CASE("password hashes of others are made again from the password, and from no other") {
  struct Answer {
    const char *scheme, *password, *hash;
  };
  // openssl passwd of OpenSSL 3.0 (apr1, 1, 5, 6), htpasswd of Apache 2.4 (bcrypt, SHA),
  // mosquitto_passwd 2.0, SHA-crypt.txt of Ulrich Drepper (rounds), wrapper.c of crypt_blowfish,
  // TESTS-OK of yescrypt.
  static constexpr Answer kAnswers[] = {
      {"md5crypt", "admin", "$1$kat1salt$jFpvMR4p.8zhzvO0XYdfM/"},
      {"apr1", "admin", "$apr1$kat1salt$.GjRBaKMBVP1BhjpDOpEJ/"},
      {"apr1", "admin", "$apr1$FNpPFzKJ$9q4trYJVsI5R3YrCIKdmF/"},
      {"sha256crypt", "admin", "$5$katsalt5$41nC7BZHucKZmbWDy3SrjO.xXE.bWAsQiiomzJku3Z."},
      {"sha512crypt", "admin",
       "$6$katsalt6$IsXuTGd95H8FU8J/lE2dFnQ0EJsxVstqnt574bWgXxMSmRNTafme3Xuf4lqM/"
       "ONXUvSajb3XDjInIBu62.uY21"},
      {"sha512crypt", "Hello world!",
       "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/"
       "UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v."},
      {"bcrypt", "admin", "$2y$04$KQmax6oSjk7rrDmTRDcbiOLy7bE9ob.Cwuinf0QhSyAu2xgEkRIPq"},
      {"bcrypt", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
      {"yescrypt", "pleaseletmein",
       "$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$HboGM6qPrsK.StKYGt6KErmUYtioHreJd98oIugoNB6"},
      {"mosquitto-pbkdf2", "admin",
       "$7$101$c1B59TXVjPyZeQ3b$pdnAlRCZLhOJHPPk81zJDXv1+npfvJ+/ZQXLm/"
       "Ztv9xhuQ0FJrwe0iSO3ojDQPzG5Dyw6us/svCxQ8o04ZhB2g=="},
      {"mosquitto-sha512", "admin",
       "$6$kJlCWEeBDBgvGnlm$+wL+Pm3o2EGE4rB9CI2EGke3SY1hagK2gQNPjKg7nqgxOdGSL/"
       "XG8BXcJmwZMX2uIDPI68nSNlM2hpxFMSFfNg=="},
      {"sha1", "admin", "{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc="},
  };
  Guesser knows(with_passwords({"admin", "Hello world!", "U*U", "pleaseletmein"}),
                std::chrono::seconds(100));
  Guesser knows_not(with_passwords({"Admin", "admin "}), std::chrono::seconds(100));
  for (const Answer& one : kAnswers) {
    INFO(one.scheme << " " << one.hash);
    CHECK(scheme_of(one.hash) == one.scheme);
    const auto yes = knows.guess(one.hash, "", "");
    CHECK(yes.word == "yes");
    CHECK(yes.guess.password == one.password);
    CHECK(knows_not.guess(one.hash, "", "").word == "no");
  }
}

TEST_CASE("secrets are found by their form, placeholders and documents are not") {
  using V = std::vector<std::string>;
  CHECK(secrets("/etc/a.conf", "key=AKIAZ7QX4M2LTVW3KJ6P\n") ==
        V{"aws-access-key  AKIAZ7QX4M2LTVW3KJ6P"});
  CHECK(secrets("/etc/a.conf", "key=AKIAIOSFODNN7EXAMPLE\n").empty());
  CHECK(secrets("/etc/a.conf", "admin_password = \"s0mething-real\"\n") ==
        V{"assigned-password admin_password s0mething-real"});
  CHECK(secrets("/etc/a.xml", "<User><Password>qwe123rt</Password></User>\n") ==
        V{"assigned-password Password qwe123rt"});
  CHECK(secrets("/etc/a.json", "{\"password\": \"qwe123rt\"}") ==
        V{"assigned-password password qwe123rt"});
  CHECK(secrets("/etc/wpa.conf", "  psk=\"two words 12\"\n") == V{"wireless-psk psk two words 12"});
  CHECK(secrets("/bin/go.sh", "wget ftp://cam:k33pOut@10.0.0.1/x\n") == V{"url-ftp cam k33pOut"});
  CHECK(secrets("/etc/h.conf", "Authorization: Basic YWRtaW46cXdlMTIz\n") ==
        V{"basic-login admin YWRtaW46cXdlMTIz"});
  for (const char* none :
       {"# password=s0mething-real\n", "password=$1\n", "password=/etc/secret\n",
        "password=<your>\n", "password=\n", "passwd: files systemd\n", "password_file=abcdefgh\n",
        "password=password\n", "password=your_password_1\n", "password=${PASS}\n",
        "url=http://user:pass@host/\n", "no_password_needed=yes12345\n",
        "password requisite pam_deny.so\n"}) {
    INFO(none);
    CHECK(secrets("/etc/a.conf", none).empty());
  }
  CHECK(secrets("/a/package.json", "{\"minipass\": \"^7.0.3\"}").empty());
  CHECK(secrets("/a/package.json", "{\"minipass\": \"^7.0.3!\"}").size() == 1);
  CHECK(secrets("/a/pages.json", "{\"output_token\": \"DistributionList.NextMarker\"}").empty());
  CHECK(secrets("/a/pages.json", "{\"output_token\": \"DistributionList.Next4Marker\"}").size() ==
        1);
  CHECK(secrets("/usr/share/doc/a.conf", "password=s0mething-real\n").empty());
  CHECK(secrets("/www/a.js", "label.password = 'Kennwort';\n").empty());
  CHECK(secrets("/www/a.js", "conf.password = 'k3nnwort';\n").size() == 1);
}

TEST_CASE("texts that log a secret differ from those that write a setting") {
  const auto seen = [](const std::string& text) {
    const std::string content = std::string(1, '\0') + text + std::string(1, '\0');
    const auto at = content.find("pass");
    return log_string(content, at, "password").has_value();
  };
  CHECK(seen("user %s logs in with password %s\n"));
  CHECK(seen("login failed: password='%s'"));
  CHECK_FALSE(seen("password=%s\n"));
  CHECK_FALSE(seen("password for %s was changed"));
  CHECK_FALSE(seen("--password %s and more words"));
  CHECK_FALSE(seen("<user>name</user><password>%s</password>"));
  CHECK_FALSE(seen("{\"name\": 1, \"password\":\"%s\"}"));
  const auto script = [](const std::string& text) {
    return log_line(text, text.find("PASS"), "pass").has_value();
  };
  CHECK(script("logger -t wifi \"joined with $WIFI_PASSWORD\"\n"));
  CHECK(script("  logger ${PASSWORD}\n"));
  CHECK_FALSE(script("# logger $PASSWORD\n"));
  CHECK_FALSE(script("logger PASSWORD changed\n"));
}

TEST_CASE("start files say what is started and as whom") {
  using V = std::vector<std::string>;
  const Programs programs{"telnetd", "lighttpd", "httpd", "dropbear"};
  CHECK(started(read_script("telnetd -l /bin/sh &\n", programs)) == V{"telnetd:"});
  CHECK(started(read_script("start-stop-daemon -S -c web:web -x /usr/sbin/lighttpd -- -f x\n",
                            programs)) == V{"lighttpd:web"});
  CHECK(started(read_script("case $1 in\n start) busybox httpd -h /www;;\nesac\n", programs)) ==
        V{"httpd:"});
  CHECK(started(read_script("DAEMON=/usr/sbin/dropbear\n", programs)) == V{"dropbear:"});
  for (const char* none : {"# telnetd\n", "echo telnetd\n", "killall telnetd\n",
                           "[ -x /usr/sbin/telnetd ] || exit 0\n",
                           "start-stop-daemon --stop --exec /usr/sbin/dropbear\n", "NAME=telnetd\n",
                           "rm -f /var/run/dropbear\n"}) {
    INFO(none);
    CHECK(read_script(none, programs).empty());
  }
  CHECK(started(read_inittab("::respawn:/usr/sbin/telnetd -F\n#::once:httpd\nx:off:off:httpd\n",
                             programs)) == V{"telnetd:"});
  CHECK(started(read_inetd("telnet stream tcp nowait root /bin/busybox telnetd\n", programs)) ==
        V{"telnetd:root"});
  CHECK(started(read_unit("[Service]\nUser=www\nExecStart=-/usr/sbin/lighttpd -D\n", programs)) ==
        V{"lighttpd:www"});
  CHECK(read_xinetd("service telnet\n{\n disable = yes\n server = /usr/sbin/telnetd\n}\n", programs)
            .empty());
  CHECK(setting("# server.username = \"root\"\nserver.username = \"web\"\n", "server.username") ==
        "web");
}

TEST_CASE("private keys are read whole, encrypted or not; the first line of one is none") {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  REQUIRE(key != nullptr);
  const std::string clear = pem(key, nullptr), hidden = pem(key, EVP_aes_128_cbc());
  unsigned char* der = nullptr;
  const int length = i2d_PrivateKey(key, &der);
  const std::string binary(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  EVP_PKEY_free(key);
  const auto read = read_pem_key("x" + clear, 1);
  REQUIRE(read);
  CHECK(read->algorithm == "ec");
  CHECK(read->bits == 256);
  CHECK(read->encrypted == "no");
  CHECK(read->key_sha256.size() == 64);
  CHECK(read->shown < clear.size());
  REQUIRE(read_pem_key(hidden, 0));
  CHECK(read_pem_key(hidden, 0)->encrypted == "yes");
  REQUIRE(read_der_key(binary + "tail", 0));
  CHECK(read_der_key(binary + "tail", 0)->key_sha256 == read->key_sha256);
  CHECK_FALSE(read_pem_key("-----BEGIN PRIVATE KEY-----", 0));
  CHECK_FALSE(read_pem_key(clear.substr(0, clear.size() / 2), 0));
  CHECK_FALSE(read_der_key(binary.substr(0, 40), 0));
  CHECK_FALSE(read_putty_key("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n", 0));
}

TEST_CASE("the scanner finds every anchor, in either case where asked, up to the last byte") {
  const Scanner scanner(
      {{"-----BEGIN ", false}, {"password", true}, {std::string("\0$1$", 4), false}});
  std::vector<std::pair<std::size_t, std::size_t>> found;
  const std::string text = "PassWord -----BEGIN -----begin " + std::string("\0$1$", 4) + "passwor";
  scanner.scan(text + "d",
               [&](std::size_t index, std::size_t at) { found.emplace_back(index, at); });
  using P = std::pair<std::size_t, std::size_t>;
  CHECK(found == std::vector<P>{{1, 0}, {0, 9}, {2, 31}, {1, 35}});
  CHECK_THROWS(Scanner({{"abc", false}}));
  scanner.scan("abc", [&](std::size_t, std::size_t) { FAIL("nothing is there"); });
}
