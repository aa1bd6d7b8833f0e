#include <fmt/format.h>

#include <mutex>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/firmware_facts.hpp"
#include "testcases/firmware/account_files.hpp"
#include "testcases/firmware/hunter.hpp"
#include "testcases/firmware/password_hash.hpp"
#include "testcases/firmware/text.hpp"

/// Accounts and password hashes: in the files that hold them, and hashes wherever else they stand.
namespace haetae::testcases::firmware {
namespace {

constexpr std::chrono::seconds kBudget{60};
constexpr std::size_t kMostAccounts = 5'000;

struct Held {
  facts::FirmwareAccount fact;
  std::string field, realm;
};

class Accounts final : public Hunter {
 public:
  Accounts(const Image& image, runner::Context& context, Findings& findings)
      : image_(image), context_(context), findings_(findings) {}

  [[nodiscard]] std::vector<Anchor> anchors() const override {
    std::vector<Anchor> out;
    for (const char before : {':', '"', '\'', '=', ' ', '\0', '\n', '\t', ','})
      for (const char* scheme : {"$1$", "$5$", "$6$", "$2a$", "$2b$", "$2y$", "$y$j", "$apr1$"})
        out.push_back({std::string(1, before) + scheme, false});
    return out;
  }

  void file(const Seen& seen) override {
    const AccountFile read = read_account_file(seen.member.path, seen.content);
    for (const AccountEntry& entry : read.entries) {
      Held held{.fact = fact_of<facts::FirmwareAccount>(image_, seen.member),
                .field = entry.field,
                .realm = entry.realm};
      held.fact.position = static_cast<std::int64_t>(entry.at);
      held.fact.account = printable(entry.account);
      held.fact.source = read.source;
      held.fact.uid = entry.uid;
      held.fact.superuser = entry.uid < 0 ? "unknown" : yes_no(entry.uid == 0);
      held.fact.password = password_word(read.source, entry.field);
      held.fact.login = read.source == "passwd"    ? login_word(entry.shell)
                        : read.source == "gshadow" ? "no"
                        : read.source == "shadow"  ? "unknown"
                                                   : "yes";
      keep(seen, std::move(held), entry.at, entry.length);
    }
  }

  void hit(const Seen& seen, std::size_t, std::size_t at) override {
    if (below(seen.member.path, "/share/doc/") || below(seen.member.path, "/share/man/")) return;
    const std::size_t from = at + 1;
    const std::size_t length = hash_length(seen.content.substr(from, 256));
    if (length == 0) return;
    if (!read_account_file(seen.member.path, seen.content).source.empty()) return;
    Held held{.fact = fact_of<facts::FirmwareAccount>(image_, seen.member),
              .field = std::string(seen.content.substr(from, length)),
              .realm = {}};
    held.fact.position = static_cast<std::int64_t>(from);
    held.fact.source = "other";
    held.fact.uid = -1;
    held.fact.password = "hash";
    if (seen.content[at] == ':') {
      const Line line = line_around(seen.content, at);
      const std::string_view before = line.text.substr(0, at - line.at);
      const std::size_t start = before.find_last_of(" \t\"':,=");
      const std::string_view name = before.substr(start == std::string_view::npos ? 0 : start + 1);
      if (name.size() <= 64) held.fact.account = printable(name);
    }
    keep(seen, std::move(held), from, length);
  }

  void finish() override {
    match_shells();
    Guesser guesser(context_.catalogue(), kBudget);
    if (guesser.size() < 2)
      findings_.gap("firmware.accounts", Cause::tool,
                    "the catalogue holds no list of well-known passwords");
    for (Held& held : held_) {
      judge(held, guesser);
      findings_.record(runner::to_row(held.fact));
    }
    if (guesser.exhausted())
      findings_.gap("firmware.accounts", Cause::tool,
                    fmt::format("the well-known passwords could not all be tried on the hashes "
                                "within {} s",
                                kBudget.count()));
    if (held_.size() >= kMostAccounts)
      findings_.gap(
          "firmware.accounts", Cause::tool,
          fmt::format("more than {} accounts; what is beyond was not looked at", kMostAccounts));
  }

 private:
  void keep(const Seen& seen, Held held, std::size_t at, std::size_t length) {
    const std::scoped_lock lock(mutex_);
    if (held_.size() >= kMostAccounts) return;
    if (held.fact.password == "hash" || held.fact.password == "clear")
      findings_.secret(held.fact.password == "hash" ? "password-hash" : "password", held.field);
    held.fact.evidence = findings_.cite(seen.member, seen.bytes, at, length);
    held_.push_back(std::move(held));
  }

  // Whether an account of a shadow file may log in is told by the passwd file of the same
  // container.
  void match_shells() {
    std::map<std::pair<std::string, std::string>, std::string> logins;
    for (const Held& held : held_) {
      if (held.fact.source != "passwd") continue;
      std::string& word = logins[{held.fact.inside, held.fact.account}];
      if (word != "yes") word = held.fact.login;
    }
    for (Held& held : held_) {
      if (held.fact.source != "shadow") continue;
      const auto found = logins.find({held.fact.inside, held.fact.account});
      if (found != logins.end()) held.fact.login = found->second;
    }
  }

  void judge(Held& held, Guesser& guesser) {
    facts::FirmwareAccount& fact = held.fact;
    fact.guessed = "no";
    if (fact.password == "clear") {
      fact.secret = findings_.secret("password", held.field);
      return;
    }
    if (fact.password != "hash") return;
    fact.scheme = scheme_of(held.field);
    const Guesser::Answer answer = guesser.guess(held.field, fact.account, held.realm);
    fact.guessed = answer.word;
    if (answer.word != "yes") return;
    fact.guess = answer.guess.entry;
    // The name of the account is no secret, though it is its password.
    if (answer.guess.entry != "same-as-user" && !answer.guess.password.empty())
      fact.secret = findings_.secret("password", answer.guess.password);
  }

  const Image& image_;
  runner::Context& context_;
  Findings& findings_;
  std::mutex mutex_;
  std::vector<Held> held_;
};

}  // namespace

std::unique_ptr<Hunter> account_hunter(const Image& image, runner::Context& context,
                                       Findings& findings) {
  return std::make_unique<Accounts>(image, context, findings);
}

}  // namespace haetae::testcases::firmware
