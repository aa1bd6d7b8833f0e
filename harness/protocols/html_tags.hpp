#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A bounded walk over the tags of a page of a device, for the readers of pages in this folder.
namespace haetae::protocols::html {

inline constexpr std::size_t kScanLimit = 512 * 1024;

inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

inline bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/// Tag is one start or end tag of the markup, with its attributes.
struct Tag {
  std::string name;  // lower case, "/form" for an end tag
  std::vector<std::pair<std::string, std::string>> attributes;

  [[nodiscard]] std::string_view get(std::string_view key) const {
    for (const auto& [name_, value] : attributes)
      if (name_ == key) return value;
    return {};
  }
};

/// Tags walks over the tags; comments, scripts and styles are skipped as a whole.
class Tags {
 public:
  explicit Tags(std::string_view html) : html_(html.substr(0, kScanLimit)) {}

  bool next(Tag& tag) {
    while (true) {
      const std::size_t open = html_.find('<', at_);
      if (open == std::string_view::npos) return false;
      text_end_ = open;
      if (html_.substr(open, 4) == "<!--") {
        const std::size_t close = html_.find("-->", open + 4);
        if (close == std::string_view::npos) return false;
        at_ = close + 3;
        continue;
      }
      at_ = open + 1;
      if (!read(tag)) continue;
      if (tag.name == "script" || tag.name == "style") skip_raw(tag.name);
      return true;
    }
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::size_t text_end() const { return text_end_; }
  [[nodiscard]] std::string_view html() const { return html_; }

 private:
  bool read(Tag& tag) {
    tag = {};
    const std::size_t from = at_;
    if (at_ < html_.size() && html_[at_] == '/') ++at_;
    while (at_ < html_.size() && std::isalnum(static_cast<unsigned char>(html_[at_])) != 0) ++at_;
    tag.name = lower(html_.substr(from, at_ - from));
    if (tag.name.empty() || tag.name == "/") return false;
    while (at_ < html_.size() && html_[at_] != '>') attribute(tag);
    if (at_ < html_.size()) ++at_;
    return true;
  }

  void attribute(Tag& tag) {
    while (at_ < html_.size() && (blank(html_[at_]) || html_[at_] == '/')) ++at_;
    const std::size_t from = at_;
    while (at_ < html_.size() && !blank(html_[at_]) && html_[at_] != '=' && html_[at_] != '>' &&
           html_[at_] != '/')
      ++at_;
    std::string name = lower(html_.substr(from, at_ - from));
    while (at_ < html_.size() && blank(html_[at_])) ++at_;
    std::string value;
    if (at_ < html_.size() && html_[at_] == '=') {
      ++at_;
      while (at_ < html_.size() && blank(html_[at_])) ++at_;
      value = attribute_value();
    }
    if (!name.empty() && tag.attributes.size() < 32)
      tag.attributes.emplace_back(std::move(name), std::move(value));
  }

  std::string attribute_value() {
    if (at_ >= html_.size()) return {};
    const char quote = html_[at_];
    if (quote == '"' || quote == '\'') {
      const std::size_t from = ++at_;
      const std::size_t close = std::min(html_.find(quote, from), html_.size());
      at_ = std::min(close + 1, html_.size());
      return std::string(html_.substr(from, std::min<std::size_t>(close - from, 4096)));
    }
    const std::size_t from = at_;
    while (at_ < html_.size() && !blank(html_[at_]) && html_[at_] != '>') ++at_;
    return std::string(html_.substr(from, std::min<std::size_t>(at_ - from, 4096)));
  }

  void skip_raw(const std::string& name) {
    for (std::size_t i = at_; i + 2 + name.size() <= html_.size(); ++i) {
      if (html_[i] == '<' && html_[i + 1] == '/' &&
          lower(html_.substr(i + 2, name.size())) == name) {
        at_ = i;
        return;
      }
    }
    at_ = html_.size();
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::size_t text_end_ = 0;
};

inline std::string entity(std::string_view name) {
  if (name == "amp") return "&";
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "quot") return "\"";
  if (name == "nbsp") return " ";
  if (name == "#39" || name == "#x27") return "'";
  return "";
}

inline std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
    if (end != std::string_view::npos && end - i <= 8) {
      const std::string one = entity(text.substr(i + 1, end - i - 1));
      if (!one.empty()) {
        out += one;
        i = end;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

}  // namespace haetae::protocols::html
