#include "harness/formats/update_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace haetae::formats::update {
namespace {

constexpr std::string_view kOtherModel = "haetae-other-model";

bool part_of_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}
bool space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && space(text[at])) ++at;
  return at;
}

// The values behind "name =": one word, one quoted text, or the quoted texts of a list.
std::vector<Span> values_at(std::string_view text, std::size_t at) {
  at = skip_space(text, at);
  if (at >= text.size()) return {};
  std::vector<Span> out;
  if (text[at] == '[' || text[at] == '(') {
    const std::size_t end = text.find_first_of("])", at);
    while (at < end && out.size() < 64) {
      const std::size_t open = text.find('"', at);
      if (open == std::string_view::npos || open > end) break;
      const std::size_t close = text.find('"', open + 1);
      if (close == std::string_view::npos) break;
      out.push_back({open + 1, close - open - 1});
      at = close + 1;
    }
    return out;
  }
  if (text[at] == '"' || text[at] == '\'') {
    const std::size_t close = text.find(text[at], at + 1);
    if (close != std::string_view::npos) out.push_back({at + 1, close - at - 1});
    return out;
  }
  const std::size_t end = std::min(text.find_first_of("\r\n;,}", at), text.size());
  if (end > at) out.push_back({at, end - at});
  return out;
}

std::optional<std::size_t> zeros_from(ByteView bytes, std::size_t from, std::size_t count) {
  std::size_t run = 0;
  for (std::size_t at = from; at < bytes.size(); ++at) {
    run = bytes[at] == 0 ? run + 1 : 0;
    if (run == count) return at + 1 - count;
  }
  return std::nullopt;
}

Altered flip_middle(ByteView payload) {
  Altered out{Bytes(payload.begin(), payload.end()), {}, "an empty payload cannot be altered"};
  if (payload.empty()) return out;
  const std::size_t at = payload.size() / 2;
  out.bytes[at] = static_cast<std::uint8_t>(out.bytes[at] ^ 1U);
  out.what = fmt::format("bit 0 of byte {} of the payload was flipped", at);
  return out;
}

std::optional<Altered> alter_gzip(ByteView payload, std::string_view marker) {
  const auto plain = gunzip(payload, kMostExpanded);
  if (!plain) return std::nullopt;
  Altered inner = alter_payload(*plain, marker, Size::free);
  inner.bytes = gzip(inner.bytes);
  inner.what += " (inside of its gzip)";
  return inner;
}

std::optional<Altered> alter_tar(ByteView payload, std::string_view marker) {
  auto archive = read_tar(payload);
  if (!archive) return std::nullopt;
  const std::string text(marker);
  add(*archive, text + ".txt", Bytes(text.begin(), text.end()));
  return Altered{pack_tar(*archive), text,
                 fmt::format("the file {}.txt was added to the tar", text)};
}

}  // namespace

ImageSignature no_signature() {
  ImageSignature none;
  none.scheme = "none";
  none.digest = "unknown";
  return none;
}

bool is_signed(const UpdateFile& known) { return first_signature(known) != nullptr; }

const ImageSignature* first_signature(const UpdateFile& known) {
  for (const ImageSignature& signature : known.signatures)
    if (signature.scheme != "none" && signature.scheme != "crc") return &signature;
  return nullptr;
}

std::optional<Who> who_of(std::string_view id) {
  if (id == "foreign-key") return Who::same_names;
  if (id == "expired-certificate") return Who::expired;
  if (id == "unknown-certificate") return Who::stranger;
  return std::nullopt;
}

void region(UpdateFile& file, std::string name, std::uint64_t offset, std::uint64_t length) {
  if (length > 0) file.regions.push_back({std::move(name), offset, length});
}

const Region* find_region(const UpdateFile& file, std::string_view name) {
  for (const Region& one : file.regions)
    if (one.name == name) return &one;
  return nullptr;
}

std::string marker_for(ByteView file, std::string_view id) {
  Bytes seed(file.begin(),
             file.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(file.size(), 65536)));
  seed.insert(seed.end(), id.begin(), id.end());
  for (std::size_t size = file.size(); size != 0; size >>= 8U)
    seed.push_back(static_cast<std::uint8_t>(size));
  return "haetae-" + to_hex(sha256(seed)).substr(0, 12);
}

bool is_text(ByteView bytes) {
  const ByteView start = bytes.first(std::min<std::size_t>(bytes.size(), 4096));
  return !bytes.empty() && std::all_of(start.begin(), start.end(), [](std::uint8_t b) {
    return b >= 0x20 || b == '\n' || b == '\r' || b == '\t';
  });
}

Altered alter_payload(ByteView payload, std::string_view marker, Size size) {
  if (size == Size::free) {
    if (is_gzip(payload))
      if (auto out = alter_gzip(payload, marker)) return *out;
    if (is_tar(payload))
      if (auto out = alter_tar(payload, marker)) return *out;
    if (is_text(payload)) {
      Altered out{Bytes(payload.begin(), payload.end()), std::string(marker), {}};
      const std::string line = fmt::format("\n# {}\n", marker);
      out.bytes.insert(out.bytes.end(), line.begin(), line.end());
      out.what = fmt::format("the line \"# {}\" was added to the payload", marker);
      return out;
    }
  }
  // Zeros on both sides keep the marker apart from what has a meaning.
  const std::size_t room = marker.size() + 32;
  std::optional<std::size_t> gap = zeros_from(payload, payload.size() / 2, room);
  if (!gap) gap = zeros_from(payload, std::min<std::size_t>(payload.size(), 4096), room);
  if (!gap) return flip_middle(payload);
  Altered out{Bytes(payload.begin(), payload.end()), std::string(marker), {}};
  const std::size_t at = *gap + 16;
  std::copy(marker.begin(), marker.end(), out.bytes.begin() + static_cast<std::ptrdiff_t>(at));
  out.what = fmt::format("\"{}\" was written over zeros at byte {} of the payload", marker, at);
  return out;
}

std::vector<Span> values_of(std::string_view text, std::string_view name) {
  std::vector<Span> out;
  for (std::size_t at = 0; (at = text.find(name, at)) != std::string_view::npos;
       at += name.size()) {
    if (at > 0 && part_of_name(text[at - 1])) continue;
    std::size_t behind = at + name.size();
    if (behind < text.size() && part_of_name(text[behind])) continue;
    if (behind < text.size() && text[behind] == '"') ++behind;
    behind = skip_space(text, behind);
    if (behind >= text.size() || (text[behind] != '=' && text[behind] != ':')) continue;
    const auto found = values_at(text, behind + 1);
    out.insert(out.end(), found.begin(), found.end());
    if (out.size() > 1024) break;
  }
  return out;
}

std::string first_value(std::string_view text, const std::vector<std::string_view>& names) {
  for (const std::string_view name : names) {
    const auto found = values_of(text, name);
    if (!found.empty())
      return std::string(text.substr(found[0].at, std::min<std::size_t>(found[0].length, 200)));
  }
  return {};
}

const std::vector<std::string_view>& model_names() {
  static const std::vector<std::string_view> kNames{"hardware-compatibility",
                                                    "compatible",
                                                    "device_type",
                                                    "device_types_compatible",
                                                    "pre-device",
                                                    "model",
                                                    "board",
                                                    "machine",
                                                    "hardware",
                                                    "product"};
  return kNames;
}

const std::vector<std::string_view>& version_names() {
  static const std::vector<std::string_view> kNames{
      "version", "Version", "artifact_name", "post-build", "firmware_version", "firmware"};
  return kNames;
}

bool other_model(std::string& text) {
  for (const std::string_view name : model_names()) {
    const auto found = values_of(text, name);
    // From the back, so that the places in front keep theirs.
    for (auto it = found.rbegin(); it != found.rend(); ++it)
      text.replace(it->at, it->length, kOtherModel);
    if (!found.empty()) return true;
  }
  return false;
}

bool other_version(std::string& text) {
  for (const std::string_view name : version_names()) {
    for (const Span found : values_of(text, name)) {
      for (std::size_t at = found.at + found.length; at-- > found.at;) {
        char& c = text[at];
        if (c < '0' || c > '9') continue;
        c = c == '9' ? '8' : static_cast<char>(c + 1);
        return true;
      }
    }
  }
  return false;
}

std::string harmless_change(std::string& text) {
  for (const std::string_view name : {"description", "comment"}) {
    for (const Span found : values_of(text, name)) {
      for (std::size_t at = found.at; at < found.at + found.length; ++at) {
        if (std::isalpha(static_cast<unsigned char>(text[at])) == 0) continue;
        text[at] = static_cast<char>(text[at] ^ 0x20);
        return fmt::format("bit 5 of byte {} of the manifest (its {}) was flipped", at, name);
      }
    }
  }
  for (std::size_t at = 1; at < text.size(); ++at) {
    const bool begins = text[at - 1] == '\n' && (text[at] == ' ' || text[at] == '\t');
    if (!begins) continue;
    text[at] = text[at] == ' ' ? '\t' : ' ';
    return fmt::format("byte {} of the manifest, white space before a line, was changed", at);
  }
  if (text.empty()) return {};
  if (text.back() == '\n') {
    text.push_back('\n');
    return "an empty line was added to the manifest";
  }
  const std::size_t at = text.size() / 2;
  text[at] = static_cast<char>(text[at] ^ 1);
  return fmt::format("bit 0 of byte {} of the manifest was flipped", at);
}

bool replace_digests(std::string& text, ByteView before, ByteView now) {
  bool any = false;
  for (const std::string_view name : {"sha256", "sha512", "sha384", "sha1", "md5"}) {
    // A digest that no text holds is not worth a second pass over a large payload.
    const std::string was = to_hex(hash(name, {before}));
    std::string upper = was;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    for (const std::string& old : {was, upper}) {
      std::size_t at = text.find(old);
      if (at == std::string::npos) continue;
      std::string fresh = to_hex(hash(name, {now}));
      if (old == upper && old != was)
        for (char& c : fresh) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      for (; at != std::string::npos; at = text.find(old, at + fresh.size())) {
        text.replace(at, old.size(), fresh);
        any = true;
      }
    }
  }
  return any;
}

}  // namespace haetae::formats::update
