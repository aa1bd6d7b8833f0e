#include "reports/machine/json_parts.hpp"

namespace haetae::reports {

namespace {

using Json = OrderedJson;

template <class T, class One>
Json list(const std::vector<T>& all, One one) {
  Json out = Json::array();
  for (const T& entry : all) out.push_back(one(entry));
  return out;
}

Json of(const Issue& issue) {
  return {{"number", issue.number},
          {"at", issue.at},
          {"revision", issue.revision},
          {"replaces", issue.replaces},
          {"reason", issue.reason}};
}

Json of(const declaration::Party& party) {
  return {{"name", party.name},
          {"address", party.address},
          {"contact", party.contact},
          {"registration", party.registration},
          {"representative", party.representative}};
}

Json of(const declaration::Signatory& person) {
  return {{"name", person.name}, {"title", person.title}};
}

}  // namespace

OrderedJson both(const Text& text) { return {{"ko", text.ko}, {"en", text.en}}; }

OrderedJson issue_of(const Report& report) {
  return report.issue ? of(*report.issue) : Json(nullptr);
}

OrderedJson history_of(const Report& report) {
  return list(report.history, [](const Issue& issue) { return of(issue); });
}

OrderedJson particulars_of(const Report& report) {
  if (!report.particulars) return nullptr;
  const Particulars& given = *report.particulars;
  return {{"kind", both(given.kind)},
          {"laboratory", of(given.laboratory)},
          {"applicant", of(given.applicant)},
          {"accreditation", given.accreditation},
          {"site", given.site},
          {"sample", given.sample},
          {"condition", given.condition},
          {"receipt", given.receipt},
          {"units", given.units},
          {"selection", given.selection},
          {"environment", given.environment},
          {"tester", of(given.tester)},
          {"manager", of(given.manager)},
          {"equipment",
           list(given.equipment,
                [](const declaration::Equipment& one) {
                  return Json{{"name", one.name}, {"id", one.id}, {"calibration", one.calibration}};
                })},
          {"deviations", both(given.deviations)},
          {"external", given.external},
          {"opinion", both(given.opinion)},
          {"corrections", list(given.corrections,
                               [](const declaration::Correction& one) {
                                 return Json{{"date", one.date}, {"what", one.what}};
                               })},
          {"verifyAt", given.verify_at}};
}

OrderedJson waivers_of(const Report& report) {
  return list(report.waivers, [](const Waiver& waiver) {
    return Json{{"target", waiver.target},   {"reason", waiver.reason},
                {"author", waiver.author},   {"approver", waiver.approver},
                {"expires", waiver.expires}, {"state", waiver.state},
                {"signer", waiver.signer}};
  });
}

OrderedJson answers_of(const Report& report) {
  return list(report.answers, [](const Answer& answer) {
    return Json{{"criterion", answer.criterion},
                {"outcome", answer.outcome},
                {"who", answer.who},
                {"second", answer.second},
                {"at", answer.at},
                {"text", answer.text},
                {"revision", answer.revision},
                {"evidence", answer.evidence},
                {"attachments", answer.attachments}};
  });
}

OrderedJson hits_of(const Report& report) {
  return list(report.document_hits, [](const DocumentHit& hit) {
    return Json{{"criterion", hit.criterion}, {"document", hit.document},
                {"phrase", hit.phrase},       {"page", hit.page},
                {"excerpt", hit.excerpt},     {"evidence", hit.evidence}};
  });
}

OrderedJson changed_limits_of(const Report& report) {
  return list(report.changed_limits, [](const ChangedLimit& limit) {
    return Json{{"name", limit.name},
                {"before", limit.before},
                {"value", limit.value},
                {"unit", limit.unit.en},
                {"title", both(limit.title)}};
  });
}

OrderedJson unstable_of(const Report& report) {
  return list(report.unstable, [](const UnstableFact& fact) {
    return Json{{"procedure", fact.procedure},
                {"table", fact.table},
                {"row", fact.row},
                {"same", fact.same},
                {"of", fact.of}};
  });
}

OrderedJson flows_of(const Report& report) {
  return list(report.flows, [](const FlowRow& row) {
    return Json{{"direction", row.direction}, {"peer", row.peer},
                {"protocol", row.protocol},   {"purpose", row.purpose},
                {"declared", row.declared},   {"evidence", row.evidence}};
  });
}

OrderedJson components_of(const Report& report) {
  return list(report.components, [](const ComponentRow& row) {
    return Json{{"name", row.name},
                {"version", row.version},
                {"where", row.where},
                {"evidence", row.evidence}};
  });
}

OrderedJson latency_of(const Report& report) {
  return list(report.latency, [](const Latency& one) {
    return Json{{"at", one.at},
                {"milliseconds", one.milliseconds},
                {"answered", one.answered},
                {"moment", one.moment}};
  });
}

OrderedJson entropy_of(const Report& report) {
  return list(report.entropy, [](const EntropyBand& band) {
    return Json{{"image", band.image},
                {"offset", band.offset},
                {"size", band.size},
                {"bits", band.bits},
                {"what", band.what}};
  });
}

}  // namespace haetae::reports
