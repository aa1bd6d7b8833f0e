#include "harness/evidence/transcript.hpp"

#include <thread>

#include <catch2/catch.hpp>

using namespace haetae;
using namespace haetae::evidence;

namespace {

class StillClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override { return SteadyTime(offset); }
  [[nodiscard]] WallTime wall() const override { return WallTime{}; }
  bool sleep(Duration, std::stop_token) override { return true; }
  Duration offset{0};
};

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("a transcript reads back as it was written") {
  const std::vector<TranscriptRecord> records{
      {Direction::sent, 0, bytes_of("GET / HTTP/1.1\r\n")},
      {Direction::received, 1'234'567'890'123, bytes_of(std::string("\0\xff", 2))},
      {Direction::inside_sent, 7, {}},
      {Direction::inside_received, 8, bytes_of("x")},
      {Direction::event, 9, bytes_of("closed by peer")}};
  const Bytes encoded = encode_transcript(records);
  CHECK(decode_transcript(encoded).value() == records);
  CHECK(decode_transcript(encode_transcript({})).value().empty());
}

TEST_CASE("a damaged transcript is refused") {
  const Bytes good = encode_transcript({{Direction::sent, 5, bytes_of("hello")}});
  for (std::size_t size = 0; size < good.size(); ++size) {
    INFO(size);
    const auto decoded = decode_transcript(ByteView(good).first(size));
    CHECK(decoded.has_value() == (size == 4));
  }
  Bytes direction = good;
  direction[4] = 'x';
  CHECK(decode_transcript(direction).error().kind == ErrorKind::protocol);
  Bytes length = good;
  length[13] = 0xff;
  CHECK(decode_transcript(length).error().kind == ErrorKind::protocol);
  CHECK(decode_transcript(as_bytes("HTR2")).error().kind == ErrorKind::protocol);
}

TEST_CASE("the buffer keeps conversations apart, with times, and numbers them from the counter") {
  StillClock clock;
  std::atomic<EvidenceId> next = 41;
  EvidenceBuffer buffer("tls", next, clock);
  const EvidenceId first = buffer.transcript("lan:tcp/443", "hello");
  const EvidenceId second = buffer.transcript("lan:tcp/80", "GET /");
  buffer.append(first, Direction::sent, as_bytes("a"));
  clock.offset = std::chrono::milliseconds(3);
  buffer.append(second, Direction::sent, as_bytes("b"));
  buffer.append(first, Direction::received, as_bytes("c"));
  buffer.append(999, Direction::received, as_bytes("ignored"));
  const EvidenceId artefact = buffer.attach("lan", "ports", "text/csv", as_bytes("1,2"));
  const EvidenceId document = buffer.attach_document("lan", "policy", "text/plain", as_bytes("p"));
  buffer.append(artefact, Direction::sent, as_bytes("not a transcript"));
  CHECK((first == 41 && second == 42 && artefact == 43 && document == 44 && next == 45));
  const auto taken = buffer.take();
  REQUIRE(taken.size() == 4);
  CHECK(decode_transcript(taken[0].content).value() ==
        std::vector<TranscriptRecord>{{Direction::sent, 0, bytes_of("a")},
                                      {Direction::received, 3000, bytes_of("c")}});
  CHECK(taken[0].procedure == "tls");
  CHECK(taken[1].subject == "lan:tcp/80");
  CHECK((taken[2].kind == "artefact" && taken[2].content == bytes_of("1,2")));
  CHECK(taken[3].kind == "document");
  CHECK(buffer.take().empty());
  CHECK(buffer.kept() == 0);
}

TEST_CASE("what is beyond the limits is counted and not kept") {
  StillClock clock;
  std::atomic<EvidenceId> next = 1;
  EvidenceBuffer buffer("x", next, clock, {.conversation = 100, .total = 250});
  const Bytes much(1000, 'x');
  const EvidenceId first = buffer.transcript("lan", "flood");
  buffer.append(first, Direction::received, much);
  buffer.append(first, Direction::received, as_bytes("y"));
  const EvidenceId second = buffer.transcript("lan", "flood");
  for (int index = 0; index < 1000; ++index) buffer.append(second, Direction::event, {});
  buffer.attach("lan", "image", "application/octet-stream", much);
  const EvidenceId late = buffer.transcript("lan", "late");
  buffer.append(late, Direction::sent, as_bytes("abc"));
  const auto taken = buffer.take();
  REQUIRE(taken.size() == 4);
  CHECK(taken[0].content.size() == 100);
  CHECK(taken[0].cut == 1000 - 83 + 1);
  CHECK(decode_transcript(taken[0].content).value().size() == 1);
  CHECK(taken[1].content.size() <= 100);
  CHECK(taken[2].content.size() + taken[1].content.size() == 150);
  CHECK(taken[2].cut + static_cast<std::int64_t>(taken[2].content.size()) == 1000);
  CHECK(taken[3].cut == 3);
}

TEST_CASE("several threads may write at once") {
  StillClock clock;
  std::atomic<EvidenceId> next = 1;
  EvidenceBuffer buffer("x", next, clock);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&buffer] {
        for (int index = 0; index < 200; ++index) {
          const EvidenceId id = buffer.transcript("lan", "t");
          buffer.append(id, Direction::sent, as_bytes("ping"));
          buffer.append(id, Direction::received, as_bytes("pong"));
        }
      });
    }
  }
  const auto taken = buffer.take();
  REQUIRE(taken.size() == 800);
  for (const auto& evidence : taken) CHECK(decode_transcript(evidence.content).value().size() == 2);
}
