#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "harness/formats/update_bundle.hpp"

namespace haetae::formats::update {
namespace {

constexpr std::size_t kLargestText = std::size_t{1} << 20U;
using Form = SignatureFile::Form;

std::string base_name(std::string_view name) {
  return std::string(name.substr(name.find_last_of('/') + 1));
}

bool named_signature(std::string_view name) {
  for (const std::string_view end : {".sig", ".sign", ".signature", ".p7s", ".p7", ".cms", ".asc"})
    if (name.ends_with(end)) return true;
  const std::string base = base_name(name);
  return base == "signature" || base == "SIGNATURE" || base == "signature.bin";
}

bool named_manifest(std::string_view name) {
  const std::string base = base_name(name);
  for (const std::string_view start :
       {"manifest", "MANIFEST", "Manifest", "metadata", "sw-description", "SHA256SUMS",
        "sha256sums", "checksum", "version", "info", "update.json", "package.json", "control"})
    if (base.starts_with(start)) return true;
  return base.ends_with(".json") || base.ends_with(".manifest") || base.ends_with(".sha256");
}

Bytes base64_decode(ByteView text) {
  Bytes clean;
  for (const std::uint8_t c : text)
    if (c != '\n' && c != '\r' && c != ' ') clean.push_back(c);
  if (clean.empty() || clean.size() % 4 != 0) return {};
  Bytes out(clean.size() / 4 * 3);
  const int length = EVP_DecodeBlock(out.data(), clean.data(), static_cast<int>(clean.size()));
  if (length < 0) return {};
  const auto padding = std::count(clean.end() - 2, clean.end(), '=');
  out.resize(static_cast<std::size_t>(length) - static_cast<std::size_t>(padding));
  return out;
}

std::string base64_encode(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

Form form_of(ByteView member) {
  if (as_text(member).starts_with("-----BEGIN")) return Form::pem;
  return is_text(member) && member.size() <= kLargestText && !base64_decode(member).empty()
             ? Form::base64
             : Form::der;
}

int largest(const Archive& archive, const Layout& layout) {
  int best = -1;
  for (std::size_t at = 0; at < archive.entries.size(); ++at) {
    const Entry& entry = archive.entries[at];
    if (!entry.regular || static_cast<int>(at) == layout.manifest || named_signature(entry.name))
      continue;
    if (best < 0 ||
        entry.content.size() > archive.entries[static_cast<std::size_t>(best)].content.size())
      best = static_cast<int>(at);
  }
  return best;
}

std::string without_end(std::string_view name) {
  return std::string(name.substr(0, name.find_last_of('.')));
}

// A signature file signs what bears its name, or else the manifest, or else the payload.
void find_signatures(const Archive& archive, Layout& layout) {
  for (std::size_t at = 0; at < archive.entries.size() && layout.signatures.size() < 16; ++at) {
    const Entry& entry = archive.entries[at];
    if (!entry.regular || !named_signature(entry.name) || entry.content.size() > kLargestText)
      continue;
    SignatureFile found{at, at, form_of(entry.content)};
    for (std::size_t other = 0; other < archive.entries.size(); ++other) {
      const std::string& name = archive.entries[other].name;
      if (other != at && (name == without_end(entry.name) ||
                          (without_end(name) == without_end(entry.name) && !named_signature(name))))
        found.covers = other;
    }
    const int fallback = layout.manifest >= 0 ? layout.manifest : layout.payload;
    if (found.covers == at && fallback >= 0) found.covers = static_cast<std::size_t>(fallback);
    if (found.covers != at) layout.signatures.push_back(found);
  }
}

ImageSignature hint_for(const std::string& format, ByteView signature) {
  ImageSignature hint;
  hint.scheme = hint.digest = "unknown";
  // SWUpdate signs with SHA-256 whatever the key (its manual, "Update images from verified
  // source").
  if (format == "swu" || format == "mender") hint.digest = "sha256";
  // Mender signs with RSA PKCS #1 v1.5 or, as r and s of 32 bytes, with P-256.
  if (format == "mender" && signature.size() == 64) {
    hint.scheme = "ecdsa";
    hint.key_algorithm = "ec";
    hint.key_curve = "secp256r1";
    hint.key_bits = 256;
  } else if (format == "mender") {
    hint.scheme = "rsa-pkcs1";
  }
  return hint;
}

}  // namespace

Layout lay_out(const Archive& archive) {
  Layout layout;
  layout.format = archive.kind == "zip" ? "zip" : "tar";
  const auto index = [&](auto&& wanted) {
    for (std::size_t at = 0; at < archive.entries.size(); ++at)
      if (archive.entries[at].regular && wanted(archive.entries[at].name))
        return static_cast<int>(at);
    return -1;
  };
  const auto named = [&](std::string_view name) {
    return index([&](const std::string& n) { return n == name; });
  };
  if (archive.kind == "cpio") {
    layout.format = "swu";
    layout.manifest = named("sw-description");
  } else if (named("version") >= 0 && named("manifest") >= 0 &&
             index([](const std::string& n) { return n.starts_with("header.tar"); }) >= 0) {
    layout.format = "mender";
    layout.manifest = named("manifest");
  } else {
    layout.manifest = named("META-INF/com/android/metadata");
    if (layout.manifest >= 0) layout.format = "android-ota";
    if (layout.manifest < 0)
      layout.manifest =
          index([](const std::string& n) { return named_manifest(n) && !named_signature(n); });
    if (layout.manifest >= 0 &&
        !is_text(archive.entries[static_cast<std::size_t>(layout.manifest)].content))
      layout.manifest = -1;
  }
  layout.payload = largest(archive, layout);
  if (layout.payload < 0 && layout.format != "swu") std::swap(layout.payload, layout.manifest);
  find_signatures(archive, layout);
  return layout;
}

Result<Archive> read_any(ByteView file) {
  if (is_cpio(file)) return read_cpio(file);
  if (is_zip(file)) return read_zip(file);
  return read_tar(file);
}

Bytes pack_any(const Archive& archive) {
  if (archive.kind == "cpio") return pack_cpio(archive);
  return archive.kind == "zip" ? pack_zip(archive) : pack_tar(archive);
}

Bytes signature_bytes(ByteView member, Form form) {
  if (form == Form::base64) return base64_decode(member);
  if (form == Form::der) return {member.begin(), member.end()};
  std::string_view text = as_text(member);
  const std::size_t open = text.find('\n'), close = text.find("-----END");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return base64_decode(as_bytes(text.substr(open, close - open)));
}

Bytes signature_member(ByteView signature, Form form) {
  if (form == Form::der) return {signature.begin(), signature.end()};
  std::string text = base64_encode(signature);
  if (form == Form::pem) {
    std::string lines = "-----BEGIN CMS-----\n";
    for (std::size_t at = 0; at < text.size(); at += 64) lines += text.substr(at, 64) + "\n";
    text = lines + "-----END CMS-----\n";
  }
  return {text.begin(), text.end()};
}

std::vector<ImageSignature> judge_member(const Archive& archive, const SignatureFile& signature,
                                         const Layout& layout, const Keys& keys) {
  const Entry& entry = archive.entries[signature.member];
  Bytes binary = signature_bytes(entry.bytes(), signature.form);
  const ByteView covered = archive.entries[signature.covers].bytes();
  std::vector<ImageSignature> out;
  if (is_cms(binary)) {
    out = judge_cms(binary, {covered}, keys);
  } else {
    const ImageSignature hint = hint_for(layout.format, binary);
    const bool fixed = hint.scheme == "ecdsa";
    const Bytes der = fixed ? ecdsa_from_fixed(binary) : Bytes();
    out = {judge_raw(fixed ? ByteView(der) : ByteView(binary), {covered}, keys, hint)};
    // SWUpdate's other signatures are RSA, and one of RSA is as long as its modulus.
    const std::size_t size = binary.size();
    if (layout.format == "swu" && out[0].scheme == "unknown" && size >= 64 && size % 64 == 0) {
      out[0].key_algorithm = "rsa";
      out[0].key_bits = static_cast<int>(size * 8);
    }
  }
  for (ImageSignature& one : out) {
    one.over = static_cast<int>(signature.covers) == layout.manifest ? "manifest" : "payload";
    one.offset = entry.offset;
    one.length = entry.length;
  }
  return out;
}

void repair(Archive& archive, std::size_t member, ByteView before, int depth) {
  const ByteView now = archive.entries[member].bytes();
  if (depth > 3) return;
  for (std::size_t at = 0; at < archive.entries.size(); ++at) {
    Entry& entry = archive.entries[at];
    if (at == member || !entry.regular || entry.bytes().size() > kLargestText ||
        !is_text(entry.bytes()))
      continue;
    const Bytes old(entry.bytes().begin(), entry.bytes().end());
    std::string text(as_text(old));
    if (!replace_digests(text, before, now)) continue;
    entry.replaced = Bytes(text.begin(), text.end());
    repair(archive, at, old, depth + 1);
  }
}

void replace(Archive& archive, std::size_t member, Bytes content) {
  Entry& entry = archive.entries[member];
  const Bytes kept = entry.replaced ? *entry.replaced : Bytes();
  const ByteView before = entry.replaced ? ByteView(kept) : entry.content;
  entry.replaced = std::move(content);
  repair(archive, member, before);
}

Result<void> sign_members(Archive& archive, const Layout& layout, const UpdateFile& known,
                          Who who) {
  const ImageSignature* like = first_signature(known);
  if (like == nullptr) return fail(ErrorKind::invalid_input, "the file has no signature");
  const auto signer = make_signer(*like, who);
  if (!signer) return tl::unexpected(signer.error());
  for (const SignatureFile& signature : layout.signatures) {
    const ByteView content = archive.entries[signature.covers].bytes();
    const Bytes old = signature_bytes(archive.entries[signature.member].bytes(), signature.form);
    auto fresh = is_cms(old) ? sign_cms(*signer, *like, content, cms_form(old))
                             : sign_raw(*signer, *like, {content});
    if (!fresh) return tl::unexpected(fresh.error());
    if (layout.format == "mender" && like->scheme == "ecdsa") fresh = ecdsa_to_fixed(*fresh, 32);
    archive.entries[signature.member].replaced = signature_member(*fresh, signature.form);
  }
  return {};
}

void remove_signatures(Archive& archive, const Layout& layout) {
  for (auto it = layout.signatures.rbegin(); it != layout.signatures.rend(); ++it)
    archive.entries.erase(archive.entries.begin() + static_cast<std::ptrdiff_t>(it->member));
}

}  // namespace haetae::formats::update
