#include <algorithm>

#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/update/procedures.hpp"
#include "testcases/update/workbench.hpp"

namespace haetae::testcases::update {

void record_declared(runner::Context& context, EvidenceId evidence) {
  const auto& device = context.device();
  const auto& update = device.update;
  facts::DeclaredUpdate fact;
  fact.evidence = evidence;
  fact.subject = subject_of(update);
  if (update.mechanism == "scp" && update.scp)
    if (const auto* login = device.login(update.scp->login)) fact.subject = login->port.subject();
  if (!update.mechanism.empty()) fact.mechanism = update.mechanism;
  fact.recovery = yes_no(!update.recovery.empty() || device.hook("recover") != nullptr);
  fact.version_shown = yes_no(VersionReader(context).declared());
  fact.pull = yes_no(update.pull.has_value());
  runner::record(context, fact);
  for (const Stock& stock : stocks(update)) {
    facts::DeclaredUpdateImage image;
    image.evidence = evidence;
    image.image = stock.image;
    image.role = stock.role;
    image.version = stock.version;
    if (stock.there()) image.sha256 = to_hex(sha256(stock.bytes));
    runner::record(context, image);
  }
}

void record_restoring(runner::Context& context, EvidenceId evidence) {
  const auto& device = context.device();
  facts::DeclaredSettings settings;
  settings.evidence = evidence;
  settings.subject = device.settings.restore ? device.settings.restore->port.subject() : "lan";
  if (!device.settings.backup.empty()) {
    settings.backup = device.settings.backup;
    settings.shown = device.settings.shown ? "page" : "saved";
  }
  runner::record(context, settings);
  facts::DeclaredMedia media;
  media.evidence = evidence;
  media.subject = "media";
  media.hook = yes_no(device.hook("media") != nullptr);
  media.version_shown = yes_no(VersionReader(context).declared());
  runner::record(context, media);
}

Result<void> bring_back(runner::Context& context) {
  auto bench = Workbench::open(context);
  if (!bench) return tl::unexpected(bench.error());
  if ((*bench)->put_back(false)) return {};
  return fail(ErrorKind::refused,
              "the version under test does not run after an interrupted update test; put it back "
              "by the declared way of recovery");
}

}  // namespace haetae::testcases::update
