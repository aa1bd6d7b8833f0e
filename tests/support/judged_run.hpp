#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "harness/evidence/run_file.hpp"
#include "harness/judge/judge.hpp"

/// A small run of the sample catalogue, written as a real one is. Test-only.
namespace haetae::test {

/// JudgedRun is a run with one TLS endpoint that has a strong suite; judge() adds revisions.
class JudgedRun {
 public:
  explicit JudgedRun(const std::filesystem::path& file);
  /// suite() adds a suite that the endpoint offers, with its evidence, in a link of its own.
  void suite(const std::string& name);
  /// judge() judges and stores what `change` makes of it.
  void judge(const std::function<void(judge::Judgement&)>& change = {},
             const std::string& tool = "tool 1");
  /// report() records a file of an issued report.
  void report(const std::string& number, const std::string& replaces, const std::string& content);
  void seal(const evidence::SigningKey& key);
  void finish();
  [[nodiscard]] evidence::RunFile& file() { return run_; }

 private:
  void insert(const std::string& table, const evidence::Cells& cells);
  evidence::RunFile run_;
  std::unique_ptr<evidence::Transaction> writer_;
};

}  // namespace haetae::test
