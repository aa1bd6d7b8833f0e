#include <fstream>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/judging.hpp"
#include "harness/cli/setup.hpp"
#include "harness/cli/terminal.hpp"
#include "harness/cli/time_authority.hpp"
#include "harness/evidence/run_file.hpp"
#include "harness/evidence/signing.hpp"

namespace haetae::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestReply = 256 * 1024;

Result<Bytes> read_reply(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  Bytes out(kLargestReply + 1);
  in.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  if (!in.is_open() || in.bad() || in.gcount() <= 0) {
    return fail(ErrorKind::not_found,
                fmt::format("cannot read the reply {} of the authority", file.string()));
  }
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

Result<void> write_query(const fs::path& file, const Bytes& query) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    return fail(ErrorKind::invalid_input,
                fmt::format("{} exists already; name another file", file.string()));
  }
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(query.data()),
            static_cast<std::streamsize>(query.size()));
  out.close();
  if (out) return {};
  return fail(ErrorKind::storage, fmt::format("{} cannot be written", file.string()));
}

/// ask_or_take() writes the query over the newest seal, or keeps the reply to it.
Result<void> ask_or_take(const SealArguments& arguments, evidence::RunFile& run) {
  if (arguments.query.empty() && arguments.reply.empty() && arguments.authority.empty()) return {};
  const auto newest = run.newest_seal();
  if (!newest) return tl::unexpected(newest.error());
  const auto& [id, signature] = *newest;
  const auto query = evidence::stamp_query(signature);
  if (!query) return tl::unexpected(query.error());
  if (!arguments.query.empty()) return write_query(arguments.query, *query);
  const bool asked = !arguments.authority.empty();
  const auto reply =
      asked ? ask_authority(arguments.authority, *query) : read_reply(arguments.reply);
  if (!reply) return tl::unexpected(reply.error());
  const auto token = evidence::token_of(*reply, signature);
  if (!token) {
    return fail(fmt::format("{} is no stamp of seal {}",
                            asked ? "the authority's reply" : arguments.reply.string(), id),
                token.error());
  }
  return run.stamp(id, *token);
}

void tell(const fs::path& file, const Style& style) {
  const auto checked = evidence::verify(file, std::nullopt);
  if (!checked) return;
  fmt::print(fmt::runtime(style.korean ? "{}: {}번 고리까지 봉인함 ({}, 공개키 {})\n"
                                       : "{}: sealed to link {} ({}, public key {})\n"),
             file.string(), checked->sealed_to, checked->algorithm,
             evidence::fingerprint(checked->signer).substr(0, 16));
}

}  // namespace

int seal(const SealArguments& arguments) {
  const bool only_stamp = !arguments.seal && !(arguments.query.empty() && arguments.reply.empty() &&
                                               arguments.authority.empty());
  if (auto sound = unchanged(arguments.run); !sound) return complain(sound.error());
  auto run = evidence::RunFile::open(arguments.run, true, system_clock());
  if (!run) return complain(run.error());
  if (!only_stamp) {
    const auto key = seal_key(arguments.key);
    if (!key) return complain(key.error());
    if (auto sealed = run->seal(*key); !sealed) return complain(sealed.error());
  }
  if (auto done = ask_or_take(arguments, *run); !done) return complain(done.error());
  if (auto finished = run->finish(); !finished) return complain(finished.error());
  if (!only_stamp) tell(arguments.run, style_of(stdout, {}));
  return exit_code::kConformant;
}

}  // namespace haetae::cli
