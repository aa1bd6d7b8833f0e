#pragma once

#include <array>

#include "harness/protocols/tls_names.hpp"

/// The tables behind tls_names.hpp, each in ascending order of numbers.
namespace haetae::protocols::table {

inline constexpr std::size_t kSuites = 367;
inline constexpr std::size_t kSsl2Kinds = 10;
inline constexpr std::size_t kGroups = 54;
inline constexpr std::size_t kSchemes = 42;

extern const std::array<NamedNumber, kSuites> suites;
extern const std::array<NamedNumber, kSsl2Kinds> ssl2_kinds;
extern const std::array<NamedNumber, kGroups> groups;
extern const std::array<int, kGroups> group_bits;  ///< by position in groups
extern const std::array<NamedNumber, kSchemes> schemes;

}  // namespace haetae::protocols::table
