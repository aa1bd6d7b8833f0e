#include <fmt/format.h>

#include <fstream>
#include <map>

#include "harness/formats/update_image.hpp"
#include "harness/protocols/x509.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"

/// Takes the declared update files apart: which format, what is signed how, by which key. Nothing
/// is sent to the device.
namespace haetae::testcases {
namespace {

constexpr std::uintmax_t kLargestFile = std::uintmax_t{2} << 30U, kLargestKey = 1U << 20U;
constexpr std::size_t kShown = 1U << 20U;

Result<Bytes> read_whole(const std::filesystem::path& file, std::uintmax_t limit) {
  std::error_code code;
  const std::uintmax_t size = std::filesystem::file_size(file, code);
  if (code)
    return fail(ErrorKind::not_found,
                fmt::format("{} cannot be read: {}", file.string(), code.message()));
  if (size > limit)
    return fail(ErrorKind::unsupported,
                fmt::format("{} is larger than {} MiB", file.string(), limit >> 20U));
  Bytes bytes(static_cast<std::size_t>(size));
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in || in.gcount() != static_cast<std::streamsize>(bytes.size()))
    return fail(ErrorKind::storage, fmt::format("{} cannot be read", file.string()));
  return bytes;
}

std::string described(const formats::UpdateFile& file, const std::string& sha256,
                      std::size_t size) {
  std::string out =
      fmt::format("format {}\nsha256 {}\nbytes {}\nversion {}\nmodel {}\n", file.format, sha256,
                  size, printable(file.version), printable(file.model));
  for (const formats::Region& one : file.regions)
    out += fmt::format("region {} at {} of {} bytes\n", one.name, one.offset, one.length);
  for (const formats::ImageSignature& one : file.signatures)
    out += fmt::format("signature {} {} {} {} bits over {}, verifies: {}\n", one.scheme, one.digest,
                       one.key_algorithm, one.key_bits, one.over, one.verifies);
  return out;
}

class Images {
 public:
  explicit Images(runner::Context& context) : context_(context) {}

  void look() {
    const auto& update = context_.device().update;
    if (update.images.empty()) {
      context_.cover(
          gap("update-images", "lan", Cause::declaration, "no update file was handed over"));
      return;
    }
    read_keys();
    for (std::size_t at = 0; at < update.images.size(); ++at) {
      context_.progress(at, update.images.size(), update.images[at].file.filename().string());
      if (context_.stop().stop_requested()) {
        lost("the run was asked to stop", Cause::lab);
        break;
      }
      look_at(update.images[at]);
    }
    const std::string tried = fmt::format("{} declared update files", update.images.size());
    context_.cover(why_.empty() ? whole("update-images", "lan", tried)
                                : gap("update-images", "lan", cause_, why_, tried));
  }

 private:
  void lost(const std::string& why, Cause cause) {
    if (!why_.empty()) return;
    why_ = why;
    cause_ = cause;
  }

  void read_keys() {
    for (const auto& file : context_.device().update.keys) {
      auto bytes = read_whole(file, kLargestKey);
      if (bytes)
        keys_.push_back(std::move(*bytes));
      else
        lost(bytes.error().message(), Cause::declaration);
    }
  }

  std::string subject_of(const std::string& role) {
    const int number = ++roles_[role];
    return number == 1 ? "update:" + role : fmt::format("update:{}-{}", role, number);
  }

  void look_at(const declaration::UpdateImage& image) {
    facts::UpdateFile fact;
    fact.subject = subject_of(image.role);
    fact.role = image.role;
    fact.file = printable(image.file.filename().string());
    fact.declared_version = image.version;
    const auto bytes = read_whole(image.file, kLargestFile);
    if (!bytes) return unread(fact, bytes.error().message(), Cause::declaration);
    fact.sha256 = to_hex(sha256(*bytes));
    fact.size = static_cast<std::int64_t>(bytes->size());
    std::optional<formats::DeclaredSignature> declared;
    if (const auto& place = context_.device().update.signature)
      declared = {place->offset, place->length};
    const auto file = formats::read_update_file(*bytes, declared, keys_);
    if (!file)
      return unread(fact, printable(file.error().message()),
                    file.error().kind == ErrorKind::unsupported ? Cause::tool : Cause::declaration);
    fact.format = file->format;
    fact.version = printable(file->version);
    fact.model = printable(file->model);
    const std::string text = described(*file, fact.sha256, bytes->size());
    fact.evidence = context_.recorder().attach(fact.subject, "update file " + fact.file,
                                               "text/plain", as_bytes(text));
    runner::record(context_, fact);
    for (std::size_t at = 0; at < file->signatures.size(); ++at)
      note(fact, file->signatures[at], static_cast<std::int64_t>(at), *bytes);
    context_.cover(whole("update-images", fact.subject, fact.format));
  }

  void unread(facts::UpdateFile& fact, const std::string& why, Cause cause) {
    fact.evidence = context_.recorder().attach(fact.subject, "update file " + fact.file,
                                               "text/plain", as_bytes(why));
    runner::record(context_, fact);
    context_.cover(gap("update-images", fact.subject, cause, why));
  }

  void note(const facts::UpdateFile& file, const formats::ImageSignature& signature,
            std::int64_t position, const Bytes& bytes) {
    facts::UpdateSignature fact;
    fact.evidence = file.evidence;
    const bool stands = signature.length > 0 && signature.offset <= bytes.size() &&
                        signature.length <= bytes.size() - signature.offset;
    if (stands)
      fact.evidence = context_.recorder().attach(
          file.subject, fmt::format("signature at byte {}", signature.offset),
          "application/octet-stream",
          ByteView(bytes).subspan(
              static_cast<std::size_t>(signature.offset),
              std::min<std::size_t>(static_cast<std::size_t>(signature.length), kShown)));
    fact.subject = file.subject;
    fact.position = position;
    fact.scheme = signature.scheme;
    fact.digest = signature.digest;
    fact.key_algorithm = signature.key_algorithm;
    fact.key_curve = signature.key_curve;
    fact.key_bits = signature.key_bits;
    if (!signature.over.empty()) fact.covers = signature.over;
    fact.verifies = signature.verifies;
    fact.certificates = static_cast<std::int64_t>(signature.certificates.size());
    fact.place = static_cast<std::int64_t>(signature.offset);
    fact.length = static_cast<std::int64_t>(signature.length);
    runner::record(context_, fact);
    note_certificates(fact, signature);
  }

  void note_certificates(const facts::UpdateSignature& of,
                         const formats::ImageSignature& signature) {
    const auto chain = protocols::read_chain(signature.certificates, {}, {});
    for (std::size_t at = 0; at < chain.size(); ++at) {
      const protocols::CertificateValues& values = chain[at];
      facts::UpdateCertificate fact;
      fact.evidence =
          context_.recorder().attach(of.subject, "certificate of the signer",
                                     "application/pkix-cert", signature.certificates[at]);
      fact.subject = of.subject;
      fact.signature = of.position;
      fact.position = static_cast<std::int64_t>(at);
      fact.sha256 = values.sha256;
      fact.subject_name = values.subject_name;
      fact.issuer_name = values.issuer_name;
      fact.key_algorithm = values.key_algorithm;
      fact.key_curve = values.key_curve;
      fact.key_bits = values.key_bits;
      fact.signature_algorithm = values.signature_algorithm;
      fact.not_before = values.not_before;
      fact.not_after = values.not_after;
      fact.self_signed = values.self_signed;
      fact.ca = values.ca;
      fact.chain = values.chain;
      runner::record(context_, fact);
    }
  }

  runner::Context& context_;
  std::vector<Bytes> keys_;
  std::map<std::string, int> roles_;
  std::string why_;
  Cause cause_ = Cause::none;
};

Result<void> look_at_images(runner::Context& context) {
  Images(context).look();
  return {};
}

}  // namespace

runner::Procedure update_images_procedure() {
  runner::Info info;
  info.id = "update-images";
  info.title = {"업데이트 파일의 서명", "signatures of the update files"};
  info.hazard = Hazard::passive;
  info.provides_facts = {"update_file", "update_signature", "update_certificate"};
  info.topics = {"update-images"};
  info.expected = std::chrono::seconds(1);
  info.deadline = std::chrono::seconds(300);
  return {.info = std::move(info), .run = look_at_images, .recover = {}};
}

}  // namespace haetae::testcases
