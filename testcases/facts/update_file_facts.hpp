#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"

/// One struct for each fact table about update files as they were handed over.
namespace haetae::facts {

/// UpdateFile is an update file that the maker handed over.
struct UpdateFile {
  static constexpr std::string_view table = "update_file";
  EvidenceId evidence = 0;
  std::string subject;
  std::string role = "unknown";
  std::string file;
  std::string sha256;
  std::int64_t size = 0;
  std::string format = "unknown";
  std::string declared_version;
  std::string version;
  std::string model;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("role", self.role);
    visit("file", self.file);
    visit("sha256", self.sha256);
    visit("size", self.size);
    visit("format", self.format);
    visit("declared_version", self.declared_version);
    visit("version", self.version);
    visit("model", self.model);
  }
};

/// UpdateSignature is a signature of an update file, or that there is none.
struct UpdateSignature {
  static constexpr std::string_view table = "update_signature";
  EvidenceId evidence = 0;
  std::string subject;
  std::int64_t position = 0;
  std::string scheme = "unknown";
  std::string digest = "unknown";
  std::string key_algorithm = "unknown";
  std::string key_curve;
  std::int64_t key_bits = 0;
  std::string covers = "unknown";
  std::string verifies = "unknown";
  std::int64_t certificates = 0;
  std::int64_t place = 0;
  std::int64_t length = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("position", self.position);
    visit("scheme", self.scheme);
    visit("digest", self.digest);
    visit("key_algorithm", self.key_algorithm);
    visit("key_curve", self.key_curve);
    visit("key_bits", self.key_bits);
    visit("covers", self.covers);
    visit("verifies", self.verifies);
    visit("certificates", self.certificates);
    visit("place", self.place);
    visit("length", self.length);
  }
};

/// UpdateCertificate is a certificate in the signature of an update file.
struct UpdateCertificate {
  static constexpr std::string_view table = "update_certificate";
  EvidenceId evidence = 0;
  std::string subject;
  std::int64_t signature = 0;
  std::int64_t position = 0;
  std::string sha256;
  std::string subject_name;
  std::string issuer_name;
  std::string key_algorithm = "unknown";
  std::string key_curve;
  std::int64_t key_bits = 0;
  std::string signature_algorithm;
  std::string not_before;
  std::string not_after;
  std::string self_signed = "unknown";
  std::string ca = "unknown";
  std::string chain = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("signature", self.signature);
    visit("position", self.position);
    visit("sha256", self.sha256);
    visit("subject_name", self.subject_name);
    visit("issuer_name", self.issuer_name);
    visit("key_algorithm", self.key_algorithm);
    visit("key_curve", self.key_curve);
    visit("key_bits", self.key_bits);
    visit("signature_algorithm", self.signature_algorithm);
    visit("not_before", self.not_before);
    visit("not_after", self.not_after);
    visit("self_signed", self.self_signed);
    visit("ca", self.ca);
    visit("chain", self.chain);
  }
};

}  // namespace haetae::facts
