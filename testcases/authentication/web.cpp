#include "testcases/authentication/web.hpp"

#include <algorithm>

#include "harness/protocols/tls_client.hpp"
#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

std::optional<declaration::PortName> port_of(std::string_view subject) {
  constexpr std::string_view prefix = "lan:";
  if (!subject.starts_with(prefix)) return std::nullopt;
  const auto port = declaration::PortName::parse(subject.substr(prefix.size()));
  if (!port) return std::nullopt;
  return *port;
}

std::vector<Target> services(const runner::Context& context, std::string_view protocol) {
  std::vector<Target> out;
  for (const auto& service : runner::facts<facts::Service>(context)) {
    if (service.protocol != protocol) continue;
    if (const auto port = port_of(service.subject))
      out.push_back({.port = *port, .tls = service.tls == "yes"});
  }
  return out;
}

Result<std::unique_ptr<net::Conn>> open(runner::Context& context, const Target& target,
                                        std::string_view label, Duration wait) {
  auto conn = context.connect(target.port, label, wait);
  if (!conn || !target.tls) return conn;
  auto inside = protocols::wrap_tls(std::move(*conn), {}, context.clock().now() + wait);
  if (!inside) return tl::unexpected(inside.error());
  return std::unique_ptr<net::Conn>(std::move(*inside));
}

namespace {

/// PatientConn waits for a service as long as the run has patience with it.
class PatientConn final : public net::Conn {
 public:
  PatientConn(std::unique_ptr<net::Conn> inner, runner::Patience& patience, std::string subject,
              Duration first)
      : inner_(std::move(inner)),
        patience_(patience),
        subject_(std::move(subject)),
        first_(first) {}
  PatientConn(const PatientConn&) = delete;
  PatientConn& operator=(const PatientConn&) = delete;
  ~PatientConn() override { settle(); }

  Result<std::size_t> read_some(std::span<std::uint8_t> into, SteadyTime deadline) override {
    const SteadyTime now = inner_->now();
    const Duration asked = std::max(deadline - now, Duration::zero());
    // Within one answer the time that is left counts from the request, not from each byte.
    if (waits_since_ == SteadyTime{}) {
      waits_since_ = now;
      allowed_ = first_ ? std::min(*first_, asked) : patience_.wait(subject_, asked, now);
      first_.reset();
    }
    auto count = inner_->read_some(into, std::min(deadline, waits_since_ + allowed_));
    late_ = late_ || (!count && count.error().kind == ErrorKind::timed_out);
    answers_ = answers_ || (count && *count > 0);
    return count;
  }
  Result<void> write(ByteView bytes, SteadyTime deadline) override {
    settle();
    return inner_->write(bytes, deadline);
  }
  void close() override {
    settle();
    inner_->close();
  }
  EvidenceId evidence() const override { return inner_->evidence(); }
  void note(Direction direction, ByteView bytes) override { inner_->note(direction, bytes); }
  int descriptor() const override { return inner_->descriptor(); }
  SteadyTime now() const override { return inner_->now(); }

 private:
  // An answer that does not come to its end in time is no better than none.
  void settle() {
    if (late_)
      patience_.silent(subject_);
    else if (answers_)
      patience_.answered(subject_);
    answers_ = late_ = false;
    waits_since_ = {};
  }

  std::unique_ptr<net::Conn> inner_;
  runner::Patience& patience_;
  std::string subject_;
  SteadyTime waits_since_{};
  std::optional<Duration> first_;  ///< of the first answer on this stream
  Duration allowed_{};
  bool answers_ = false, late_ = false;
};

}  // namespace

protocols::HttpClient web_client(runner::Context& context, const Target& target,
                                 std::string label) {
  const Address& address = context.address();
  std::string host = address.v6 ? "[" + address.text() + "]" : address.text();
  if (target.port.number != (target.tls ? 443 : 80))
    host += ":" + std::to_string(target.port.number);
  return protocols::HttpClient(
      [&context, target, label = std::move(label)]() -> Result<std::unique_ptr<net::Conn>> {
        const std::string subject = target.subject();
        const SteadyTime now = context.clock().now();
        // The way there and the first answer share what is allowed, so that a slow service which is
        // back is seen.
        const Duration allowed = context.patience().wait(subject, 1h, now);
        auto conn = open(context, target, label, std::min<Duration>(allowed, 5s));
        if (!conn) {
          if (conn.error().kind == ErrorKind::timed_out) context.patience().silent(subject);
          return conn;
        }
        return std::make_unique<PatientConn>(std::move(*conn), context.patience(), subject,
                                             allowed);
      },
      host, context.clock());
}

std::string bare_body(const protocols::HttpResponse& response, std::string_view path) {
  std::string body = response.body;
  if (path.size() < 2) return body;
  for (std::string_view part : {path, path.substr(1)})
    for (std::size_t at = 0; (at = body.find(part, at)) != std::string::npos;)
      body.erase(at, part.size());
  return body;
}

bool Sameness::holds(const protocols::HttpResponse& response, std::string_view path) const {
  if (!known || response.status != status) return false;
  if (response.status >= 300 && response.status < 400)
    return response.field("Location") == location;
  const std::string other = bare_body(response, path);
  if (other == body) return true;
  // Clocks and counters in a page: an equal frame of equal length is the same page.
  if (other.size() != body.size() || body.size() < 64) return false;
  std::size_t equal = 0;
  for (std::size_t i = 0; i < body.size(); ++i)
    if (body[i] == other[i]) ++equal;
  return equal * 100 >= body.size() * 95;
}

std::string random_path() { return "/haetae-" + to_hex(random_bytes(8)) + ".html"; }

Sameness sameness(const protocols::HttpResponse& response, std::string_view path) {
  return {.status = response.status,
          .body = bare_body(response, path),
          .location = std::string(response.field("Location")),
          .known = true};
}

std::string column(const catalogue::Reference& reference, const std::vector<Value>& row,
                   std::string_view name) {
  for (std::size_t i = 0; i < reference.columns.size() && i < row.size(); ++i) {
    if (reference.columns[i].name != name) continue;
    if (const auto* text = std::get_if<std::string>(&row[i])) return *text;
    if (const auto* whole_number = std::get_if<std::int64_t>(&row[i]))
      return std::to_string(*whole_number);
  }
  return {};
}

std::optional<std::int64_t> number(const catalogue::Catalogue& catalogue,
                                   std::string_view parameter) {
  const catalogue::Parameter* found = catalogue.parameter(parameter);
  if (found == nullptr) return std::nullopt;
  const auto* value = std::get_if<std::int64_t>(&found->value);
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

Coverage gap(std::string topic, std::string subject, Cause cause, std::string why,
             std::string tried) {
  return {.topic = std::move(topic),
          .subject = std::move(subject),
          .state = CoverageState::partial,
          .cause = cause,
          .why = std::move(why),
          .tried = std::move(tried)};
}

Coverage whole(std::string topic, std::string subject, std::string tried) {
  return {.topic = std::move(topic),
          .subject = std::move(subject),
          .state = CoverageState::complete,
          .cause = Cause::none,
          .why = {},
          .tried = std::move(tried)};
}

Cause cause_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::budget:
    case ErrorKind::stopped:
    case ErrorKind::storage: return Cause::lab;
    case ErrorKind::unsupported:
    case ErrorKind::internal: return Cause::tool;
    case ErrorKind::invalid_input:
    case ErrorKind::not_found:
    case ErrorKind::out_of_scope: return Cause::declaration;
    default: return Cause::device;
  }
}

}  // namespace haetae::testcases
