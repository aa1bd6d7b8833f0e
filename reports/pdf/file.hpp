#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// A PDF file as bytes: read as far as an incremental update needs it (ISO 32000-1 clause 7.5.6).
namespace haetae::reports::print {

/// PdfFile is a PDF with classic cross-reference tables, as cairo writes them and as update() adds
/// them. The bytes must outlive it. Everything in them is checked before it is used.
class PdfFile {
 public:
  /// read() finds the objects; ErrorKind::invalid_input says what is not as expected.
  [[nodiscard]] static Result<PdfFile> read(ByteView bytes);

  /// dictionary() is the text of an object that is a dictionary without a stream, "<< … >>".
  [[nodiscard]] Result<std::string> dictionary(int number) const;
  /// of_kind() are the numbers of all objects whose text starts with `start`.
  [[nodiscard]] std::vector<int> of_kind(std::string_view start) const;
  [[nodiscard]] int root() const { return root_; }
  /// next() is the first object number that is not in use.
  [[nodiscard]] int next() const { return next_; }

  /// update() is what has to be appended so that each object is replaced, or added.
  [[nodiscard]] Bytes update(const std::map<int, std::string>& objects) const;

 private:
  [[nodiscard]] Result<void> read_table(std::size_t at, std::string& trailer);
  ByteView bytes_;
  std::map<int, std::size_t> offsets_;
  std::size_t newest_ = 0;  ///< where the newest table starts
  int root_ = 0, info_ = 0, next_ = 0;
};

/// with_entries() puts entries into a dictionary, before its end.
[[nodiscard]] std::string with_entries(const std::string& dictionary, std::string_view entries);
/// reference_after() is the object number in "/NAME 12 0 R"; 0 if there is none.
[[nodiscard]] int reference_after(std::string_view dictionary, std::string_view name);
/// pdf_text() is UTF-8 as a PDF text string: UTF-16BE in hexadecimal.
[[nodiscard]] std::string pdf_text(std::string_view utf8);

/// finish_pdf() adds what cairo 1.16 cannot write: language, the mark that the file is tagged, that
/// viewers show its title, and the alternative texts of the figures, in the order of the file.
[[nodiscard]] Result<Bytes> finish_pdf(Bytes pdf, std::string_view language,
                                       const std::vector<std::string>& alternatives);

}  // namespace haetae::reports::print
