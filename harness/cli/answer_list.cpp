#include "harness/cli/answer_list.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace haetae::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* sign_of(const Asked& asked) {
  if (!asked.applies) return "–";
  switch (asked.standing) {
    case judge::Standing::settled: break;
    case judge::Standing::waits_second: return "2";
    case judge::Standing::shows_nothing: return "?";
    case judge::Standing::unanswered: return "·";
  }
  if (asked.answer && asked.answer->outcome == "does-not-conform") return "✗";
  return asked.answer && asked.answer->outcome == "unknown" ? "?" : "✓";
}

std::string_view state_word(const Asked& asked, bool korean) {
  const std::string_view state = asked.state();
  if (!korean) return state;
  if (state == "not-applicable") return "해당없음";
  if (state == "shows-nothing") return "근거 필요";
  if (state == "waits-second") return "재확인 대기";
  return state == "answered" ? "답변함" : "미답변";
}

Json json_of(const catalogue::Text& text) { return {{"ko", text.ko}, {"en", text.en}}; }

Json json_of(const Asked& asked) {
  Json out{{"criterion", asked.criterion->id},
           {"item", asked.item->id},
           {"source", asked.criterion->source},
           {"state", asked.state()},
           {"open", asked.open()},
           {"title", json_of(asked.criterion->title)}};
  if (asked.criterion->step) {
    out["second"] = asked.criterion->step->second;
    out["task"] = json_of(asked.criterion->step->task);
    out["look"] = json_of(asked.criterion->step->look);
  }
  out["hits"] = Json::array();
  for (const Hit& hit : asked.hits) {
    out["hits"].push_back({{"document", hit.document},
                           {"page", hit.page},
                           {"phrase", hit.phrase},
                           {"excerpt", hit.excerpt},
                           {"evidence", hit.evidence}});
  }
  if (asked.answer) {
    out["answer"] = {{"revision", asked.answer->revision},
                     {"outcome", asked.answer->outcome},
                     {"who", asked.answer->who},
                     {"second", asked.answer->second},
                     {"at", asked.answer->at},
                     {"text", asked.answer->text},
                     {"attachments", asked.answer->attachments.size()}};
  }
  return out;
}

}  // namespace

std::string steps_text(const std::vector<Asked>& asked, const Style& style) {
  std::string out;
  for (const Asked& one : asked) {
    const catalogue::Text& title = one.criterion->title;
    out += fmt::format("{} {:<24} {:<14} {}{}\n", sign_of(one), one.criterion->id,
                       state_word(one, style.korean), style.korean ? title.ko : title.en,
                       one.answer ? fmt::format("  ({})", printable(one.answer->who)) : "");
  }
  const auto open = std::ranges::count_if(asked, &Asked::open);
  out += fmt::format(
      fmt::runtime(style.korean ? "\n단계 {}개 중 {}개 남음\n" : "\n{} steps, {} open\n"),
      asked.size(), open);
  return out;
}

std::string steps_json(const AnswerBook& book, const std::vector<Asked>& asked) {
  Json out{{"run", book.uuid()},
           {"least_words", book.least_words()},
           {"open", std::ranges::count_if(asked, &Asked::open)},
           {"steps", Json::array()}};
  for (const Asked& one : asked) out["steps"].push_back(json_of(one));
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace haetae::cli
