#include "harness/formats/image_scratch.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/text.hpp"

/// Lets every hunter look at the content of each file in one pass.
namespace haetae::testcases::firmware {
namespace {

constexpr HunterMaker kHunters[] = {account_hunter, key_hunter, secret_hunter, log_string_hunter,
                                    user_data_hunter};
const std::vector<std::string>& topics_of_contents() {
  static const std::vector<std::string> topics{"firmware.accounts", "firmware.keys",
                                               "firmware.secrets", "firmware.log-strings",
                                               "firmware.user-data"};
  return topics;
}

class Contents final : public Inspector {
 public:
  Contents(const Image& image, runner::Context& context, Findings& findings) : findings_(findings) {
    if (image.kind != "image")
      for (const auto& one : context.device().firmware)
        if (one.id == image.id) dump_ = one.file;
    for (const HunterMaker make : kHunters) hunters_.push_back(make(image, context, findings));
    std::vector<Anchor> all;
    for (std::size_t hunter = 0; hunter < hunters_.size(); ++hunter) {
      std::vector<Anchor> own = hunters_[hunter]->anchors();
      for (std::size_t index = 0; index < own.size(); ++index) {
        owners_.emplace_back(hunter, index);
        all.push_back(std::move(own[index]));
      }
    }
    scanner_ = std::make_unique<Scanner>(std::move(all));
  }

  [[nodiscard]] std::vector<std::string> topics() const override { return topics_of_contents(); }

  void member(const formats::Member& member, ByteView bytes) override {
    if (member.kind != "file" || bytes.empty()) return;
    look(member, bytes);
  }

  void finish(const formats::Walk&) override {
    raw();
    for (const auto& hunter : hunters_) hunter->finish();
  }

 private:
  void look(const formats::Member& member, ByteView bytes) {
    const std::string_view content = as_text(bytes);
    const Seen seen{.member = member,
                    .bytes = bytes,
                    .content = content,
                    .text = is_text(content),
                    .elf = is_elf(content)};
    for (const auto& hunter : hunters_) hunter->file(seen);
    scanner_->scan(content, [&](std::size_t anchor, std::size_t at) {
      const auto& owner = owners_[anchor];
      hunters_[owner.first]->hit(seen, owner.second, at);
    });
  }

  // What was deleted stands in a dump outside of every file.
  void raw() {
    if (dump_.empty()) return;
    const auto mapped = formats::image::Mapping::of_file(dump_);
    if (!mapped) {
      for (const std::string& topic : topics())
        findings_.gap(topic, Cause::lab, printable(mapped.error().message(), 1000));
      return;
    }
    if (mapped->bytes().empty()) return;
    formats::Member whole;
    whole.kind = "file";
    whole.size = mapped->bytes().size();
    look(whole, mapped->bytes());
  }

  Findings& findings_;
  std::filesystem::path dump_;
  std::vector<std::unique_ptr<Hunter>> hunters_;
  std::vector<std::pair<std::size_t, std::size_t>> owners_;
  std::unique_ptr<Scanner> scanner_;
};

}  // namespace

Listed contents_inspector() {
  return {.make = [](const Image& image, runner::Context& context,
                     Findings& findings) -> std::unique_ptr<Inspector> {
            return std::make_unique<Contents>(image, context, findings);
          },
          .topics = topics_of_contents(),
          .facts = {"firmware_account", "firmware_key", "firmware_certificate", "firmware_secret",
                    "firmware_log_string", "firmware_user_data"}};
}

}  // namespace haetae::testcases::firmware
