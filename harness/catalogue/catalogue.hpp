#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/error.hpp"
#include "harness/model/record.hpp"
#include "harness/model/text.hpp"

/// The catalogue: what is certified, as data. Items hold criteria, criteria hold queries over fact
/// tables, limits are parameters with a source, knowledge is in reference tables with a source.
namespace haetae::catalogue {

/// A text of a catalogue is never empty in either language.
using haetae::Text;

/// Parameter is a typed limit. It is bound as :name in queries ("." and "-" become "_").
struct Parameter {
  std::string name;
  Value value;
  std::string unit;
  std::string source;
  Text title;
};

/// Column and Reference: knowledge (how strong, how old, how well known), queried like a table
/// named ref_<name>.
struct ReferenceColumn {
  std::string name;
  bool integer = false;
};
struct Reference {
  std::string name;
  std::string source, date;
  Text title;
  std::vector<ReferenceColumn> columns;
  std::vector<std::vector<Value>> rows;
};

/// Reason is a word that a `lacks` query may select, with its sentence ({column} places) and cause.
struct Reason {
  std::string id;
  Cause cause = Cause::tool;
  Text text;
};

/// Kind: a `seen` breach stands on what was seen; an `absent` one (a block that never came) also
/// needs complete coverage and no lack.
enum class Kind { seen, absent };

/// Step is what a person does for a criterion of source document or operator.
struct Step {
  Text task;                       ///< what to do
  Text look;                       ///< what to look at, and when it conforms
  bool second = false;             ///< a second person has to confirm the answer
  std::vector<std::string> finds;  ///< words or phrases that a document must hold, one of them
};

/// Replay is a command with public tools that shows a breach: a script for a POSIX shell that ends
/// with 0 if it saw the breach, 1 if it did not, 2 if it could not tell. {column} places of the
/// breach query, of Catalogue::replay_places and {address}, {host} (in brackets if IPv6) and {port}
/// are filled with values quoted for the shell; {secret} becomes "$SECRET".
struct Replay {
  struct Variant {
    std::vector<std::string> is;  ///< a word for each column of `by`; * for any
    std::string hazard = "safe";  ///< word of Hazard
    std::string script;
  };
  std::string id;
  std::vector<std::string> by;  ///< columns that choose the variant, the first that fits counts
  std::string at;               ///< column that holds the endpoint; empty: subject
  std::vector<Variant> variants;
  std::string file;  ///< where it stands
  int line = 0;
};

struct Criterion {
  std::string id;      ///< 6.1-undeclared; unique in the catalogue
  std::string source;  ///< probe, capture, firmware, document, operator
  Kind kind = Kind::seen;
  bool planned = false;  ///< no queries yet: not-run (probe, capture, firmware) or pending
  Text title;            ///< what is asked, as one sentence
  std::vector<std::string>
      universe;  ///< topics that must be complete for "lan" to know all subjects
  std::vector<std::string> coverage;           ///< topics that must be complete for each subject
  std::string subjects, lacks, breach, cites;  ///< SELECTs; see judge/judge.hpp
  Text says, remedy;                           ///< with {column} places of breach
  std::string replay{};        ///< id of a Replay; empty: no public tool shows a breach
  std::optional<Step> step{};  ///< of a criterion that a person answers
  std::string file;            ///< where it stands
  int line = 0;
};

/// asked() says whether a person answers the criterion (source document or operator), not a query.
[[nodiscard]] bool asked(const Criterion& criterion);

struct Item {
  std::string id;         ///< our own stable id: 6.1
  std::string code;       ///< official code, if known
  bool official = false;  ///< title and code confirmed by a public source
  std::string domain;     ///< 1 … 7
  Text title, requirement, remedy;
  bool lite = false, basic = false, standard = false;
  bool optional = false;  ///< one of the up to seven that depend on the product
  std::vector<std::string> methods;
  std::vector<std::string> retest;  ///< parts of the identity after whose change it is tested again
  std::string applies;  ///< optional SELECT subject, evidence: what shows that the item applies
  std::vector<Criterion> criteria;
  std::string file;  ///< where it stands
  int line = 0;
};

struct Domain {
  std::string id;
  Text title;
};

struct Profile {
  std::string id;
  Text title;
};

/// ChangedLimit is a parameter that was set for one judgement, with the value that it had.
struct ChangedLimit {
  std::string name;
  Value before;
};

struct Catalogue {
  std::string id, edition;
  Text title;
  std::string legal_base;
  std::vector<Domain> domains;
  std::vector<Parameter> parameters;
  std::vector<Reference> references;
  std::vector<Reason> reasons;
  std::vector<Replay> replays;
  std::string replay_places;  ///< SELECT subject, …: more places of replays, a row a subject
  std::vector<Item> items;
  std::optional<Profile> profile;     ///< when one was applied
  std::vector<ChangedLimit> changed;  ///< limits that a person set for one judgement

  [[nodiscard]] const Item* item(std::string_view id) const;
  [[nodiscard]] const Parameter* parameter(std::string_view name) const;
  [[nodiscard]] const Reference* reference(std::string_view name) const;
  [[nodiscard]] const Reason* reason(std::string_view id) const;
  [[nodiscard]] const Replay* replay(std::string_view id) const;
};

/// Source is the texts that a catalogue was read from; a run file keeps them word for word.
struct SourceText {
  std::string name;  ///< kisa-cic.xml, references/tls.xml, profiles/ip-camera.xml
  std::string text;
};

struct Loaded {
  Catalogue value;
  std::vector<SourceText> sources;
};

/// load() reads a catalogue with the files that it includes and, if named, a profile on top.
/// Unknown, missing or doubled names are errors "FILE:LINE: what; allowed: …".
[[nodiscard]] Result<Loaded> load(const std::filesystem::path& file,
                                  const std::optional<std::filesystem::path>& profile);
/// load_sources() reads the same from texts (of a run file); the first is the catalogue, one with
/// the root <profile> is applied on top, then one with the root <limits>; the others must be
/// included by the catalogue.
[[nodiscard]] Result<Catalogue> load_sources(const std::vector<SourceText>& sources);

/// limits_source() is the text that sets limits for one judgement ("NAME=VALUE" each); an unknown
/// name, a value of another type and a doubled name are errors that list what is allowed.
[[nodiscard]] Result<SourceText> limits_source(const Catalogue& catalogue,
                                               const std::vector<std::string>& assignments);

/// parameter_binding() is the bound name: "password.length-3" gives "password_length_3".
[[nodiscard]] std::string parameter_binding(std::string_view name);

}  // namespace haetae::catalogue
