#include <nlohmann/json.hpp>

#include "reports/machine/json_parts.hpp"
#include "reports/machine/texts.hpp"
#include "reports/model.hpp"

namespace haetae::reports {

namespace {

using Json = nlohmann::ordered_json;

Json of(const Text& text) { return {{"ko", text.ko}, {"en", text.en}}; }

/// list() maps a vector by `one`; an empty one stays an array.
template <class T, class One>
Json list(const std::vector<T>& all, One one) {
  Json out = Json::array();
  for (const T& entry : all) out.push_back(one(entry));
  return out;
}

Json pairs(const std::vector<NameValue>& all) {
  Json out = Json::object();
  for (const NameValue& entry : all) out[entry.name] = entry.value;
  return out;
}

template <class T>
Json verdict_of(const T& judged) {
  return {{"verdict", word(judged.verdict)},
          {"cause", word(judged.cause)},
          {"reason", of(judged.reason)}};
}

Json of(const Counts& counts) {
  Json out = Json::object();
  for (std::size_t index = counts.size(); index-- > 0;) {
    out[std::string(word(static_cast<Verdict>(index)))] = counts[index];
  }
  return out;
}

Json of(const Report& report, const Item& item, const Criterion& criterion) {
  Json out{{"id", criterion.id},
           {"source", criterion.source},
           {"title", of(criterion.title)},
           {"kind", criterion.absent ? "absent" : "seen"},
           {"planned", criterion.planned}};
  out.update(verdict_of(criterion));
  out["subjects"] = list(criterion.subjects, [](const Subject& subject) {
    Json one{{"subject", subject.subject}};
    one.update(verdict_of(subject));
    one["evidence"] = subject.cites;
    return one;
  });
  out["findings"] = list(criterion.findings, [&](const Finding& finding) {
    const Waiver* const waiver = waiver_of(report, item, criterion, finding);
    return Json{{"code", finding.code},
                {"subject", finding.subject},
                {"key", finding.key},
                {"says", of(finding.says)},
                {"remedy", of(finding.remedy)},
                {"replay", finding.replay},
                {"waiver", waiver == nullptr ? Json(nullptr) : Json(waiver->state)},
                {"evidence", finding.evidence}};
  });
  out["limits"] = list(criterion.limits, [](const Limit& limit) {
    return Json{{"name", limit.name},
                {"value", limit.value},
                {"unit", limit.unit.en},
                {"source", limit.source.en},
                {"title", of(limit.title)}};
  });
  out["rule"] = pairs(criterion.rule);
  out["needs"] = {{"universe", criterion.universe}, {"coverage", criterion.coverage}};
  if (criterion.step) {
    out["step"] = {{"task", of(criterion.step->task)},
                   {"look", of(criterion.step->look)},
                   {"second", criterion.step->second},
                   {"finds", criterion.step->finds}};
  }
  return out;
}

Json of(const Report& report, const Item& item) {
  Json types = Json::array();
  if (item.lite) types.push_back("lite");
  if (item.basic) types.push_back("basic");
  if (item.standard) types.push_back("standard");
  Json out{{"id", item.id},
           {"code", item.code},
           {"official", item.official},
           {"optional", item.optional},
           {"domain", item.domain},
           {"types", std::move(types)},
           {"methods", item.methods},
           {"title", of(item.title)},
           {"requirement", of(item.requirement)},
           {"remedy", of(item.remedy)},
           {"selected", item.selected}};
  out.update(verdict_of(item));
  out["evidence"] = item.evidence();
  out["criteria"] =
      list(item.criteria, [&](const Criterion& criterion) { return of(report, item, criterion); });
  return out;
}

Json services_of(const Report& report) {
  return list(report.services, [](const ServiceRow& row) {
    return Json{{"subject", row.subject},  {"state", row.state},       {"protocol", row.protocol},
                {"tls", row.tls},          {"product", row.product},   {"version", row.version},
                {"banner", row.banner},    {"declared", row.declared}, {"purpose", row.purpose},
                {"evidence", row.evidence}};
  });
}

Json of(const CertificateRow& row) {
  return {{"position", row.position},
          {"sha256", row.sha256},
          {"subjectName", row.subject_name},
          {"issuerName", row.issuer_name},
          {"keyAlgorithm", row.key_algorithm},
          {"keyCurve", row.key_curve},
          {"keyBits", row.key_bits},
          {"signatureAlgorithm", row.signature_algorithm},
          {"notBefore", row.not_before},
          {"notAfter", row.not_after},
          {"selfSigned", row.self_signed},
          {"coversHost", row.covers_host},
          {"chain", row.chain},
          {"evidence", row.evidence}};
}

Json tls_of(const Report& report) {
  return list(report.tls, [](const TlsEndpoint& endpoint) {
    return Json{
        {"subject", endpoint.subject},
        {"versions", list(endpoint.versions,
                          [](const TlsVersionRow& row) {
                            return Json{{"version", row.version},
                                        {"offered", row.offered},
                                        {"evidence", row.evidence}};
                          })},
        {"suites", list(endpoint.suites,
                        [](const TlsSuiteRow& row) {
                          return Json{{"version", row.version},
                                      {"suite", row.suite},
                                      {"preference", row.preference},
                                      {"evidence", row.evidence}};
                        })},
        {"groups",
         list(endpoint.groups,
              [](const TlsGroupRow& row) {
                return Json{{"version", row.version}, {"name", row.name}, {"bits", row.bits}};
              })},
        {"properties", pairs(endpoint.properties)},
        {"certificates",
         list(endpoint.certificates, [](const CertificateRow& row) { return of(row); })}};
  });
}

Json ssh_of(const Report& report) {
  return list(report.ssh, [](const SshServer& server) {
    return Json{{"subject", server.subject},
                {"protocol", server.protocol},
                {"software", server.software},
                {"algorithms", list(server.algorithms,
                                    [](const SshAlgorithmRow& row) {
                                      return Json{{"category", row.category},
                                                  {"direction", row.direction},
                                                  {"name", row.name},
                                                  {"preference", row.preference}};
                                    })},
                {"hostKeys", list(server.host_keys,
                                  [](const SshHostKeyRow& row) {
                                    return Json{{"algorithm", row.algorithm},
                                                {"bits", row.bits},
                                                {"fingerprint", row.fingerprint}};
                                  })},
                {"authMethods", server.auth_methods}};
  });
}

Json inventories_of(const Report& report) {
  return {{"services", services_of(report)},
          {"tls", tls_of(report)},
          {"ssh", ssh_of(report)},
          {"logins", list(report.logins,
                          [](const LoginRow& row) {
                            return Json{{"subject", row.subject},
                                        {"method", row.method},
                                        {"path", row.path},
                                        {"origin", row.origin},
                                        {"clearText", row.clear_text},
                                        {"usable", row.usable},
                                        {"tried", row.tried},
                                        {"accepted", row.accepted},
                                        {"evidence", row.evidence}};
                          })},
          {"accounts", list(report.accounts,
                            [](const AccountRow& row) {
                              return Json{{"account", row.account},
                                          {"role", row.role},
                                          {"factory", row.factory},
                                          {"sacrificial", row.sacrificial}};
                            })},
          {"flows", flows_of(report)},
          {"components", components_of(report)}};
}

Json plan_of(const Report& report) {
  return {
      {"procedures", list(report.procedures,
                          [](const ProcedureEntry& entry) {
                            return Json{{"id", entry.id},         {"version", entry.version},
                                        {"hazard", entry.hazard}, {"topics", entry.topics},
                                        {"plan", entry.plan},     {"planReason", entry.plan_reason},
                                        {"state", entry.state},   {"started", entry.started},
                                        {"at", entry.at},         {"cause", entry.cause},
                                        {"reason", entry.reason}};
                          })},
      {"coverage",
       list(report.coverage,
            [](const CoverageEntry& entry) {
              return Json{
                  {"topic", entry.topic},        {"subject", entry.subject}, {"state", entry.state},
                  {"cause", entry.cause},        {"why", entry.why},         {"tried", entry.tried},
                  {"procedure", entry.procedure}};
            })},
      {"log", list(report.log, [](const LogEntry& entry) {
         return Json{{"at", entry.at}, {"level", entry.level}, {"text", entry.text}};
       })}};
}

Json evidence_of(const Report& report) {
  return list(report.evidence, [](const EvidenceEntry& entry) {
    return Json{{"id", entry.id},
                {"link", entry.link},
                {"procedure", entry.procedure},
                {"kind", entry.kind},
                {"subject", entry.subject},
                {"label", entry.label},
                {"mediaType", entry.media_type},
                {"at", entry.at},
                {"size", entry.size},
                {"cut", entry.cut},
                {"commitment", entry.commitment},
                {"withheld", entry.withheld},
                {"citedBy", entry.cited_by}};
  });
}

Json custody_of(const Report& report) {
  Json out{
      {"links",
       list(report.links,
            [](const LinkEntry& entry) {
              return Json{
                  {"n", entry.n}, {"at", entry.at}, {"what", entry.what}, {"hash", entry.hash}};
            })},
      {"seals",
       list(report.seals,
            [](const SealEntry& entry) {
              return Json{{"link", entry.n}, {"at", entry.at}, {"publicKey", entry.public_key}};
            })},
      {"documents", list(report.documents, [](const DocumentEntry& entry) {
         return Json{{"kind", entry.kind}, {"name", entry.name}, {"sha256", entry.sha256}};
       })}};
  if (!report.verification) return out;
  const auto& verification = *report.verification;
  out["verification"] = {
      {"intact", verification.intact()},
      {"links", verification.links},
      {"sealedTo", verification.sealed_to},
      {"signer", verification.signer.empty() ? "" : evidence::fingerprint(verification.signer)},
      {"signerKnown", verification.signer_known},
      {"root", verification.root},
      {"withheld", verification.withheld},
      {"damages", list(verification.damages, [](const evidence::Damage& damage) {
         return Json{{"place", damage.place}, {"text", damage.text}};
       })}};
  return out;
}

Json revision_of(const Revision& revision) {
  return {{"number", revision.number},
          {"of", revision.of},
          {"at", revision.at},
          {"testedAt", revision.tested_at},
          {"catalogue", revision.catalogue},
          {"edition", revision.edition},
          {"sha256", revision.sha256},
          {"profile", revision.profile},
          {"type", revision.type},
          {"tool", revision.tool},
          {"whole", revision.whole},
          {"reason", revision.reason}};
}

Json domains_of(const Report& report) {
  return list(report.domains, [&](const Domain& domain) {
    Json items = Json::array();
    for (const std::size_t index : domain.items) items.push_back(report.items[index].id);
    return Json{{"id", domain.id},
                {"title", of(domain.title)},
                {"items", std::move(items)},
                {"counts", of(domain.counts)},
                {"outside", domain.outside}};
  });
}

}  // namespace

std::string json(const Report& report) {
  const Identity& device = report.device;
  const Json out{{"format", "haetae-report"},
                 {"formatVersion", 1},
                 {"headline", word(report.revision.headline)},
                 {"device",
                  {{"maker", device.maker},
                   {"model", device.model},
                   {"category", device.category},
                   {"serial", device.serial},
                   {"hardware", device.hardware},
                   {"firmware", device.firmware}}},
                 {"run", pairs(report.run)},
                 {"finished", report.finished},
                 {"revision", revision_of(report.revision)},
                 {"catalogue",
                  {{"title", of(report.catalogue_title)},
                   {"legalBase", report.legal_base},
                   {"profileTitle", of(report.profile_title)}}},
                 {"counts", of(report.counts)},
                 {"domains", domains_of(report)},
                 {"items", list(report.items, [&](const Item& item) { return of(report, item); })},
                 {"notTested", list(report.not_tested,
                                    [](const NotTested& entry) {
                                      return Json{
                                          {"kind", entry.kind},       {"id", entry.id},
                                          {"subject", entry.subject}, {"word", entry.word},
                                          {"title", of(entry.title)}, {"reason", of(entry.reason)}};
                                    })},
                 {"inventories", inventories_of(report)},
                 {"plan", plan_of(report)},
                 {"evidence", evidence_of(report)},
                 {"custody", custody_of(report)},
                 {"issue", issue_of(report)},
                 {"history", history_of(report)},
                 {"particulars", particulars_of(report)},
                 {"changedLimits", changed_limits_of(report)},
                 {"unstableFacts", unstable_of(report)},
                 {"waivers", waivers_of(report)},
                 {"answers", answers_of(report)},
                 {"documentHits", hits_of(report)},
                 {"latency", latency_of(report)},
                 {"entropy", entropy_of(report)},
                 {"damages", report.damages}};
  // A device may have sent anything: what is no UTF-8 becomes U+FFFD instead of ending the report.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace haetae::reports
