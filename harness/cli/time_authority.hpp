#pragma once

#include <string_view>

#include "harness/model/bytes.hpp"
#include "harness/model/error.hpp"

namespace haetae::cli {

/// ask_authority() sends a time stamp query to `http://ADDRESS[:PORT][/PATH]` (RFC 3161 section
/// 3.4) and gives the reply. Nothing but that one address is reached. A host name or https is
/// ErrorKind::invalid_input: the reply is signed by itself, and no name is looked up here.
[[nodiscard]] Result<Bytes> ask_authority(std::string_view url, ByteView query);

}  // namespace haetae::cli
