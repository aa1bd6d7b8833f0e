#include "devices/firmware.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <stdexcept>

#include "devices/tree_blob.hpp"

namespace haetae::devices {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Memory = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Archive = std::unique_ptr<archive, Deleter<archive_write_free>>;
using ArchiveEntry = std::unique_ptr<archive_entry, Deleter<archive_entry_free>>;

[[noreturn]] void broken(std::string_view what) {
  throw std::runtime_error(fmt::format("the firmware image cannot be made: {}", what));
}

Key make_key(const std::string& kind) {
  Key key(kind == "p-256"      ? EVP_EC_gen("P-256")
          : kind == "rsa-1024" ? EVP_RSA_gen(1024)
                               : EVP_RSA_gen(2048));
  if (!key) broken("no key");
  return key;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const auto length = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string private_key_text(const std::string& kind) {
  const Key key = make_key(kind);
  const Memory memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(memory.get());
}

std::string certificate_text(const FirmwareEntry& entry) {
  const Key key = make_key(entry.key);
  const Certificate certificate(X509_new());
  X509* x = certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  constexpr long kDay = 24 * 60 * 60;
  X509_gmtime_adj(X509_getm_notBefore(x), entry.days < 0 ? (entry.days - 365L) * kDay : -kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), entry.days * kDay);
  X509_NAME* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(entry.name.data()),
                             static_cast<int>(entry.name.size()), -1, 0);
  X509_set_issuer_name(x, name);
  X509_set_pubkey(x, key.get());
  if (X509_sign(x, key.get(), EVP_sha256()) == 0) broken("no certificate");
  const Memory memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), x);
  return text_of(memory.get());
}

/// environment() is a block as U-Boot keeps it: CRC-32, then settings ended by zero bytes.
std::string environment(std::string text) {
  constexpr std::size_t kBlock = 4096;
  std::replace(text.begin(), text.end(), '\n', '\0');
  text.resize(kBlock - 4, '\0');
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  crc = ~crc;
  std::string out;
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(crc >> shift));
  return out + text;
}

std::string content_of(const FirmwareEntry& entry) {
  if (entry.kind == "environment") return environment(entry.text);
  if (entry.kind == "program") return make_elf(entry.program);
  if (entry.kind == "certificate") return certificate_text(entry);
  if (entry.kind == "private-key") return private_key_text(entry.key);
  return entry.text;
}

void write_entry(archive* out, const FirmwareEntry& entry) {
  const std::string content = content_of(entry);
  const ArchiveEntry head(archive_entry_new());
  archive_entry_set_pathname(head.get(), entry.path.c_str() + 1);
  archive_entry_set_perm(head.get(), static_cast<__LA_MODE_T>(entry.mode));
  archive_entry_set_uid(head.get(), entry.uid);
  archive_entry_set_gid(head.get(), entry.gid);
  archive_entry_set_size(head.get(), 0);
  archive_entry_set_mtime(head.get(), 1'750'000'000, 0);
  if (entry.kind == "folder") {
    archive_entry_set_filetype(head.get(), AE_IFDIR);
  } else if (entry.kind == "link") {
    archive_entry_set_filetype(head.get(), AE_IFLNK);
    archive_entry_set_symlink(head.get(), entry.to.c_str());
  } else {
    archive_entry_set_filetype(head.get(), AE_IFREG);
    archive_entry_set_size(head.get(), static_cast<la_int64_t>(content.size()));
  }
  if (archive_write_header(out, head.get()) != ARCHIVE_OK) broken(archive_error_string(out));
  if (entry.kind == "folder" || entry.kind == "link") return;
  if (archive_write_data(out, content.data(), content.size()) !=
      static_cast<la_ssize_t>(content.size()))
    broken(entry.path);
}

la_ssize_t keep(archive*, void* to, const void* bytes, std::size_t count) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

/// packed_root() is the root file system as the kernel takes it: cpio in gzip.
std::string packed_root(std::vector<FirmwareEntry> entries, const std::string& in) {
  std::erase_if(entries, [&](const auto& entry) { return entry.in != in; });
  std::set<std::string> folders;
  for (const auto& entry : entries) {
    for (auto at = entry.path.find('/', 1); at != std::string::npos;
         at = entry.path.find('/', at + 1))
      folders.insert(entry.path.substr(0, at));
  }
  for (const auto& entry : entries) folders.erase(entry.path);
  for (const auto& path : folders)
    entries.push_back({.kind = "folder",
                       .path = path,
                       .mode = 0755,
                       .text = {},
                       .to = {},
                       .program = {},
                       .name = {}});
  std::sort(entries.begin(), entries.end(),
            [](const auto& left, const auto& right) { return left.path < right.path; });
  std::string out;
  const Archive writer(archive_write_new());
  archive_write_set_format_cpio_newc(writer.get());
  archive_write_add_filter_gzip(writer.get());
  archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr);
  archive_write_set_bytes_in_last_block(writer.get(), 1);
  if (archive_write_open(writer.get(), &out, nullptr, keep, nullptr) != ARCHIVE_OK)
    broken(archive_error_string(writer.get()));
  for (const auto& entry : entries) write_entry(writer.get(), entry);
  if (archive_write_close(writer.get()) != ARCHIVE_OK) broken(archive_error_string(writer.get()));
  return out;
}

/// kernel() begins as an ARM 64 bit kernel does, and says which it is.
std::string kernel(const Settings& settings) {
  std::string out(64, '\0');
  out.replace(0, 4, "\x4d\x5a\x00\x91", 4);
  out.replace(56, 4, "ARM\x64");
  out += fmt::format("Linux version {} (build@simcam) (gcc 12.2.0) #1 SMP PREEMPT",
                     settings.text("firmware.kernel"));
  out.resize(4096, '\0');
  return out;
}

std::string digest(std::string_view bytes) {
  unsigned char out[32];
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out, &length, EVP_sha256(), nullptr) != 1)
    broken("no digest");
  return {reinterpret_cast<const char*>(out), length};
}

std::string signature(std::string_view bytes, EVP_PKEY* key) {
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  std::size_t length = 0;
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, from, bytes.size()) != 1)
    broken("no signature");
  std::string out(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, from,
                     bytes.size()) != 1)
    broken("no signature");
  out.resize(length);
  return out;
}

std::string modulus(EVP_PKEY* key) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, "n", &number) != 1) broken("no modulus");
  std::string out(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(out.data()));
  BN_free(number);
  return out;
}

/// board() is the device tree: what the hardware is, how the kernel is started, and the key that
/// the boot loader checks images with.
std::string board(const Settings& settings, const std::string& model, EVP_PKEY* key) {
  TreeBlob tree;
  tree.begin("");
  tree.text("model", model);
  tree.text("compatible", "haetae,simcam-200");
  tree.begin("chosen");
  tree.text("bootargs", settings.text("firmware.bootargs"));
  tree.end();
  if (settings.yes("firmware.tpm")) {
    tree.begin("tpm@0");
    tree.text("compatible", "infineon,slb9670");
    tree.end();
  }
  if (key != nullptr) {
    tree.begin("signature");
    tree.begin("key-boot");
    tree.text("required", "image");
    tree.text("algo", "sha256,rsa2048");
    tree.text("key-name-hint", "boot");
    tree.number("rsa,num-bits", 2048);
    tree.bytes("rsa,modulus", modulus(key));
    tree.bytes("rsa,exponent", std::string("\0\0\0\0\0\1\0\1", 8));
    tree.end();
    tree.end();
  }
  tree.end();
  return tree.finish();
}

struct Piece {
  std::string name, type, compression, bytes;
};

void write_piece(TreeBlob& tree, const Piece& piece, EVP_PKEY* key) {
  tree.begin(piece.name);
  tree.text("description", piece.type);
  tree.bytes("data", piece.bytes);
  tree.text("type", piece.type);
  tree.text("arch", "arm64");
  tree.text("os", "linux");
  tree.text("compression", piece.compression);
  if (piece.type == "kernel") {
    tree.number("load", 0x40080000);
    tree.number("entry", 0x40080000);
  }
  tree.begin("hash-1");
  tree.text("algo", "sha256");
  tree.bytes("value", digest(piece.bytes));
  tree.end();
  if (key != nullptr) {
    tree.begin("signature-1");
    tree.text("algo", "sha256,rsa2048");
    tree.text("key-name-hint", "boot");
    tree.bytes("value", signature(piece.bytes, key));
    tree.end();
  }
  tree.end();
}

}  // namespace

std::string make_dump(const Firmware& firmware, const std::string& in) {
  return packed_root(firmware.entries, in);
}

std::string make_firmware(const Firmware& firmware, const Settings& settings,
                          const std::string& model, const std::string& version) {
  const Key key = settings.text("firmware.signed") == "yes" ? make_key("rsa-2048") : Key();
  const std::vector<Piece> pieces = {
      {"kernel-1", "kernel", "none", kernel(settings)},
      {"fdt-1", "flat_dt", "none", board(settings, model, key.get())},
      {"ramdisk-1", "ramdisk", "gzip", packed_root(firmware.entries, "image")},
  };
  TreeBlob tree;
  tree.begin("");
  tree.number("timestamp", 1'750'000'000);
  tree.text("description", fmt::format("{} {}", model, version));
  tree.number("#address-cells", 1);
  if (const int counter = settings.number("firmware.counter"); counter != 0)
    tree.number("rollback-index", static_cast<std::uint32_t>(counter));
  tree.begin("images");
  for (const auto& piece : pieces) write_piece(tree, piece, key.get());
  tree.end();
  tree.begin("configurations");
  tree.text("default", "conf-1");
  tree.begin("conf-1");
  tree.text("description", version);
  tree.text("kernel", "kernel-1");
  tree.text("fdt", "fdt-1");
  tree.text("ramdisk", "ramdisk-1");
  tree.end();
  tree.end();
  tree.end();
  return tree.finish();
}

}  // namespace haetae::devices
