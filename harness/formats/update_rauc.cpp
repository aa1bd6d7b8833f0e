#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/formats/update_parts.hpp"
#include "harness/formats/update_squashfs.hpp"

// RAUC bundles: squashfs, in the verity format a dm-verity tree behind it, then CMS and its length
// in eight bytes, big-endian. Plain: the CMS is detached over the squashfs. Verity: it holds the
// manifest, and that the root of the tree (RAUC documentation, Reference, "Bundle Formats").
namespace haetae::formats::update {
namespace {

constexpr std::size_t kLargestSignature = std::size_t{1} << 20U, kSizeField = 8;

struct Bundle {
  ByteView squashfs, tree, cms;
  std::string manifest;
  bool verity = false;
};

std::optional<std::size_t> cms_size(ByteView file) {
  if (file.size() < kSizeField + 100) return std::nullopt;
  std::uint64_t size = 0;
  for (const std::uint8_t byte : file.last(kSizeField)) size = size << 8U | byte;
  if (size == 0 || size > kLargestSignature || size > file.size() - kSizeField - 96)
    return std::nullopt;
  return static_cast<std::size_t>(size);
}

std::uint64_t number(const std::string& text) {
  std::uint64_t out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || out > (1ULL << 50U)) return 0;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

Bytes unhex(std::string_view text) {
  Bytes out;
  for (std::size_t at = 0; at + 1 < text.size() + 1 && at + 2 <= text.size(); at += 2) {
    int value = 0;
    for (const char c : text.substr(at, 2)) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return {};
      value = value * 16 + digit;
    }
    out.push_back(static_cast<std::uint8_t>(value));
  }
  return out;
}

bool is_rauc(ByteView file) {
  return as_text(file.first(std::min<std::size_t>(4, file.size()))) == "hsqs" &&
         cms_size(file).has_value() &&
         is_cms(file.subspan(file.size() - kSizeField - *cms_size(file)));
}

Bundle split(ByteView file) {
  Bundle out;
  const std::size_t size = *cms_size(file), end = file.size() - kSizeField - size;
  out.cms = file.subspan(end, size);
  out.squashfs = file.first(end);
  const Bytes inner = cms_content(out.cms);
  if (inner.empty()) return out;
  out.verity = true;
  out.manifest = as_text(inner);
  const std::uint64_t tree = number(first_value(out.manifest, {"verity-size"}));
  if (tree <= end) {
    out.tree = file.subspan(end - static_cast<std::size_t>(tree), static_cast<std::size_t>(tree));
    out.squashfs = file.first(end - static_cast<std::size_t>(tree));
  }
  return out;
}

// Whether the data are those whose root the signed manifest names.
bool root_fits(const Bundle& bundle) {
  const Bytes salt = unhex(first_value(bundle.manifest, {"verity-salt"}));
  const Bytes root = unhex(first_value(bundle.manifest, {"verity-hash"}));
  const Verity made = verity_tree(bundle.squashfs, salt);
  return root == made.root &&
         std::equal(made.tree.begin(), made.tree.end(), bundle.tree.begin(), bundle.tree.end());
}

SquashFile* find(SquashFolder& folder, std::string_view name) {
  for (SquashFile& file : folder.files)
    if (file.name == name) return &file;
  return nullptr;
}

Result<UpdateFile> read_rauc(ByteView file, const Keys& keys) {
  Bundle bundle = split(file);
  UpdateFile out;
  out.format = "rauc";
  region(out, "header", 0, 96);
  region(out, "payload", 0, bundle.squashfs.size());
  const auto start = static_cast<std::uint64_t>(bundle.cms.data() - file.data());
  out.signatures = judge_cms(bundle.cms, {bundle.squashfs}, keys);
  const bool fits = !bundle.verity || root_fits(bundle);
  if (bundle.verity) {
    region(out, "manifest", start, bundle.cms.size());
  } else {
    auto folder = read_squashfs(bundle.squashfs, kMostExpanded);
    const SquashFile* manifest = folder ? find(*folder, "manifest.raucm") : nullptr;
    if (manifest != nullptr) bundle.manifest = as_text(manifest->content);
  }
  region(out, "signature", start, bundle.cms.size());
  for (ImageSignature& one : out.signatures) {
    one.over = bundle.verity ? "manifest" : "payload";
    one.offset = start;
    one.length = bundle.cms.size();
    if (!fits) one.verifies = "no";
  }
  out.version = first_value(bundle.manifest, {"version"});
  out.model = first_value(bundle.manifest, {"compatible"});
  return out;
}

// A setting of the manifest gets a new value, or a line of its own in [bundle].
void set(std::string& manifest, std::string_view name, const std::string& value) {
  const auto found = values_of(manifest, name);
  if (!found.empty()) {
    manifest.replace(found[0].at, found[0].length, value);
    return;
  }
  const std::size_t section = manifest.find("[bundle]\n");
  if (section != std::string::npos)
    manifest.insert(section + 9, fmt::format("{}={}\n", name, value));
}

struct Opened {
  Bundle bundle;
  SquashFolder folder;
  std::uint32_t time = 0;
};

Result<Opened> open(ByteView file) {
  Opened out;
  out.bundle = split(file);
  auto folder = read_squashfs(out.bundle.squashfs, kMostExpanded);
  if (!folder) return fail("the bundle cannot be put together again", folder.error());
  out.folder = std::move(*folder);
  if (!out.folder.whole)
    return fail(ErrorKind::unsupported, "a bundle with folders in it is not put together again");
  for (unsigned at = 0; at < 4; ++at)
    out.time |= static_cast<std::uint32_t>(out.bundle.squashfs[8 + at]) << (8 * at);
  const SquashFile* manifest = find(out.folder, "manifest.raucm");
  if (out.bundle.manifest.empty() && manifest != nullptr)
    out.bundle.manifest = as_text(manifest->content);
  return out;
}

Result<Altered> change_image(Opened& opened, std::string_view marker) {
  SquashFile* payload = nullptr;
  for (SquashFile& file : opened.folder.files)
    if (file.name != "manifest.raucm" &&
        (payload == nullptr || file.content.size() > payload->content.size()))
      payload = &file;
  if (payload == nullptr) return fail(ErrorKind::unsupported, "the bundle holds no image");
  Altered altered = alter_payload(payload->content, marker, Size::kept);
  altered.what = fmt::format("{} in the bundle: {}; its digest in the manifest was put right",
                             printable(payload->name), altered.what);
  std::string& manifest = opened.bundle.manifest;
  (void)replace_digests(manifest, payload->content, altered.bytes);
  payload->content = altered.bytes;
  return altered;
}

// Manifest and file system into one file again; `sign` gives the CMS for what it covers.
template <class Sign>
Result<Bytes> assemble(Opened& opened, Sign&& sign) {
  if (SquashFile* inside = find(opened.folder, "manifest.raucm"))
    inside->content.assign(opened.bundle.manifest.begin(), opened.bundle.manifest.end());
  Bytes out = write_squashfs(opened.folder.files, opened.time);
  std::string& manifest = opened.bundle.manifest;
  Result<Bytes> cms = Bytes();
  if (opened.bundle.verity) {
    const Bytes salt = unhex(first_value(manifest, {"verity-salt"}));
    const Verity verity = verity_tree(out, salt);
    set(manifest, "verity-hash", to_hex(verity.root));
    set(manifest, "verity-size", std::to_string(verity.tree.size()));
    out.insert(out.end(), verity.tree.begin(), verity.tree.end());
    cms = sign(as_bytes(manifest));
  } else {
    cms = sign(ByteView(out));
  }
  if (!cms) return cms;
  if (cms->empty()) return out;
  const std::uint64_t size = cms->size();
  out.insert(out.end(), cms->begin(), cms->end());
  for (unsigned at = 8; at-- > 0;) out.push_back(static_cast<std::uint8_t>(size >> (8 * at)));
  return out;
}

Result<Bytes> sign_for(const Opened& opened, const UpdateFile& known, std::string_view id,
                       ByteView content) {
  const ImageSignature* like = first_signature(known);
  if (id == "unsigned" || like == nullptr) return Bytes();
  if (!who_of(id))
    return opened.bundle.verity ? with_content(opened.bundle.cms, content)
                                : Bytes(opened.bundle.cms.begin(), opened.bundle.cms.end());
  const auto signer = make_signer(*like, *who_of(id));
  if (!signer) return tl::unexpected(signer.error());
  return sign_cms(*signer, *like, content, cms_form(opened.bundle.cms));
}

std::string signer_words(std::string_view id) {
  if (id == "unsigned") return "; the signature was taken off";
  if (id == "expired-certificate")
    return "; signed anew with a certificate of ours that ran out in 2021";
  if (id == "unknown-certificate") return "; signed anew with a certificate of an unknown name";
  if (id == "foreign-key") return "; signed anew with a key of ours";
  return {};
}

Result<Mutation> flipped(ByteView file, const UpdateFile& known, std::string_view id) {
  const Bundle bundle = split(file);
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {file.begin(), file.end()}};
  const auto cms = static_cast<std::size_t>(bundle.cms.data() - file.data());
  const bool header = id == "flip-header";
  const std::size_t at = header ? 8 : cms + bundle.cms.size() - 8;
  out.bytes[at] = static_cast<std::uint8_t>(out.bytes[at] ^ 1U);
  out.what = fmt::format("bit 0 of byte {} ({}) was flipped", at,
                         header ? "time in the superblock of the squashfs" : "signature");
  return out;
}

Result<Mutation> make_rauc(ByteView file, const UpdateFile& known, std::string_view id) {
  if (!is_rauc(file)) return fail(ErrorKind::invalid_input, "the file is no RAUC bundle");
  if (id == "flip-header" || id == "flip-signature") return flipped(file, known, id);
  auto opened = open(file);
  if (!opened) return tl::unexpected(opened.error());
  std::string& manifest = opened->bundle.manifest;
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {}};
  if (id == "flip-manifest") {
    out.what = harmless_change(manifest);
  } else if (id == "version-mismatch") {
    if (!other_version(manifest))
      return fail(ErrorKind::unsupported, "the manifest names no version");
    out.what = "the manifest tells another version than the image, which is the genuine one";
  } else {
    const auto altered = change_image(*opened, marker_for(file, id));
    if (!altered) return tl::unexpected(altered.error());
    out.what = altered->what + signer_words(id);
    out.marker = altered->marker;
    if (id == "wrong-model") {
      if (!other_model(manifest))
        return fail(ErrorKind::unsupported, "the manifest names no model");
      out.what += "; compatible was replaced by haetae-other-model";
    }
  }
  if (!who_of(id) && id != "unsigned")
    out.what += opened->bundle.verity ? "; the hash tree was made anew, the signature kept"
                                      : "; the signature was kept";
  auto bytes =
      assemble(*opened, [&](ByteView content) { return sign_for(*opened, known, id, content); });
  if (!bytes) return tl::unexpected(bytes.error());
  out.bytes = std::move(*bytes);
  return out;
}

std::string rauc_why_not(const UpdateFile& known, std::string_view id) {
  if (id == "path-traversal") return "names in a squashfs hold no path";
  if (id == "wrong-model" && known.model.empty()) return "the manifest names no compatible";
  if (id == "version-mismatch" && known.version.empty()) return "the manifest names no version";
  return {};
}

}  // namespace

Family rauc_family() {
  return {.is = is_rauc, .read = read_rauc, .why_not = rauc_why_not, .make = make_rauc};
}

}  // namespace haetae::formats::update
