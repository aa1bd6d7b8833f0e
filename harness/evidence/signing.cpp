#include "harness/evidence/signing.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/evidence/key_kind.hpp"

namespace haetae::evidence {

namespace {

constexpr std::size_t kLargestFile = 256 * 1024;
constexpr std::size_t kLongestPassphrase = 1024;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

/// read_text() reads a small file whole.
Result<std::string> read_text(const std::filesystem::path& file, std::string_view what) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) {
    return fail(ErrorKind::not_found, fmt::format("the {} {} does not exist", what, file.string()));
  }
  std::ifstream in(file, std::ios::binary);
  std::string text(kLargestFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (!in.is_open() || in.bad() || std::filesystem::is_directory(file, failed)) {
    return fail(ErrorKind::storage,
                fmt::format("cannot read the {} {}; check that it is a file and "
                            "that you may read it",
                            what, file.string()));
  }
  if (text.size() > kLargestFile) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is larger than a {} can be", file.string(), what));
  }
  return text;
}

/// Secret is a passphrase that is wiped when it is no longer needed.
struct Secret {
  std::string text;
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
};

/// give() answers OpenSSL's question for a passphrase; without one it must not go on.
int give(char* to, int size, int, void* secret) {
  const auto* const known = static_cast<const Secret*>(secret);
  if (known == nullptr || known->text.size() > static_cast<std::size_t>(size)) return -1;
  std::copy(known->text.begin(), known->text.end(), to);
  return static_cast<int>(known->text.size());
}

Result<void> write_new_key(const std::filesystem::path& file) {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (!key) return fail(ErrorKind::internal, "OpenSSL could not make an Ed25519 key");
  std::error_code ignored;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(ErrorKind::storage,
                fmt::format("cannot write the signing key {}; check the folder", file.string()));
  }
  const Bio bio(BIO_new_fd(descriptor, BIO_CLOSE));
  const bool written = PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                                     nullptr, nullptr) == 1;
  if (!written || ::fsync(descriptor) != 0) {
    ::unlink(file.c_str());
    return fail(ErrorKind::storage,
                fmt::format("cannot write the signing key {}; is the disk full?", file.string()));
  }
  return {};
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// why_no_private_key() says what a text holds instead, and what to do about it.
std::string why_no_private_key(std::string_view text) {
  if (has(text, "-----BEGIN OPENSSH PRIVATE KEY")) {
    return "holds a key in OpenSSH's own format; convert a copy of it with ssh-keygen -p -m PKCS8 "
           "-f FILE";
  }
  if (has(text, "PUBLIC KEY-----")) {
    return "holds a public key; sealing needs the private one (-----BEGIN PRIVATE KEY-----)";
  }
  if (has(text, "-----BEGIN CERTIFICATE-----")) {
    return "holds a certificate; sealing needs the private key that belongs to it (PEM)";
  }
  return "holds no private key in PEM; openssl pkey -in KEY -inform DER -out KEY.pem converts a "
         "binary one";
}

Result<Key> parse_private(const std::string& file, std::string& text, const AskPassphrase& ask) {
  if (!has(text, "PRIVATE KEY-----") || has(text, "-----BEGIN OPENSSH PRIVATE KEY")) {
    return fail(ErrorKind::invalid_input, file + " " + why_no_private_key(text));
  }
  const bool locked = has(text, "-----BEGIN ENCRYPTED PRIVATE KEY") || has(text, ",ENCRYPTED");
  Secret secret;
  if (locked) {
    auto passphrase = passphrase_for(file, ask);
    if (!passphrase) return tl::unexpected(passphrase.error());
    secret.text = std::move(*passphrase);
  }
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  ERR_clear_error();
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &give, locked ? &secret : nullptr));
  ERR_clear_error();
  OPENSSL_cleanse(text.data(), text.size());
  if (key) return key;
  return fail(ErrorKind::invalid_input,
              locked ? fmt::format("{} does not open with this passphrase: check it, and the file "
                                   "that HAETAE_KEY_PASSPHRASE_FILE names",
                                   file)
                     : fmt::format("{} cannot be read as a private key: the file is damaged, or of "
                                   "a kind that OpenSSL does not know",
                                   file));
}

Result<Key> from_file(const std::filesystem::path& file, bool create, const AskPassphrase& ask) {
  std::error_code ignored;
  if (create && !std::filesystem::exists(file, ignored)) {
    if (auto made = write_new_key(file); !made) return tl::unexpected(made.error());
  }
  auto text = read_text(file, "signing key");
  if (!text) return tl::unexpected(text.error());
  return parse_private(file.string(), *text, ask);
}

}  // namespace

Result<std::string> first_line_of(const std::filesystem::path& file, std::string_view what) {
  auto text = read_text(file, what);
  if (!text) return text;
  const std::size_t end = std::min(text->find_first_of("\r\n"), text->size());
  if (end == 0 || end > kLongestPassphrase) {
    return fail(ErrorKind::invalid_input,
                fmt::format("the {} {} must hold the passphrase or PIN in its first line, 1 to {} "
                            "bytes",
                            what, file.string(), kLongestPassphrase));
  }
  return text->substr(0, end);
}

Result<std::string> passphrase_for(const std::string& what, const AskPassphrase& ask) {
  if (const char* const named = std::getenv("HAETAE_KEY_PASSPHRASE_FILE");
      named != nullptr && *named != '\0') {
    return first_line_of(named, "passphrase file");
  }
  if (ask) return ask(what);
  return fail(ErrorKind::invalid_input,
              fmt::format("{} asks for a passphrase or PIN: put it into a file that only you may "
                          "read and name that file in HAETAE_KEY_PASSPHRASE_FILE, or work on a "
                          "terminal",
                          what));
}

bool is_token(const std::filesystem::path& source) {
  return source.string().starts_with("pkcs11:");
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& source, bool create,
                                    const AskPassphrase& ask) {
  auto key = is_token(source) ? from_token(source.string(), ask) : from_file(source, create, ask);
  if (!key) return tl::unexpected(key.error());
  const auto algorithm = algorithm_of(key->get());
  if (!algorithm) {
    return fail(algorithm.error().kind,
                fmt::format("{} {}", source.string(), algorithm.error().text));
  }
  if (public_der(key->get()).empty()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} does not give its public half", source.string()));
  }
  return SigningKey(
      std::shared_ptr<void>(key->release(),
                            [](void* raw) { EVP_PKEY_free(static_cast<EVP_PKEY*>(raw)); }),
      *algorithm);
}

Bytes SigningKey::public_key() const { return public_der(static_cast<EVP_PKEY*>(key_.get())); }

std::string SigningKey::public_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), static_cast<EVP_PKEY*>(key_.get())) != 1) {
    throw std::runtime_error("OpenSSL could not write a public key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<Bytes> public_key_from_pem(const std::filesystem::path& file) {
  const auto text = read_text(file, "public key");
  if (!text) return tl::unexpected(text.error());
  if (has(*text, "PRIVATE KEY-----")) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} holds a private key; give the public one, as haetae run writes it "
                            "beside the key, or as openssl pkey -in KEY -pubout gives it",
                            file.string()));
  }
  const Bio bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  Key key;
  if (has(*text, "-----BEGIN CERTIFICATE-----")) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, &give, nullptr), &X509_free);
    if (certificate) key.reset(X509_get_pubkey(certificate.get()));
  } else {
    key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, &give, nullptr));
  }
  ERR_clear_error();
  if (!key) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{} holds no public key in PEM (-----BEGIN PUBLIC KEY-----)", file.string()));
  }
  if (const auto algorithm = algorithm_of(key.get()); !algorithm) {
    return fail(algorithm.error().kind,
                fmt::format("{} {}", file.string(), algorithm.error().text));
  }
  return public_der(key.get());
}

}  // namespace haetae::evidence
