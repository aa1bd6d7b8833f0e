#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/evidence/signing.hpp"
#include "harness/evidence/stamp.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/model/record.hpp"

struct sqlite3;

/// The run file: one SQLite database that holds a whole run, append-only and hash-chained.
namespace haetae::evidence {

/// FactTable is one kind of fact: the CREATE TABLE text with its comments (testcases/facts).
struct FactTable {
  std::string name;
  std::string sql;
};

/// load_fact_tables() reads every *.sql of a folder, in name order, and checks that each is one
/// documented STRICT table as testcases/facts/README.md demands.
[[nodiscard]] Result<std::vector<FactTable>> load_fact_tables(const std::filesystem::path& folder);

/// StoredEvidence is evidence with its content, ready to be written.
struct StoredEvidence {
  EvidenceId id = 0;
  std::string procedure, kind, subject, label, media_type;
  WallTime at;
  Bytes content;
  std::int64_t cut = 0;
};

struct StoredSecret {
  SecretId id = 0;
  std::string kind, value;
};

/// Cells is a row to insert: column name and value, without id and link.
using Cells = std::vector<std::pair<std::string, Value>>;

/// Blob-free generic row insert is all that the engine needs; evidence and secrets have their own.
class Transaction {
 public:
  virtual ~Transaction() = default;
  /// insert() adds a row and returns its id; a row that breaks the schema is ErrorKind::internal.
  [[nodiscard]] virtual Result<std::int64_t> insert(std::string_view table, const Cells& cells) = 0;
  [[nodiscard]] virtual Result<void> insert(const StoredEvidence& evidence) = 0;
  [[nodiscard]] virtual Result<void> insert(const StoredSecret& secret) = 0;
  /// commit() writes the link over all rows and makes them durable; without it everything is
  /// undone.
  [[nodiscard]] virtual Result<void> commit() = 0;
};

/// RunFile owns the database handle. One thread at a time.
class RunFile {
 public:
  /// create() makes a new file (an existing one is an error) with schema, fact tables, triggers and
  /// link 1, which hashes schema, tool and the given documents.
  [[nodiscard]] static Result<RunFile> create(
      const std::filesystem::path& file, const std::vector<FactTable>& facts,
      const std::function<Result<void>(Transaction&)>& first, Clock& clock);
  /// open() opens an existing run file; one that is no run file says so.
  [[nodiscard]] static Result<RunFile> open(const std::filesystem::path& file, bool writable,
                                            Clock& clock);
  RunFile(RunFile&&) noexcept;
  RunFile& operator=(RunFile&&) noexcept;
  ~RunFile();

  /// begin() starts the transaction of the next link; `what` says why.
  [[nodiscard]] Result<std::unique_ptr<Transaction>> begin(std::string_view what);
  /// next_evidence() and next_secret() are the first free ids.
  [[nodiscard]] EvidenceId next_evidence() const;
  [[nodiscard]] SecretId next_secret() const;
  /// content() puts the chunks of an evidence together; not_found if absent or withheld.
  [[nodiscard]] Result<Bytes> content(EvidenceId id) const;
  [[nodiscard]] Result<std::string> secret(SecretId id) const;
  /// root() is the hash of the newest link, hex.
  [[nodiscard]] std::string root() const;
  /// seal() signs the newest link.
  [[nodiscard]] Result<void> seal(const SigningKey& key);
  /// newest_seal() is the id and the signature of the last seal; not_found if there is none.
  [[nodiscard]] Result<std::pair<std::int64_t, Bytes>> newest_seal() const;
  /// stamp() keeps a time stamp token over the signature of a seal.
  [[nodiscard]] Result<void> stamp(std::int64_t seal, ByteView token);
  /// finish() leaves one file without journal beside it.
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] sqlite3* handle() const;
  [[nodiscard]] const std::filesystem::path& path() const;
  /// value() reads a name of the table run; empty if absent.
  [[nodiscard]] std::string value(std::string_view name) const;

  struct State;  ///< opaque

 private:
  explicit RunFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Damage is one place where the file is not what was written.
struct Damage {
  std::string place;  ///< "link 17", "port row 12 cell state", "schema of table port" …
  std::string text;   ///< one sentence
};

/// Stamp is a time stamp that fits its seal.
struct Stamp {
  std::int64_t id = 0, seal = 0;
  CheckedStamp checked{};
};

struct Verification {
  std::int64_t links = 0;      ///< M
  std::int64_t sealed_to = 0;  ///< N, 0 if never sealed by a valid seal
  Bytes signer;                ///< key of the newest valid seal, SubjectPublicKeyInfo DER
  std::string algorithm;       ///< of that seal: ed25519, ecdsa-sha256 …
  bool signer_known = false;   ///< it is the key that the caller trusts
  std::string root;            ///< hash of the newest link, hex
  std::int64_t withheld = 0;   ///< evidence and secrets whose content is not in the file
  std::vector<Stamp> stamps;
  std::vector<Damage> damages;  ///< at most 200
  [[nodiscard]] bool intact() const { return damages.empty(); }
};

/// verify() recomputes everything. `authorities` is a PEM file of certificates that the caller
/// trusts for time stamps. `trusted` is a SubjectPublicKeyInfo (public_key_from_pem);
/// without it the signer is unknown, since a key inside the file proves nothing.
[[nodiscard]] Result<Verification> verify(const std::filesystem::path& file,
                                          const std::optional<Bytes>& trusted,
                                          const std::filesystem::path& authorities = {});

}  // namespace haetae::evidence
