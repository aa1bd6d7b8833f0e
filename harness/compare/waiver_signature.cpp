#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <memory>

#include "harness/compare/waivers.hpp"
#include "harness/model/bytes.hpp"
#include "harness/xml/xml.hpp"

namespace haetae::compare {
namespace {

constexpr std::string_view kFirst = "haetae waivers signature 1\n";

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

/// No passphrase is ever asked for: a prompt would hang a build server.
int no_passphrase(char*, int, int, void*) { return -1; }

Bio open_bio(const std::filesystem::path& file) {
  return {BIO_new_file(file.c_str(), "r"), &BIO_free_all};
}

/// algorithm_of() is the name of a key's signatures; empty if they are not for waivers.
std::string algorithm_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519: return "ed25519";
    case EVP_PKEY_EC: return "ecdsa-sha256";
    case EVP_PKEY_RSA: return "rsa-pss-sha256";
    default: return {};
  }
}

const EVP_MD* digest_of(const std::string& algorithm) {
  return algorithm == "ed25519" ? nullptr : EVP_sha256();
}

bool set_padding(EVP_PKEY_CTX* context, const std::string& algorithm) {
  if (algorithm != "rsa-pss-sha256") return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Bytes public_der(const EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int length = i2d_PUBKEY(key, &bytes);
  if (length < 0) return {};
  Bytes out(bytes, bytes + length);
  OPENSSL_free(bytes);
  return out;
}

Bytes sign(EVP_PKEY* key, const std::string& algorithm, ByteView message) {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_PKEY_CTX* details = nullptr;
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), &details, digest_of(algorithm), nullptr, key) != 1 ||
      !set_padding(details, algorithm) ||
      EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) != 1) {
    return {};
  }
  Bytes out(size);
  if (EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1)
    return {};
  out.resize(size);
  return out;
}

bool verify(EVP_PKEY* key, const std::string& algorithm, ByteView message, ByteView signature) {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_PKEY_CTX* details = nullptr;
  return EVP_DigestVerifyInit(context.get(), &details, digest_of(algorithm), nullptr, key) == 1 &&
         set_padding(details, algorithm) &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string short_hash(std::string_view line) {
  return to_hex(sha256(as_bytes(line))).substr(0, 16);
}

/// statement() is what is signed: the digest of the file, and of each line to name a change.
std::string statement(std::string_view text, const std::string& algorithm, ByteView public_key) {
  std::string out(kFirst);
  out += fmt::format("algorithm {}\npublic-key {}\nsha256 {}\n", algorithm, to_hex(public_key),
                     to_hex(sha256(as_bytes(text))));
  for (const std::string_view line : lines_of(text)) out += "line " + short_hash(line) + "\n";
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  const auto nibble = [](char letter) -> int {
    if (letter >= '0' && letter <= '9') return letter - '0';
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  };
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const int high = nibble(text[at]), low = nibble(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

/// Parts of a signature file; a file of another form gives nothing.
struct Parts {
  std::string statement, algorithm, sha256;
  std::vector<std::string> lines;
  Bytes public_key, signature;
};

std::optional<Parts> parse(std::string_view text) {
  if (!text.starts_with(kFirst)) return std::nullopt;
  const std::size_t end = text.rfind("signature ");
  if (end == std::string_view::npos || end == 0 || text[end - 1] != '\n') return std::nullopt;
  Parts out;
  out.statement = text.substr(0, end);
  std::string_view last = text.substr(end + 10);
  if (!last.ends_with('\n')) return std::nullopt;
  last.remove_suffix(1);
  auto signature = from_hex(last);
  if (!signature) return std::nullopt;
  out.signature = std::move(*signature);
  const std::string_view body = text.substr(kFirst.size(), end - kFirst.size());
  for (const std::string_view line : lines_of(body)) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, blank);
    const std::string value(line.substr(std::min(blank + 1, line.size())));
    if (name == "algorithm") out.algorithm = value;
    if (name == "sha256") out.sha256 = value;
    if (name == "line") out.lines.push_back(value);
    if (name == "public-key") out.public_key = from_hex(value).value_or(Bytes{});
  }
  return out;
}

/// changed_line() is the first line that is not what was signed, counted from 1.
std::size_t changed_line(const Parts& parts, std::string_view text) {
  const auto lines = lines_of(text);
  for (std::size_t index = 0; index < lines.size() && index < parts.lines.size(); ++index) {
    if (short_hash(lines[index]) != parts.lines[index]) return index + 1;
  }
  return std::min(lines.size(), parts.lines.size()) + 1;
}

Result<Bytes> trusted_key(const std::filesystem::path& file) {
  const Bio bio = open_bio(file);
  const Key key(bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr) : nullptr);
  if (!key) {
    return fail(
        ErrorKind::invalid_input,
        fmt::format("{} is no public key; give one in PEM (BEGIN PUBLIC KEY)", file.string()));
  }
  return public_der(key.get());
}

}  // namespace

Result<std::filesystem::path> sign_waivers(const std::filesystem::path& file,
                                           const std::filesystem::path& key_file) {
  const auto text = xml::read_file(file);
  if (!text) return tl::unexpected(text.error());
  if (auto sound = load_waivers_text(*text, file.string()); !sound) {
    return tl::unexpected(sound.error());
  }
  const Bio bio = open_bio(key_file);
  const Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)
                    : nullptr);
  const std::string algorithm = key ? algorithm_of(key.get()) : std::string();
  if (algorithm.empty()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is no private key that can sign; give Ed25519, ECDSA or RSA in PEM "
                            "without a passphrase",
                            key_file.string()));
  }
  const std::string signed_text = statement(*text, algorithm, public_der(key.get()));
  const Bytes signature = sign(key.get(), algorithm, as_bytes(signed_text));
  if (signature.empty()) return fail(ErrorKind::internal, "OpenSSL could not sign the waivers");
  const std::filesystem::path output = file.string() + ".sig";
  std::ofstream out(output, std::ios::binary);
  out << signed_text << "signature " << to_hex(signature) << "\n";
  out.close();
  if (!out) return fail(ErrorKind::storage, fmt::format("{} cannot be written", output.string()));
  return output;
}

Result<std::string> check_signature(const std::filesystem::path& file, std::string_view text,
                                    const std::optional<std::filesystem::path>& key_file) {
  const std::string path = file.string() + ".sig";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is not signed: there is no {}; sign it with haetae waivers sign",
                            file.string(), path));
  }
  const auto stored = xml::read_file(path);
  if (!stored) return tl::unexpected(stored.error());
  const auto parts = parse(*stored);
  const auto wrong = [](std::string what) {
    return fail(ErrorKind::invalid_input, std::move(what));
  };
  if (!parts) return wrong(fmt::format("{} is no signature of waivers", path));
  const unsigned char* bytes = parts->public_key.data();
  const Key key(d2i_PUBKEY(nullptr, &bytes, static_cast<long>(parts->public_key.size())));
  if (!key || algorithm_of(key.get()) != parts->algorithm ||
      !verify(key.get(), parts->algorithm, as_bytes(parts->statement), parts->signature)) {
    return wrong(fmt::format("{} was changed after it was signed", path));
  }
  if (to_hex(sha256(as_bytes(text))) != parts->sha256) {
    return wrong(
        fmt::format("{}:{}: this line is not what was signed; sign the file again if the "
                    "change is wanted",
                    file.string(), changed_line(*parts, text)));
  }
  if (key_file) {
    const auto trusted = trusted_key(*key_file);
    if (!trusted) return tl::unexpected(trusted.error());
    if (*trusted != parts->public_key) {
      return wrong(
          fmt::format("{} was signed with another key than {}", file.string(), key_file->string()));
    }
  }
  return to_hex(sha256(parts->public_key));
}

}  // namespace haetae::compare
