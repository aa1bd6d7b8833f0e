#include "testcases/update/own_server.hpp"

#include <fstream>
#include <iterator>
#include <thread>

#include "harness/protocols/http_server.hpp"
#include "testcases/authentication/http_call.hpp"
#include "testcases/authentication/web.hpp"

namespace haetae::testcases::update {
namespace {

constexpr Duration kPatience = 10s;  // for one handshake or one request
constexpr Duration kLinger = 2s;     // for what a device does after it was turned down
constexpr int kMostVisits = 200;

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string out(std::istreambuf_iterator<char>(in), {});
  return out.size() > (1U << 20U) ? std::string() : out;
}

std::string told_version(const declaration::UpdatePull& pull, const std::string& version) {
  std::string out = pull.version_body;
  constexpr std::string_view kPlace = "{version}";
  for (std::size_t at = 0; (at = out.find(kPlace, at)) != std::string::npos; at += version.size())
    out.replace(at, kPlace.size(), version);
  return out;
}

std::string path_of(const std::string& target) { return target.substr(0, target.find('?')); }

class Host {
 public:
  Host(runner::Context& context, const std::optional<protocols::ServerIdentity>& identity,
       const Wares& wares)
      : context_(context),
        pull_(*context.device().update.pull),
        identity_(identity),
        wares_(wares),
        body_(told_version(pull_, wares.version)) {}

  Visit run(net::Listener& listener, std::string_view label) {
    SteadyTime until = context_.clock().now() + pull_.wait;
    for (int visits = 0; visits < kMostVisits && !out_.served; ++visits) {
      auto conn = listener.accept(label, until, context_.stop());
      if (!conn) break;
      out_.connected = true;
      out_.evidence = (*conn)->evidence();
      serve(std::move(*conn));
      // A device that was turned down, or has nothing to fetch, may come once more; then it is
      // gone.
      if (!wares_.image || !out_.asked) until = std::min(until, context_.clock().now() + kLinger);
    }
    if (!out_.connected) {
      out_.why = "the device did not connect to the update server at " +
                 listener.endpoint().text() + " in time";
      out_.cause = Cause::device;
    }
    return out_;
  }

 private:
  void serve(std::unique_ptr<net::Conn> conn) {
    const SteadyTime until = context_.clock().now() + kPatience;
    if (identity_) {
      auto inside = protocols::serve_tls(std::move(conn), *identity_, until);
      if (!inside) {
        note(inside.error());
        return;
      }
      conn = std::move(*inside);
    }
    const auto request = protocols::read_request(*conn, until);
    if (!request) {
      note(request.error());
      conn->close();
      return;
    }
    out_.asked = true;
    out_.message = printable(request->method + " " + request->target);
    reply(*conn, path_of(request->target));
    conn->close();
  }

  void note(const Error& error) {
    if (!out_.asked) out_.message = printable(error.message());
  }

  void reply(net::Conn& conn, const std::string& path) {
    const SteadyTime until = context_.clock().now() + kPatience + context_.device().update.settle;
    if (!pull_.version_path.empty() && path == path_of(pull_.version_path)) {
      const auto sent = protocols::answer(conn, 200, "application/json", as_bytes(body_), until);
      if (!sent) note(sent.error());
      return;
    }
    const bool image = path == path_of(pull_.image_path);
    out_.fetched = out_.fetched || image;
    if (!image || !wares_.image) {
      static_cast<void>(protocols::answer(conn, 404, "text/plain", {}, until));
      return;
    }
    const auto sent = protocols::answer(conn, 200, "application/octet-stream", *wares_.image, until,
                                        wares_.cut.value_or(wares_.image->size()));
    out_.served = sent.has_value();
    if (!sent) out_.message = printable(sent.error().message());
  }

  runner::Context& context_;
  const declaration::UpdatePull& pull_;
  const std::optional<protocols::ServerIdentity>& identity_;
  const Wares& wares_;
  std::string body_;
  Visit out_;
};

/// ask_call() is the declared request that makes the device ask, if there is one.
const declaration::HttpCall* ask_call(const declaration::Update& update) {
  if (update.pull->ask) return &*update.pull->ask;
  return update.mechanism == "pull" && update.start ? &*update.start : nullptr;
}

}  // namespace

Result<protocols::ServerIdentity> identity_of(const declaration::UpdatePull& pull) {
  if (pull.certificate.empty()) return protocols::made_up_identity("update server");
  protocols::ServerIdentity out{.certificate_pem = read_text(pull.certificate),
                                .key_pem = read_text(pull.key)};
  if (out.certificate_pem.empty() || out.key_pem.empty())
    return fail(ErrorKind::invalid_input,
                "certificate or key of the update server cannot be read: " +
                    pull.certificate.string() + ", " + pull.key.string());
  return out;
}

Visit host(runner::Context& context, const std::optional<protocols::ServerIdentity>& identity,
           const Wares& wares, std::string_view label, const declaration::HttpCall* ask) {
  const auto& update = context.device().update;
  auto listener = context.door().listen(update.pull->listen, context.recorder(), "lan");
  if (!listener) {
    Visit out;
    out.why = printable(listener.error().message());
    out.cause = listener.error().kind == ErrorKind::out_of_scope ? Cause::declaration : Cause::lab;
    return out;
  }
  std::string trouble;
  std::jthread asking;
  // Beside it: some devices answer the request only when they have fetched everything.
  if (const auto* call = ask != nullptr ? ask : ask_call(update))
    asking = std::jthread([&context, &trouble, call] {
      const auto done =
          inside(context, *call, {}, "the device is made to ask", [&](protocols::HttpClient& web) {
            const auto response = web.exchange(request_of(*call, {}, {}), 30s);
            if (!response)
              trouble = printable(response.error().message());
            else if (told_by(*call, *response) == Told::refused)
              trouble = words_of(*response);
          });
      if (!done) trouble = printable(done.error().message());
    });
  Visit out = Host(context, identity, wares).run(**listener, label);
  if (asking.joinable()) asking.join();
  if (!out.connected && !trouble.empty()) out.why += "; it was asked to: " + trouble;
  return out;
}

}  // namespace haetae::testcases::update
