#include "testcases/authentication/session_bystander.hpp"

#include "testcases/facts/facts.hpp"

namespace haetae::testcases {

SessionBystander::SessionBystander(runner::Context& context, const declaration::Login& login,
                                   const declaration::Account& account)
    : context_(context),
      sessions_(keeps_sessions(context, login)),
      bench_(context, login, account) {}

void SessionBystander::open() {
  if (!sessions_) return;
  const auto failed = [&](const Error& error) {
    why_ = printable(error.message());
    cause_ = cause_of(error);
  };
  if (auto ready = bench_.ready(); !ready) {
    failed(ready.error());
    return;
  }
  auto session = bench_.log_in();
  if (!session) {
    failed(session.error());
    return;
  }
  session_ = std::move(*session);
  values_ = session_.values;
  why_ = "no new password was taken, so that nothing was learned of other sessions";
  cause_ = Cause::device;
}

void SessionBystander::before() {
  if (idle() || asked_) return;
  before_ = bench_.look(values_);
}

void SessionBystander::after() {
  if (idle() || asked_) return;
  after_ = bench_.look(values_);
  asked_ = true;
}

void SessionBystander::changed() {
  if (idle() || !asked_) return;
  // A service that restarts with its new password was away right after the change.
  if (after_ == SessionBench::Access::unknown) after_ = bench_.look(values_);
  facts::SessionAfterChange fact;
  fact.evidence = bench_.evidence();
  fact.subject = bench_.login().port.subject();
  fact.account = bench_.account().name;
  fact.changed = "yes";
  fact.before = std::string(word(before_));
  fact.after = std::string(word(after_));
  done_ = fact.evidence != 0;
  if (done_)
    runner::record(context_, fact);
  else
    why_ = "the other session got no answer after the change";
}

void SessionBystander::finish() {
  if (!sessions_) return;
  (void)bench_.log_out(session_);
  const std::string subject = bench_.login().port.subject();
  context_.cover(done_ ? whole("session.change", subject)
                       : gap("session.change", subject, cause_, why_));
}

}  // namespace haetae::testcases
