#include "testcases/firmware/binary_inspectors.hpp"
#include "testcases/firmware/inspector.hpp"

namespace haetae::testcases::firmware {

std::vector<Listed> inspectors() {
  return {elf_inspector(), component_inspector(), boot_inspector(), version_inspector(),
          secure_element_inspector()};
}

}  // namespace haetae::testcases::firmware
