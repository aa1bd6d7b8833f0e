#include <fmt/format.h>

#include <algorithm>

#include "harness/formats/update_bundle.hpp"

// Android's update packages: a zip whose comment ends with CMS over everything before the length
// of the comment, and six bytes: where it begins, counted from the end, 0xffff, length of the
// comment (AOSP, bootable/recovery, install/verifier.cpp).
namespace haetae::formats::update {
namespace {

constexpr std::size_t kFooter = 6, kEndRecord = 22, kDirectoryShown = std::size_t{4} << 20U;

bool is_android(ByteView file) {
  return is_zip(file) && as_text(file.last(std::min(file.size(), kDirectoryShown)))
                                 .find("META-INF/com/android/metadata") != std::string_view::npos;
}

struct Footer {
  std::size_t signature = 0, comment = 0;  ///< both counted from the end of the file
};

std::optional<Footer> footer_of(ByteView file) {
  if (file.size() < kFooter + kEndRecord) return std::nullopt;
  const ByteView last = file.last(kFooter);
  if (last[2] != 0xff || last[3] != 0xff) return std::nullopt;
  const Footer out{static_cast<std::size_t>(last[0] | last[1] << 8U),
                   static_cast<std::size_t>(last[4] | last[5] << 8U)};
  if (out.signature <= kFooter || out.signature > out.comment ||
      out.comment + kEndRecord > file.size())
    return std::nullopt;
  return out;
}

Result<UpdateFile> read_android(ByteView file, const Keys& keys) {
  auto archive = read_zip(file);
  if (!archive) return tl::unexpected(archive.error());
  const Layout layout = lay_out(*archive);
  UpdateFile out;
  out.format = "android-ota";
  region(out, "header", 0, 30);
  if (layout.payload >= 0) {
    const Entry& payload = archive->entries[static_cast<std::size_t>(layout.payload)];
    region(out, "payload", payload.offset, payload.length);
  }
  if (const auto footer = footer_of(file)) {
    const std::size_t start = file.size() - footer->signature, length = footer->signature - kFooter;
    out.signatures = judge_cms(file.subspan(start, length),
                               {file.first(file.size() - footer->comment - 2)}, keys);
    region(out, "signature", start, length);
    for (ImageSignature& one : out.signatures) {
      one.over = "payload";
      one.offset = start;
      one.length = length;
    }
  }
  if (out.signatures.empty()) out.signatures.push_back(no_signature());
  if (layout.manifest < 0) return out;
  const Entry& manifest = archive->entries[static_cast<std::size_t>(layout.manifest)];
  region(out, "manifest", manifest.offset, manifest.length);
  out.version = first_value(as_text(manifest.bytes()), {"post-build", "version"});
  out.model = first_value(as_text(manifest.bytes()), {"pre-device", "device", "product"});
  return out;
}

std::string android_why_not(const UpdateFile& known, std::string_view id) {
  const bool about_signature = id == "flip-signature" || id == "unsigned" || who_of(id).has_value();
  if (about_signature && !is_signed(known)) return "the file has no signature";
  if (id == "wrong-model" && known.model.empty()) return "the metadata name no device";
  if (id == "version-mismatch" && known.version.empty()) return "the metadata name no build";
  return {};
}

void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
}

// The zip ends with the length of its comment, which is 0 until one is put there.
Result<Bytes> attach(Bytes zip, ByteView comment) {
  if (comment.size() > 0xffff)
    return fail(ErrorKind::unsupported, "the signature does not fit into the comment of a zip");
  zip.pop_back();
  zip.pop_back();
  put16(zip, comment.size());
  zip.insert(zip.end(), comment.begin(), comment.end());
  return zip;
}

Result<Bytes> sign_again(const Bytes& zip, const UpdateFile& known, std::string_view id,
                         ByteView old) {
  const ImageSignature* like = first_signature(known);
  if (like == nullptr) return fail(ErrorKind::invalid_input, "the file has no signature");
  const auto signer = make_signer(*like, *who_of(id));
  if (!signer) return tl::unexpected(signer.error());
  const auto cms = sign_cms(*signer, *like, ByteView(zip).first(zip.size() - 2), cms_form(old));
  if (!cms) return cms;
  const std::string_view words("signed by a key of the test\0", 28);
  Bytes comment(words.begin(), words.end());
  comment.insert(comment.end(), cms->begin(), cms->end());
  const std::size_t signature = cms->size() + kFooter, whole = comment.size() + kFooter;
  put16(comment, signature);
  put16(comment, 0xffff);
  put16(comment, whole);
  return attach(zip, comment);
}

Result<Mutation> make_android(ByteView file, const UpdateFile& known, std::string_view id) {
  auto archive = read_zip(file);
  if (!archive) return tl::unexpected(archive.error());
  const auto footer = footer_of(file);
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {}};
  if (id == "flip-signature") {
    if (!footer || footer->signature < kFooter + 8)
      return fail(ErrorKind::invalid_input, "the file has no signature");
    out.bytes.assign(file.begin(), file.end());
    const std::size_t at = file.size() - kFooter - 8;
    out.bytes[at] = static_cast<std::uint8_t>(out.bytes[at] ^ 1U);
    out.what = fmt::format("bit 0 of byte {} (signature) was flipped", at);
    return out;
  }
  Layout layout = lay_out(*archive);
  layout.signatures.clear();
  const bool about_signature = id == "unsigned" || who_of(id).has_value();
  const auto change = change_members(*archive, layout, known, about_signature ? "flip-payload" : id,
                                     marker_for(file, id));
  if (!change) return tl::unexpected(change.error());
  out.what = change->what;
  out.marker = change->marker;
  const ByteView comment = archive->tail;
  archive->tail = {};
  Result<Bytes> bytes = pack_zip(*archive);
  if (who_of(id)) {
    bytes = sign_again(*bytes, known, id, file.last(footer ? footer->signature : 0));
    out.what += id == "expired-certificate"
                    ? "; signed anew with a certificate of ours that ran out in 2021"
                    : "; signed anew with a key of ours";
  } else if (id == "unsigned") {
    out.what += "; the signature in the comment was taken off";
  } else {
    bytes = attach(*bytes, comment);
  }
  if (!bytes) return tl::unexpected(bytes.error());
  out.bytes = std::move(*bytes);
  return out;
}

}  // namespace

Family android_family() {
  return {.is = is_android, .read = read_android, .why_not = android_why_not, .make = make_android};
}

}  // namespace haetae::formats::update
