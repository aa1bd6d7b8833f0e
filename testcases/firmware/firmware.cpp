#include "testcases/firmware/inspector.hpp"
#include "testcases/procedures.hpp"

/// Opens every declared firmware image once and lets all inspectors look at what is in it.
namespace haetae::testcases {

runner::Procedure firmware_procedure() {
  runner::Info info;
  info.id = "firmware";
  info.title = {"펌웨어 이미지 분석", "what the firmware image holds"};
  info.hazard = Hazard::passive;
  info.provides_facts = {"firmware_image", "firmware_part", "firmware_entropy"};
  info.topics = {"firmware", "firmware.dump", "firmware.after-reset"};
  for (const firmware::Listed& one : firmware::inspectors()) {
    info.topics.insert(info.topics.end(), one.topics.begin(), one.topics.end());
    info.provides_facts.insert(info.provides_facts.end(), one.facts.begin(), one.facts.end());
  }
  info.expected = std::chrono::seconds(10);
  info.deadline = std::chrono::seconds(3600);
  return {.info = std::move(info),
          .run =
              [](runner::Context& context) {
                return firmware::inspect(context, &formats::walk, firmware::inspectors());
              },
          .recover = {}};
}

}  // namespace haetae::testcases
