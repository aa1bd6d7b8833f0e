#include <map>
#include <mutex>
#include <set>

#include "harness/formats/elf.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/binary_inspectors.hpp"
#include "testcases/firmware/reference_rows.hpp"

/// Programs, libraries and kernel modules: their protections, imports and library paths, and the
/// cryptography that they use.
namespace haetae::testcases::firmware {
namespace {

constexpr char kTopic[] = "firmware.elf";

struct Constant {
  std::string primitive, name, bytes;
};

std::string from_hex(std::string_view hex) {
  std::string out;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    out.push_back(static_cast<char>(digit(hex[at]) * 16 + digit(hex[at + 1])));
  return out;
}

class ElfInspector final : public Inspector {
 public:
  ElfInspector(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings) {
    const ReferenceRows functions(context.catalogue(), "elf_function");
    for (std::size_t row = 0; row < functions.size(); ++row)
      functions_[functions.text(row, "name")] = functions.text(row, "kind");
    const ReferenceRows libraries(context.catalogue(), "crypto_library");
    for (std::size_t row = 0; row < libraries.size(); ++row)
      libraries_.emplace_back(libraries.text(row, "files"), libraries.text(row, "component"));
    const ReferenceRows primitives(context.catalogue(), "crypto_function");
    for (std::size_t row = 0; row < primitives.size(); ++row)
      primitives_[primitives.text(row, "name")] = primitives.text(row, "primitive");
    const ReferenceRows expected(context.catalogue(), "expected_primitive");
    for (std::size_t row = 0; row < expected.size(); ++row)
      expected_.emplace_back(expected.text(row, "files"), expected.text(row, "primitives"));
    const ReferenceRows tables(context.catalogue(), "crypto_table");
    for (std::size_t row = 0; row < tables.size(); ++row)
      constants_.push_back({tables.text(row, "primitive"), tables.text(row, "name"),
                            from_hex(tables.text(row, "bytes"))});
    if (functions_.empty() || libraries_.empty() || primitives_.empty())
      findings.gap(kTopic, Cause::tool, "the catalogue has no list of functions and libraries");
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return {kTopic}; }

  void member(const formats::Member& member, ByteView content) override {
    if (!formats::is_elf(content)) return;
    const auto elf = formats::read_elf(content);
    if (!elf) {
      findings_.gap(kTopic, Cause::tool,
                    printable(member.path) + " says that it is ELF, but its header is cut off");
      return;
    }
    // Assemblers' and linkers' input is not run on the device.
    if (elf->kind == "object" && !member.path.ends_with(".ko")) return;
    if (!elf->damage.empty())
      findings_.gap(kTopic, Cause::tool, printable(member.path) + ": " + elf->damage);
    const EvidenceId evidence = findings_.cite(member, content, 0, elf->headers);
    record_file(member, *elf, evidence);
    record_imports(member, content, *elf);
    record_paths(member, content, *elf);
    record_constants(member, content);
  }

 private:
  template <class Fact>
  [[nodiscard]] Fact fact_of(const formats::Member& member, EvidenceId evidence) const {
    Fact fact;
    fact.evidence = evidence;
    fact.subject = image_.subject;
    fact.inside = member.inside;
    fact.path = member.path;
    return fact;
  }

  template <class Fact>
  void record(const Fact& fact) {
    findings_.record(runner::to_row(fact));
  }

  void record_file(const formats::Member& member, const formats::Elf& elf, EvidenceId evidence) {
    auto fact = fact_of<facts::ElfFile>(member, evidence);
    fact.kind = elf.kind;
    fact.bits = elf.bits;
    fact.byte_order = elf.byte_order;
    fact.machine = elf.machine;
    fact.nx = elf.nx;
    fact.pie = elf.pie;
    fact.relro = elf.relro;
    fact.canary = elf.canary;
    fact.fortify = elf.fortify;
    fact.symbols = elf.symbols;
    fact.debug = elf.debug;
    fact.imports = elf.imports_known ? "known" : "unknown";
    for (const std::string& name : elf.imports) {
      const auto found = functions_.find(name);
      if (found == functions_.end()) continue;
      fact.unbounded_copies += found->second == "unbounded-copy" ? 1 : 0;
      fact.shell_calls += found->second == "shell" ? 1 : 0;
    }
    record(fact);
  }

  [[nodiscard]] std::string expected(const formats::Member& member,
                                     const std::string& primitive) const {
    for (const auto& [files, primitives] : expected_)
      if (fits_any(files, base_name(member.path)) && fits_any(primitives, primitive)) return "yes";
    return "no";
  }

  // Where the name stands in the string table, so that a reader finds it.
  EvidenceId cite_name(const formats::Member& member, ByteView content, const std::string& name) {
    const std::string whole = '\0' + name + '\0';
    const std::size_t at = find_bytes(as_text(content), whole);
    return at == std::string_view::npos ? findings_.cite(member, content, 0, 64)
                                        : findings_.cite(member, content, at + 1, name.size());
  }

  void record_imports(const formats::Member& member, ByteView content, const formats::Elf& elf) {
    std::map<std::string, EvidenceId> cited;
    const auto evidence_of = [&](const std::string& name) {
      auto& id = cited[name];
      if (id == 0) id = cite_name(member, content, name);
      return id;
    };
    const auto look = [&](const std::string& name) {
      const auto function = functions_.find(name);
      if (function != functions_.end() &&
          (function->second.ends_with("-random") || function->second == "takes-key")) {
        auto fact = fact_of<facts::ElfImport>(member, evidence_of(name));
        fact.name = name;
        record(fact);
      }
      const auto primitive = primitives_.find(name);
      if (primitive == primitives_.end()) return;
      auto fact = fact_of<facts::CryptoPrimitive>(member, evidence_of(name));
      fact.primitive = primitive->second;
      fact.seen_by = "import";
      fact.name = name;
      fact.expected = expected(member, fact.primitive);
      record(fact);
    };
    for (const std::string& name : elf.imports) look(name);
    // What is linked in statically is used.
    for (const std::string& name : elf.defined)
      if (elf.kind == "static-program") look(name);
    std::set<std::string> seen;
    for (const std::string& needed : elf.needed) {
      if (!seen.insert(needed).second) continue;
      for (const auto& [files, component] : libraries_) {
        if (!fits_any(files, needed)) continue;
        auto fact = fact_of<facts::CryptoUse>(member, evidence_of(needed));
        fact.library = component;
        fact.needed = printable(needed);
        record(fact);
        break;
      }
    }
  }

  void record_paths(const formats::Member& member, ByteView content, const formats::Elf& elf) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const formats::LibraryPath& path : elf.library_paths) {
      if (!seen.emplace(path.tag, path.entry).second) continue;
      const std::size_t at = find_bytes(as_text(content), path.entry);
      auto fact = fact_of<facts::ElfLibraryPath>(
          member, at == std::string_view::npos
                      ? findings_.cite(member, content, 0, 64)
                      : findings_.cite(member, content, at, path.entry.size()));
      fact.tag = path.tag;
      fact.entry = printable(path.entry, 1000);
      fact.shape = path.shape;
      record(fact);
    }
  }

  void record_constants(const formats::Member& member, ByteView content) {
    for (const Constant& constant : constants_) {
      const std::size_t at = find_bytes(as_text(content), constant.bytes);
      if (at == std::string_view::npos) continue;
      auto fact = fact_of<facts::CryptoPrimitive>(
          member, findings_.cite(member, content, at, constant.bytes.size()));
      fact.primitive = constant.primitive;
      fact.seen_by = "table";
      fact.name = constant.name;
      fact.expected = expected(member, fact.primitive);
      record(fact);
    }
  }

  const Image image_;
  Findings& findings_;
  std::map<std::string, std::string> functions_, primitives_;
  std::vector<std::pair<std::string, std::string>> libraries_, expected_;
  std::vector<Constant> constants_;
};

}  // namespace

Listed elf_inspector() {
  return {
      .make = [](const Image& image, runner::Context& context,
                 Findings& findings) -> std::unique_ptr<Inspector> {
        return std::make_unique<ElfInspector>(image, context, findings);
      },
      .topics = {kTopic},
      .facts = {"elf_file", "elf_import", "elf_library_path", "crypto_use", "crypto_primitive"}};
}

}  // namespace haetae::testcases::firmware
