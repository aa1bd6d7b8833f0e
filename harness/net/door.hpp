#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/bytes.hpp"
#include "harness/model/clock.hpp"
#include "harness/model/error.hpp"
#include "harness/model/record.hpp"

/// The one door to the network: every byte between the harness and a device passes here. It
/// refuses addresses outside the scope, holds the connection limit and the pace, gives every call
/// a deadline, and writes what passes into transcripts.
namespace haetae::net {

/// Conn is one byte stream to the device. Not safe for concurrent use by two threads.
class Conn {
 public:
  virtual ~Conn() = default;

  /// read_some() waits until `deadline` for at least one byte. 0 bytes means that the peer ended
  /// the stream in good order; a reset is ErrorKind::closed.
  [[nodiscard]] virtual Result<std::size_t> read_some(std::span<std::uint8_t> into,
                                                      SteadyTime deadline) = 0;
  /// write() sends all of `bytes` or fails.
  [[nodiscard]] virtual Result<void> write(ByteView bytes, SteadyTime deadline) = 0;
  /// close() ends the stream; a second call does nothing.
  virtual void close() = 0;
  /// evidence() is the transcript of this conversation.
  [[nodiscard]] virtual EvidenceId evidence() const = 0;
  /// note() adds an event (or the clear text inside a secure channel) to the transcript.
  virtual void note(Direction direction, ByteView bytes) = 0;
  /// descriptor() is the socket, for libssh only. It stays owned by the Conn.
  /// It must not be used beside read_some(), which reads ahead.
  [[nodiscard]] virtual int descriptor() const = 0;
  /// now() is the time that this stream's deadlines are measured by.
  [[nodiscard]] virtual SteadyTime now() const { return std::chrono::steady_clock::now(); }
};

/// read_exactly(), read_until() and read_all() are the usual loops over Conn::read_some().
[[nodiscard]] Result<Bytes> read_exactly(Conn& conn, std::size_t count, SteadyTime deadline);
/// read_until() returns all bytes up to and including `end`; more than `limit` is a protocol error.
[[nodiscard]] Result<std::string> read_until(Conn& conn, std::string_view end, std::size_t limit,
                                             SteadyTime deadline);
/// read_all() reads until the peer ends, `limit` bytes came, or `quiet` passed without a byte;
/// never an error for a silent peer: it returns what came.
[[nodiscard]] Bytes read_all(Conn& conn, std::size_t limit, Duration quiet, SteadyTime deadline);

enum class PortState { open, closed, filtered };

struct SweepOptions {
  int window = 2048;  ///< connections under way at once, at most
  /// Attempts a second, at most. The sweep starts at 5,000 and gets there only while the device
  /// keeps answering without loss; where nothing answers it stays below 25,000.
  double per_second = 100000;
  Duration wait = 1s;  ///< how long an attempt may stay unanswered
  int passes = 2;      ///< unanswered ports are asked again this often
  bool raw = true;     ///< half-open SYN sweep where we may; otherwise connect()
};

struct SweepResult {
  std::vector<std::uint16_t> open;      ///< ascending
  std::vector<std::uint16_t> filtered;  ///< ascending: unanswered in every pass, or ICMP prohibited
  std::uint64_t asked = 0;              ///< attempts sent
  Duration median_answer{};             ///< of answered attempts
  bool whole = false;             ///< false if stopped or the local system could not ask every port
  std::string why;                ///< when not whole
  std::uint64_t closed = 0;       ///< ports that answered with RST
  std::uint64_t silent_tail = 0;  ///< attempts of the first pass after the last answer in it; the
                                  ///< order is random, so thousands mean that we were blocked
  bool raw = false;               ///< half-open SYN, not connect()
};

/// Datagram is one answer to a UDP question.
struct Datagram {
  Endpoint from;
  Bytes bytes;
};

struct UdpQuestion {
  Endpoint to;  ///< may be a multicast group that the scope's link allows (SSDP, mDNS)
  Bytes payload;
  std::string label;
  std::string subject;
};

struct UdpAnswer {
  std::vector<Datagram> datagrams;  ///< from addresses inside the scope only, at most 64
  bool port_unreachable = false;    ///< ICMP said so: the port is closed
  bool prohibited = false;          ///< another ICMP unreachable: the port is filtered
  bool unsent = false;              ///< our own side could not send: the question was not asked
  std::uint64_t dropped = 0;        ///< datagrams from outside the scope, or above the limit
  EvidenceId evidence = 0;
};

struct Limits {
  int connections = 32;        ///< to one device at once
  double per_second = 2000;    ///< connections a second (sweeps have their own pace)
  Duration connect_wait = 3s;  ///< an unanswered connect is `timed_out` after this
};

/// Stress is what the door saw of the device's answering time.
struct Stress {
  std::chrono::microseconds baseline{};  ///< median of the first connects
  std::chrono::microseconds recent{};    ///< median of the last connects
  std::uint64_t connects = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t refused = 0;
  std::uint64_t unreachable = 0;
  std::uint64_t resets = 0;               ///< streams that the device reset after the handshake
  std::uint64_t unanswered_in_a_row = 0;  ///< since the last answer; high: we may be blocked
  double pace = 0;                        ///< connections a second now
  /// factor() is recent / baseline, 1 when unknown.
  [[nodiscard]] double factor() const;
};

/// ConsoleLine is where the debug port of the board ends: a tty of this machine, or a server that
/// passes it on over TCP.
struct ConsoleLine {
  std::string device;              ///< file of a tty; used where no server is given
  int baud = 115200;               ///< of the tty, 8 data bits, no parity, no flow control
  std::optional<Endpoint> server;  ///< inside the scope; raw bytes, or telnet (RFC 854)
};

/// Hook is a command of the device file that a person allowed (power-cycle, reset, version).
struct HookResult {
  int exit_code = 0;
  std::string output;  ///< at most 64 KiB
};

/// Program is a program of the laboratory that reads what somebody handed over, such as a PDF. It
/// runs as a separate process without a shell, with nothing of our environment but the path, and
/// within bounds, so that hostile content can hurt nothing but itself.
struct Program {
  std::vector<std::string> arguments;  ///< the program first; none comes from the device or a file
  ByteView input;                      ///< its standard input, a file that it may seek in
  std::size_t most_output = 16U << 20U;     ///< bytes of standard output that are kept
  std::uint64_t most_memory = 1ULL << 30U;  ///< bytes of address space
  std::chrono::seconds most_time{30};       ///< of the processor
};
struct ProgramResult {
  int exit_code = 0;  ///< 128 and more: ended by a signal; 127: there is no such program
  std::string output;
  bool cut = false;  ///< there was more output than was kept
};

class Listener;
class Mailbox;

/// Door is safe to use from several threads.
class Door {
 public:
  Door(Scope scope, Limits limits, Clock& clock);
  ~Door();
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  /// connect() opens a TCP stream; its conversation is written to `recorder`, which must outlive
  /// the stream. Waits for a free place within the connection limit and the pace; where the
  /// device's answers have slowed down, so does the pace.
  [[nodiscard]] Result<std::unique_ptr<Conn>> connect(const Endpoint& to, Recorder& recorder,
                                                      std::string_view subject,
                                                      std::string_view label, SteadyTime deadline);

  /// listen() opens a port of ours at an address inside the scope (another is out_of_scope); only
  /// peers inside the scope are heard. `recorder` must outlive the listener and its streams.
  [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Recorder& recorder,
                                                         std::string_view subject);

  /// hear() opens a UDP port of ours at an address inside the scope (another is out_of_scope); only
  /// peers inside the scope are heard. What comes is written to `recorder`, which must outlive it.
  [[nodiscard]] Result<std::unique_ptr<Mailbox>> hear(const Endpoint& at, Recorder& recorder,
                                                      std::string_view subject,
                                                      std::string_view label);

  /// sweep() asks every port of `ports` (empty: all 65,535) whether it is open.
  /// `progress` is called with the number of ports answered so far, a few times a second.
  [[nodiscard]] Result<SweepResult> sweep(const Address& address,
                                          std::span<const std::uint16_t> ports,
                                          const SweepOptions& options, std::stop_token stop,
                                          const std::function<void(std::size_t)>& progress);

  /// ask() sends every question at once and collects answers until `wait` has passed since the
  /// last send; unanswered questions are sent once more at half time. One UdpAnswer per question.
  [[nodiscard]] Result<std::vector<UdpAnswer>> ask(std::span<const UdpQuestion> questions,
                                                   Duration wait, Recorder& recorder,
                                                   std::stop_token stop);

  /// console() opens the debug port for this process alone. A tty is set to raw bytes at the given
  /// speed, never becomes our controlling terminal, and gets its settings back when the stream is
  /// closed; modem lines are not dropped then, as some boards reset by them. A console server's
  /// telnet options are declined once each and kept out of the stream. ErrorKind::invalid_input:
  /// no tty, or a speed that it does not have; ErrorKind::budget: another program holds it.
  [[nodiscard]] Result<std::unique_ptr<Conn>> console(const ConsoleLine& line, Recorder& recorder,
                                                      std::string_view subject,
                                                      std::string_view label, SteadyTime deadline);

  /// run_hook() runs a declared command without a shell, words split at blanks, nothing from the
  /// device in it, and kills it (with its children) at the deadline.
  [[nodiscard]] Result<HookResult> run_hook(std::string_view command, SteadyTime deadline);

  /// run_program() runs a program and kills it at the deadline (ErrorKind::timed_out).
  [[nodiscard]] Result<ProgramResult> run_program(const Program& program, SteadyTime deadline);

  [[nodiscard]] Stress stress() const;
  [[nodiscard]] const Scope& scope() const;
  /// on_link() says whether a network of the scope lies on a link of this machine, so that
  /// multicast questions may be asked.
  [[nodiscard]] bool on_link() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace haetae::net
