#include "harness/cli/proof_file.hpp"

#include <array>
#include <optional>

#include <nlohmann/json.hpp>

namespace haetae::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64(ByteView bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t one = 0; one < 3; ++one)
      group = group << 8U | (one < count ? bytes[at + one] : 0U);
    for (std::size_t one = 0; one < 4; ++one) {
      out += one <= count ? kLetters[group >> (18 - 6 * one) & 63U] : '=';
    }
  }
  return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
  Bytes out;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char letter : text.substr(0, text.find('='))) {
    const std::size_t value = kLetters.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    group = (group << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(group >> static_cast<unsigned>(bits)));
    }
  }
  return out;
}

std::optional<Bytes> from_hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const std::size_t high = kDigits.find(text[at]), low = kDigits.find(text[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high << 4U | low));
  }
  return out;
}

evidence::Proof from_json(const ordered_json& json) {
  evidence::Proof out;
  out.run = json.at("run").get<std::string>();
  out.kind = json.at("kind").get<std::string>();
  out.id = json.at("id").get<std::int64_t>();
  const auto salt = from_hex(json.at("salt").get<std::string>());
  const auto content = from_base64(json.at("content_base64").get<std::string>());
  if (!salt || !content) throw std::invalid_argument("salt or content");
  out.salt = *salt;
  out.content = *content;
  for (const auto& [name, value] : json.at("row").items()) {
    if (value.is_number_integer()) {
      out.row.emplace_back(name, value.get<std::int64_t>());
    } else {
      out.row.emplace_back(name, value.get<std::string>());
    }
  }
  out.row_digest = json.at("row_digest").get<std::string>();
  out.link = json.at("link").get<std::int64_t>();
  out.link_hash = json.at("link_hash").get<std::string>();
  return out;
}

}  // namespace

std::string proof_text(const evidence::Proof& proof) {
  ordered_json row = ordered_json::object();
  for (const auto& [name, value] : proof.row) {
    std::visit([&, &key = name](const auto& cell) { row[key] = cell; }, value);
  }
  const ordered_json json = {{"haetae_proof", 1},
                             {"run", proof.run},
                             {"kind", proof.kind},
                             {"id", proof.id},
                             {"salt", to_hex(proof.salt)},
                             {"content_base64", base64(proof.content)},
                             {"row", row},
                             {"row_digest", proof.row_digest},
                             {"link", proof.link},
                             {"link_hash", proof.link_hash}};
  return json.dump(2, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

Result<evidence::Proof> read_proof(std::string_view text) {
  try {
    evidence::Proof proof = from_json(ordered_json::parse(text));
    // Whatever else stands in the text would be neither checked nor seen.
    if (proof_text(proof) == text) return proof;
  } catch (const std::exception&) {
  }
  return fail(ErrorKind::invalid_input,
              "this is no proof as haetae evidence --reveal writes it, or it was changed");
}

}  // namespace haetae::cli
