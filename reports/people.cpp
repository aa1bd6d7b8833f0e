#include "reports/rows.hpp"

namespace haetae::reports {

using evidence::Statement;

void read_answers(Rows& rows, Report& report) {
  rows.each_of("answer",
               "SELECT criterion, outcome, who, second, at, text, revision, evidence FROM answer "
               "ORDER BY criterion, revision, id",
               [&](const Statement& row) {
                 report.answers.push_back({.criterion = row.text(0),
                                           .outcome = row.text(1),
                                           .who = row.text(2),
                                           .second = row.text(3),
                                           .at = row.text(4),
                                           .text = row.text(5),
                                           .revision = row.integer(6),
                                           .evidence = row.integer(7),
                                           .attachments = {}});
               });
  rows.each_of("answer_attachment",
               "SELECT criterion, revision, evidence FROM answer_attachment ORDER BY position, id",
               [&](const Statement& row) {
                 for (Answer& answer : report.answers) {
                   if (answer.criterion == row.view(0) && answer.revision == row.integer(1)) {
                     answer.attachments.push_back(row.integer(2));
                   }
                 }
               });
  rows.each_of("document_hit",
               "SELECT criterion, document, phrase, excerpt, page, evidence FROM document_hit "
               "ORDER BY criterion, document, page, id",
               [&](const Statement& row) {
                 report.document_hits.push_back({.criterion = row.text(0),
                                                 .document = row.text(1),
                                                 .phrase = row.text(2),
                                                 .excerpt = row.text(3),
                                                 .page = row.integer(4),
                                                 .evidence = row.integer(5)});
               });
}

}  // namespace haetae::reports
