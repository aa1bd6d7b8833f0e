#include "harness/protocols/tftp.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/update/adapter.hpp"

/// A file written to the device's TFTP server, which knows no login.
namespace haetae::testcases::update {
namespace {

class TftpWrite final : public Adapter {
 public:
  explicit TftpWrite(runner::Context& context)
      : context_(context), tftp_(*context.device().update.tftp) {}

  Offer offer(const Parcel& parcel) override {
    Offer out;
    const SteadyTime begin = context_.clock().now();
    auto flow = net::open_flow(context_.door(), context_.address(), context_.recorder(), subject(),
                               "update written by TFTP", context_.clock());
    if (!flow) return failed(flow.error(), 0);
    out.tried = true;
    out.evidence = (*flow)->evidence();
    const SteadyTime until = begin + std::chrono::seconds(30 + parcel.bytes.size() / 16384);
    const auto done = protocols::tftp::put(
        **flow, {.address = context_.address(), .port = tftp_.port.number}, tftp_.name,
        parcel.bytes, until, parcel.cut.value_or(static_cast<std::size_t>(-1)));
    out.took = context_.clock().now() - begin;
    if (!done) {
      out.message = out.why = printable(done.error().message());
      out.cause = cause_of(done.error());
      return out;
    }
    out.delivered = done->whole || (parcel.cut && !done->refused);
    // That it took the file says nothing of what it does with it.
    if (done->refused) out.told = Told::refused;
    out.message = done->refused ? "refused: " + done->text : "the file was taken";
    return out;
  }
  std::string subject() const override { return tftp_.port.subject(); }
  bool can_be_nobody() const override { return true; }

 private:
  runner::Context& context_;
  const declaration::UpdateTftp& tftp_;
};

}  // namespace

Result<std::unique_ptr<Adapter>> tftp_write(runner::Context& context) {
  if (!context.device().update.tftp)
    return fail(ErrorKind::invalid_input, "an update by TFTP needs <tftp> in the declaration");
  return std::make_unique<TftpWrite>(context);
}

}  // namespace haetae::testcases::update
