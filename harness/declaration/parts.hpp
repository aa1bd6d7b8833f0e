#pragma once

#include <filesystem>

#include "harness/declaration/declaration.hpp"
#include "harness/xml/xml.hpp"

namespace haetae::declaration {

/// The parts of the loader; each reads one element of device.xml and reports what is wrong in it.
void read_login(const xml::Element& element, Declaration& out);
void read_account(const xml::Element& element, Declaration& out);
void read_password_change(const xml::Element& element, Declaration& out);

void read_calls(const xml::Element& element, Declaration& out);
void read_records(const xml::Element& element, Declaration& out);
/// call_of() reads an element that is one HTTP request; `body` is the kind of body where none is
/// said, `more` are further attributes that it may have.
[[nodiscard]] HttpCall call_of(const xml::Element& element, std::string_view body,
                               const std::vector<std::string_view>& more = {});
/// token_in() reads the child 'token' of an element that was checked already; `body` is the kind of
/// body of the request that carries it.
[[nodiscard]] std::optional<PageToken> token_in(const xml::Element& element, std::string_view body);
/// pairs_of() reads children with the attributes 'name' and 'value'.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> pairs_of(const xml::Element& element,
                                                                        std::string_view name);
/// roles_of() reads the attribute 'roles', words of <account role>.
[[nodiscard]] std::vector<std::string> roles_of(const xml::Element& element);
/// call_in() reads the request of an element that was checked already and has more than it.
[[nodiscard]] HttpCall call_in(const xml::Element& element, std::string_view body);
/// plain_name() is up to 40 of a-z, 0-9 and '-'.
[[nodiscard]] bool plain_name(std::string_view text);

void read_update(const xml::Element& element, Declaration& out,
                 const std::filesystem::path& folder);
void read_settings(const xml::Element& element, Declaration& out);
void read_support(const xml::Element& element, Declaration& out);
void read_exports(const xml::Element& element, Declaration& out);
void read_wipe(const xml::Element& element, Declaration& out);
/// check_wipe() reports logins, names and addresses in <support>, <exports> and <wipe> that lead
/// nowhere.
void check_wipe(const xml::Element& root, const Declaration& value);

void read_second_unit(const xml::Element& element, Declaration& out);
/// check_second_unit() reports an address that is outside the scope or the first unit's, the first
/// unit's serial number, and accounts that are not declared.
void check_second_unit(const xml::Element& root, const Declaration& value);

void read_firmware(const xml::Element& element, Declaration& out,
                   const std::filesystem::path& folder);
void read_components(const xml::Element& element, Declaration& out);
void read_console(const xml::Element& element, Declaration& out);

/// file_of() reads the attribute 'file'; its name counts from the folder of device.xml.
[[nodiscard]] std::filesystem::path file_of(const xml::Element& element,
                                            const std::filesystem::path& folder,
                                            std::string_view attribute = "file");

/// port_of() reads the attribute 'port' (tcp/443).
[[nodiscard]] PortName port_of(const xml::Element& element);

/// valid_date() is whether `text` is a day of the calendar, 2026-11-22.
[[nodiscard]] bool valid_date(std::string_view text);

/// check_references() reports doubled names, names that lead nowhere and addresses out of scope.
void check_references(const xml::Element& root, const Declaration& value);

/// redact() replaces every password value of `text` by "withheld".
[[nodiscard]] std::string redact(std::string_view text, const Declaration& value);

}  // namespace haetae::declaration
