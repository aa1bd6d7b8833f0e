#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "harness/formats/randomness.hpp"

using haetae::formats::chi_square_tail;
using haetae::formats::Randomness;
using haetae::formats::randomness;

namespace {

constexpr double kLeast = 1e-6, kBits = 64;

/// Words draws symbols from a seeded engine, the same on every machine.
class Words {
 public:
  explicit Words(unsigned seed) : engine_(seed) {}
  std::string word(const std::string& alphabet, std::size_t length) {
    std::string out;
    while (out.size() < length) {
      // The engine's numbers are the same everywhere; those of a distribution are not.
      const auto at = engine_() >> 8U;
      const auto most = (1U << 24U) / alphabet.size() * alphabet.size();
      if (at < most) out += alphabet[at % alphabet.size()];
    }
    return out;
  }

 private:
  std::mt19937 engine_;
};

const std::string kHex = "0123456789abcdef";
const std::string kPhp = "0123456789abcdefghijklmnopqrstuv";
const std::string kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool alarms(const Randomness& seen) {
  if (seen.bits < kBits || seen.different < seen.samples) return true;
  for (const auto& test : seen.tests)
    if (test.p < kLeast) return true;
  return false;
}

template <class Make>
Randomness of(std::size_t count, const Make& make) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(make(i));
  return randomness(values);
}

}  // namespace

TEST_CASE("random session values raise no alarm in 1,000 repetitions") {
  struct Kind {
    const std::string* alphabet;
    std::size_t length;
    unsigned repetitions;
  };
  // 16 hex digits are the least that is allowed: not one bit may be lost to chance.
  for (const Kind kind : {Kind{&kHex, 16, 1000}, Kind{&kHex, 32, 100}, Kind{&kPhp, 26, 100},
                          Kind{&kBase64, 22, 100}}) {
    int alarmed = 0;
    for (unsigned seed = 1; seed <= kind.repetitions; ++seed) {
      Words words(seed * 2654435761U + static_cast<unsigned>(kind.length));
      if (alarms(of(20, [&](std::size_t) { return words.word(*kind.alphabet, kind.length); })))
        ++alarmed;
    }
    CAPTURE(kind.length);
    CHECK(alarmed == 0);
  }
}

TEST_CASE("values with a fixed frame or a time in front are as random as the rest of them") {
  Words words(7);
  const auto uuid = of(20, [&](std::size_t) {
    return words.word(kHex, 8) + "-" + words.word(kHex, 4) + "-4" + words.word(kHex, 3) + "-" +
           words.word("89ab", 1) + words.word(kHex, 3) + "-" + words.word(kHex, 12);
  });
  CHECK_FALSE(alarms(uuid));
  CHECK(uuid.fixed == 5);
  CHECK(uuid.bits == Approx(122).margin(2.1));
  const auto timed = of(20, [&](std::size_t i) {
    std::string time(11, '0');
    std::snprintf(time.data(), time.size(), "%010zx", 1'760'000'000'000 + i * 153);
    time.resize(10);
    return time + words.word(kHex, 20);
  });
  CHECK(timed.stepping >= 1);
  CHECK(timed.bits >= 80);
  CHECK(timed.bits < 104);
}

TEST_CASE("counters, times, worn and repeated values are told") {
  const auto counter = of(20, [](std::size_t i) { return std::to_string(1000 + i); });
  CHECK(counter.bits == 0);
  CHECK(counter.alphabet == "digits");
  CHECK(alarms(counter));
  const auto steps = of(20, [](std::size_t i) {
    std::string out(17, '0');
    std::snprintf(out.data(), out.size(), "%016zx", 0x1234567800000000 + i * 0x01010101);
    out.resize(16);
    return out;
  });
  CHECK(alarms(steps));
  Words words(3);
  CHECK(alarms(of(20, [&](std::size_t) { return "5a0f19c3d2e8" + words.word(kHex, 8); })));
  CHECK(
      alarms(of(20, [](std::size_t) { return std::string("the-same-for-everybody-0123456789"); })));
  // Only four of sixteen symbols in each place: 32 places have 64 bits, 30 have 60.
  CHECK(alarms(of(40, [&](std::size_t) {
    std::string out;
    for (int i = 0; i < 15; ++i) out += words.word("0123", 1) + words.word("cdef", 1);
    return out;
  })));
}

TEST_CASE("a generator whose next value leans on the last one is told") {
  Words words(11);
  std::string last = words.word(kHex, 32);
  const auto leaning = of(20, [&](std::size_t) {
    // One place in four is drawn anew, the others go on by one.
    for (char& c : last) {
      const auto at = kHex.find(c);
      c = words.word("0123", 1) == "0" ? words.word(kHex, 1)[0] : kHex[(at + 1) % 16];
    }
    return last;
  });
  CHECK(alarms(leaning));
  const auto repeating = of(20, [&](std::size_t) {
    std::string out;
    while (out.size() < 32) out.append(2, words.word(kHex, 1)[0]);
    return out;
  });
  CHECK(alarms(repeating));
}

TEST_CASE("what is too little or too much to look at is bounded") {
  CHECK(randomness({}).samples == 0);
  CHECK(of(1, [](std::size_t) { return "abc"; }).bits == 0);
  CHECK(of(3, [](std::size_t) { return ""; }).tests.empty());
  const auto large =
      of(3, [](std::size_t i) { return std::string(1 << 20, static_cast<char>(i)); });
  CHECK(large.longest == 1U << 20U);
  CHECK(large.fixed + large.stepping + large.uneven + large.free == 512);
  const auto all = of(1500, [](std::size_t i) { return std::to_string(i); });
  CHECK(all.samples == 1000);
  const auto mixed = of(20, [](std::size_t i) { return std::string(i, 'x'); });
  CHECK(mixed.shortest == 0);
  CHECK(mixed.longest == 19);
}

// Tables of chi-square: 5% and 0.1% points.
TEST_CASE("tails of chi-square") {
  CHECK(chi_square_tail(3.841, 1) == Approx(0.05).epsilon(0.001));
  CHECK(chi_square_tail(24.996, 15) == Approx(0.05).epsilon(0.001));
  CHECK(chi_square_tail(37.697, 15) == Approx(0.001).epsilon(0.001));
  CHECK(chi_square_tail(82.529, 63) == Approx(0.05).epsilon(0.001));
  CHECK(chi_square_tail(0, 15) == 1);
  CHECK(chi_square_tail(1000, 15) < 1e-100);
}
