#include "harness/protocols/ftp.hpp"

#include <algorithm>

namespace haetae::protocols::ftp {
namespace {

constexpr int kMostLines = 64;

bool digit(char c) { return c >= '0' && c <= '9'; }

int code_of(std::string_view line) {
  if (line.size() < 3 || !digit(line[0]) || !digit(line[1]) || !digit(line[2])) return 0;
  if (line[0] == '0' || line[0] > '5') return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

bool demands_tls(std::string_view text) {
  return contains_word(text, "tls") || contains_word(text, "ssl") ||
         contains_word(text, "encrypt") || contains_word(text, "cleartext");
}

LoginAnswer answer_of(const Reply& reply) {
  LoginAnswer answer{.why = printable(std::to_string(reply.code) + " " + reply.text),
                     .code = reply.code};
  if (reply.code == 230 || reply.code == 232) {
    answer.outcome = LoginOutcome::accepted;
  } else if (reply.code >= 400 && demands_tls(reply.text)) {
    answer.needs_tls = true;
  } else if (reply.code == 421 || (reply.code >= 400 && says_blocked(reply.text))) {
    answer.outcome = LoginOutcome::blocked;
  } else if (reply.code == 530 || reply.code == 430) {
    answer.outcome = LoginOutcome::refused;
  }
  return answer;
}

}  // namespace

Result<Reply> read_reply(Reader& reader, SteadyTime deadline) {
  auto line = reader.line(deadline, 2048);
  if (!line) return tl::unexpected(line.error());
  const int code = code_of(*line);
  if (code == 0) return fail(ErrorKind::protocol, "the reply does not begin with a code");
  Reply reply{.code = code, .text = line->size() > 4 ? line->substr(4) : std::string()};
  if (line->size() < 4 || (*line)[3] != '-') return reply;
  const std::string end = line->substr(0, 3) + " ";
  for (int count = 1; count < kMostLines; ++count) {
    line = reader.line(deadline, 2048);
    if (!line) return tl::unexpected(line.error());
    const bool last = line->compare(0, 4, end) == 0 || *line == end.substr(0, 3);
    const bool coded = code_of(*line) == code;
    reply.text += '\n' + (coded ? line->substr(std::min<std::size_t>(4, line->size())) : *line);
    if (last) return reply;
  }
  return fail(ErrorKind::protocol, "the reply has too many lines");
}

Result<Reply> Session::command(std::string_view line, SteadyTime deadline) {
  if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
    return fail(ErrorKind::invalid_input, "an FTP argument cannot hold a line end");
  if (auto sent = conn_.write(as_bytes(std::string(line) + "\r\n"), deadline); !sent)
    return tl::unexpected(sent.error());
  return read_reply(reader_, deadline);
}

Result<LoginAnswer> login(Session& session, std::string_view user, std::string_view password,
                          Clock& clock, SteadyTime deadline) {
  auto reply = session.command("USER " + std::string(user), deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->code != 331 && reply->code != 332) {
    LoginAnswer answer = answer_of(*reply);
    answer.needs_password = answer.outcome != LoginOutcome::accepted;
    return answer;
  }
  const SteadyTime asked = clock.now();
  reply = session.command("PASS " + std::string(password), deadline);
  const Duration took = clock.now() - asked;
  if (!reply) {
    if (reply.error().kind == ErrorKind::invalid_input) return tl::unexpected(reply.error());
    return LoginAnswer{.why = reply.error().message(),
                       .closed = reply.error().kind == ErrorKind::closed,
                       .took = took};
  }
  LoginAnswer answer = answer_of(*reply);
  answer.took = took;
  return answer;
}

Result<LoginAnswer> login(net::Conn& conn, std::string_view user, std::string_view password,
                          Clock& clock, SteadyTime deadline) {
  Session session(conn);
  const auto greeting = session.greeting(deadline);
  if (!greeting) return tl::unexpected(greeting.error());
  if (greeting->code == 421)
    return LoginAnswer{
        .outcome = LoginOutcome::blocked, .why = printable(greeting->text), .code = 421};
  return login(session, user, password, clock, deadline);
}

Result<bool> offers_auth_tls(Session& session, SteadyTime deadline) {
  const auto reply = session.command("AUTH TLS", deadline);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->code == 234) return true;
  if (reply->code >= 500) return false;
  return fail(ErrorKind::protocol, "AUTH TLS was answered by code " + std::to_string(reply->code));
}

}  // namespace haetae::protocols::ftp
