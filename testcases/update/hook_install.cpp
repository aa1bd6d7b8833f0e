#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "testcases/authentication/web.hpp"
#include "testcases/update/adapter.hpp"

/// A command of the laboratory that gives the file to the device: a programmer, a memory card, a
/// maker's tool. Its exit code is what the device "said".
namespace haetae::testcases::update {
namespace {

namespace fs = std::filesystem;

/// Scratch is a file of ours in a folder that only we can read.
class Scratch {
 public:
  explicit Scratch(ByteView bytes) {
    std::string name = (fs::temp_directory_path() / "haetae-update-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    folder_ = name;
    std::ofstream out(path(), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    good_ = static_cast<bool>(out.flush());
  }
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] fs::path path() const { return folder_ / "update.bin"; }

 private:
  fs::path folder_;
  bool good_ = false;
};

class HookInstall final : public Adapter {
 public:
  HookInstall(runner::Context& context, const declaration::Hook& hook, std::string subject)
      : context_(context), hook_(hook), subject_(std::move(subject)) {}

  Offer offer(const Parcel& parcel) override {
    const SteadyTime begin = context_.clock().now();
    const Scratch file(parcel.bytes);
    if (!file.good() || file.path().string().find(' ') != std::string::npos)
      return failed({ErrorKind::storage, "the update file could not be written for the hook"}, 0);
    // The words of a hook are split at blanks; the name has none.
    const auto ran = context_.door().run_hook(hook_.command + " " + file.path().string(),
                                              context_.clock().now() + hook_.timeout);
    if (!ran) return failed(ran.error(), 0);
    Offer out;
    out.tried = out.delivered = true;
    out.told = ran->exit_code == 0 ? Told::done : Told::refused;
    out.message = printable("exit code " + std::to_string(ran->exit_code) +
                            (ran->output.empty() ? "" : ": ") + ran->output);
    out.evidence = context_.recorder().attach(subject(), "output of the hook " + hook_.name,
                                              "text/plain", as_bytes(ran->output));
    out.took = context_.clock().now() - begin;
    return out;
  }
  std::string subject() const override { return subject_; }
  bool can_cut() const override { return false; }

 private:
  runner::Context& context_;
  const declaration::Hook& hook_;
  const std::string subject_;
};

}  // namespace

Result<std::unique_ptr<Adapter>> hook_install(runner::Context& context) {
  const auto* hook = context.device().hook("install");
  if (hook == nullptr)
    return fail(ErrorKind::invalid_input, "an update by a hook needs the hook 'install'");
  return std::make_unique<HookInstall>(context, *hook, "lan");
}

Result<std::unique_ptr<Adapter>> on_media(runner::Context& context) {
  const auto* hook = context.device().hook("media");
  if (hook == nullptr)
    return fail(ErrorKind::invalid_input,
                "an update from a removable medium needs the hook 'media' in the declaration");
  return std::make_unique<HookInstall>(context, *hook, "media");
}

}  // namespace haetae::testcases::update
