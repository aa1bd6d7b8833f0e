#include "harness/runner/pulse.hpp"

#include <algorithm>
#include <map>

namespace haetae::runner {
namespace {

using protocols::Likeness;
using protocols::ReferencePort;

std::string text_cell(const FactRow& row, std::string_view column) {
  for (const auto& [name, value] : row.cells) {
    if (name == column) return std::get<std::string>(value);
  }
  return {};
}

std::uint16_t number_cell(const FactRow& row) {
  for (const auto& [name, value] : row.cells) {
    if (name == "number") return static_cast<std::uint16_t>(std::get<std::int64_t>(value));
  }
  return 0;
}

std::vector<ReferencePort> declared_ports(const Context& context) {
  std::vector<ReferencePort> ports;
  for (const auto& service : context.device().services) {
    if (service.port.transport == "tcp") {
      ports.push_back(
          {.port = service.port.number, .protocol = service.protocol, .tls = service.tls});
    }
  }
  return ports;
}

/// open_ports() are the TCP ports seen open, with what speaks there where that is known.
std::vector<ReferencePort> open_ports(const Context& context) {
  std::map<std::string, FactRow> services;
  for (const FactRow& row : context.rows("service")) services[text_cell(row, "subject")] = row;
  std::vector<ReferencePort> ports;
  for (const FactRow& row : context.rows("port")) {
    if (text_cell(row, "transport") != "tcp" || text_cell(row, "state") != "open") continue;
    ReferencePort port{.port = number_cell(row), .protocol = {}, .tls = false};
    if (const auto known = services.find(text_cell(row, "subject")); known != services.end()) {
      port.protocol = text_cell(known->second, "protocol");
      port.tls = text_cell(known->second, "tls") == "yes";
    }
    ports.push_back(port);
  }
  return ports;
}

bool tells(const protocols::Fingerprint& fingerprint) {
  return std::ranges::any_of(fingerprint.prints,
                             [](const protocols::Print& print) { return !print.value.empty(); });
}

}  // namespace

/// references() stay the same once a port among them told who the device is.
std::vector<ReferencePort> PulseTaker::references(const Context& context) {
  const std::scoped_lock lock(mutex_);
  if (first_ && tells(*first_)) return chosen_;
  auto open = open_ports(context);
  auto wanted = open.empty() ? declared_ports(context) : std::move(open);
  if (!std::ranges::equal(wanted, chosen_, {}, &ReferencePort::port, &ReferencePort::port))
    first_.reset();
  chosen_ = wanted;
  return wanted;
}

Pulse PulseTaker::take(Context& context) {
  Pulse pulse;
  const auto ports = references(context);
  if (ports.empty()) return pulse;
  pulse.asked = true;
  auto print = protocols::fingerprint(context.door(), context.address(), ports, context.recorder(),
                                      context.clock(), context.clock().now() + 3s);
  if (!print) {
    pulse.likeness = Likeness::silent;
    return pulse;
  }
  pulse.fingerprint = std::move(*print);
  const std::scoped_lock lock(mutex_);
  if (!pulse.fingerprint.alive) {
    pulse.likeness = Likeness::silent;
    return pulse;
  }
  if (!first_) first_ = pulse.fingerprint;
  pulse.likeness = protocols::compare(*first_, pulse.fingerprint);
  pulse.doubtful = pulse.likeness == Likeness::unclear && tells(*first_);
  return pulse;
}

FactRow to_fact(const Pulse& pulse, const std::string& moment) {
  const char* identity = "not-checked";
  if (pulse.likeness == Likeness::same) identity = "same";
  if (pulse.likeness == Likeness::changed) identity = "changed";
  return {.table = "liveness",
          .cells = {{"evidence", pulse.fingerprint.evidence},
                    {"moment", moment},
                    {"alive", pulse.fingerprint.alive ? "yes" : "no"},
                    {"identity", identity},
                    {"connect_us", std::int64_t{pulse.fingerprint.connect.count()}}}};
}

}  // namespace haetae::runner
