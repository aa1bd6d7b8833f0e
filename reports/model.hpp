#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/catalogue/catalogue.hpp"
#include "harness/declaration/particulars.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/model/error.hpp"
#include "harness/model/record.hpp"
#include "harness/model/text.hpp"
#include "harness/model/verdict.hpp"

/// What a report says, as plain values: every renderer shows this and asks nothing else. Device
/// strings in it are as they came: each renderer escapes them for its own form.
namespace haetae::reports {

using declaration::Particulars;

struct NameValue {
  std::string name, value;
};

/// Identity is what the maker declares; a member that was not declared is empty.
struct Identity {
  std::string maker, model, category, serial, hardware, firmware;
};

/// Revision is one judgement of the facts.
struct Revision {
  std::int64_t number = 0;  ///< id of the table revision
  std::int64_t of = 0;      ///< how many there are
  std::string at, tested_at, catalogue, edition, sha256, profile, type, tool, reason;
  bool whole = true;
  Headline headline = Headline::incomplete;
};

/// Limit is a parameter that a criterion binds.
struct Limit {
  std::string name, value;
  Text unit, source, title;
};

/// ChangedLimit is a limit that was set for this judgement only; the method of the report names it.
struct ChangedLimit {
  std::string name, before, value;
  Text unit, title;
};

struct Finding {
  std::string code{};  ///< haetae::finding_code()
  std::string subject, key;
  Text says, remedy;
  std::string replay{};  ///< a command with public tools that shows the same; empty if none
  std::vector<EvidenceId> evidence;
};

struct Subject {
  std::string subject;
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  Text reason;
  std::vector<EvidenceId> cites;
};

struct Criterion {
  std::string id, item, source;  ///< source: probe, capture, firmware, document, operator
  Text title;
  bool absent = false;   ///< its breach is something that never came (DESIGN: kind="absent")
  bool planned = false;  ///< no queries yet
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  Text reason;
  std::vector<Subject> subjects;
  std::vector<Finding> findings;
  std::vector<Limit> limits;                    ///< what its queries bind, in name order
  std::vector<NameValue> rule;                  ///< its queries: subjects, lacks, breach, cites
  std::vector<std::string> universe, coverage;  ///< topics that must be complete
  std::optional<catalogue::Step> step{};        ///< what a person does, if a person answers
};

struct Item {
  std::string id, code, domain;
  bool official = false, optional = false;
  bool lite = false, basic = false, standard = false;
  std::vector<std::string> methods;
  Text title, requirement, remedy;
  std::string selected;  ///< planned, outside-type, excluded
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  Text reason;
  std::vector<Criterion> criteria;
  /// evidence() is everything that its criteria cite, in id order.
  [[nodiscard]] std::vector<EvidenceId> evidence() const;
};

/// Counts holds how many of each verdict, by the order of the enum Verdict.
using Counts = std::array<std::size_t, 6>;

struct Domain {
  std::string id;
  Text title;
  std::vector<std::size_t> items;  ///< indices of Report::items
  Counts counts{};                 ///< of its planned items
  std::size_t outside = 0;         ///< items that are not in the plan
};

/// NotTested is one thing that was not looked at, and why.
struct NotTested {
  std::string kind;  ///< item, criterion, procedure, coverage
  std::string id, subject;
  Text title, reason;
  std::string
      word;  ///< outside-type, excluded, not-run, pending, not-permitted, interrupted, partial …
};

struct ServiceRow {
  std::string subject, state, protocol, tls, product, version, banner;
  std::string declared;  ///< yes, no
  std::string purpose;   ///< as declared
  EvidenceId evidence = 0;
};

struct TlsSuiteRow {
  std::string version, suite;
  std::int64_t preference = 0;
  EvidenceId evidence = 0;
};

struct TlsVersionRow {
  std::string version, offered;
  EvidenceId evidence = 0;
};

struct TlsGroupRow {
  std::string version, name;
  std::int64_t bits = 0;
};

struct CertificateRow {
  std::int64_t position = 0, key_bits = 0;
  std::string sha256, subject_name, issuer_name, key_algorithm, key_curve, signature_algorithm,
      not_before, not_after, self_signed, covers_host, chain;
  EvidenceId evidence = 0;
};

struct TlsEndpoint {
  std::string subject;
  std::vector<TlsVersionRow> versions;
  std::vector<TlsSuiteRow> suites;
  std::vector<TlsGroupRow> groups;
  std::vector<NameValue> properties;
  std::vector<CertificateRow> certificates;
};

struct SshAlgorithmRow {
  std::string category, direction, name;
  std::int64_t preference = 0;
};

struct SshHostKeyRow {
  std::string algorithm, fingerprint;
  std::int64_t bits = 0;
};

struct SshServer {
  std::string subject, protocol, software;
  std::vector<SshAlgorithmRow> algorithms;
  std::vector<SshHostKeyRow> host_keys;
  std::vector<std::string> auth_methods;
};

/// LoginRow is a login surface with what was tried there; never a secret.
struct LoginRow {
  std::string subject, method, path, origin, clear_text, usable;
  std::size_t tried = 0, accepted = 0;
  EvidenceId evidence = 0;
};

struct AccountRow {
  std::string account, role, factory, sacrificial;
};

struct EvidenceEntry {
  EvidenceId id = 0;
  std::string procedure, kind, subject, label, media_type, at, commitment;  ///< commitment in hex
  std::int64_t size = 0, cut = 0, link = 0;
  bool withheld = false;
  std::vector<std::string> cited_by;  ///< criteria of this revision
};

struct ProcedureEntry {
  std::string id, hazard, plan, plan_reason;  ///< plan: planned, not-permitted, excluded
  std::int64_t version = 0;
  std::vector<std::string> topics;
  std::string state, at, cause, reason;  ///< last state, empty if it never started
  std::string started;                   ///< when it was first started, empty if never
};

struct CoverageEntry {
  std::string topic, subject, state, cause, why, tried, procedure;
};

struct LogEntry {
  std::string at, level, text;
};

struct LinkEntry {
  std::int64_t n = 0;
  std::string at, what, hash;
};

struct SealEntry {
  std::int64_t n = 0;
  std::string at, public_key;  ///< hex
};

struct DocumentEntry {
  std::string kind, name, sha256;
};

/// Issue is one report that was issued from this run.
struct Issue {
  std::string number, at, replaces, reason;
  std::int64_t revision = 0;
};

/// Waiver is a finding, or an item, that is known and accepted until a date.
struct Waiver {
  std::string target, reason, author, approver, expires, state,
      signer;  ///< state: in-force, expired
};

/// Answer is what a person said of a criterion; the last of a criterion counts.
struct Answer {
  std::string criterion, outcome, who, second, at, text;
  std::int64_t revision = 0;
  EvidenceId evidence = 0;
  std::vector<EvidenceId> attachments;
};

/// DocumentHit is where required content was found in a submitted document.
struct DocumentHit {
  std::string criterion, document, phrase, excerpt;
  std::int64_t page = 0;
  EvidenceId evidence = 0;
};

struct FlowRow {
  std::string direction, peer, protocol, purpose, declared;
  EvidenceId evidence = 0;
};

struct ComponentRow {
  std::string name, version, where;
  EvidenceId evidence = 0;
};

/// UnstableFact is a fact that did not come out the same each time its procedure was repeated.
struct UnstableFact {
  std::string procedure, table, row;
  std::int64_t same = 0, of = 0;  ///< how often as the fact says, of how many looks
};

/// Latency is one sample of the device's answer time.
struct Latency {
  std::string at;
  double milliseconds = 0;
  bool answered = true;
  std::string moment;  ///< before or after which procedure
};

/// EntropyBand is one stretch of a firmware image.
struct EntropyBand {
  std::string image;
  std::int64_t offset = 0, size = 0;
  double bits = 0;  ///< per byte, 0 to 8
  std::string what;
};

/// Content is bytes that renderers show in place.
struct Content {
  Bytes bytes;
  bool whole = true;  ///< false: only the start is here
};

/// BaselineChange is one thing of an item against an earlier run.
struct BaselineChange {
  std::string item, code;  ///< code: of a finding; empty for a verdict
  std::string way;         ///< regression, fixed, known, changed
  std::string why;         ///< device, declaration, catalogue …; empty for known
  std::string until;       ///< expiry of the waiver in force; empty: none
  Text says;
};

/// Baseline is the earlier run that this one was compared with.
struct Baseline {
  std::string run, root;
  std::size_t regressions = 0, beyond_waivers = 0;
  std::vector<BaselineChange> changes;
};

struct Report {
  Identity device;
  std::vector<NameValue> run;  ///< the table run: uuid, tool, commit, started …
  Revision revision;
  std::string finished;  ///< when the last procedure ended, or the newest link was written
  Text catalogue_title;
  std::string legal_base;
  std::vector<ChangedLimit> changed_limits;  ///< against the catalogue, for this revision
  Text profile_title;                        ///< empty without a profile
  std::vector<Domain> domains;
  std::vector<Item> items;  ///< every item of the catalogue, in its order
  Counts counts{};          ///< of the planned items
  std::vector<NotTested> not_tested;
  std::vector<ServiceRow> services;
  std::vector<TlsEndpoint> tls;
  std::vector<SshServer> ssh;
  std::vector<LoginRow> logins;
  std::vector<AccountRow> accounts;
  std::vector<EvidenceEntry> evidence;
  std::vector<ProcedureEntry> procedures;
  std::vector<CoverageEntry> coverage;
  std::vector<LogEntry> log;
  std::vector<LinkEntry> links;
  std::vector<SealEntry> seals;
  std::vector<DocumentEntry> documents;  ///< declaration, catalogue, profile; not the schema
  std::optional<evidence::Verification> verification;
  std::optional<Issue> issue;  ///< the report that this is; none: a draft
  std::optional<Particulars> particulars;
  std::vector<Issue> history;          ///< every report issued from this run, this one included
  std::vector<Waiver> waivers;         ///< of this revision
  std::optional<Baseline> baseline{};  ///< what a command compared it with; not part of the run
  std::vector<Answer> answers;         ///< every one, in order
  std::vector<DocumentHit> document_hits;
  std::vector<FlowRow> flows;
  std::vector<ComponentRow> components;
  std::vector<UnstableFact> unstable;
  std::vector<Latency> latency;
  std::vector<EntropyBand> entropy;
  std::map<EvidenceId, Content> contents;  ///< of cited evidence and attachments, within a budget
  std::vector<std::string> damages;        ///< what could not be read or is not what was written

  [[nodiscard]] std::string run_value(std::string_view name) const;
  [[nodiscard]] const EvidenceEntry* evidence_entry(EvidenceId id) const;
};

/// sources_of() is the texts that a revision was judged by (0: the newest), the catalogue first. A
/// run that was never judged gives those that it was planned with.
[[nodiscard]] Result<std::vector<catalogue::SourceText>> sources_of(const evidence::RunFile& run,
                                                                    std::int64_t revision = 0);

/// catalogue_of() loads the catalogue that a revision was judged by (0: the newest) from the texts
/// in the run file; ErrorKind::not_found if the run was never judged or holds no catalogue.
[[nodiscard]] Result<catalogue::Catalogue> catalogue_of(const evidence::RunFile& run,
                                                        std::int64_t revision = 0);

/// Wanted says which report of a run.
struct Wanted {
  std::int64_t revision = 0;  ///< 0: the newest
  std::string issue{};        ///< number of an issued report; empty: a draft
};

/// read() fills a report from a run file. `catalogue` must be the one of the wanted revision.
/// `verification` goes into the report as it is; what it found damaged is marked.
[[nodiscard]] Result<Report> read(const evidence::RunFile& run,
                                  const catalogue::Catalogue& catalogue,
                                  std::optional<evidence::Verification> verification = std::nullopt,
                                  const Wanted& wanted = {});

/// json() renders by reports/machine/report.schema.json; both languages stand side by side.
[[nodiscard]] std::string json(const Report& report);

/// Language of renderers that show one.
enum class Language { ko, en };
[[nodiscard]] inline const std::string& in(const Text& text, Language language) {
  return language == Language::ko ? text.ko : text.en;
}

/// junit() renders JUnit XML: a suite for each domain, a test case for each item. fail is a
/// failure, inconclusive an error, everything else that is no pass is skipped, with its reason.
[[nodiscard]] std::string junit(const Report& report, Language language);

}  // namespace haetae::reports
