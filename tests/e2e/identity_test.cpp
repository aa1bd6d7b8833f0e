#include <catch2/catch.hpp>

#include "harness/protocols/identity.hpp"
#include "tests/support/fakes.hpp"
#include "tests/support/peer.hpp"
#include "tests/support/zoo.hpp"

// Whether a device is known again by what its servers tell.
using namespace haetae;
using namespace haetae::test;
using namespace haetae::protocols;

namespace {

struct Lab {
  explicit Lab(const std::string& host)
      : address(Address::parse(host).value()),
        door(Scope{{Network{address, 32}}}, net::Limits{}, system_clock()) {}
  Fingerprint look(const std::vector<ReferencePort>& ports) {
    const auto seen =
        fingerprint(door, address, ports, recorder, system_clock(), system_clock().now() + 10s);
    REQUIRE(seen);
    return *seen;
  }
  Address address;
  net::Door door;
  MemoryRecorder recorder;
};

}  // namespace

TEST_CASE("identity: the same servers are the same device, another key is another device") {
  const std::string host = free_address(58);
  Lab lab(host);
  const std::vector<ReferencePort> ports = {
      {22, "ssh", false}, {443, "http", true}, {80, "http", false}, {21, "ftp", false}};
  Fingerprint before;
  {
    Zoo zoo(host);
    zoo.dropbear();
    zoo.nginx(80, 443);
    zoo.vsftpd();
    before = lab.look(ports);
    CHECK(before.alive);
    REQUIRE(before.prints.size() == 3);
    CHECK(before.prints[0].kind == "tls-certificate");
    CHECK(before.prints[1].kind == "ssh-host-key");
    CHECK(before.prints[1].value.starts_with("SHA256:"));
    CHECK(before.prints[2].value == "server: nginx/1.22.1");
    CHECK(compare(before, lab.look(ports)) == Likeness::same);
  }
  CHECK(compare(before, lab.look({{22, "ssh", false}})) == Likeness::unclear);
  Zoo other(host);
  other.dropbear();
  CHECK(compare(before, lab.look(ports)) == Likeness::changed);
}

TEST_CASE("identity: openssh by its host key, the rest by their banners") {
  Zoo zoo(free_address(58));
  zoo.openssh(22);
  zoo.vsftpd();
  zoo.telnetd();
  Lab lab(zoo.host());
  const std::vector<ReferencePort> ports = {
      {22, "ssh", false}, {21, "ftp", false}, {23, "telnet", false}};
  const Fingerprint before = lab.look(ports);
  CHECK(before.prints[0].kind == "ssh-host-key");
  CHECK(before.prints[1].value == "# (vsFTPd #.#.#)");
  CHECK(compare(before, lab.look(ports)) == Likeness::same);
}

TEST_CASE("identity: a port that accepts and says nothing is alive, and nobody knows it") {
  const Peer peer("127.58.0.7", [](int fd, const Peer& self) { self.hold(fd); });
  Lab lab("127.58.0.7");
  const SteadyTime begin = system_clock().now();
  const Fingerprint seen = lab.look({{peer.endpoint().port, "http", false}});
  CHECK(seen.alive);
  CHECK(seen.prints[0].kind == "silent");
  CHECK(compare(seen, seen) == Likeness::unclear);
  CHECK(system_clock().now() - begin < 5s);
}

TEST_CASE("identity: an address outside the scope is an error") {
  Lab lab("127.58.0.8");
  const auto seen = fingerprint(lab.door, Address::parse("127.58.0.9").value(), {}, lab.recorder,
                                system_clock(), system_clock().now() + 1s);
  REQUIRE_FALSE(seen);
  CHECK(seen.error().kind == ErrorKind::out_of_scope);
}
