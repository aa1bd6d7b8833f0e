#include <fmt/format.h>

#include <algorithm>

#include "harness/formats/update_bundle.hpp"

// Mender artifacts, version 3: a tar of version, manifest, manifest.sig, header.tar.gz and
// data/NNNN.tar.gz. The manifest holds SHA-256 of version, header and of each file inside of the
// data, and is what is signed (mender-artifact, Documentation/artifact-format-v3.md).
namespace haetae::formats::update {
namespace {

bool is_mender(ByteView file) {
  if (!is_tar(file) || !as_text(file).starts_with(std::string_view("version\0", 8))) return false;
  const std::string_view first =
      as_text(file.subspan(512, std::min<std::size_t>(256, file.size() - 512)));
  return first.find("\"mender\"") != std::string_view::npos;
}

int find(const Archive& archive, std::string_view start) {
  for (std::size_t at = 0; at < archive.entries.size(); ++at)
    if (archive.entries[at].regular && archive.entries[at].name.starts_with(start))
      return static_cast<int>(at);
  return -1;
}

int largest(const Archive& archive) {
  int best = -1;
  for (std::size_t at = 0; at < archive.entries.size(); ++at) {
    const Entry& entry = archive.entries[at];
    if (entry.regular &&
        (best < 0 ||
         entry.content.size() > archive.entries[static_cast<std::size_t>(best)].content.size()))
      best = static_cast<int>(at);
  }
  return best;
}

struct Parts {
  Archive outer;
  Layout layout;
  int header = -1, data = -1;
};

Result<Parts> take_apart(ByteView file) {
  auto outer = read_tar(file);
  if (!outer) return tl::unexpected(outer.error());
  Parts out{std::move(*outer), {}, -1, -1};
  out.layout = lay_out(out.outer);
  out.header = find(out.outer, "header.tar");
  out.data = find(out.outer, "data/");
  if (out.layout.format != "mender")
    return fail(ErrorKind::protocol, "the Mender artifact lacks its manifest or header");
  return out;
}

ByteView content(const Parts& parts, int member) {
  return member < 0 ? ByteView() : parts.outer.entries[static_cast<std::size_t>(member)].bytes();
}

Result<Archive> inner(const Parts& parts, int member) {
  if (member < 0) return fail(ErrorKind::protocol, "the Mender artifact lacks a part");
  auto out = read_tar(content(parts, member));
  if (!out) return fail("a part of the Mender artifact cannot be opened", out.error());
  return out;
}

bool listed(std::string_view manifest, ByteView bytes) {
  return manifest.find(to_hex(sha256(bytes))) != std::string_view::npos;
}

// Whether what the manifest signs is what stands beside it.
bool digests_fit(const Parts& parts) {
  const std::string_view manifest = as_text(content(parts, parts.layout.manifest));
  if (!listed(manifest, content(parts, parts.header))) return false;
  const auto data = inner(parts, parts.data);
  if (!data) return false;
  return std::all_of(data->entries.begin(), data->entries.end(), [&](const Entry& entry) {
    return !entry.regular || listed(manifest, entry.bytes());
  });
}

Result<UpdateFile> read_mender(ByteView file, const Keys& keys) {
  const auto parts = take_apart(file);
  if (!parts) return tl::unexpected(parts.error());
  UpdateFile out;
  out.format = "mender";
  region(out, "header", 0, 512);
  const auto place = [&](const char* name, int member) {
    if (member < 0) return;
    const Entry& entry = parts->outer.entries[static_cast<std::size_t>(member)];
    region(out, name, entry.offset, entry.length);
  };
  place("manifest", parts->layout.manifest);
  place("payload", parts->data);
  const bool fits = digests_fit(*parts);
  for (const SignatureFile& signature : parts->layout.signatures) {
    place("signature", static_cast<int>(signature.member));
    for (ImageSignature& one : judge_member(parts->outer, signature, parts->layout, keys)) {
      if (!fits) one.verifies = "no";
      out.signatures.push_back(std::move(one));
    }
  }
  if (out.signatures.empty()) out.signatures.push_back(no_signature());
  const auto header = inner(*parts, parts->header);
  const int info = header ? find(*header, "header-info") : -1;
  if (info < 0) return out;
  const std::string_view text = as_text(header->entries[static_cast<std::size_t>(info)].bytes());
  out.version = first_value(text, {"artifact_name"});
  out.model = first_value(text, {"device_type"});
  return out;
}

std::string mender_why_not(const UpdateFile& known, std::string_view id) {
  const ImageSignature* signature = first_signature(known);
  const bool about_signature = id == "flip-signature" || id == "unsigned" || who_of(id).has_value();
  if (about_signature && signature == nullptr) return "the file has no signature";
  if (id == "expired-certificate" || id == "unknown-certificate")
    return "the signature carries no certificate";
  if (id == "wrong-model" && known.model.empty()) return "the header names no device type";
  if (id == "version-mismatch" && known.version.empty()) return "the header names no artifact name";
  return {};
}

// header-info stands in a tar in the artifact.
Result<void> change_header(Parts& parts, bool (*change)(std::string&)) {
  auto header = inner(parts, parts.header);
  if (!header) return tl::unexpected(header.error());
  const int info = find(*header, "header-info");
  if (info < 0) return fail(ErrorKind::unsupported, "the header holds no header-info");
  Entry& entry = header->entries[static_cast<std::size_t>(info)];
  std::string text(as_text(entry.bytes()));
  if (!change(text)) return fail(ErrorKind::unsupported, "header-info does not name it");
  entry.replaced = Bytes(text.begin(), text.end());
  replace(parts.outer, static_cast<std::size_t>(parts.header), pack_tar(*header));
  return {};
}

Result<Change> change_payload(Parts& parts, std::string_view marker) {
  auto data = inner(parts, parts.data);
  if (!data) return tl::unexpected(data.error());
  const int member = largest(*data);
  if (member < 0) return fail(ErrorKind::unsupported, "the artifact holds no payload");
  Entry& entry = data->entries[static_cast<std::size_t>(member)];
  Altered altered = alter_payload(entry.bytes(), marker, Size::free);
  const auto manifest = static_cast<std::size_t>(parts.layout.manifest);
  std::string text(as_text(parts.outer.entries[manifest].bytes()));
  (void)replace_digests(text, entry.bytes(), altered.bytes);
  entry.replaced = std::move(altered.bytes);
  replace(parts.outer, static_cast<std::size_t>(parts.data), pack_tar(*data));
  parts.outer.entries[manifest].replaced = Bytes(text.begin(), text.end());
  return Change{fmt::format("{} {}; its digest in the manifest was put right",
                            printable(entry.name), altered.what),
                altered.marker, true};
}

Result<Change> change_mender(Parts& parts, const UpdateFile& known, std::string_view id,
                             std::string_view marker) {
  if (id == "version-mismatch") {
    const auto good = change_header(parts, other_version);
    if (!good) return tl::unexpected(good.error());
    return Change{
        "the header tells another artifact name than the payload, which is the genuine one",
        {},
        true};
  }
  const bool with_payload =
      id == "flip-payload" || id == "wrong-model" || id == "unsigned" || who_of(id);
  if (!with_payload) return change_members(parts.outer, parts.layout, known, id, marker);
  auto out = change_payload(parts, marker);
  if (!out) return out;
  if (id == "wrong-model") {
    const auto good = change_header(parts, other_model);
    if (!good) return tl::unexpected(good.error());
    out->what += "; the device type was replaced by haetae-other-model";
  } else if (id == "unsigned") {
    remove_signatures(parts.outer, parts.layout);
    out->what += "; the signature was taken out";
  } else if (who_of(id)) {
    const auto good = sign_members(parts.outer, parts.layout, known, *who_of(id));
    if (!good) return tl::unexpected(good.error());
    out->what += "; signed anew with a key of ours";
  }
  return out;
}

Result<Mutation> make_mender(ByteView file, const UpdateFile& known, std::string_view id) {
  auto parts = take_apart(file);
  if (!parts) return tl::unexpected(parts.error());
  const auto change = change_mender(*parts, known, id, marker_for(file, id));
  if (!change) return tl::unexpected(change.error());
  return Mutation{.id = std::string(id),
                  .format = known.format,
                  .what = change->what,
                  .marker = change->marker,
                  .covered = change->covered,
                  .bytes = pack_tar(parts->outer)};
}

}  // namespace

Family mender_family() {
  return {.is = is_mender, .read = read_mender, .why_not = mender_why_not, .make = make_mender};
}

}  // namespace haetae::formats::update
