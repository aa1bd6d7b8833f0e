#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/judge/judge.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"

/// Waivers: findings or items that are known and accepted until a date. They quiet the regression
/// gate and nothing else.
namespace haetae::compare {

struct Waiver {
  std::string target;                             ///< code of a finding (F-…), or an item
  std::string reason, author, approver, expires;  ///< expires: as written
  WallTime until;
  int line = 0;
  [[nodiscard]] bool in_force(WallTime now) const { return now < until; }
};

struct Waivers {
  std::string name;    ///< of the file, without its folder
  std::string text;    ///< word for word
  std::string signer;  ///< SHA-256 of the public key (DER) that signed it, hex; empty if unsigned
  std::vector<Waiver> list;
};

/// parse_moment() reads a date and time with seconds and a time zone (RFC 3339, section 5.6):
/// 2026-12-31T23:59:59+09:00, or Z. Nothing if it is none.
[[nodiscard]] std::optional<WallTime> parse_moment(std::string_view text);

/// load_waivers_text() reads waivers strictly: what is missing, unknown, doubled or of the wrong
/// form is an error "FILE:LINE: what; allowed: …", and so is an approver who is the author.
[[nodiscard]] Result<Waivers> load_waivers_text(std::string_view text, const std::string& name);
/// load_waivers() also checks the signature beside the file: with `key` (a public key, PEM) there
/// must be one of that key; without, one that is there must at least be sound in itself.
[[nodiscard]] Result<Waivers> load_waivers(const std::filesystem::path& file,
                                           const std::optional<std::filesystem::path>& key);

/// check_targets() is what can be known before anything is sent: every target that is no finding
/// must be an item of the catalogue.
[[nodiscard]] Result<void> check_targets(const Waivers& waivers,
                                         const catalogue::Catalogue& catalogue);

/// unmatched() are the waivers that accept nothing of a judgement: no such finding, or an item that
/// holds. In a run over a selection those of findings are not known to be unmatched.
[[nodiscard]] std::vector<const Waiver*> unmatched(const Waivers& waivers,
                                                   const judge::Judgement& judgement);
[[nodiscard]] Error unmatched_error(const Waivers& waivers,
                                    const std::vector<const Waiver*>& unmatched);

/// store_waivers() writes the file and its waivers for the newest revision; those that match
/// nothing there (of a selection) are left out.
[[nodiscard]] Result<void> store_waivers(evidence::RunFile& run, const Waivers& waivers,
                                         const judge::Judgement& judgement, WallTime now);

/// sign_waivers() writes FILE.sig with a private key (PEM: Ed25519, ECDSA or RSA): the digest of
/// the file and of each of its lines, signed, so that a changed line can be named.
[[nodiscard]] Result<std::filesystem::path> sign_waivers(const std::filesystem::path& file,
                                                         const std::filesystem::path& key);
/// check_signature() checks FILE.sig against the text of the file and gives the SHA-256 of its
/// public key, hex. With `key` it must be that one.
[[nodiscard]] Result<std::string> check_signature(const std::filesystem::path& file,
                                                  std::string_view text,
                                                  const std::optional<std::filesystem::path>& key);

}  // namespace haetae::compare
