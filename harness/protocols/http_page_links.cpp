#include "harness/protocols/http_page_links.hpp"

#include <algorithm>

#include "harness/protocols/html_tags.hpp"

namespace haetae::protocols {
namespace {

using html::decode;
using html::lower;
using html::Tag;
using html::Tags;

constexpr std::size_t kMostForms = 32, kMostFields = 64, kMostLinks = 256, kLongestLink = 1024;

void add_field(PageForm& form, std::string name, std::string value) {
  if (!name.empty() && form.fields.size() < kMostFields)
    form.fields.emplace_back(std::move(name), std::move(value));
}

void add_words(PageForm& form, std::string_view text) {
  form.words = lower(form.words + " " + std::string(text)).substr(0, 200);
}

// A button counts only where it is pressed: its name is kept, as a server may ask for it.
void add_tag(PageForm& form, const Tag& tag) {
  const std::string type = lower(tag.get("type"));
  std::string name = decode(tag.get("name")), value = decode(tag.get("value"));
  if (type == "submit" || type == "button" || tag.name == "button") add_words(form, value);
  if (type == "password") form.password = true;
  if (type == "button" || type == "reset" || type == "image") return;
  const bool choice = type == "checkbox" || type == "radio";
  const bool there = std::any_of(form.fields.begin(), form.fields.end(),
                                 [&](const auto& one) { return one.first == name; });
  if (choice && there) return;
  if (choice && value.empty()) value = "on";
  add_field(form, std::move(name), std::move(value));
}

class Links {
 public:
  void add(std::string link) {
    if (link.empty() || link.size() > kLongestLink || out_.size() >= kMostLinks) return;
    if (std::find(out_.begin(), out_.end(), link) == out_.end()) out_.push_back(std::move(link));
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  std::vector<std::string> out_;
};

bool of_path(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("/._-~?=&%").find(c) != std::string_view::npos;
}

void add_quoted(Links& links, std::string_view text) {
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    const char quote = text[at];
    if ((quote != '"' && quote != '\'' && quote != '`') || text[at + 1] != '/') continue;
    std::size_t end = at + 1;
    while (end < text.size() && end - at <= kLongestLink && of_path(text[end])) ++end;
    if (end < text.size() && text[end] == quote && end > at + 2 && text[at + 2] != '/')
      links.add(std::string(text.substr(at + 1, end - at - 1)));
  }
}

std::string refresh_target(std::string_view content) {
  const std::string text = lower(content);
  const std::size_t at = text.find("url=");
  if (at == std::string::npos) return {};
  std::string out(content.substr(at + 4));
  std::erase_if(out, [](char c) { return c == '"' || c == '\'' || c == ' '; });
  return out;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::vector<PageForm> page_forms(std::string_view text) {
  std::vector<PageForm> out;
  PageForm current;
  bool inside = false;
  const auto close = [&] {
    if (inside && !current.fields.empty() && out.size() < kMostForms) out.push_back(current);
    inside = false;
  };
  Tags tags(text);
  for (Tag tag; tags.next(tag);) {
    if (tag.name == "form") {
      close();
      inside = true;
      current = {};
      current.action = decode(tag.get("action"));
      if (lower(tag.get("method")) == "post") current.method = "post";
      current.multipart = lower(tag.get("enctype")) == "multipart/form-data";
    } else if (tag.name == "/form") {
      close();
    } else if (inside && (tag.name == "input" || tag.name == "button")) {
      add_tag(current, tag);
    } else if (inside && (tag.name == "select" || tag.name == "textarea")) {
      add_field(current, decode(tag.get("name")), {});
    } else if (inside && tag.name == "option" && !current.fields.empty() &&
               current.fields.back().second.empty()) {
      current.fields.back().second = decode(tag.get("value"));
    }
  }
  close();
  return out;
}

std::vector<std::string> page_links(std::string_view text) {
  Links links;
  Tags tags(text);
  for (Tag tag; tags.next(tag);) {
    for (const std::string_view name : {"href", "src", "action", "data-url"})
      links.add(decode(tag.get(name)));
    if (tag.name == "meta" && lower(tag.get("http-equiv")) == "refresh")
      links.add(refresh_target(decode(tag.get("content"))));
  }
  add_quoted(links, text.substr(0, html::kScanLimit));
  return links.take();
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size();
    const int high = coded ? hex(text[i + 1]) : -1, low = coded ? hex(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> query_of(std::string_view target) {
  std::vector<std::pair<std::string, std::string>> out;
  std::size_t at = target.find('?');
  if (at == std::string_view::npos) return out;
  std::string_view rest = target.substr(at + 1);
  rest = rest.substr(0, rest.find('#'));
  while (!rest.empty() && out.size() < kMostFields) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    std::string name = percent_decode(one.substr(0, equals));
    if (name.empty()) continue;
    out.emplace_back(std::move(name), equals == std::string_view::npos
                                          ? std::string()
                                          : percent_decode(one.substr(equals + 1)));
  }
  return out;
}

}  // namespace haetae::protocols
