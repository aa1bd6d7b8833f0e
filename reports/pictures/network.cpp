#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "reports/pictures/canvas.hpp"

namespace haetae::reports::pictures {

namespace {

/// Named is what findings name at a subject: the words of their keys.
using Named = std::map<std::string, std::set<std::string>>;

Named named_by_findings(const Report& report) {
  Named out;
  for (const Item& item : report.items) {
    for (const Criterion& criterion : item.criteria) {
      for (const Finding& finding : criterion.findings) {
        std::string word;
        for (const char letter : finding.key + " ") {
          const auto byte = static_cast<unsigned char>(letter);
          if (std::isalnum(byte) != 0 || letter == '_' || letter == '-' || letter == '.') {
            word += letter;
          } else if (!word.empty()) {
            out[finding.subject].insert(std::exchange(word, ""));
          }
        }
      }
    }
  }
  return out;
}

/// Cell of the TLS map, from the best known to the worst.
enum class Cell { unknown, absent, offered, named };

/// Row is one version or suite, with a cell for each endpoint.
struct Row {
  std::string name;
  std::vector<Cell> cells;
  [[nodiscard]] bool named() const { return std::ranges::count(cells, Cell::named) > 0; }
};

std::string version_name(const std::string& version) {
  if (version.starts_with("tls") && version.size() > 3) return "TLS " + version.substr(3);
  if (version.starts_with("ssl") && version.size() > 3) return "SSL " + version.substr(3);
  return shown(version);
}

Row& row_of(std::vector<Row>& rows, const std::string& name, std::size_t columns, Cell first) {
  const auto found = std::ranges::find(rows, name, &Row::name);
  if (found != rows.end()) return *found;
  return rows.emplace_back(Row{.name = name, .cells = std::vector<Cell>(columns, first)});
}

std::vector<Row> version_rows(const Report& report, const Named& named) {
  std::vector<Row> rows;
  for (std::size_t column = 0; column < report.tls.size(); ++column) {
    const TlsEndpoint& endpoint = report.tls[column];
    const auto words = named.find(endpoint.subject);
    for (const TlsVersionRow& version : endpoint.versions) {
      Row& row = row_of(rows, version.version, report.tls.size(), Cell::unknown);
      const bool worse = words != named.end() && words->second.contains(version.version);
      row.cells[column] = version.offered == "yes"  ? (worse ? Cell::named : Cell::offered)
                          : version.offered == "no" ? Cell::absent
                                                    : Cell::unknown;
    }
  }
  std::ranges::sort(rows, std::greater<>(), &Row::name);
  return rows;
}

std::vector<Row> suite_rows(const Report& report, const Named& named) {
  std::vector<Row> rows;
  for (std::size_t column = 0; column < report.tls.size(); ++column) {
    const TlsEndpoint& endpoint = report.tls[column];
    const auto words = named.find(endpoint.subject);
    for (const TlsSuiteRow& suite : endpoint.suites) {
      Row& row = row_of(rows, suite.suite, report.tls.size(), Cell::absent);
      const bool worse = words != named.end() && words->second.contains(suite.suite);
      row.cells[column] = worse ? Cell::named : Cell::offered;
    }
  }
  for (std::size_t column = 0; column < report.tls.size(); ++column) {
    if (!report.tls[column].suites.empty()) continue;
    for (Row& row : rows) row.cells[column] = Cell::unknown;
  }
  return rows;
}

/// most() keeps what findings name, and of the rest what there is room for.
std::size_t shorten(std::vector<Row>& rows, std::size_t most) {
  std::size_t left = rows.size() > most ? rows.size() - most : 0;
  const std::size_t cut = left;
  for (std::size_t at = rows.size(); at-- > 0 && left > 0;) {
    if (rows[at].named()) continue;
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
    --left;
  }
  return cut - left;
}

std::string column_letter(std::size_t column) {
  return column < 26 ? std::string(1, static_cast<char>('A' + column)) : std::to_string(column + 1);
}

void cell(Drawing& out, Cell kind, double x, double y, double width, double height) {
  const double middle = x + width / 2;
  const double base = y + height / 2;
  const Rect box{.x = x + 1, .y = y + 1, .width = width - 2, .height = height - 2, .radius = 1.5};
  const auto mark = [&](std::string_view text, Paint paint) {
    say(out, {.x = middle,
              .y = base + 2.9,
              .text = std::string(text),
              .size = 8,
              .anchor = Anchor::middle,
              .paint = paint,
              .bold = true});
  };
  Rect filled = box;
  switch (kind) {
    case Cell::offered:
      filled.fill = Paint::accent_soft;
      out.shapes.emplace_back(filled);
      return mark("●", Paint::accent);
    case Cell::named:
      filled.fill = Paint::fail;
      filled.texture = Texture::hatched;
      out.shapes.emplace_back(filled);
      return badge(out, middle, base, std::min(5.2, height / 2 - 1.2), "✗");
    case Cell::absent: return mark("–", Paint::faint);
    case Cell::unknown: return mark("?", Paint::ink);
  }
}

std::string tls_words(const Report& report, const std::vector<Row>& versions,
                      const std::vector<Row>& suites, Language language) {
  std::string out;
  for (std::size_t column = 0; column < report.tls.size(); ++column) {
    std::string offered, bad;
    for (const Row& row : versions) {
      if (row.cells[column] >= Cell::offered)
        offered += (offered.empty() ? "" : ", ") + version_name(row.name);
      if (row.cells[column] == Cell::named) bad += " " + version_name(row.name) + ";";
    }
    std::size_t count = 0;
    for (const Row& row : suites) {
      if (row.cells[column] >= Cell::offered) ++count;
      if (row.cells[column] == Cell::named) bad += " " + shown(row.name) + ";";
    }
    out += fmt::format("{}: {} {}, {} {}", shown(report.tls[column].subject),
                       pick(language, "제공하는 버전", "offers"), offered.empty() ? "?" : offered,
                       count, pick(language, "개 암호 모음.", "suites."));
    if (!bad.empty())
      out += fmt::format(" {}:{}", pick(language, "부적합으로 지적됨", "named by findings"), bad);
    out += " ";
  }
  return out;
}

}  // namespace

Drawing tls_map(const Report& report, Language language, double width) {
  const std::size_t columns = std::min<std::size_t>(report.tls.size(), 12);
  if (columns == 0) return {};
  const Named named = named_by_findings(report);
  std::vector<Row> versions = version_rows(report, named);
  std::vector<Row> suites = suite_rows(report, named);
  if (versions.empty() && suites.empty()) return {};
  Drawing out;
  out.width = width;
  out.title = pick(language, "TLS 제공 현황", "What TLS offers");
  out.alternative = tls_words(report, versions, suites, language);
  const std::size_t cut = shorten(suites, 44);
  constexpr double kRow = 13.5;
  double widest = 60;
  for (const Row& row : suites)
    widest = std::max(widest, text_width(shown(row.name), 1, row.named()) * 7 + 6);
  const double name_room = std::min(widest, width - 20.0 * static_cast<double>(columns));
  const double name_size = std::clamp(7 * name_room / widest, 5.6, 7.0);
  const double cell_width = std::min(64.0, (width - name_room) / static_cast<double>(columns));
  bool letters = false;
  for (std::size_t at = 0; at < columns; ++at)
    letters = letters || text_width(shown(report.tls[at].subject), 7.5, true) > cell_width - 4;
  double y = 0;
  if (letters) {
    std::vector<Key> names;
    for (std::size_t at = 0; at < columns; ++at) {
      names.push_back({.sign = column_letter(at),
                       .text = "= " + shown(report.tls[at].subject),
                       .swatch = false});
    }
    y = keys(out, names, 0, 0, width) + 4;
  }
  for (std::size_t at = 0; at < columns; ++at) {
    say(out,
        {.x = name_room + cell_width * (static_cast<double>(at) + 0.5),
         .y = y + 8,
         .text = letters ? column_letter(at) : shown(report.tls[at].subject),
         .size = 7.5,
         .anchor = Anchor::middle,
         .bold = true},
        cell_width);
  }
  y += 12;
  const auto table = [&](const std::vector<Row>& rows, std::string_view heading,
                         bool names_versions) {
    if (rows.empty()) return;
    say(out, {.x = 0, .y = y - 2, .text = std::string(heading), .size = 7, .paint = Paint::faint},
        name_room);
    for (const Row& row : rows) {
      out.shapes.emplace_back(Line{.x1 = 0,
                                   .y1 = y,
                                   .x2 = name_room + cell_width * static_cast<double>(columns),
                                   .y2 = y,
                                   .width = 0.3});
      say(out,
          {.x = 0,
           .y = y + kRow - 4,
           .text = names_versions ? version_name(row.name) : shown(row.name),
           .size = names_versions ? 8.0 : name_size,
           .bold = row.named()},
          name_room - 4);
      for (std::size_t at = 0; at < columns; ++at) {
        cell(out, row.cells[at], name_room + cell_width * static_cast<double>(at), y, cell_width,
             kRow);
      }
      y += kRow;
    }
    y += 14;
  };
  table(versions, pick(language, "버전", "Versions"), true);
  table(suites, pick(language, "암호 모음", "Cipher suites"), false);
  y -= 8;
  if (cut > 0 || report.tls.size() > columns) {
    y = paragraph(out,
                  fmt::format(fmt::runtime(pick(
                                  language, "그 밖에 암호 모음 {}개, 접속점 {}개는 목록에 있다.",
                                  "{} more suites and {} more endpoints stand in the lists.")),
                              cut, report.tls.size() - columns),
                  0, y, width, 7.5) +
        2;
  }
  y = keys(out,
           {{.fill = Paint::accent_soft,
             .sign = "●",
             .text = std::string(pick(language, "제공함", "offered"))},
            {.fill = Paint::fail,
             .texture = Texture::hatched,
             .sign = "✗",
             .text = std::string(
                 pick(language, "제공하며 부적합으로 지적됨", "offered, and named by a finding"))},
            {.sign = "–",
             .text = std::string(pick(language, "제공하지 않음", "not offered")),
             .swatch = false},
            {.sign = "?",
             .text = std::string(pick(language, "알 수 없음", "unknown")),
             .swatch = false}},
           0, y, width, 7.5);
  out.height = y + 2;
  return out;
}

namespace {

/// PortCell is one port: what was seen against what was declared.
struct PortCell {
  std::string number, name;
  bool open = false, declared = false, known = true;
};

struct PortKind {
  int order;
  std::string_view sign, ko, en;
  Paint fill;
  Texture texture;
};

const PortKind& kind_of(const PortCell& cell) {
  static constexpr PortKind kOpenDeclared{
      3, "●", "열림 · 선언됨", "open, declared", Paint::accent_soft, Texture::plain};
  static constexpr PortKind kOpenUndeclared{
      0, "!", "열림 · 선언 없음", "open, not declared", Paint::fail, Texture::hatched};
  static constexpr PortKind kDeclaredOnly{
      2, "○", "선언됨 · 열려 있지 않음", "declared, not open", Paint::accent, Texture::hollow};
  static constexpr PortKind kUnknown{
      1, "?", "상태를 알 수 없음", "state unknown", Paint::inconclusive, Texture::dotted};
  static constexpr PortKind kClosed{
      4, "–", "닫힘 · 선언 없음", "closed, not declared", Paint::hairline, Texture::hollow};
  if (!cell.known) return kUnknown;
  if (cell.open) return cell.declared ? kOpenDeclared : kOpenUndeclared;
  return cell.declared ? kDeclaredOnly : kClosed;
}

using Ports = std::map<std::string, std::vector<PortCell>>;

/// ports_of() groups by what stands before the number: lan:tcp, lan:udp, wan:tcp …
Ports ports_of(const Report& report) {
  Ports out;
  for (const ServiceRow& row : report.services) {
    const std::size_t slash = row.subject.rfind('/');
    const std::string group = slash == std::string::npos ? "" : row.subject.substr(0, slash);
    out[group].push_back(
        {.number = shown(slash == std::string::npos ? row.subject : row.subject.substr(slash + 1)),
         .name =
             shown(row.protocol.empty() || row.protocol == "unknown" ? row.product : row.protocol),
         .open = row.state == "open",
         .declared = row.declared == "yes",
         .known = row.state == "open" || row.state == "closed" || row.state == "filtered"});
  }
  for (auto& [group, cells] : out) {
    std::ranges::stable_sort(cells, [](const PortCell& a, const PortCell& b) {
      return a.number.size() != b.number.size() ? a.number.size() < b.number.size()
                                                : a.number < b.number;
    });
  }
  return out;
}

void tile(Drawing& out, const PortCell& port, double x, double y, double width, double height) {
  const PortKind& kind = kind_of(port);
  // The texture is a flag beside the words, never behind them.
  out.shapes.emplace_back(Rect{.x = x,
                               .y = y,
                               .width = width,
                               .height = height,
                               .fill = Paint::hairline,
                               .texture = Texture::hollow,
                               .radius = 2});
  out.shapes.emplace_back(Rect{.x = x,
                               .y = y,
                               .width = 15,
                               .height = height,
                               .fill = kind.fill,
                               .texture = kind.texture,
                               .radius = 2});
  badge(out, x + 7.5, y + height / 2, 5.2, kind.sign);
  say(out, {.x = x + 19, .y = y + 10.5, .text = port.number, .size = 9, .bold = true}, width - 21);
  say(out,
      {.x = x + 19,
       .y = y + 20,
       .text = port.name.empty() && port.open ? "?" : port.name,
       .size = 7,
       .paint = Paint::faint},
      width - 21);
}

}  // namespace

Drawing port_map(const Report& report, Language language, double width) {
  const Ports ports = ports_of(report);
  if (ports.empty()) return {};
  Drawing out;
  out.width = width;
  out.title = pick(language, "포트 현황", "Ports");
  constexpr double kTall = 24;
  constexpr std::size_t kMost = 240;
  const double columns = std::max(1.0, std::floor((width + 4) / 70));
  const double wide = (width + 4) / columns - 4;
  double y = 0;
  std::map<int, std::pair<const PortKind*, std::size_t>> seen;
  std::size_t drawn = 0, hidden = 0;
  for (const auto& [group, cells] : ports) {
    say(out, {.x = 0, .y = y + 9, .text = shown(group), .size = 8.5, .bold = true}, width);
    y += 14;
    out.alternative += shown(group) + ": ";
    double at = 0;
    for (const PortCell& port : cells) {
      const PortKind& kind = kind_of(port);
      auto& entry = seen[kind.order];
      entry.first = &kind;
      ++entry.second;
      if (++drawn > kMost) {
        ++hidden;
        continue;
      }
      if (at >= columns) {
        at = 0;
        y += kTall + 4;
      }
      tile(out, port, at * (wide + 4), y, wide, kTall);
      at += 1;
      out.alternative +=
          fmt::format("{} {} ({}); ", port.number, port.name, pick(language, kind.ko, kind.en));
    }
    y += kTall + 8;
  }
  if (hidden > 0) {
    y = paragraph(out,
                  fmt::format(fmt::runtime(pick(language, "그 밖의 포트 {}개는 목록에 있다.",
                                                "{} more ports stand in the list.")),
                              hidden),
                  0, y, width, 7.5) +
        2;
  }
  std::vector<Key> entries;
  for (const auto& [order, entry] : seen) {
    entries.push_back(
        {.fill = entry.first->fill,
         .texture = entry.first->texture,
         .sign = std::string(entry.first->sign),
         .text =
             fmt::format("{} {}", pick(language, entry.first->ko, entry.first->en), entry.second)});
  }
  out.height = keys(out, entries, 0, y, width, 7.5) + 2;
  return out;
}

}  // namespace haetae::reports::pictures
