#include "testcases/authentication/state_hooks.hpp"

#include "testcases/authentication/login_client.hpp"

namespace haetae::testcases {

const declaration::Hook* first_hook(const runner::Context& context,
                                    std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const auto* hook = context.device().hook(name)) return hook;
  return nullptr;
}

bool bring_by_hook(runner::Context& context, const declaration::Hook& hook, EvidenceId& evidence) {
  Clock& clock = context.clock();
  const SteadyTime end = clock.now() + hook.timeout;
  const auto done = context.door().run_hook(hook.command, end);
  std::string text = hook.name + ": ";
  text +=
      done ? "exit code " + std::to_string(done->exit_code) + "\n" + printable(done->output, 4000)
           : printable(done.error().message());
  bool alive = false;
  if (done && done->exit_code == 0) {
    for (const char* protocol : {"http", "ssh", "rtsp", "mqtt", "telnet", "ftp"})
      for (const Target& target : services(context, protocol))
        while (!alive && clock.now() < end && !context.stop().stop_requested()) {
          alive = context.connect(target.port, "after " + hook.name, 2s).has_value();
          if (!alive) clock.sleep(500ms, context.stop());
        }
  }
  text += alive ? "\nthe device answers\n" : "\nthe device was not seen to answer\n";
  evidence = context.recorder().attach("lan", "hook " + hook.name, "text/plain", as_bytes(text));
  return alive;
}

// The normal state is back when a declared credential is accepted again.
bool normal_again(runner::Context& context) {
  for (const auto& login : context.device().logins) {
    const auto* account = account_for(context.device(), login.id);
    if (account == nullptr) continue;
    LoginClient client(context, login);
    const auto made = booked_attempt(context, client, account->name, account->password,
                                     budget_of(context, login.port, account->name));
    return made && made->answer == Answer::accepted;
  }
  return true;
}

}  // namespace haetae::testcases
