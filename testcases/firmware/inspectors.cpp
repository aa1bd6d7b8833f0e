#include "testcases/firmware/inspector.hpp"

namespace haetae::testcases::firmware {

std::vector<Listed> inspectors() { return {}; }

}  // namespace haetae::testcases::firmware
