#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/formats/image_content.hpp"
#include "harness/formats/image_readers.hpp"

// FAT12, FAT16 and FAT32 with long names (Microsoft, FAT32 File System Specification 1.03).
namespace haetae::formats::image {
namespace {

void put_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0U | point >> 6U);
    out += static_cast<char>(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0U | point >> 12U);
    out += static_cast<char>(0x80U | (point >> 6U & 0x3fU));
    out += static_cast<char>(0x80U | (point & 0x3fU));
  } else {
    out += static_cast<char>(0xf0U | point >> 18U);
    out += static_cast<char>(0x80U | (point >> 12U & 0x3fU));
    out += static_cast<char>(0x80U | (point >> 6U & 0x3fU));
    out += static_cast<char>(0x80U | (point & 0x3fU));
  }
}

std::string utf8(const std::vector<std::uint16_t>& units) {
  std::string out;
  for (std::size_t i = 0; i < units.size() && units[i] != 0; ++i) {
    const std::uint32_t unit = units[i];
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < units.size() &&
        (units[i + 1] & 0xfc00U) == 0xdc00U) {
      put_utf8(out, 0x10000U + ((unit & 0x3ffU) << 10U) + (units[++i] & 0x3ffU));
    } else {
      put_utf8(out, unit >= 0xd800 && unit < 0xe000 ? 0xfffdU : unit);
    }
  }
  return out;
}

class Fat {
 public:
  Fat(Walker& walker, const Place& place) : walker_(walker), place_(place), bytes_(place.bytes) {
    sector_ = little16(bytes_, 11);
    cluster_ = sector_ * bytes_[13];
    fat_at_ = little16(bytes_, 14) * sector_;
    const std::uint64_t roots = little16(bytes_, 17);
    const std::uint64_t fat =
        little16(bytes_, 22) != 0 ? little16(bytes_, 22) : little32(bytes_, 36);
    total_ = (little16(bytes_, 19) != 0 ? little16(bytes_, 19) : little32(bytes_, 32)) * sector_;
    root_at_ = fat_at_ + bytes_[16] * fat * sector_;
    root_size_ = roots * 32;
    data_at_ = root_at_ + (root_size_ + sector_ - 1) / sector_ * sector_;
    clusters_ = total_ > data_at_ ? (total_ - data_at_) / cluster_ : 0;
    bits_ = clusters_ < 4085 ? 12 : clusters_ < 65525 ? 16 : 32;
    root_cluster_ = bits_ == 32 ? little32(bytes_, 44) : 0;
  }

  [[nodiscard]] bool sound() const { return clusters_ != 0 && data_at_ < bytes_.size(); }

  Outcome read() {
    Outcome out{.length = std::min<std::uint64_t>(total_, bytes_.size()),
                .state = "unpacked",
                .why = "",
                .format = ""};
    if (total_ > bytes_.size()) {
      trouble_.say("damaged",
                   fmt::format("it is cut off: {} of {} bytes are there", bytes_.size(), total_));
    }
    std::vector<std::pair<std::string, std::uint32_t>> open;
    if (bits_ == 32) {
      open.emplace_back("", root_cluster_);
    } else if (fits(bytes_, root_at_, root_size_)) {
      entries("", bytes_.subspan(root_at_, root_size_), open);
    }
    while (!open.empty() && walker_.may_go_on()) {
      const auto [path, cluster] = open.back();
      open.pop_back();
      if (!seen_.insert(cluster).second) {
        trouble_.say("damaged",
                     fmt::format("the folder {}/ is in the tree twice", printable(path)));
        continue;
      }
      Content content;
      // A folder tells no length; Windows allows 65,536 entries.
      if (!chain(cluster, 65536 * 32, content))
        trouble_.say("damaged",
                     fmt::format("the folder {}/ cannot be read whole", printable(path)));
      if (const auto bytes = content.finish()) entries(path, *bytes, open);
    }
    trouble_.tell(out);
    return out;
  }

 private:
  [[nodiscard]] std::uint32_t next(std::uint32_t cluster) const {
    const std::uint64_t at =
        fat_at_ + (bits_ == 12 ? cluster + cluster / 2
                               : std::uint64_t{cluster} * static_cast<unsigned>(bits_) / 8);
    if (!fits(bytes_, at, bits_ == 32 ? 4 : 2)) return 0;
    if (bits_ == 32) return little32(bytes_, at) & 0x0fffffffU;
    const std::uint32_t value = little16(bytes_, at);
    if (bits_ == 16) return value;
    return cluster % 2 != 0 ? value >> 4U : value & 0xfffU;
  }

  // chain() adds at most `size` bytes of a chain; false if it ends early or leaves the image.
  bool chain(std::uint32_t cluster, std::uint64_t size, Content& content) {
    const std::uint32_t last = bits_ == 12 ? 0xff8U : bits_ == 16 ? 0xfff8U : 0x0ffffff8U;
    const bool folder = size == 65536 * 32;
    for (std::uint64_t steps = 0; content.size() < size; ++steps) {
      if (cluster >= last && folder) return true;
      if (cluster < 2 || cluster - 2 >= clusters_ || steps > clusters_ || !walker_.may_go_on())
        return false;
      const std::uint64_t at = data_at_ + (cluster - 2) * cluster_;
      const std::uint64_t want = std::min(cluster_, size - content.size());
      if (!fits(bytes_, at, want) || !content.add(bytes_.subspan(at, want))) return false;
      cluster = next(cluster);
    }
    return true;
  }

  void entries(const std::string& path, ByteView folder,
               std::vector<std::pair<std::string, std::uint32_t>>& open) {
    std::vector<std::uint16_t> units;
    for (std::uint64_t at = 0; fits(folder, at, 32) && folder[at] != 0; at += 32) {
      const ByteView entry = folder.subspan(at, 32);
      if (entry[0] == 0xe5) {
        units.clear();
        continue;
      }
      if ((entry[11] & 0x3fU) == 0x0f) {  // a piece of a long name; the pieces come last first
        std::vector<std::uint16_t> piece;
        for (const std::size_t from :
             {1U, 3U, 5U, 7U, 9U, 14U, 16U, 18U, 20U, 22U, 24U, 28U, 30U}) {
          piece.push_back(static_cast<std::uint16_t>(little16(entry, from)));
        }
        if ((entry[0] & 0x40U) != 0) units.clear();
        if (units.size() < 260) units.insert(units.begin(), piece.begin(), piece.end());
        continue;
      }
      std::string name = units.empty() ? short_name(entry) : utf8(units);
      units.clear();
      if ((entry[11] & 0x08U) != 0 || name == "." || name == ".." || name.empty()) continue;
      if (path.size() + name.size() > 65536)
        return trouble_.say("bounded", "folders are nested deeper than a path can name");
      one(path + "/" + name, name.find('/') != std::string::npos, entry, open);
      if (!walker_.may_go_on()) return;
    }
  }

  static std::string short_name(ByteView entry) {
    // Bits 3 and 4 of byte 12 say that base and extension are written small.
    const auto part = [&](std::size_t from, std::size_t count, bool small) {
      std::string out(as_text(entry.subspan(from, count)));
      out.erase(out.find_last_not_of(' ') + 1);
      for (char& c : out) {
        if (small && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      }
      return out;
    };
    std::string name = part(0, 8, (entry[12] & 0x08U) != 0);
    const std::string extension = part(8, 3, (entry[12] & 0x10U) != 0);
    if (!name.empty() && name[0] == 0x05) name[0] = static_cast<char>(0xe5);
    return extension.empty() ? name : name + "." + extension;
  }

  void one(std::string path, bool trick, ByteView entry,
           std::vector<std::pair<std::string, std::uint32_t>>& open) {
    const std::uint32_t cluster =
        little16(entry, 26) | (bits_ == 32 ? little16(entry, 20) << 16U : 0);
    const std::uint64_t size = little32(entry, 28);
    Member member;
    member.path = path;
    member.escapes = trick;
    member.mode_known = false;
    if ((entry[11] & 0x10U) != 0) {
      member.kind = "directory";
      walker_.member(place_, std::move(member), {});
      open.emplace_back(std::move(path), cluster);
      return;
    }
    member.kind = "file";
    Content content;
    if (size > walker_.bounds().one || !walker_.may_expand(size)) {
      return trouble_.say("bounded", fmt::format("{} is larger than {} bytes", printable(path),
                                                 walker_.bounds().one));
    }
    if (size != 0 && !chain(cluster, size, content))
      trouble_.say("damaged", fmt::format("{} cannot be read whole", printable(path)));
    if (const auto bytes = content.finish()) walker_.member(place_, std::move(member), *bytes);
  }

  Walker& walker_;
  const Place& place_;
  ByteView bytes_;
  std::uint64_t sector_ = 0, cluster_ = 0, fat_at_ = 0, root_at_ = 0, root_size_ = 0, data_at_ = 0,
                total_ = 0, clusters_ = 0;
  int bits_ = 0;
  std::uint32_t root_cluster_ = 0;
  std::set<std::uint32_t> seen_;
  Trouble trouble_;
};

}  // namespace

bool looks_like_fat(ByteView bytes) {
  if (bytes.size() < 1024) return false;
  const std::uint32_t sector = little16(bytes, 11), per_cluster = bytes[13];
  const bool jump = bytes[0] == 0xe9 || (bytes[0] == 0xeb && bytes[2] == 0x90);
  return jump && (sector == 512 || sector == 1024 || sector == 2048 || sector == 4096) &&
         per_cluster != 0 && (per_cluster & (per_cluster - 1)) == 0 && little16(bytes, 14) != 0 &&
         bytes[16] >= 1 && bytes[16] <= 4 && (bytes[21] == 0xf0 || bytes[21] >= 0xf8) &&
         (little16(bytes, 19) != 0 || little32(bytes, 32) != 0) &&
         (little16(bytes, 22) != 0 || little32(bytes, 36) != 0);
}

Outcome open_fat(Walker& walker, const Place& place) {
  Fat fat(walker, place);
  if (!fat.sound()) return {};
  return fat.read();
}

}  // namespace haetae::formats::image
