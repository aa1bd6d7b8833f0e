#pragma once

#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/judge/judge.hpp"
#include "harness/runner/run.hpp"

/// What a person sees of a run: live progress on a terminal, plain lines elsewhere.
namespace haetae::cli {

/// Style is what the output may use.
struct Style {
  bool live = false;    ///< a terminal that can redraw lines
  bool colour = false;  ///< NO_COLOR unset and a terminal
  bool korean = false;  ///< sentences in Korean, else English
};

/// style_of() looks at the file, NO_COLOR, TERM and the wanted language ("ko", "en", "" = locale).
[[nodiscard]] Style style_of(std::FILE* file, std::string_view language);

class Terminal final : public runner::Observer {
 public:
  Terminal(std::FILE* out, Style style, Clock& clock);
  ~Terminal() override;  ///< takes the live lines away
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  void planned(const runner::Plan& plan) override;
  void started(const runner::Info& procedure) override;
  void progress(const runner::Info& procedure, std::size_t done, std::size_t total,
                std::string_view what) override;
  void ended(const runner::Info& procedure, std::string_view state, std::string_view reason,
             std::size_t facts) override;
  void log(std::string_view level, std::string_view text) override;
  void stress(const net::Stress& stress) override;

 private:
  struct Running {
    std::string title;
    SteadyTime since;
    std::size_t done = 0, total = 0;
    std::string what;
  };
  void erase_live();
  void draw_live();
  void line(std::string_view text);
  void redraw(bool now);

  std::FILE* out_;
  Style style_;
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Running> running_;
  SteadyTime begun_, drawn_;
  std::chrono::seconds expected_{0};
  std::size_t planned_ = 0, ended_ = 0;
  int live_lines_ = 0;
  net::Stress stress_;
};

/// Ending is what the summary says besides the verdicts.
struct RunEnd {
  std::string file;
  std::string seal;        ///< "sealed to link 57 of 57, key 9f3a…"
  std::string public_key;  ///< file with which others verify; empty if unknown
  std::string trouble;     ///< why it ended early, if it did
};

/// summary() is the last screen of a run: headline, one line a domain, what fails and what to do.
[[nodiscard]] std::string summary(const catalogue::Catalogue& catalogue,
                                  const judge::Judgement& judgement, const RunEnd& end,
                                  const Style& style);

/// plan_text() is what `haetae plan` prints.
[[nodiscard]] std::string plan_text(const runner::Plan& plan, const Style& style);

}  // namespace haetae::cli
