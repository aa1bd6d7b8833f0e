#include <algorithm>
#include <mutex>
#include <set>

#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/text.hpp"

/// In what was read from the chip: the passwords in force, the values that the laboratory had
/// stored before (canaries), wireless keys and what users typed.
namespace haetae::testcases::firmware {
namespace {

constexpr std::size_t kShortest = 6;  // a shorter value is found by chance in a large dump

struct Value {
  std::string datum, name, form, bytes;
  bool secret = false;
};

std::string base64(std::string_view text, std::size_t shift) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string padded(shift, '\0');
  padded += text;
  std::string out;
  unsigned held = 0;
  int bits = 0;
  for (const char c : padded) {
    held = (held << 8U | static_cast<unsigned char>(c)) & 0xFFFFU;
    for (bits += 8; bits >= 6; bits -= 6)
      out += kAlphabet[held >> static_cast<unsigned>(bits - 6) & 0x3FU];
  }
  // Only the characters that the value alone decides.
  return out.substr((shift * 8 + 5) / 6);
}

std::string wide(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    out += '\0';
  }
  return out;
}

class UserData final : public Hunter {
 public:
  UserData(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), findings_(findings) {
    if (image_.kind == "image") return;
    for (const auto& account : context.device().accounts) {
      if (!account.has_password) continue;
      // What stands in every unit is no data of a user.
      if (image_.kind == "after-reset" && account.password == account.factory_password) continue;
      add("account-password", account.name, account.password, true);
    }
    for (const auto& canary : context.device().canaries)
      add("canary", canary.name, canary.value, false);
    if (values_.empty())
      findings_.gap("firmware.user-data", Cause::declaration,
                    "no value that was stored before the reset is declared");
  }

  [[nodiscard]] std::vector<Anchor> anchors() const override {
    std::vector<Anchor> out;
    for (const Value& value : values_) out.push_back({value.bytes, value.form == "hexadecimal"});
    if (image_.kind != "image") {
      out.push_back({"psk=", true});
      out.push_back({"wpa_passphrase=", true});
    }
    return out;
  }

  void file(const Seen& seen) override {
    if (image_.kind == "image" || !seen.text) return;
    const std::string_view name = base_name(seen.member.path);
    if (fits(".*_history", name) && !trimmed(seen.content).empty())
      note(seen, {"shell-history", std::string(name), "clear", {}, false}, 0,
           std::min<std::size_t>(seen.content.size(), 200));
  }

  void hit(const Seen& seen, std::size_t anchor, std::size_t at) override {
    if (anchor < values_.size()) {
      note(seen, values_[anchor], at, values_[anchor].bytes.size());
      return;
    }
    const Line line = line_around(seen.content, at);
    const std::string_view text = line.text;
    const std::size_t sign = text.find('=', at - line.at);
    if (sign == std::string_view::npos || trimmed(text).starts_with('#')) return;
    std::string_view value = trimmed(text.substr(sign + 1));
    if (value.starts_with('"') && value.ends_with('"') && value.size() > 2)
      value = value.substr(1, value.size() - 2);
    // IEEE 802.11: 8 to 63 characters, or 64 hexadecimal.
    if (value.size() < 8 || value.size() > 64) return;
    if (value.find_first_of("$%<>{}()`") != std::string_view::npos) return;
    for (const char c : value)
      if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f) return;
    note(seen, {"wireless-key", "psk", "clear", std::string(value), true},
         static_cast<std::size_t>(value.data() - seen.content.data()), value.size());
  }

 private:
  void add(const std::string& datum, const std::string& name, const std::string& value,
           bool secret) {
    if (value.size() < kShortest) {
      findings_.gap("firmware.user-data", Cause::declaration,
                    "the value of " + name +
                        " is shorter than 6 characters and cannot be told "
                        "from chance: set a longer one for the test");
      return;
    }
    values_.push_back({datum, name, "clear", value, secret});
    values_.push_back({datum, name, "hexadecimal", to_hex(as_bytes(value)), secret});
    values_.push_back({datum, name, "utf-16", wide(value), secret});
    for (std::size_t shift = 0; shift < 3; ++shift)
      values_.push_back({datum, name, "base64", base64(value, shift), secret});
  }

  void note(const Seen& seen, const Value& value, std::size_t at, std::size_t length) {
    auto fact = fact_of<facts::FirmwareUserData>(image_, seen.member);
    fact.position = static_cast<std::int64_t>(at);
    fact.datum = value.datum;
    fact.name = printable(value.name);
    fact.form = value.form;
    {
      const std::scoped_lock lock(mutex_);
      if (!known_.emplace(fact.inside + "\n" + fact.path, value.datum + value.name, at).second)
        return;
    }
    if (value.secret) fact.secret = findings_.secret("password", value.bytes);
    fact.evidence = findings_.cite(seen.member, seen.bytes, at, length);
    findings_.record(runner::to_row(fact));
  }

  const Image& image_;
  Findings& findings_;
  std::vector<Value> values_;
  std::mutex mutex_;
  std::set<std::tuple<std::string, std::string, std::size_t>> known_;
};

}  // namespace

std::unique_ptr<Hunter> user_data_hunter(const Image& image, runner::Context& context,
                                         Findings& findings) {
  return std::make_unique<UserData>(image, context, findings);
}

}  // namespace haetae::testcases::firmware
