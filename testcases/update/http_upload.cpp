#include "testcases/authentication/web.hpp"
#include "testcases/update/adapter.hpp"
#include "testcases/update/status_call.hpp"

/// A file given to the device by an HTTP request, with optional requests that start the
/// installation and tell its result.
namespace haetae::testcases::update {
namespace {

using protocols::HttpClient;
using protocols::HttpRequest;

class HttpUpload final : public Adapter {
 public:
  explicit HttpUpload(runner::Context& context)
      : context_(context), update_(context.device().update), call_(*update_.upload) {}

  Offer offer(const Parcel& parcel) override {
    Offer out;
    const SteadyTime begin = context_.clock().now();
    const auto done = inside(context_, call_, parcel.actor, "update offered",
                             [&](HttpClient& client) { send(client, parcel, out); });
    if (!done) out = failed(done.error(), out.evidence);
    out.took = context_.clock().now() - begin;
    return out;
  }
  std::string subject() const override { return call_.port.subject(); }
  std::string login() const override { return call_.login; }
  bool can_be_nobody() const override { return true; }

 private:
  // A slow device on a slow line: 64 KiB a second.
  Duration patience(std::size_t bytes) const {
    return std::chrono::seconds(30 + bytes / 65536) + update_.settle;
  }

  void send(HttpClient& client, const Parcel& parcel, Offer& out) {
    out.tried = true;
    const HttpRequest request = request_of(call_, parcel.bytes, parcel.name);
    const Duration wait = patience(request.body.size());
    if (parcel.cut) {
      const std::size_t before = file_offset(call_, request, parcel.bytes);
      const auto sent = client.send_part(request, before + *parcel.cut, wait);
      out.evidence = client.evidence();
      out.delivered = sent.has_value();
      if (!sent) out.why = printable(sent.error().message());
      return;
    }
    const auto response = client.exchange(request, wait);
    out.evidence = client.evidence();
    if (!response) {
      // Some devices restart, or write, before they answer: what runs afterwards decides.
      out.why = printable(response.error().message());
      out.cause = cause_of(response.error());
      out.message = out.why;
      return;
    }
    out.delivered = true;
    out.message = words_of(*response);
    out.told = told_by(call_, *response);
    out.denied = denies(*response);
    if (out.told != Told::refused) follow(client, out);
  }

  void follow(HttpClient& client, Offer& out) {
    if (update_.start && update_.mechanism != "pull") {
      const auto started = client.exchange(request_of(*update_.start, {}, {}), patience(0));
      out.evidence = client.evidence();
      if (!started) {
        out.told = Told::nothing;
        out.why = printable(started.error().message());
        return;
      }
      out.message = words_of(*started);
      out.told = told_by(*update_.start, *started);
      out.denied = denies(*started);
      if (out.told == Told::refused) return;
    }
    if (update_.status) out.told = follow_status(context_, *update_.status, client, out.message);
  }

  runner::Context& context_;
  const declaration::Update& update_;
  const declaration::HttpCall& call_;
};

}  // namespace

Result<std::unique_ptr<Adapter>> http_upload(runner::Context& context) {
  const auto& update = context.device().update;
  if (!update.upload)
    return fail(ErrorKind::invalid_input,
                "an update by " + update.mechanism + " needs <upload> in the declaration");
  if (update.upload->body != "multipart" && update.upload->body != "raw")
    return fail(ErrorKind::invalid_input,
                "<upload> needs body=\"multipart\" or \"raw\": no other holds a file");
  return std::make_unique<HttpUpload>(context);
}

}  // namespace haetae::testcases::update
