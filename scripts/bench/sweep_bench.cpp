// Sweeps all TCP ports of one address and prints the open ones, for scripts/bench/sweep.
// usage: sweep_bench ADDRESS raw|connect
#include <cstdio>
#include <string_view>

#include "harness/net/door.hpp"

int main(int count, char** words) {
  using namespace haetae;
  if (count != 3) return 64;
  const auto address = Address::parse(words[1]);
  if (!address) return 64;
  net::Door door(Scope{{Network{*address, address->v6 ? 128 : 32}}}, {}, system_clock());
  net::SweepOptions options;
  options.raw = std::string_view(words[2]) == "raw";
  const auto result = door.sweep(*address, {}, options, {}, {});
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    return 3;
  }
  for (const auto port : result->open) std::printf("%u\n", static_cast<unsigned>(port));
  std::fprintf(stderr, "asked %llu, open %zu, closed %llu, filtered %zu, whole %d, raw %d, %s\n",
               static_cast<unsigned long long>(result->asked), result->open.size(),
               static_cast<unsigned long long>(result->closed), result->filtered.size(),
               result->whole, result->raw, result->why.c_str());
  return result->whole ? 0 : 3;
}
