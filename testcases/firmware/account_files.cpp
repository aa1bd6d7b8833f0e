#include "testcases/firmware/account_files.hpp"

#include <charconv>

#include "testcases/firmware/password_hash.hpp"
#include "testcases/firmware/text.hpp"

namespace haetae::testcases::firmware {
namespace {

bool is_number(std::string_view text, std::int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool plain_name(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  for (const char c : text)
    if (c <= ' ' || c == 0x7f || c == '/' || c == '"' || c == '=') return false;
  return true;
}

AccountEntry entry(const Line& line, std::string_view account, std::string_view field) {
  AccountEntry out;
  out.at = line.at;
  out.length = line.text.size();
  out.account = account;
  out.field = field;
  return out;
}

void read_system(const Line& line, AccountFile& out) {
  const auto parts = fields(line.text, ':');
  if (parts.size() < 2 || !plain_name(parts[0])) return;
  AccountEntry one = entry(line, parts[0], parts[1]);
  if (out.source == "passwd") {
    if (parts.size() != 7 || !is_number(parts[2], one.uid)) return;
    one.shell = trimmed(parts[6]);
  } else if (out.source == "gshadow") {
    if (parts.size() != 4) return;
  } else if (parts.size() < 3 || parts.size() > 10) {
    return;
  }
  out.entries.push_back(std::move(one));
}

void read_pairs(const Line& line, AccountFile& out) {
  const auto parts = fields(line.text, ':');
  if (parts.size() == 3 && scheme_of(parts[2]) == "digest") {
    if (!plain_name(parts[0])) return;
    AccountEntry one = entry(line, parts[0], parts[2]);
    one.realm = parts[1];
    out.entries.push_back(std::move(one));
  } else if (parts.size() >= 2 && plain_name(parts[0])) {
    out.entries.push_back(entry(line, parts[0], trimmed(parts[1])));
  }
}

// httpd.conf of busybox: /folder:user:password
void read_httpd(const Line& line, AccountFile& out) {
  const auto parts = fields(line.text, ':');
  if (parts.size() == 3 && parts[0].starts_with('/') && plain_name(parts[1]) && !parts[2].empty() &&
      parts[2].find_first_of(" \t{};") == std::string_view::npos)
    out.entries.push_back(entry(line, parts[1], trimmed(parts[2])));
}

// vsftpd's virtual users: a name and a password on alternate lines.
void read_alternate(const std::vector<Line>& all, AccountFile& out) {
  for (std::size_t index = 0; index + 1 < all.size(); index += 2) {
    if (!plain_name(all[index].text) || trimmed(all[index + 1].text).empty()) {
      out.entries.clear();
      return;
    }
    AccountEntry one = entry(all[index], all[index].text, trimmed(all[index + 1].text));
    one.length = all[index + 1].at + all[index + 1].text.size() - one.at;
    out.entries.push_back(std::move(one));
  }
}

std::string source_of(std::string_view path) {
  const std::string name = lowered(base_name(path));
  const std::string low = lowered(path);
  if (below(low, "/share/") || below(low, "/usr/lib/")) return {};
  if (below(name, ".example") || below(name, ".sample")) return {};
  for (const char* kind : {"gshadow", "shadow", "passwd"}) {
    const std::string_view word = kind;
    if (name == word || name == std::string(word) + "-" ||
        (name.starts_with(std::string(word) + ".") && below(low, "/etc")))
      return below(low, "mosquitto") ? "broker" : std::string(word);
  }
  if (below(low, "mosquitto") &&
      (name.find("passw") != std::string::npos || name.find("pwfile") != std::string::npos) &&
      extension(name) != ".conf")
    return "broker";
  for (const char* pattern : {"*htpasswd*", "*htdigest*", "lighttpd*.user", "lighttpd*.users"})
    if (fits(pattern, name)) return "web";
  if (name == "httpd.conf") return "web";
  for (const char* pattern : {"*virtual_users*", "vsftpd_login*", "vsftpd-virtual*"})
    if (fits(pattern, name) && !name.ends_with(".db")) return "ftp";
  return {};
}

}  // namespace

AccountFile read_account_file(std::string_view path, std::string_view content) {
  AccountFile out;
  out.source = source_of(path);
  if (out.source.empty() || !is_text(content)) return {};
  std::vector<Line> kept;
  for (const Line& line : lines(content))
    if (!line.text.empty() && line.text[0] != '#') kept.push_back(line);
  const bool httpd = lowered(base_name(path)) == "httpd.conf";
  if (out.source == "ftp") {
    read_alternate(kept, out);
  } else {
    for (const Line& line : kept) {
      if (httpd)
        read_httpd(line, out);
      else if (out.source == "web" || out.source == "broker")
        read_pairs(line, out);
      else
        read_system(line, out);
    }
  }
  // A file of another kind under the name of one: most lines do not have the form.
  const bool system = out.source == "passwd" || out.source == "shadow" || out.source == "gshadow";
  if (out.entries.empty() || (system && out.entries.size() * 2 < kept.size())) return {};
  return out;
}

std::string password_word(std::string_view source, std::string_view field) {
  const bool service = source == "web" || source == "broker" || source == "ftp";
  if (field.empty()) return source == "gshadow" ? "locked" : "blank";
  if (!service && (field[0] == '!' || field[0] == '*')) return "locked";
  if (source == "passwd" && field == "x") return "elsewhere";
  const std::string scheme = scheme_of(field);
  if (!scheme.empty() && (service || scheme != "digest")) return "hash";
  // crypt() never makes anything else, so that no password fits.
  return service ? "clear" : "locked";
}

std::string login_word(std::string_view shell) {
  if (shell.empty()) return "yes";
  const std::string_view name = base_name(shell);
  for (const char* none : {"nologin", "false", "sync", "halt", "shutdown", "true"})
    if (name == none) return "no";
  return "yes";
}

}  // namespace haetae::testcases::firmware
