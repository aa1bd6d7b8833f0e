#include "harness/cli/output_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace haetae::cli {

OutputFile::OutputFile(std::filesystem::path file, std::filesystem::path beside)
    : file_(std::move(file)),
      beside_(std::move(beside)),
      stream_(beside_, std::ios::binary | std::ios::trunc) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : file_(std::move(other.file_)),
      beside_(std::exchange(other.beside_, {})),
      stream_(std::move(other.stream_)) {}

OutputFile::~OutputFile() {
  if (beside_.empty()) return;
  stream_.close();
  std::error_code ignored;
  std::filesystem::remove(beside_, ignored);
}

Result<OutputFile> OutputFile::create(const std::filesystem::path& file) {
  std::string beside = file.string() + ".XXXXXX";
  const int made = ::mkostemp(beside.data(), O_CLOEXEC);
  if (made < 0) {
    return fail(ErrorKind::storage,
                fmt::format("cannot write {}: check that the folder exists and may be written",
                            file.string()));
  }
  ::close(made);
  return OutputFile(file, beside);
}

Result<void> OutputFile::keep() {
  stream_.close();
  if (!stream_) {
    return fail(ErrorKind::storage,
                fmt::format("{} cannot be written: is the disk full?", file_.string()));
  }
  std::error_code failed;
  std::filesystem::rename(beside_, file_, failed);
  if (failed) {
    return fail(ErrorKind::storage,
                fmt::format("{} cannot be written: {}", file_.string(), failed.message()));
  }
  beside_.clear();
  return {};
}

}  // namespace haetae::cli
