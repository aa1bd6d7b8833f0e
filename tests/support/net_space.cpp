#include "tests/support/net_space.hpp"

#include <unistd.h>

#include <random>
#include <sstream>
#include <stdexcept>

namespace haetae::test {
namespace {

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

void must(const std::string& line) {
  std::vector<std::string> argv = words(line);
  argv[0] = find_tool(argv[0]);
  const ToolResult done = run_tool(argv);
  if (done.exit_code != 0) throw std::runtime_error(line + ": " + done.output);
}

}  // namespace

bool can_make_net_space() { return ::geteuid() == 0; }

NetSpace::NetSpace() {
  std::random_device random;
  const unsigned x = 1 + random() % 250;
  const unsigned y = random() % 60 * 4;
  const std::string number = std::to_string(x) + "-" + std::to_string(y);
  name_ = "haetae-" + number;
  cable_ = "hz" + number;
  const std::string v4 = "10.58." + std::to_string(x) + ".";
  const std::string v6 = "fd58:" + std::to_string(x) + ":" + std::to_string(y) + "::";
  v4_ = v4 + std::to_string(y + 2);
  v6_ = v6 + "2";
  must("ip netns add " + name_);
  must("ip link add " + cable_ + " type veth peer name eth0 netns " + name_);
  must("ip addr add " + v4 + std::to_string(y + 1) + "/30 dev " + cable_);
  must("ip -6 addr add " + v6 + "1/64 dev " + cable_ + " nodad");
  must("ip link set " + cable_ + " up");
  must("ip -n " + name_ + " addr add " + v4_ + "/30 dev eth0");
  must("ip -n " + name_ + " -6 addr add " + v6_ + "/64 dev eth0 nodad");
  must("ip -n " + name_ + " link set eth0 up");
  must("ip -n " + name_ + " link set lo up");
}

NetSpace::~NetSpace() {
  (void)run_tool({find_tool("ip"), "netns", "del", name_});
  (void)run_tool({find_tool("ip"), "link", "del", cable_});
}

std::vector<std::string> NetSpace::inside(std::vector<std::string> argv) const {
  std::vector<std::string> out = {find_tool("ip"), "netns", "exec", name_};
  out.insert(out.end(), argv.begin(), argv.end());
  return out;
}

void NetSpace::filter(const std::string& rule) const {
  const std::string enter = "ip netns exec " + name_ + " nft add ";
  must(enter + "table inet haetae");
  must(enter + "chain inet haetae in { type filter hook input priority 0 ; }");
  must(enter + "rule inet haetae in " + rule);
}

void NetSpace::redirect_all_tcp(int port) const {
  const std::string enter = "ip netns exec " + name_ + " nft add ";
  must(enter + "table ip haetae-nat");
  must(enter + "chain ip haetae-nat pre { type nat hook prerouting priority -100 ; }");
  must(enter + "rule ip haetae-nat pre tcp dport 1-65535 redirect to :" + std::to_string(port));
}

void NetSpace::unfilter() const { must("ip netns exec " + name_ + " nft flush ruleset"); }

}  // namespace haetae::test
