#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// One struct for each fact table about programs, components and boot settings in a firmware image.
namespace haetae::facts {

/// ElfFile is a program, library or kernel module in a firmware image.
struct ElfFile {
  static constexpr std::string_view table = "elf_file";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string kind = "unknown";
  std::string bits = "unknown";
  std::string byte_order = "unknown";
  std::string machine;
  std::string nx = "unknown";
  std::string pie = "unknown";
  std::string relro = "unknown";
  std::string canary = "unknown";
  std::string fortify = "unknown";
  std::string symbols = "unknown";
  std::string debug = "unknown";
  std::string imports = "unknown";
  std::int64_t unbounded_copies = 0;
  std::int64_t shell_calls = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("kind", self.kind);
    visit("bits", self.bits);
    visit("byte_order", self.byte_order);
    visit("machine", self.machine);
    visit("nx", self.nx);
    visit("pie", self.pie);
    visit("relro", self.relro);
    visit("canary", self.canary);
    visit("fortify", self.fortify);
    visit("symbols", self.symbols);
    visit("debug", self.debug);
    visit("imports", self.imports);
    visit("unbounded_copies", self.unbounded_copies);
    visit("shell_calls", self.shell_calls);
  }
};

/// ElfImport is a function of interest that a program imports.
struct ElfImport {
  static constexpr std::string_view table = "elf_import";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string name;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("name", self.name);
  }
};

/// ElfLibraryPath is a folder that a program names for its libraries.
struct ElfLibraryPath {
  static constexpr std::string_view table = "elf_library_path";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string tag = "unknown";
  std::string entry;
  std::string shape = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("tag", self.tag);
    visit("entry", self.entry);
    visit("shape", self.shape);
  }
};

/// CryptoUse is a cryptographic library that a program is linked with.
struct CryptoUse {
  static constexpr std::string_view table = "crypto_use";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string library;
  std::string needed;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("library", self.library);
    visit("needed", self.needed);
  }
};

/// CryptoPrimitive is a cryptographic primitive in a program.
struct CryptoPrimitive {
  static constexpr std::string_view table = "crypto_primitive";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string primitive;
  std::string seen_by = "unknown";
  std::string name;
  std::string expected = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("primitive", self.primitive);
    visit("seen_by", self.seen_by);
    visit("name", self.name);
    visit("expected", self.expected);
  }
};

/// Component is a part of other people's software in an image.
struct Component {
  static constexpr std::string_view table = "component";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string name;
  std::string version;
  std::string origin = "unknown";
  std::string component;
  std::string release;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("name", self.name);
    visit("version", self.version);
    visit("origin", self.origin);
    visit("component", self.component);
    visit("release", self.release);
  }
};

/// VulnerabilityList is a list of known vulnerabilities.
struct VulnerabilityList {
  static constexpr std::string_view table = "vulnerability_list";
  EvidenceId evidence = 0;
  std::string subject;
  std::string name;
  std::string dated;
  std::int64_t age_days = 0;
  std::int64_t entries = 0;
  std::string scope = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("name", self.name);
    visit("dated", self.dated);
    visit("age_days", self.age_days);
    visit("entries", self.entries);
    visit("scope", self.scope);
  }
};

/// VulnerabilityCoverage is a component of which a list of vulnerabilities speaks.
struct VulnerabilityCoverage {
  static constexpr std::string_view table = "vulnerability_coverage";
  EvidenceId evidence = 0;
  std::string subject;
  std::string list;
  std::string component;
  std::string complete = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("list", self.list);
    visit("component", self.component);
    visit("complete", self.complete);
  }
};

/// VulnerabilityMatch is how a component compares with a known vulnerability.
struct VulnerabilityMatch {
  static constexpr std::string_view table = "vulnerability_match";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string name;
  std::string version;
  std::string entry;
  std::string list;
  std::string kind = "unknown";
  std::string component;
  std::string fixed;
  std::string outcome = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("name", self.name);
    visit("version", self.version);
    visit("entry", self.entry);
    visit("list", self.list);
    visit("kind", self.kind);
    visit("component", self.component);
    visit("fixed", self.fixed);
    visit("outcome", self.outcome);
  }
};

/// DeclaredComponent is a part of other people's software that the maker declares.
struct DeclaredComponent {
  static constexpr std::string_view table = "declared_component";
  EvidenceId evidence = 0;
  std::string name;
  std::string version;
  std::string origin = "unknown";
  std::string component;
  std::string release;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("name", self.name);
    visit("version", self.version);
    visit("origin", self.origin);
    visit("component", self.component);
    visit("release", self.release);
  }
};

/// BootSetting is a setting of boot loader, kernel or first process.
struct BootSetting {
  static constexpr std::string_view table = "boot_setting";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string source = "unknown";
  std::string setting = "unknown";
  std::string text;
  std::int64_t number = 0;
  std::string login = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("source", self.source);
    visit("setting", self.setting);
    visit("text", self.text);
    visit("number", self.number);
    visit("login", self.login);
  }
};

/// BootLoader is a boot loader.
struct BootLoader {
  static constexpr std::string_view table = "boot_loader";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string name;
  std::string version;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("name", self.name);
    visit("version", self.version);
  }
};

/// BootIntegrity is a sign that code or files are verified at start.
struct BootIntegrity {
  static constexpr std::string_view table = "boot_integrity";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string sign = "unknown";
  std::string name;
  std::string state = "unknown";
  std::string algorithm;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("sign", self.sign);
    visit("name", self.name);
    visit("state", self.state);
    visit("algorithm", self.algorithm);
  }
};

/// RollbackCounter is a counter against older versions.
struct RollbackCounter {
  static constexpr std::string_view table = "rollback_counter";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string format = "unknown";
  std::string name;
  std::string state = "unknown";
  std::string value;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("format", self.format);
    visit("name", self.name);
    visit("state", self.state);
    visit("value", self.value);
  }
};

/// ImageVersion is a place in an image that names a version.
struct ImageVersion {
  static constexpr std::string_view table = "image_version";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string field;
  std::string place = "unknown";
  std::string text;
  std::string wanted;
  std::string same = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("field", self.field);
    visit("place", self.place);
    visit("text", self.text);
    visit("wanted", self.wanted);
    visit("same", self.same);
  }
};

/// SecureElement is a sign of a secure element.
struct SecureElement {
  static constexpr std::string_view table = "secure_element";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string element;
  std::string seen_by = "unknown";
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("element", self.element);
    visit("seen_by", self.seen_by);
    visit("text", self.text);
  }
};

}  // namespace haetae::facts
