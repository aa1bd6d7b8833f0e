#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

/// Where unpacked bytes wait: small ones in memory, large ones in a mapped file without a name, so
/// that they live in the page cache and vanish with the process.
namespace haetae::formats::image {

/// Mapping is a read-only view of a file or of a piece of one.
class Mapping {
 public:
  Mapping() = default;
  ~Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  /// of_file() maps a copy of a regular file, which nobody else can cut or change: what is cut from
  /// a mapped file is a signal at the next look. An empty file gives an empty view.
  [[nodiscard]] static Result<Mapping> of_file(const std::filesystem::path& path);
  /// of_descriptor() maps a file that only this process has.
  [[nodiscard]] static Result<Mapping> of_descriptor(int descriptor, std::uint64_t size);
  [[nodiscard]] ByteView bytes() const { return {data_, size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Scratch collects the bytes of one stream or member. A failure to write is kept and told once.
class Scratch {
 public:
  /// `in_memory` is how many bytes are held in memory before they go to a file.
  explicit Scratch(std::size_t in_memory = 1U << 20U) : in_memory_(in_memory) {}
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] bool append(ByteView bytes);
  /// write_at() fills in bytes anywhere; a hole reads as zeros.
  [[nodiscard]] bool write_at(std::uint64_t at, ByteView bytes);
  /// grow() makes it at least so long, with zeros.
  [[nodiscard]] bool grow(std::uint64_t size);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// finish() is all bytes; they are valid until the next call that changes them.
  [[nodiscard]] Result<ByteView> finish();
  /// clear() makes it empty and keeps its memory for the next use.
  void clear();

 private:
  [[nodiscard]] bool spill();
  std::size_t in_memory_;
  Bytes memory_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  Mapping mapping_;
};

/// WindowFile is writable memory that lies in a nameless file, all of it backed by disk.
class WindowFile {
 public:
  explicit WindowFile(std::size_t size);
  ~WindowFile();
  WindowFile(const WindowFile&) = delete;
  WindowFile& operator=(const WindowFile&) = delete;
  [[nodiscard]] void* data() const { return data_; }  ///< null if there was no room

 private:
  void* data_ = nullptr;
  std::size_t size_;
};

}  // namespace haetae::formats::image
