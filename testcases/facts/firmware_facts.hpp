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

}  // namespace haetae::facts
