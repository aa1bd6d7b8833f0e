#include "testcases/firmware/binary_inspectors.hpp"
#include "testcases/firmware/hunter.hpp"

namespace haetae::testcases::firmware {

std::vector<Listed> inspectors() {
  return {contents_inspector(), leftovers_inspector(), permissions_inspector(),
          services_inspector(), elf_inspector(),       component_inspector(),
          boot_inspector(),     version_inspector(),   secure_element_inspector()};
}

}  // namespace haetae::testcases::firmware
