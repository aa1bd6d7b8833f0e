#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// One struct for each fact table about what is inside a firmware image.
namespace haetae::facts {

/// FirmwareImage is an image, root file system archive or memory dump that was opened.
struct FirmwareImage {
  static constexpr std::string_view table = "firmware_image";
  EvidenceId evidence = 0;
  std::string subject;
  std::string file;
  std::string sha256;
  std::int64_t size = 0;
  std::string kind = "unknown";
  std::string version;
  std::string opened = "unknown";
  std::int64_t files = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("file", self.file);
    visit("sha256", self.sha256);
    visit("size", self.size);
    visit("kind", self.kind);
    visit("version", self.version);
    visit("opened", self.opened);
    visit("files", self.files);
  }
};

/// FirmwarePart is a stretch of an image that is one thing.
struct FirmwarePart {
  static constexpr std::string_view table = "firmware_part";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  std::string format;
  std::string state = "unknown";
  std::string why;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("offset", self.offset);
    visit("length", self.length);
    visit("format", self.format);
    visit("state", self.state);
    visit("why", self.why);
  }
};

/// FirmwareEntropy is how random a stretch of an image is.
struct FirmwareEntropy {
  static constexpr std::string_view table = "firmware_entropy";
  EvidenceId evidence = 0;
  std::string subject;
  std::int64_t offset = 0;
  std::int64_t length = 0;
  double bits = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("offset", self.offset);
    visit("length", self.length);
    visit("bits", self.bits);
  }
};

/// FirmwareAccount is an account or a password hash in an image.
struct FirmwareAccount {
  static constexpr std::string_view table = "firmware_account";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::int64_t position = 0;
  std::string account;
  std::string source = "unknown";
  std::int64_t uid = 0;
  std::string superuser = "unknown";
  std::string login = "unknown";
  std::string password = "unknown";
  std::string scheme;
  std::string guessed = "unknown";
  std::string guess;
  std::int64_t secret = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("position", self.position);
    visit("account", self.account);
    visit("source", self.source);
    visit("uid", self.uid);
    visit("superuser", self.superuser);
    visit("login", self.login);
    visit("password", self.password);
    visit("scheme", self.scheme);
    visit("guessed", self.guessed);
    visit("guess", self.guess);
    visit("secret", self.secret);
  }
};

/// FirmwareKey is a private key in an image.
struct FirmwareKey {
  static constexpr std::string_view table = "firmware_key";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::int64_t position = 0;
  std::string form = "unknown";
  std::string algorithm = "unknown";
  std::int64_t bits = 0;
  std::string encrypted = "unknown";
  std::string key_sha256;
  std::string purpose = "unknown";
  std::string test_key;
  std::int64_t secret = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("position", self.position);
    visit("form", self.form);
    visit("algorithm", self.algorithm);
    visit("bits", self.bits);
    visit("encrypted", self.encrypted);
    visit("key_sha256", self.key_sha256);
    visit("purpose", self.purpose);
    visit("test_key", self.test_key);
    visit("secret", self.secret);
  }
};

/// FirmwareCertificate is a certificate in an image.
struct FirmwareCertificate {
  static constexpr std::string_view table = "firmware_certificate";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::int64_t position = 0;
  std::string sha256;
  std::string subject_name;
  std::string issuer_name;
  std::string not_before;
  std::string not_after;
  std::string ca = "unknown";
  std::string key_sha256;
  std::string key_in_image = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("position", self.position);
    visit("sha256", self.sha256);
    visit("subject_name", self.subject_name);
    visit("issuer_name", self.issuer_name);
    visit("not_before", self.not_before);
    visit("not_after", self.not_after);
    visit("ca", self.ca);
    visit("key_sha256", self.key_sha256);
    visit("key_in_image", self.key_in_image);
  }
};

/// FirmwareSecret is a token or password in clear text in an image.
struct FirmwareSecret {
  static constexpr std::string_view table = "firmware_secret";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::int64_t position = 0;
  std::string rule;
  std::string name;
  std::int64_t length = 0;
  std::int64_t secret = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("position", self.position);
    visit("rule", self.rule);
    visit("name", self.name);
    visit("length", self.length);
    visit("secret", self.secret);
  }
};

/// FirmwareLogString is a text that puts a secret into a message.
struct FirmwareLogString {
  static constexpr std::string_view table = "firmware_log_string";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::int64_t position = 0;
  std::string word;
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("position", self.position);
    visit("word", self.word);
    visit("text", self.text);
  }
};

/// FirmwareUserData is data of a user in a memory dump.
struct FirmwareUserData {
  static constexpr std::string_view table = "firmware_user_data";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::int64_t position = 0;
  std::string datum = "unknown";
  std::string name;
  std::string form = "unknown";
  std::int64_t secret = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("position", self.position);
    visit("datum", self.datum);
    visit("name", self.name);
    visit("form", self.form);
    visit("secret", self.secret);
  }
};

/// FirmwareService is a program that start files of an image start.
struct FirmwareService {
  static constexpr std::string_view table = "firmware_service";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::int64_t position = 0;
  std::string program;
  std::string source = "unknown";
  std::string enabled = "unknown";
  std::string account;
  std::string superuser = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("position", self.position);
    visit("program", self.program);
    visit("source", self.source);
    visit("enabled", self.enabled);
    visit("account", self.account);
    visit("superuser", self.superuser);
  }
};

/// FirmwareMode is a file with a permission that needs a reason.
struct FirmwareMode {
  static constexpr std::string_view table = "firmware_mode";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string kind = "unknown";
  std::int64_t mode = 0;
  std::int64_t owner = 0;
  std::string set_uid = "unknown";
  std::string set_gid = "unknown";
  std::string world_writable = "unknown";
  std::string sticky = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("kind", self.kind);
    visit("mode", self.mode);
    visit("owner", self.owner);
    visit("set_uid", self.set_uid);
    visit("set_gid", self.set_gid);
    visit("world_writable", self.world_writable);
    visit("sticky", self.sticky);
  }
};

/// FirmwareLeftover is a tool or file that developers left behind.
struct FirmwareLeftover {
  static constexpr std::string_view table = "firmware_leftover";
  EvidenceId evidence = 0;
  std::string subject;
  std::string inside;
  std::string path;
  std::string entry;
  std::string kind = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("inside", self.inside);
    visit("path", self.path);
    visit("entry", self.entry);
    visit("kind", self.kind);
  }
};

}  // namespace haetae::facts
