#include "harness/protocols/swupdate.hpp"

#include "harness/protocols/websocket.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/update/adapter.hpp"
#include "testcases/update/status_call.hpp"

/// SWUpdate's own web server: its answer to an upload says nothing of the installation; the
/// WebSocket beside it does, and the version that runs decides.
namespace haetae::testcases::update {
namespace {

using protocols::HttpClient;
using protocols::WebSocket;

constexpr Duration kBusy = 500ms;
constexpr Duration kToIdle = 3s;

class Swupdate final : public Adapter {
 public:
  explicit Swupdate(runner::Context& context)
      : context_(context), update_(context.device().update), call_(*update_.upload) {}

  Offer offer(const Parcel& parcel) override {
    Offer out;
    const SteadyTime begin = context_.clock().now();
    auto events = listen();
    const auto done = inside(context_, call_, parcel.actor, "update offered to SWUpdate",
                             [&](HttpClient& client) { send(client, parcel, out); });
    if (!done) {
      out = failed(done.error(), out.evidence);
    } else if (!parcel.cut && !out.denied) {
      if (events) {
        follow(*events, out);
      } else if (update_.status) {
        HttpClient client =
            web_client(context_, {.port = call_.port, .tls = call_.tls}, "result of the update");
        out.told = follow_status(context_, *update_.status, client, out.message);
      }
    }
    out.took = context_.clock().now() - begin;
    return out;
  }
  std::string subject() const override { return call_.port.subject(); }
  std::string login() const override { return call_.login; }
  bool can_be_nobody() const override { return true; }

 private:
  std::optional<WebSocket> listen() {
    auto conn = open(context_, {.port = call_.port, .tls = call_.tls}, "events of SWUpdate");
    if (!conn) return std::nullopt;
    const auto& address = context_.address();
    const std::string host = (address.v6 ? "[" + address.text() + "]" : address.text()) + ":" +
                             std::to_string(call_.port.number);
    auto socket = WebSocket::open(std::move(*conn), host, "/ws", context_.clock().now() + 5s);
    if (!socket) {
      context_.log("info",
                   "SWUpdate's events are not to be had: " + printable(socket.error().message()));
      return std::nullopt;
    }
    return std::move(*socket);
  }

  void send(HttpClient& client, const Parcel& parcel, Offer& out) {
    out.tried = true;
    const auto request = request_of(call_, parcel.bytes, parcel.name);
    const Duration wait = std::chrono::seconds(30 + request.body.size() / 65536) + update_.settle;
    if (parcel.cut) {
      const auto sent =
          client.send_part(request, file_offset(call_, request, parcel.bytes) + *parcel.cut, wait);
      out.evidence = client.evidence();
      out.delivered = sent.has_value();
      if (!sent) out.why = printable(sent.error().message());
      return;
    }
    auto response = client.exchange(request, wait);
    // It takes no file while it is still busy with the one before.
    const SteadyTime until = context_.clock().now() + update_.settle;
    while (response && response->status == 500 && context_.clock().now() < until &&
           context_.clock().sleep(kBusy, context_.stop()))
      response = client.exchange(request, wait);
    out.evidence = client.evidence();
    if (!response) {
      // It resets now and then whatever it did with the file.
      out.why = out.message = printable(response.error().message());
      out.cause = cause_of(response.error());
      return;
    }
    out.delivered = true;
    out.denied = denies(*response);
    out.message = words_of(*response);
    // 200 comes for every file; only a refusal to take one at all is told here.
    if (response->status >= 400) out.told = Told::refused;
  }

  /// follow() reads events until the installation that has begun has ended. What stands there from
  /// an earlier one comes before its start.
  void follow(WebSocket& events, Offer& out) {
    const SteadyTime until = context_.clock().now() + update_.settle;
    bool begun = false;
    std::string last;
    for (int count = 0; count < 10'000; ++count) {
      const auto message = events.read(until);
      if (!message) {
        if (out.message.empty()) out.message = printable(message.error().message());
        return;
      }
      const auto event = protocols::swupdate_event(*message);
      if (!event) continue;
      if (event->type == "message" && begun) last = event->text;
      if (event->type != "status") continue;
      begun = begun || event->status == "START" || event->status == "RUN";
      if (!begun || (event->status != "SUCCESS" && event->status != "FAILURE")) continue;
      out.told = event->status == "SUCCESS" ? Told::done : Told::refused;
      out.message = event->status + (last.empty() ? "" : ": " + last);
      wait_until_idle(events);
      return;
    }
  }

  /// wait_until_idle() reads on until SWUpdate says that it would take another file.
  void wait_until_idle(WebSocket& events) {
    const SteadyTime until = context_.clock().now() + kToIdle;
    for (int count = 0; count < 1'000; ++count) {
      const auto message = events.read(until);
      if (!message) return;
      const auto event = protocols::swupdate_event(*message);
      if (event && event->type == "status" && (event->status == "DONE" || event->status == "IDLE"))
        return;
    }
  }

  runner::Context& context_;
  const declaration::Update& update_;
  const declaration::HttpCall& call_;
};

}  // namespace

Result<std::unique_ptr<Adapter>> swupdate(runner::Context& context) {
  const auto& update = context.device().update;
  if (!update.upload)
    return fail(ErrorKind::invalid_input,
                "an update by SWUpdate needs <upload> in the declaration: path=\"/upload\"");
  return std::make_unique<Swupdate>(context);
}

}  // namespace haetae::testcases::update
