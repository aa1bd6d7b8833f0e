#include "harness/formats/update_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/formats/update_parts.hpp"

namespace haetae::formats {
namespace {

using namespace update;

constexpr std::array<std::string_view, 14> kIds{"flip-header",
                                                "flip-manifest",
                                                "flip-payload",
                                                "flip-signature",
                                                "truncated",
                                                "trailing-data",
                                                "empty",
                                                "wrong-model",
                                                "unsigned",
                                                "foreign-key",
                                                "expired-certificate",
                                                "unknown-certificate",
                                                "version-mismatch",
                                                "path-traversal"};

std::vector<Family> families() {
  return {boot_family(),   fit_family(),     mcuboot_family(), rauc_family(),
          mender_family(), android_family(), bundle_family()};
}

std::optional<Family> family_of(std::string_view format) {
  if (format == "swu" || format == "tar" || format == "zip") return bundle_family();
  if (format == "rauc") return rauc_family();
  if (format == "uimage" || format == "trx") return boot_family();
  if (format == "fit") return fit_family();
  if (format == "mender") return mender_family();
  if (format == "android-ota") return android_family();
  if (format == "mcuboot") return mcuboot_family();
  return std::nullopt;
}

// What a bare signature covers: everything but itself, as it stands.
Pieces around(ByteView file, const Region& signature) {
  Pieces out{file.first(static_cast<std::size_t>(signature.offset)),
             file.subspan(static_cast<std::size_t>(signature.offset + signature.length))};
  std::erase_if(out, [](ByteView piece) { return piece.empty(); });
  return out;
}

Result<UpdateFile> read_declared(ByteView file, const DeclaredSignature& declared,
                                 const Keys& keys) {
  const auto size = static_cast<std::int64_t>(file.size());
  const std::int64_t start = declared.offset < 0 ? size + declared.offset : declared.offset;
  if (start < 0 || start > size || declared.length == 0 ||
      declared.length > static_cast<std::uint64_t>(size - start))
    return fail(ErrorKind::invalid_input,
                fmt::format("the declared signature (offset {}, length {}) does not lie inside of "
                            "the file of {} bytes; correct <update><signature>",
                            declared.offset, declared.length, file.size()));
  UpdateFile out;
  out.format = "raw";
  const Region place{"signature", static_cast<std::uint64_t>(start), declared.length};
  region(out, "payload", 0, place.offset);
  if (place.offset == 0) region(out, "payload", place.length, file.size() - place.length);
  out.regions.push_back(place);
  const ByteView bytes =
      file.subspan(static_cast<std::size_t>(place.offset), static_cast<std::size_t>(place.length));
  const Pieces covered = around(file, place);
  const std::size_t whole = der_length(bytes);
  if (is_cms(bytes) && whole > 0) {
    out.signatures = judge_cms(bytes.first(whole), covered, keys);
  } else {
    ImageSignature hint;
    hint.scheme = hint.digest = "unknown";
    out.signatures = {judge_raw(bytes, covered, keys, hint)};
    // An ECDSA signature may stand in a field that is longer than it.
    if (whole > 0 && whole < bytes.size() && out.signatures[0].scheme == "unknown")
      out.signatures = {judge_raw(bytes.first(whole), covered, keys, hint)};
  }
  for (ImageSignature& one : out.signatures) {
    one.over = "payload";
    one.offset = place.offset;
    one.length = place.length;
  }
  return out;
}

void flip(Bytes& bytes, std::uint64_t at) {
  std::uint8_t& byte = bytes[static_cast<std::size_t>(at)];
  byte = static_cast<std::uint8_t>(byte ^ 1U);
}

Mutation flipped(ByteView file, const UpdateFile& known, std::string_view id, const Region& where) {
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {file.begin(), file.end()}};
  const std::uint64_t at = where.offset + where.length / 2;
  flip(out.bytes, at);
  out.what = fmt::format("bit 0 of byte {} ({}) was flipped", at, where.name);
  return out;
}

// What every format allows, and what a format that nobody knows allows.
Result<Mutation> make_generic(ByteView file, const UpdateFile& known, std::string_view id) {
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {}};
  if (id == "empty") {
    out.what = "the file is empty";
    return out;
  }
  if (file.empty()) return fail(ErrorKind::invalid_input, "the update file is empty");
  out.bytes.assign(file.begin(), file.end());
  if (id == "truncated") {
    out.bytes.resize(file.size() - std::max<std::size_t>(1, file.size() / 4));
    out.what = fmt::format("only the first {} of {} bytes", out.bytes.size(), file.size());
  } else if (id == "trailing-data") {
    const std::string text = marker_for(file, id);
    out.bytes.insert(out.bytes.end(), text.begin(), text.end());
    out.bytes.resize(file.size() + 512, 0);
    out.what = fmt::format("512 bytes were added behind the end, at byte {}", file.size());
    // A signature counted from the end covers what stands there.
    const Region* signature = find_region(known, "signature");
    const bool at_end =
        known.format == "raw" || known.format == "rauc" || known.format == "android-ota";
    out.covered =
        at_end && signature != nullptr && signature->offset + signature->length + 8 >= file.size();
  } else if (id == "flip-header") {
    return flipped(file, known, id, {"header", 0, std::min<std::uint64_t>(file.size(), 64)});
  } else if (id == "flip-payload") {
    const Region* payload = find_region(known, "payload");
    const Region where = payload != nullptr ? *payload : Region{"payload", 0, file.size()};
    const ByteView old = file.subspan(static_cast<std::size_t>(where.offset),
                                      static_cast<std::size_t>(where.length));
    const Altered altered = alter_payload(old, marker_for(file, id), Size::kept);
    std::copy(altered.bytes.begin(), altered.bytes.end(),
              out.bytes.begin() + static_cast<std::ptrdiff_t>(where.offset));
    out.what = altered.what;
    out.marker = altered.marker;
  } else {
    return fail(ErrorKind::unsupported, "nothing is known of the format that would allow it");
  }
  return out;
}

// Where the format is unknown the content stays as it is in what is not signed or signed by
// somebody else: it may hold a checksum that nobody told of, and a refusal for that says nothing of
// the signature.
Mutation same_content(ByteView file, const UpdateFile& known, std::string_view id) {
  return {.id = std::string(id),
          .format = known.format,
          .what = {},
          .marker = {},
          .covered = true,
          .bytes = {file.begin(), file.end()}};
}

Result<Mutation> sign_declared(ByteView file, const UpdateFile& known, std::string_view id,
                               const Region& place) {
  const ImageSignature* like = first_signature(known);
  if (like == nullptr) return fail(ErrorKind::unsupported, "nothing is known of the signature");
  ImageSignature shape = *like;
  // What tells nothing of itself is taken for RSA where its length is that of a usual key.
  const bool guessed = shape.scheme == "unknown";
  if (guessed && (place.length == 64)) shape.scheme = "ed25519";
  if (guessed && place.length >= 128 && place.length <= 512)
    shape.key_bits = static_cast<int>(place.length * 8);
  const auto signer = make_signer(shape, *who_of(id));
  if (!signer) return tl::unexpected(signer.error());
  const Pieces covered = around(file, place);
  const auto sign = [&] {
    return shape.scheme == "cms" ? sign_cms(*signer, shape, join(covered), {})
                                 : sign_raw(*signer, shape, covered);
  };
  auto fresh = sign();
  // ECDSA signatures differ in length by a byte or two from one try to the next.
  for (int tries = 0; fresh && shape.scheme == "ecdsa" && tries < 200; ++tries) {
    if (fresh->size() == place.length) break;
    fresh = sign();
  }
  if (!fresh) return tl::unexpected(fresh.error());
  if (fresh->size() > place.length)
    return fail(ErrorKind::unsupported, "a signature of ours does not fit into the declared place");
  fresh->resize(static_cast<std::size_t>(place.length));
  Mutation out = same_content(file, known, id);
  std::copy(fresh->begin(), fresh->end(),
            out.bytes.begin() + static_cast<std::ptrdiff_t>(place.offset));
  out.what = guessed ? "the signature was replaced by one of ours of the same length"
                     : "the same content, signed anew with a key of ours";
  return out;
}

Result<Mutation> make_declared(ByteView file, const UpdateFile& known, std::string_view id) {
  const Region* place = find_region(known, "signature");
  if (place == nullptr || place->offset + place->length > file.size())
    return fail(ErrorKind::invalid_input, "the declared signature does not lie inside of the file");
  if (id == "flip-signature") return flipped(file, known, id, *place);
  if (who_of(id)) return sign_declared(file, known, id, *place);
  if (id != "unsigned") return make_generic(file, known, id);
  Mutation out = same_content(file, known, id);
  const auto start = out.bytes.begin() + static_cast<std::ptrdiff_t>(place->offset);
  if (place->offset + place->length == file.size()) {
    out.bytes.erase(start, out.bytes.end());
    out.what = "the same content; the signature at the end was cut off";
  } else {
    std::fill_n(start, place->length, std::uint8_t{0});
    out.what = "the same content; the signature was overwritten with zeros";
  }
  return out;
}

std::string raw_why_not(const UpdateFile& known, std::string_view id) {
  const bool raw = known.format == "raw";
  const ImageSignature* signature = first_signature(known);
  const bool generic = id == "flip-header" || id == "flip-payload";
  if (generic) return {};
  const bool about_signature = id == "flip-signature" || id == "unsigned" || who_of(id).has_value();
  if (!about_signature) return "a file without a known format has no such part";
  if (!raw) return "it is not declared where the signature stands";
  const bool certificate = id == "expired-certificate" || id == "unknown-certificate";
  if (certificate && (signature == nullptr || signature->scheme != "cms"))
    return "the signature carries no certificate";
  return {};
}

bool for_every_format(std::string_view id) {
  return id == "truncated" || id == "trailing-data" || id == "empty";
}

std::string why_not(const UpdateFile& known, std::string_view id) {
  if (for_every_format(id)) return {};
  const auto family = family_of(known.format);
  return family ? family->why_not(known, id) : raw_why_not(known, id);
}

}  // namespace

Result<UpdateFile> read_update_file(ByteView file, const std::optional<DeclaredSignature>& declared,
                                    const std::vector<Bytes>& keys) {
  const Keys trusted = read_keys(keys);
  if (file.empty()) return fail(ErrorKind::invalid_input, "the update file is empty");
  for (const Family& family : families()) {
    if (!family.is(file)) continue;
    auto out = family.read(file, trusted);
    // Where the format itself has no signature, the declared one counts.
    if (out && declared && !is_signed(*out)) break;
    if (out) return out;
    // A magic alone makes no format: the file may hold another one that the maker declares.
    if (out.error().kind != ErrorKind::unsupported && !declared) return out;
  }
  if (declared) return read_declared(file, *declared, trusted);
  UpdateFile out;
  out.format = "unknown";
  region(out, "payload", 0, file.size());
  ImageSignature unknown;
  unknown.scheme = unknown.digest = "unknown";
  out.signatures = {unknown};
  return out;
}

std::vector<std::string> mutation_ids(const UpdateFile& known) {
  std::vector<std::string> out;
  for (const std::string_view id : kIds)
    if (why_not(known, id).empty()) out.emplace_back(id);
  return out;
}

Result<Mutation> mutate_one(ByteView file, const UpdateFile& known, std::string_view id) {
  if (id == "genuine")
    return Mutation{.id = "genuine",
                    .format = known.format,
                    .what = "the file as it was handed over",
                    .marker = {},
                    .covered = false,
                    .bytes = {file.begin(), file.end()}};
  if (std::find(kIds.begin(), kIds.end(), id) == kIds.end())
    return fail(ErrorKind::invalid_input, fmt::format("{} is no alteration that is known", id));
  const std::string why = why_not(known, id);
  if (!why.empty()) return fail(ErrorKind::unsupported, why);
  if (for_every_format(id)) return make_generic(file, known, id);
  const auto family = family_of(known.format);
  if (family) return family->make(file, known, id);
  return known.format == "raw" ? make_declared(file, known, id) : make_generic(file, known, id);
}

std::vector<Mutation> mutate(ByteView file, const UpdateFile& known) {
  std::vector<Mutation> out;
  for (const std::string& id : mutation_ids(known)) {
    auto one = mutate_one(file, known, id);
    if (one) out.push_back(std::move(*one));
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> not_made(const UpdateFile& known) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string_view id : kIds) {
    std::string why = why_not(known, id);
    if (!why.empty()) out.emplace_back(std::string(id), std::move(why));
  }
  return out;
}

}  // namespace haetae::formats
