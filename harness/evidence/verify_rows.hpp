#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/evidence/canon.hpp"
#include "harness/evidence/run_file.hpp"

/// The part of verify() that recomputes rows, leaves and links.
namespace haetae::evidence {

inline constexpr std::size_t kMostDamages = 200;

/// Report collects damages up to the limit.
struct Report {
  std::vector<Damage> damages;
  void add(std::string place, std::string text);
};

struct LinkRow {
  std::int64_t n = 0;
  std::string at, what;
  Bytes prev, digest;
  Digest stored{}, computed{}, rows{};  ///< hash as stored, as it follows; digest over the rows
  bool chain_ok = false, rows_ok = false, named = false;
};

/// RowVerifier recomputes the digest of every row and every link, and uses the leaves to name the
/// row and the cell that is not what was written.
class RowVerifier {
 public:
  /// Rows of `changed` tables are not named one by one: their schema is already reported.
  RowVerifier(sqlite3* database, Report& report, const std::set<std::string>& changed)
      : db_(database), report_(report), changed_(changed) {}
  void run();
  [[nodiscard]] const std::vector<LinkRow>& links() const { return links_; }

 private:
  struct Row {
    std::int64_t link = 0, id = 0;
    std::uint32_t table = 0, cells = 0, cell_count = 0;
    Digest digest{};
  };
  struct Leaf {
    std::int64_t id = 0, link = 0, row = 0;
    std::string table;
    Bytes digest, cells;
  };

  void read_links();
  void read_table(std::uint32_t table);
  void check_chain();
  [[nodiscard]] bool leaves_agree();
  void read_leaves();
  void check_leaf_ids();
  void merge();
  void compare(const Row& row, const Leaf& leaf);
  void pair_up();
  bool pair(const Row& row, Leaf& leaf);
  void name_alone();
  void name_rest();
  [[nodiscard]] LinkRow* link(std::int64_t n);
  [[nodiscard]] bool sound(const Row& row);
  [[nodiscard]] bool link_sound(std::int64_t n, const std::string& table);
  [[nodiscard]] ByteView cells(const Row& row) const {
    return ByteView(cells_).subspan(row.cells, row.cell_count);
  }
  [[nodiscard]] std::string place(const Row& row) const;
  void damage(const Row& row, std::string cell, std::string text);
  void leaf_damage(const Leaf& leaf, std::string cell, std::string text);

  sqlite3* db_;
  Report& report_;
  const std::set<std::string>& changed_;
  std::vector<std::string> tables_;                ///< in name order
  std::vector<std::vector<std::string>> columns_;  ///< of each table
  std::vector<LinkRow> links_;                     ///< by n
  std::vector<Row> rows_;                          ///< by (link, table, id)
  Bytes cells_;
  std::vector<Leaf> leaves_;
  std::vector<const Row*> rows_alone_;
  std::vector<Leaf*> leaves_alone_;
};

}  // namespace haetae::evidence
