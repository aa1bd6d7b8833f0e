#include "devices/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <stdexcept>
#include <vector>

namespace haetae::devices {
namespace {

/// Switch is one name: its sound value and the words it may be; no words means a number, a first
/// word "*" any text.
struct Switch {
  std::string_view name, sound;
  std::vector<std::string_view> words;
};

const std::vector<Switch>& switches() {
  static const std::vector<Switch> list = {
      {"tls.oldest", "1.2", {"1.0", "1.1", "1.2", "1.3"}},
      {"tls.ssl2", "no", {"no", "yes"}},
      {"tls.ssl3", "no", {"no", "yes"}},
      {"tls.weak-suite", "none", {"none", "rc4", "3des", "des", "null", "anonymous", "export"}},
      {"tls.dh-bits", "0", {"0", "1024", "2048"}},
      {"tls.weak-group", "no", {"no", "yes"}},
      {"tls.compression", "no", {"no", "yes"}},
      {"tls.sha1-signatures", "no", {"no", "yes"}},
      {"tls.certificate",
       "sound",
       {"sound", "rsa-2048", "rsa-1024", "sha1", "md5", "expired", "not-yet-valid", "wrong-name",
        "self-signed"}},
      {"ssh.kex", "sound", {"sound", "weak"}},
      {"ssh.cipher", "sound", {"sound", "weak"}},
      {"ssh.host-key", "ed25519", {"ed25519", "rsa-1024", "rsa-3072", "ssh-rsa-sha1"}},
      {"ssh.none", "no", {"no", "yes"}},
      // Scripted: names its algorithms, then ends.
      {"ssh.script", "none", {"none", "version-1.99", "hmac-md5"}},
      {"login.accepts-everything", "no", {"no", "yes"}},
      {"login.refuses-everything", "no", {"no", "yes"}},
      {"login.factory-password", "refused", {"refused", "accepted"}},
      {"login.backdoor", "", {"*"}},  // surface:user:password, surface as in accounts
      {"login.tells-user", "no", {"no", "yes"}},
      {"login.known-user-ms", "0", {}},  // how much longer a login takes for a user that exists
      {"unit.keys", "own", {"own", "shared"}},              // of a second unit
      {"unit.factory-password", "own", {"own", "shared"}},  // of a second unit
      {"lockout.failures", "5", {}},                        // 0: never
      {"lockout.seconds", "30", {}},
      {"lockout.right-password", "refused", {"refused", "accepted"}},
      {"lockout.counts", "account", {"account", "address"}},
      {"lockout.unknown-accounts", "free", {"free", "counted"}},
      {"lockout.scope", "service", {"service", "device"}},  // what shares one count
      {"lockout.told",
       "next-try",
       {"next-try", "last-try"}},               // which answer tells of the block first
      {"lockout.silent", "no", {"no", "yes"}},  // yes: a blocked answer looks like a wrong password
      {"lockout.exempt", "", {"*"}},            // surfaces without lockout
      {"lockout.restart", "kept", {"kept", "cleared"}},  // a block when the power is switched
      {"policy.short-length", "8", {}},
      {"policy.short-classes", "3", {}},
      {"policy.long-length", "10", {}},
      {"policy.long-classes", "2", {}},
      {"policy.maximum", "64", {}},
      {"policy.user-name", "refused", {"refused", "accepted"}},
      {"policy.factory-value", "refused", {"refused", "accepted"}},
      {"policy.sequence", "refused", {"refused", "accepted"}},
      {"policy.repeat", "refused", {"refused", "accepted"}},
      {"policy.well-known", "refused", {"refused", "accepted"}},
      {"policy.ignored", "no", {"no", "yes"}},   // takes every new password
      {"policy.pretends", "no", {"no", "yes"}},  // says yes and keeps the old password
      {"cookie.secure", "yes", {"no", "yes"}},
      {"cookie.http-only", "yes", {"no", "yes"}},
      {"cookie.same-site", "Strict", {"Strict", "Lax", "None", "absent"}},
      {"session.after-logout", "ends", {"ends", "lives"}},
      {"session.idle-seconds", "12", {}},
      // counter: the next number; hashed: its MD5; worn: few bits
      {"session.value", "random", {"random", "counter", "hashed", "worn"}},
      {"session.planted", "replaced", {"replaced", "kept"}},  // a value from before the login
      {"session.after-change", "ends", {"ends", "lives"}},    // others, after a new password
      {"session.limit", "8", {}},                             // of one user; the oldest ends
      {"web.origin", "checked", {"checked", "ignored"}},      // of changing requests
      {"web.cors", "none", {"none", "echo"}},
      {"web.headers", "yes", {"no", "yes"}},
      {"web.listing", "no", {"no", "yes"}},
      {"web.unknown-path", "404", {"404", "200"}},
      {"web.status", "login", {"login", "open"}},
      {"web.snapshot", "login", {"login", "open"}},
      {"web.ptz", "login", {"login", "open"}},
      {"web.open-path", "", {"*"}},  // a path that gives the configuration to everybody
      {"web.change-needs-old", "yes", {"no", "yes"}},
      {"web.any-role", "no", {"no", "yes"}},    // management calls of every user
      {"web.any-object", "no", {"no", "yes"}},  // accounts of others to every user
      {"web.injection",
       "none",
       {"none", "command", "blind-command", "sql", "login", "path", "header", "template"}},
      {"web.overflow", "no", {"no", "yes"}},                       // a long name ends the device
      {"web.error-details", "no", {"no", "yes"}},                  // errors show the inside
      {"web.path-check", "resolved", {"resolved", "as-written"}},  // what a role is checked for
      {"web.opens-port", "0", {}},  // TCP port that opens with the first login, 0: none
      {"web.shows-password", "none", {"none", "clear", "base64"}},  // in the settings
      {"web.password-field", "masked", {"masked", "clear"}},        // of the login page
      {"web.debug-page", "none", {"none", "signed-in", "open"}},
      {"web.leaves-folder", "no", {"no", "yes"}},
      {"web.needs-proof", "yes", {"no", "yes"}},  // the password anew, for the recovery address
      {"web.server", "SimCam", {"*"}},
      {"records.skips", "none", {"none", "login", "login-failure", "change", "update"}},
      {"records.without", "nothing", {"nothing", "time", "right-time", "subject", "outcome"}},
      {"records.erase", "administrator", {"administrator", "any-account", "anybody"}},
      {"records.capacity", "1000", {}},
      {"records.syslog", "", {"*"}},  // ADDRESS:PORT; =: 514 of the address .1 beside its own
      {"records.syslog-form", "rfc5424", {"rfc5424", "rfc3164"}},
      {"records.syslog-transport", "udp", {"udp", "tcp"}},
      {"time.set", "administrator", {"administrator", "any-account", "anybody"}},
      {"time.server", "", {"*"}},  // ADDRESS:PORT; =: 123 of the address .1 beside its own
      {"time.server-steps", "small", {"small", "any"}},
      {"support.security-txt", "sound", {"sound", "absent", "expired", "no-contact"}},
      {"support.period", "shown", {"shown", "hidden"}},
      {"export.content", "encrypted", {"encrypted", "clear", "clear-large"}},
      {"reset.settings", "erased", {"erased", "kept"}},
      {"reset.sessions", "ended", {"ended", "kept"}},
      {"reset.accounts", "erased", {"erased", "kept"}},
      {"reset.passwords", "erased", {"erased", "kept"}},
      {"rtsp.describe", "login", {"login", "open"}},
      {"mqtt.anonymous", "refused", {"refused", "accepted"}},
      {"mqtt.overflow", "no", {"no", "yes"}},  // a packet longer than its buffer ends the device
      {"snmp.community", "", {"*"}},
      {"snmp.overrun", "no", {"no", "yes"}},  // a length that lies silences the agent for a while
      {"factory.view", "refused", {"refused", "granted"}},
      {"factory.control", "refused", {"refused", "granted"}},
      {"factory.change-to-same", "refused", {"refused", "accepted"}},
      {"console.port", "0", {}},        // TCP port of the console server, 0: none
      {"console.boot-delay", "0", {}},  // seconds for which a key stops the boot
      {"console.system", "login", {"login", "shell"}},
      {"console.root-password", "Sim!Console-5Kq", {"*"}},
      {"shown.model", "=", {"*"}},     // =: as in the identity; empty: not shown
      {"shown.firmware", "=", {"*"}},  // =: as in the identity; empty: not shown
      {"firmware.signed", "yes", {"no", "yes"}},
      {"firmware.counter", "7", {}},           // rollback index of the image, 0: none
      {"firmware.tpm", "yes", {"no", "yes"}},  // whether the device tree has one
      {"firmware.kernel", "6.12.57", {"*"}},
      {"firmware.bootargs", "quiet ro root=/dev/ram0 console=none", {"*"}},
      {"update.genuine", "installed", {"installed", "refused"}},
      // padding: made with the maker's key, whatever for; ignored: not looked at.
      {"update.signature", "checked", {"checked", "padding", "ignored"}},
      {"update.digest", "sha256", {"sha256", "sha1"}},  // that the maker signs
      {"update.model", "own", {"own", "any"}},
      {"update.older", "refused", {"refused", "accepted"}},
      {"update.login", "administrator", {"administrator", "any-account", "none"}},
      {"update.drop", "harmless", {"harmless", "bricks", "half"}},  // a transfer that ends early
      {"update.answer", "honest", {"honest", "always-200", "none"}},
      {"update.notice", "yes", {"no", "yes"}},  // whether a new version is told of
      // checksum: a digest that anybody can make.
      {"backup.tag", "keyed", {"keyed", "checksum", "ignored"}},
      {"backup.restore", "possible", {"possible", "refused"}},
      {"media.signature", "checked", {"checked", "ignored"}},  // of update files on a card
      {"update.restart", "yes", {"yes", "never"}},             // never: it does not come back
      // What it comes back as: with the version of the file, with a third one, or with new keys.
      {"update.comes-back", "as-offered", {"as-offered", "other-version", "other-device"}},
      {"update.server", "=", {"*"}},  // ADDRESS:PORT; =: 8443 of the address .1 beside its own
      {"update.server-certificate", "checked", {"checked", "ignored"}},
      {"hostile.answer",
       "none",
       {"none", "silent", "slow", "flood", "endless-headers", "huge-length", "dies", "markup",
        "redirect-circle", "garbage"}},
      {"hostile.identity-after", "0", {}},  // new keys after that many connections, 0: never
      {"hostile.drop-after", "0", {}},      // connections dropped after that many, 0: never
      {"hostile.kill-after", "0", {}},      // the device dies after that many, 0: never
      {"hostile.hang-after", "0", {}},      // the device hangs after that many, 0: never
  };
  return list;
}

bool is_number(const std::string& value) {
  int number = 0;
  const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), number);
  return code == std::errc() && end == value.data() + value.size() && number >= 0;
}

}  // namespace

Settings::Settings() {
  for (const auto& one : switches()) values_.emplace(one.name, one.sound);
}

Outcome<void> Settings::set(const std::string& name, const std::string& value) {
  for (const auto& one : switches()) {
    if (one.name != name) continue;
    if (one.words.empty() && !is_number(value))
      return tl::unexpected(fmt::format("setting {}: '{}' is not a number", name, value));
    bool known = one.words.empty() || one.words.front() == "*";
    for (const auto word : one.words) known = known || word == value;
    if (!known)
      return tl::unexpected(fmt::format("setting {}: '{}' is not allowed; allowed: {}", name, value,
                                        fmt::join(one.words, ", ")));
    values_[name] = value;
    return {};
  }
  std::vector<std::string_view> names;
  for (const auto& one : switches()) names.push_back(one.name);
  return tl::unexpected(
      fmt::format("unknown setting '{}'; allowed: {}", name, fmt::join(names, ", ")));
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::logic_error(fmt::format("no setting {}", name));
  return found->second;
}

int Settings::number(std::string_view name) const { return std::stoi(text(name)); }

}  // namespace haetae::devices
