#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "reports/pdf/file.hpp"
#include "reports/pdf/picture.hpp"

/// A PDF that is to be updated, and pictures that people attach: what is read must stay in bounds,
/// and an updated file must be one that can be read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace haetae;
  using namespace haetae::reports::print;
  const ByteView input(data, size);
  if (const auto image = image_of(input)) {
    if (!(image->width >= 1) || !(image->width * image->height <= 24e6)) std::abort();
  }
  const auto file = PdfFile::read(input);
  if (!file) return 0;
  for (const int number : file->of_kind("<<")) {
    const auto dictionary = file->dictionary(number);
    if (dictionary) (void)reference_after(*dictionary, "/Pages");
  }
  const Bytes more = file->update({{file->root(), "<< /Type /Catalog >>"}});
  Bytes whole(input.begin(), input.end());
  whole.insert(whole.end(), more.begin(), more.end());
  if (!PdfFile::read(whole)) std::abort();
  return 0;
}
