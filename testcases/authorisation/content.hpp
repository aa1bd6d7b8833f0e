#pragma once

#include <string>
#include <string_view>

#include "harness/declaration/declaration.hpp"
#include "harness/protocols/http.hpp"

/// Whether an answer gives what another answer gave, when both say 200.
namespace haetae::testcases {

enum class Alike {
  same,       ///< it holds what the other holds
  unlike,     ///< it holds nothing of it
  undecided,  ///< a part of it, or there is too little to compare
};

/// alike() compares the words of two bodies, each of three letters or digits and more, at most
/// 20,000 of them; what `common` holds too (the answer to nobody in particular) does not count.
[[nodiscard]] Alike alike(const protocols::HttpResponse& answer,
                          const protocols::HttpResponse& right, std::string_view common = {});

/// lacks_success() is whether a page lacks the declared text of success, and does not hold what the
/// rightful one was given: a refusal in whatever words. `common` is what stands on pages that the
/// asking one may see.
[[nodiscard]] bool lacks_success(const declaration::HttpCall& call,
                                 const protocols::HttpResponse& answer,
                                 const protocols::HttpResponse& right, std::string_view common);

}  // namespace haetae::testcases
