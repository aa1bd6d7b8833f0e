#include "testcases/hardware/terminal.hpp"

#include <algorithm>
#include <array>

#include "testcases/authentication/web.hpp"

namespace haetae::testcases {

using protocols::console::Ask;
using protocols::console::Known;
using protocols::console::Screen;

namespace {

constexpr Duration kStands = 300ms;              // a prompt without a byte behind it
constexpr std::uint64_t kMostBytes = 8U << 20U;  // in one wait
constexpr std::size_t kMostAccount = 64;

Known known(const runner::Context& context) {
  Known out;
  const auto* reference = context.catalogue().reference("boot_sign");
  if (reference != nullptr) {
    for (const auto& row : reference->rows)
      out.signs.push_back({column(*reference, row, "loader"), column(*reference, row, "kind"),
                           column(*reference, row, "text")});
  }
  const auto& console = context.device().console;
  if (console && !console->login_prompt.empty()) out.login_prompt = console->login_prompt;
  return out;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Terminal::Terminal(runner::Context& context, std::unique_ptr<net::Conn> line, Known known)
    : context_(context),
      line_(std::move(line)),
      screen_(std::move(known)),
      last_(context.clock().now()) {}

bool Terminal::listen(Duration wait) {
  std::array<std::uint8_t, 4096> block;
  if (gone()) {
    context_.clock().sleep(wait, context_.stop());
    return false;
  }
  const auto got = line_->read_some(block, context_.clock().now() + wait);
  if (got && *got > 0) {
    last_ = context_.clock().now();
    screen_.feed(ByteView(block).first(*got));
    return true;
  }
  if (got)
    gone_ = "the other side ended the console";
  else if (got.error().kind != ErrorKind::timed_out)
    gone_ = printable(got.error().message());
  return false;
}

Duration Terminal::standing() const { return context_.clock().now() - last_; }

bool Terminal::type(std::string_view keys) {
  if (gone()) return false;
  before_ = screen_.ask();
  typed_ = screen_.mark();
  has_typed_ = true;
  const auto sent = line_->write(as_bytes(keys), context_.clock().now() + 5s);
  if (!sent) gone_ = printable(sent.error().message());
  return sent.has_value();
}

Ask Terminal::asked() const {
  const Ask now = screen_.ask();
  const bool fresh = said().find_first_of("\r\n") != std::string_view::npos;
  return fresh || now != before_ || !has_typed_ ? now : Ask::nothing;
}

Ask Terminal::settle(Duration quiet, Duration most) {
  const SteadyTime end = context_.clock().now() + most;
  const std::uint64_t begun = screen_.bytes();
  SteadyTime heard = context_.clock().now();
  while (!gone() && !context_.stop().stop_requested()) {
    const SteadyTime now = context_.clock().now();
    if (now >= end || now - heard >= quiet || screen_.bytes() - begun > kMostBytes) break;
    const Ask ask = asked();
    const Duration wait = ask == Ask::nothing ? quiet - (now - heard) : kStands;
    if (listen(std::min<Duration>(wait, end - now))) {
      heard = context_.clock().now();
    } else if (ask != Ask::nothing && context_.clock().now() < end) {
      return ask;
    }
  }
  return Ask::nothing;
}

std::string_view Terminal::answer() const {
  std::string_view text = said();
  const std::size_t echo = text.find_first_of("\r\n");
  if (echo == std::string_view::npos) return {};
  text.remove_prefix(echo);
  return text.substr(0, text.find_last_of("\r\n"));
}

Result<std::unique_ptr<Terminal>> open_console(runner::Context& context, std::string_view label) {
  const declaration::Console& console = *context.device().console;
  const net::ConsoleLine line{.device = console.device.string(),
                              .baud = console.baud,
                              .server = console.kind == "tcp" ? console.endpoint : std::nullopt};
  auto opened =
      context.door().console(line, context.recorder(), kConsole, label, context.clock().now() + 5s);
  if (!opened) return tl::unexpected(opened.error());
  return std::make_unique<Terminal>(context, std::move(*opened), known(context));
}

ShellSeen prove_shell(Terminal& terminal) {
  ShellSeen out;
  const std::string left = "h" + to_hex(random_bytes(3));
  const std::string right = to_hex(random_bytes(3)) + "t";
  // Two parts and the number of the process: what only echoes gives them back as they were typed.
  if (!terminal.type("echo " + left + "'" + right + "'$$\r")) return out;
  (void)terminal.settle(2s, 8s);
  const std::string_view said = terminal.said();
  const std::size_t at = said.find(left + right);
  if (at == std::string_view::npos) return out;
  const std::size_t begin = at + left.size() + right.size();
  std::size_t end = begin;
  while (end < said.size() && digit(said[end])) ++end;
  if (end == begin) return out;
  out.answered = true;
  out.first_process = said.substr(begin, end - begin) == "1";
  if (!terminal.type("id\r")) return out;
  (void)terminal.settle(2s, 8s);
  const std::string_view who = terminal.answer();
  const std::size_t uid = who.find("uid=");
  if (uid == std::string_view::npos) return out;
  const std::size_t stop = std::min(who.find_first_of(" \r\n", uid), who.size());
  out.account = printable(who.substr(uid, std::min(stop - uid, kMostAccount)), kMostAccount);
  return out;
}

std::string state_of(const Screen& screen) {
  if (screen.bytes() == 0) return "silent";
  return screen.garbage() ? "garbage" : "text";
}

}  // namespace haetae::testcases
