#include "testcases/firmware/findings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "testcases/authentication/web.hpp"

namespace haetae::testcases::firmware {
namespace {

// Lines stay lines, so that a reader sees a file as it is; every other control character is named.
std::string readable(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    out += printable(bytes.substr(at, end - at), kCited);
    if (end < bytes.size()) out += '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace

ImageFindings::ImageFindings(runner::Context& context, Image image, std::string name)
    : context_(context),
      image_(std::move(image)),
      name_(printable(name)),
      whole_(context.recorder().transcript(image_.subject, "firmware image " + name_)) {
  note(fmt::format("file {}, declared as {}{}", name_, image_.kind,
                   image_.version.empty() ? "" : ", version " + printable(image_.version)));
}

std::string ImageFindings::place(const formats::Member& member) const {
  return fmt::format("image: {} ({})\ncontainer: at byte {} of the image, way {}\npath: {}\n",
                     name_, image_.subject, member.offset, printable(member.inside),
                     printable(member.path, 1000));
}

bool ImageFindings::room() {
  const std::scoped_lock lock(mutex_);
  if (cited_ < kMost) {
    ++cited_;
    return true;
  }
  if (everywhere_.text.empty())
    everywhere_ = {Cause::tool, fmt::format("the image gave more than {} pieces of evidence; what "
                                            "is beyond is not kept",
                                            kMost)};
  return false;
}

EvidenceId ImageFindings::cite(const formats::Member& member, ByteView content, std::uint64_t at,
                               std::uint64_t length) {
  if (!room()) return whole_;
  const std::uint64_t size = content.size();
  const std::uint64_t from = std::min(at, size);
  const std::uint64_t count = std::min({length, kCited, size - from});
  const ByteView shown = content.subspan(from, count);
  std::string text = place(member);
  text += fmt::format("bytes: {} to {} of {}{}\ntext:\n", from, from + count, size,
                      count < length ? fmt::format(", the first {} of {}", count, length) : "");
  text += readable(as_text(shown)) + "\nhexadecimal:\n" + to_hex(shown) + "\n";
  return context_.recorder().attach(image_.subject, printable(member.path), "text/plain",
                                    as_bytes(text));
}

EvidenceId ImageFindings::cite_member(const formats::Member& member) {
  if (!room()) return whole_;
  std::string text = place(member);
  text += fmt::format("kind: {}\nsize: {}\nowner: {}:{}\n", member.kind, member.size, member.uid,
                      member.gid);
  text += member.mode_known ? fmt::format("mode: {:04o}\n", member.mode & 07777U)
                            : std::string("mode: the container keeps none\n");
  if (!member.target.empty()) text += "leads to: " + printable(member.target, 1000) + "\n";
  if (member.escapes) text += "leads outside of the container\n";
  return context_.recorder().attach(image_.subject, printable(member.path), "text/plain",
                                    as_bytes(text));
}

void ImageFindings::record(FactRow row) {
  {
    const std::scoped_lock lock(mutex_);
    auto found = rows_.find(row.table);
    if (found == rows_.end()) found = rows_.emplace(row.table, 0).first;
    if (++found->second > kMost) {
      if (everywhere_.text.empty())
        everywhere_ = {Cause::tool,
                       fmt::format("the image gave more than {} rows of {}; what is beyond is not "
                                   "kept",
                                   kMost, row.table)};
      return;
    }
  }
  context_.record(std::move(row));
}

SecretId ImageFindings::secret(std::string_view kind, std::string_view value) {
  return context_.secret(kind, value);
}

void ImageFindings::gap(std::string_view topic, Cause cause, std::string why) {
  const std::scoped_lock lock(mutex_);
  gaps_.try_emplace(std::string(topic), Why{cause, std::move(why)});
}

void ImageFindings::log(std::string_view level, std::string text) {
  context_.log(level, image_.subject + ": " + std::move(text));
}

void ImageFindings::note(const std::string& line) {
  context_.recorder().append(whole_, Direction::event, as_bytes(line));
}

void ImageFindings::gap_everywhere(Cause cause, std::string why) {
  const std::scoped_lock lock(mutex_);
  if (everywhere_.text.empty()) everywhere_ = {cause, std::move(why)};
}

Coverage ImageFindings::coverage(const std::string& topic, const std::string& tried) const {
  const std::scoped_lock lock(mutex_);
  if (const auto own = gaps_.find(topic); own != gaps_.end())
    return testcases::gap(topic, image_.subject, own->second.cause, own->second.text, tried);
  if (!everywhere_.text.empty())
    return testcases::gap(topic, image_.subject, everywhere_.cause, everywhere_.text, tried);
  return testcases::whole(topic, image_.subject, tried);
}

}  // namespace haetae::testcases::firmware
