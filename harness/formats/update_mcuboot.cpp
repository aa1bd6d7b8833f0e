#include <fmt/format.h>

#include <algorithm>

#include "harness/formats/update_parts.hpp"

// MCUboot images: header, image, protected and unprotected lists of TLVs, all little-endian
// (MCUboot documentation, design.md, "Image format"; boot/bootutil/include/bootutil/image.h).
namespace haetae::formats::update {
namespace {

constexpr std::size_t kHeader = 32, kInfo = 4;
constexpr std::uint32_t kMagic = 0x96f3b83dU;
constexpr std::uint16_t kPlainInfo = 0x6907, kProtectedInfo = 0x6908;
enum Type : std::uint16_t {
  kSha256 = 0x10,
  kSha384 = 0x11,
  kSha512 = 0x12,
  kRsa2048 = 0x20,
  kEcdsa224 = 0x21,
  kEcdsa = 0x22,
  kRsa3072 = 0x23,
  kEd25519 = 0x24,
  kPure = 0x25,
  kCounter = 0x50
};

struct Tlv {
  std::uint16_t type = 0;
  std::size_t at = 0, length = 0;  ///< of the value
};

struct Parts {
  std::size_t header = 0, image = 0, covered = 0, end = 0;  ///< covered: header, image, protected
  std::vector<Tlv> guarded, plain;
};

std::uint32_t number(ByteView at, std::size_t offset, std::size_t bytes) {
  std::uint32_t out = 0;
  for (std::size_t i = bytes; i-- > 0;) out = out << 8U | at[offset + i];
  return out;
}

void put(Bytes& out, std::uint32_t value, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; ++at)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
}

tl::unexpected<Error> broken(std::size_t at, const char* why) {
  return fail(ErrorKind::protocol, fmt::format("the MCUboot image breaks at byte {}: {}", at, why));
}

bool is_mcuboot(ByteView file) {
  return file.size() >= kHeader + kInfo && number(file, 0, 4) == kMagic;
}

Result<std::size_t> read_list(ByteView file, std::size_t at, std::uint16_t magic,
                              std::vector<Tlv>& out) {
  if (at > file.size() || file.size() - at < kInfo || number(file, at, 2) != magic)
    return broken(at, "the list of TLVs is missing");
  const std::size_t total = number(file, at + 2, 2), end = at + total;
  if (total < kInfo || end > file.size()) return broken(at, "the list of TLVs is cut off");
  for (at += kInfo; at < end;) {
    if (end - at < kInfo) return broken(at, "a TLV is cut off");
    const Tlv one{static_cast<std::uint16_t>(number(file, at, 2)), at + kInfo,
                  number(file, at + 2, 2)};
    if (one.length > end - one.at) return broken(at, "a TLV is cut off");
    out.push_back(one);
    at = one.at + one.length;
  }
  return end;
}

Result<Parts> take_apart(ByteView file) {
  Parts out;
  out.header = number(file, 8, 2);
  out.image = number(file, 12, 4);
  const std::size_t guarded = number(file, 10, 2);
  if (out.header < kHeader || out.header > file.size() || out.image > file.size() - out.header)
    return broken(8, "the image is cut off");
  out.covered = out.header + out.image;
  if (guarded > 0) {
    const auto end = read_list(file, out.covered, kProtectedInfo, out.guarded);
    if (!end) return tl::unexpected(end.error());
    if (*end - out.covered != guarded)
      return broken(10, "the length of the protected TLVs is wrong");
    out.covered = *end;
  }
  const auto end = read_list(file, out.covered, kPlainInfo, out.plain);
  if (!end) return tl::unexpected(end.error());
  out.end = *end;
  return out;
}

const char* digest_of(std::uint16_t type) {
  return type == kSha256 ? "sha256" : type == kSha384 ? "sha384" : type == kSha512 ? "sha512" : "";
}

bool is_signature(std::uint16_t type) {
  return type == kRsa2048 || type == kRsa3072 || type == kEcdsa || type == kEcdsa224 ||
         type == kEd25519;
}

std::string digest_name(const Parts& parts) {
  for (const Tlv& one : parts.plain)
    if (digest_of(one.type)[0] != '\0') return digest_of(one.type);
  return "sha256";
}

bool pure(const Parts& parts) {
  return std::any_of(parts.plain.begin(), parts.plain.end(),
                     [](const Tlv& one) { return one.type == kPure; });
}

// Ed25519 is over the digest of the image unless the image says "pure"; the others hash it anew.
ImageSignature judge(ByteView file, const Parts& parts, const Tlv& tlv, const Keys& keys) {
  ImageSignature hint;
  hint.digest = digest_name(parts);
  hint.scheme = tlv.type == kEd25519 ? "ed25519" : "rsa-pss";
  if (tlv.type == kEcdsa || tlv.type == kEcdsa224) hint.scheme = "ecdsa";
  if (tlv.type == kEcdsa224) hint.key_bits = 224;
  const ByteView covered = file.first(parts.covered);
  const Bytes digest = hash(hint.digest, {covered});
  const bool prehashed = tlv.type == kEd25519 && !pure(parts);
  ByteView value = file.subspan(tlv.at, tlv.length);
  // Older images pad an ECDSA signature with zeros to one length.
  if (hint.scheme == "ecdsa" && der_length(value) > 0) value = value.first(der_length(value));
  ImageSignature out =
      judge_raw(value, prehashed ? Pieces{ByteView(digest)} : Pieces{covered}, keys, hint);
  if (out.scheme == "ed25519") out.digest = prehashed ? hint.digest : "sha512";
  out.over = "payload";
  out.offset = tlv.at;
  out.length = tlv.length;
  return out;
}

Result<UpdateFile> read_mcuboot(ByteView file, const Keys& keys) {
  const auto parts = take_apart(file);
  if (!parts) return tl::unexpected(parts.error());
  UpdateFile out;
  out.format = "mcuboot";
  region(out, "header", 0, parts->header);
  region(out, "payload", parts->header, parts->image);
  region(out, "version", 20, 8);
  for (const Tlv& one : parts->plain) {
    if (!is_signature(one.type)) continue;
    region(out, "signature", one.at, one.length);
    out.signatures.push_back(judge(file, *parts, one, keys));
  }
  if (out.signatures.empty()) out.signatures.push_back(no_signature());
  for (const Tlv& one : parts->guarded)
    if (one.type == kCounter && one.length == 4) out.counter = number(file, one.at, 4);
  out.version = fmt::format("{}.{}.{}", file[20], file[21], number(file, 22, 2));
  if (number(file, 24, 4) != 0) out.version += fmt::format("+{}", number(file, 24, 4));
  return out;
}

std::string mcuboot_why_not(const UpdateFile& known, std::string_view id) {
  if (id == "flip-header" || id == "flip-payload" || id == "version-mismatch") return {};
  if (id == "flip-manifest") return "the format has no manifest";
  if (id == "wrong-model") return "the format names no model";
  if (id == "path-traversal") return "the format holds no names of files";
  if (!is_signed(known)) return "the file has no signature";
  if (id == "expired-certificate" || id == "unknown-certificate")
    return "the signature carries no certificate";
  return {};
}

// The unprotected TLVs again, with the digest of what stands before them; `sign` gives the value of
// a signature, empty to leave it out.
template <class Sign>
Result<Bytes> assemble(ByteView file, const Parts& parts, Bytes covered, Sign&& sign) {
  Bytes list;
  for (const Tlv& one : parts.plain) {
    Bytes value(file.begin() + static_cast<std::ptrdiff_t>(one.at),
                file.begin() + static_cast<std::ptrdiff_t>(one.at + one.length));
    if (digest_of(one.type)[0] != '\0') value = hash(digest_of(one.type), {covered});
    if (is_signature(one.type)) {
      auto made = sign(ByteView(covered), value);
      if (!made) return made;
      if (made->empty()) continue;
      value = std::move(*made);
    }
    put(list, one.type, 2);
    put(list, static_cast<std::uint32_t>(value.size()), 2);
    list.insert(list.end(), value.begin(), value.end());
  }
  put(covered, kPlainInfo, 2);
  put(covered, static_cast<std::uint32_t>(list.size() + kInfo), 2);
  covered.insert(covered.end(), list.begin(), list.end());
  const ByteView behind = file.subspan(parts.end);
  covered.insert(covered.end(), behind.begin(), behind.end());
  return covered;
}

Result<Mutation> make_mcuboot(ByteView file, const UpdateFile& known, std::string_view id) {
  const auto parts = is_mcuboot(file) ? take_apart(file) : Result<Parts>(broken(0, "no header"));
  if (!parts) return tl::unexpected(parts.error());
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {}};
  Bytes covered(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(parts->covered));
  const auto flip = [&](std::size_t at, const char* what) {
    covered[at] = static_cast<std::uint8_t>(covered[at] ^ 1U);
    out.what = fmt::format("bit 0 of byte {} ({}) was flipped", at, what);
  };
  if (id == "flip-header") {
    flip(28, "padding of the header");
  } else if (id == "version-mismatch") {
    flip(22, "revision in the header");
  } else if (id != "flip-signature") {
    const Altered altered =
        alter_payload(file.subspan(parts->header, parts->image), marker_for(file, id), Size::kept);
    std::copy(altered.bytes.begin(), altered.bytes.end(),
              covered.begin() + static_cast<std::ptrdiff_t>(parts->header));
    out.what = altered.what;
    out.marker = altered.marker;
  }
  const ImageSignature* like = first_signature(known);
  const auto signer =
      who_of(id) && like != nullptr ? make_signer(*like, *who_of(id)) : Result<Signer>(Signer{});
  if (!signer) return tl::unexpected(signer.error());
  auto bytes = assemble(file, *parts, covered, [&](ByteView content, Bytes value) -> Result<Bytes> {
    if (id == "unsigned") return Bytes();
    if (id == "flip-signature" && value.size() > 8)
      value[value.size() - 8] = static_cast<std::uint8_t>(value[value.size() - 8] ^ 1U);
    if (!who_of(id) || like == nullptr) return value;
    const bool prehashed = like->scheme == "ed25519" && !pure(*parts);
    const Bytes digest = hash(digest_name(*parts), {content});
    return sign_raw(*signer, *like, {prehashed ? ByteView(digest) : content});
  });
  if (!bytes) return tl::unexpected(bytes.error());
  out.bytes = std::move(*bytes);
  if (id == "flip-signature")
    out.what = "bit 0 of the eighth byte from the end of the signature was flipped";
  if (id != "flip-signature") out.what += "; the digest was put right";
  if (id == "unsigned") out.what += "; the signature was taken out";
  if (who_of(id))
    out.what += "; signed anew with a key of ours, the hash of the genuine key was kept";
  return out;
}

}  // namespace

Family mcuboot_family() {
  return {.is = is_mcuboot, .read = read_mcuboot, .why_not = mcuboot_why_not, .make = make_mcuboot};
}

}  // namespace haetae::formats::update
