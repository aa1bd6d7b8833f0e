#pragma once

#include "reports/html/evidence_rule.hpp"
#include "reports/html/words.hpp"

/// The sections of the page, in the order in which they stand.
namespace haetae::reports::page {

void cover(Page& page, const Report& report);
void damages(Page& page, const Report& report);
void buyer(Page& page, const Report& report);
void history(Page& page, const Report& report);
void corrections(Page& page, const Report& report);
void contents(Page& page);
void opinion(Page& page, const Report& report);
void method(Page& page, const Report& report);
void glance(Page& page, const Report& report);
void items(Page& page, const Report& report);
void fails(Page& page, const Report& report, const Cited& cited);
void details(Page& page, const Report& report, const Cited& cited);
void not_tested(Page& page, const Report& report);
void waivers(Page& page, const Report& report);
void steps(Page& page, const Report& report, const Cited& cited);
void inventory(Page& page, const Report& report);
void evidence(Page& page, const Report& report, const Cited& cited);
void seal(Page& page, const Report& report);

}  // namespace haetae::reports::page
