#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "harness/declaration/declaration.hpp"
#include "harness/protocols/http.hpp"

/// Where input goes in a request of the device's own interface.
namespace haetae::testcases::input {

/// Place is one value of a request that can be replaced.
struct Place {
  enum class Kind { query, field, path, header, url };
  Kind kind = Kind::query;
  std::string name;       ///< of the member; empty for path and url
  std::size_t index = 0;  ///< among the members of its kind
  std::string value;      ///< the ordinary one, decoded
  bool operator==(const Place&) const = default;
};

/// Spot is a request with the places in it.
struct Spot {
  declaration::HttpCall call;  ///< the ordinary request
  std::string id;              ///< of the declared call, empty: it was found by the crawl
  bool changes = false;
  std::string undo;  ///< id of the call that takes a change back
  std::vector<Place> places;
  bool operator==(const Spot&) const = default;

  /// name() is what facts call it: method and path without query.
  [[nodiscard]] std::string name() const;
};

/// name_of() is what facts call the place: "query id", "json name", "path", "header User-Agent".
[[nodiscard]] std::string name_of(const Spot& spot, const Place& place);

/// places_of() are the query, the fields but `proof`, and, where there are none of them and
/// `with_path`, the last part of the path.
[[nodiscard]] std::vector<Place> places_of(const declaration::HttpCall& call,
                                           std::string_view proof, bool with_path);

/// with_value() is the request with another value in a place, encoded as the place asks; a url is
/// sent as it stands.
[[nodiscard]] protocols::HttpRequest with_value(const Spot& spot, const Place& place,
                                                const std::string& value);
/// ordinary() is the request as it is.
[[nodiscard]] protocols::HttpRequest ordinary(const Spot& spot);
/// session_shut() is whether the answer to a request behind a login says that a login is missing. A
/// call may also tell by a redirect that it was carried out.
[[nodiscard]] bool session_shut(const Spot& spot, const protocols::HttpResponse& answer);

}  // namespace haetae::testcases::input
