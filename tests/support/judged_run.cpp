#include "tests/support/judged_run.hpp"

#include <stdexcept>

#include "tests/support/sample_catalogue.hpp"

namespace haetae::test {

using namespace evidence;

namespace {

constexpr const char* kAt = "2026-11-22T12:00:00.000Z";

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::vector<catalogue::SourceText> sources() {
  auto out = sample_sources();
  out.pop_back();  // without the profile
  return out;
}

Result<void> write_first(Transaction& transaction) {
  for (const auto& source : sources()) {
    auto row = transaction.insert("document", {{"kind", std::string("catalogue")},
                                               {"name", source.name},
                                               {"sha256", to_hex(sha256(as_bytes(source.text)))},
                                               {"text", source.text}});
    if (!row) return tl::unexpected(row.error());
  }
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"type", "standard"}, {"only", ""}, {"started", kAt}, {"tool", "tool 1"}}) {
    auto row = transaction.insert("run", {{"name", name}, {"value", value}});
    if (!row) return tl::unexpected(row.error());
  }
  return {};
}

RunFile create(const std::filesystem::path& file) {
  const auto tables = need(load_fact_tables(HAETAE_SOURCE_DIR "/testcases/facts"));
  return need(RunFile::create(file, tables, &write_first, system_clock()));
}

}  // namespace

JudgedRun::JudgedRun(const std::filesystem::path& file) : run_(create(file)) {
  writer_ = need(run_.begin("procedure tls"));
  for (const auto& [topic, subject] : std::map<std::string, std::string>{
           {"tls.endpoints", "lan"}, {"tls.suites", "lan:tcp/443"}}) {
    insert("coverage", {{"topic", topic},
                        {"subject", subject},
                        {"state", std::string("complete")},
                        {"cause", std::string("none")},
                        {"why", std::string()},
                        {"tried", std::string()},
                        {"procedure", std::string("tls")},
                        {"version", std::int64_t{1}}});
  }
  need(writer_->insert(StoredEvidence{.id = 1,
                                      .procedure = "tls",
                                      .kind = "artefact",
                                      .subject = "lan:tcp/443",
                                      .label = "hello",
                                      .media_type = "text/plain",
                                      .at = WallTime{},
                                      .content = Bytes{1, 2, 3},
                                      .cut = 0}));
  insert("tls_version", {{"evidence", std::int64_t{1}},
                         {"subject", std::string("lan:tcp/443")},
                         {"version", std::string("tls1.2")},
                         {"offered", std::string("yes")}});
  need(writer_->commit());
  writer_.reset();
  suite("TLS_STRONG");
}

void JudgedRun::insert(const std::string& table, const Cells& cells) {
  (void)need(writer_->insert(table, cells));
}

void JudgedRun::suite(const std::string& name) {
  const EvidenceId id = run_.next_evidence();
  writer_ = need(run_.begin("procedure suites"));
  need(writer_->insert(StoredEvidence{.id = id,
                                      .procedure = "tls",
                                      .kind = "artefact",
                                      .subject = "lan:tcp/443",
                                      .label = name,
                                      .media_type = "text/plain",
                                      .at = WallTime{},
                                      .content = Bytes(5, 7),
                                      .cut = 0}));
  insert("tls_suite", {{"evidence", id},
                       {"subject", std::string("lan:tcp/443")},
                       {"version", std::string("tls1.2")},
                       {"suite", name},
                       {"code", id},
                       {"preference", std::int64_t{1}}});
  need(writer_->commit());
  writer_.reset();
}

void JudgedRun::judge(const std::function<void(judge::Judgement&)>& change,
                      const std::string& tool) {
  const auto texts = sources();
  const auto catalogue = need(catalogue::load_sources(texts));
  const judge::Question question{.type = "standard", .only = {}, .tested_at = kAt};
  auto judgement = need(judge::judge(run_.handle(), catalogue, question));
  if (change) change(judgement);
  need(judge::store(run_, catalogue, to_hex(sha256(as_bytes(texts.front().text))), question,
                    judgement, "test", tool, system_clock()));
}

void JudgedRun::report(const std::string& number, const std::string& replaces,
                       const std::string& content) {
  writer_ = need(run_.begin("issue"));
  insert("report", {{"number", number},
                    {"revision", std::int64_t{1}},
                    {"at", std::string(kAt)},
                    {"replaces", replaces},
                    {"reason", std::string("test")}});
  insert("report_file", {{"report", number},
                         {"format", std::string("pdf")},
                         {"language", std::string("ko")},
                         {"size", static_cast<std::int64_t>(content.size())},
                         {"sha256", to_hex(sha256(as_bytes(content)))}});
  need(writer_->commit());
  writer_.reset();
}

void JudgedRun::seal(const SigningKey& key) { need(run_.seal(key)); }

void JudgedRun::finish() { need(run_.finish()); }

}  // namespace haetae::test
