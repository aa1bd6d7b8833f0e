#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// What persons found, as a file that a script, a hook or the form of a report writes
/// (answers.xsd): strict, unknown names are errors with file and line.
namespace haetae::declaration {

inline constexpr std::size_t kMaximumAttachment = 32U << 20U;  ///< bytes of one attachment
inline constexpr std::size_t kMaximumAttachments = 20;         ///< of one answer
inline constexpr std::size_t kMaximumAnswerText = 20'000;      ///< bytes
inline constexpr std::size_t kMaximumName = 200;               ///< bytes of a person's name
inline constexpr std::size_t kMaximumAnswers = 256U << 20U;    ///< bytes of an answers file

/// Attachment is a file that belongs to an answer.
struct Attachment {
  std::string name;        ///< without folders
  std::string media_type;  ///< media_type_of() its content
  Bytes content;
  bool operator==(const Attachment&) const = default;
};

/// PersonAnswer is what one person found of one criterion.
struct PersonAnswer {
  std::string criterion;
  std::string outcome;  ///< conforms, does-not-conform, not-applicable, unknown
  std::string who;
  std::string second;  ///< another person who confirms it, may be empty
  std::string at;      ///< ISO 8601 with its zone
  std::string text;
  std::vector<Attachment> attachments;
  int line = 0;  ///< where it stands in the file
  bool operator==(const PersonAnswer&) const = default;
};

struct Answers {
  std::string run;     ///< uuid of the run that they belong to
  std::string method;  ///< file, form
  std::vector<PersonAnswer> answers;
  std::string sha256;  ///< of the file as it was written, hex
  std::string text;    ///< the file, the content of attachments left out
};

/// load_answers() reads an answers.xml. Everything that is wrong is told as "FILE:LINE: what;
/// allowed: …"; names of attached files are taken from the file's folder and must stay in it.
[[nodiscard]] Result<Answers> load_answers(const std::filesystem::path& file);
[[nodiscard]] Result<Answers> load_answers_text(std::string_view text,
                                                const std::filesystem::path& file);

/// attachment_of() reads a file that a person names.
[[nodiscard]] Result<Attachment> attachment_of(const std::filesystem::path& file);

/// media_type_of() tells PNG, JPEG and PDF by their first bytes and text by its encoding; all else
/// is application/octet-stream, so that no viewer takes it for something that it would run.
[[nodiscard]] std::string media_type_of(ByteView content);

/// is_zoned_time() is whether `text` is a date and time of ISO 8601 with seconds and zone:
/// 2026-11-22T15:04:05Z, 2026-11-22T15:04:05.5+09:00.
[[nodiscard]] bool is_zoned_time(std::string_view text);

/// same_person() compares names without regard to case and white space: who confirms an answer
/// must be another.
[[nodiscard]] bool same_person(std::string_view left, std::string_view right);

/// from_base64() reads RFC 4648 base64 with white space between; nothing if it is not that.
[[nodiscard]] bool from_base64(std::string_view text, Bytes& out);

}  // namespace haetae::declaration
