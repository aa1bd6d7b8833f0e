#include "testcases/authentication/password_samples.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "testcases/authentication/web.hpp"

namespace haetae::testcases {
namespace {

constexpr std::array<std::string_view, 4> kAlphabets{"abcdefghijkmnpqrstuvwxyz", "23456789",
                                                     "ABCDEFGHJKLMNPQRSTUVWXYZ", "!#%*+-.=?@_"};
constexpr std::array<std::string_view, 5> kRows{"abcdefghijklmnopqrstuvwxyz", "01234567890",
                                                "qwertyuiop", "asdfghjkl", "zxcvbnm"};

char low(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool neighbours(char a, char b) {
  for (const std::string_view row : kRows) {
    const std::size_t i = row.find(low(a));
    const std::size_t j = row.find(low(b));
    if (i == std::string_view::npos || j == std::string_view::npos) continue;
    if ((i > j ? i - j : j - i) <= 1) return true;
  }
  return false;
}

// Bytes that follow from the seed, as many as are asked for.
class Stream {
 public:
  explicit Stream(std::string_view seed) : seed_(seed) {}
  std::size_t below(std::size_t bound) {
    if (at_ >= block_.size()) {
      block_ = sha256(as_bytes(seed_ + "/" + std::to_string(counter_++)));
      at_ = 0;
    }
    return block_[at_++] % bound;
  }

 private:
  std::string seed_;
  Bytes block_;
  std::size_t at_ = 0;
  int counter_ = 0;
};

std::string seed_of(const runner::Context& context, const declaration::Account& account,
                    std::string_view sample) {
  const auto& who = context.device().identity;
  return "haetae password " + who.maker + "/" + who.model + "/" + who.serial + "/" + account.name +
         "/" + account.password + "/" + std::string(sample);
}

bool conforms(const catalogue::Catalogue& catalogue, std::string_view password) {
  const auto length = static_cast<std::int64_t>(password.size());
  const std::int64_t classes = character_classes(password);
  const auto rule = [&](const char* wanted_length, const char* wanted_classes) {
    const auto least = number(catalogue, wanted_length);
    const auto kinds = number(catalogue, wanted_classes);
    return least && kinds && length >= *least && classes >= *kinds;
  };
  return rule("password.mixed-length", "password.mixed-classes") ||
         rule("password.long-length", "password.long-classes");
}

std::string well_known(const catalogue::Catalogue& catalogue) {
  const auto* list = catalogue.reference("well_known_password");
  if (list == nullptr) return {};
  for (const auto& row : list->rows) {
    const std::string one = column(*list, row, "password");
    if (conforms(catalogue, one)) return one;
  }
  return {};
}

std::size_t count_in(const std::string& text) {
  std::size_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

int character_classes(std::string_view password) {
  bool digit = false, upper = false, small = false, special = false;
  for (const char c : password) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isdigit(byte) != 0) {
      digit = true;
    } else if (std::isupper(byte) != 0) {
      upper = true;
    } else if (std::islower(byte) != 0) {
      small = true;
    } else {
      special = true;
    }
  }
  return int{digit} + int{upper} + int{small} + int{special};
}

std::string made_password(std::string_view seed, std::size_t length, int classes) {
  Stream stream(seed);
  const std::size_t kinds = static_cast<std::size_t>(std::clamp(classes, 1, 4));
  std::string out;
  // The classes take turns; within one, what would be a neighbour or a repetition is passed over,
  // repetitions only as long as the alphabet has enough characters.
  while (out.size() < length) {
    const std::string_view alphabet = kAlphabets[out.size() % kinds];
    for (int turn = 0;; ++turn) {
      const char c = alphabet[stream.below(alphabet.size())];
      const bool used = out.find(c) != std::string::npos && turn < 200;
      const bool beside = !out.empty() && (out.back() == c || neighbours(out.back(), c));
      if (used || (beside && turn < 2000)) continue;
      out += c;
      break;
    }
  }
  return out;
}

std::vector<PasswordSample> password_samples(const runner::Context& context,
                                             const declaration::Account& account) {
  std::vector<PasswordSample> out;
  const auto* list = context.catalogue().reference("password_sample");
  if (list == nullptr) return out;
  for (const auto& row : list->rows) {
    PasswordSample one;
    one.name = column(*list, row, "sample");
    one.property = column(*list, row, "property");
    std::size_t length = count_in(column(*list, row, "length"));
    const int classes = static_cast<int>(count_in(column(*list, row, "classes")));
    if (one.property == "same-as-user") {
      while (!account.name.empty() && one.password.size() < 14) one.password += account.name;
    } else if (one.property == "same-as-factory") {
      one.password = account.factory_password;
    } else if (one.property == "sequence") {
      one.password = "Abcdefgh123!";
    } else if (one.property == "repeat") {
      one.password = "Aaaaaaaa111!";
    } else if (one.property == "well-known") {
      one.password = well_known(context.catalogue());
    } else {
      if (one.property == "conforming")
        length = std::max(length, static_cast<std::size_t>(std::max(
                                      0, context.device().password_policy.minimum_length)));
      one.password = made_password(seed_of(context, account, one.name), length, classes);
    }
    if (!one.password.empty()) out.push_back(std::move(one));
  }
  return out;
}

std::string spare_password(const runner::Context& context, const declaration::Account& account,
                           int index) {
  const auto length =
      static_cast<std::size_t>(std::max(14, context.device().password_policy.minimum_length));
  return made_password(seed_of(context, account, "spare-" + std::to_string(index)), length, 4);
}

}  // namespace haetae::testcases
