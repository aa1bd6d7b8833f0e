#pragma once

#include <optional>
#include <string>

#include "devices/device.hpp"
#include "devices/http.hpp"

/// The parts of the web application beside login, pictures and update, each in a file of its own.
namespace haetae::devices {

/// Visit is a request with the user of its session.
struct Visit {
  Device& device;
  const Request& request;
  const Connection& connection;
  std::optional<std::string> user;  ///< nothing: no living session
  [[nodiscard]] bool administrator() const { return user && device.accounts.administers(*user); }
};

/// Each answers its own paths; nothing: the path is not one of its own.
/// /api/users (administrators), /api/users/NAME (the user and administrators), /api/settings (read
/// by every user, written by administrators), /api/recovery (where the way to a new password is
/// sent; written by administrators who give their password anew).
[[nodiscard]] std::optional<Reply> serve_users(const Visit& visit);
/// What the settings web.injection, web.overflow and web.error-details break, before anything else
/// answers.
[[nodiscard]] std::optional<Reply> serve_careless(const Visit& visit);
/// /debug/vars and files outside the web folders, where a setting lets them out.
[[nodiscard]] std::optional<Reply> serve_files(const Visit& visit);

/// from_elsewhere() is whether a changing request names the page of another site as its origin, and
/// that is looked at.
[[nodiscard]] bool from_elsewhere(const Device& device, const Request& request);
/// origin_headers() are those that let other sites read the answer, if any.
[[nodiscard]] Headers origin_headers(const Device& device, const Request& request);
/// /.well-known/security.txt, /support, /api/update/notice, /api/export and /api/reset
/// (administrators, who send their password again).
[[nodiscard]] std::optional<Reply> serve_support(const Visit& visit);

/// /api/log (administrators), /api/log/clear, /api/time (read by every user), /api/time/ask.
[[nodiscard]] std::optional<Reply> serve_records(const Visit& visit);
/// note_request() writes changes and updates into the record, with what came of them.
void note_request(const Visit& visit, const Reply& reply);

/// in_json() is an answer with a JSON object, written out.
[[nodiscard]] Reply in_json(int status, std::string text);
[[nodiscard]] Reply sign_in_first();
[[nodiscard]] Reply administrators_only();
/// json_member() is a text member of a JSON body; nothing if the body is none or has not that
/// member.
[[nodiscard]] std::optional<std::string> json_member(const Request& request, const char* name);

}  // namespace haetae::devices
