#include "tests/support/own_network.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

namespace haetae::test {
namespace {

void bring_loopback_up() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int done = ioctl(fd, SIOCSIFFLAGS, &request);
  ::close(fd);
  if (done != 0)
    throw std::runtime_error("the loopback of a new network namespace does not come up");
}

}  // namespace

void enter_own_network() {
  static bool entered = false;
  if (entered) return;
  const uid_t user = getuid();
  const gid_t group = getgid();
  const int flags = user == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
  if (unshare(flags) != 0) {
    throw std::runtime_error(std::string("no network namespace of its own: ") +
                             std::strerror(errno) + "; run as root");
  }
  if (user != 0) {
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  }
  bring_loopback_up();
  entered = true;
}

}  // namespace haetae::test
