#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace haetae::testcases::firmware {

/// AccountEntry is one line of a file of accounts, as it stands there.
struct AccountEntry {
  std::size_t at = 0, length = 0;  ///< bytes of the line in the file
  std::string account;
  std::string field;      ///< what stands for the password
  std::string realm;      ///< of digest files
  std::int64_t uid = -1;  ///< -1: not given
  std::string shell;      ///< of passwd files
};

/// AccountFile is what a file of accounts holds; source is a word of firmware_account, empty if the
/// file is none.
struct AccountFile {
  std::string source;
  std::vector<AccountEntry> entries;
};

/// read_account_file() tells by name and by the form of its lines whether a file holds accounts:
/// passwd, shadow and gshadow (also copies of them), Apache and lighttpd user files, httpd.conf of
/// busybox, password files of mosquitto and of vsftpd.
[[nodiscard]] AccountFile read_account_file(std::string_view path, std::string_view content);

/// password_word() is the word of firmware_account.password for a field.
[[nodiscard]] std::string password_word(std::string_view source, std::string_view field);

/// login_word() says by the shell of a passwd line whether the account may log in.
[[nodiscard]] std::string login_word(std::string_view shell);

}  // namespace haetae::testcases::firmware
