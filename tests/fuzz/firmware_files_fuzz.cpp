#include <cstddef>
#include <cstdint>
#include <string>

#include "testcases/firmware/account_files.hpp"
#include "testcases/firmware/key_files.hpp"
#include "testcases/firmware/log_strings.hpp"
#include "testcases/firmware/password_hash.hpp"
#include "testcases/firmware/secret_rules.hpp"
#include "testcases/firmware/start_files.hpp"
#include "testcases/firmware/text.hpp"

using namespace haetae::testcases::firmware;

namespace {

const char* const kPaths[] = {"/etc/passwd",          "/etc/shadow",    "/etc/gshadow",
                              "/etc/httpd.conf",      "/etc/.htpasswd", "/etc/mosquitto/pwfile",
                              "/etc/vsftpd_login.txt"};

void keys(std::string_view content) {
  for (std::size_t at = 0; at < std::min<std::size_t>(content.size(), 8); ++at) {
    (void)read_pem_key(content, at);
    (void)read_putty_key(content, at);
    (void)read_der_key(content, at);
    (void)read_pem_certificate(content, at);
    (void)read_der_certificate(content, at);
  }
  (void)read_dropbear_key(content);
}

void rules(std::string_view content) {
  SecretRules rules;
  rules.placeholders = {"*example*", "xxx*"};
  for (const char* how : {"token", "jwt", "bearer", "basic", "url", "assignment"})
    for (const char* anchor : {"AKIA", "eyJh", "pass", "psk=", "Basic "})
      rules.rules.push_back({"wireless", how, anchor, "any", 1, 64, 0.5});
  for (const SecretRule& rule : rules.rules) {
    const std::size_t at = content.find(rule.anchor);
    if (at == std::string_view::npos) continue;
    for (const char* path : {"/etc/a.conf", "/a.json", "/a.js", "/a.xml"})
      if (const auto found = match_secret(rules, rule, path, content, at, true))
        if (found->at + found->length > content.size()) __builtin_trap();
  }
}

void texts(std::string_view content) {
  const std::size_t at = content.find("pass");
  if (at != std::string_view::npos) {
    (void)log_string(content, at, "pass");
    (void)log_line(content, at, "pass");
  }
  const Programs programs{"telnetd", "httpd"};
  (void)read_script(content, programs);
  (void)read_inittab(content, programs);
  (void)read_inetd(content, programs);
  (void)read_xinetd(content, programs);
  (void)read_unit(content, programs);
  (void)called_files(content);
  (void)setting(content, "user");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      for (const char* path : kPaths)
        for (const AccountEntry& entry : read_account_file(path, content).entries)
          if (entry.at + entry.length > content.size()) __builtin_trap();
      (void)hash_length(content);
      (void)scheme_of(content);
      break;
    case 1: keys(content); break;
    case 2: rules(content); break;
    default: texts(content);
  }
  return 0;
}
