#include "harness/protocols/ssh_session.hpp"
#include "testcases/authentication/login_client.hpp"
#include "testcases/update/adapter.hpp"

/// A file copied to the device by SCP, with an optional command afterwards.
namespace haetae::testcases::update {
namespace {

using protocols::SshOutcome;
using protocols::SshSession;

class SecureCopy final : public Adapter {
 public:
  SecureCopy(runner::Context& context, const declaration::Login& login)
      : context_(context), scp_(*context.device().update.scp), login_(login) {}

  Offer offer(const Parcel& parcel) override {
    const SteadyTime begin = context_.clock().now();
    const auto* account = parcel.actor.kind == Actor::Kind::account
                              ? parcel.actor.account
                              : account_for(context_.device(), login_.id);
    if (account == nullptr)
      return failed({ErrorKind::invalid_input,
                     "no password was handed over for the login " + login_.id + " of the update"},
                    0);
    Offer out = once(*account, parcel);
    out.took = context_.clock().now() - begin;
    return out;
  }
  std::string subject() const override { return login_.port.subject(); }
  std::string login() const override { return login_.id; }
  bool can_be_nobody() const override { return true; }

 private:
  Offer once(const declaration::Account& account, const Parcel& parcel) {
    auto conn = context_.connect(login_.port, "update copied by SCP");
    if (!conn) return failed(conn.error(), 0);
    Offer out;
    out.evidence = (*conn)->evidence();
    send(**conn, account, parcel, out);
    return out;
  }

  void lost(const Error& error, Offer& out) {
    out.message = out.why = printable(error.message());
    out.cause = failed(error, 0).cause;
  }

  void send(net::Conn& conn, const declaration::Account& account, const Parcel& parcel,
            Offer& out) {
    const SteadyTime until = context_.clock().now() +
                             std::chrono::seconds(60 + parcel.bytes.size() / 65536) +
                             context_.device().update.settle;
    auto session = SshSession::open(conn, until);
    if (!session) return lost(session.error(), out);
    const bool nobody = parcel.actor.kind == Actor::Kind::nobody;
    const auto answer =
        nobody ? session->methods(account.name, until) : booked(*session, account, until);
    if (!answer) return lost(answer.error(), out);
    out.tried = true;
    if (answer->outcome != SshOutcome::accepted) {
      out.denied = true;
      out.told = Told::refused;
      out.message = "the SSH login was " + std::string(word(answer->outcome));
      return;
    }
    const auto copied = session->copy(scp_.path, parcel.bytes, until,
                                      parcel.cut.value_or(static_cast<std::size_t>(-1)));
    if (!copied) {
      out.told = copied.error().kind == ErrorKind::refused ? Told::refused : Told::nothing;
      return lost(copied.error(), out);
    }
    out.delivered = true;
    if (parcel.cut || scp_.command.empty()) return;
    const auto ran = session->run(scp_.command, until);
    if (!ran) return lost(ran.error(), out);
    out.told = ran->exit_code == 0 ? Told::done : Told::refused;
    out.message = printable("exit code " + std::to_string(ran->exit_code) + ": " + ran->output);
  }

  /// booked() draws from the ledger before the password goes out.
  Result<protocols::SshAnswer> booked(SshSession& session, const declaration::Account& account,
                                      SteadyTime until) {
    const Budget budget = budget_of(context_, login_.port, account.name);
    std::vector<std::int64_t> tries;
    for (const auto& key : budget.keys) {
      const auto drawn =
          context_.ledger().draw(context_.procedure(), key.subject, key.account, budget.policy);
      if (!drawn) return tl::unexpected(drawn.error());
      tries.push_back(*drawn);
    }
    auto answer = session.try_password(account.name, account.password, until);
    const auto outcome = !answer                                   ? net::TryOutcome::unknown
                         : answer->outcome == SshOutcome::accepted ? net::TryOutcome::accepted
                                                                   : net::TryOutcome::refused;
    for (const std::int64_t one : tries)
      if (const auto settled = context_.ledger().settle(one, outcome); !settled)
        return tl::unexpected(settled.error());
    return answer;
  }

  runner::Context& context_;
  const declaration::UpdateScp& scp_;
  const declaration::Login& login_;
};

}  // namespace

Result<std::unique_ptr<Adapter>> secure_copy(runner::Context& context) {
  const auto& scp = context.device().update.scp;
  const auto* login = scp ? context.device().login(scp->login) : nullptr;
  if (login == nullptr || login->method != "ssh")
    return fail(ErrorKind::invalid_input,
                "an update by SCP needs <scp> with the id of an SSH login in the declaration");
  return std::make_unique<SecureCopy>(context, *login);
}

}  // namespace haetae::testcases::update
