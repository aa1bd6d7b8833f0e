#pragma once

#include <filesystem>
#include <fstream>

#include "harness/model/error.hpp"

namespace haetae::cli {

/// OutputFile is written beside its place (mode 0600: it may hold passwords) and moved there by
/// keep(); without keep() nothing is left.
class OutputFile {
 public:
  [[nodiscard]] static Result<OutputFile> create(const std::filesystem::path& file);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();
  [[nodiscard]] std::ofstream& stream() { return stream_; }
  [[nodiscard]] Result<void> keep();

 private:
  OutputFile(std::filesystem::path file, std::filesystem::path beside);
  std::filesystem::path file_, beside_;
  std::ofstream stream_;
};

}  // namespace haetae::cli
