#include "tests/support/console_lab.hpp"

#include <poll.h>

#include <array>
#include <stdexcept>

#include "testcases/procedures.hpp"

namespace haetae::test {

PtyBoard::PtyBoard(const devices::Settings& settings, const TempDir& folder, std::size_t piece)
    : board_(settings, "SimCam 200"),
      power_(folder.path() / "power"),
      piece_(piece),
      thread_([this] { run(); }) {}

PtyBoard::~PtyBoard() { over_ = true; }

void PtyBoard::run() {
  while (!over_) {
    pollfd entry{.fd = pty_.master(), .events = POLLIN, .revents = 0};
    std::array<char, 512> typed;
    std::size_t got = 0;
    if (::poll(&entry, 1, 10) > 0 && (entry.revents & POLLIN) != 0) {
      const auto count = ::read(pty_.master(), typed.data(), typed.size());
      if (count > 0) got = static_cast<std::size_t>(count);
    }
    const auto now = std::chrono::steady_clock::now();
    if (std::filesystem::remove(power_)) board_.power_on(now);
    const std::string said = board_.step({typed.data(), got}, now);
    for (std::size_t at = 0; at < said.size(); at += piece_)
      pty_.write(std::string_view(said).substr(at, piece_));
  }
}

namespace {

declaration::Declaration lab() {
  declaration::Declaration out = lab_declaration("127.47.9.1");
  out.console.emplace();
  out.console->boot = std::chrono::seconds(4);
  out.permit = Hazard::disruptive;
  return out;
}

void run(const runner::Procedure& procedure, FakeContext& context) {
  if (const auto done = procedure.run(context); !done)
    throw std::runtime_error(done.error().message());
}

}  // namespace

declaration::Declaration at_tty(const std::string& tty, const std::string& power_hook) {
  declaration::Declaration out = lab();
  out.console->kind = "serial";
  out.console->device = tty;
  if (!power_hook.empty())
    out.hooks.push_back(
        {.name = "power-cycle", .command = power_hook, .timeout = std::chrono::seconds(10)});
  return out;
}

declaration::Declaration at_server(const Endpoint& server) {
  declaration::Declaration out = lab();
  out.console->kind = "tcp";
  out.console->endpoint = server;
  out.scope.networks.push_back(*Network::parse(server.address.text() + "/32"));
  return out;
}

catalogue::Catalogue console_catalogue(std::int64_t tries) {
  auto loaded =
      catalogue::load(HAETAE_SOURCE_DIR "/testcases/catalogue/kisa-cic.xml", std::nullopt);
  if (!loaded) throw std::runtime_error(loaded.error().message());
  for (auto& parameter : loaded->value.parameters)
    if (parameter.name == "console.tries") parameter.value = tries;
  return std::move(loaded->value);
}

void run_console(FakeContext& context) { run(testcases::console_procedure(), context); }
void run_boot(FakeContext& context) { run(testcases::console_boot_procedure(), context); }

}  // namespace haetae::test
