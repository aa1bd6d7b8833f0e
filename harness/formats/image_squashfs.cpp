#include <fmt/format.h>
#include <sqfs/block.h>
#include <sqfs/dir.h>
#include <sqfs/dir_reader.h>
#include <sqfs/frag_table.h>
#include <sqfs/id_table.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "harness/formats/image_readers.hpp"
#include "harness/formats/image_squashfs_library.hpp"

namespace haetae::formats::image {
namespace {

constexpr std::uint64_t kSuper = sizeof(sqfs_super_t);
constexpr std::uint32_t kNoFragment = 0xffffffffU;
constexpr std::uint32_t kStored = 1U << 24U;  // the block is not compressed
constexpr std::size_t kSmallFile = 4U << 20U;

// A file that waits for a worker.
struct Task {
  Member member;
  Inode inode;
  std::uint64_t size = 0, start = 0;
  std::uint32_t fragment = kNoFragment, fragment_at = 0;
};

// Batches of files that share their last blocks, so that two workers seldom unpack the same.
class Queue {
 public:
  void put(std::vector<Task> batch) {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [&] { return batches_.size() < 8 || closed_; });
    if (closed_) return;
    batches_.push_back(std::move(batch));
    changed_.notify_all();
  }
  bool take(std::vector<Task>& batch) {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [&] { return !batches_.empty() || closed_; });
    if (batches_.empty()) return false;
    batch = std::move(batches_.front());
    batches_.pop_front();
    changed_.notify_all();
    return true;
  }
  void close() {
    const std::lock_guard lock(guard_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex guard_;
  std::condition_variable changed_;
  std::deque<std::vector<Task>> batches_;
  bool closed_ = false;
};

struct Image {
  Image(Walker& the_walker, const Place& the_place, ByteView the_bytes)
      : walker(the_walker), place(the_place), bytes(the_bytes) {}
  Walker& walker;
  const Place& place;
  ByteView bytes;
  sqfs_super_t super{};
  sqfs_frag_table_t* fragments = nullptr;
  Trouble trouble;
};

// Worker unpacks files; it has a decompressor and buffers of its own.
class Worker {
 public:
  explicit Worker(Image& image)
      : image_(image), compressor_(make_compressor(image.super)), content_(kSmallFile) {}

  void run(Queue& queue) {
    std::vector<Task> batch;
    while (queue.take(batch)) {
      for (Task& task : batch) {
        if (!image_.walker.may_go_on()) break;
        one(task);
      }
      batch.clear();
    }
  }

  void one(Task& task) {
    if (task.size > image_.walker.bounds().one) {
      image_.trouble.say("bounded",
                         fmt::format("{} is larger than {} bytes", printable(task.member.path),
                                     image_.walker.bounds().one));
      return;
    }
    if (!image_.walker.may_expand(task.size)) return;
    content_.clear();
    const char* problem = nullptr;
    const bool small = task.size <= kSmallFile;
    if (small) {
      whole_.resize(task.size);
      problem = fill(task, [&](std::uint64_t at, ByteView bytes) {
        std::copy(bytes.begin(), bytes.end(), whole_.begin() + static_cast<std::ptrdiff_t>(at));
        return true;
      });
    } else {
      problem = fill(
          task, [&](std::uint64_t at, ByteView bytes) { return content_.write_at(at, bytes); });
      if (!content_.grow(task.size)) problem = "there is no room for scratch files";
    }
    if (problem != nullptr) {
      image_.trouble.say("damaged", fmt::format("{} cannot be read whole: {}",
                                                printable(task.member.path), problem));
    }
    // What was read is shown even if some of it is missing: a key in it is still a key.
    if (small) {
      image_.walker.member(image_.place, std::move(task.member), whole_);
    } else if (const auto bytes = content_.finish()) {
      image_.walker.member(image_.place, std::move(task.member), *bytes);
    }
  }

 private:
  // unpack_block() gives the bytes of a block; they are valid until the next one.
  const char* unpack_block(std::uint64_t at, std::uint32_t told, std::uint32_t room, Bytes& buffer,
                           ByteView& out) {
    const std::uint32_t packed = told & ~kStored;
    if (packed > image_.super.block_size || !fits(image_.bytes, at, packed))
      return "it points outside of the image";
    if ((told & kStored) != 0) {
      out = image_.bytes.subspan(at, packed);
      return nullptr;
    }
    buffer.resize(image_.super.block_size);
    const sqfs_s32 got = compressor_ == nullptr
                             ? SQFS_ERROR_UNSUPPORTED
                             : compressor_->do_block(compressor_.get(), image_.bytes.data() + at,
                                                     packed, buffer.data(), room);
    if (got <= 0) return "a block does not unpack";
    out = ByteView(buffer).first(static_cast<std::size_t>(got));
    return nullptr;
  }

  template <class Put>
  const char* fill(const Task& task, Put put) {
    const char* problem = nullptr;
    const std::uint64_t block_size = image_.super.block_size;
    const std::size_t blocks = sqfs_inode_get_file_block_count(task.inode.get());
    std::uint64_t from = task.start, at = 0;
    if (task.size <= kSmallFile) std::fill(whole_.begin(), whole_.end(), std::uint8_t{0});
    for (std::size_t i = 0; i < blocks && at < task.size; ++i) {
      const std::uint32_t told = task.inode->extra[i];
      const std::uint64_t want = std::min(block_size, task.size - at);
      if (told != 0 && told != kStored) {
        ByteView bytes;
        const char* wrong = unpack_block(from, told, image_.super.block_size, block_, bytes);
        if (wrong == nullptr && bytes.size() != want)
          wrong = "a block has another length than told";
        bytes = bytes.first(std::min<std::size_t>(bytes.size(), want));
        if (!bytes.empty() && !put(at, bytes)) return "there is no room for scratch files";
        if (wrong != nullptr && problem == nullptr) problem = wrong;
      }
      from += told & ~kStored;
      at += want;
      if (!image_.walker.may_go_on()) return problem;
    }
    if (task.fragment == kNoFragment || at >= task.size) {
      return at < task.size && problem == nullptr ? "it has fewer blocks than its length" : problem;
    }
    if (const char* wrong = load_fragment(task.fragment))
      return problem == nullptr ? wrong : problem;
    const std::uint64_t want = task.size - at;
    if (!fits(fragment_, task.fragment_at, want))
      return "its tail lies outside of the shared block";
    return put(at, fragment_.subspan(task.fragment_at, want))
               ? problem
               : "there is no room for scratch files";
  }

  // Shared blocks are kept for a while: folders come in another order than they were written in.
  const char* load_fragment(std::uint32_t index) {
    for (const Fragment& known : fragments_) {
      if (known.index != index) continue;
      fragment_ = known.view;
      return nullptr;
    }
    sqfs_fragment_t place{};
    if (image_.fragments == nullptr ||
        sqfs_frag_table_lookup(image_.fragments, index, &place) != 0) {
      return "its tail is in a shared block that is not listed";
    }
    Fragment& slot = fragments_.at(next_fragment_++ % fragments_.size());
    slot.index = kNoFragment;
    const char* problem = unpack_block(place.start_offset, place.size, image_.super.block_size,
                                       slot.bytes, slot.view);
    if (problem == nullptr) {
      slot.index = index;
      fragment_ = slot.view;
    }
    return problem;
  }

  struct Fragment {
    std::uint32_t index = kNoFragment;
    Bytes bytes;
    ByteView view;
  };

  Image& image_;
  Owned<sqfs_compressor_t> compressor_;
  Bytes whole_, block_;
  std::array<Fragment, 8> fragments_;
  std::size_t next_fragment_ = 0;
  ByteView fragment_;
  Scratch content_;
};

// Lister goes through the folders and gives files to the workers.
class Lister {
 public:
  Lister(Image& image, sqfs_dir_reader_t* reader, sqfs_id_table_t* ids,
         std::function<void(std::vector<Task>)> give)
      : image_(image), reader_(reader), ids_(ids), give_(std::move(give)) {}

  void run() {
    sqfs_inode_generic_t* root = nullptr;
    if (const int code = sqfs_dir_reader_get_root_inode(reader_, &root); code != 0) {
      image_.trouble.say("damaged",
                         fmt::format("the root folder cannot be read: {}", reason(code)));
      return;
    }
    std::vector<Folder> open;
    open.push_back({"", Inode(root)});
    seen_.insert(root->base.inode_number);
    while (!open.empty() && image_.walker.may_go_on()) {
      Folder folder = std::move(open.back());
      open.pop_back();
      read(folder, open);
    }
    flush();
  }

 private:
  struct Folder {
    std::string path;
    Inode inode;
  };

  void read(const Folder& folder, std::vector<Folder>& open) {
    const auto damaged = [&](int code) {
      image_.trouble.say("damaged", fmt::format("the folder {}/ cannot be read whole: {}",
                                                printable(folder.path), reason(code)));
    };
    if (const int code = sqfs_dir_reader_open_dir(reader_, folder.inode.get(), 0); code != 0)
      return damaged(code);
    const std::size_t first = open.size();
    for (;;) {
      if (!image_.walker.may_go_on()) return;
      sqfs_dir_entry_t* made = nullptr;
      if (const int code = sqfs_dir_reader_read(reader_, &made); code != 0) {
        if (code < 0) damaged(code);
        break;
      }
      const std::unique_ptr<sqfs_dir_entry_t, Free> entry(made);
      sqfs_inode_generic_t* node = nullptr;
      const int code = sqfs_dir_reader_get_inode(reader_, &node);
      const std::string name(reinterpret_cast<const char*>(entry->name),
                             std::size_t{entry->size} + 1);
      std::string path = folder.path + "/" + name;
      if (code != 0) {
        image_.trouble.say("damaged",
                           fmt::format("{} cannot be read: {}", printable(path), reason(code)));
        continue;
      }
      Inode inode(node);
      const bool trick = name.find('/') != std::string::npos || name == "." || name == "..";
      if (path.size() > 65536) {
        image_.trouble.say("bounded", "folders are nested deeper than a path can name");
        continue;
      }
      entry_of(std::move(path), std::move(inode), trick, open);
    }
    std::reverse(open.begin() + static_cast<std::ptrdiff_t>(first), open.end());
  }

  void entry_of(std::string path, Inode inode, bool trick, std::vector<Folder>& open) {
    Member member;
    member.path = path;
    member.escapes = trick;
    member.mode = inode->base.mode & 07777U;
    sqfs_u32 id = 0;
    if (sqfs_id_table_index_to_id(ids_, inode->base.uid_idx, &id) == 0) member.uid = id;
    if (sqfs_id_table_index_to_id(ids_, inode->base.gid_idx, &id) == 0) member.gid = id;
    switch (inode->base.type) {
      case SQFS_INODE_DIR:
      case SQFS_INODE_EXT_DIR:
        member.kind = "directory";
        if (!seen_.insert(inode->base.inode_number).second) {
          image_.trouble.say("damaged",
                             fmt::format("the folder {} is in the tree twice", printable(path)));
        } else {
          open.push_back({std::move(path), std::move(inode)});
        }
        break;
      case SQFS_INODE_FILE:
      case SQFS_INODE_EXT_FILE: return file(std::move(member), std::move(inode));
      case SQFS_INODE_SLINK:
      case SQFS_INODE_EXT_SLINK: {
        member.kind = "link";
        const auto* target = reinterpret_cast<const char*>(inode->extra);
        member.target.assign(target, ::strnlen(target, inode->payload_bytes_used));
        break;
      }
      case SQFS_INODE_BDEV:
      case SQFS_INODE_EXT_BDEV:
      case SQFS_INODE_CDEV:
      case SQFS_INODE_EXT_CDEV: member.kind = "device"; break;
      case SQFS_INODE_FIFO:
      case SQFS_INODE_EXT_FIFO: member.kind = "fifo"; break;
      case SQFS_INODE_SOCKET:
      case SQFS_INODE_EXT_SOCKET: member.kind = "socket"; break;
      default: member.kind = "unknown"; break;
    }
    image_.walker.member(image_.place, std::move(member), {});
  }

  void file(Member member, Inode inode) {
    member.kind = "file";
    Task task;
    sqfs_u64 size = 0, start = 0;
    sqfs_u32 fragment = kNoFragment, at = 0;
    sqfs_inode_get_file_size(inode.get(), &size);
    sqfs_inode_get_file_block_start(inode.get(), &start);
    sqfs_inode_get_frag_location(inode.get(), &fragment, &at);
    task = {std::move(member), std::move(inode), size, start, fragment, at};
    constexpr std::size_t kBatch = 32;
    constexpr std::uint64_t kBatchBytes = 8U << 20U;
    const bool other_fragment = !batch_.empty() && batch_.back().fragment != fragment;
    if (batch_.size() >= 256 || batch_bytes_ >= kBatchBytes ||
        (batch_.size() >= kBatch && other_fragment))
      flush();
    batch_bytes_ += size;
    batch_.push_back(std::move(task));
  }

  void flush() {
    if (!batch_.empty()) give_(std::move(batch_));
    batch_.clear();
    batch_bytes_ = 0;
  }

  Image& image_;
  sqfs_dir_reader_t* reader_;
  sqfs_id_table_t* ids_;
  std::function<void(std::vector<Task>)> give_;
  std::vector<Task> batch_;
  std::uint64_t batch_bytes_ = 0;
  std::set<std::uint32_t> seen_;
};

// What a visitor throws in a worker is thrown again here, when all of them have ended.
void read_members(Image& image, Lister& lister, Queue& queue, int threads) {
  if (threads <= 1) return lister.run();
  std::mutex guard;
  std::exception_ptr thrown;
  const auto guarded = [&](const auto& work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!thrown) thrown = std::current_exception();
      queue.close();
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] { guarded([&] { Worker(image).run(queue); }); });
  }
  guarded([&] { lister.run(); });
  queue.close();
  for (std::thread& worker : workers) worker.join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace

bool looks_like_squashfs(ByteView bytes) {
  if (bytes.size() < kSuper) return false;
  const bool swapped = begins(bytes, "sqsh");
  const std::uint64_t major = swapped ? big(bytes, 28, 2) : little16(bytes, 28);
  return major >= 1 && major <= 4;
}

Outcome open_squashfs(Walker& walker, const Place& place) {
  const ByteView bytes = place.bytes;
  if (begins(bytes, "sqsh") || little16(bytes, 28) != 4) {
    if (place.carved && bytes.size() < 4096) return {};
    return {.length = bytes.size(),
            .state = "unsupported",
            .why = fmt::format("it is squashfs of version {}; only version 4 can be opened",
                               begins(bytes, "sqsh") ? big(bytes, 28, 2) : little16(bytes, 28)),
            .format = ""};
  }
  const std::uint32_t block = little32(bytes, 12), log = little16(bytes, 22);
  if (log < 12 || log > 20 || block != 1U << log) return {};
  const std::uint64_t used = little(bytes, 40, 8);
  if (used < kSuper) return {};
  Image image(walker, place, bytes.first(std::min<std::uint64_t>(used, bytes.size())));
  Outcome out{.length = image.bytes.size(), .state = "unpacked", .why = "", .format = ""};
  if (used > bytes.size()) {
    image.trouble.say("damaged",
                      fmt::format("it is cut off: {} of {} bytes are there", bytes.size(), used));
  }
  ViewFile file(image.bytes);
  if (const int code = sqfs_super_read(&image.super, &file.file); code != 0) {
    if (place.carved) return {};
    return {.length = image.bytes.size(),
            .state = code == SQFS_ERROR_UNSUPPORTED ? "unsupported" : "damaged",
            .why = reason(code),
            .format = ""};
  }
  const auto compressor = make_compressor(image.super);
  if (!compressor) {
    return {.length = image.bytes.size(),
            .state = "unsupported",
            .why = fmt::format("its compression has the number {}, which is not known",
                               image.super.compression_id),
            .format = ""};
  }
  const Owned<sqfs_id_table_t> ids(sqfs_id_table_create(0));
  const Owned<sqfs_frag_table_t> fragments(sqfs_frag_table_create(0));
  // Every shared block belongs to a file: a longer table would only cost memory.
  if (image.super.fragment_entry_count > image.super.inode_count ||
      image.super.inode_count > image.bytes.size() || image.super.id_count == 0) {
    image.trouble.say("damaged", "its tables are longer than the image");
    image.trouble.tell(out);
    return out;
  }
  if (const int code = sqfs_id_table_read(ids.get(), &file.file, &image.super, compressor.get());
      code != 0) {
    image.trouble.say("damaged",
                      fmt::format("the table of owners cannot be read: {}", reason(code)));
  }
  if (const int code =
          sqfs_frag_table_read(fragments.get(), &file.file, &image.super, compressor.get());
      code != 0) {
    image.trouble.say("damaged",
                      fmt::format("the table of shared blocks cannot be read: {}", reason(code)));
  } else {
    image.fragments = fragments.get();
  }
  const Owned<sqfs_dir_reader_t> reader(
      sqfs_dir_reader_create(&image.super, compressor.get(), &file.file, 0));
  if (reader && ids) {
    const int threads = walker.take_threads();
    Queue queue;
    Worker own(image);
    Lister lister(image, reader.get(), ids.get(), [&](std::vector<Task> batch) {
      if (threads > 1) return queue.put(std::move(batch));
      for (Task& task : batch) {
        if (walker.may_go_on()) own.one(task);
      }
    });
    read_members(image, lister, queue, threads);
    walker.give_threads(threads);
  }
  image.trouble.tell(out);
  return out;
}

}  // namespace haetae::formats::image
