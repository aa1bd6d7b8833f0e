#include "harness/formats/update_fit.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "harness/formats/update_parts.hpp"

// FIT images: digests of each image in nodes hash-N, signatures over an image or over a
// configuration in nodes signature-N (U-Boot, doc/usage/fit/signature.rst).
namespace haetae::formats::update {
namespace {

constexpr std::string_view kOther = "haetae-other-model";

bool below(std::string_view path, std::string_view folder, std::string_view name) {
  const std::size_t last = path.find_last_of('/');
  return path.starts_with(folder) && path.substr(last + 1).starts_with(name);
}
std::string parent(const std::string& path) { return path.substr(0, path.find_last_of('/')); }
bool is_fit(ByteView file) {
  if (!is_fdt(file)) return false;
  const auto tree = read_fdt(file);
  return tree && tree->node("/images") != nullptr;
}

// The bytes of an image: inside of the tree, or behind it.
Region data_of(ByteView file, const Fdt& tree, const FdtNode& image) {
  if (const FdtProperty* data = property(image, "data")) return {"payload", data->at, data->length};
  const auto size = cell_of(file, image, "data-size");
  const auto offset = cell_of(file, image, "data-offset");
  const auto position = cell_of(file, image, "data-position");
  if (!size || (!offset && !position)) return {"payload", 0, 0};
  const std::uint64_t at = position ? *position : (tree.total + 3) / 4 * 4 + *offset;
  return at <= file.size() && *size <= file.size() - at ? Region{"payload", at, *size}
                                                        : Region{"payload", 0, 0};
}

ByteView view(ByteView file, const Region& where) {
  return file.subspan(static_cast<std::size_t>(where.offset),
                      static_cast<std::size_t>(where.length));
}

Bytes digest_by(std::string_view algorithm, ByteView data) {
  if (algorithm != "crc32") return hash(algorithm, {data});
  const std::uint32_t sum = crc32_of(data);
  return {static_cast<std::uint8_t>(sum >> 24U), static_cast<std::uint8_t>(sum >> 16U),
          static_cast<std::uint8_t>(sum >> 8U), static_cast<std::uint8_t>(sum)};
}

// Whether every digest of an image is that of its data; a signed configuration rests on them.
bool digests_fit(ByteView file, const Fdt& tree, const FdtNode& image) {
  const ByteView data = view(file, data_of(file, tree, image));
  for (const FdtNode& node : tree.nodes) {
    if (!below(node.path, image.path + "/", "hash")) continue;
    const FdtProperty* value = property(node, "value");
    if (value == nullptr) return false;
    const Bytes made = digest_by(text_of(file, node, "algo"), data);
    const ByteView told = file.subspan(value->at, value->length);
    if (made.empty() || !std::equal(made.begin(), made.end(), told.begin(), told.end()))
      return false;
  }
  return true;
}

struct Algorithm {
  std::string digest = "unknown", scheme = "unknown";
  int bits = 0;
};

Algorithm algorithm_of(ByteView file, const FdtNode& node) {
  const std::string text = text_of(file, node, "algo");
  const std::size_t comma = text.find(',');
  Algorithm out;
  if (comma == std::string::npos) return out;
  for (const char* known : {"sha1", "sha256", "sha384", "sha512"})
    if (text.substr(0, comma) == known) out.digest = known;
  const std::string key = text.substr(comma + 1);
  if (key.starts_with("rsa"))
    out.scheme = text_of(file, node, "padding") == "pss" ? "rsa-pss" : "rsa-pkcs1";
  if (key.starts_with("ecdsa")) {
    out.scheme = "ecdsa";
    out.bits = key == "ecdsa256" ? 256 : key == "ecdsa384" ? 384 : 0;
  }
  return out;
}

bool of_configuration(const FdtNode& node) { return node.path.starts_with("/configurations/"); }

Pieces covered_by(ByteView file, const Fdt& tree, const FdtNode& node) {
  if (of_configuration(node)) return signed_regions(file, tree, node);
  const FdtNode* image = tree.node(parent(node.path));
  return image == nullptr ? Pieces{} : Pieces{view(file, data_of(file, tree, *image))};
}

std::vector<const FdtNode*> signature_nodes(const Fdt& tree) {
  std::vector<const FdtNode*> out;
  for (const FdtNode& node : tree.nodes) {
    const bool place = node.path.starts_with("/images/") || of_configuration(node);
    const bool signature = below(node.path, "/", "signature") && property(node, "value") != nullptr;
    if (place && signature && out.size() < 64) out.push_back(&node);
  }
  return out;
}

ImageSignature judge(ByteView file, const Fdt& tree, const FdtNode& node, const Keys& keys) {
  const Algorithm algorithm = algorithm_of(file, node);
  ImageSignature hint;
  hint.digest = algorithm.digest;
  hint.scheme = algorithm.scheme;
  hint.key_bits = algorithm.bits;
  const FdtProperty* value = property(node, "value");
  const ByteView bytes = file.subspan(value->at, value->length);
  const bool fixed = algorithm.scheme == "ecdsa";
  const Bytes der = fixed ? ecdsa_from_fixed(bytes) : Bytes();
  ImageSignature out =
      judge_raw(fixed ? ByteView(der) : bytes, covered_by(file, tree, node), keys, hint);
  out.over = of_configuration(node) ? "manifest" : "payload";
  out.offset = value->at;
  out.length = value->length;
  if (!of_configuration(node)) return out;
  for (const std::string& path : list_of(file, node, "hashed-nodes")) {
    const FdtNode* image = tree.node(path);
    const bool is_image = image != nullptr && parent(path) == "/images";
    if (is_image && !digests_fit(file, tree, *image)) out.verifies = "no";
  }
  return out;
}

const FdtNode* largest_image(ByteView file, const Fdt& tree) {
  const FdtNode* out = nullptr;
  for (const FdtNode& node : tree.nodes) {
    if (node.path == "/images" || parent(node.path) != "/images") continue;
    if (out == nullptr || data_of(file, tree, node).length > data_of(file, tree, *out).length)
      out = &node;
  }
  return out;
}

Result<UpdateFile> read_fit(ByteView file, const Keys& keys) {
  const auto tree = read_fdt(file);
  if (!tree) return tl::unexpected(tree.error());
  UpdateFile out;
  out.format = "fit";
  region(out, "header", 0, 40);
  region(out, "manifest", tree->nodes.front().begin,
         tree->nodes.front().end - tree->nodes.front().begin);
  if (const FdtNode* image = largest_image(file, *tree)) {
    const Region data = data_of(file, *tree, *image);
    region(out, "payload", data.offset, data.length);
  }
  for (const FdtNode* node : signature_nodes(*tree)) {
    out.signatures.push_back(judge(file, *tree, *node, keys));
    region(out, "signature", out.signatures.back().offset, out.signatures.back().length);
  }
  if (out.signatures.empty()) out.signatures.push_back(no_signature());
  for (const FdtNode& node : tree->nodes)
    if (of_configuration(node) && out.model.empty()) out.model = text_of(file, node, "compatible");
  return out;
}

std::string fit_why_not(const UpdateFile& known, std::string_view id) {
  if (id == "flip-header" || id == "flip-manifest" || id == "flip-payload") return {};
  if (id == "wrong-model") return known.model.empty() ? "no configuration names a compatible" : "";
  if (id == "version-mismatch") return "the format has no field for a version";
  if (id == "path-traversal") return "the format holds no names of files";
  if (!is_signed(known)) return "the file has no signature";
  if (id == "expired-certificate" || id == "unknown-certificate")
    return "the signature carries no certificate";
  return {};
}

void write(Bytes& out, std::size_t at, ByteView what) {
  std::copy(what.begin(), what.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string flip(Bytes& out, std::size_t at, std::uint8_t bit, const char* what) {
  out[at] = static_cast<std::uint8_t>(out[at] ^ bit);
  return fmt::format("byte {} ({}) was changed in one bit", at, what);
}

Altered change_image(Bytes& out, const Fdt& tree, std::string_view marker) {
  const FdtNode* image = largest_image(out, tree);
  if (image == nullptr) return {{}, {}, "no image to alter"};
  const Region where = data_of(out, tree, *image);
  Altered altered = alter_payload(view(out, where), marker, Size::kept);
  write(out, static_cast<std::size_t>(where.offset), altered.bytes);
  for (const FdtNode& node : tree.nodes) {
    const FdtProperty* value = property(node, "value");
    if (value == nullptr || !below(node.path, image->path + "/", "hash")) continue;
    const Bytes fresh = digest_by(text_of(out, node, "algo"), altered.bytes);
    if (fresh.size() == value->length) write(out, value->at, fresh);
  }
  altered.what =
      fmt::format("{}: {}; its digests were put right", printable(image->path), altered.what);
  return altered;
}

bool change_model(Bytes& out, const Fdt& tree) {
  bool any = false;
  for (const FdtNode& node : tree.nodes) {
    const FdtProperty* value = of_configuration(node) ? property(node, "compatible") : nullptr;
    if (value == nullptr || value->length < 2) continue;
    // The same length, so that nothing moves; what is left over is more of the same.
    std::string text;
    while (text.size() < value->length) text += kOther;
    text.resize(value->length - 1);
    text.push_back('\0');
    write(out, value->at, as_bytes(text));
    any = true;
  }
  return any;
}

Result<void> sign_again(Bytes& out, const Fdt& tree, const UpdateFile& known) {
  const ImageSignature* like = first_signature(known);
  if (like == nullptr) return fail(ErrorKind::invalid_input, "the file has no signature");
  const auto signer = make_signer(*like, Who::same_names);
  if (!signer) return tl::unexpected(signer.error());
  for (const FdtNode* node : signature_nodes(tree)) {
    ImageSignature shape = *like;
    shape.digest = algorithm_of(out, *node).digest;
    auto fresh = sign_raw(*signer, shape, covered_by(out, tree, *node));
    if (!fresh) return tl::unexpected(fresh.error());
    const FdtProperty* value = property(*node, "value");
    if (shape.scheme == "ecdsa") *fresh = ecdsa_to_fixed(*fresh, value->length / 2);
    if (fresh->size() != value->length)
      return fail(ErrorKind::unsupported,
                  "a signature of ours has another length than the genuine");
    write(out, value->at, *fresh);
  }
  return {};
}

void remove_signatures(Bytes& out, const Fdt& tree) {
  for (const FdtNode& node : tree.nodes) {
    const bool place = node.path.starts_with("/images/") || of_configuration(node);
    if (!place || !below(node.path, "/", "signature")) continue;
    for (std::size_t at = node.begin; at + 4 <= node.end; at += 4)
      write(out, at, Bytes{0, 0, 0, 4});
  }
}

std::string change_header(Bytes& out, const Fdt& tree, bool& covered) {
  if (const FdtProperty* time = property(tree.nodes.front(), "timestamp");
      time && time->length == 4)
    return flip(out, time->at + 3, 1, "timestamp");
  covered = false;
  return flip(out, 31, 1, "boot CPU in the header, which no signature covers");
}

std::string change_description(Bytes& out, const Fdt& tree, bool& covered) {
  for (const FdtNode& node : tree.nodes) {
    const bool wanted = node.path == "/" || of_configuration(node);
    const FdtProperty* text = wanted ? property(node, "description") : nullptr;
    if (text != nullptr && text->length > 1) return flip(out, text->at, 0x20, "description");
  }
  covered = false;
  return flip(out, 31, 1, "boot CPU in the header, which no signature covers");
}

Result<Mutation> make_fit(ByteView file, const UpdateFile& known, std::string_view id) {
  const auto tree = is_fit(file) ? read_fdt(file) : fail(ErrorKind::invalid_input, "no FIT image");
  if (!tree) return tl::unexpected(tree.error());
  Mutation out{.id = std::string(id),
               .format = known.format,
               .what = {},
               .marker = {},
               .covered = true,
               .bytes = {file.begin(), file.end()}};
  // A signature of an image alone covers its data and nothing else.
  const bool whole = std::any_of(known.signatures.begin(), known.signatures.end(),
                                 [](const ImageSignature& one) { return one.over == "manifest"; });
  if (id == "flip-header" || id == "flip-manifest") {
    bool covered = whole || !is_signed(known);
    out.what = id == "flip-header" ? change_header(out.bytes, *tree, covered)
                                   : change_description(out.bytes, *tree, covered);
    out.covered = covered;
    return out;
  }
  if (id == "flip-signature") {
    const ImageSignature* first = first_signature(known);
    if (first == nullptr || first->length < 8 || first->offset + first->length > file.size())
      return fail(ErrorKind::invalid_input, "the file has no signature");
    out.what = flip(out.bytes, static_cast<std::size_t>(first->offset + first->length - 8), 1,
                    "signature");
    return out;
  }
  const Altered altered = change_image(out.bytes, *tree, marker_for(file, id));
  out.what = altered.what;
  out.marker = altered.marker;
  if (id == "wrong-model") {
    if (!change_model(out.bytes, *tree))
      return fail(ErrorKind::unsupported, "no configuration names a compatible");
    out.what += "; compatible of every configuration was replaced";
  } else if (id == "unsigned") {
    remove_signatures(out.bytes, *tree);
    out.what += "; the signature nodes were taken out";
  } else if (id == "foreign-key") {
    const auto good = sign_again(out.bytes, *tree, known);
    if (!good) return tl::unexpected(good.error());
    out.what += "; signed anew with a key of ours";
  }
  return out;
}

}  // namespace

Family fit_family() {
  return {.is = is_fit, .read = read_fit, .why_not = fit_why_not, .make = make_fit};
}

}  // namespace haetae::formats::update
