#include "testcases/input/shapes.hpp"

namespace haetae::testcases::input {
namespace {

std::string many(std::size_t count, std::string_view part = "A") {
  std::string out;
  out.reserve(count * part.size());
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

std::string get(const std::string& host, const std::string& rest) {
  return "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + rest + "\r\n";
}

std::string post(const std::string& host, const std::string& fields, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + fields + "\r\n" + body;
}

RawShape fixed(std::string place, std::string name,
               std::function<std::string(const std::string&)> make) {
  return {.place = std::move(place),
          .family = "malformed",
          .name = std::move(name),
          .sized = false,
          .make = [make = std::move(make)](const std::string& host, std::size_t) {
            return make(host);
          }};
}

RawShape sized(std::string place, std::string name,
               std::function<std::string(const std::string&, std::size_t)> make) {
  return {.place = std::move(place),
          .family = "overlong",
          .name = std::move(name),
          .sized = true,
          .make = std::move(make)};
}

// RFC 9112 sections 3, 5 and 6: request line, fields, lengths.
void add_overlong(std::vector<RawShape>& out) {
  using S = const std::string&;
  out.push_back(sized("request line", "long-path", [](S host, std::size_t n) {
    return "GET /" + many(n) + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }));
  out.push_back(sized("request line", "long-query", [](S host, std::size_t n) {
    return "GET /?a=" + many(n) + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }));
  out.push_back(sized("request line", "many-folders", [](S host, std::size_t n) {
    return "GET " + many(n / 2, "/a") + " HTTP/1.1\r\nHost: " + host +
           "\r\nConnection: close\r\n\r\n";
  }));
  out.push_back(sized("method", "long-method", [](S host, std::size_t n) {
    return many(n) + " / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }));
  out.push_back(sized("header Host", "long-host", [](S, std::size_t n) {
    return "GET / HTTP/1.1\r\nHost: " + many(n) + "\r\nConnection: close\r\n\r\n";
  }));
  for (const char* name : {"User-Agent", "Cookie", "Referer", "Accept-Language"})
    out.push_back(sized(std::string("header ") + name, "long-value", [name](S host, std::size_t n) {
      return get(host, std::string(name) + ": " + many(n) + "\r\n");
    }));
  out.push_back(sized("header Authorization", "long-basic", [](S host, std::size_t n) {
    return get(host, "Authorization: Basic " + many(n) + "\r\n");
  }));
  out.push_back(sized("headers", "long-name",
                      [](S host, std::size_t n) { return get(host, many(n) + ": a\r\n"); }));
  out.push_back(sized("headers", "many-headers",
                      [](S host, std::size_t n) { return get(host, many(n / 8, "A: aaa\r\n")); }));
}

void add_lengths(std::vector<RawShape>& out) {
  using S = const std::string&;
  int number = 0;
  for (const char* value : {"-1", "99999999999999999999", "18446744073709551615", "4294967296",
                            "0x10", "abc", "", "1,1"})
    out.push_back(
        fixed("header Content-Length", "length-" + std::to_string(++number), [value](S host) {
          return post(host, std::string("Content-Length: ") + value + "\r\n", "a=b");
        }));
  out.push_back(fixed("header Content-Length", "two-lengths", [](S host) {
    return post(host, "Content-Length: 3\r\nContent-Length: 30\r\n", "a=b");
  }));
  number = 0;
  for (const char* size : {"zz", "-1", "FFFFFFFFFFFFFFFF", "FFFFFFFFFFFFFFFFFF", "7FFFFFFF", ""})
    out.push_back(fixed("chunk size", "chunk-" + std::to_string(++number), [size](S host) {
      return post(host, "Transfer-Encoding: chunked\r\n",
                  std::string(size) + "\r\nabc\r\n0\r\n\r\n");
    }));
  out.push_back(fixed("chunk size", "chunk-and-length", [](S host) {
    return post(host, "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n");
  }));
  number = 0;
  for (const char* range : {"bytes=-99999999999999999999", "bytes=99999999999-1",
                            "bytes=0-,0-,0-,0-", "bytes=18446744073709551615-", "lines=1"})
    out.push_back(fixed("header Range", "range-" + std::to_string(++number), [range](S host) {
      return get(host, std::string("Range: ") + range + "\r\n");
    }));
}

void add_lines(std::vector<RawShape>& out) {
  using S = const std::string&;
  out.push_back(
      fixed("request line", "no-version", [](S) { return std::string("GET /\r\n\r\n"); }));
  out.push_back(fixed("request line", "version-9", [](S host) {
    return "GET / HTTP/9.99999999999\r\nHost: " + host + "\r\n\r\n";
  }));
  out.push_back(fixed("request line", "no-slash", [](S host) {
    return "GET x HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }));
  out.push_back(fixed("request line", "bad-percent", [](S host) {
    return "GET /%%%zz%0 HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }));
  out.push_back(fixed("request line", "format-letters", [](S host) {
    return "GET /%25n%25n%25s%25s HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
  }));
  out.push_back(fixed("request line", "zero-bytes", [](S host) {
    return std::string("GET /\0\0\0 HTTP/1.1\r\nHost: ", 26) + host + "\r\n\r\n";
  }));
  out.push_back(
      fixed("request line", "high-bytes", [](S) { return many(64, "\xff") + "\r\n\r\n"; }));
  out.push_back(fixed("request line", "only-blanks", [](S) { return std::string("   \r\n\r\n"); }));
  out.push_back(fixed("request line", "only-line-ends", [](S) { return many(32, "\r\n"); }));
  out.push_back(
      fixed("headers", "no-host", [](S) { return std::string("GET / HTTP/1.1\r\n\r\n"); }));
  out.push_back(fixed("headers", "no-colon", [](S host) { return get(host, "aaaa\r\n"); }));
  out.push_back(fixed("headers", "no-name", [](S host) { return get(host, ": a\r\n"); }));
  out.push_back(fixed("headers", "folded", [](S host) { return get(host, "A: b\r\n c\r\n"); }));
  out.push_back(fixed("headers", "lone-return", [](S host) { return get(host, "A: b\rc\r\n"); }));
  out.push_back(fixed("header Authorization", "no-base64",
                      [](S host) { return get(host, "Authorization: Basic ====\r\n"); }));
  out.push_back(fixed("header Authorization", "empty-digest", [](S host) {
    return get(host, "Authorization: Digest username=\",,,=\r\n");
  }));
  out.push_back(
      fixed("header Cookie", "bad-pairs", [](S host) { return get(host, "Cookie: =;;=;\"\r\n"); }));
  out.push_back(fixed("header Content-Type", "no-boundary", [](S host) {
    return post(host, "Content-Type: multipart/form-data\r\nContent-Length: 4\r\n", "--\r\n");
  }));
  out.push_back(fixed("header Content-Type", "open-part", [](S host) {
    return post(host, "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 12\r\n",
                "--x\r\nConten");
  }));
}

}  // namespace

std::vector<RawShape> raw_shapes() {
  std::vector<RawShape> out;
  add_overlong(out);
  add_lengths(out);
  add_lines(out);
  return out;
}

std::vector<ValueShape> value_shapes() {
  using N = std::size_t;
  std::vector<ValueShape> out;
  const auto add = [&](const char* name, std::string value) {
    out.push_back({"malformed", name, false, [value = std::move(value)](N) { return value; }});
  };
  out.push_back({"overlong", "long-letters", true, [](N n) { return many(n); }});
  out.push_back({"overlong", "long-digits", true, [](N n) { return many(n, "9"); }});
  add("format-letters", "%n%n%n%n%s%s%s%s%x");
  add("zero-byte", std::string("a\0b", 3));
  add("high-bytes", "\xff\xfe\xc0\x80\xed\xa0\x80");
  add("empty", "");
  add("negative", "-1");
  add("above-32-bit", "4294967296");
  add("above-64-bit", "18446744073709551616");
  add("not-a-number", "NaN");
  add("line-ends", "\r\n\r\n");
  add("markup", "<![CDATA[<a b='\"/>]]>");
  return out;
}

std::vector<ValueShape> body_shapes() {
  using N = std::size_t;
  std::vector<ValueShape> out;
  const auto add = [&](const char* name, std::string value) {
    out.push_back({"malformed", name, false, [value = std::move(value)](N) { return value; }});
  };
  add("empty", "");
  add("open-object", "{");
  add("open-text", "{\"a\":\"");
  add("number", "7");
  add("null", "null");
  add("wrong-kinds", "{\"name\":[{\"name\":null}]}");
  add("large-exponent", "{\"a\":1e999999999}");
  add("bad-escape", "{\"a\":\"\\ud800\\u00\"}");
  add("zero-bytes", std::string("{\"a\":\"\0\0\"}", 10));
  out.push_back({"overlong", "deep", true, [](N n) { return many(n / 2, "["); }});
  out.push_back({"overlong", "deep-objects", true, [](N n) { return many(n / 5, "{\"a\":"); }});
  return out;
}

}  // namespace haetae::testcases::input
