#pragma once

#include <string>
#include <string_view>

/// Versions of other people's software: read, cut to what its maker calls it, and compared. All
/// comparing is done here, so that queries never rank texts.
namespace haetae::testcases::firmware {

/// version_at() is the version that starts at `at`: a digit, then digits, letters and . + ~ - _,
/// at most 40 bytes, without a mark at its end. Empty where no digit stands.
[[nodiscard]] std::string version_at(std::string_view text, std::size_t at);

/// release_of() takes away what a distribution adds: epoch, revision, "+dfsg", "-r5". `packaged`
/// versions come from a package database; of others only the form is made even. Empty where no
/// digit is left.
[[nodiscard]] std::string release_of(std::string_view version, bool packaged);

/// compare_versions() is negative, 0 or positive, by the rules of Debian Policy 5.6.12 for the
/// upstream part; rc, alpha, beta and pre count as before the release. 1.0.2k is after 1.0.2.
[[nodiscard]] int compare_versions(std::string_view left, std::string_view right);

}  // namespace haetae::testcases::firmware
