#include "harness/protocols/telnet.hpp"

#include <algorithm>
#include <array>

namespace haetae::protocols::telnet {
namespace {

constexpr std::uint8_t kIac = 255, kDont = 254, kDo = 253, kWont = 252, kWill = 251, kSb = 250,
                       kSe = 240, kEcho = 1, kGoAhead = 3;
constexpr std::size_t kMost = 64 * 1024;
constexpr Duration kSettle = 150ms;

bool ends_with_word(std::string_view line, std::string_view word) {
  const std::string small = lower(line);
  return small.size() >= word.size() &&
         small.compare(small.size() - word.size(), word.size(), word) == 0;
}

std::string_view last_line(std::string_view text) {
  const std::size_t end = text.find_last_of("\r\n");
  return end == std::string_view::npos ? text : text.substr(end + 1);
}

}  // namespace

void Decoder::answer(std::uint8_t verb, std::uint8_t option, Bytes& reply) {
  negotiated_ = true;
  if (option == kEcho && verb == kWill) peer_echoes_ = true;
  if (option == kEcho && verb == kWont) peer_echoes_ = false;
  if (!answered_.emplace(verb, option).second) return;
  const bool wanted_of_peer = option == kEcho || option == kGoAhead;
  std::uint8_t word = 0;
  if (verb == kWill) word = wanted_of_peer ? kDo : kDont;
  if (verb == kDo) word = option == kGoAhead ? kWill : kWont;
  if (word == 0) return;
  reply.insert(reply.end(), {kIac, word, option});
}

std::string Decoder::feed(ByteView bytes, Bytes& reply) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    switch (state_) {
      case State::text:
        if (byte == kIac)
          state_ = State::iac;
        else if (byte != 0)
          text.push_back(static_cast<char>(byte));
        break;
      case State::iac:
        if (byte == kIac) {
          text.push_back(static_cast<char>(byte));
          state_ = State::text;
        } else if (byte == kSb) {
          state_ = State::sub;
        } else if (byte >= kWill) {
          verb_ = byte;
          state_ = State::option;
        } else {
          state_ = State::text;
        }
        break;
      case State::option:
        answer(verb_, byte, reply);
        state_ = State::text;
        break;
      case State::sub:
        if (byte == kIac) state_ = State::sub_iac;
        break;
      case State::sub_iac:
        if (byte == kSe) negotiated_ = true;
        state_ = byte == kSe ? State::text : State::sub;
        break;
    }
  }
  return text;
}

std::string without_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\x1b') {
      if (i + 1 < text.size() && text[i + 1] == '[') {
        i += 2;
        while (i < text.size() && (text[i] < '@' || text[i] > '~')) ++i;
      } else {
        ++i;
      }
    } else if (c == '\n' || c == '\r' || c == '\t' || (c >= ' ' && c != '\x7f') || c < 0) {
      out.push_back(c);
    }
  }
  return out;
}

Prompt prompt_of(std::string_view text) {
  constexpr std::array<std::string_view, 6> users = {
      "login:", "username:", "user name:", "user:", "account:", "login as:"};
  constexpr std::array<std::string_view, 4> passwords = {
      "password:", "passwd:", "passcode:", "pass:"};
  const std::string clean = without_escapes(text);
  const std::string_view line = trim(last_line(clean));
  if (line.empty() || line.size() > 200) return Prompt::none;
  // "Password for admin:" names the account between the word and the colon.
  const bool asks = line.back() == ':';
  if (std::any_of(passwords.begin(), passwords.end(),
                  [&](auto word) { return ends_with_word(line, word); }) ||
      (asks && contains_word(line, "password"))) {
    return Prompt::password;
  }
  if (std::any_of(users.begin(), users.end(),
                  [&](auto word) { return ends_with_word(line, word); }))
    return Prompt::user;
  if (line.size() <= 80 && std::string_view("#$>%").find(line.back()) != std::string_view::npos)
    return Prompt::shell;
  return Prompt::none;
}

Session::Heard Session::listen(SteadyTime deadline) {
  Heard heard;
  std::array<std::uint8_t, 2048> block;
  for (;;) {
    heard.prompt = prompt_of(heard.text);
    const SteadyTime until =
        heard.prompt == Prompt::none ? deadline : std::min(deadline, clock_.now() + kSettle);
    const auto got = conn_.read_some(block, until);
    if (!got) {
      heard.closed = got.error().kind != ErrorKind::timed_out;
      return heard;
    }
    if (*got == 0) {
      heard.closed = true;
      return heard;
    }
    taken_ += *got;
    if (taken_ > kMost) {
      heard.too_much = true;
      heard.prompt = Prompt::none;
      return heard;
    }
    Bytes reply;
    heard.text += decoder_.feed(ByteView(block).first(*got), reply);
    if (!reply.empty() && !conn_.write(reply, deadline)) {
      heard.closed = true;
      return heard;
    }
    if (clock_.now() >= deadline) return heard;
  }
}

Result<void> Session::send_line(std::string_view line, SteadyTime deadline) {
  Bytes out;
  for (const char c : line) {
    out.push_back(static_cast<std::uint8_t>(c));
    if (static_cast<std::uint8_t>(c) == kIac) out.push_back(kIac);
  }
  out.insert(out.end(), {'\r', '\n'});
  return conn_.write(out, deadline);
}

namespace {

Session::Heard first_prompt(Session& session, Clock& clock, SteadyTime deadline) {
  const SteadyTime half = clock.now() + std::min<Duration>((deadline - clock.now()) / 2, 4s);
  Session::Heard heard = session.listen(half);
  if (heard.prompt != Prompt::none || heard.closed || heard.too_much) return heard;
  if (!session.send_line("", deadline)) {
    heard.closed = true;
    return heard;
  }
  Session::Heard next = session.listen(deadline);
  next.text = heard.text + next.text;
  return next;
}

/// confirmed() sees whether an empty line brings the prompt again, as a shell does.
bool confirmed(Session& session, SteadyTime deadline) {
  if (!session.send_line("", deadline)) return false;
  return session.listen(deadline).prompt == Prompt::shell;
}

std::string last_words(std::string_view text) {
  const std::string clean = without_escapes(text);
  const std::string_view body = trim(clean);
  return printable(body.substr(body.size() - std::min<std::size_t>(body.size(), 160)), 200);
}

LoginAnswer decide(Session& session, const Session::Heard& heard, SteadyTime deadline) {
  LoginAnswer answer;
  answer.why = last_words(heard.text);
  answer.closed = heard.closed;
  if (heard.prompt == Prompt::shell) {
    if (confirmed(session, deadline)) answer.outcome = LoginOutcome::accepted;
    return answer;
  }
  if (says_blocked(heard.text)) {
    answer.outcome = LoginOutcome::blocked;
  } else if (heard.prompt == Prompt::user || heard.prompt == Prompt::password ||
             says_refused(heard.text)) {
    answer.outcome = LoginOutcome::refused;
  }
  return answer;
}

}  // namespace

Greeting greet(net::Conn& conn, Clock& clock, SteadyTime deadline) {
  Session session(conn, clock);
  const Session::Heard heard = first_prompt(session, clock, deadline);
  return {.text = heard.text,
          .prompt = heard.prompt,
          .negotiated = session.decoder().negotiated(),
          .closed = heard.closed};
}

Result<LoginAnswer> login(net::Conn& conn, std::string_view user, std::string_view password,
                          Clock& clock, SteadyTime deadline) {
  Session session(conn, clock);
  const Session::Heard first = first_prompt(session, clock, deadline);
  if (first.prompt == Prompt::shell) {
    LoginAnswer answer = decide(session, first, deadline);
    answer.needs_login = answer.outcome != LoginOutcome::accepted;
    return answer;
  }
  if (first.prompt == Prompt::none) {
    LoginAnswer answer{.why = last_words(first.text), .closed = first.closed};
    if (says_blocked(first.text)) answer.outcome = LoginOutcome::blocked;
    return answer;
  }
  if (first.prompt == Prompt::user) {
    if (auto sent = session.send_line(user, deadline); !sent) return tl::unexpected(sent.error());
    const Session::Heard second = session.listen(deadline);
    if (second.prompt != Prompt::password) {
      LoginAnswer answer = decide(session, second, deadline);
      answer.needs_password = answer.outcome != LoginOutcome::accepted;
      return answer;
    }
  }
  const SteadyTime asked = clock.now();
  if (auto sent = session.send_line(password, deadline); !sent) return tl::unexpected(sent.error());
  const Session::Heard last = session.listen(deadline);
  const Duration took = clock.now() - asked;
  LoginAnswer answer = decide(session, last, deadline);
  answer.took = took;
  // A device that echoes passwords must not bring them into our reports.
  for (std::size_t at = 0;
       !password.empty() && (at = answer.why.find(password)) != std::string::npos;)
    answer.why.replace(at, password.size(), "");
  return answer;
}

}  // namespace haetae::protocols::telnet
