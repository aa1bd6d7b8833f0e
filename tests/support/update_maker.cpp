#include "tests/support/update_maker.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace haetae::test {

Maker::Maker(std::string_view algorithm) {
  std::vector<std::string> key{"-newkey", std::string(algorithm)};
  if (algorithm == "ec") key = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"};
  const auto with = [&](std::vector<std::string> argv) {
    argv.insert(argv.begin() + 2, key.begin(), key.end());
    run(argv);
  };
  with({"openssl", "req", "-x509", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj",
        "/O=Maker/CN=Maker authority", "-days", "3650"});
  with({"openssl", "req", "-nodes", "-keyout", "signer.key", "-out", "signer.csr", "-subj",
        "/O=Maker/CN=Release signer"});
  folder_.write("usage",
                "extendedKeyUsage=codeSigning,emailProtection\nkeyUsage=digitalSignature\n");
  run({"openssl", "x509", "-req", "-in", "signer.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days",
       "3650", "-extfile", "usage", "-out", "signer.pem"});
  run({"openssl", "pkey", "-in", "signer.key", "-pubout", "-out", "signer.pub"});
}

Bytes Maker::bytes(std::string_view name) const {
  std::ifstream in(file(name), std::ios::binary);
  if (!in) throw std::runtime_error("no file " + file(name));
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string Maker::write(std::string_view name, ByteView bytes) const {
  return folder_.write(name, as_text(bytes));
}

ToolResult Maker::try_run(const std::vector<std::string>& argv) const {
  std::vector<std::string> inside{"env", "-C", folder_.path().string(), "LC_ALL=C",
                                  "TMPDIR=" + folder_.path().string()};
  inside.insert(inside.end(), argv.begin(), argv.end());
  inside[0] = find_tool("env");
  return run_tool(inside);
}

std::string Maker::run(const std::vector<std::string>& argv) const {
  const ToolResult done = try_run(argv);
  if (done.exit_code != 0)
    throw std::runtime_error(
        fmt::format("{} ended with {}: {}", argv.front(), done.exit_code, done.output));
  return done.output;
}

std::string Maker::rootfs() const {
  std::string text(65536, '\0');
  text.replace(0, 28, "root file system of 1.2.0 --");
  for (std::size_t at = 1024; at < 30000; ++at) text[at] = static_cast<char>('A' + at % 61);
  folder_.write("rootfs.img", text);
  return "rootfs.img";
}

Bytes Maker::swu(std::string_view signature) const {
  const std::string payload = rootfs();
  const std::string digest = to_hex(sha256(bytes(payload)));
  folder_.write(
      "sw-description",
      fmt::format("software =\n{{\n  version = \"1.2.0\";\n  description = \"Camera\";\n"
                  "  hardware-compatibility: [ \"1.0\", \"1.2\" ];\n  files: (\n"
                  "    {{ filename = \"{}\"; path = \"{}/installed\"; sha256 = \"{}\"; }}\n"
                  "  );\n}}\n",
                  payload, folder_.path().string(), digest));
  std::string members = "sw-description\n";
  if (signature == "cms")
    run({"openssl", "cms", "-sign", "-in", "sw-description", "-out", "sw-description.sig",
         "-signer", "signer.pem", "-inkey", "signer.key", "-outform", "DER", "-nosmimecap",
         "-binary", "-md", "sha256"});
  if (signature == "rsa")
    run({"openssl", "dgst", "-sha256", "-sign", "signer.key", "-out", "sw-description.sig",
         "sw-description"});
  if (signature != "none") members += "sw-description.sig\n";
  folder_.write("members", members + payload + "\n");
  run({"sh", "-c", "cpio -o -H crc < members > update.swu 2>/dev/null"});
  return bytes("update.swu");
}

Bytes Maker::rauc(std::string_view format) const {
  const std::string payload = rootfs();
  // More than one block of the hash tree's lowest level.
  folder_.write(
      "content/rootfs.img", std::string(as_text(bytes(payload))) + [] {
        std::string noise(900000, '\0');
        unsigned state = 1;
        for (char& c : noise) c = static_cast<char>((state = state * 1103515245U + 12345U) >> 16U);
        return noise;
      }());
  folder_.write("content/manifest.raucm",
                fmt::format("[update]\ncompatible=Camera\nversion=1.2.0\ndescription=Release\n\n"
                            "[bundle]\nformat={}\n\n[image.rootfs]\nfilename=rootfs.img\n",
                            format));
  std::filesystem::remove(file("update.raucb"));
  run({"rauc", "bundle", "--cert=signer.pem", "--key=signer.key", "content", "update.raucb"});
  return bytes("update.raucb");
}

}  // namespace haetae::test
