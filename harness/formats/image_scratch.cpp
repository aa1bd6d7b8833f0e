#include "harness/formats/image_scratch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace haetae::formats::image {
namespace {

// A file that has no name from the start, or loses it at once where the file system cannot do that.
int nameless_file() {
  std::error_code none;
  std::filesystem::path folder = std::filesystem::temp_directory_path(none);
  if (none) folder = "/tmp";
  const int open_at_once = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (open_at_once >= 0) return open_at_once;
  std::string name = (folder / "haetae-XXXXXX").string();
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(name.c_str());
  return descriptor;
}

bool write_whole(int descriptor, std::uint64_t at, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    at += static_cast<std::uint64_t>(wrote);
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return true;
}

// copy_whole() copies so many bytes; false if either side gave up first.
bool copy_whole(int from, int to, std::uint64_t size) {
  std::uint64_t done = 0;
  while (done < size) {
    const ssize_t count = ::copy_file_range(from, nullptr, to, nullptr, size - done, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::uint64_t>(count);
  }
  // Between some file systems the kernel does not copy by itself.
  Bytes piece(done < size ? 1U << 20U : 0);
  while (done < size) {
    const ssize_t count =
        ::pread(from, piece.data(), std::min<std::uint64_t>(piece.size(), size - done),
                static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = 0;  // its end, which is no error of the system
    if (count <= 0) return false;
    if (!write_whole(to, done, ByteView(piece).first(static_cast<std::size_t>(count))))
      return false;
    done += static_cast<std::uint64_t>(count);
  }
  return true;
}

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

}  // namespace

Mapping::~Mapping() {
  if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Result<Mapping> Mapping::of_descriptor(int descriptor, std::uint64_t size) {
  Mapping out;
  if (size == 0) return out;
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) {
    return fail(ErrorKind::storage,
                fmt::format("{} bytes could not be mapped: {}", size, std::strerror(errno)));
  }
  out.data_ = static_cast<const std::uint8_t*>(data);
  out.size_ = size;
  return out;
}

Result<Mapping> Mapping::of_file(const std::filesystem::path& path) {
  const auto broken = [&](const char* what) {
    return fail(ErrorKind::not_found,
                fmt::format("{} {}: {}", path.string(), what, std::strerror(errno)));
  };
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return broken("cannot be opened");
  struct stat about {};
  if (::fstat(file.number, &about) != 0 || !S_ISREG(about.st_mode)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is not a regular file; name a firmware image", path.string()));
  }
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size == 0) return Mapping();
  const Descriptor copy{nameless_file()};
  errno = 0;
  if (copy.number < 0 || !copy_whole(file.number, copy.number, size)) {
    if (errno != 0) {
      return fail(
          ErrorKind::storage,
          fmt::format("{} could not be copied to a scratch file of {} bytes: {}; make room, "
                      "or name another folder in TMPDIR",
                      path.string(), size, std::strerror(errno)));
    }
    return fail(ErrorKind::invalid_input,
                fmt::format("{} became shorter than {} bytes while it was read; hand it over again "
                            "when nothing writes to it any more",
                            path.string(), size));
  }
  return of_descriptor(copy.number, size);
}

Scratch::~Scratch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Scratch::spill() {
  descriptor_ = nameless_file();
  if (descriptor_ < 0 || !write_whole(descriptor_, 0, memory_)) return false;
  memory_.clear();
  return true;
}

bool Scratch::append(ByteView bytes) { return write_at(size_, bytes); }

bool Scratch::write_at(std::uint64_t at, ByteView bytes) {
  if (bytes.empty()) return true;
  const std::uint64_t end = at + bytes.size();
  if (descriptor_ < 0) {
    if (end <= in_memory_) {
      if (memory_.size() < end) memory_.resize(end);
      std::copy(bytes.begin(), bytes.end(), memory_.begin() + static_cast<std::ptrdiff_t>(at));
      size_ = memory_.size();
      return true;
    }
    if (!spill()) return false;
  }
  size_ = std::max(size_, end);
  return write_whole(descriptor_, at, bytes);
}

bool Scratch::grow(std::uint64_t size) {
  if (size <= size_) return true;
  if (descriptor_ < 0 && size <= in_memory_) {
    memory_.resize(size);
  } else if ((descriptor_ < 0 && !spill()) ||
             ::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    return false;
  }
  size_ = size;
  return true;
}

Result<ByteView> Scratch::finish() {
  if (descriptor_ < 0) return ByteView(memory_);
  if (::ftruncate(descriptor_, static_cast<off_t>(size_)) != 0) {
    return fail(ErrorKind::storage, "a scratch file could not be made its full length");
  }
  mapping_ = Mapping();
  auto mapping = Mapping::of_descriptor(descriptor_, size_);
  if (!mapping) return tl::unexpected<Error>(mapping.error());
  mapping_ = std::move(*mapping);
  return mapping_.bytes();
}

void Scratch::clear() {
  memory_.clear();
  mapping_ = Mapping();
  size_ = 0;
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

WindowFile::WindowFile(std::size_t size) : size_(size) {
  const int descriptor = nameless_file();
  // Without its blocks a full disk would be a signal at the first write.
  if (descriptor >= 0 && ::posix_fallocate(descriptor, 0, static_cast<off_t>(size)) == 0) {
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (data != MAP_FAILED) data_ = data;
  }
  if (descriptor >= 0) ::close(descriptor);
}

WindowFile::~WindowFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

}  // namespace haetae::formats::image
