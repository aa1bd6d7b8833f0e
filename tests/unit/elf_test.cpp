#include <cstring>
#include <functional>

#include <catch2/catch.hpp>

#include "harness/formats/elf.hpp"

using namespace haetae;

namespace {

/// Maker writes a small program of either class and byte order, by the System V ABI and nothing
/// of the reader.
struct Maker {
  bool wide = true, big = false;
  std::uint16_t type = 3, machine = 62;
  std::uint32_t stack = 6;
  bool relocated = true, relro = true, now = true, pie = true, with_stack = true,
       interpreter = true;
  std::string runpath;
  std::vector<std::string> imports{"__stack_chk_fail", "__memcpy_chk"};

  void put(Bytes& out, std::uint64_t value, unsigned width) const {
    for (unsigned at = 0; at < width; ++at)
      out.push_back(static_cast<std::uint8_t>(value >> (8 * (big ? width - 1 - at : at))));
  }
  void natural(Bytes& out, std::uint64_t value) const { put(out, value, wide ? 8 : 4); }

  void segment(Bytes& out, std::uint32_t kind, std::uint32_t flags, std::uint64_t at,
               std::uint64_t size) const {
    put(out, kind, 4);
    if (wide) put(out, flags, 4);
    natural(out, at);
    natural(out, at);
    natural(out, at);
    natural(out, size);
    natural(out, size);
    if (!wide) put(out, flags, 4);
    natural(out, 1);
  }

  [[nodiscard]] Bytes make() const {
    const std::string loader("/lib/ld.so\0", 11);
    std::string names(1, '\0');
    std::vector<std::size_t> at;
    for (const std::string& name : imports) {
      at.push_back(names.size());
      names += name + '\0';
    }
    const std::size_t path_at = names.size();
    names += runpath + '\0';
    const std::size_t libc_at = names.size();
    names += std::string("libc.so.6") + '\0';

    const std::size_t header = wide ? 64 : 52, entry = wide ? 56 : 32, count = 5;
    const std::size_t loader_at = header + entry * count, names_at = loader_at + loader.size();
    const std::size_t symbols_at = names_at + names.size(), symbol = wide ? 24 : 16;
    const std::size_t hash_at = symbols_at + symbol * (imports.size() + 1);
    const std::size_t dynamic_at = hash_at + 8;
    Bytes dynamic;
    const auto tag = [&](std::uint64_t name, std::uint64_t value) {
      natural(dynamic, name);
      natural(dynamic, value);
    };
    tag(1, libc_at);
    if (!runpath.empty()) tag(29, path_at);
    tag(5, names_at);
    tag(10, names.size());
    tag(6, symbols_at);
    tag(4, hash_at);
    // A program without relocations has nothing to protect from being written.
    if (relocated) tag(7, hash_at);
    if (now) tag(30, 8);
    if (pie) tag(0x6ffffffb, 0x08000000);
    tag(0, 0);
    const std::size_t size = dynamic_at + dynamic.size();

    Bytes out{0x7f,
              'E',
              'L',
              'F',
              static_cast<std::uint8_t>(wide ? 2 : 1),
              static_cast<std::uint8_t>(big ? 2 : 1),
              1};
    out.resize(16);
    put(out, type, 2);
    put(out, machine, 2);
    put(out, 1, 4);
    natural(out, 0);
    natural(out, header);
    natural(out, 0);
    put(out, 0, 4);
    put(out, header, 2);
    put(out, entry, 2);
    put(out, count, 2);
    put(out, 0, 6);
    segment(out, 1, 5, 0, size);
    segment(out, interpreter ? 3 : 0, 4, loader_at, loader.size());
    segment(out, 2, 6, dynamic_at, dynamic.size());
    segment(out, with_stack ? 0x6474e551 : 0, stack, 0, 0);
    segment(out, relro ? 0x6474e552 : 0, 4, dynamic_at, dynamic.size());
    out.insert(out.end(), loader.begin(), loader.end());
    out.insert(out.end(), names.begin(), names.end());
    out.resize(out.size() + symbol);
    for (const std::size_t name : at) {
      put(out, name, 4);
      out.resize(out.size() + symbol - 4);
    }
    put(out, 1, 4);
    put(out, imports.size() + 1, 4);
    out.insert(out.end(), dynamic.begin(), dynamic.end());
    REQUIRE(out.size() == size);
    return out;
  }
};

formats::Elf read(const Maker& maker) {
  const auto elf = formats::read_elf(maker.make());
  REQUIRE(elf);
  return *elf;
}

}  // namespace

TEST_CASE("a program of every class and byte order is read") {
  for (const bool wide : {false, true}) {
    for (const bool big : {false, true}) {
      Maker maker;
      maker.wide = wide;
      maker.big = big;
      maker.machine = big ? 8 : 40;
      maker.runpath = "/opt/lib:$ORIGIN/../lib:lib:";
      const auto elf = read(maker);
      CAPTURE(wide, big);
      CHECK(elf.damage == "");
      CHECK(elf.bits == (wide ? "64" : "32"));
      CHECK(elf.byte_order == (big ? "big" : "little"));
      CHECK(elf.machine == (big ? "MIPS" : "ARM"));
      CHECK(elf.kind == "program");
      CHECK(elf.nx == "present");
      CHECK(elf.pie == "present");
      CHECK(elf.relro == "full");
      CHECK(elf.canary == "present");
      CHECK(elf.fortify == "present");
      CHECK(elf.imports == std::vector<std::string>{"__memcpy_chk", "__stack_chk_fail"});
      CHECK(elf.needed == std::vector<std::string>{"libc.so.6"});
      CHECK(elf.library_paths ==
            std::vector<formats::LibraryPath>{{"runpath", "/opt/lib", "absolute"},
                                              {"runpath", "$ORIGIN/../lib", "origin"},
                                              {"runpath", "lib", "relative"},
                                              {"runpath", "", "empty"}});
      CHECK(elf.symbols == "no");
    }
  }
}

TEST_CASE("each protection that is missing is seen") {
  Maker maker;
  SECTION("executable stack") {
    maker.stack = 7;
    CHECK(read(maker).nx == "absent");
  }
  SECTION("no word on the stack") {
    maker.with_stack = false;
    CHECK(read(maker).nx == "unknown");
    maker.machine = 40;
    CHECK(read(maker).nx == "absent");
  }
  SECTION("fixed address") {
    maker.type = 2;
    maker.pie = false;
    CHECK(read(maker).pie == "absent");
  }
  SECTION("late binding") {
    maker.now = false;
    CHECK(read(maker).relro == "partial");
    maker.relro = false;
    CHECK(read(maker).relro == "absent");
    maker.relocated = false;
    CHECK(read(maker).relro == "not-applicable");
  }
  SECTION("no canary and no checked functions") {
    maker.imports = {"memcpy", "puts"};
    const auto elf = read(maker);
    CHECK(elf.canary == "absent");
    CHECK(elf.fortify == "absent");
    CHECK(elf.fortifiable == 1);
  }
  SECTION("nothing that could be checked") {
    maker.imports = {"puts"};
    CHECK(read(maker).fortify == "not-applicable");
  }
  SECTION("a library has no fixed address of its own") {
    maker.pie = maker.interpreter = false;
    const auto elf = read(maker);
    CHECK(elf.kind == "library");
    CHECK(elf.pie == "not-applicable");
  }
}

TEST_CASE("a static program without symbols tells little") {
  Maker maker;
  Bytes bytes = maker.make();
  const auto no_dynamic = [&] { bytes[64 + 2 * 56] = 0; };
  no_dynamic();
  bytes[16] = 2;
  const auto elf = formats::read_elf(bytes);
  REQUIRE(elf);
  CHECK(elf->kind == "static-program");
  CHECK(elf->relro == "full");
  CHECK_FALSE(elf->imports_known);
  CHECK(elf->canary == "unknown");
  CHECK(elf->fortify == "unknown");
}

TEST_CASE("cut and impossible files are told, and nothing is claimed of them") {
  const Bytes whole = Maker{}.make();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto elf = formats::read_elf(ByteView(whole).first(size));
    CAPTURE(size);
    if (size < 64) {
      CHECK_FALSE(elf);
      continue;
    }
    REQUIRE(elf);
    CHECK(elf->damage != "");
    CHECK_FALSE(elf->imports_known);
    CHECK(elf->canary != "absent");
  }
  Bytes odd = whole;
  odd[4] = 3;
  CHECK_FALSE(formats::read_elf(odd));
}

TEST_CASE("checked variants are told from other names") {
  CHECK(formats::fortified_name("__memcpy_chk") == "memcpy");
  CHECK(formats::fortified_name("__isoc99_sscanf_chk") == "isoc99_sscanf");
  CHECK(formats::fortified_name("__my_chk") == "");
  CHECK(formats::fortified_name("_chk") == "");
}
