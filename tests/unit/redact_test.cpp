#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>

#include "harness/cli/proof_file.hpp"
#include "harness/evidence/byte_search.hpp"
#include "harness/evidence/database.hpp"
#include "harness/evidence/proof.hpp"
#include "harness/evidence/redact.hpp"
#include "harness/evidence/transcript.hpp"
#include "harness/model/secret_forms.hpp"
#include "tests/support/daemon.hpp"

/// Copies of a run without its secrets, and proofs of what was left out.
namespace {

using namespace haetae;
using namespace haetae::evidence;

const std::string kSecret = "Sim&Cam \"2026'/x?";

/// Bench is a run with one secret and contents; `seal()` ends it.
class Bench {
 public:
  explicit Bench(std::string note = "nothing") {
    auto made = RunFile::create(
        folder_.file("run.haetae"), {},
        [&](Transaction& first) -> Result<void> {
          for (const auto& [name, value] :
               {std::pair<std::string, std::string>{"uuid", "u-1"}, {"note", note}}) {
            auto row = first.insert("run", {{"name", name}, {"value", value}});
            if (!row) return tl::unexpected(row.error());
          }
          auto text = first.insert("document", {{"kind", std::string("catalogue")},
                                                {"name", std::string("a.xml")},
                                                {"sha256", std::string("0")},
                                                {"text", std::string("<row p=\"public-word\"/>")}});
          if (!text) return tl::unexpected(text.error());
          if (auto done = first.insert(StoredSecret{1, "password", kSecret}); !done) return done;
          if (auto done = first.insert(StoredSecret{2, "password", "public-word"}); !done)
            return done;
          return first.insert(StoredSecret{3, "password", "abc"});
        },
        system_clock());
    REQUIRE(made);
    run_.emplace(std::move(*made));
  }

  EvidenceId add(Bytes content, std::string_view media_type = "text/plain") {
    auto transaction = run_->begin("procedure x");
    REQUIRE(transaction);
    REQUIRE((*transaction)
                ->insert(StoredEvidence{.id = ++last_,
                                        .procedure = "x",
                                        .kind = "artefact",
                                        .subject = "lan",
                                        .label = "x",
                                        .media_type = std::string(media_type),
                                        .at = WallTime{},
                                        .content = std::move(content),
                                        .cut = 0}));
    REQUIRE((*transaction)->commit());
    return last_;
  }
  EvidenceId add(std::string_view text) { return add(Bytes(text.begin(), text.end())); }

  RunFile& sealed() {
    const auto key = SigningKey::load(folder_.file("key.pem"), true);
    REQUIRE(key);
    REQUIRE(run_->seal(*key));
    REQUIRE(run_->finish());
    public_key_ = key->public_key();
    return *run_;
  }
  [[nodiscard]] std::filesystem::path copy() const { return folder_.path() / "copy.haetae"; }
  [[nodiscard]] const Bytes& public_key() const { return public_key_; }

 private:
  test::TempDir folder_;
  std::optional<RunFile> run_;
  EvidenceId last_ = 0;
  Bytes public_key_;
};

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool is_withheld(const std::filesystem::path& file, EvidenceId id) {
  const auto run = RunFile::open(file, false, system_clock());
  REQUIRE(run);
  return !run->content(id);
}

}  // namespace

TEST_CASE("the search finds what a plain search finds, in pieces too", "[unit]") {
  std::mt19937 random(7);
  const auto text = [&](std::size_t size) {
    std::string out;
    for (std::size_t at = 0; at < size; ++at) out += static_cast<char>('a' + random() % 3);
    return out;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> patterns;
    ByteSearch search;
    for (std::uint32_t tag = 0; tag < 5; ++tag) {
      patterns.push_back(text(1 + random() % 6));
      search.add(patterns.back(), tag);
    }
    search.build();
    const std::string hay = text(random() % 20);
    bool there = false;
    for (const auto& pattern : patterns) there = there || hay.find(pattern) != std::string::npos;
    ByteSearch::State state = 0;
    bool found = false;
    for (const char letter : hay) {
      found = found || search.find(as_bytes({&letter, 1}), state) != ByteSearch::kNothing;
    }
    CHECK(found == there);
    CHECK((search.find(as_bytes(hay)) != ByteSearch::kNothing) == there);
  }
  ByteSearch all;
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  all.add(every, 1);
  all.build();
  CHECK(all.find(as_bytes("x" + every)) == 1);
  CHECK(all.find(as_bytes(every.substr(1))) == ByteSearch::kNothing);
}

TEST_CASE("every form of a secret is known", "[unit]") {
  const auto forms = secret_forms(kSecret);
  const auto among = [&](std::string_view text) {
    return std::ranges::any_of(forms,
                               [&](const auto& form) { return text.find(form) != text.npos; });
  };
  // Written by other programs: python's base64, urllib.parse, html and json.
  CHECK(among("U2ltJkNhbSAiMjAyNicveD8="));
  CHECK(among("dXNlcjpTaW0mQ2FtICIyMDI2Jy94Pw=="));  // user:…
  CHECK(among("YWRtaW46U2ltJkNhbSAiMjAyNicveD8="));  // admin:…
  CHECK(among("eHg6U2ltJkNhbSAiMjAyNicveD8_eg=="));  // URL-safe
  CHECK(among("53696d2643616d20223230323627 2f783f") == false);
  CHECK(among("53696d2643616d202232303236272f783f"));
  CHECK(among("53696D2643616D202232303236272F783F"));
  CHECK(among("Sim%26Cam%20%222026%27%2Fx%3F"));
  CHECK(among("Sim%26Cam+%222026%27%2Fx%3F"));
  CHECK(among("Sim&amp;Cam &quot;2026&#39;/x?"));
  CHECK(among("Sim&amp;Cam &quot;2026&#x27;/x?") == false);
  CHECK(among("Sim&amp;Cam &quot;2026'/x?"));
  CHECK(among(R"(Sim&Cam \"2026'/x?)"));
  CHECK(among(R"(Sim&Cam \"2026'\/x?)"));
  CHECK(among(R"('Sim&Cam "2026'\''/x?')"));
  CHECK(among(std::string("S\0i\0m\0&\0C\0a\0m\0 \0\"\0002\0000\0002\0006\0'\0/\0x\0?\0", 34)));
  CHECK_FALSE(among("Sim&Cam 2026"));
}

TEST_CASE("a redacted copy verifies, and holds a secret in no form", "[unit]") {
  Bench bench;
  std::vector<EvidenceId> with;
  for (const std::string& form : secret_forms(kSecret))
    with.push_back(bench.add("<<" + form + ">>"));
  with.push_back(bench.add("PIN abc"));
  // A chunk ends inside the secret, and so does a record of a transcript.
  std::string large(1024 * 1024 - 5, '.');
  with.push_back(bench.add(large + kSecret + "!"));
  with.push_back(bench.add(
      encode_transcript(
          {{Direction::sent, 1, {'S', 'i', 'm', '&', 'C', 'a'}},
           {Direction::received, 2, {'S'}},
           {Direction::sent, 3, {'m', ' ', '"', '2', '0', '2', '6', '\'', '/', 'x', '?'}}}),
      kTranscriptMediaType));
  const EvidenceId clean = bench.add("public-word, Sim and Cam"), empty = bench.add("");
  RunFile& run = bench.sealed();
  const auto before = verify(run.path(), bench.public_key());
  REQUIRE(before);

  const auto done = redact(run, bench.copy(), {});
  REQUIRE(done);
  CHECK(done->left.empty());
  CHECK(done->secrets == 3);
  CHECK(done->with_secret == with.size());
  CHECK(done->kept == 2);
  CHECK(done->published == std::vector<SecretId>{2});
  CHECK(done->short_ones == std::vector<SecretId>{3});
  const auto after = verify(bench.copy(), bench.public_key());
  REQUIRE(after);
  CHECK(after->intact());
  CHECK(after->withheld == static_cast<std::int64_t>(with.size() + 3));
  CHECK(after->root == before->root);
  CHECK(after->sealed_to == before->sealed_to);
  CHECK(after->signer_known);
  for (const EvidenceId id : with) CHECK(is_withheld(bench.copy(), id));
  CHECK_FALSE(is_withheld(bench.copy(), clean));
  CHECK_FALSE(is_withheld(bench.copy(), empty));
  const std::string bytes = bytes_of(bench.copy());
  for (const std::string& form : secret_forms(kSecret)) CHECK(bytes.find(form) == bytes.npos);
}

TEST_CASE("contents are withheld as asked", "[unit]") {
  Bench bench;
  const EvidenceId one = bench.add("one"), two = bench.add("two"), three = bench.add("three");
  const RunFile& run = bench.sealed();
  SECTION("by id") {
    REQUIRE(redact(run, bench.copy(), {.withhold = {two}, .only = {}, .all = false, .names = {}}));
    CHECK(is_withheld(bench.copy(), two));
    CHECK_FALSE(is_withheld(bench.copy(), one));
  }
  SECTION("all but some") {
    REQUIRE(
        redact(run, bench.copy(),
               {.withhold = {}, .only = std::set<EvidenceId>{three}, .all = false, .names = {}}));
    CHECK(is_withheld(bench.copy(), one));
    CHECK_FALSE(is_withheld(bench.copy(), three));
  }
  SECTION("all") {
    const auto done =
        redact(run, bench.copy(), {.withhold = {}, .only = {}, .all = true, .names = {}});
    REQUIRE(done);
    CHECK(done->asked == 3);
    CHECK(is_withheld(bench.copy(), three));
  }
  const auto copy = verify(bench.copy(), std::nullopt);
  REQUIRE(copy);
  CHECK(copy->intact());
}

TEST_CASE("a secret in a table stops the copy and is named", "[unit]") {
  for (const std::string& form : secret_forms(kSecret)) {
    if (form.find('\0') != std::string::npos) continue;
    Bench bench("see " + form);
    const auto done = redact(bench.sealed(), bench.copy(), {});
    REQUIRE(done);
    INFO(form);
    REQUIRE(done->left.size() == 1);
    CHECK(done->left.front() == "run row 2 cell value holds secret 1");
    CHECK_FALSE(std::filesystem::exists(bench.copy()));
  }
  Bench bench("see " + kSecret);
  const auto named = redact(bench.sealed(), bench.copy(),
                            {.withhold = {}, .only = {}, .all = false, .names = {kSecret}});
  REQUIRE(named);
  CHECK(named->left.empty());
}

TEST_CASE("a copy never takes the place of a file", "[unit]") {
  Bench bench;
  std::ofstream(bench.copy()) << "mine";
  CHECK_FALSE(redact(bench.sealed(), bench.copy(), {}));
  CHECK(bytes_of(bench.copy()) == "mine");
}

TEST_CASE("a proof fits the copy, and every changed byte of it is found", "[unit]") {
  Bench bench, other;
  const EvidenceId secret_one = bench.add("uses " + kSecret);
  other.add("uses " + kSecret);
  const RunFile& run = bench.sealed();
  const RunFile& stranger = other.sealed();
  REQUIRE(redact(run, bench.copy(), {}));
  const auto copy = RunFile::open(bench.copy(), false, system_clock());
  REQUIRE(copy);
  for (const auto& [kind, id] :
       {std::pair<std::string, std::int64_t>{"secret", 1}, {"evidence", secret_one}}) {
    CHECK_FALSE(prove(*copy, kind, id));  // withheld there
    const auto proof = prove(run, kind, id);
    REQUIRE(proof);
    const std::string text = cli::proof_text(*proof);
    const auto read = cli::read_proof(text);
    REQUIRE(read);
    CHECK(*read == *proof);
    const auto fits = check_proof(*copy, *read);
    REQUIRE(fits);
    CHECK(fits->empty());
    const auto elsewhere = check_proof(stranger, *read);
    REQUIRE(elsewhere);
    CHECK_FALSE(elsewhere->empty());
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (const char bit : {'\x01', '\x20'}) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ bit);
        const auto again = cli::read_proof(changed);
        if (!again) continue;
        const auto wrong = check_proof(*copy, *again);
        INFO(at << ": " << changed);
        CHECK((!wrong || !wrong->empty()));
      }
    }
  }
  CHECK(prove(run, "secret", 99).error().kind == ErrorKind::not_found);
  CHECK(prove(run, "link", 1).error().kind == ErrorKind::invalid_input);
}

TEST_CASE("a proof can be checked with Python alone, as FORMAT.md says", "[unit]") {
  Bench bench;
  const EvidenceId id = bench.add("some content");
  const auto proof = prove(bench.sealed(), "evidence", id);
  REQUIRE(proof);
  const test::TempDir folder;
  const std::string file = folder.write("proof.json", cli::proof_text(*proof));
  const std::string script =
      "import base64,hashlib,json,sys\n"
      "p=json.load(open(sys.argv[1])); h=lambda b: hashlib.sha256(b)\n"
      "salt=bytes.fromhex(p['salt']); content=base64.b64decode(p['content_base64'])\n"
      "c=h(b'C'+len(salt).to_bytes(8,'big')+salt+h(content).digest()).hexdigest()\n"
      "print(c==p['row']['commitment'])\n";
  const auto result = test::run_tool({"/usr/bin/python3", "-c", script, file});
  CHECK(result.output == "True\n");
}
