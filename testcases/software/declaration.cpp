#include "harness/declaration/declaration.hpp"

#include <fstream>
#include <map>
#include <set>

#include "harness/formats/component_list.hpp"
#include "testcases/authentication/unit_context.hpp"
#include "testcases/authentication/web.hpp"
#include "testcases/facts/facts.hpp"
#include "testcases/firmware/component_names.hpp"
#include "testcases/firmware/software_version.hpp"
#include "testcases/procedures.hpp"
#include "testcases/software/record_declared.hpp"
#include "testcases/update/procedures.hpp"

/// What the maker states, as facts, so that criteria can compare it with what was seen.
namespace haetae::testcases {
namespace {

constexpr std::uintmax_t kListLimit = 64u * 1024 * 1024;
constexpr std::uintmax_t kDocumentLimit = 256u * 1024 * 1024;

std::string given(bool value) { return value ? "given" : "withheld"; }

// The declaration as text without any password: what the run was told, for the reader.
std::string summary(const declaration::Declaration& device) {
  std::string out;
  const auto line = [&out](std::string_view name, std::string_view text) {
    out += std::string(name) + ": " + std::string(text) + "\n";
  };
  const auto& who = device.identity;
  line("device", who.maker + " " + who.model + ", " + who.category + ", serial " + who.serial +
                     ", hardware " + who.hardware + ", firmware " + who.firmware);
  line("certification", device.certification.type + " " + device.certification.profile);
  for (const auto& one : device.services)
    line("service", one.port.text() + " " + one.protocol + (one.tls ? " in TLS" : "") + " " +
                        (one.management ? "management, " : "") + one.purpose);
  for (const auto& one : device.logins)
    line("login", one.id + " " + one.port.text() + " " + one.method + " " + one.path);
  for (const auto& one : device.accounts)
    line("account", one.name + " " + one.role + ", password " + given(one.has_password) +
                        ", factory password " + given(!one.factory_password.empty()) +
                        (one.sacrificial ? ", sacrificial" : ""));
  for (const auto& one : device.password_changes)
    line("password change", one.login + " " + one.path);
  if (device.password_policy.declared) line("password policy", device.password_policy.text);
  if (device.lockout.declared)
    line("lockout", std::to_string(device.lockout.failures) + " failures, " +
                        std::to_string(device.lockout.block.count()) + " s, per " +
                        device.lockout.counts);
  if (device.session.declared)
    line("session", std::to_string(device.session.idle.count()) + " s idle");
  line("update", device.update.mechanism + " " + device.update.description);
  for (const auto& one : device.outbound)
    line("outbound", one.host + ":" + std::to_string(one.port) + " " + one.protocol);
  for (const auto& one : device.personal_data) line("personal data", one.name + ", " + one.purpose);
  for (const auto& one : device.documents) line("document", one.kind + ", " + one.title);
  for (const auto& one : device.resources)
    line("resource", one.port.text() + " " + one.protocol + " " + one.target + " " + one.kind);
  for (const auto& one : device.product_information)
    line("product information", one.field + " " + one.port.text() + " " + one.path);
  if (device.console)
    line("console", device.console->kind + " " + device.console->device.string() +
                        (device.console->endpoint ? device.console->endpoint->text() : ""));
  if (device.second_unit)
    line("second unit", device.second_unit->address.text() + ", serial " +
                            device.second_unit->serial + ", factory passwords " +
                            std::to_string(device.second_unit->accounts.size()));
  for (const auto& one : device.hooks) line("hook", one.name);
  for (const auto& one : device.statements)
    line("statement", one.item + (one.applies ? " applies " : " does not apply: ") + one.reason);
  return out;
}

void record_identity(runner::Context& context, EvidenceId evidence) {
  const auto& who = context.device().identity;
  const std::pair<const char*, const std::string*> fields[] = {
      {"maker", &who.maker},   {"model", &who.model},       {"category", &who.category},
      {"serial", &who.serial}, {"hardware", &who.hardware}, {"firmware", &who.firmware}};
  for (const auto& [field, text] : fields) {
    if (text->empty()) continue;
    facts::DeclaredIdentity fact;
    fact.evidence = evidence;
    fact.field = field;
    fact.text = *text;
    runner::record(context, fact);
  }
}

void record_services(runner::Context& context, EvidenceId evidence) {
  for (const auto& one : context.device().services) {
    facts::DeclaredService fact;
    fact.evidence = evidence;
    fact.subject = one.port.subject();
    fact.protocol = one.protocol.empty() ? "unknown" : one.protocol;
    fact.tls = yes_no(one.tls);
    fact.management = yes_no(one.management);
    fact.purpose = one.purpose;
    runner::record(context, fact);
  }
  for (const auto& one : context.device().outbound) {
    facts::DeclaredOutbound fact;
    fact.evidence = evidence;
    fact.host = one.host;
    fact.port = one.port;
    fact.protocol = one.protocol;
    fact.purpose = one.purpose;
    runner::record(context, fact);
  }
}

void record_calls(runner::Context& context, EvidenceId evidence) {
  const auto& device = context.device();
  for (const auto& one : device.calls) {
    facts::DeclaredCall fact;
    fact.evidence = evidence;
    fact.subject = one.http.port.subject();
    fact.call = one.id;
    fact.kind = one.kind;
    fact.method = one.http.method;
    fact.path = one.http.path;
    fact.login = yes_no(!one.http.login.empty());
    fact.changes = yes_no(one.changes);
    fact.undo = yes_no(device.call(one.undo) != nullptr);
    fact.proof = yes_no(!one.proof_field.empty());
    fact.owner = one.owner;
    runner::record(context, fact);
  }
}

void record_accounts(runner::Context& context, EvidenceId evidence) {
  const auto& device = context.device();
  for (const auto& one : device.accounts) {
    facts::DeclaredAccount fact;
    fact.evidence = evidence;
    fact.account = one.name;
    fact.role = one.role.empty() ? "unknown" : one.role;
    fact.factory = yes_no(one.factory);
    fact.password_given = yes_no(one.has_password);
    fact.factory_password_given = yes_no(!one.factory_password.empty());
    fact.sacrificial = yes_no(one.sacrificial);
    runner::record(context, fact);
  }
  if (device.lockout.declared) {
    facts::DeclaredLockout fact;
    fact.evidence = evidence;
    fact.scope = "device";
    fact.failures = device.lockout.failures;
    fact.block_seconds = device.lockout.block.count();
    fact.counts = device.lockout.counts;
    runner::record(context, fact);
  }
  if (device.session.declared) {
    facts::DeclaredSession fact;
    fact.evidence = evidence;
    fact.scope = "device";
    fact.idle_seconds = device.session.idle.count();
    fact.simultaneous = device.session.simultaneous;
    runner::record(context, fact);
  }
}

std::string hash_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error || size > kDocumentLimit) return {};
  std::ifstream in(file, std::ios::binary);
  Bytes bytes(static_cast<std::size_t>(size));
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
    return {};
  return to_hex(sha256(bytes));
}

void record_documents(runner::Context& context, EvidenceId evidence) {
  std::map<std::string, int> names;
  for (const auto& one : context.device().documents) {
    facts::DeclaredDocument fact;
    fact.evidence = evidence;
    fact.document = one.kind + ": " + one.title;
    if (const int again = ++names[fact.document]; again > 1)
      fact.document += " (" + std::to_string(again) + ")";
    fact.kind = one.kind;
    fact.sha256 = hash_of(one.file);
    runner::record(context, fact);
  }
  for (const auto& one : context.device().statements) {
    facts::Statement fact;
    fact.evidence = evidence;
    fact.item = one.item;
    fact.applies = yes_no(one.applies);
    fact.reason = one.reason;
    runner::record(context, fact);
  }
}

void record_console(runner::Context& context, EvidenceId evidence) {
  const auto& console = context.device().console;
  if (!console) return;
  facts::DeclaredConsole fact;
  fact.evidence = evidence;
  fact.subject = "console";
  fact.kind = console->kind.empty() ? "unknown" : console->kind;
  fact.baud = console->kind == "serial" ? console->baud : 0;
  fact.power_cycle = yes_no(context.device().hook("power-cycle") != nullptr);
  runner::record(context, fact);
}

void record_component(runner::Context& context, EvidenceId evidence, const std::string& name,
                      const std::string& version, const std::string& origin,
                      std::set<std::string>& seen) {
  static constexpr char kBetween = '\n';
  if (!seen.insert(name + kBetween + version + kBetween + origin).second) return;
  facts::DeclaredComponent fact;
  fact.evidence = evidence;
  fact.name = printable(name);
  fact.version = printable(version);
  fact.origin = origin;
  fact.component = firmware::ComponentNames(context.catalogue()).of(name);
  fact.release = firmware::release_of(version, true);
  runner::record(context, fact);
}

// Components that are declared by themselves, and those of submitted lists.
void record_components(runner::Context& context, EvidenceId evidence) {
  std::set<std::string> seen;
  for (const auto& one : context.device().components)
    record_component(context, evidence, one.name, one.version, "declaration", seen);
  for (const auto& document : context.device().documents) {
    std::error_code error;
    const auto size = std::filesystem::file_size(document.file, error);
    if (error || size > kListLimit || document.file.extension() != ".json") continue;
    std::ifstream in(document.file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto list = formats::read_component_list(text);
    if (!list) continue;
    const EvidenceId shown = context.recorder().attach("lan", "component list: " + document.title,
                                                       "application/json", as_bytes(text));
    for (const auto& one : list->components)
      record_component(context, shown, one.name, one.version, list->format, seen);
  }
}

void record_parts(runner::Context& context, EvidenceId evidence) {
  const auto& device = context.device();
  const std::pair<const char*, bool> parts[] = {
      {"services", device.services_declared},
      {"logins", !device.logins.empty()},
      {"accounts", !device.accounts.empty()},
      {"password-change", !device.password_changes.empty()},
      {"password-policy", device.password_policy.declared},
      {"lockout", device.lockout.declared},
      {"session", device.session.declared},
      {"update", !device.update.mechanism.empty()},
      {"outbound", !device.outbound.empty()},
      {"personal-data", !device.personal_data.empty()},
      {"documents", !device.documents.empty()},
      {"resources", !device.resources.empty()},
      {"product-information", !device.product_information.empty()},
      {"hooks", !device.hooks.empty()},
      {"console", device.console.has_value()},
      {"support", device.support.security_txt || device.support.period},
      {"update-notice", device.support.notice.has_value()},
      {"exports", !device.exports.empty()},
      {"wipe", device.wipe.has_value()}};
  for (const auto& [part, there] : parts) {
    facts::DeclaredPart fact;
    fact.evidence = evidence;
    fact.part = part;
    fact.given = yes_no(there);
    runner::record(context, fact);
  }
}

/// keep_secrets() names every declared password as a secret, so that copies for others can be
/// searched for it wherever a procedure sent it.
void keep_secrets(runner::Context& context) {
  for (const auto& account : context.device().accounts) {
    for (const std::string& value : {account.password, account.factory_password}) {
      if (!value.empty()) (void)context.secret("password", value);
    }
  }
  if (context.device().second_unit)
    for (const auto& one : context.device().second_unit->accounts)
      (void)context.secret("password", one.password);
}

Result<void> read_declaration(runner::Context& context) {
  keep_secrets(context);
  const std::string text = summary(context.device());
  const EvidenceId evidence = context.recorder().attach("lan", "declaration without passwords",
                                                        "text/plain", as_bytes(text));
  record_identity(context, evidence);
  record_services(context, evidence);
  record_accounts(context, evidence);
  record_calls(context, evidence);
  record_documents(context, evidence);
  record_console(context, evidence);
  record_components(context, evidence);
  record_parts(context, evidence);
  record_units(context, evidence);
  update::record_declared(context, evidence);
  record_declared_records(context, evidence);
  update::record_restoring(context, evidence);
  context.cover(whole("declaration", "lan", "the whole declaration"));
  return {};
}

}  // namespace

runner::Procedure declaration_procedure() {
  runner::Info info;
  info.id = "declaration";
  info.title = {"제조사 선언", "the maker's declaration"};
  info.hazard = Hazard::passive;
  info.provides_facts = {
      "declared_identity", "declared_service",      "declared_account",   "declared_lockout",
      "declared_session",  "declared_outbound",     "declared_document",  "declared_part",
      "declared_update",   "declared_update_image", "declared_settings",  "declared_media",
      "declared_console",  "declared_call",         "declared_component", "declared_records",
      "declared_unit",     "declared_unit_account", "statement"};
  info.topics = {"declaration"};
  info.expected = std::chrono::seconds(1);
  info.deadline = std::chrono::seconds(60);
  return {.info = std::move(info), .run = read_declaration, .recover = {}};
}

}  // namespace haetae::testcases
