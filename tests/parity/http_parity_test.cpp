#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "tests/support/fake_context.hpp"
#include "tests/support/tls_servers.hpp"

using namespace haetae;
using namespace haetae::test;

namespace {

const std::vector<std::string> kPaths{"/",      "/secret/",   "/files/",     "/moved",  "/away",
                                      "/empty", "/data.json", "/login.html", "/nowhere"};

/// Site is one server on two ports, plain and TLS, with the same pages.
struct Site {
  TempDir folder;
  std::string address = free_address(62);
  std::uint16_t plain = free_port(address);
  std::uint16_t tls = 0;
  std::unique_ptr<Daemon> daemon;

  Site() {
    do {
      tls = free_port(address);
    } while (tls == plain);
    make_key_pair(folder, "server", "rsa:2048");
    folder.write("server.pem", read("server.crt") + read("server.key"));
    folder.write("www/index.html", "<html><body>camera</body></html>", 0644);
    folder.write("www/secret/index.html", "<html>inside</html>", 0644);
    folder.write("www/files/one.txt", "one", 0644);
    folder.write("www/files/two.txt", "two", 0644);
    folder.write("www/empty", "", 0644);
    folder.write("www/data.json", "{\"model\": \"cam\"}", 0644);
    folder.write("www/login.html",
                 "<html><form action=/in method=post><input name=u>"
                 "<input type=password name=p></form></html>",
                 0644);
    // lab:secret
    folder.write("users", "lab:$apr1$Tn2Ps5cV$0Bs3oRjx5e4Sg8h0S6nGF.\n", 0644);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    const auto shown = run_tool({find_tool("cat"), folder.file(name)});
    return shown.output;
  }
  [[nodiscard]] std::string at(std::uint16_t port) const {
    return address + ":" + std::to_string(port);
  }
  void start(std::vector<std::string> argv) {
    daemon = std::make_unique<Daemon>(std::move(argv), folder);
    daemon->wait_for_port(address, plain);
    daemon->wait_for_port(address, tls);
  }
};

std::unique_ptr<Site> nginx() {
  auto out = std::make_unique<Site>();
  const auto file = [&](const char* name) { return out->folder.file(name); };
  const std::string locations =
      " root " + file("www") +
      "; default_type text/plain; types { text/html html; application/json json; }"
      " add_header X-Frame-Options DENY; add_header Set-Cookie \"a=1; HttpOnly\";"
      " add_header Cache-Control no-store; add_header Cache-Control private;"
      " location /secret/ { auth_basic \"the lab\"; auth_basic_user_file " +
      file("users") +
      "; } location /files/ { autoindex on; }"
      " location = /moved { return 302 /index.html; }"
      " location = /away { return 301 http://elsewhere.example/; } ";
  const std::string config = out->folder.write(
      "nginx.conf", "daemon off; user root; master_process off; error_log stderr; pid " +
                        file("pid") + "; events {} http { access_log off; client_body_temp_path " +
                        file("t1") + "; proxy_temp_path " + file("t2") + "; fastcgi_temp_path " +
                        file("t3") + "; uwsgi_temp_path " + file("t4") + "; scgi_temp_path " +
                        file("t5") + "; server { listen " + out->at(out->plain) +
                        "; location = / { return 301 https://" + out->at(out->tls) + "/; }" +
                        locations + "} server { listen " + out->at(out->tls) +
                        " ssl; ssl_certificate " + file("server.crt") + "; ssl_certificate_key " +
                        file("server.key") + "; add_header Strict-Transport-Security max-age=60;" +
                        locations + "} }\n");
  out->start({find_tool("nginx"), "-e", "stderr", "-c", config});
  return out;
}

std::unique_ptr<Site> lighttpd() {
  auto out = std::make_unique<Site>();
  const auto file = [&](const char* name) { return out->folder.file(name); };
  const std::string plain = std::to_string(out->plain);
  const std::string config = out->folder.write(
      "lighttpd.conf",
      "server.modules = (\"mod_auth\", \"mod_authn_file\", \"mod_redirect\", \"mod_setenv\", "
      "\"mod_dirlisting\", \"mod_openssl\")\nserver.document-root = \"" +
          file("www") + "\"\nserver.bind = \"" + out->address + "\"\nserver.port = " + plain +
          "\nindex-file.names = (\"index.html\")\n"
          "mimetype.assign = (\".html\" => \"text/html\", \".json\" => \"application/json\", "
          "\"\" => \"text/plain\")\n"
          "setenv.add-response-header = (\"X-Frame-Options\" => \"DENY\", "
          "\"Cache-Control\" => \"no-store\")\n"
          "auth.backend = \"htpasswd\"\nauth.backend.htpasswd.userfile = \"" +
          file("users") +
          "\"\nauth.require = (\"/secret/\" => (\"method\" => \"basic\", \"realm\" => \"the "
          "lab\", \"require\" => \"valid-user\"))\n"
          "$HTTP[\"url\"] =~ \"^/files/\" { dir-listing.activate = \"enable\" }\n"
          "$SERVER[\"socket\"] == \"" +
          out->at(out->tls) + "\" {\n  ssl.engine = \"enable\"\n  ssl.pemfile = \"" +
          file("server.pem") +
          "\"\n  url.redirect = (\"^/moved$\" => \"/index.html\", "
          "\"^/away$\" => \"http://elsewhere.example/\")\n}\n"
          "else $SERVER[\"socket\"] == \"" +
          out->at(out->plain) + "\" {\n  url.redirect = (\"^/$\" => \"https://" +
          out->at(out->tls) +
          "/\", \"^/moved$\" => \"/index.html\", "
          "\"^/away$\" => \"http://elsewhere.example/\")\n}\n");
  out->start({find_tool("lighttpd"), "-D", "-f", config});
  return out;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Heard is what curl shows of one answer: status line, headers, length and hash of the body.
struct Heard {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::size_t length = 0;
  std::string sha256;
};

Heard curl(const Site& site, std::uint16_t port, const std::string& path) {
  const std::string scheme = port == site.tls ? "https://" : "http://";
  const std::string head = site.folder.file("head"), body = site.folder.file("body");
  site.folder.write("body", "");
  const auto run = run_tool({find_tool("curl"), "-sS", "-k", "-m", "10", "-D", head, "-o", body,
                             scheme + site.at(port) + path});
  if (run.exit_code != 0) throw std::runtime_error(run.output);
  Heard out;
  std::istringstream lines(site.read("head"));
  std::string line;
  std::getline(lines, line);
  out.status = std::stoi(line.substr(line.find(' ')));
  while (std::getline(lines, line) && line.size() > 1) {
    const auto colon = line.find(':');
    std::string value = line.substr(colon + 1);
    value = value.substr(value.find_first_not_of(' '));
    value.erase(value.find_last_not_of("\r") + 1);
    std::string& text = out.headers[lower(line.substr(0, colon))];
    text += (text.empty() ? "" : ", ") + value;
  }
  out.length = std::filesystem::file_size(body);
  out.sha256 = run_tool({find_tool("sha256sum"), body}).output.substr(0, 64);
  return out;
}

/// leads() reads the redirect from curl's headers, by rules of its own.
std::string leads(const Heard& heard, const Site& site) {
  if (heard.status < 300 || heard.status > 399) return "none";
  const auto at = heard.headers.find("location");
  if (at == heard.headers.end()) return "none";
  const std::string& to = at->second;
  if (to.rfind("/", 0) == 0) return "relative";
  if (to.rfind("https://" + site.address, 0) == 0) return "https-same-host";
  if (to.rfind("http://" + site.address, 0) == 0) return "http-same-host";
  return "other-host";
}

std::string asks(const Heard& heard, const std::string& path) {
  if (heard.status == 401)
    return heard.headers.at("www-authenticate").rfind("Basic", 0) == 0 ? "basic" : "other";
  return path == "/login.html" ? "form" : "none";
}

catalogue::Catalogue paths() {
  catalogue::Catalogue out;
  catalogue::Reference list;
  list.name = "http_path";
  list.columns = {{"path", false}, {"kind", false}};
  for (const auto& path : kPaths) list.rows.push_back({path, std::string("data")});
  out.references = {list};
  return out;
}

void compare(const Site& site) {
  FakeContext context(lab_declaration(site.address), paths());
  for (const auto port : {site.plain, site.tls}) {
    facts::Service service;
    service.subject = "lan:tcp/" + std::to_string(port);
    service.protocol = "http";
    service.tls = port == site.tls ? "yes" : "no";
    context.given(service);
  }
  REQUIRE(testcases::http_procedure().run(context));
  std::size_t compared = 0;
  for (const auto port : {site.plain, site.tls}) {
    const std::string subject = "lan:tcp/" + std::to_string(port);
    CHECK(context.coverage("http.answers", subject).state == CoverageState::complete);
    CHECK(context.coverage("http.headers", subject).state == CoverageState::complete);
    std::map<std::string, std::string> kinds;
    for (const auto& fact : runner::facts<facts::HttpAnswer>(context)) {
      if (fact.subject != subject || fact.purpose == "negative-control") continue;
      const Heard theirs = curl(site, port, fact.path);
      CAPTURE(subject, fact.path);
      CHECK(fact.status == theirs.status);
      CHECK(fact.length == static_cast<std::int64_t>(theirs.length));
      CHECK(fact.body_sha256 == theirs.sha256);
      CHECK(fact.redirect == leads(theirs, site));
      CHECK(fact.asks == asks(theirs, fact.path));
      CHECK(fact.clear_text == (port == site.tls ? "no" : "yes"));
      kinds[fact.path] = fact.kind;
      ++compared;
    }
    CHECK(kinds["/files/"] == "directory-listing");
    CHECK(kinds["/login.html"] == "login-page");
    CHECK(kinds["/data.json"] == "data");
    CHECK(kinds["/nowhere"] == "error");
    CHECK(kinds["/secret/"] == "error");
    CHECK(kinds["/empty"] == "empty");
    // The headers of /, without those that change with each answer or hold a secret.
    auto theirs = curl(site, port, "/").headers;
    for (const char* name : {"date", "expires", "age", "etag", "set-cookie", "www-authenticate",
                             "content-length", "last-modified"})
      theirs.erase(name);
    std::map<std::string, std::string> ours;
    for (const auto& fact : runner::facts<facts::HttpHeader>(context))
      if (fact.subject == subject) ours[fact.name] = fact.text;
    // Whether the connection is kept is asked for by the client.
    theirs.erase("connection");
    ours.erase("connection");
    CHECK(ours == theirs);
  }
  CHECK(compared == 2 * kPaths.size());
}

}  // namespace

TEST_CASE("nginx, plain and TLS: the same answers, headers and redirects as curl") {
  compare(*nginx());
}

TEST_CASE("lighttpd, plain and TLS: the same answers, headers and redirects as curl") {
  compare(*lighttpd());
}
