#include "devices/updater.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <charconv>
#include <fstream>
#include <map>

#include "devices/update_server.hpp"

namespace haetae::devices {
namespace {

constexpr std::size_t kHeader = 256, kSignature = 256, kContent = 32768, kSum = 8;
constexpr const char* kOtherVersion = "9.9.9";
constexpr std::string_view kMagic = "SIMCAM-UPDATE 1\n";

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using File = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sha256_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr);
  std::string out;
  for (unsigned i = 0; i < length; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

/// counter_of() ranks versions: 1.4.2 is 10402.
long counter_of(std::string_view version) {
  long out = 0;
  for (int part = 0; part < 3; ++part) {
    long number = 0;
    const auto [end, code] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    if (code != std::errc()) number = 0;
    out = out * 100 + std::min(number, 99L);
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (!version.empty()) version.remove_prefix(1);
  }
  return out;
}

/// neighbour() is the version one step after or before.
std::string neighbour(const std::string& version, int step) {
  const long counter = counter_of(version) + step * 100;
  return fmt::format("{}.{}.{}", counter / 10000, counter / 100 % 100, counter % 100);
}

std::map<std::string, std::string> fields_of(std::string_view header) {
  std::map<std::string, std::string> out;
  while (!header.empty()) {
    const auto line = header.substr(0, header.find('\n'));
    header.remove_prefix(std::min(line.size() + 1, header.size()));
    if (const auto equals = line.find('='); equals != std::string_view::npos)
      out.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return out;
}

std::string sign(EVP_PKEY* key, const EVP_MD* with, std::string_view text) {
  const Digest digest(EVP_MD_CTX_new());
  std::string out(kSignature, '\0');
  std::size_t length = out.size();
  if (EVP_DigestSignInit(digest.get(), nullptr, with, nullptr, key) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(out.data()), &length, raw(text),
                     text.size()) != 1)
    return {};
  return out;
}

bool verifies(EVP_PKEY* key, const EVP_MD* with, std::string_view text,
              std::string_view signature) {
  const Digest digest(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(digest.get(), nullptr, with, nullptr, key) == 1 &&
         EVP_DigestVerify(digest.get(), raw(signature), signature.size(), raw(text), text.size()) ==
             1;
}

const EVP_MD* digest_of(const Settings& settings) {
  return settings.text("update.digest") == "sha1" ? EVP_sha1() : EVP_sha256();
}

/// well_formed() is whether a signature was made with the key, whatever for: a device that stops
/// there has checked the padding and not the digest.
bool well_formed(EVP_PKEY* key, std::string_view signature) {
  const std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new(key, nullptr));
  unsigned char out[kSignature];
  std::size_t length = sizeof out;
  return EVP_PKEY_verify_recover_init(context.get()) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_verify_recover(context.get(), out, &length, raw(signature), signature.size()) ==
             1;
}

Outcome<Key> maker_key(const std::filesystem::path& keys) {
  const auto path = keys / "update-maker.key";
  if (const File file(BIO_new_file(path.c_str(), "r")); file) {
    Key held(PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr));
    if (held) return held;
    return tl::unexpected(fmt::format("{}: no private key", path.string()));
  }
  Key made(EVP_RSA_gen(2048));
  const File file(BIO_new_file(path.c_str(), "w"));
  const File open(BIO_new_file((keys / "update-maker.pem").c_str(), "w"));
  if (!made || !file || !open ||
      PEM_write_bio_PrivateKey(file.get(), made.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1 ||
      PEM_write_bio_PUBKEY(open.get(), made.get()) != 1)
    return tl::unexpected(fmt::format("{}: cannot be written", path.string()));
  return made;
}

}  // namespace

struct Updater::Keys {
  Key maker;
  std::filesystem::path folder;
};

Updater::Updater(const Personality& personality)
    : personality_(personality),
      settings_(personality.settings),
      version_(personality.maker.firmware) {}
Updater::~Updater() = default;

std::string make_update(const std::string& model, const std::string& version) {
  std::string content = fmt::format("SimCam firmware {}\n", version);
  // The content of a version is always the same.
  std::uint32_t state = static_cast<std::uint32_t>(counter_of(version)) | 1U;
  while (content.size() < kContent) {
    state = state * 1664525U + 1013904223U;
    content += static_cast<char>(state >> 24U);
  }
  std::string header =
      fmt::format("{}model={}\nversion={}\ncounter={}\nlength={}\nsha256={}\n", kMagic, model,
                  version, counter_of(version), content.size(), sha256_hex(content));
  header.resize(kHeader - kSum, '\n');
  return header + sha256_hex(header).substr(0, kSum) + content;
}

Outcome<void> Updater::provide(const std::filesystem::path& keys) {
  if (keys.empty()) return {};
  std::filesystem::create_directories(keys);
  auto key = maker_key(keys);
  if (!key) return tl::unexpected(key.error());
  keys_ = std::make_unique<Keys>(Keys{.maker = std::move(*key), .folder = keys});
  const auto& maker = personality_.maker;
  const std::pair<const char*, std::pair<std::string, std::string>> files[] = {
      {"current", {maker.model, maker.firmware}},
      {"newer", {maker.model, neighbour(maker.firmware, 1)}},
      {"older", {maker.model, neighbour(maker.firmware, -1)}},
      {"other-model", {maker.model + " Pro", neighbour(maker.firmware, 2)}}};
  for (const auto& [name, what] : files) {
    const auto content = make_update(what.first, what.second);
    std::ofstream out(keys / fmt::format("update-{}.bin", name), std::ios::binary);
    out << content << sign(keys_->maker.get(), digest_of(settings_), content);
    if (!out.flush()) return tl::unexpected(fmt::format("{}: cannot be written", keys.string()));
  }
  return make_server_certificate(keys);
}

std::string Updater::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

bool Updater::bricked() const {
  const std::lock_guard lock(mutex_);
  return bricked_;
}

void Updater::reflash() {
  const std::lock_guard lock(mutex_);
  version_ = personality_.maker.firmware;
  bricked_ = false;
}

void Updater::dropped() {
  const auto& kind = settings_.text("update.drop");
  const std::lock_guard lock(mutex_);
  if (kind == "bricks") bricked_ = true;
  if (kind == "half") version_ = "0.0.0";
}

std::string Updater::check_signature(std::string_view file, std::size_t content,
                                     const std::string& how) const {
  const auto signature = file.substr(content);
  if (how == "ignored")
    return signature.empty() || signature.size() == kSignature ? "" : "the file is not whole";
  if (signature.size() != kSignature) return "the signature is missing or has a wrong length";
  EVP_PKEY* key = keys_->maker.get();
  const bool good = how == "padding"
                        ? well_formed(key, signature)
                        : verifies(key, digest_of(settings_), file.substr(0, content), signature);
  return good ? "" : "the signature is wrong";
}

std::string Updater::check(std::string_view file, const std::string& how) const {
  if (!keys_) return "there is no key to check updates with";
  if (settings_.text("update.genuine") == "refused") return "updates are switched off";
  const auto header = file.substr(0, kHeader);
  if (header.size() != kHeader || header.substr(0, kMagic.size()) != kMagic)
    return "this is no update file";
  const bool checks_digest = how != "padding";
  if (checks_digest &&
      sha256_hex(header.substr(0, kHeader - kSum)).substr(0, kSum) != header.substr(kHeader - kSum))
    return "the header is damaged";
  auto fields = fields_of(header);
  std::size_t length = 0;
  const auto& text = fields["length"];
  std::from_chars(text.data(), text.data() + text.size(), length);
  if (length == 0 || length > file.size() || kHeader + length > file.size())
    return "the file is not whole";
  if (checks_digest && sha256_hex(file.substr(kHeader, length)) != fields["sha256"])
    return "the content is damaged";
  if (auto why = check_signature(file, kHeader + length, how); !why.empty()) return why;
  if (settings_.text("update.model") != "any" && fields["model"] != personality_.maker.model)
    return "the file is for another model";
  if (settings_.text("update.older") != "accepted" &&
      counter_of(fields["version"]) < counter_of(version_))
    return "the version is older than the present one";
  return "";
}

std::string Updater::install(std::string_view file) {
  return take(file, settings_.text("update.signature"));
}

std::string Updater::install_from_media(std::string_view file) {
  return take(file, settings_.text("media.signature"));
}

std::string Updater::take(std::string_view file, const std::string& how) {
  const std::lock_guard lock(mutex_);
  if (auto why = check(file, how); !why.empty()) return why;
  version_ = fields_of(file.substr(0, kHeader))["version"];
  if (settings_.text("update.comes-back") == "other-version") version_ = kOtherVersion;
  return "";
}

bool Updater::ask_server(const std::string& own_address) {
  if (!keys_) return false;
  const auto server = update_server_of(settings_.text("update.server"), own_address);
  const bool trusting = settings_.text("update.server-certificate") == "ignored";
  const auto offered = fetch_update(server, keys_->folder, trusting, version(), counter_of);
  return !offered.empty() && install(offered).empty();
}

void Updater::look(const std::string& own_address) {
  if (!keys_) return;
  const auto server = update_server_of(settings_.text("update.server"), own_address);
  const bool trusting = settings_.text("update.server-certificate") == "ignored";
  auto newest = newest_version(server, keys_->folder, trusting);
  const std::scoped_lock lock(mutex_);
  offered_ = std::move(newest);
}

std::string Updater::offered() const {
  const std::scoped_lock lock(mutex_);
  return counter_of(offered_) > counter_of(version_) ? offered_ : "";
}

}  // namespace haetae::devices
