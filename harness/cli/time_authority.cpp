#include "harness/cli/time_authority.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/model/record.hpp"
#include "harness/net/conn.hpp"
#include "harness/net/door.hpp"
#include "harness/protocols/http.hpp"

namespace haetae::cli {
namespace {

constexpr std::size_t kLargestReply = 256 * 1024;
constexpr std::chrono::seconds kWait{30};

struct Place {
  Endpoint endpoint;
  std::string host;    ///< with the port, as the Host field has it
  std::string target;  ///< path
};

tl::unexpected<Error> wrong(std::string_view url) {
  return fail(ErrorKind::invalid_input,
              fmt::format("'{}' is no place of an authority that is asked here; allowed: "
                          "http://ADDRESS[:PORT][/PATH] with an IP address; for a host name or "
                          "https write the query (--tsa-query), send it with curl, and hand over "
                          "the reply (--tsa-reply)",
                          printable(url, 200)));
}

Result<Place> place_of(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return wrong(url);
  std::string_view rest = url.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  Place place{.endpoint = {},
              .host = std::string(rest.substr(0, slash)),
              .target = slash == rest.size() ? "/" : std::string(rest.substr(slash))};
  std::string_view name = rest.substr(0, slash);
  std::string_view port = "80";
  const std::size_t bracket = name.find(']');
  const std::size_t colon =
      name.find(':', name.starts_with('[') && bracket != name.npos ? bracket : 0);
  if (colon != name.npos) {
    port = name.substr(colon + 1);
    name = name.substr(0, colon);
  }
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  const auto address = Address::parse(name);
  const auto [end, code] =
      std::from_chars(port.data(), port.data() + port.size(), place.endpoint.port);
  const bool number = code == std::errc() && end == port.data() + port.size();
  if (!address || !number || place.endpoint.port == 0) return wrong(url);
  place.endpoint.address = *address;
  return place;
}

}  // namespace

Result<Bytes> ask_authority(std::string_view url, ByteView query) {
  const auto place = place_of(url);
  if (!place) return tl::unexpected(place.error());
  Clock& clock = system_clock();
  const Address& address = place->endpoint.address;
  net::Door door({.networks = {{.address = address, .prefix = address.v6 ? 128 : 32}}}, {}, clock);
  NoRecorder recorder;
  protocols::HttpClient client(
      [&] {
        return door.connect(place->endpoint, recorder, "time-authority", "time stamp",
                            clock.now() + kWait);
      },
      place->host, clock);
  client.read_bodies_up_to(kLargestReply);
  const auto response = client.exchange({.method = "POST",
                                         .target = place->target,
                                         .fields = {},
                                         .body = std::string(as_text(query)),
                                         .content_type = "application/timestamp-query"},
                                        kWait);
  if (!response) {
    return fail(fmt::format("the authority at {} gave no reply", printable(url, 200)),
                response.error());
  }
  if (response->status != 200 || response->truncated || response->body.empty()) {
    return fail(ErrorKind::protocol,
                fmt::format("the authority at {} answered status {}{} instead of a time stamp",
                            printable(url, 200), response->status,
                            response->truncated ? ", broken off or too long," : ""));
  }
  const ByteView body = as_bytes(response->body);
  return Bytes(body.begin(), body.end());
}

}  // namespace haetae::cli
