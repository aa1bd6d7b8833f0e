#pragma once

#include "testcases/firmware/inspector.hpp"

/// Inspectors of programs, components and boot settings; each stands in a file of its own name.
namespace haetae::testcases::firmware {

[[nodiscard]] Listed elf_inspector();
[[nodiscard]] Listed component_inspector();
[[nodiscard]] Listed boot_inspector();
[[nodiscard]] Listed version_inspector();
[[nodiscard]] Listed secure_element_inspector();

}  // namespace haetae::testcases::firmware
