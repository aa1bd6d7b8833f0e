#include "tests/support/time_authority.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace haetae::test {

namespace {

constexpr const char* kSettings = R"([req]
distinguished_name = name
prompt = no
[name]
CN = unused
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamps]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[tsa]
default_tsa = authority
[authority]
serial = FOLDER/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
)";

void tool(std::vector<std::string> words) {
  words.insert(words.begin(), find_tool("openssl"));
  const ToolResult result = run_tool(words);
  if (result.exit_code != 0) throw std::runtime_error(words[1] + ": " + result.output);
}

}  // namespace

Bytes read_bytes(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& file, ByteView bytes) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

TimeAuthority::TimeAuthority() {
  std::string settings = kSettings;
  settings.replace(settings.find("FOLDER"), 6, folder_.path().string());
  const std::string config = folder_.write("openssl.cnf", settings);
  folder_.write("serial", "01\n");
  const auto make = [&](const std::string& name, const std::string& subject,
                        const std::string& part, const std::vector<std::string>& more) {
    std::vector<std::string> words{"req",         "-x509",
                                   "-new",        "-nodes",
                                   "-newkey",     "ec",
                                   "-pkeyopt",    "ec_paramgen_curve:P-256",
                                   "-config",     config,
                                   "-subj",       subject,
                                   "-days",       "3650",
                                   "-keyout",     folder_.file(name + ".key"),
                                   "-out",        folder_.file(name + ".pem"),
                                   "-extensions", part};
    words.insert(words.end(), more.begin(), more.end());
    tool(words);
  };
  make("root", "/O=Laboratory of clocks/CN=Root", "root", {});
  make("stamps", "/O=Laboratory of clocks/CN=Stamps", "stamps",
       {"-CA", root(), "-CAkey", folder_.file("root.key")});
}

std::vector<std::string> TimeAuthority::command(const std::string& query, const std::string& reply,
                                                bool with_root) const {
  std::vector<std::string> words{find_tool("openssl"),
                                 "ts",
                                 "-reply",
                                 "-config",
                                 folder_.file("openssl.cnf"),
                                 "-queryfile",
                                 query,
                                 "-signer",
                                 folder_.file("stamps.pem"),
                                 "-inkey",
                                 folder_.file("stamps.key"),
                                 "-out",
                                 reply};
  if (with_root) words.insert(words.end(), {"-chain", root()});
  return words;
}

Bytes TimeAuthority::reply(ByteView query, bool with_root) const {
  write_bytes(folder_.file("query.tsq"), query);
  const ToolResult made =
      run_tool(command(folder_.file("query.tsq"), folder_.file("reply.tsr"), with_root));
  if (made.exit_code != 0) throw std::runtime_error("openssl ts: " + made.output);
  return read_bytes(folder_.file("reply.tsr"));
}

}  // namespace haetae::test
