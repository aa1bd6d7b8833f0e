#include <fmt/format.h>

#include "harness/formats/security_txt.hpp"
#include "harness/protocols/tls_client.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/procedures.hpp"
#include "testcases/software/support_pages.hpp"

/// What the maker tells the world of security: security.txt and the page with the support period,
/// read as anybody reads them.
namespace haetae::testcases {

using declaration::PublicPage;
using protocols::HttpClient;
using protocols::HttpResponse;

namespace {

constexpr int kMostRedirects = 3;
constexpr const char* kTopic = "support";

std::string in_brackets(const Address& address) {
  return address.v6 ? "[" + address.text() + "]" : address.text();
}

HttpClient client_of(runner::Context& context, const PublicPage& page) {
  const Endpoint to{page.address.value_or(context.address()), page.port.number};
  std::string host = page.host.empty() ? in_brackets(to.address) : page.host;
  if (to.port != (page.tls ? 443 : 80)) host += ":" + std::to_string(to.port);
  const auto connect = [&context, to, page]() -> Result<std::unique_ptr<net::Conn>> {
    auto conn = context.connect(to, subject_of(page), "published page");
    if (!conn || !page.tls) return conn;
    auto inside = protocols::wrap_tls(std::move(*conn), {.sni = page.host},
                                      context.clock().now() + std::chrono::seconds(5));
    if (!inside) return tl::unexpected(inside.error());
    return std::unique_ptr<net::Conn>(std::move(*inside));
  };
  return HttpClient(connect, host, context.clock());
}

std::string media_of(const HttpResponse& response) {
  std::string type(response.field("Content-Type"));
  for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (type.empty()) return "unknown";
  if (type.starts_with("text/plain")) return "text";
  return type.starts_with("text/html") || type.starts_with("application/xhtml") ? "html" : "other";
}

/// Read is an answer, after redirects on the same server.
struct Read {
  Result<HttpResponse> answer = fail(ErrorKind::internal, "not asked");
  std::string path;
  bool elsewhere = false;  ///< a redirect leads to another server, or in a circle
};

Read read_page(HttpClient& client, const std::string& path) {
  Read out;
  out.path = path;
  for (int turn = 0; turn <= kMostRedirects; ++turn) {
    out.answer = client.get(out.path);
    if (!out.answer || out.answer->status < 300 || out.answer->status >= 400) return out;
    const auto next =
        protocols::local_target(out.answer->field("Location"), client.host(), out.path);
    if (!next) break;
    out.path = *next;
  }
  out.elsewhere = true;
  return out;
}

class Pages {
 public:
  explicit Pages(runner::Context& context) : context_(context) {}

  void look() {
    const auto& support = context_.device().support;
    if (support.security_txt) {
      if (const auto answer = look_at(*support.security_txt, "security-txt"))
        note(*support.security_txt, *answer);
    }
    if (support.period) {
      if (const auto answer = look_at(support.period->page, "support-period"))
        note(*support.period, *answer);
    }
    if (!support.security_txt && !support.period)
      lost("neither security.txt nor a page with the support period is declared",
           Cause::declaration);
    context_.cover(why_.empty() ? whole(kTopic, "lan", tried_)
                                : gap(kTopic, "lan", cause_, why_, tried_));
  }

 private:
  void lost(std::string why, Cause cause) {
    if (!why_.empty()) return;
    why_ = std::move(why);
    cause_ = cause;
  }

  /// look_at() records how the page is had, and returns the answer if it is.
  std::optional<HttpResponse> look_at(const PublicPage& page, const char* what) {
    tried_ += (tried_.empty() ? "" : ", ") + std::string(what);
    HttpClient client = client_of(context_, page);
    const Read read = read_page(client, page.path);
    if (!read.answer) {
      lost(page.path + " was not answered: " + printable(read.answer.error().message()),
           cause_of(read.answer.error()));
      return std::nullopt;
    }
    const HttpResponse& answer = *read.answer;
    facts::PublicPage fact;
    fact.evidence = answer.evidence;
    fact.page = what;
    fact.subject = subject_of(page);
    fact.path = page.path;
    fact.tls = yes_no(page.tls);
    fact.media = media_of(answer);
    fact.status = answer.status;
    fact.outcome = outcome(client, read);
    runner::record(context_, fact);
    if (fact.outcome == "unknown")
      lost(read.elsewhere ? page.path + " leads to another server: declare where it is in the end"
                          : fmt::format("{} answered status {}{}", page.path, answer.status,
                                        answer.broken_off() ? ", broken off" : ""),
           read.elsewhere ? Cause::declaration : Cause::device);
    return fact.outcome == "given" ? std::optional(answer) : std::nullopt;
  }

  std::string outcome(HttpClient& client, const Read& read) {
    const HttpResponse& answer = *read.answer;
    if (read.elsewhere || answer.broken_off()) return "unknown";
    if (answer.status == 404 || answer.status == 410) return "absent";
    if (answer.status == 401 || answer.status == 403) return "refused";
    if (answer.status < 200 || answer.status >= 300) return "unknown";
    if (answer.body.empty()) return "absent";
    // A service that gives the same page for everything does not have this one.
    const std::string nowhere = random_path();
    const auto control = client.get(nowhere);
    if (!control) return "unknown";
    if (sameness(*control, nowhere).holds(answer, read.path)) return "absent";
    return protocols::login_forms(answer.body).empty() ? "given" : "refused";
  }

  void note(const PublicPage& page, const HttpResponse& answer) {
    const auto said = formats::read_security_txt(answer.body);
    facts::SecurityTxt fact;
    fact.evidence = answer.evidence;
    fact.subject = subject_of(page);
    fact.path = page.path;
    fact.contacts = static_cast<std::int64_t>(said.contacts.size());
    fact.odd_contacts = said.odd_contacts;
    fact.contact = said.contacts.empty() ? "" : printable(said.contacts.front(), 200);
    fact.expires_fields = said.expires_fields;
    fact.expires = said.expires;
    fact.language_fields = said.language_fields;
    fact.odd_lines = said.odd_lines;
    fact.clear_signed = yes_no(said.clear_signed);
    fact.whole = yes_no(!said.cut && !answer.truncated);
    runner::record(context_, fact);
  }

  void note(const declaration::SupportPeriod& period, const HttpResponse& answer) {
    const std::string found =
        shown_date(protocols::html_text(answer.body), period.until, period.text);
    facts::SupportPeriod fact;
    fact.evidence = answer.evidence;
    fact.subject = subject_of(period.page);
    fact.path = period.page.path;
    fact.until = period.until + "T23:59:59Z";
    fact.shown = !found.empty() ? "yes" : answer.truncated ? "unknown" : "no";
    fact.text = printable(found, 200);
    runner::record(context_, fact);
  }

  runner::Context& context_;
  std::string tried_, why_;
  Cause cause_ = Cause::none;
};

bool digit(char c) { return c >= '0' && c <= '9'; }

bool stands_in(const std::string& text, const std::string& wanted) {
  for (std::size_t at = text.find(wanted); at != std::string::npos;
       at = text.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    const bool before = at > 0 && digit(text[at - 1]) && digit(wanted.front());
    const bool after = end < text.size() && digit(text[end]) && digit(wanted.back());
    if (!before && !after) return true;
  }
  return false;
}

Result<void> look_for_support(runner::Context& context) {
  Pages(context).look();
  return {};
}

}  // namespace

std::string subject_of(const PublicPage& page) {
  if (!page.address) return page.port.subject();
  return "site:" + (page.host.empty() ? page.address->text() : page.host);
}

std::string shown_date(const std::string& text, const std::string& iso, const std::string& wanted) {
  if (!wanted.empty()) return stands_in(text, wanted) ? wanted : "";
  if (iso.size() != 10) return {};
  constexpr const char* kMonths[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
  const int year = std::stoi(iso.substr(0, 4)), month = std::stoi(iso.substr(5, 2)),
            day = std::stoi(iso.substr(8, 2));
  if (month < 1 || month > 12) return {};
  const std::string name = kMonths[month - 1];
  for (const std::string& form :
       {iso, fmt::format("{}.{:02}.{:02}", year, month, day),
        fmt::format("{}. {:02}. {:02}", year, month, day),
        fmt::format("{}. {}. {}", year, month, day), fmt::format("{}.{}.{}", year, month, day),
        fmt::format("{}/{:02}/{:02}", year, month, day),
        fmt::format("{}년 {}월 {}일", year, month, day),
        fmt::format("{}년 {:02}월 {:02}일", year, month, day),
        fmt::format("{} {} {}", day, name, year), fmt::format("{} {}, {}", name, day, year),
        fmt::format("{:02}.{:02}.{}", day, month, year)})
    if (stands_in(text, form)) return form;
  return {};
}

runner::Procedure support_pages_procedure() {
  runner::Info info;
  info.id = "support-pages";
  info.title = {"공개된 취약점 신고 창구와 지원 기간", "published contact and support period"};
  info.hazard = Hazard::safe;
  info.requires_facts = {"service"};
  info.provides_facts = {"public_page", "security_txt", "support_period"};
  info.topics = {kTopic};
  info.connections = 4;
  info.expected = std::chrono::seconds(1);
  info.deadline = std::chrono::seconds(90);
  return {.info = std::move(info), .run = look_for_support, .recover = {}};
}

}  // namespace haetae::testcases
