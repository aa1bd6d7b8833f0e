#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testcases/authorisation/call_matrix.hpp"

/// A refused call written in another way, so that a check which looks at the text of the request is
/// seen to be got around.
namespace haetae::testcases {

/// varied() is the request of the call written as the variant says (an entry of the reference
/// request_variant); nothing for a variant that it does not know. A request to a path that cannot
/// exist is written the same way if `path` is given.
[[nodiscard]] std::optional<protocols::HttpRequest> varied(const declaration::Call& call,
                                                           const Person& person,
                                                           std::string_view variant,
                                                           std::string_view path = {});

struct Variant {
  std::string outcome = "unknown";  ///< a word of call_bypass.outcome
  std::string message{};
  EvidenceId evidence = 0;
};

/// Known is what a person sees anyhow: what it is rightly given by other calls, and that together
/// with what stands on every page.
struct Known {
  std::string given, common;
};

/// try_variant() makes a call that changes nothing in another way. `right` is the answer to the
/// rightful role.
[[nodiscard]] Variant try_variant(const declaration::Call& call, const Person& person,
                                  std::string_view variant, const protocols::HttpResponse& right,
                                  const Known& known);

/// variants() are the entries of the reference request_variant.
[[nodiscard]] std::vector<std::string> variants(const catalogue::Catalogue& catalogue);

}  // namespace haetae::testcases
