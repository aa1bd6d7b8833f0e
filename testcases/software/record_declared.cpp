#include "testcases/software/record_declared.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

void record_declared_records(runner::Context& context, EvidenceId evidence) {
  const auto& given = context.device().records;
  facts::DeclaredRecords fact;
  fact.evidence = evidence;
  fact.subject = "lan";
  fact.read = yes_no(given && given->read);
  fact.listen = yes_no(given && given->listen);
  fact.erase = given && !given->erasable ? "none" : yes_no(given && given->erase);
  fact.time_shown = yes_no(given && given->show_time);
  fact.time_set = yes_no(given && given->set_time);
  fact.time_server = yes_no(given && given->time_server);
  runner::record(context, fact);
}

}  // namespace haetae::testcases
