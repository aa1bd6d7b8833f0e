#include "harness/formats/update_bundle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace haetae::formats::update {
namespace {

bool is_bundle(ByteView file) {
  return is_cpio(file) || is_zip(file) || is_tar(file) || is_gzip(file);
}

std::string manifest_text(const Archive& archive, const Layout& layout) {
  return layout.manifest < 0
             ? std::string()
             : std::string(
                   as_text(archive.entries[static_cast<std::size_t>(layout.manifest)].bytes()));
}

Result<UpdateFile> read_bundle(ByteView file, const Keys& keys) {
  auto archive = read_any(file);
  if (!archive) return tl::unexpected(archive.error());
  const Layout layout = lay_out(*archive);
  if (layout.format == "swu" && layout.manifest < 0)
    return fail(ErrorKind::unsupported, "a cpio archive without sw-description is no update");
  UpdateFile out;
  out.format = layout.format;
  const auto place = [&](const char* name, int member) {
    if (member < 0) return;
    const Entry& entry = archive->entries[static_cast<std::size_t>(member)];
    region(out, name, entry.offset, entry.length);
  };
  if (!archive->entries.empty() && archive->kind != "tar-gzip")
    region(out, "header", 0, archive->entries.front().head.size());
  place("manifest", layout.manifest);
  place("payload", layout.payload);
  for (const SignatureFile& signature : layout.signatures) {
    place("signature", static_cast<int>(signature.member));
    for (ImageSignature& one : judge_member(*archive, signature, layout, keys))
      out.signatures.push_back(std::move(one));
  }
  if (out.signatures.empty()) out.signatures.push_back(no_signature());
  const std::string manifest = manifest_text(*archive, layout);
  out.version = first_value(manifest, version_names());
  out.model = first_value(manifest, model_names());
  return out;
}

Result<Change> change_manifest(Archive& archive, const Layout& layout, std::string_view id) {
  if (layout.manifest < 0) return fail(ErrorKind::unsupported, "the file has no manifest");
  std::string text = manifest_text(archive, layout);
  Change out;
  if (id == "flip-manifest") {
    out.what = harmless_change(text);
    if (out.what.empty()) return fail(ErrorKind::unsupported, "the manifest is empty");
  } else if (id == "wrong-model") {
    if (!other_model(text))
      return fail(ErrorKind::unsupported, "the manifest names no model or hardware");
    out.what = "the model in the manifest was replaced by haetae-other-model";
  } else {
    if (!other_version(text)) return fail(ErrorKind::unsupported, "the manifest names no version");
    out.what = "the manifest tells another version than the payload, which is the genuine one";
  }
  replace(archive, static_cast<std::size_t>(layout.manifest), Bytes(text.begin(), text.end()));
  return out;
}

Result<Change> change_payload(Archive& archive, const Layout& layout, std::string_view marker) {
  if (layout.payload < 0) return fail(ErrorKind::unsupported, "the file has no payload");
  Entry& entry = archive.entries[static_cast<std::size_t>(layout.payload)];
  Altered altered = alter_payload(entry.bytes(), marker, Size::free);
  Change out{
      fmt::format("{} {}; digests of it were put right", printable(entry.name), altered.what),
      altered.marker, true};
  replace(archive, static_cast<std::size_t>(layout.payload), std::move(altered.bytes));
  return out;
}

Result<Change> change_signature(Archive& archive, const Layout& layout) {
  if (layout.signatures.empty()) return fail(ErrorKind::unsupported, "the file has no signature");
  const SignatureFile& place = layout.signatures.front();
  Entry& entry = archive.entries[place.member];
  Bytes binary = signature_bytes(entry.bytes(), place.form);
  if (binary.empty()) return fail(ErrorKind::unsupported, "the signature is empty");
  const std::size_t at = binary.size() - std::min<std::size_t>(binary.size(), 8);
  binary[at] = static_cast<std::uint8_t>(binary[at] ^ 1U);
  entry.replaced = signature_member(binary, place.form);
  return Change{
      fmt::format("bit 0 of byte {} of {} was flipped", at, printable(entry.name)), {}, true};
}

Result<Change> change_signer(Archive& archive, const Layout& layout, const UpdateFile& known,
                             std::string_view id, std::string_view marker) {
  auto out = change_payload(archive, layout, marker);
  if (!out) return out;
  if (id == "unsigned") {
    remove_signatures(archive, layout);
    out->what += "; the signature was taken out";
    return out;
  }
  const auto good = sign_members(archive, layout, known, *who_of(id));
  if (!good) return tl::unexpected(good.error());
  out->what += id == "foreign-key" ? "; signed anew with a key of ours"
               : id == "expired-certificate"
                   ? "; signed anew with a certificate of ours that ran out in 2021"
                   : "; signed anew with a certificate of an unknown name";
  return out;
}

std::string bundle_why_not(const UpdateFile& known, std::string_view id) {
  const ImageSignature* signature = first_signature(known);
  if (id == "flip-header" && known.format == "tar" && find_region(known, "header") == nullptr)
    return "";
  const bool about_signature = id == "flip-signature" || id == "unsigned" || who_of(id).has_value();
  if (about_signature && signature == nullptr) return "the file has no signature";
  if ((id == "expired-certificate" || id == "unknown-certificate") && signature->scheme != "cms")
    return "the signature carries no certificate";
  if (id == "wrong-model" && known.model.empty()) return "the manifest names no model or hardware";
  if (id == "version-mismatch" && known.version.empty()) return "the manifest names no version";
  const bool manifest = known.format == "swu" || find_region(known, "manifest") != nullptr ||
                        !known.version.empty() || !known.model.empty();
  if (id == "flip-manifest" && !manifest) return "the file has no manifest";
  return {};
}

Result<Mutation> make_bundle(ByteView file, const UpdateFile& known, std::string_view id) {
  auto archive = read_any(file);
  if (!archive) return tl::unexpected(archive.error());
  const Layout layout = lay_out(*archive);
  const auto change = change_members(*archive, layout, known, id, marker_for(file, id));
  if (!change) return tl::unexpected(change.error());
  return Mutation{.id = std::string(id),
                  .format = known.format,
                  .what = change->what,
                  .marker = change->marker,
                  .covered = change->covered,
                  .bytes = pack_any(*archive)};
}

}  // namespace

Result<Change> change_members(Archive& archive, const Layout& layout, const UpdateFile& known,
                              std::string_view id, std::string_view marker) {
  // Members beside a signed one are not covered; a tar or zip signed as a whole is not an archive
  // with a signature file.
  if (id == "flip-header") {
    if (archive.entries.empty()) return fail(ErrorKind::unsupported, "the archive is empty");
    archive.entries.front().touched = true;
    return Change{fmt::format("the time of the first member, {}, was changed in its header",
                              printable(archive.entries.front().name)),
                  {},
                  false};
  }
  if (id == "path-traversal") {
    const std::string text(marker);
    const std::string name = "../../../../../../tmp/" + text;
    add(archive, name, Bytes(text.begin(), text.end()));
    return Change{"the member " + name + " was added", text, false};
  }
  if (id == "flip-manifest" || id == "version-mismatch")
    return change_manifest(archive, layout, id);
  if (id == "flip-payload") return change_payload(archive, layout, marker);
  if (id == "flip-signature") return change_signature(archive, layout);
  if (id == "wrong-model") {
    auto out = change_payload(archive, layout, marker);
    if (!out) return out;
    const auto model = change_manifest(archive, layout, id);
    if (!model) return model;
    out->what += "; " + model->what;
    return out;
  }
  return change_signer(archive, layout, known, id, marker);
}

Family bundle_family() {
  return {.is = is_bundle, .read = read_bundle, .why_not = bundle_why_not, .make = make_bundle};
}

}  // namespace haetae::formats::update
