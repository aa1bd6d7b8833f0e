#include "testcases/input/probe.hpp"

#include <algorithm>
#include <cctype>

#include "testcases/authentication/web.hpp"

namespace haetae::testcases::input {
namespace {

constexpr std::size_t kWidest = 200;

void replace(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

std::uint32_t random_number() {
  const Bytes bytes = random_bytes(4);
  std::uint32_t out = 0;
  for (const std::uint8_t one : bytes) out = out << 8U | one;
  return 10000 + out % 90000;
}

std::string random_letters() {
  std::string out;
  for (const std::uint8_t one : random_bytes(6)) out += static_cast<char>('g' + one % 16);
  return out;
}

std::string as_html(std::string_view text, std::string_view quote = "&#39;") {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += quote;
    else
      out += c;
  }
  return out;
}

std::string as_json(std::string_view text) {
  const std::string body = protocols::json_body({{"v", std::string(text)}});
  const std::size_t from = body.find(':');
  const std::size_t open = body.find('"', from);
  const std::size_t close = body.rfind('"');
  return open < close ? body.substr(open + 1, close - open - 1) : std::string(text);
}

void erase_all(std::string& text, const std::string& part) {
  if (part.size() < 2) return;
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = text.find(part, from)) != std::string::npos;
       from = at + part.size())
    out.append(text, from, at - from);
  text = out.append(text, from, std::string::npos);
}

std::string whole_text(const protocols::HttpResponse& answer) {
  std::string out;
  for (const auto& field : answer.fields) out += field.name + ": " + field.value + "\n";
  return out + "\n" + answer.body;
}

}  // namespace

std::vector<Probe> probes(const catalogue::Catalogue& catalogue) {
  std::vector<Probe> out;
  const auto* list = catalogue.reference("input_probe");
  if (list == nullptr) return out;
  for (const auto& row : list->rows)
    out.push_back({column(*list, row, "name"), column(*list, row, "family"),
                   column(*list, row, "at"), column(*list, row, "shows"),
                   column(*list, row, "text"), column(*list, row, "other"),
                   column(*list, row, "expect")});
  return out;
}

std::vector<ErrorText> error_texts(const catalogue::Catalogue& catalogue) {
  std::vector<ErrorText> out;
  const auto* list = catalogue.reference("error_text");
  if (list == nullptr) return out;
  for (const auto& row : list->rows)
    out.push_back(
        {column(*list, row, "name"), column(*list, row, "kind"), column(*list, row, "text")});
  return out;
}

Shot load(const Probe& probe, const std::string& value, const std::string& url,
          std::int64_t seconds) {
  const std::uint64_t a = random_number();
  std::uint64_t b = random_number();
  if (a == b) ++b;
  const std::string mark = random_letters(), token = to_hex(random_bytes(8));
  const auto fill = [&](std::string text) {
    replace(text, "[a]", std::to_string(a));
    replace(text, "[b]", std::to_string(b));
    replace(text, "[product]", std::to_string(a * b));
    replace(text, "[mark]", mark);
    replace(text, "[seconds]", std::to_string(seconds));
    replace(text, "[url]", url + token);
    // Last, since the ordinary value is the device's own.
    replace(text, "[value]", value);
    return text;
  };
  return {.text = fill(probe.text),
          .other = fill(probe.other),
          .expect = fill(probe.expect),
          .token = token};
}

std::string_view match(std::string_view text, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  // A pattern may begin with a run of stars that are meant as such: only single ones are wild.
  if (star == std::string_view::npos || pattern.starts_with("***")) {
    const std::size_t at = text.find(pattern);
    return at == std::string_view::npos ? std::string_view() : text.substr(at, pattern.size());
  }
  const std::string_view head = pattern.substr(0, star);
  for (std::size_t at = 0; (at = text.find(head, at)) != std::string_view::npos; ++at) {
    std::size_t end = at + head.size();
    std::string_view rest = pattern.substr(star + 1);
    bool good = true;
    while (good) {
      const std::size_t next = rest.find('*');
      const std::string_view part = rest.substr(0, next);
      std::string_view line = text.substr(end, kWidest + part.size());
      line = line.substr(0, line.find('\n'));
      const std::size_t found = line.find(part);
      good = found != std::string_view::npos;
      end += good ? found + part.size() : 0;
      if (next == std::string_view::npos) break;
      rest = rest.substr(next + 1);
    }
    if (good) return text.substr(at, end - at);
  }
  return {};
}

Revealed reveals(const std::vector<ErrorText>& list, const protocols::HttpResponse& answer,
                 std::string_view ordinary, std::string_view sent) {
  const std::string whole = whole_text(answer);
  std::string without = whole;
  for (const std::string& form :
       {std::string(sent), protocols::percent_encode(sent), as_html(sent), as_json(sent)})
    erase_all(without, form);
  for (const ErrorText& one : list) {
    const std::string_view found = match(without, one.text);
    if (found.empty() || !match(ordinary, one.text).empty()) continue;
    const auto at = static_cast<std::size_t>(found.data() - without.data());
    const std::size_t from = at < 40 ? 0 : at - 40;
    return {.what = &one, .text = printable(without.substr(from, found.size() + 120))};
  }
  return {};
}

std::string bare(const protocols::HttpResponse& answer, std::string_view sent,
                 std::string_view value) {
  std::string body = answer.body;
  if (sent.size() > 1 && sent != value) {
    replace(body, sent, value);
    replace(body, protocols::percent_encode(sent), protocols::percent_encode(value));
    replace(body, as_html(sent, "&#39;"), as_html(value, "&#39;"));
    replace(body, as_html(sent, "&#x27;"), as_html(value, "&#x27;"));
    replace(body, as_html(sent, "'"), as_html(value, "'"));
    replace(body, as_json(sent), as_json(value));
  }
  return std::to_string(answer.status) + "\n" + std::string(answer.field("Location")) + "\n" + body;
}

std::string bare_of_numbers(const std::string& bare) {
  std::string out;
  for (const char c : bare) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    const char kept = digit ? '0' : blank ? ' ' : c;
    if ((digit || blank) && !out.empty() && out.back() == kept) continue;
    out += kept;
  }
  return out;
}

}  // namespace haetae::testcases::input
