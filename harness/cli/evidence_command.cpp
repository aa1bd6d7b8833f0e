#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "harness/cli/capture.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/output_file.hpp"
#include "harness/cli/proof_file.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/evidence/content.hpp"
#include "harness/evidence/database.hpp"

namespace haetae::cli {
namespace {

using evidence::Statement;

/// Words are those of this command in one language.
struct Words {
  std::string_view number, procedure, subject, size, cut, label;
  std::string_view sent, received, inside_sent, inside_received, event;
  std::string_view more, withheld, written, captured;
};
constexpr Words kEnglish{
    "no.",
    "procedure",
    "subject",
    "bytes",
    "cut",
    "what",
    "sent",
    "received",
    "sent inside",
    "received inside",
    "event",
    "haetae evidence RUN NO shows one; --hex shows its bytes; --export FILE keeps them.",
    "withheld in this copy",
    "{} bytes written to {}",
    "{} transcripts written to {}"};
constexpr Words kKorean{
    "번호",
    "절차",
    "대상",
    "바이트",
    "버림",
    "내용",
    "보냄",
    "받음",
    "안에서 보냄",
    "안에서 받음",
    "사건",
    "haetae evidence RUN 번호: 하나를 표시, --hex: 바이트로 표시, --export FILE: 파일로 저장",
    "이 사본에서는 가려짐",
    "{}바이트를 {}에 저장함",
    "대화기록 {}건을 {}에 저장함"};

std::string_view arrow(Direction direction) {
  switch (direction) {
    case Direction::sent: return "→";
    case Direction::received: return "←";
    case Direction::inside_sent: return "⇒";
    case Direction::inside_received: return "⇐";
    case Direction::event: break;
  }
  return "·";
}

std::string_view word_of(Direction direction, const Words& words) {
  switch (direction) {
    case Direction::sent: return words.sent;
    case Direction::received: return words.received;
    case Direction::inside_sent: return words.inside_sent;
    case Direction::inside_received: return words.inside_received;
    case Direction::event: break;
  }
  return words.event;
}

/// hex_lines() prints 16 bytes a line, with the place of the first and the plain letters.
void hex_lines(ByteView bytes, std::uint64_t at) {
  for (std::size_t from = 0; from < bytes.size(); from += 16) {
    const ByteView row = bytes.subspan(from, std::min<std::size_t>(16, bytes.size() - from));
    std::string hex, plain;
    for (std::size_t column = 0; column < 16; ++column) {
      if (column == 8) hex += ' ';
      hex += column < row.size() ? fmt::format("{:02x} ", row[column]) : "   ";
      if (column < row.size())
        plain += row[column] >= 0x20 && row[column] < 0x7F ? static_cast<char>(row[column]) : '.';
    }
    fmt::print("    {:08x}  {} {}\n", at + from, hex, plain);
  }
}

/// text_lines() prints text, one line of it a line.
void text_lines(std::string_view text, std::string_view margin) {
  for (bool first = true; first || !text.empty(); first = false) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    fmt::print("{}{}\n", margin, printable(line, 2000));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

/// Shower prints a transcript piece by piece.
class Shower {
 public:
  Shower(const Words& words, bool hex) : words_(words), hex_(hex) {}
  void operator()(const evidence::TranscriptPiece& piece) {
    if (at_ == 0) {
      fmt::print("{:>12.3f} ms {} {}\n", static_cast<double>(piece.microseconds) / 1000.0,
                 arrow(piece.direction), word_of(piece.direction, words_));
    }
    // A zero byte stands in no text: such a piece is shown as bytes unasked.
    const bool binary = std::ranges::find(piece.bytes, 0) != piece.bytes.end();
    if ((hex_ || binary) && piece.direction != Direction::event) {
      hex_lines(piece.bytes, at_);
    } else {
      text_lines(as_text(piece.bytes), "    ");
    }
    at_ = piece.last ? 0 : at_ + piece.bytes.size();
  }

 private:
  const Words& words_;
  bool hex_;
  std::uint64_t at_ = 0;
};

Result<void> show_content(const evidence::RunFile& run, EvidenceId id, bool transcript, bool hex,
                          const Words& words) {
  evidence::TranscriptReader reader{Shower(words, hex)};
  std::uint64_t at = 0;
  auto shown = evidence::each_chunk(run, id, [&](ByteView bytes) -> Result<void> {
    if (transcript) return reader.feed(bytes);
    if (hex) {
      hex_lines(bytes, at);
    } else if (at == 0) {
      text_lines(as_text(bytes.first(std::min<std::size_t>(bytes.size(), 64000))), "");
    }
    at += bytes.size();
    return {};
  });
  if (!shown) return shown;
  return transcript ? reader.finish() : Result<void>{};
}

Result<void> show_one(const evidence::RunFile& run, const EvidenceArguments& arguments,
                      const Words& words) {
  auto row = Statement::prepare(run.handle(),
                                "SELECT procedure, kind, subject, label, media_type, at, size, "
                                "cut, commitment FROM evidence WHERE id = ?");
  if (!row) return tl::unexpected(row.error());
  row->bind(1, arguments.id);
  if (row->step() != SQLITE_ROW) {
    return fail(ErrorKind::invalid_input,
                fmt::format("the run has no evidence {}; haetae evidence {} lists all",
                            arguments.id, arguments.run.string()));
  }
  fmt::print("{} {}  {}  {}  {}\n", words.number, arguments.id, printable(row->text(0)),
             printable(row->text(2)), printable(row->text(3), 400));
  fmt::print("{}  {}  {} {}, {} {}\n", printable(row->text(4)), printable(row->text(5)),
             row->integer(6), words.size, row->integer(7), words.cut);
  fmt::print("commitment {}\n\n", to_hex(row->blob(8)));
  return show_content(run, arguments.id, row->view(4) == evidence::kTranscriptMediaType,
                      arguments.hex, words);
}

Result<void> list(const evidence::RunFile& run, const std::vector<EvidenceId>& ids,
                  const Words& words) {
  auto row = Statement::prepare(
      run.handle(),
      "SELECT procedure, subject, size, cut, label, EXISTS (SELECT 1 FROM evidence_salt s WHERE "
      "s.evidence = e.id) FROM evidence e WHERE id = ?");
  if (!row) return tl::unexpected(row.error());
  fmt::print("{:>7}  {:<22} {:<16} {:>10} {:>7}  {}\n", words.number, words.procedure,
             words.subject, words.size, words.cut, words.label);
  for (const EvidenceId id : ids) {
    row->reset();
    row->bind(1, id);
    if (row->step() != SQLITE_ROW) continue;
    fmt::print("{:>7}  {:<22} {:<16} {:>10} {:>7}  {}{}\n", id, printable(row->text(0), 40),
               printable(row->text(1), 40), row->integer(2), row->integer(3),
               printable(row->text(4), 160),
               row->integer(5) != 0 ? "" : fmt::format("  [{}]", words.withheld));
  }
  fmt::print("\n{}\n", words.more);
  return {};
}

/// export_bytes() writes the content as it is, or a capture where the name ends in .pcapng.
Result<void> export_bytes(const evidence::RunFile& run, const EvidenceArguments& arguments,
                          const Words& words) {
  const std::string name = printable(arguments.output.string(), 400);
  if (arguments.output.extension() == ".pcapng") {
    const auto written = write_capture(run, {arguments.id}, arguments.output);
    if (!written) return tl::unexpected(written.error());
    fmt::print("{}\n", fmt::format(fmt::runtime(words.captured), written->transcripts, name));
    return {};
  }
  auto output = OutputFile::create(arguments.output);
  if (!output) return tl::unexpected(output.error());
  std::size_t size = 0;
  auto read = evidence::each_chunk(run, arguments.id, [&](ByteView bytes) -> Result<void> {
    size += bytes.size();
    output->stream().write(reinterpret_cast<const char*>(bytes.data()),
                           static_cast<std::streamsize>(bytes.size()));
    return {};
  });
  if (!read) return read;
  if (auto kept = output->keep(); !kept) return kept;
  fmt::print("{}\n", fmt::format(fmt::runtime(words.written), size, name));
  return {};
}

/// Named is what --reveal names.
struct Named {
  std::string kind;
  std::int64_t id = 0;
};

Result<Named> named(const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view digits = std::string_view(text).substr(std::min(colon + 1, text.size()));
  Named out{.kind = text.substr(0, colon)};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.id);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) {
    return fail(ErrorKind::invalid_input,
                fmt::format("--reveal {}: allowed: secret:ID, evidence:ID", printable(text)));
  }
  return out;
}

Result<void> reveal(const evidence::RunFile& run, const EvidenceArguments& arguments,
                    const Words& words) {
  const auto what = named(arguments.reveal);
  if (!what) return tl::unexpected(what.error());
  const auto proof = evidence::prove(run, what->kind, what->id);
  if (!proof) return tl::unexpected(proof.error());
  const std::string text = proof_text(*proof);
  if (arguments.output.empty()) {
    fmt::print("{}", text);
    return {};
  }
  auto output = OutputFile::create(arguments.output);
  if (!output) return tl::unexpected(output.error());
  output->stream() << text;
  if (auto kept = output->keep(); !kept) return kept;
  fmt::print("{}\n", fmt::format(fmt::runtime(words.written), text.size(),
                                 printable(arguments.output.string(), 400)));
  return {};
}

Result<evidence::Proof> proof_in(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  // Base64 makes three bytes four; the rest is small.
  constexpr std::size_t kLargest =
      static_cast<std::size_t>(evidence::kLargestProof) / 3 * 4 + 65536;
  std::string text;
  std::string part(65536, '\0');
  while (stream && text.size() <= kLargest) {
    stream.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part, 0, static_cast<std::size_t>(stream.gcount()));
  }
  if (text.empty()) {
    return fail(ErrorKind::not_found, fmt::format("{} cannot be read", file.string()));
  }
  return read_proof(text);
}

/// check() prints whether a proof fits; true if it does.
Result<bool> check(const evidence::RunFile& run, const EvidenceArguments& arguments, bool korean) {
  const auto proof = proof_in(arguments.proof);
  if (!proof) return tl::unexpected(proof.error());
  auto wrong = evidence::check_proof(run, *proof);
  if (!wrong) return tl::unexpected(wrong.error());
  const auto copy = evidence::verify(arguments.run, std::nullopt);
  if (!copy) return tl::unexpected(copy.error());
  if (!copy->intact()) {
    wrong->push_back("the run file itself was changed: haetae verify names the places");
  }
  for (const std::string& line : *wrong) fmt::print("✗ {}\n", line);
  if (!wrong->empty()) return false;
  fmt::print("{}\n", korean ? fmt::format("✓ {} {}: 시험기록의 약정값과 일치함 (링크 {}, 루트 {})",
                                          proof->kind, proof->id, proof->link, copy->root)
                            : fmt::format("✓ {} {} is what the run promised (link {}, root {})",
                                          proof->kind, proof->id, proof->link, copy->root));
  if (proof->content.size() <= 4000) {
    text_lines(as_text(proof->content), "    ");
  }
  return true;
}

}  // namespace

int evidence(const EvidenceArguments& arguments) {
  auto run = evidence::RunFile::open(arguments.run, false, system_clock());
  if (!run) return complain(run.error());
  const Words& words = style_of(stdout, arguments.language).korean ? kKorean : kEnglish;
  if (!arguments.proof.empty()) {
    const auto fits = check(*run, arguments, &words == &kKorean);
    if (!fits) return complain(fits.error());
    return *fits ? 0 : exit_code::kNonConformant;
  }
  if (!arguments.reveal.empty()) {
    const auto revealed = reveal(*run, arguments, words);
    return revealed ? 0 : complain(revealed.error());
  }
  if (arguments.id != 0) {
    const auto shown = arguments.output.empty() ? show_one(*run, arguments, words)
                                                : export_bytes(*run, arguments, words);
    return shown ? 0 : complain(shown.error());
  }
  if (!arguments.output.empty()) {
    return complain({ErrorKind::invalid_input,
                     "--export needs the number of one evidence; haetae export RUN --pcapng FILE "
                     "takes many",
                     nullptr});
  }
  const auto ids =
      selected(*run, {.ids = {}, .item = arguments.item, .procedure = arguments.procedure});
  if (!ids) return complain(ids.error());
  const auto shown = list(*run, *ids, words);
  return shown ? 0 : complain(shown.error());
}

}  // namespace haetae::cli
