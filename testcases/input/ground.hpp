#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/model/verdict.hpp"
#include "harness/runner/procedure.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/input/limits.hpp"
#include "testcases/input/place.hpp"

/// What of a web service takes input: declared calls, and what a bounded crawl finds.
namespace haetae::testcases::input {

/// Shortfall is why something could not be looked at in full: the first reason stays.
struct Shortfall {
  std::string why;
  Cause cause = Cause::none;
  void lost(std::string text, Cause whose);
};

/// web_services() are the seen services that speak HTTP.
[[nodiscard]] std::vector<Target> web_services(const runner::Context& context);

/// Ground gathers the spots of one service; each place stands in it once.
class Ground {
 public:
  Ground(runner::Context& context, Target target, const Limits& limits);

  /// logins() are the ids of the logins to look behind, first "" for nobody.
  [[nodiscard]] std::vector<std::string> logins() const;
  /// add_declared() takes the declared calls of a login; what must not be sent is a shortfall.
  void add_declared(const std::string& login, std::vector<Spot>& out);
  /// crawl() follows links from "/" and gathers links with a query and forms.
  void crawl(protocols::HttpClient& client, const std::string& login, std::vector<Spot>& out);
  /// front() is the root page with headers and the bare url as places.
  [[nodiscard]] Spot front() const;
  /// request_for() is a call that stands for the login, to open its session.
  [[nodiscard]] declaration::HttpCall request_for(const std::string& login) const;

  Shortfall shortfall;
  std::set<std::string> left_out;  ///< what was seen and not sent, with why
  int pages = 0;

 private:
  [[nodiscard]] std::string act_of(std::string_view text) const;
  [[nodiscard]] bool is_login(const std::string& path) const;
  void keep(Spot spot, std::vector<Spot>& out);
  void look_at(const std::string& target, const protocols::HttpResponse& page,
               const std::string& login, std::vector<Spot>& out);
  [[nodiscard]] declaration::HttpCall call_to(std::string path, const std::string& login) const;

  runner::Context& context_;
  Target target_;
  Limits limits_;
  std::vector<std::pair<std::string, std::string>> avoid_;  // word, act
  std::set<std::string> known_;                             // name of spot and place
};

}  // namespace haetae::testcases::input
