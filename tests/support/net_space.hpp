#pragma once

#include <string>
#include <vector>

#include "tests/support/daemon.hpp"

namespace haetae::test {

/// NetSpace is a network namespace with one address of each family, joined to the machine by a
/// cable of its own, so that a server inside shows a face that nothing else on the machine shares.
/// Needs root; throws where it cannot be made. It goes away with the object.
class NetSpace {
 public:
  NetSpace();
  ~NetSpace();
  NetSpace(const NetSpace&) = delete;
  NetSpace& operator=(const NetSpace&) = delete;

  [[nodiscard]] const std::string& v4() const { return v4_; }
  [[nodiscard]] const std::string& v6() const { return v6_; }
  /// inside() is the command line that runs `argv` in the namespace.
  [[nodiscard]] std::vector<std::string> inside(std::vector<std::string> argv) const;
  /// filter() adds an nft rule to the input chain, such as "tcp dport 100-120 drop".
  void filter(const std::string& rule) const;
  /// redirect_all_tcp() sends every TCP port to one, so that all of them accept.
  void redirect_all_tcp(int port) const;
  /// unfilter() drops all rules.
  void unfilter() const;

 private:
  std::string name_, cable_, v4_, v6_;
};

/// can_make_net_space() is false where the tests do not run as root.
[[nodiscard]] bool can_make_net_space();

}  // namespace haetae::test
