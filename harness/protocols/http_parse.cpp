#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <cctype>

#include "harness/protocols/http.hpp"

namespace haetae::protocols {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kMostFields = 256;
constexpr int kMostInterim = 8;

// Beast's parser asks for more in the last chunk's header, and then asserts that it was given at
// least the five bytes of "0 CR LF CR LF" (RFC 9112 section 7.1).
constexpr std::size_t kLastChunk = 5;

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

// Collects what Beast's parser reports; a body beyond the limit is cut, not an error, because a
// large answer is still an answer.
class Collector final : public http::basic_parser<false> {
 public:
  explicit Collector(std::size_t body_limit) : limit_(body_limit) {
    this->body_limit(boost::none);
    this->header_limit(static_cast<std::uint32_t>(kHttpHeaderLimit));
    this->eager(true);
  }
  HttpResponse response;
  bool full = false;

 private:
  void on_request_impl(http::verb, beast::string_view, beast::string_view, int,
                       beast::error_code& ec) override {
    ec = {};
  }
  void on_response_impl(int code, beast::string_view reason, int, beast::error_code& ec) override {
    response.status = code;
    response.reason.assign(reason.data(), reason.size());
    ec = {};
  }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                     beast::error_code& ec) override {
    if (response.fields.size() < kMostFields)
      response.fields.push_back(
          {std::string(name.data(), name.size()), std::string(value.data(), value.size())});
    ec = {};
  }
  void on_header_impl(beast::error_code& ec) override { ec = {}; }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, beast::error_code& ec) override {
    ec = {};
  }
  std::size_t keep(beast::string_view body, beast::error_code& ec) {
    ec = {};
    const std::size_t room = limit_ - response.body.size();
    response.body.append(body.data(), std::min(room, body.size()));
    if (body.size() > room) full = true;
    return body.size();
  }
  std::size_t on_body_impl(beast::string_view body, beast::error_code& ec) override {
    return keep(body, ec);
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code& ec) override {
    ec = {};
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body,
                                 beast::error_code& ec) override {
    return keep(body, ec);
  }
  void on_finish_impl(beast::error_code& ec) override { ec = {}; }

  std::size_t limit_;
};

}  // namespace

std::string_view HttpResponse::field(std::string_view name) const {
  for (const HttpField& one : fields)
    if (same_name(one.name, name)) return one.value;
  return {};
}

std::vector<std::string_view> HttpResponse::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const HttpField& one : fields)
    if (same_name(one.name, name)) out.push_back(one.value);
  return out;
}

struct HttpReader::State {
  std::string method;
  std::size_t body_limit;
  std::unique_ptr<Collector> parser;
  Bytes pending;
  bool hungry = false;  // the parser left the pending bytes until more come
  int interim = 0;
  bool done = false;
  bool ended_early = false;
  bool started = false;

  void fresh() {
    parser = std::make_unique<Collector>(body_limit);
    if (method == "HEAD") parser->skip(true);
  }

  // settle() handles a finished message; true if it was the final one.
  bool settle() {
    const int status = parser->response.status;
    if (status >= 100 && status < 200 && status != 101 && interim < kMostInterim) {
      ++interim;
      fresh();
      return false;
    }
    done = true;
    return true;
  }
};

HttpReader::HttpReader(std::string_view method, std::size_t body_limit)
    : state_(std::make_unique<State>()) {
  state_->method = method;
  state_->body_limit = body_limit;
  state_->fresh();
}
HttpReader::~HttpReader() = default;
HttpReader::HttpReader(HttpReader&&) noexcept = default;
HttpReader& HttpReader::operator=(HttpReader&&) noexcept = default;

Result<void> HttpReader::put(ByteView bytes) {
  State& s = *state_;
  if (!bytes.empty()) s.started = true;
  s.pending.insert(s.pending.end(), bytes.begin(), bytes.end());
  if (s.hungry && (bytes.empty() || s.pending.size() < kLastChunk)) return {};
  s.hungry = false;
  while (!s.done && !s.pending.empty()) {
    beast::error_code ec;
    const std::size_t used =
        s.parser->put(boost::asio::const_buffer(s.pending.data(), s.pending.size()), ec);
    s.pending.erase(s.pending.begin(), s.pending.begin() + static_cast<std::ptrdiff_t>(
                                                               std::min(used, s.pending.size())));
    const bool more = ec == http::error::need_more;
    if (ec && !more) return fail(ErrorKind::protocol, "no valid HTTP response: " + ec.message());
    if (more && s.pending.size() > kHttpHeaderLimit)
      return fail(ErrorKind::protocol, "the HTTP header is larger than 64 KiB");
    if (s.parser->full) {
      s.done = s.ended_early = true;
      break;
    }
    if (more) {
      s.hungry = !s.pending.empty();
      break;
    }
    if (s.parser->is_done()) {
      if (s.settle()) break;
    } else if (used == 0) {
      break;
    }
  }
  return {};
}

Result<void> HttpReader::end() {
  State& s = *state_;
  if (s.done) return {};
  if (!s.parser->is_header_done())
    return fail(ErrorKind::closed, "the connection ended before the HTTP header was whole");
  beast::error_code ec;
  s.parser->put_eof(ec);
  s.ended_early = static_cast<bool>(ec);
  s.done = true;
  return {};
}

bool HttpReader::done() const { return state_->done; }
bool HttpReader::started() const { return state_->started; }

HttpResponse HttpReader::take() {
  HttpResponse out = std::move(state_->parser->response);
  out.truncated = state_->ended_early;
  out.full = state_->parser->full;
  out.keep_alive = !state_->ended_early && state_->pending.empty() && state_->parser->is_done() &&
                   state_->parser->keep_alive() && out.status != 101;
  return out;
}

}  // namespace haetae::protocols
