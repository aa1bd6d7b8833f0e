#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/protocols/tls_client.hpp"
#include "harness/protocols/tls_probe.hpp"
#include "harness/runner/procedure.hpp"

/// Asking one TLS endpoint by hellos of our own, with the controls that make "not offered" count.
namespace haetae::testcases {

/// Asked is one hello with its answer and its transcript.
struct Asked {
  bool connected = false;  ///< false: no TCP connection, so the question was never put
  protocols::HelloAnswer answer{};
  EvidenceId evidence = 0;
  std::string problem{};  ///< when not connected
};

/// Accepted is a suite that the endpoint chose, with what came along.
struct Accepted {
  protocols::TlsVersion version = protocols::TlsVersion::tls1_2;
  std::uint16_t suite = 0;
  protocols::Flight flight{};
  EvidenceId evidence = 0;
};

/// ChainEnd says why "offer all, drop what was chosen, repeat" stopped.
enum class ChainEnd {
  refused,    ///< the endpoint said so: an alert that means it, or an older version
  exhausted,  ///< nothing was left to offer
  unclear,    ///< closed, silent, or an alert that may mean that the hello itself was too much
  unreached,  ///< no connection, or the run was asked to stop
};

struct Chain {
  protocols::TlsVersion version = protocols::TlsVersion::tls1_2;
  std::vector<std::uint16_t> left;  ///< still to be offered; at the end: what was refused
  std::vector<Accepted> accepted{};
  ChainEnd end = ChainEnd::unreached;
  EvidenceId evidence = 0;  ///< of the last answer
  std::string detail{};     ///< of the last answer
};

/// Asker talks to one endpoint. Its functions may be called from several threads.
class Asker {
 public:
  Asker(runner::Context& context, declaration::PortName port);

  [[nodiscard]] Asked ask(const protocols::ClientHello& hello, std::string_view label);
  [[nodiscard]] Result<std::unique_ptr<net::Conn>> connect(std::string_view label);
  /// handshake() is a whole handshake by OpenSSL; `evidence` is set as soon as there is one.
  [[nodiscard]] Result<std::unique_ptr<protocols::TlsConn>> handshake(
      const protocols::TlsOptions& options, std::string_view label, EvidenceId& evidence);

  /// find_reference() looks for a short ordinary hello that the endpoint answers; false: none.
  bool find_reference();
  /// adopt_reference() makes an accepted suite the reference, unless there is one already.
  void adopt_reference(const Accepted& accepted);
  /// width() is how many questions may be under way at once: fewer where answers are slow, since a
  /// small device makes them one after another.
  [[nodiscard]] std::size_t width() const;
  /// reference_works() says the same hello again: the endpoint is alive and still answers.
  [[nodiscard]] bool reference_works();
  [[nodiscard]] bool has_reference() const { return reference_.has_value(); }
  /// mute() is true if the search for a reference met only silence and failed connections.
  [[nodiscard]] bool mute() const { return mute_; }

  /// run() continues `chain` until it ends.
  void run(Chain& chain, protocols::Extensions extensions);
  /// settle() repeats an unclear chain in small groups with short hellos. Afterwards it is refused
  /// only if every group was refused twice while the reference worked.
  void settle(Chain& chain);

  [[nodiscard]] runner::Context& context() { return context_; }
  [[nodiscard]] const declaration::PortName& port() const { return port_; }
  [[nodiscard]] SteadyTime deadline() const;

 private:
  runner::Context& context_;
  declaration::PortName port_;
  std::vector<protocols::KeyShare> shares_;
  std::optional<protocols::ClientHello> reference_;
  Duration patience_;  ///< how long an answer may take
  Duration reference_took_{};
  bool mute_ = false;
};

/// usual_groups() are all named groups but the finite-field ones, which would hide a server's own
/// Diffie-Hellman prime (RFC 7919, section 4).
[[nodiscard]] std::vector<std::uint16_t> usual_groups();
[[nodiscard]] std::vector<std::uint16_t> all_groups();
[[nodiscard]] std::vector<std::uint16_t> all_schemes();

/// says_no() is true for alerts that refuse what was offered, not the hello itself.
[[nodiscard]] bool says_no(std::uint8_t alert);

}  // namespace haetae::testcases
