#include "testcases/input/place.hpp"

#include "harness/protocols/http_page_links.hpp"
#include "testcases/authentication/http_call.hpp"

namespace haetae::testcases::input {
namespace {

std::string path_of(std::string_view target) {
  return std::string(target.substr(0, target.find_first_of("?#")));
}

std::string with_query(const std::string& target, std::size_t index, const std::string& value) {
  std::string out = path_of(target);
  std::size_t at = 0;
  for (const auto& [name, old] : protocols::query_of(target)) {
    out += at == 0 ? '?' : '&';
    out += protocols::percent_encode(name) + "=" +
           protocols::percent_encode(at == index ? value : old);
    ++at;
  }
  return out;
}

std::string with_last_part(const std::string& target, const std::string& value) {
  const std::string path = path_of(target);
  return path.substr(0, path.rfind('/') + 1) + protocols::percent_encode(value) +
         target.substr(path.size());
}

std::string_view word(Place::Kind kind, const std::string& body) {
  switch (kind) {
    case Place::Kind::query: return "query";
    case Place::Kind::field: return body == "json" ? "json" : "form";
    case Place::Kind::path: return "path";
    case Place::Kind::header: return "header";
    case Place::Kind::url: return "url";
  }
  return "unknown";
}

}  // namespace

std::string Spot::name() const { return printable(call.method + " " + path_of(call.path)); }

std::string name_of(const Spot& spot, const Place& place) {
  const std::string kind(word(place.kind, spot.call.body));
  return place.name.empty() ? kind : printable(kind + " " + place.name);
}

std::vector<Place> places_of(const declaration::HttpCall& call, std::string_view proof,
                             bool with_path) {
  std::vector<Place> out;
  const auto query = protocols::query_of(call.path);
  for (std::size_t i = 0; i < query.size(); ++i)
    out.push_back({Place::Kind::query, query[i].first, i, query[i].second});
  const bool body = call.body == "form" || call.body == "json" || call.body == "multipart";
  for (std::size_t i = 0; body && i < call.fields.size(); ++i)
    if (call.fields[i].first != proof)
      out.push_back({Place::Kind::field, call.fields[i].first, i, call.fields[i].second});
  const std::string path = path_of(call.path);
  if (out.empty() && with_path && path.size() > 1 && !path.ends_with('/'))
    out.push_back(
        {Place::Kind::path, {}, 0, protocols::percent_decode(path.substr(path.rfind('/') + 1))});
  return out;
}

protocols::HttpRequest with_value(const Spot& spot, const Place& place, const std::string& value) {
  declaration::HttpCall call = spot.call;
  switch (place.kind) {
    case Place::Kind::query: call.path = with_query(call.path, place.index, value); break;
    case Place::Kind::field: call.fields.at(place.index).second = value; break;
    case Place::Kind::path: call.path = with_last_part(call.path, value); break;
    case Place::Kind::header: call.headers.emplace_back(place.name, value); break;
    case Place::Kind::url: call.path = value; break;
  }
  return request_of(call);
}

protocols::HttpRequest ordinary(const Spot& spot) { return request_of(spot.call); }

bool session_shut(const Spot& spot, const protocols::HttpResponse& answer) {
  return !spot.call.login.empty() && denies(answer) && told_by(spot.call, answer) != Told::done;
}

}  // namespace haetae::testcases::input
