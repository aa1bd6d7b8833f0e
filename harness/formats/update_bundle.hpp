#pragma once

#include "harness/formats/update_parts.hpp"

/// Archives with a manifest, a payload and signature files beside them.
namespace haetae::formats::update {

/// SignatureFile is a member that signs another one.
struct SignatureFile {
  std::size_t member = 0, covers = 0;
  enum class Form { der, pem, base64 } form = Form::der;
};

/// Layout is which member is what; -1 is none.
struct Layout {
  std::string format;  ///< swu, tar, zip, mender
  int manifest = -1, payload = -1;
  std::vector<SignatureFile> signatures;
};

[[nodiscard]] Layout lay_out(const Archive& archive);

/// read_any() opens an archive of any of the kinds, pack_any() writes it.
[[nodiscard]] Result<Archive> read_any(ByteView file);
[[nodiscard]] Bytes pack_any(const Archive& archive);

/// signature_bytes() is the signature in its binary form.
[[nodiscard]] Bytes signature_bytes(ByteView member, SignatureFile::Form form);
[[nodiscard]] Bytes signature_member(ByteView signature, SignatureFile::Form form);

/// judge_member() judges the signature of one member; `hint` is what the format says of it.
[[nodiscard]] std::vector<ImageSignature> judge_member(const Archive& archive,
                                                       const SignatureFile& signature,
                                                       const Layout& layout, const Keys& keys);

/// repair() writes the new digests of a member into every text member that held the old ones, and
/// of those in turn.
void repair(Archive& archive, std::size_t member, ByteView before, int depth = 0);

/// replace() gives a member new content and repairs the digests of it.
void replace(Archive& archive, std::size_t member, Bytes content);

/// sign_members() signs every signature file anew.
[[nodiscard]] Result<void> sign_members(Archive& archive, const Layout& layout,
                                        const UpdateFile& known, Who who);

/// remove_signatures() takes the signature files out.
void remove_signatures(Archive& archive, const Layout& layout);

/// Change is what a mutation id does to an archive; bytes are packed by the caller.
struct Change {
  std::string what, marker;
  bool covered = true;
};
[[nodiscard]] Result<Change> change_members(Archive& archive, const Layout& layout,
                                            const UpdateFile& known, std::string_view id,
                                            std::string_view marker);

}  // namespace haetae::formats::update
