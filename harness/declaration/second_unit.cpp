#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/declaration/parts.hpp"

/// <second-unit>: another sample of the same product.
namespace haetae::declaration {

using xml::Element;
using xml::Times;

void read_second_unit(const Element& element, Declaration& out) {
  element.check(
      {.required = {"address"}, .optional = {"serial"}, .children = {{"account", Times::many}}});
  SecondUnit unit;
  unit.serial = element.attribute("serial");
  if (element.has("address")) {
    const auto address = Address::parse(element.attribute("address"));
    if (address)
      unit.address = *address;
    else
      element.problem_at("address", fmt::format("'{}' is no address; allowed: an IPv4 or IPv6 "
                                                "address inside the scope",
                                                element.attribute("address")));
  }
  for (const Element& child : element.children("account")) {
    child.check({.required = {"name", "factory-password"}, .optional = {}, .children = {}});
    unit.accounts.push_back(
        {.account = child.attribute("name"), .password = child.filled("factory-password")});
  }
  out.second_unit = std::move(unit);
}

void check_second_unit(const Element& root, const Declaration& value) {
  const auto element = root.child("second-unit");
  if (!element || !value.second_unit) return;
  const SecondUnit& unit = *value.second_unit;
  if (!value.scope.networks.empty() && !value.scope.contains(unit.address))
    element->problem_at("address",
                        fmt::format("address {} is outside the scope", unit.address.text()));
  if (std::ranges::find(value.addresses, unit.address) != value.addresses.end())
    element->problem_at("address", fmt::format("address {} is that of the device itself; needed: "
                                               "the address of another unit",
                                               unit.address.text()));
  if (!unit.serial.empty() && unit.serial == value.identity.serial)
    element->problem_at("serial", fmt::format("serial number '{}' is that of the device itself; "
                                              "needed: the one of another unit",
                                              unit.serial));
  std::set<std::string> seen;
  for (const Element& child : element->children("account")) {
    const std::string name = child.attribute("name");
    if (!seen.insert(name).second) child.problem(fmt::format("account '{}' stands twice", name));
    if (std::ranges::none_of(value.accounts,
                             [&](const Account& account) { return account.name == name; }))
      child.problem_at("name", fmt::format("no account '{}'", name));
  }
}

std::string SecondUnit::factory_password(std::string_view account) const {
  for (const Factory& one : accounts)
    if (one.account == account) return one.password;
  return {};
}

}  // namespace haetae::declaration
