#include <array>

#include "harness/compare/diff.hpp"

namespace haetae::compare {
namespace {

using Word = std::pair<std::string_view, std::string_view>;

constexpr std::array<Word, 8> kWhy{{{"device", "제품"},
                                    {"declaration", "신고서"},
                                    {"catalogue", "기준"},
                                    {"waiver", "예외"},
                                    {"engine", "도구"},
                                    {"flake", "불안정"},
                                    {"operator", "시험원"},
                                    {"lab", "시험 조건"}}};
constexpr std::array<Word, 3> kWay{
    {{"worse", "나빠짐"}, {"better", "나아짐"}, {"changed", "바뀜"}}};

}  // namespace

std::string_view word(Why why) { return kWhy[static_cast<std::size_t>(why)].first; }
std::string_view korean(Why why) { return kWhy[static_cast<std::size_t>(why)].second; }
std::string_view word(Way way) { return kWay[static_cast<std::size_t>(way)].first; }
std::string_view korean(Way way) { return kWay[static_cast<std::size_t>(way)].second; }

}  // namespace haetae::compare
