#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a page leads to, for a bounded crawl of a device's own pages.
namespace haetae::protocols {

/// PageForm is any HTML form with a name for at least one field.
struct PageForm {
  std::string action;                                       ///< as written; empty: the page itself
  std::string method = "get";                               ///< get, post
  bool multipart = false;                                   ///< enctype multipart/form-data
  bool password = false;                                    ///< one of its fields is a password
  std::vector<std::pair<std::string, std::string>> fields;  ///< name and value, at most 64
  std::string words;  ///< what stands on its buttons, lower case, at most 200 bytes
  bool operator==(const PageForm&) const = default;
};

/// page_forms() finds forms by a bounded scan of the markup; at most 32.
[[nodiscard]] std::vector<PageForm> page_forms(std::string_view html);

/// page_links() are the targets of links, frames, sources and refreshes of a page, as written, and
/// quoted paths that begin with '/' in its scripts or in a script by itself; without doubles, at
/// most 256, each of at most 1,024 bytes.
[[nodiscard]] std::vector<std::string> page_links(std::string_view text);

/// query_of() splits the query of a target into decoded names and values, at most 64.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> query_of(std::string_view target);

/// percent_decode() decodes %XX and '+'; what is malformed stays.
[[nodiscard]] std::string percent_decode(std::string_view text);

}  // namespace haetae::protocols
