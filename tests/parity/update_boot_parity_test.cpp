#include <catch2/catch.hpp>

#include "harness/formats/update_image.hpp"
#include "tests/support/update_maker.hpp"

using namespace haetae;
using formats::Mutation;
using formats::UpdateFile;
using test::Maker;

namespace {

UpdateFile read(ByteView file, const std::vector<Bytes>& keys) {
  auto out = formats::read_update_file(file, std::nullopt, keys);
  INFO((out ? "" : out.error().message()));
  REQUIRE(out);
  return *out;
}

void put(Bytes& out, std::uint64_t value, std::size_t bytes) {
  for (std::size_t at = 0; at < bytes; ++at)
    out.push_back(static_cast<std::uint8_t>(value >> (8 * at)));
}

// What mkimage and dumpimage check themselves: header and data checksum.
std::string listed(const Maker& maker, ByteView file) {
  maker.write("asked.img", file);
  const auto done = maker.try_run({"dumpimage", "-l", "asked.img"});
  return done.exit_code == 0 ? done.output : std::string();
}

Bytes fit(const Maker& maker, const std::string& algorithm, const std::string& node,
          const std::vector<std::string>& more) {
  maker.rootfs();
  maker.run({"sh", "-c",
             "mkdir -p keys && cp signer.key keys/dev.key && cp signer.key keys/dev.pem && cp "
             "signer.pem keys/dev.crt"});
  const std::string signature =
      algorithm.empty() ? ""
                        : "signature-1 { algo = \"" + algorithm + "\"; key-name-hint = \"dev\"; };";
  const bool conf = node == "configuration";
  maker.folder().write(
      "image.its",
      "/dts-v1/;\n/ { description = \"Camera firmware\"; #address-cells = <1>;\n"
      " images { kernel-1 { description = \"kernel\"; data = /incbin/(\"rootfs.img\");"
      " type = \"kernel\"; arch = \"arm\"; os = \"linux\"; compression = \"none\";"
      " load = <0x80000>; entry = <0x80000>;"
      " hash-1 { algo = \"sha256\"; }; hash-2 { algo = \"crc32\"; };" +
          (conf ? "" : signature) +
          " }; };\n"
          " configurations { default = \"conf-1\"; conf-1 { description = \"camera\";"
          " kernel = \"kernel-1\"; compatible = \"maker,camera\";" +
          (conf ? signature : "") + " }; }; };\n");
  std::vector<std::string> call{"mkimage"};
  call.insert(call.end(), more.begin(), more.end());
  for (const char* word : {"-f", "image.its", "-k", "keys", "image.itb"}) call.emplace_back(word);
  maker.run(call);
  return maker.bytes("image.itb");
}

}  // namespace

TEST_CASE(
    "uImage: dumpimage takes every altered image, so that only a check of origin can refuse") {
  const Maker maker;
  maker.rootfs();
  maker.run({"mkimage", "-A", "arm", "-O", "linux", "-T", "kernel", "-C", "none", "-a", "0x80000",
             "-e", "0x80000", "-n", "camera-1.2.0", "-d", "rootfs.img", "u.img"});
  const Bytes file = maker.bytes("u.img");
  const UpdateFile known = read(file, {});
  CHECK(known.format == "uimage");
  CHECK(known.model == "camera-1.2.0");
  REQUIRE(known.signatures.size() == 1);
  CHECK(known.signatures[0].scheme == "crc");
  const auto all = formats::mutate(file, known);
  CHECK(all.size() == 6);
  for (const Mutation& one : all) {
    INFO(one.id << ": " << one.what);
    // dumpimage wants the file to be as long as the header tells.
    const bool cut = one.id == "truncated" || one.id == "empty";
    const bool whole = !cut && one.id != "trailing-data";
    const std::string told = listed(maker, one.bytes);
    CHECK((told.find("Image Name:") != std::string::npos) == whole);
    if (one.id == "wrong-model") CHECK(told.find("haetae-other-model") != std::string::npos);
    if (cut) CHECK_FALSE(formats::read_update_file(one.bytes, std::nullopt, {}));
    if (one.id != "flip-payload") continue;
    REQUIRE_FALSE(one.marker.empty());
    maker.write("altered.img", one.bytes);
    maker.run({"dumpimage", "-T", "kernel", "-p", "0", "-o", "unpacked", "altered.img"});
    CHECK(as_text(maker.bytes("unpacked")).find(one.marker) != std::string_view::npos);
  }
}

TEST_CASE("FIT: what mkimage signs is judged so, with data inside and outside of the tree") {
  struct Case {
    const char *algorithm, *node, *scheme, *key;
    std::vector<std::string> more;
  };
  const std::vector<Case> cases{
      {"sha256,rsa2048", "configuration", "rsa-pkcs1", "rsa:2048", {}},
      {"sha256,rsa2048", "image", "rsa-pkcs1", "rsa:2048", {}},
      {"sha256,rsa2048", "configuration", "rsa-pkcs1", "rsa:2048", {"-E"}},
      {"sha1,rsa4096", "configuration", "rsa-pkcs1", "rsa:4096", {}}};
  for (const Case& one : cases) {
    INFO(one.algorithm << " over " << one.node << " " << one.more.size());
    const Maker maker(one.key);
    const Bytes file = fit(maker, one.algorithm, one.node, one.more);
    const std::vector<Bytes> keys{maker.bytes("signer.pub")};
    const UpdateFile known = read(file, keys);
    CHECK(known.format == "fit");
    CHECK(known.model == "maker,camera");
    REQUIRE(known.signatures.size() == 1);
    CHECK(known.signatures[0].scheme == one.scheme);
    CHECK(known.signatures[0].key_bits == std::stoi(std::string(one.key).substr(4)));
    CHECK(known.signatures[0].verifies == "yes");
    const Maker stranger;
    CHECK(read(file, {stranger.bytes("signer.pub")}).signatures[0].verifies == "no");
    const auto all = formats::mutate(file, known);
    CHECK(all.size() == 10);
    for (const Mutation& altered : all) {
      INFO(altered.id << ": " << altered.what);
      if (altered.id == "truncated" || altered.id == "empty") continue;
      const std::string told = listed(maker, altered.bytes);
      CHECK(told.find("FIT description") != std::string::npos);
      CHECK((told.find("Sign value") == std::string::npos) == (altered.id == "unsigned"));
      const auto judged = read(altered.bytes, keys);
      const std::string wanted = altered.id == "unsigned" ? "none" : one.scheme;
      CHECK(judged.signatures[0].scheme == wanted);
      CHECK((judged.signatures[0].verifies == "yes") == !altered.covered);
      if (altered.marker.empty()) continue;
      maker.write("altered.itb", altered.bytes);
      maker.run({"dumpimage", "-T", "flat_dt", "-p", "0", "-o", "unpacked", "altered.itb"});
      const Bytes image = maker.bytes("unpacked");
      CHECK(as_text(image).find(altered.marker) != std::string_view::npos);
      CHECK(told.find(to_hex(sha256(image))) != std::string::npos);
    }
  }
}

TEST_CASE("FIT without a signature has digests only, and they are put right") {
  const Maker maker;
  const Bytes file = fit(maker, "", "configuration", {});
  const UpdateFile known = read(file, {});
  CHECK(known.signatures[0].scheme == "none");
  CHECK(formats::mutate(file, known).size() == 7);
}

TEST_CASE("TRX: the checksum over the rest is put right after each change") {
  const auto trx = [](const Bytes& payload) {
    Bytes body;
    put(body, 0x00010000, 4);
    for (const std::uint32_t offset : {28U, 0U, 0U}) put(body, offset, 4);
    body.insert(body.end(), payload.begin(), payload.end());
    std::uint32_t sum = 0xffffffffU;
    for (const std::uint8_t byte : body) {
      sum ^= byte;
      for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0xedb88320U : 0U);
    }
    Bytes out{'H', 'D', 'R', '0'};
    put(out, body.size() + 12, 4);
    put(out, sum, 4);
    out.insert(out.end(), body.begin(), body.end());
    return out;
  };
  const Maker maker;
  maker.rootfs();
  const Bytes payload = maker.bytes("rootfs.img"), file = trx(payload);
  const UpdateFile known = read(file, {});
  CHECK(known.format == "trx");
  CHECK(known.signatures[0].scheme == "crc");
  const auto altered = formats::mutate_one(file, known, "flip-payload");
  REQUIRE(altered);
  CHECK(altered->bytes == trx({altered->bytes.begin() + 28, altered->bytes.end()}));
  const auto header = formats::mutate_one(file, known, "flip-header");
  REQUIRE(header);
  CHECK(header->bytes != file);
  CHECK(read(header->bytes, {}).format == "trx");
}

TEST_CASE("MCUboot: signatures by openssl over header, image and protected TLVs") {
  struct Case {
    const char* key;
    std::uint16_t type;
    std::vector<std::string> sign;
    const char* scheme;
  };
  const std::vector<Case> cases{
      {"rsa:2048",
       0x20,
       {"openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
        "rsa_pss_saltlen:32", "-sign", "signer.key", "-out", "sig", "covered"},
       "rsa-pss"},
      {"ec",
       0x22,
       {"openssl", "dgst", "-sha256", "-sign", "signer.key", "-out", "sig", "covered"},
       "ecdsa"},
      {"ed25519",
       0x24,
       {"openssl", "pkeyutl", "-sign", "-rawin", "-inkey", "signer.key", "-in", "digest", "-out",
        "sig"},
       "ed25519"}};
  for (const Case& one : cases) {
    INFO(one.key);
    const Maker maker(one.key);
    maker.rootfs();
    const Bytes image = maker.bytes("rootfs.img");
    Bytes covered;
    put(covered, 0x96f3b83d, 4);
    put(covered, 0, 4);
    put(covered, 32, 2);
    put(covered, 12, 2);
    put(covered, image.size(), 4);
    put(covered, 0, 4);
    put(covered, 0x0003'02'01, 4);
    put(covered, 7, 4);
    put(covered, 0, 4);
    covered.insert(covered.end(), image.begin(), image.end());
    put(covered, 0x000c6908, 4);
    put(covered, 0x00040050, 4);
    put(covered, 42, 4);
    maker.write("covered", covered);
    maker.write("digest", sha256(covered));
    maker.run(one.sign);
    const Bytes digest = sha256(covered), signature = maker.bytes("sig");
    Bytes file = covered;
    put(file, 0x6907, 2);
    put(file, 4 + 4 + 32 + 4 + signature.size(), 2);
    put(file, 0x00200010, 4);
    file.insert(file.end(), digest.begin(), digest.end());
    put(file, one.type, 2);
    put(file, signature.size(), 2);
    file.insert(file.end(), signature.begin(), signature.end());

    const std::vector<Bytes> keys{maker.bytes("signer.pub")};
    const UpdateFile known = read(file, keys);
    CHECK(known.format == "mcuboot");
    CHECK(known.version == "1.2.3+7");
    CHECK(known.counter == 42);
    REQUIRE(known.signatures.size() == 1);
    CHECK(known.signatures[0].scheme == one.scheme);
    CHECK(known.signatures[0].verifies == "yes");
    for (const Mutation& altered : formats::mutate(file, known)) {
      INFO(altered.id << ": " << altered.what);
      if (altered.id == "truncated" || altered.id == "empty") continue;
      const UpdateFile judged = read(altered.bytes, keys);
      if (altered.id == "unsigned") {
        CHECK(judged.signatures[0].scheme == "none");
        continue;
      }
      CHECK((judged.signatures[0].verifies == "yes") == !altered.covered);
      CHECK(judged.counter == 42);
    }
  }
}
