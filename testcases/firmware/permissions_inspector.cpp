#include <atomic>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/hunter.hpp"

/// Files that run as another user or group, or that everybody may write.
namespace haetae::testcases::firmware {
namespace {

constexpr std::uint32_t kSetUid = 04000, kSetGid = 02000, kSticky = 01000, kOthersWrite = 0002;

class Permissions final : public Inspector {
 public:
  Permissions(const Image& image, Findings& findings) : image_(image), findings_(findings) {}

  [[nodiscard]] std::vector<std::string> topics() const override {
    return {"firmware.permissions"};
  }

  void member(const formats::Member& member, ByteView) override {
    if (member.kind == "link") return;
    if (!member.mode_known) return;
    known_ = true;
    const bool folder = member.kind == "directory";
    // On a folder set-group only passes the group on to new files.
    const bool set_uid = (member.mode & kSetUid) != 0 && !folder;
    const bool set_gid = (member.mode & kSetGid) != 0 && !folder;
    const bool writable = (member.mode & kOthersWrite) != 0;
    if (!set_uid && !set_gid && !writable) return;
    auto fact = fact_of<facts::FirmwareMode>(image_, member);
    for (const char* kind : {"file", "directory", "device", "fifo", "socket"})
      if (member.kind == kind) fact.kind = kind;
    fact.mode = member.mode & 07777U;
    fact.owner = member.uid;
    fact.set_uid = yes_no(set_uid);
    fact.set_gid = yes_no(set_gid);
    fact.world_writable = yes_no(writable);
    fact.sticky = yes_no((member.mode & kSticky) != 0);
    fact.evidence = findings_.cite_member(member);
    findings_.record(runner::to_row(fact));
  }

  void finish(const formats::Walk&) override {
    if (!known_)
      findings_.gap("firmware.permissions", Cause::declaration,
                    "no container of the image keeps permissions: hand over an image or an archive "
                    "that does");
  }

 private:
  const Image& image_;
  Findings& findings_;
  std::atomic<bool> known_ = false;
};

}  // namespace

Listed permissions_inspector() {
  return {.make = [](const Image& image, runner::Context&,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<Permissions>(image, findings);
          },
          .topics = {"firmware.permissions"},
          .facts = {"firmware_mode"}};
}

}  // namespace haetae::testcases::firmware
