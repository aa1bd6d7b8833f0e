#include "harness/cli/capture.hpp"

#include <sqlite3.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "harness/cli/output_file.hpp"
#include "harness/cli/setup.hpp"
#include "harness/evidence/content.hpp"
#include "harness/evidence/database.hpp"
#include "harness/formats/conversation.hpp"
#include "harness/model/address.hpp"

namespace haetae::cli {
namespace {

using evidence::Statement;

constexpr std::size_t kMostKnownPorts = 1'000'000;

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// microseconds_of() reads what iso8601() writes; 0 for anything else.
std::uint64_t microseconds_of(std::string_view at) {
  if (at.size() < 19) return 0;
  const auto part = [&](std::size_t from, std::size_t count) {
    return digits(at.substr(from, count)).value_or(0);
  };
  const std::chrono::year_month_day day(std::chrono::year(part(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(part(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(part(8, 2))));
  if (!day.ok() || part(0, 4) < 1970) return 0;
  const auto time = std::chrono::sys_days(day) + std::chrono::hours(part(11, 2)) +
                    std::chrono::minutes(part(14, 2)) + std::chrono::seconds(part(17, 2)) +
                    std::chrono::milliseconds(at.size() >= 23 ? part(20, 3) : 0);
  const auto since =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  return since < 0 ? 0 : static_cast<std::uint64_t>(since);
}

std::optional<Endpoint> endpoint_of(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = Address::parse(host);
  const auto port = digits(text.substr(colon + 1));
  if (!address || !port || *port < 1 || *port > 65535) return std::nullopt;
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

/// Ends are the two sides of a conversation.
struct Ends {
  Endpoint lab, device;
};

/// ends_of() reads them from the event that opens a connection.
std::optional<Ends> ends_of(std::string_view event) {
  constexpr std::string_view kStart = "connected to ", kMiddle = " from ";
  if (!event.starts_with(kStart)) return std::nullopt;
  event.remove_prefix(kStart.size());
  const std::size_t middle = event.find(kMiddle);
  if (middle == std::string_view::npos) return std::nullopt;
  const std::string_view rest = event.substr(middle + kMiddle.size());
  const auto device = endpoint_of(event.substr(0, middle));
  const auto lab = endpoint_of(rest.substr(0, rest.find(' ')));
  if (!device || !lab || device->address.v6 != lab->address.v6) return std::nullopt;
  return Ends{*lab, *device};
}

/// Cast hands out the endpoints of conversations; no two over TCP have the same, since a reader
/// would join them.
class Cast {
 public:
  explicit Cast(const evidence::RunFile& run) {
    const std::string all = run.value("addresses");
    const std::string_view first = std::string_view(all).substr(0, all.find_first_of(" ,"));
    device_ = Address::parse(first).value_or(Address{.octets = {192, 0, 2, 254}, .v6 = false});
  }

  Ends ends(const std::optional<Ends>& seen, std::uint16_t port) {
    if (seen && used_.size() < kMostKnownPorts &&
        used_.emplace(seen->lab.address, seen->lab.port, seen->device.port).second) {
      return *seen;
    }
    return {.lab = next_lab(), .device = {device_, port}};
  }

 private:
  /// next_lab() is an address for documentation (RFC 5737, RFC 3849): the transcript knows no own.
  Endpoint next_lab() {
    const std::uint64_t number = count_++;
    const auto port = static_cast<std::uint16_t>(1024 + number % 64000);
    const auto host = static_cast<std::uint8_t>(1 + number / 64000 % 253);
    Address address{.octets = {192, 0, 2, host}, .v6 = false};
    if (device_.v6) {
      address = {.octets = {0x20, 0x01, 0x0D, 0xB8}, .v6 = true};
      address.octets[15] = host;
    }
    return {address, port};
  }

  Address device_;
  std::set<std::tuple<Address, std::uint16_t, std::uint16_t>> used_;
  std::uint64_t count_ = 0;
};

struct Row {
  EvidenceId id = 0;
  std::string procedure, subject, label, at;
  std::int64_t cut = 0;
};

/// Filmer turns transcripts into conversations of one capture.
class Filmer {
 public:
  Filmer(const evidence::RunFile& run, formats::PcapngWriter& writer)
      : run_(run), writer_(writer), interfaces_(formats::add_interfaces(writer)), cast_(run) {}

  Result<void> load();
  Result<void> film(const Row& row, Captured& out);

 private:
  [[nodiscard]] std::vector<std::string> comments(const Row& row) const;
  [[nodiscard]] formats::ConversationInfo info(const Row& row, const std::optional<Ends>& seen);

  const evidence::RunFile& run_;
  formats::PcapngWriter& writer_;
  formats::Interfaces interfaces_;
  Cast cast_;
  std::map<EvidenceId, std::string> cited_;
};

/// load() reads for which criteria each evidence is cited in the newest revision.
Result<void> Filmer::load() {
  auto rows = Statement::prepare(
      run_.handle(),
      "SELECT c.evidence, v.item, c.criterion, max(c.finding) FROM citation c JOIN "
      "verdict_criterion v ON v.revision = c.revision AND v.criterion = c.criterion WHERE "
      "c.revision = (SELECT max(id) FROM revision) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
  if (!rows) return tl::unexpected(rows.error());
  while (rows->step() == SQLITE_ROW) {
    std::string& text = cited_[rows->integer(0)];
    if (text.size() > 2000) continue;
    text += fmt::format("{}item {}, criterion {}{}", text.empty() ? "" : "; ", rows->text(1),
                        rows->text(2), rows->integer(3) > 0 ? " (shows a breach)" : "");
  }
  return {};
}

std::vector<std::string> Filmer::comments(const Row& row) const {
  std::vector<std::string> out{
      fmt::format("evidence {}, procedure {}, subject {}: {}", row.id, row.procedure, row.subject,
                  row.label),
      "made from a transcript: headers, handshake and close were not captured"};
  const auto cited = cited_.find(row.id);
  out.push_back(cited == cited_.end() ? "cited by no criterion" : "cited by " + cited->second);
  if (row.cut > 0) out.push_back(fmt::format("{} bytes were seen and not kept", row.cut));
  return out;
}

formats::ConversationInfo Filmer::info(const Row& row, const std::optional<Ends>& seen) {
  const std::size_t slash = row.subject.find('/');
  const bool udp = row.subject.find(":udp/") != std::string::npos;
  const int port =
      slash == std::string::npos ? 0 : digits(row.subject.substr(slash + 1)).value_or(0);
  const Ends ends =
      cast_.ends(seen, static_cast<std::uint16_t>(port > 0 && port < 65536 ? port : 9));
  return {.transport = udp ? formats::Transport::udp : formats::Transport::tcp,
          .lab = ends.lab,
          .device = ends.device,
          .began = microseconds_of(row.at),
          .comments = comments(row)};
}

Result<void> Filmer::film(const Row& row, Captured& out) {
  std::optional<formats::Conversation> conversation;
  evidence::TranscriptReader reader([&](const evidence::TranscriptPiece& piece) {
    if (!conversation) {
      const bool event = piece.direction == Direction::event && piece.last;
      conversation.emplace(writer_, interfaces_,
                           info(row, event ? ends_of(as_text(piece.bytes)) : std::nullopt));
    }
    conversation->add(piece.direction, piece.microseconds, piece.bytes,
                      piece.last ? formats::Part::last : formats::Part::more);
  });
  std::string damage;
  auto read = evidence::each_chunk(run_, row.id, [&](ByteView bytes) -> Result<void> {
    if (damage.empty()) {
      if (auto fed = reader.feed(bytes); !fed) damage = fed.error().text;
    }
    return {};
  });
  if (!read && read.error().kind == ErrorKind::not_found) {
    ++out.withheld;
    return {};
  }
  if (!read && read.error().kind != ErrorKind::storage) return read;
  if (!read) damage = read.error().text;
  if (damage.empty()) {
    if (auto whole = reader.finish(); !whole) damage = whole.error().text;
  }
  if (!conversation) conversation.emplace(writer_, interfaces_, info(row, std::nullopt));
  if (!damage.empty()) {
    ++out.damaged;
    conversation->add(Direction::event, 0, as_bytes("the evidence is damaged: " + damage),
                      formats::Part::last);
  }
  conversation->finish();
  ++out.transcripts;
  return {};
}

Result<std::vector<EvidenceId>> ids_of(const evidence::RunFile& run, std::string_view sql,
                                       std::string_view argument) {
  auto rows = Statement::prepare(run.handle(), sql);
  if (!rows) return tl::unexpected(rows.error());
  if (!argument.empty()) rows->bind(1, argument);
  std::vector<EvidenceId> out;
  int code = SQLITE_ROW;
  while ((code = rows->step()) == SQLITE_ROW) out.push_back(rows->integer(0));
  if (code != SQLITE_DONE)
    return tl::unexpected(evidence::database_error(run.handle(), code, "cannot read the run"));
  return out;
}

}  // namespace

Result<std::vector<EvidenceId>> selected(const evidence::RunFile& run, const Selection& selection) {
  auto all = ids_of(run, "SELECT id FROM evidence ORDER BY id", {});
  if (!all) return all;
  std::set<EvidenceId> kept(all->begin(), all->end());
  const auto narrow = [&](const std::vector<EvidenceId>& to) {
    std::erase_if(kept, [wanted = std::set<EvidenceId>(to.begin(), to.end())](EvidenceId id) {
      return !wanted.contains(id);
    });
  };
  for (const EvidenceId id : selection.ids) {
    if (!kept.contains(id)) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("the run has no evidence {}; haetae evidence RUN lists all", id));
    }
  }
  if (!selection.ids.empty()) narrow(selection.ids);
  if (!selection.procedure.empty()) {
    const auto ids =
        ids_of(run, "SELECT id FROM evidence WHERE procedure = ?", selection.procedure);
    if (!ids) return ids;
    if (ids->empty()) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("no evidence of a procedure '{}' in the run", selection.procedure));
    }
    narrow(*ids);
  }
  if (!selection.item.empty()) {
    const auto known = ids_of(run, "SELECT id FROM plan_item WHERE item = ?", selection.item);
    if (!known) return known;
    if (known->empty()) {
      return fail(ErrorKind::invalid_input,
                  fmt::format("the run has no item '{}'", selection.item));
    }
    const auto ids = ids_of(
        run,
        "SELECT DISTINCT c.evidence FROM citation c JOIN verdict_criterion v ON v.revision = "
        "c.revision AND v.criterion = c.criterion WHERE c.revision = (SELECT max(id) FROM "
        "revision) AND v.item = ?",
        selection.item);
    if (!ids) return ids;
    narrow(*ids);
  }
  return std::vector<EvidenceId>(kept.begin(), kept.end());
}

Result<Captured> write_capture(const evidence::RunFile& run, const std::vector<EvidenceId>& ids,
                               const std::filesystem::path& file) {
  auto output = OutputFile::create(file);
  if (!output) return tl::unexpected(output.error());
  formats::PcapngWriter writer(
      output->stream(), version_text(),
      fmt::format(
          "Run {} of {}. Made from transcripts, not captured: payloads are as they stood on "
          "the wire; Ethernet, IP, TCP and UDP headers are not.",
          run.value("uuid"), run.value("started")));
  Filmer filmer(run, writer);
  if (auto loaded = filmer.load(); !loaded) return tl::unexpected(loaded.error());
  auto rows = Statement::prepare(run.handle(),
                                 "SELECT id, procedure, subject, label, at, cut FROM evidence "
                                 "WHERE id = ? AND kind = 'transcript'");
  if (!rows) return tl::unexpected(rows.error());
  Captured out;
  for (const EvidenceId id : ids) {
    rows->reset();
    rows->bind(1, id);
    if (rows->step() != SQLITE_ROW) continue;
    const Row row{.id = id,
                  .procedure = rows->text(1),
                  .subject = rows->text(2),
                  .label = rows->text(3),
                  .at = rows->text(4),
                  .cut = rows->integer(5)};
    if (auto filmed = filmer.film(row, out); !filmed) return tl::unexpected(filmed.error());
  }
  if (out.transcripts == 0) {
    return fail(ErrorKind::not_found,
                out.withheld > 0 ? "all transcripts that were asked for are withheld in this copy"
                                 : "there is no transcript among the evidence that was asked for");
  }
  if (auto done = output->keep(); !done) return tl::unexpected(done.error());
  return out;
}

}  // namespace haetae::cli
