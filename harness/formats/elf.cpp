#include "harness/formats/elf.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

namespace haetae::formats {
namespace {

constexpr std::uint64_t kMostSymbols = 2'000'000;
constexpr std::uint64_t kMostSections = 200'000;
constexpr std::uint64_t kMostDynamic = 100'000;
constexpr std::size_t kLongestName = 4096;

// Numbers of the System V ABI and its GNU extensions.
constexpr std::uint32_t kLoad = 1, kDynamic = 2, kInterpreter = 3;
constexpr std::uint32_t kGnuStack = 0x6474e551, kGnuRelro = 0x6474e552;
constexpr std::uint64_t kNeeded = 1, kHash = 4, kStrings = 5, kSymbols = 6, kRela = 7,
                        kStringsSize = 10, kRel = 17, kPlt = 23, kRelr = 36, kSoname = 14,
                        kRpath = 15, kBindNow = 24, kRunpath = 29, kFlags = 30,
                        kGnuHash = 0x6ffffef5, kFlags1 = 0x6ffffffb;
constexpr std::uint64_t kFlagBindNow = 8, kFlag1Now = 1, kFlag1Pie = 0x08000000;
constexpr std::uint16_t kRelocatable = 1, kExecutable = 2, kShared = 3, kCore = 4;
constexpr std::uint32_t kSymbolTable = 2, kDynamicSymbols = 11;

struct Machine {
  std::uint16_t number;
  const char* name;
};
constexpr Machine kMachines[] = {
    {2, "SPARC"},     {3, "x86"},          {4, "m68k"},       {8, "MIPS"},      {15, "PA-RISC"},
    {20, "PowerPC"},  {21, "PowerPC64"},   {22, "S390"},      {40, "ARM"},      {42, "SuperH"},
    {43, "SPARC64"},  {50, "IA-64"},       {62, "x86-64"},    {83, "AVR"},      {92, "OpenRISC"},
    {93, "ARC"},      {94, "Xtensa"},      {106, "Blackfin"}, {113, "Nios II"}, {164, "Hexagon"},
    {183, "AArch64"}, {189, "MicroBlaze"}, {195, "ARCv2"},    {243, "RISC-V"},  {247, "BPF"},
    {252, "C-SKY"},   {258, "LoongArch"}};

// Functions of which glibc has a checked variant (debug/ of glibc 2.36).
constexpr std::string_view kFortifiable[] = {
    "asprintf",      "confstr",    "dprintf",        "fdelt",          "fgets",    "fgets_unlocked",
    "fgetws",        "fprintf",    "fread",          "fread_unlocked", "fwprintf", "getcwd",
    "getdomainname", "getgroups",  "gethostname",    "getlogin_r",     "gets",     "getwd",
    "longjmp",       "mbsnrtowcs", "mbsrtowcs",      "mbstowcs",       "memcpy",   "memmove",
    "mempcpy",       "memset",     "explicit_bzero", "poll",           "ppoll",    "pread",
    "pread64",       "printf",     "ptsname_r",      "read",           "readlink", "readlinkat",
    "realpath",      "recv",       "recvfrom",       "snprintf",       "sprintf",  "stpcpy",
    "stpncpy",       "strcat",     "strcpy",         "strncat",        "strncpy",  "swprintf",
    "syslog",        "ttyname_r",  "vasprintf",      "vdprintf",       "vfprintf", "vfwprintf",
    "vprintf",       "vsnprintf",  "vsprintf",       "vswprintf",      "vsyslog",  "vwprintf",
    "wcpcpy",        "wcpncpy",    "wcrtomb",        "wcscat",         "wcscpy",   "wcsncat",
    "wcsncpy",       "wcsnrtombs", "wcsrtombs",      "wcstombs",       "wctomb",   "wmemcpy",
    "wmemmove",      "wmempcpy",   "wmemset",        "wprintf"};

struct Segment {
  std::uint32_t type = 0, flags = 0;
  std::uint64_t offset = 0, address = 0, file_size = 0;
};

struct Section {
  std::uint32_t name = 0, type = 0, link = 0;
  std::uint64_t offset = 0, size = 0, entry = 0;
};

struct Dynamic {
  std::uint64_t tag = 0, value = 0;
};

bool holds(ByteView bytes, std::string_view text) {
  return ::memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}

  bool linked_statically() {
    if (!header()) return false;
    segments();
    return std::none_of(segments_.begin(), segments_.end(), [](const Segment& one) {
      return one.type == kDynamic || one.type == kInterpreter;
    });
  }

  std::optional<Elf> read() {
    if (!header()) return std::nullopt;
    segments();
    sections();
    dynamic();
    symbols();
    kind();
    protections();
    module();
    return std::move(elf_);
  }

 private:
  [[nodiscard]] bool inside(std::uint64_t offset, std::uint64_t length) const {
    return offset <= bytes_.size() && length <= bytes_.size() - offset;
  }

  [[nodiscard]] std::uint64_t number(std::uint64_t offset, unsigned width) const {
    if (!inside(offset, width)) return 0;
    std::uint64_t value = 0;
    for (unsigned at = 0; at < width; ++at) {
      const unsigned from = big_ ? at : width - 1 - at;
      value = value << 8U | bytes_[static_cast<std::size_t>(offset + from)];
    }
    return value;
  }
  [[nodiscard]] std::uint16_t half(std::uint64_t at) const {
    return static_cast<std::uint16_t>(number(at, 2));
  }
  [[nodiscard]] std::uint32_t word(std::uint64_t at) const {
    return static_cast<std::uint32_t>(number(at, 4));
  }
  [[nodiscard]] std::uint64_t natural(std::uint64_t at) const { return number(at, wide_ ? 8 : 4); }

  void damaged(const char* what) {
    if (elf_.damage.empty()) elf_.damage = what;
  }

  bool header() {
    if (!is_elf(bytes_) || bytes_.size() < 52) return false;
    if (bytes_[4] != 1 && bytes_[4] != 2) return false;
    if (bytes_[5] != 1 && bytes_[5] != 2) return false;
    wide_ = bytes_[4] == 2;
    big_ = bytes_[5] == 2;
    if (wide_ && bytes_.size() < 64) return false;
    elf_.bits = wide_ ? "64" : "32";
    elf_.byte_order = big_ ? "big" : "little";
    type_ = half(16);
    const std::uint16_t number = half(18);
    machine_ = number;
    elf_.machine = "machine " + std::to_string(number);
    for (const Machine& known : kMachines)
      if (known.number == number) elf_.machine = known.name;
    return true;
  }

  void segments() {
    const std::uint64_t from = natural(wide_ ? 32 : 28);
    const std::uint64_t size = half(wide_ ? 54 : 42);
    const std::uint64_t count = half(wide_ ? 56 : 44);
    elf_.headers = wide_ ? 64 : 52;
    if (count == 0) return;
    if (size < (wide_ ? 56U : 32U) || !inside(from, size * count)) {
      damaged("the program headers lie outside of the file");
      return;
    }
    elf_.headers = std::max(elf_.headers, from + size * count);
    for (std::uint64_t index = 0; index < count; ++index) {
      const std::uint64_t at = from + index * size;
      Segment segment;
      segment.type = word(at);
      segment.flags = word(at + (wide_ ? 4 : 24));
      segment.offset = natural(at + (wide_ ? 8 : 4));
      segment.address = natural(at + (wide_ ? 16 : 8));
      segment.file_size = natural(at + (wide_ ? 32 : 16));
      if ((segment.type == kLoad || segment.type == kDynamic) &&
          !inside(segment.offset, segment.file_size))
        damaged("a segment lies outside of the file");
      segments_.push_back(segment);
    }
  }

  void sections() {
    const std::uint64_t from = natural(wide_ ? 40 : 32);
    const std::uint64_t size = half(wide_ ? 58 : 46);
    std::uint64_t count = half(wide_ ? 60 : 48);
    std::uint64_t names = half(wide_ ? 62 : 50);
    if (from == 0) return;
    if (size < (wide_ ? 64U : 40U) || !inside(from, size)) {
      damaged("the section headers lie outside of the file");
      return;
    }
    // More than fit into 16 bits stand in the first header (System V ABI, chapter 4).
    if (count == 0) count = natural(from + (wide_ ? 32 : 20));
    if (names == 0xffff) names = word(from + (wide_ ? 40 : 24));
    if (count > kMostSections || !inside(from, size * count)) {
      damaged("the section headers lie outside of the file");
      return;
    }
    for (std::uint64_t index = 0; index < count; ++index) {
      const std::uint64_t at = from + index * size;
      Section section;
      section.name = word(at);
      section.type = word(at + 4);
      section.offset = natural(at + (wide_ ? 24 : 16));
      section.size = natural(at + (wide_ ? 32 : 20));
      section.link = word(at + (wide_ ? 40 : 24));
      section.entry = natural(at + (wide_ ? 56 : 36));
      sections_.push_back(section);
    }
    if (names < sections_.size()) section_names_ = sections_[static_cast<std::size_t>(names)];
  }

  [[nodiscard]] std::string text(std::uint64_t table, std::uint64_t size, std::uint64_t at) const {
    if (at >= size || !inside(table, size)) return {};
    const auto* start =
        reinterpret_cast<const char*>(bytes_.data()) + static_cast<std::size_t>(table + at);
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, kLongestName));
    return {start, ::strnlen(start, most)};
  }

  [[nodiscard]] std::string section_name(const Section& section) const {
    return text(section_names_.offset, section_names_.size, section.name);
  }

  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
    for (const Segment& segment : segments_) {
      if (segment.type == kLoad && address >= segment.address &&
          address - segment.address < segment.file_size)
        return segment.offset + (address - segment.address);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t value_of(std::uint64_t tag) const {
    for (const Dynamic& entry : dynamic_)
      if (entry.tag == tag) return entry.value;
    return 0;
  }
  [[nodiscard]] bool has(std::uint64_t tag) const {
    return std::any_of(dynamic_.begin(), dynamic_.end(),
                       [tag](const Dynamic& entry) { return entry.tag == tag; });
  }

  void dynamic() {
    for (const Segment& segment : segments_) {
      if (segment.type == kInterpreter && inside(segment.offset, segment.file_size))
        elf_.interpreter = text(segment.offset, segment.file_size, 0);
      if (segment.type != kDynamic || !inside(segment.offset, segment.file_size)) continue;
      const std::uint64_t size = wide_ ? 16 : 8;
      const std::uint64_t count = std::min(segment.file_size / size, kMostDynamic);
      for (std::uint64_t index = 0; index < count; ++index) {
        const std::uint64_t at = segment.offset + index * size;
        const Dynamic entry{natural(at), natural(at + size / 2)};
        if (entry.tag == 0) break;
        dynamic_.push_back(entry);
      }
    }
    if (const auto at = offset_of(value_of(kStrings))) {
      strings_ = *at;
      strings_size_ = std::min<std::uint64_t>(value_of(kStringsSize), bytes_.size() - *at);
    } else if (!dynamic_.empty()) {
      damaged("the names for linking lie outside of the file");
    }
    for (const Dynamic& entry : dynamic_) {
      if (entry.tag == kNeeded)
        elf_.needed.push_back(text(strings_, strings_size_, entry.value));
      else if (entry.tag == kSoname)
        elf_.soname = text(strings_, strings_size_, entry.value);
      else if (entry.tag == kRpath || entry.tag == kRunpath)
        library_paths(entry.tag == kRpath ? "rpath" : "runpath",
                      text(strings_, strings_size_, entry.value));
    }
  }

  void library_paths(const char* tag, const std::string& list) {
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(':', at), list.size());
      LibraryPath path{tag, list.substr(at, end - at), "relative"};
      if (path.entry.empty()) path.shape = "empty";
      if (path.entry.starts_with('/')) path.shape = "absolute";
      if (path.entry.starts_with("$ORIGIN") || path.entry.starts_with("${ORIGIN}"))
        path.shape = "origin";
      if (elf_.library_paths.size() < 100) elf_.library_paths.push_back(std::move(path));
      at = end + 1;
    }
  }

  // Without section headers the number of symbols is only to be had from the hash tables.
  [[nodiscard]] std::uint64_t hashed_symbols() const {
    if (const auto at = offset_of(value_of(kHash)); has(kHash) && at) return word(*at + 4);
    const auto table = offset_of(value_of(kGnuHash));
    if (!has(kGnuHash) || !table) return 0;
    const std::uint64_t buckets = word(*table), first = word(*table + 4), bloom = word(*table + 8);
    const std::uint64_t from = *table + 16 + bloom * (wide_ ? 8 : 4);
    if (buckets > kMostSymbols || !inside(from, buckets * 4)) return 0;
    std::uint64_t last = 0;
    for (std::uint64_t index = 0; index < buckets; ++index)
      last = std::max<std::uint64_t>(last, word(from + index * 4));
    if (last < first) return first;
    const std::uint64_t chains = from + buckets * 4;
    while (last - first < kMostSymbols && inside(chains + (last - first) * 4, 4) &&
           (word(chains + (last - first) * 4) & 1U) == 0)
      ++last;
    return last + 1;
  }

  void take(std::uint64_t table, std::uint64_t size, std::uint64_t names, std::uint64_t names_size,
            bool linking) {
    const std::uint64_t entry = wide_ ? 24 : 16;
    const std::uint64_t count = std::min(size / entry, kMostSymbols);
    if (!inside(table, count * entry)) {
      damaged("a symbol table lies outside of the file");
      return;
    }
    std::set<std::string> undefined, defined;
    for (std::uint64_t index = 1; index < count; ++index) {
      const std::uint64_t at = table + index * entry;
      const bool here = half(at + (wide_ ? 6 : 14)) != 0;
      if (here && linking) continue;
      std::string name = text(names, names_size, word(at));
      if (name.empty()) continue;
      // Old linkers keep the version in the name: memcpy@GLIBC_2.14.
      if (const auto version = name.find('@'); version != std::string::npos) name.resize(version);
      (here ? defined : undefined).insert(std::move(name));
    }
    elf_.imports.assign(undefined.begin(), undefined.end());
    if (!linking) elf_.defined.assign(defined.begin(), defined.end());
    elf_.imports_known = elf_.damage.empty();
  }

  void symbols() {
    const Section* own = nullptr;
    const Section* linking = nullptr;
    elf_.symbols = elf_.debug = "no";
    for (const Section& section : sections_) {
      if (section.type == kSymbolTable) own = &section;
      if (section.type == kDynamicSymbols) linking = &section;
      const std::string name = section_name(section);
      if (name.starts_with(".debug_") || name.starts_with(".zdebug_") || name == ".stab")
        elf_.debug = "yes";
      if (name == ".gnu_debugdata") elf_.symbols = "yes";
    }
    if (own != nullptr) elf_.symbols = "yes";
    if (sections_.empty() && !elf_.damage.empty()) elf_.symbols = elf_.debug = "unknown";
    const auto names_of = [&](const Section& section) {
      return section.link < sections_.size() ? sections_[section.link] : Section{};
    };
    if (linking != nullptr && !dynamic_.empty()) {
      const Section names = names_of(*linking);
      take(linking->offset, linking->size, names.offset, names.size, true);
    } else if (const auto at = offset_of(value_of(kSymbols)); has(kSymbols) && at) {
      const std::uint64_t count = hashed_symbols();
      if (count != 0) take(*at, count * (wide_ ? 24 : 16), strings_, strings_size_, true);
    } else if (own != nullptr) {
      const Section names = names_of(*own);
      take(own->offset, own->size, names.offset, names.size, false);
    }
  }

  void kind() {
    const bool pie = (value_of(kFlags1) & kFlag1Pie) != 0;
    if (type_ == kCore) {
      elf_.kind = "core";
    } else if (type_ == kRelocatable) {
      const bool module = std::any_of(sections_.begin(), sections_.end(), [&](const Section& one) {
        return section_name(one) == ".modinfo";
      });
      elf_.kind = module ? "module" : "object";
    } else if (std::any_of(sections_.begin(), sections_.end(), [&](const Section& one) {
                 const std::string name = section_name(one);
                 return name == "__ksymtab" || name == "__u_boot_list" || name == ".u_boot_list";
               })) {
      elf_.kind = "kernel";
    } else if (type_ == kExecutable) {
      elf_.kind = dynamic_.empty() ? "static-program" : "program";
    } else if (type_ == kShared) {
      const bool starts = !elf_.interpreter.empty() && elf_.soname.empty();
      if (pie && elf_.interpreter.empty() && elf_.needed.empty())
        elf_.kind = "static-program";
      else
        elf_.kind = pie || starts ? "program" : "library";
    }
  }

  void protections() {
    for (const char* other : {"core", "object", "kernel", "unknown"})
      if (elf_.kind == other) return;
    const bool module = elf_.kind == "module";
    const bool whole = elf_.damage.empty();
    nx(module);
    elf_.pie = type_ == kExecutable               ? "absent"
               : elf_.kind == "library" || module ? "not-applicable"
                                                  : "present";
    relro(module);
    static const std::set<std::string_view> kChecks{"__stack_chk_fail", "__stack_chk_fail_local",
                                                    "__stack_chk_guard", "__stack_smash_handler"};
    const auto calls = [](const std::vector<std::string>& names) {
      return std::any_of(names.begin(), names.end(),
                         [](const std::string& name) { return kChecks.count(name) != 0; });
    };
    // A C library brings the check itself; a stripped static program keeps only its message.
    if (calls(elf_.imports) || calls(elf_.defined) ||
        (elf_.kind == "static-program" && holds(bytes_, "stack smashing detected")))
      elf_.canary = "present";
    else if (elf_.imports_known && whole && !module)
      elf_.canary = "absent";
    fortify(module);
  }

  void nx(bool module) {
    if (module) {
      elf_.nx = "not-applicable";
      return;
    }
    for (const Segment& segment : segments_) {
      if (segment.type == kGnuStack) {
        elf_.nx = (segment.flags & 1U) != 0 ? "absent" : "present";
        return;
      }
    }
    // Without the header most kernels for these machines make the stack executable; for others
    // it depends on the kernel.
    static constexpr std::array<std::uint16_t, 3> kOld{3, 8, 40};
    if (!segments_.empty() && std::find(kOld.begin(), kOld.end(), machine_) != kOld.end())
      elf_.nx = "absent";
  }

  void relro(bool module) {
    const bool segment = std::any_of(segments_.begin(), segments_.end(),
                                     [](const Segment& one) { return one.type == kGnuRelro; });
    const bool now = has(kBindNow) || (value_of(kFlags) & kFlagBindNow) != 0 ||
                     (value_of(kFlags1) & kFlag1Now) != 0;
    if (module)
      elf_.relro = "not-applicable";
    else if (dynamic_.empty())
      // Nothing is bound late in a static program.
      elf_.relro = segment ? "full" : segments_.empty() ? "unknown" : "not-applicable";
    else if (!segment && !has(kRela) && !has(kRel) && !has(kPlt) && !has(kRelr))
      elf_.relro = "not-applicable";
    else
      elf_.relro = !segment ? "absent" : now ? "full" : "partial";
  }

  void fortify(bool module) {
    if (module) {
      elf_.fortify = "not-applicable";
      return;
    }
    if (!elf_.imports_known) return;
    for (const std::string& name : elf_.imports) {
      if (!fortified_name(name).empty()) ++elf_.fortified;
      if (std::binary_search(fortifiable().begin(), fortifiable().end(), name)) ++elf_.fortifiable;
    }
    const auto other = [](const std::string& name) {
      return name.find("musl") != std::string::npos || name.find("uClibc") != std::string::npos ||
             name == "libc.so.0" || name == "libc.so";
    };
    // Only glibc has the checked functions, and a static program shows no imports.
    if (elf_.fortified > 0)
      elf_.fortify = "present";
    else if (elf_.kind == "static-program")
      elf_.fortify = "unknown";
    else if (elf_.fortifiable == 0 || other(elf_.interpreter) ||
             std::any_of(elf_.needed.begin(), elf_.needed.end(), other))
      elf_.fortify = "not-applicable";
    else
      elf_.fortify = "absent";
  }

  static const std::vector<std::string_view>& fortifiable() {
    static const std::vector<std::string_view> kSorted = [] {
      std::vector<std::string_view> out(std::begin(kFortifiable), std::end(kFortifiable));
      std::sort(out.begin(), out.end());
      return out;
    }();
    return kSorted;
  }

  void module() {
    if (elf_.kind != "module") return;
    constexpr std::string_view kSigned = "~Module signature appended~\n";
    elf_.module_signature = as_text(bytes_).ends_with(kSigned);
    for (const Section& section : sections_) {
      if (section_name(section) != ".modinfo" || !inside(section.offset, section.size)) continue;
      constexpr std::string_view kMagic = "vermagic=";
      const std::string_view all = as_text(
          bytes_.subspan(static_cast<std::size_t>(section.offset),
                         static_cast<std::size_t>(std::min<std::uint64_t>(section.size, 65536))));
      const std::size_t at = all.find(kMagic);
      if (at == std::string_view::npos) continue;
      const std::string_view rest = all.substr(at + kMagic.size());
      elf_.module_magic = std::string(rest.substr(0, std::min<std::size_t>(rest.find('\0'), 200)));
    }
  }

  ByteView bytes_;
  bool wide_ = false, big_ = false;
  std::uint16_t type_ = 0, machine_ = 0;
  std::uint64_t strings_ = 0, strings_size_ = 0;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
  Section section_names_;
  std::vector<Dynamic> dynamic_;
  Elf elf_;
};

}  // namespace

bool Elf::imports_any(std::string_view name) const {
  return std::binary_search(imports.begin(), imports.end(), name);
}

bool is_elf(ByteView bytes) {
  return bytes.size() >= 16 && bytes[0] == 0x7f && bytes[1] == 'E' && bytes[2] == 'L' &&
         bytes[3] == 'F';
}

bool linked_statically(ByteView bytes) { return Reader(bytes).linked_statically(); }

std::optional<Elf> read_elf(ByteView bytes) { return Reader(bytes).read(); }

std::string fortified_name(std::string_view import) {
  if (!import.starts_with("__") || !import.ends_with("_chk") || import.size() < 7) return {};
  import.remove_prefix(2);
  import.remove_suffix(4);
  const bool known =
      std::find(std::begin(kFortifiable), std::end(kFortifiable), import) != std::end(kFortifiable);
  return known || import.starts_with("isoc99_") ? std::string(import) : std::string();
}

}  // namespace haetae::formats
