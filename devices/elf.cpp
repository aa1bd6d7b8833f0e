#include "devices/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace haetae::devices {
namespace {

constexpr std::uint64_t kPage = 0x1000;

/// Strings is a string table that gives each text its place.
class Strings {
 public:
  std::uint32_t add(std::string_view text) {
    if (text.empty()) return 0;
    const auto at = static_cast<std::uint32_t>(bytes_.size());
    bytes_.append(text).push_back('\0');
    return at;
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_ = std::string(1, '\0');
};

template <class T>
void append(std::string& out, const T& value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  out.append(raw, sizeof value);
}

struct Section {
  std::string name, bytes;
  Elf64_Word type = SHT_PROGBITS, link = 0, info = 0;
  Elf64_Xword flags = SHF_ALLOC, align = 8, entry = 0;
  std::uint64_t offset = 0, address = 0;
};

/// Builder puts the parts of the file in a row: what is read and run first, what is written on a
/// page of its own behind it.
class Builder {
 public:
  explicit Builder(const ElfSpec& spec) : spec_(spec) {}

  std::string build() {
    names_and_symbols();
    text_parts();
    written_parts();
    if (!spec_.stripped) debug_parts();
    lay_out();
    fill_jumps();
    fill_dynamic();
    return assemble();
  }

 private:
  std::size_t add(Section section) {
    sections_.push_back(std::move(section));
    return sections_.size();  // the first real section has number 1
  }
  Section& at(std::size_t number) { return sections_[number - 1]; }

  static Elf64_Sym symbol(Elf64_Word name, Elf64_Half section, Elf64_Addr value) {
    Elf64_Sym out{};
    out.st_name = name;
    out.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    out.st_shndx = section;
    out.st_value = value;
    out.st_size = section == 0 ? 0 : 8;
    return out;
  }

  void names_and_symbols() {
    if (!spec_.library) {
      interpreter_ = add({.name = ".interp",
                          .bytes = std::string("/lib/ld-musl-aarch64.so.1") + '\0',
                          .align = 1});
    }
    std::string symbols;
    append(symbols, Elf64_Sym{});
    for (const auto& name : spec_.imports) append(symbols, symbol(names_.add(name), 0, 0));
    for (const auto& name : spec_.exports) append(symbols, symbol(names_.add(name), kText, 0));
    count_ = 1 + spec_.imports.size() + spec_.exports.size();
    symbols_ = add({.name = ".dynsym",
                    .bytes = symbols,
                    .type = SHT_DYNSYM,
                    .info = 1,
                    .entry = sizeof(Elf64_Sym)});
    for (const auto& name : spec_.needs) needs_.push_back(names_.add(name));
    soname_ = names_.add(spec_.soname);
    run_path_ = names_.add(spec_.run_path);
    strings_ = add({.name = ".dynstr", .bytes = names_.bytes(), .type = SHT_STRTAB, .align = 1});
    at(symbols_).link = static_cast<Elf64_Word>(strings_);
    // One bucket that chains all symbols.
    std::string hash;
    append(hash, std::uint32_t{1});
    append(hash, static_cast<std::uint32_t>(count_));
    append(hash, static_cast<std::uint32_t>(count_ > 1 ? 1 : 0));
    append(hash, std::uint32_t{0});
    for (std::size_t i = 1; i < count_; ++i)
      append(hash, static_cast<std::uint32_t>(i + 1 < count_ ? i + 1 : 0));
    hash_ = add({.name = ".hash",
                 .bytes = hash,
                 .type = SHT_HASH,
                 .link = static_cast<Elf64_Word>(symbols_),
                 .entry = 4});
    // One jump slot for each import.
    jumps_ = add({.name = ".rela.plt",
                  .bytes = std::string(spec_.imports.size() * sizeof(Elf64_Rela), '\0'),
                  .type = SHT_RELA,
                  .link = static_cast<Elf64_Word>(symbols_),
                  .entry = sizeof(Elf64_Rela)});
  }

  void text_parts() {
    std::string text;
    for (const auto& line : spec_.strings) text += line + '\0';
    if (text.empty()) text.push_back('\0');
    add({.name = ".rodata", .bytes = text});
    // mov x0, #0; ret
    text_ = add({.name = ".text",
                 .bytes = std::string("\x00\x00\x80\xd2\xc0\x03\x5f\xd6", 8),
                 .flags = SHF_ALLOC | SHF_EXECINSTR,
                 .align = 16});
  }

  void written_parts() {
    std::size_t entries = spec_.needs.size() + 16;
    dynamic_ = add({.name = ".dynamic",
                    .bytes = std::string(entries * sizeof(Elf64_Dyn), '\0'),
                    .type = SHT_DYNAMIC,
                    .link = static_cast<Elf64_Word>(strings_),
                    .flags = SHF_ALLOC | SHF_WRITE,
                    .entry = sizeof(Elf64_Dyn)});
    slots_ = add({.name = ".got",
                  .bytes = std::string((3 + spec_.imports.size()) * 8, '\0'),
                  .flags = SHF_ALLOC | SHF_WRITE});
    data_ = add({.name = ".data", .bytes = std::string(64, '\1'), .flags = SHF_ALLOC | SHF_WRITE});
  }

  void debug_parts() {
    Strings names;
    std::string symbols;
    append(symbols, Elf64_Sym{});
    for (const char* name : {"main", "check_password", "start_video"})
      append(symbols, symbol(names.add(name), kText, 0));
    const auto table = add({.name = ".symtab",
                            .bytes = symbols,
                            .type = SHT_SYMTAB,
                            .info = 1,
                            .flags = 0,
                            .entry = sizeof(Elf64_Sym)});
    const auto strings = add(
        {.name = ".strtab", .bytes = names.bytes(), .type = SHT_STRTAB, .flags = 0, .align = 1});
    at(table).link = static_cast<Elf64_Word>(strings);
    // DWARF 4: a unit header and nothing in it.
    std::string unit;
    append(unit, std::uint32_t{8});
    append(unit, std::uint16_t{4});
    append(unit, std::uint32_t{0});
    unit += std::string("\x08\x00", 2);
    add({.name = ".debug_info", .bytes = unit, .flags = 0, .align = 1});
    add({.name = ".debug_abbrev", .bytes = std::string(1, '\0'), .flags = 0, .align = 1});
  }

  [[nodiscard]] std::size_t headers() const {
    return (spec_.library ? 4U : 5U) + (spec_.relro == "none" ? 0U : 1U);
  }

  void lay_out() {
    base_ = spec_.pie || spec_.library ? 0 : 0x400000;
    std::uint64_t offset = sizeof(Elf64_Ehdr) + headers() * sizeof(Elf64_Phdr);
    bool written = false;
    for (auto& section : sections_) {
      if ((section.flags & SHF_WRITE) != 0 && !written) {
        offset = (offset + kPage - 1) / kPage * kPage;
        written = true;
      }
      // What is made read-only after loading ends on a page.
      if (section.name == ".data") offset = (offset + kPage - 1) / kPage * kPage;
      offset = (offset + section.align - 1) / section.align * section.align;
      section.offset = offset;
      if ((section.flags & SHF_ALLOC) != 0) section.address = base_ + offset;
      offset += section.bytes.size();
    }
    set_symbol_places(symbols_);
    for (std::size_t i = 1; i <= sections_.size(); ++i)
      if (at(i).type == SHT_SYMTAB) set_symbol_places(i);
  }

  void set_symbol_places(std::size_t number) {
    auto& bytes = at(number).bytes;
    for (std::size_t from = 0; from < bytes.size(); from += sizeof(Elf64_Sym)) {
      Elf64_Sym entry;
      std::memcpy(&entry, bytes.data() + from, sizeof entry);
      if (entry.st_shndx != kText) continue;
      entry.st_shndx = static_cast<Elf64_Half>(text_);
      entry.st_value = at(text_).address;
      std::memcpy(bytes.data() + from, &entry, sizeof entry);
    }
  }

  void fill_jumps() {
    std::string out;
    for (std::size_t i = 0; i < spec_.imports.size(); ++i) {
      Elf64_Rela one{};
      one.r_offset = at(slots_).address + (3 + i) * 8;
      one.r_info = ELF64_R_INFO(static_cast<Elf64_Xword>(i + 1), R_AARCH64_JUMP_SLOT);
      append(out, one);
    }
    at(jumps_).bytes = out;
  }

  void fill_dynamic() {
    std::string out;
    const auto entry = [&](Elf64_Sxword tag, Elf64_Xword value) {
      Elf64_Dyn one{};
      one.d_tag = tag;
      one.d_un.d_val = value;
      append(out, one);
    };
    for (const auto name : needs_) entry(DT_NEEDED, name);
    if (soname_ != 0) entry(DT_SONAME, soname_);
    if (run_path_ != 0) entry(DT_RUNPATH, run_path_);
    entry(DT_HASH, at(hash_).address);
    entry(DT_STRTAB, at(strings_).address);
    entry(DT_SYMTAB, at(symbols_).address);
    entry(DT_STRSZ, at(strings_).bytes.size());
    entry(DT_SYMENT, sizeof(Elf64_Sym));
    if (!spec_.imports.empty()) {
      entry(DT_PLTGOT, at(slots_).address);
      entry(DT_PLTRELSZ, at(jumps_).bytes.size());
      entry(DT_PLTREL, DT_RELA);
      entry(DT_JMPREL, at(jumps_).address);
    }
    if (spec_.relro == "full") entry(DT_FLAGS, DF_BIND_NOW);
    Elf64_Xword flags = spec_.relro == "full" ? DF_1_NOW : 0;
    if (spec_.pie && !spec_.library) flags |= DF_1_PIE;
    if (flags != 0) entry(DT_FLAGS_1, flags);
    auto& bytes = at(dynamic_).bytes;
    std::copy(out.begin(), out.end(), bytes.begin());
  }

  [[nodiscard]] Elf64_Phdr program(Elf64_Word type, Elf64_Word flags, std::uint64_t from,
                                   std::uint64_t to, std::uint64_t align) const {
    Elf64_Phdr out{};
    out.p_type = type;
    out.p_flags = flags;
    out.p_offset = from;
    out.p_vaddr = out.p_paddr = base_ + from;
    out.p_filesz = out.p_memsz = to - from;
    out.p_align = align;
    return out;
  }

  std::string program_headers() {
    const auto end = [](const Section& one) { return one.offset + one.bytes.size(); };
    const Section &dynamic = at(dynamic_), &data = at(data_), &text = at(text_);
    std::string out;
    if (!spec_.library) {
      const Section& name = at(interpreter_);
      append(out, program(PT_INTERP, PF_R, name.offset, end(name), 1));
    }
    append(out, program(PT_LOAD, PF_R | PF_X, 0, end(text), kPage));
    append(out, program(PT_LOAD, PF_R | PF_W, dynamic.offset, end(data), kPage));
    append(out, program(PT_DYNAMIC, PF_R | PF_W, dynamic.offset, end(dynamic), 8));
    Elf64_Phdr stack{};
    stack.p_type = PT_GNU_STACK;
    stack.p_flags = PF_R | PF_W | (spec_.stack_executable ? static_cast<Elf64_Word>(PF_X) : 0U);
    stack.p_align = 16;
    append(out, stack);
    if (spec_.relro != "none")
      append(out, program(PT_GNU_RELRO, PF_R, dynamic.offset, data.offset, 1));
    return out;
  }

  Elf64_Ehdr file_header(std::uint64_t sections_at, std::size_t sections) {
    Elf64_Ehdr out{};
    std::memcpy(out.e_ident, ELFMAG, SELFMAG);
    out.e_ident[EI_CLASS] = ELFCLASS64;
    out.e_ident[EI_DATA] = ELFDATA2LSB;
    out.e_ident[EI_VERSION] = EV_CURRENT;
    out.e_type = spec_.pie || spec_.library ? ET_DYN : ET_EXEC;
    out.e_machine = EM_AARCH64;
    out.e_version = EV_CURRENT;
    out.e_entry = spec_.library ? 0 : at(text_).address;
    out.e_phoff = sizeof(Elf64_Ehdr);
    out.e_shoff = sections_at;
    out.e_ehsize = sizeof(Elf64_Ehdr);
    out.e_phentsize = sizeof(Elf64_Phdr);
    out.e_phnum = static_cast<Elf64_Half>(headers());
    out.e_shentsize = sizeof(Elf64_Shdr);
    out.e_shnum = static_cast<Elf64_Half>(sections + 1);
    out.e_shstrndx = static_cast<Elf64_Half>(sections);
    return out;
  }

  std::string assemble() {
    Strings names;
    std::vector<Elf64_Word> name_places;
    for (const auto& section : sections_) name_places.push_back(names.add(section.name));
    name_places.push_back(names.add(".shstrtab"));
    std::string body;
    for (const auto& section : sections_) {
      body.resize(section.offset, '\0');
      body += section.bytes;
    }
    Section last{
        .name = ".shstrtab", .bytes = names.bytes(), .type = SHT_STRTAB, .flags = 0, .align = 1};
    last.offset = body.size();
    body += last.bytes;
    sections_.push_back(last);
    body.resize((body.size() + 7) / 8 * 8, '\0');
    const auto table = body.size();
    append(body, Elf64_Shdr{});
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const Section& one = sections_[i];
      Elf64_Shdr header{};
      header.sh_name = name_places[i];
      header.sh_type = one.type;
      header.sh_flags = one.flags;
      header.sh_addr = one.address;
      header.sh_offset = one.offset;
      header.sh_size = one.bytes.size();
      header.sh_link = one.link;
      header.sh_info = one.info;
      header.sh_addralign = one.align;
      header.sh_entsize = one.entry;
      append(body, header);
    }
    std::string head;
    append(head, file_header(table, sections_.size()));
    head += program_headers();
    std::copy(head.begin(), head.end(), body.begin());
    return body;
  }

  static constexpr Elf64_Half kText =
      0xfe00;  ///< stands for the text section until it has a number
  const ElfSpec& spec_;
  Strings names_;
  std::vector<Section> sections_;
  std::vector<Elf64_Xword> needs_;
  Elf64_Xword soname_ = 0, run_path_ = 0;
  std::size_t interpreter_ = 0, symbols_ = 0, strings_ = 0, hash_ = 0, text_ = 0, dynamic_ = 0,
              data_ = 0, jumps_ = 0, slots_ = 0, count_ = 0;
  std::uint64_t base_ = 0;
};

}  // namespace

std::string make_elf(const ElfSpec& spec) { return Builder(spec).build(); }

}  // namespace haetae::devices
