#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/formats/update_archive.hpp"
#include "harness/formats/update_crypto.hpp"
#include "harness/formats/update_image.hpp"

/// What the families of update formats have in common: how a payload is altered, what is found in
/// manifests, how unsigned checksums are put right.
namespace haetae::formats::update {

/// Family is a group of formats with one reader and one maker of altered files.
struct Family {
  bool (*is)(ByteView file);
  Result<UpdateFile> (*read)(ByteView file, const Keys& keys);
  /// why_not() is why a mutation is not made for the format; empty: it is made.
  std::string (*why_not)(const UpdateFile& known, std::string_view id);
  Result<Mutation> (*make)(ByteView file, const UpdateFile& known, std::string_view id);
};

[[nodiscard]] Family bundle_family();  ///< swu, tar, zip, android-ota
[[nodiscard]] Family android_family();
[[nodiscard]] Family boot_family();  ///< uimage, trx
[[nodiscard]] Family fit_family();
[[nodiscard]] Family mcuboot_family();
[[nodiscard]] Family mender_family();
[[nodiscard]] Family rauc_family();

/// is_signed() is true where a signature in the file is one that can be taken off or made again.
[[nodiscard]] bool is_signed(const UpdateFile& known);
[[nodiscard]] const ImageSignature* first_signature(const UpdateFile& known);
/// who_of() says who signs in place of the maker for a mutation id; nothing for other ids.
[[nodiscard]] std::optional<Who> who_of(std::string_view id);

/// no_signature() is what stands in UpdateFile::signatures of a known format without one.
[[nodiscard]] ImageSignature no_signature();

/// region() adds a stretch, unless its length is 0.
void region(UpdateFile& file, std::string name, std::uint64_t offset, std::uint64_t length);
[[nodiscard]] const Region* find_region(const UpdateFile& file, std::string_view name);

/// marker_for() is the text by which an altered file is known again: the same for the same file
/// and id, of 24 characters at most.
[[nodiscard]] std::string marker_for(ByteView file, std::string_view id);

/// Altered is a payload with a change that keeps its own format whole where it is known.
struct Altered {
  Bytes bytes;
  std::string marker;  ///< empty where none could be put in
  std::string what;
};
enum class Size { kept, free };
/// alter_payload() puts the marker into text (behind its end), a tar (a file of its own), gzip
/// (what is inside), or a stretch of zeros; otherwise one bit in the middle is flipped.
[[nodiscard]] Altered alter_payload(ByteView payload, std::string_view marker, Size size);

/// Span is a stretch of text.
struct Span {
  std::size_t at = 0, length = 0;
};
/// values_of() finds the values of a setting in a manifest: libconfig, JSON, INI, "name: value" or
/// "name=value"; every member of a list.
[[nodiscard]] std::vector<Span> values_of(std::string_view text, std::string_view name);
/// first_value() is the value of the first of the names that is there.
[[nodiscard]] std::string first_value(std::string_view text,
                                      const std::vector<std::string_view>& names);
[[nodiscard]] const std::vector<std::string_view>& model_names();
[[nodiscard]] const std::vector<std::string_view>& version_names();

/// other_model() writes a model that nobody has over every value; false where there is none.
[[nodiscard]] bool other_model(std::string& text);
/// other_version() raises the last digit of the version; false where there is none.
[[nodiscard]] bool other_version(std::string& text);
/// harmless_change() changes one character that no reader of a manifest minds; says what it did.
[[nodiscard]] std::string harmless_change(std::string& text);

/// replace_digests() writes the digests (hexadecimal) of `now` over those of `before`.
[[nodiscard]] bool replace_digests(std::string& text, ByteView before, ByteView now);
[[nodiscard]] bool is_text(ByteView bytes);

}  // namespace haetae::formats::update
