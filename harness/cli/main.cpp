#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/setup.hpp"

namespace {

using namespace haetae::cli;

constexpr const char* kExitCodes =
    "\nExit codes: 0 conformant, or done · 1 non-conformant, or damage found · 2 incomplete ·\n"
    "            3 fault of the laboratory or the tool · 64 usage or invalid input";

void add_language(CLI::App* app, std::string& language) {
  app->add_option("--lang", language, "Language of sentences: ko or en (default: the locale's)")
      ->check(CLI::IsMember({"ko", "en"}));
}

void add_common(CLI::App* app, Common& common) {
  app->add_option("--catalogue", common.catalogue, "Catalogue id, or a file (default: kisa-cic)");
  app->add_option("--profile", common.profile,
                  "Profile id or file; none: without (default: as declared)");
  add_language(app, common.language);
}

void add_waivers(CLI::App* app, std::filesystem::path& file, std::filesystem::path& key) {
  app->add_option("--waivers", file,
                  "Findings or items that are known and accepted until a date (waivers.xml)");
  app->add_option("--waiver-key", key, "Public key (PEM) that must have signed the waivers");
}

void add_run_options(CLI::App* app, RunArguments& arguments) {
  app->add_option("DEVICE", arguments.device, "The maker's statement, device.xml")->required();
  add_common(app, arguments.common);
  app->add_option("--type", arguments.type, "Certification type (default: as declared)")
      ->check(CLI::IsMember({"lite", "basic", "standard"}));
  app->add_option("--only", arguments.only,
                  "Items to test, such as 1.2,6.1; the run is then at best incomplete")
      ->delimiter(',');
  app->add_option(
      "--permit", arguments.permit,
      "Highest hazard: passive, safe, state-changing, lockout-risk, disruptive, may-brick "
      "(default: as declared, else state-changing)");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Haetae: IoT security certification test harness"};
  app.set_version_flag("--version", haetae::cli::version_text());
  app.require_subcommand(1);
  app.footer(kExitCodes);
  int status = 0;

  RunArguments run_arguments;
  auto* run_command = app.add_subcommand("run", "Test a device and write a run file");
  add_run_options(run_command, run_arguments);
  run_command->add_option("-o,--output", run_arguments.output,
                          "The run file (default: out/MODEL-DATE.haetae)");
  run_command->add_flag("--resume", run_arguments.resume,
                        "Go on with an interrupted run in the file of -o");
  run_command->add_option(
      "--key", run_arguments.key,
      "Key to seal with: a PEM file (Ed25519, ECDSA P-256 or P-384, RSA of 2048 bits or "
      "more) or a pkcs11: URI (default: an Ed25519 key, made on first use)");
  add_waivers(run_command, run_arguments.waivers, run_arguments.waiver_key);
  run_command
      ->add_option(
          "--repeat", run_arguments.repeat,
          "Do procedures that harm nothing this often; facts that do not come out the same "
          "are unstable (default: 1, and 3 where facts differ from --baseline)")
      ->check(CLI::Range(1, 20));
  run_command->add_option("--baseline", run_arguments.baseline,
                          "An earlier run file: say what changed, and fail on what got worse");
  run_command
      ->add_option("--gate", run_arguments.gate,
                   "What the exit code rests on: conformance or regression (default: regression "
                   "with --baseline, else conformance)")
      ->check(CLI::IsMember({"conformance", "regression"}));
  run_command->add_option("--report", run_arguments.reports,
                          "Also write FILE.html, .json, .xml (JUnit), .sarif or .csv");
  run_command->callback([&] { status = run(run_arguments); });

  RunArguments plan_arguments;
  auto* plan_command = app.add_subcommand("plan", "Say what a run would do; sends nothing");
  add_run_options(plan_command, plan_arguments);
  plan_command->add_option("--baseline", plan_arguments.baseline,
                           "An earlier run file: say what must be tested again after this change");
  plan_command->add_option("--format", plan_arguments.format, "Of the re-test plan: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  plan_command->callback([&] { status = plan(plan_arguments); });

  JudgeArguments judge_arguments;
  auto* judge_command = app.add_subcommand(
      "judge", "Judge the stored facts again: a new revision, the old one stays");
  judge_command->add_option("RUN", judge_arguments.run, "A run file")->required();
  add_common(judge_command, judge_arguments.common);
  add_waivers(judge_command, judge_arguments.waivers, judge_arguments.waiver_key);
  judge_command
      ->add_option("--limit", judge_arguments.limits,
                   "NAME=VALUE: another limit for this judgement only; may be repeated")
      ->allow_extra_args(false);
  judge_command->add_option("--key", judge_arguments.key,
                            "Key to seal with: a PEM file or a pkcs11: URI");
  judge_command->callback([&] {
    judge_arguments.stored =
        judge_command->count("--catalogue") + judge_command->count("--profile") == 0;
    status = judge(judge_arguments);
  });

  ReportArguments report_arguments;
  auto* report_command = app.add_subcommand("report", "Write a report of a run file");
  report_command->add_option("RUN", report_arguments.run, "A run file")->required();
  report_command->add_option("-o,--output", report_arguments.output, "The report file")->required();
  report_command->add_option("--format", report_arguments.format,
                             "Format (default: from the ending)");
  add_language(report_command, report_arguments.language);
  report_command->add_option("--baseline", report_arguments.baseline,
                             "An earlier run file: JUnit then names regressions and fixes");
  report_command->callback([&] { status = report(report_arguments); });

  IssueArguments issue_arguments;
  bool template_wanted = false;
  auto* issue_command = app.add_subcommand(
      "issue", "Issue a report under a number: it is noted in the run file and never rewritten");
  issue_command->add_option("RUN", issue_arguments.run,
                            "A run file; with --template: where to write particulars.xml");
  issue_command->add_option("PARTICULARS", issue_arguments.particulars,
                            "particulars.xml: number, laboratory, applicant, sample, signatories");
  issue_command->add_option("-o,--output", issue_arguments.outputs,
                            "FILE.pdf, FILE.html, …; more than one may be given");
  issue_command->add_option("--key", issue_arguments.key, "Key to seal with, as for run");
  issue_command->add_option("--sign-key", issue_arguments.sign_key,
                            "EC or RSA key (PEM or pkcs11:…) that signs each PDF (PAdES)");
  issue_command->add_option("--sign-certificate", issue_arguments.sign_certificate,
                            "Its certificate (PEM), then those that lead to a root");
  issue_command->add_flag("--template", template_wanted, "Write commented particulars to fill in");
  add_language(issue_command, issue_arguments.language);
  issue_command->callback([&] {
    if (template_wanted) {
      status = issue_template(issue_arguments.run);
      return;
    }
    for (const auto& [name, missing] :
         {std::pair("RUN", issue_arguments.run.empty()),
          std::pair("PARTICULARS", issue_arguments.particulars.empty()),
          std::pair("--output", issue_arguments.outputs.empty())}) {
      if (missing) throw CLI::RequiredError(name);
    }
    status = issue(issue_arguments);
  });

  AnswerArguments answer_arguments;
  auto* answer_command = app.add_subcommand(
      "answer", "What a person has to look at: asked on the terminal, or given by options or file");
  answer_command->add_option("RUN", answer_arguments.run, "A run file")->required();
  answer_command->add_option("CRITERION", answer_arguments.criterion,
                             "Answer this one, such as 7.2-board (default: ask for all open ones)");
  answer_command
      ->add_option("--outcome", answer_arguments.outcome,
                   "conforms, does-not-conform, not-applicable or unknown")
      ->check(CLI::IsMember({"conforms", "does-not-conform", "not-applicable", "unknown"}));
  answer_command->add_option("--who", answer_arguments.who, "Name of who looked");
  answer_command->add_option("--text", answer_arguments.text, "What was found");
  answer_command->add_option("--second", answer_arguments.second,
                             "Another person who confirms it; alone: confirms the last answer");
  answer_command
      ->add_option("--attach", answer_arguments.attachments,
                   "A file that shows it, at most 32 MiB; may stand several times")
      ->allow_extra_args(false);
  answer_command->add_option("--file", answer_arguments.file,
                             "Take the answers of a file (answers.xml) of a script or a form");
  answer_command->add_flag("--list", answer_arguments.list, "List the steps and their state");
  answer_command->add_option("--format", answer_arguments.format, "Of the list: text or json")
      ->check(CLI::IsMember({"text", "json"}));
  answer_command->add_option("--key", answer_arguments.key, "Key (PEM) to seal with");
  add_language(answer_command, answer_arguments.language);
  answer_command->callback([&] { status = answer(answer_arguments); });

  std::filesystem::path file;
  SealArguments seal_arguments;
  auto* seal_command = app.add_subcommand(
      "seal", "Seal a run file with a key, and have the seal stamped with the time (RFC 3161)");
  seal_command->add_option("RUN", seal_arguments.run, "A run file")->required();
  seal_command->add_option("--key", seal_arguments.key,
                           "Key to seal with: a PEM file or a pkcs11: URI");
  auto* query = seal_command->add_option(
      "--tsa-query", seal_arguments.query,
      "Write the query over the newest seal to this file, for a time stamp authority");
  auto* reply = seal_command->add_option("--tsa-reply", seal_arguments.reply,
                                         "Take the authority's reply from this file");
  reply->excludes(query);
  seal_command
      ->add_option("--tsa", seal_arguments.authority,
                   "Ask the authority at http://ADDRESS[:PORT][/PATH] for the stamp")
      ->excludes(query)
      ->excludes(reply);
  seal_command->callback([&] {
    seal_arguments.seal = seal_command->count("--key") > 0;
    status = seal(seal_arguments);
  });

  VerifyArguments verify_arguments;
  auto* verify_command = app.add_subcommand(
      "verify", "Check links, commitments, seals and reports of a run file, and judge it again");
  verify_command->add_option("RUN", verify_arguments.run, "A run file")->required();
  verify_command->add_option(
      "--key", verify_arguments.key,
      "The public key (PEM) that you trust; without it the signer is unknown");
  verify_command->add_option("--report", verify_arguments.reports,
                             "A report file: was it issued from this run, unchanged?");
  verify_command->add_option("--tsa-ca", verify_arguments.authorities,
                             "Certificates (PEM) that you trust for time stamps");
  verify_command->add_flag("--chain-only", verify_arguments.chain_only, "Do not judge again");
  add_language(verify_command, verify_arguments.language);
  verify_command->callback([&] { status = verify(verify_arguments); });

  std::string sql;
  auto* facts_command =
      app.add_subcommand("facts", "List the fact tables, or answer one query over them");
  facts_command->add_option("RUN", file, "A run file")->required();
  facts_command->add_option("SQL", sql, "A SELECT, or the name of a table");
  facts_command->callback([&] { status = facts(file, sql); });

  EvidenceArguments evidence_arguments;
  auto* evidence_command =
      app.add_subcommand("evidence", "List evidence, show one, or export its bytes");
  evidence_command->add_option("RUN", evidence_arguments.run, "A run file")->required();
  evidence_command->add_option("ID", evidence_arguments.id, "Which one");
  evidence_command->add_option("--export", evidence_arguments.output,
                               "Write its bytes to a file; a transcript to FILE.pcapng as packets");
  evidence_command->add_flag("--hex", evidence_arguments.hex, "Show bytes, not text");
  evidence_command->add_option("--item", evidence_arguments.item,
                               "List only what is cited for this item");
  evidence_command->add_option("--procedure", evidence_arguments.procedure,
                               "List only what this procedure saw");
  evidence_command->add_option("--reveal", evidence_arguments.reveal,
                               "Prove secret:ID or evidence:ID to somebody with a redacted copy");
  evidence_command->add_option("-o,--output", evidence_arguments.output,
                               "Where the proof goes (default: standard output)");
  evidence_command->add_option("--check", evidence_arguments.proof,
                               "Check a proof against this run or copy");
  add_language(evidence_command, evidence_arguments.language);
  evidence_command->callback([&] { status = evidence(evidence_arguments); });

  ExportArguments export_arguments;
  auto* export_command = app.add_subcommand("export", "Write parts of a run for other tools");
  export_command->add_option("RUN", export_arguments.run, "A run file")->required();
  export_command->add_option("--pcapng", export_arguments.capture,
                             "Transcripts as packets, for Wireshark");
  export_command->add_option("--item", export_arguments.item,
                             "Only transcripts that are cited for this item");
  export_command->add_option("--procedure", export_arguments.procedure,
                             "Only transcripts of this procedure");
  export_command->add_option(
      "--redacted", export_arguments.redacted,
      "A copy without secrets and without contents that hold one; it still verifies");
  export_command->add_option("--replay", export_arguments.replay,
                             "A folder of scripts that show each breach with public tools");
  export_command->add_flag("--all", export_arguments.all, "Redacted: without any content");
  export_command
      ->add_option("--withhold", export_arguments.withhold, "Redacted: without these contents")
      ->delimiter(',');
  export_command
      ->add_option("--only-item", export_arguments.only_items,
                   "Redacted: only contents that are cited for these items")
      ->delimiter(',');
  add_language(export_command, export_arguments.language);
  export_command->callback([&] { status = export_run(export_arguments); });

  Common common;
  std::string item;
  auto* catalogue_command = app.add_subcommand("catalogue", "Look at what is certified");
  catalogue_command->require_subcommand(1);
  auto* list_command = catalogue_command->add_subcommand("list", "All items, a line each");
  add_common(list_command, common);
  list_command->callback([&] { status = catalogue_list(common); });
  auto* show_command =
      catalogue_command->add_subcommand("show", "One item with its criteria, limits and sources");
  show_command->add_option("ITEM", item, "Item id, such as 1.2")->required();
  add_common(show_command, common);
  show_command->callback([&] { status = catalogue_show(common, item); });
  auto* check_command =
      catalogue_command->add_subcommand("check", "Find everything wrong with a catalogue");
  add_common(check_command, common);
  check_command->callback([&] { status = catalogue_check(common); });

  auto* device_command = app.add_subcommand("device", "Write or check the maker's statement");
  device_command->require_subcommand(1);
  auto* new_command =
      device_command->add_subcommand("new", "Write a commented device.xml to fill in");
  new_command->add_option("FILE,-o,--output", file, "Where (default: standard output)");
  new_command->callback([&] { status = device_new(file); });
  auto* device_check_command =
      device_command->add_subcommand("check", "Check a device.xml and explain what it allows");
  device_check_command->add_option("FILE", file, "A device.xml")->required();
  std::string language;
  add_language(device_check_command, language);
  device_check_command->callback([&] { status = device_check(file, language); });

  DiffArguments diff_arguments;
  auto* diff_command = app.add_subcommand("diff", "Say what changed between two runs, and why");
  diff_command->add_option("OLD", diff_arguments.before, "The earlier run file")->required();
  diff_command->add_option("NEW", diff_arguments.after, "The later run file")->required();
  diff_command
      ->add_option("--format", diff_arguments.format,
                   "text, json or html (default: from the ending of -o, else text)")
      ->check(CLI::IsMember({"text", "json", "html"}));
  diff_command->add_option("-o,--output", diff_arguments.output, "Write it to a file");
  diff_command->add_flag("--gate", diff_arguments.gate,
                         "Exit with 0 if nothing got worse beyond what is waived, else 1");
  add_language(diff_command, diff_arguments.language);
  diff_command->footer(
      "\nExit codes: 0 equal · 1 something got worse · 2 changed, and nothing got worse ·\n"
      "            3 fault of the laboratory or the tool · 64 usage or invalid input");
  diff_command->callback([&] { status = diff(diff_arguments); });

  std::filesystem::path waivers_key;
  auto* waivers_command =
      app.add_subcommand("waivers", "Check or sign what is known and accepted until a date");
  waivers_command->require_subcommand(1);
  auto* waivers_check_command =
      waivers_command->add_subcommand("check", "Check a waivers.xml and its signature");
  waivers_check_command->add_option("FILE", file, "A waivers.xml")->required();
  waivers_check_command->add_option("--key", waivers_key, "The public key (PEM) that you trust");
  waivers_check_command->callback([&] { status = waivers_check(file, waivers_key); });
  auto* waivers_sign_command = waivers_command->add_subcommand("sign", "Write FILE.sig");
  waivers_sign_command->add_option("FILE", file, "A waivers.xml")->required();
  waivers_sign_command->add_option("--key", waivers_key, "Private key (PEM): Ed25519, ECDSA or RSA")
      ->required();
  waivers_sign_command->callback([&] { status = waivers_sign(file, waivers_key); });

  SimulateArguments simulate_arguments;
  auto* simulate_command = app.add_subcommand("simulate", "Run a simulated device until Ctrl-C");
  simulate_command->add_option("PERSONALITY", simulate_arguments.personality, "A personality file");
  simulate_command->add_option("--address", simulate_arguments.address,
                               "Listen here instead of the personality's address");
  simulate_command->add_option("--second-unit", simulate_arguments.second_unit,
                               "Address of a second unit of the product, in factory state");
  simulate_command->add_option("--defect", simulate_arguments.defects, "Switch a defect on")
      ->delimiter(',');
  simulate_command->add_flag("--list-defects", simulate_arguments.list,
                             "List the defects of the personality");
  simulate_command->add_option("--ready-file", simulate_arguments.ready_file,
                               "Make this file when all ports listen");
  simulate_command->add_option("--keys", simulate_arguments.keys,
                               "Folder in which its keys and certificates outlive it");
  simulate_command->add_option(
      "--firmware", simulate_arguments.firmware,
      "Write its firmware image to this file, and FILE.dump and FILE.after-reset");
  simulate_command->add_option("--control", simulate_arguments.control,
                               "Socket that takes factory, normal, power-cycle, version");
  simulate_command->add_option("--send", simulate_arguments.send,
                               "Send this to the control socket of a running simulator");
  simulate_command->callback([&] { status = simulate(simulate_arguments); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : exit_code::kUsage;
  } catch (const std::exception& error) {
    fmt::print(stderr, "haetae: fault of the tool: {}\n", error.what());
    return exit_code::kFault;
  }
  return status;
}
