#pragma once

#include <string>
#include <vector>

#include "harness/runner/procedure.hpp"

namespace haetae::testcases {

/// PasswordSample is a new password that the change function is asked to take.
struct PasswordSample {
  std::string name, property;
  std::string password;
  bool operator==(const PasswordSample&) const = default;
};

/// character_classes() counts digit, upper, lower and special in a password.
[[nodiscard]] int character_classes(std::string_view password);

/// made_password() has `length` characters of exactly `classes` classes, without neighbours of the
/// alphabet, the digits or a keyboard row, and without a repeated character. The same seed makes
/// the same password, so that an interrupted run can find the one in force.
[[nodiscard]] std::string made_password(std::string_view seed, std::size_t length, int classes);

/// password_samples() are those of the reference password_sample for an account; one that cannot be
/// made (no factory password declared) is left out.
[[nodiscard]] std::vector<PasswordSample> password_samples(const runner::Context& context,
                                                           const declaration::Account& account);

/// spare_password() is a conforming password for the way back where a device refuses one that was
/// used before.
[[nodiscard]] std::string spare_password(const runner::Context& context,
                                         const declaration::Account& account, int index);

}  // namespace haetae::testcases
