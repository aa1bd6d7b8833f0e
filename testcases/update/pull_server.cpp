#include "testcases/authentication/web.hpp"
#include "testcases/update/status_call.hpp"
#include "testcases/update/own_server.hpp"

/// A device that fetches its update: our server tells it of a version and gives it the file.
namespace haetae::testcases::update {
namespace {

class PullServer final : public Adapter {
 public:
  explicit PullServer(runner::Context& context)
      : context_(context), pull_(*context.device().update.pull) {}

  Offer offer(const Parcel& parcel) override {
    const SteadyTime begin = context_.clock().now();
    std::optional<protocols::ServerIdentity> identity;
    if (pull_.tls) {
      auto made = identity_of(pull_);
      if (!made) return failed(made.error(), 0);
      identity = std::move(*made);
    }
    const Visit visit = host(context_, identity,
                             {.version = parcel.version, .image = parcel.bytes, .cut = parcel.cut},
                             "update server of ours");
    Offer out;
    out.evidence = visit.evidence;
    out.tried = visit.fetched;
    out.delivered = visit.served;
    out.message = visit.message;
    out.why = visit.why;
    out.cause = visit.cause;
    if (!out.tried && out.why.empty()) {
      out.why = "the device asked the update server and did not fetch the file: " + visit.message;
      out.cause = Cause::device;
    }
    const auto& status = context_.device().update.status;
    if (out.delivered && !parcel.cut && status)
      static_cast<void>(
          inside(context_, *status, {}, "result of the update", [&](protocols::HttpClient& client) {
            out.told = follow_status(context_, *status, client, out.message);
          }));
    out.took = context_.clock().now() - begin;
    return out;
  }
  std::string subject() const override { return "lan"; }

 private:
  runner::Context& context_;
  const declaration::UpdatePull& pull_;
};

}  // namespace

Result<std::unique_ptr<Adapter>> pull_server(runner::Context& context) {
  if (!context.device().update.pull)
    return fail(ErrorKind::invalid_input,
                "a device that fetches its update needs <pull> in the declaration");
  return std::make_unique<PullServer>(context);
}

}  // namespace haetae::testcases::update
