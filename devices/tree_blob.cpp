#include "devices/tree_blob.hpp"

namespace haetae::devices {
namespace {

constexpr std::uint32_t kBegin = 1, kEnd = 2, kProperty = 3, kFinish = 9;

void put(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void align(std::string& out) { out.resize((out.size() + 3) / 4 * 4, '\0'); }

}  // namespace

void TreeBlob::begin(std::string_view node) {
  put(structure_, kBegin);
  structure_.append(node).push_back('\0');
  align(structure_);
}

void TreeBlob::end() { put(structure_, kEnd); }

void TreeBlob::bytes(std::string_view property, std::string_view value) {
  put(structure_, kProperty);
  put(structure_, static_cast<std::uint32_t>(value.size()));
  const std::string wanted = std::string(property) + '\0';
  auto place = names_.find(wanted);
  if (place == std::string::npos) {
    place = names_.size();
    names_ += wanted;
  }
  put(structure_, static_cast<std::uint32_t>(place));
  structure_.append(value);
  align(structure_);
}

void TreeBlob::text(std::string_view property, std::string_view value) {
  bytes(property, std::string(value) + '\0');
}

void TreeBlob::number(std::string_view property, std::uint32_t value) {
  std::string raw;
  put(raw, value);
  bytes(property, raw);
}

std::string TreeBlob::finish() const {
  std::string structure = structure_;
  put(structure, kFinish);
  constexpr std::uint32_t kHeader = 40, kReserved = 16;
  const auto structure_at = kHeader + kReserved;
  const auto names_at = structure_at + static_cast<std::uint32_t>(structure.size());
  std::string out;
  put(out, 0xd00dfeed);
  put(out, names_at + static_cast<std::uint32_t>(names_.size()));
  put(out, structure_at);
  put(out, names_at);
  put(out, kHeader);
  put(out, 17);
  put(out, 16);
  put(out, 0);
  put(out, static_cast<std::uint32_t>(names_.size()));
  put(out, static_cast<std::uint32_t>(structure.size()));
  out.append(kReserved, '\0');
  return out + structure + names_;
}

}  // namespace haetae::devices
