#include "harness/evidence/verify_rows.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace haetae::evidence {

namespace {

bool same(ByteView left, ByteView right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

Bytes copy(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// differing() is the indices of the cells whose 4 bytes differ.
std::vector<std::size_t> differing(ByteView left, ByteView right) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < std::max(left.size(), right.size()); at += 4) {
    const auto part = [at](ByteView all) {
      return at < all.size() ? all.subspan(at, std::min<std::size_t>(4, all.size() - at))
                             : ByteView{};
    };
    if (!same(part(left), part(right))) out.push_back(at / 4);
  }
  return out;
}

}  // namespace

void Report::add(std::string place, std::string text) {
  if (damages.size() < kMostDamages) {
    damages.push_back({.place = printable(place), .text = printable(text, 400)});
  }
}

LinkRow* RowVerifier::link(std::int64_t n) {
  const auto found =
      std::lower_bound(links_.begin(), links_.end(), n,
                       [](const LinkRow& row, std::int64_t key) { return row.n < key; });
  return found != links_.end() && found->n == n ? &*found : nullptr;
}

/// link_sound() says whether the chain vouches for the rows of a link (or for the link itself).
bool RowVerifier::link_sound(std::int64_t n, const std::string& table) {
  const LinkRow* found = link(n);
  return found != nullptr && (table == "link" ? found->chain_ok : found->rows_ok);
}

bool RowVerifier::sound(const Row& row) { return link_sound(row.link, tables_[row.table]); }

std::string RowVerifier::place(const Row& row) const {
  const std::string& table = tables_[row.table];
  return table == "link" ? fmt::format("link {}", row.id) : fmt::format("{} row {}", table, row.id);
}

void RowVerifier::damage(const Row& row, std::string cell, std::string text) {
  if (LinkRow* found = link(row.link)) found->named = true;
  if (changed_.contains(tables_[row.table])) return;
  report_.add(place(row) + (cell.empty() ? "" : " cell " + cell), std::move(text));
}

void RowVerifier::leaf_damage(const Leaf& leaf, std::string cell, std::string text) {
  report_.add(fmt::format("leaf row {}", leaf.id) + (cell.empty() ? "" : " cell " + cell),
              std::move(text));
}

void RowVerifier::read_links() {
  auto statement =
      Statement::prepare(db_, "SELECT n, at, what, prev, digest, hash FROM link ORDER BY n");
  if (!statement) return report_.add("table link", "cannot be read: " + statement.error().text);
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) {
    LinkRow row{.n = statement->integer(0),
                .at = statement->text(1),
                .what = statement->text(2),
                .prev = copy(statement->blob(3)),
                .digest = copy(statement->blob(4))};
    const ByteView hash = statement->blob(5);
    if (hash.size() == row.stored.size()) std::copy(hash.begin(), hash.end(), row.stored.begin());
    row.computed = link_hash(row.n, row.at, row.what, row.prev, row.digest);
    links_.push_back(std::move(row));
  }
  if (code != SQLITE_DONE)
    report_.add("table link", fmt::format("cannot be read: {}", sqlite3_errmsg(db_)));
}

/// read_table() feeds each row into the digest of its link; tables come in name order and rows in
/// id order, which is the order of the digest.
void RowVerifier::read_table(std::uint32_t index) {
  const std::string& table = tables_[index];
  const std::string what = "table " + table;
  auto statement = Statement::prepare(db_, fmt::format("SELECT * FROM \"{}\" ORDER BY 1", table));
  if (!statement) return report_.add(what, "cannot be read: " + statement.error().text);
  auto& columns = columns_[index];
  int link_column = 0;
  for (int column = 0; column < sqlite3_column_count(statement->get()); ++column) {
    columns.emplace_back(sqlite3_column_name(statement->get(), column));
    if (columns.back() == "link") link_column = column;
  }
  Hasher hasher;
  RowHash hash;
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) {
    row_hash(table, *statement, hasher, hash);
    rows_.push_back({.link = statement->integer(link_column),
                     .id = statement->integer(0),
                     .table = index,
                     .cells = static_cast<std::uint32_t>(cells_.size()),
                     .cell_count = static_cast<std::uint32_t>(hash.cells.size()),
                     .digest = hash.digest});
    cells_.insert(cells_.end(), hash.cells.begin(), hash.cells.end());
  }
  if (code != SQLITE_DONE)
    report_.add(what, fmt::format("cannot be read: {}", sqlite3_errmsg(db_)));
}

void RowVerifier::check_chain() {
  Hasher hasher;
  std::size_t at = 0;
  for (LinkRow& row : links_) {
    hasher.byte('L');
    while (at < rows_.size() && rows_[at].link < row.n) ++at;
    for (; at < rows_.size() && rows_[at].link == row.n; ++at) {
      if (tables_[rows_[at].table] != "link") hasher.add(ByteView(rows_[at].digest));
    }
    row.rows = hasher.finish();
    row.rows_ok = same(row.rows, row.digest);
  }
  std::int64_t expected = 1;
  const LinkRow* before = nullptr;
  for (LinkRow& row : links_) {
    if (row.n != expected) {
      report_.add(fmt::format("link {}", expected),
                  fmt::format("is missing: the next link in the file is {}", row.n));
    }
    const bool follows =
        row.n == 1 ? same(row.prev, Bytes(32, 0))
                   : row.n == expected && before != nullptr &&
                         (same(row.prev, before->stored) || same(row.prev, before->computed));
    row.chain_ok = row.computed == row.stored && follows;
    expected = row.n + 1;
    before = &row;
  }
  if (links_.empty()) report_.add("link 1", "is missing: the file has no links");
}

/// leaves_agree() is the way of an untouched file: one pass, nothing kept.
bool RowVerifier::leaves_agree() {
  for (const LinkRow& row : links_) {
    if (!row.chain_ok || !row.rows_ok) return false;
  }
  auto statement =
      Statement::prepare(db_, "SELECT id, link, tbl, row, digest, cells FROM leaf ORDER BY id");
  if (!statement) return false;
  std::size_t at = 0;
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) {
    if (at == rows_.size()) return false;
    const Row& row = rows_[at++];
    if (statement->integer(0) != static_cast<std::int64_t>(at) ||
        statement->integer(1) != row.link || statement->view(2) != tables_[row.table] ||
        statement->integer(3) != row.id || !same(statement->blob(4), row.digest) ||
        !same(statement->blob(5), cells(row))) {
      return false;
    }
  }
  return code == SQLITE_DONE && at == rows_.size();
}

void RowVerifier::read_leaves() {
  auto statement =
      Statement::prepare(db_, "SELECT id, link, tbl, row, digest, cells FROM leaf ORDER BY id");
  if (!statement) return report_.add("table leaf", "cannot be read: " + statement.error().text);
  int code = SQLITE_ROW;
  while ((code = statement->step()) == SQLITE_ROW) {
    leaves_.push_back({.id = statement->integer(0),
                       .link = statement->integer(1),
                       .row = statement->integer(3),
                       .table = statement->text(2),
                       .digest = copy(statement->blob(4)),
                       .cells = copy(statement->blob(5))});
  }
  if (code != SQLITE_DONE)
    report_.add("table leaf", fmt::format("cannot be read: {}", sqlite3_errmsg(db_)));
}

/// Leaves are numbered from 1 without a gap, in the order (link, table, row).
void RowVerifier::check_leaf_ids() {
  std::int64_t expected = 1;
  const Leaf* before = nullptr;
  for (const Leaf& leaf : leaves_) {
    if (leaf.id != expected) {
      report_.add(fmt::format("leaf row {}", expected),
                  fmt::format("is missing: the next leaf in the file is {}", leaf.id));
    }
    if (before != nullptr && std::tie(leaf.link, leaf.table, leaf.row) <
                                 std::tie(before->link, before->table, before->row)) {
      leaf_damage(leaf, "id", "the leaf is out of order: its id, link, tbl or row was changed");
    }
    expected = leaf.id + 1;
    before = &leaf;
  }
}

void RowVerifier::compare(const Row& row, const Leaf& leaf) {
  const bool equal_digest = same(row.digest, leaf.digest);
  const auto cells_differ = differing(cells(row), leaf.cells);
  if (equal_digest && cells_differ.empty()) return;
  const bool row_vouched = equal_digest || sound(row) || cells_differ.empty();
  if (row_vouched) {
    if (!equal_digest) leaf_damage(leaf, "digest", "is not the digest of " + place(row));
    if (!cells_differ.empty())
      leaf_damage(leaf, "cells", "does not fit the cells of " + place(row));
    return;
  }
  const auto& columns = columns_[row.table];
  for (const std::size_t cell : cells_differ) {
    damage(row, cell < columns.size() ? columns[cell] : fmt::format("number {}", cell + 1),
           "was changed");
  }
}

void RowVerifier::merge() {
  std::sort(leaves_.begin(), leaves_.end(), [](const Leaf& left, const Leaf& right) {
    return std::tie(left.link, left.table, left.row, left.id) <
           std::tie(right.link, right.table, right.row, right.id);
  });
  auto row = rows_.cbegin();
  auto leaf = leaves_.begin();
  while (row != rows_.cend() || leaf != leaves_.end()) {
    if (row == rows_.cend()) {
      leaves_alone_.push_back(&*leaf++);
    } else if (leaf == leaves_.end()) {
      rows_alone_.push_back(&*row++);
    } else {
      const auto left = std::tie(row->link, tables_[row->table], row->id);
      const auto right = std::tie(leaf->link, leaf->table, leaf->row);
      if (left == right) {
        compare(*row++, *leaf++);
      } else if (left < right) {
        rows_alone_.push_back(&*row++);
      } else {
        leaves_alone_.push_back(&*leaf++);
      }
    }
  }
}

/// pair() finds out whether a row and a leaf without partner belong together, and names why they
/// parted.
bool RowVerifier::pair(const Row& row, Leaf& leaf) {
  const std::string& table = tables_[row.table];
  if (same(row.digest, leaf.digest)) {  // the row is as written, so the leaf was moved
    if (leaf.link != row.link) leaf_damage(leaf, "link", "is not the link of " + place(row));
    if (leaf.table != table) leaf_damage(leaf, "tbl", "is not the table of " + place(row));
    if (leaf.row != row.id) leaf_damage(leaf, "row", "is not the id of " + place(row));
    return true;
  }
  if (leaf.table != table) return false;
  const auto cells_differ = differing(cells(row), leaf.cells);
  const bool same_id = leaf.row == row.id;
  const bool same_but_id = leaf.link == row.link && cells_differ == std::vector<std::size_t>{0};
  if (!same_id && !same_but_id) return false;
  for (const std::size_t cell : cells_differ) {
    if (cell >= columns_[row.table].size()) continue;
    damage(row, columns_[row.table][cell],
           same_id ? fmt::format("was changed; the row was written with link {}", leaf.link)
                   : fmt::format("was changed; the row was written as {}", leaf.row));
  }
  if (LinkRow* found = link(leaf.link)) found->named = true;
  return true;
}

void RowVerifier::pair_up() {
  // Bounded: with thousands of strays each is named by itself.
  constexpr std::size_t kMost = 2000;
  if (rows_alone_.size() > kMost || leaves_alone_.size() > kMost) return;
  std::erase_if(rows_alone_, [this](const Row* row) {
    const auto found = std::find_if(leaves_alone_.begin(), leaves_alone_.end(),
                                    [&](Leaf* leaf) { return pair(*row, *leaf); });
    if (found == leaves_alone_.end()) return false;
    leaves_alone_.erase(found);
    return true;
  });
}

void RowVerifier::name_alone() {
  for (const Row* row : rows_alone_) {
    if (link(row->link) == nullptr) {
      damage(*row, "", fmt::format("names link {}, which is not in the file", row->link));
    } else if (sound(*row)) {
      report_.add("leaf", fmt::format("the leaf of {} was removed", place(*row)));
    } else {
      damage(*row, "", fmt::format("was added to link {}", row->link));
    }
  }
  for (const Leaf* leaf : leaves_alone_) {
    LinkRow* found = link(leaf->link);
    if (found != nullptr && link_sound(leaf->link, leaf->table)) {
      leaf_damage(*leaf, "", "was added: it names no row of the file");
      continue;
    }
    if (found == nullptr && leaf->table != "link") {
      leaf_damage(*leaf, "", fmt::format("names link {}, which is not in the file", leaf->link));
      continue;
    }
    if (found != nullptr) found->named = true;
    if (changed_.contains(leaf->table)) continue;
    const std::string what = leaf->table == "link"
                                 ? fmt::format("link {}", leaf->row)
                                 : fmt::format("{} row {}", leaf->table, leaf->row);
    report_.add(what, fmt::format("was removed; link {} held it", leaf->link));
  }
}

/// name_rest() speaks for links that do not hold although every leaf fits its row.
void RowVerifier::name_rest() {
  for (const LinkRow& row : links_) {
    if (row.named) continue;
    const std::string name = fmt::format("link {}", row.n);
    if (!row.rows_ok) {
      report_.add(name,
                  "its rows do not give its digest, though they fit the leaves: both were changed");
    } else if (!row.chain_ok) {
      report_.add(name, row.computed == row.stored ? "does not follow from the link before it"
                                                   : "its hash does not follow from its cells");
    }
  }
}

void RowVerifier::run() {
  auto names =
      Statement::prepare(db_,
                         "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND "
                         "m.sql LIKE 'CREATE TABLE %' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                         "AND (EXISTS (SELECT 1 FROM document WHERE kind = 'schema' AND "
                         "document.name = 'table ' || m.name) OR "
                         "EXISTS (SELECT 1 FROM leaf WHERE tbl = m.name)) "
                         "ORDER BY m.name");
  if (!names) return report_.add("schema", "cannot be read: " + names.error().text);
  while (names->step() == SQLITE_ROW) {
    if (in_chain(names->view(0)) || names->view(0) == "link") tables_.push_back(names->text(0));
  }
  columns_.resize(tables_.size());
  read_links();
  for (std::uint32_t table = 0; table < tables_.size(); ++table) {
    read_table(table);
    if (tables_[table] == "link") {  // a link belongs to itself
      for (Row& row : rows_) {
        if (row.table == table) row.link = row.id;
      }
    }
  }
  std::sort(rows_.begin(), rows_.end(), [](const Row& left, const Row& right) {
    return std::tie(left.link, left.table, left.id) < std::tie(right.link, right.table, right.id);
  });
  check_chain();
  if (leaves_agree()) return;
  read_leaves();
  check_leaf_ids();
  merge();
  pair_up();
  name_alone();
  name_rest();
}

}  // namespace haetae::evidence
