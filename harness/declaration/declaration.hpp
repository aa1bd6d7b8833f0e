#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/address.hpp"
#include "harness/model/error.hpp"
#include "harness/model/hazard.hpp"

/// The maker's statement about the device under test (device.xml): the compliance statement of the
/// Korean scheme, the ICS and IXIT of ETSI TS 103 701, as plain values.
namespace haetae::declaration {

struct Identity {
  std::string maker, model, category, serial, hardware, firmware;
  bool operator==(const Identity&) const = default;
};

struct Certification {
  std::string type = "standard";  ///< lite, basic, standard
  std::string profile;            ///< catalogue profile id, may be empty
  bool operator==(const Certification&) const = default;
};

/// Authorisation says who allowed this test; a run outside its dates is refused.
struct Authorisation {
  std::string by, organisation;
  std::string from, until;  ///< ISO dates, both inclusive
  bool operator==(const Authorisation&) const = default;
};

/// PortName is a device-relative port: "tcp/443".
struct PortName {
  std::string transport;  ///< tcp, udp
  std::uint16_t number = 0;
  auto operator<=>(const PortName&) const = default;
  [[nodiscard]] static Result<PortName> parse(std::string_view text);
  [[nodiscard]] std::string text() const;     ///< tcp/443
  [[nodiscard]] std::string subject() const;  ///< lan:tcp/443
};

struct Service {
  PortName port;
  std::string protocol;  ///< a word of the fact table `service`: http, ssh, …
  bool tls = false;
  std::string purpose;
  bool management = false;  ///< the device is administered through it
  bool operator==(const Service&) const = default;
};

/// PageToken is a value that the device gives beforehand and wants back with a request (against
/// request forgery). It is read anew for each request, as the one who makes it.
struct PageToken {
  std::string page;            ///< path that gives it; empty: the cookies that are there already
  std::string from = "field";  ///< field (of a form), meta (HTML), json (member), header, cookie
  std::string name;            ///< of that field, member, header or cookie
  std::string to = "field";    ///< where it is sent: field, header, query
  std::string as;              ///< the name that it is sent under
  bool operator==(const PageToken&) const = default;
};

/// Login says how one login surface is used.
struct Login {
  std::string id;
  PortName port;
  bool tls = false;
  std::string method;  ///< http-basic, http-digest, http-form, http-json, ssh, telnet, ftp, mqtt,
                       ///< snmp, rtsp
  std::string path;    ///< where the credential is sent (HTTP, RTSP)
  std::string user_field, password_field;  ///< form or JSON member names
  std::string check_path;                  ///< a page that needs login, to confirm success (HTTP)
  int success_status = 0;                  ///< 0: decided by check_path or by 2xx/3xx vs 4xx
  std::string success_text, failure_text;  ///< text that tells success or failure, if declared
  std::string logout_path;
  std::optional<PageToken> token{};  ///< of the logout, and of a login by JSON
  bool operator==(const Login&) const = default;
};

struct Account {
  std::string name;
  std::string password;             ///< the credential in force now; may be empty
  bool has_password = true;         ///< false: not handed over
  std::string factory_password;     ///< the value in the shipped product, empty if none
  bool factory = false;             ///< exists in factory state
  std::string role;                 ///< administrator, user, viewer, service
  std::vector<std::string> logins;  ///< ids of Login
  bool sacrificial = false;         ///< may be locked by the lockout test
  bool operator==(const Account&) const = default;
};

/// PasswordChange says how the password of the logged-in account is changed.
struct PasswordChange {
  std::string login;  ///< id of Login
  std::string http_method = "POST";
  std::string path;
  std::string body = "form";  ///< form, json
  std::string account_field, old_field, new_field, confirm_field;
  int success_status = 0;  ///< 0: any 2xx or 3xx
  std::string success_text, failure_text;
  std::vector<std::pair<std::string, std::string>> fields{};  ///< sent beside the passwords
  std::optional<PageToken> token{};
  bool operator==(const PasswordChange&) const = default;
};

struct PasswordPolicy {
  bool declared = false;
  int minimum_length = 0;
  int classes = 0;
  int maximum_length = 0;
  std::string text;
  bool operator==(const PasswordPolicy&) const = default;
};

struct LockoutPolicy {
  bool declared = false;
  int failures = 0;  ///< wrong tries in a row until the block
  std::chrono::seconds block{0};
  std::string counts = "account";  ///< account, address, both
  bool success_resets = true;
  bool operator==(const LockoutPolicy&) const = default;
};

struct Session {
  bool declared = false;
  std::chrono::seconds idle{0};
  int simultaneous = 0;
  std::vector<std::string> cookies;  ///< names of the cookies that carry a session
  std::string bearer_field;          ///< member of the JSON answer to a login that holds the token
  std::string header;         ///< header field that carries the token, empty: Authorization: Bearer
  std::string url_parameter;  ///< parameter of the query that carries the session
  bool operator==(const Session&) const = default;
};

/// HttpCall is one request as the maker declares it.
struct HttpCall {
  PortName port;
  bool tls = false;
  std::string method = "POST";
  std::string path;
  std::string login;               ///< id of the Login whose session it needs, may be empty
  std::string body = "multipart";  ///< multipart, raw, form, json, none
  std::string field = "file";      ///< name of the file's part (multipart)
  std::vector<std::pair<std::string, std::string>> fields, headers;  ///< sent beside it
  int success_status = 0;  ///< 0: told by the texts, or any 2xx
  std::string success_text, failure_text;
  std::optional<PageToken> token{};  ///< that has to be read before each request
  bool operator==(const HttpCall&) const = default;
};

/// Call is one request of the device's own interface: what it does and who may make it.
struct Call {
  std::string id;
  HttpCall http;
  /// view, data, management (settings and functions of the administrator), credential, reset,
  /// update, records, time
  std::string kind = "management";
  std::vector<std::string> roles;  ///< of accounts that may make it
  bool changes = false;            ///< it changes the device
  std::string undo;                ///< id of the call that takes the change back, may be empty
  std::string proof_field;         ///< member that carries the password anew, empty: none is asked
  std::string owner;               ///< account whose own object it names, may be empty
  bool operator==(const Call&) const = default;
};

/// RecordEvent is one kind of event that the device records, and what causes it.
struct RecordEvent {
  std::string kind;     ///< login, login-failure, change, update
  std::string text;     ///< stands in every record of it; empty: known words are looked for
  std::string outcome;  ///< tells its outcome there; empty: known words are looked for
  std::string call;     ///< id of the Call that causes it (change, update), may be empty
  std::optional<HttpCall> cause;  ///< a request that causes it, in place of a call
  bool operator==(const RecordEvent&) const = default;
};

/// RecordListener is where our syslog server waits for the device.
struct RecordListener {
  Endpoint at;                    ///< an address of this machine inside the scope
  std::string transport = "udp";  ///< udp (RFC 5426), tcp (RFC 6587)
  bool operator==(const RecordListener&) const = default;
};

/// TimeServer is where the device asks us for the time (NTP over UDP).
struct TimeServer {
  Endpoint at;                    ///< an address of this machine inside the scope
  std::optional<HttpCall> ask;    ///< makes the device ask now
  std::chrono::seconds wait{60};  ///< until it asks, at most
  bool operator==(const TimeServer&) const = default;
};

/// RightCall is a request that some roles alone may make.
struct RightCall {
  HttpCall http;
  std::vector<std::string> roles{"administrator"};
  bool operator==(const RightCall&) const = default;
};

/// Records says how the record of security events is read, and what could falsify it.
struct Records {
  std::optional<HttpCall> read;          ///< shows the record, text or JSON
  std::optional<RecordListener> listen;  ///< the device sends its records there
  std::chrono::seconds wait{5};          ///< until a record appears, at most
  std::vector<RecordEvent> events;
  bool erasable = true;  ///< false: no function erases the record
  std::optional<RightCall> erase;
  std::optional<HttpCall> show_time;  ///< shows the device's time
  std::optional<RightCall> set_time;  ///< "{time}" in its fields is replaced
  std::string time_form = "iso";      ///< of "{time}": iso (UTC), unix (seconds)
  std::optional<TimeServer> time_server;
  bool operator==(const Records&) const = default;

  /// event() is what is declared of that kind, null if nothing is.
  [[nodiscard]] const RecordEvent* event(std::string_view kind) const;
};

/// UpdateImage is an update file that the maker hands over.
struct UpdateImage {
  std::filesystem::path file;
  std::string version;  ///< that the device shows when it runs this image
  /// current (the version under test, put back at the end), newer, older, other-model,
  /// expired-signer (rightly signed, by a certificate that has run out)
  std::string role = "current";
  bool operator==(const UpdateImage&) const = default;
};

/// UpdateSignature says where the signature of a file without a known format stands.
struct UpdateSignature {
  std::int64_t offset = 0;   ///< of its first byte; negative counts from the end of the file
  std::uint64_t length = 0;  ///< bytes
  bool operator==(const UpdateSignature&) const = default;
};

struct UpdateTftp {
  PortName port{.transport = "udp", .number = 69};
  std::string name;  ///< file name on the device
  bool operator==(const UpdateTftp&) const = default;
};

struct UpdateScp {
  std::string login;    ///< id of an SSH Login
  std::string path;     ///< file name on the device
  std::string command;  ///< run there afterwards, may be empty
  bool operator==(const UpdateScp&) const = default;
};

/// UpdatePull is the server of ours that the device asks; it is bound for the time of the test.
struct UpdatePull {
  Endpoint listen;   ///< an address of this machine inside the scope
  bool tls = false;  ///< with a certificate that no device trusts, unless `certificate` is given
  std::filesystem::path certificate, key;  ///< that the device trusts
  std::string version_path;                ///< asked for the newest version
  std::string version_body;                ///< its answer; {version} is replaced
  std::string image_path;                  ///< asked for the file
  std::chrono::seconds wait{300};          ///< how long the device may take to ask
  std::optional<HttpCall> ask;             ///< makes the device ask now
  bool operator==(const UpdatePull&) const = default;
};

struct Update {
  std::string mechanism;  ///< none, http-upload, swupdate, rauc, tftp, scp, pull, hook
  std::string description;
  std::string recovery;  ///< how the device comes back from a bad image; needed for may-brick
  std::chrono::seconds settle{120};  ///< after an installation until the device answers again
  std::vector<UpdateImage> images;
  std::optional<UpdateSignature> signature;
  std::vector<std::filesystem::path> keys;  ///< public keys or certificates that check the images
  std::optional<HttpCall> upload;           ///< http-upload, swupdate, rauc
  std::optional<HttpCall> start;            ///< starts the installation, or makes the device ask
  std::optional<HttpCall> status;           ///< asked until one of its texts comes
  std::optional<UpdateTftp> tftp;
  std::optional<UpdateScp> scp;
  std::optional<UpdatePull> pull;
  bool operator==(const Update&) const = default;
};

/// PublicPage is a page of the maker that everybody may read: on the device, or on another server
/// inside the scope.
struct PublicPage {
  std::optional<Address> address;  ///< of the server; none: the device
  std::string host;                ///< name that is asked for, may be empty
  PortName port;
  bool tls = false;
  std::string path;
  bool operator==(const PublicPage&) const = default;
};

/// SupportPeriod is where the maker says until when there are security updates.
struct SupportPeriod {
  PublicPage page;
  std::string until;  ///< ISO date
  std::string text;   ///< as the page writes it; empty: the date in one of its usual forms
  bool operator==(const SupportPeriod&) const = default;
};

/// UpdateNotice is how a device tells of a new version; its success_text stands in the answer then
/// and only then.
struct UpdateNotice {
  HttpCall look;
  std::optional<HttpCall> ask;  ///< makes the device look for a version now, without installing it
  bool operator==(const UpdateNotice&) const = default;
};

/// Support is what the maker tells the world: where to report to, until when there are updates, and
/// how the device tells of one.
struct Support {
  std::optional<PublicPage> security_txt;
  std::optional<SupportPeriod> period;
  std::optional<UpdateNotice> notice;
  bool operator==(const Support&) const = default;
};

/// NamedCall is one request with a name of its own in facts.
struct NamedCall {
  std::string name;  ///< up to 40 of a-z, 0-9 and '-'
  HttpCall http;
  bool operator==(const NamedCall&) const = default;
};

/// Wipe says how data of a user come into the device, where they show, and how it is reset. In
/// path, fields and headers {canary} stands for a value that is made up for the test, {password}
/// for the password with which the request's login was made, {new-password} for the declared one.
struct Wipe {
  std::chrono::seconds settle{60};  ///< after the reset until the device answers again
  std::vector<NamedCall> plants;    ///< each puts a value of its own into the device
  std::vector<NamedCall> looks;     ///< where the values show
  std::optional<HttpCall> reset;    ///< absent: the hook factory-reset
  std::vector<HttpCall> set_up;     ///< after the reset, in order; absent: the hook normal-state
  bool operator==(const Wipe&) const = default;
};

/// SettingsBackup is how the settings of the device are saved to a file and restored from one.
struct SettingsBackup {
  std::string backup;               ///< file, none; empty: not declared
  std::optional<HttpCall> save;     ///< gives the file
  std::optional<HttpCall> restore;  ///< takes it
  std::optional<HttpCall> shown;  ///< shows the settings in force; without it they are saved again
  std::string from, to;           ///< a value in the file and what it is changed to; may be empty
  std::chrono::seconds settle{30};  ///< from the restore until the device answers again, at most
  bool operator==(const SettingsBackup&) const = default;
};

/// FirmwareImage is a file to be opened: an image, a root file system archive, or a memory dump.
struct FirmwareImage {
  std::string id;  ///< its name in facts, "firmware:ID"
  std::filesystem::path file;
  std::string kind = "image";  ///< image, dump (read from the chip), after-reset (read after one)
  std::string version;         ///< that it should hold, may be empty
  bool operator==(const FirmwareImage&) const = default;
};

/// Canary is a value that the laboratory stored in the device before its memory was read.
struct Canary {
  std::string name, value;
  bool operator==(const Canary&) const = default;
};

/// Component is a part of other people's software that the maker declares.
struct Component {
  std::string name, version;
  bool operator==(const Component&) const = default;
};

/// Console is the debug port of the board as the laboratory wired it.
struct Console {
  std::string kind;              ///< serial, tcp
  std::filesystem::path device;  ///< serial: /dev/ttyUSB0
  int baud = 115200;
  std::optional<Endpoint> endpoint;  ///< tcp: a console server inside the scope
  std::string login_prompt = "login:";
  std::chrono::seconds boot{60};  ///< from power-on to the login prompt, at most
  bool operator==(const Console&) const = default;
};

struct Outbound {
  std::string host;
  std::uint16_t port = 0;
  std::string protocol, purpose;
  bool operator==(const Outbound&) const = default;
};

struct PersonalDatum {
  std::string name, purpose, stored, sent_to;
  bool operator==(const PersonalDatum&) const = default;
};

struct Document {
  std::string kind, title;
  std::filesystem::path file;
  bool operator==(const Document&) const = default;
};

/// Resource is something that must not be had without login.
struct Resource {
  PortName port;
  bool tls = false;
  std::string protocol;  ///< http, rtsp, mqtt, coap, ftp
  std::string target;    ///< path, topic, URL path
  std::string kind;      ///< view, control, management, data
  bool operator==(const Resource&) const = default;
};

/// ProductInformation says where the device shows its model or version.
struct ProductInformation {
  std::string field;  ///< model, firmware
  PortName port;
  bool tls = false;
  std::string path;
  std::string login;  ///< id of Login needed to see it, may be empty
  bool operator==(const ProductInformation&) const = default;
};

/// SecondUnit is another sample of the same product: what has to differ from unit to unit is
/// compared with it. It is asked on the same ports and by the same logins.
struct SecondUnit {
  Address address;     ///< inside the scope
  std::string serial;  ///< may be empty
  /// Factory is the credential with which this unit was shipped, for an account of the same name.
  struct Factory {
    std::string account, password;
    bool operator==(const Factory&) const = default;
  };
  std::vector<Factory> accounts;
  bool operator==(const SecondUnit&) const = default;

  /// factory_password() is empty where none is declared.
  [[nodiscard]] std::string factory_password(std::string_view account) const;
};

struct Hook {
  /// power-cycle, factory-reset, version, factory-state, normal-state; install and media (both get
  /// the name of the update file as last word; media presents it on a removable medium), recover
  std::string name;
  std::string command;
  std::chrono::seconds timeout{60};
  bool operator==(const Hook&) const = default;
};

/// Statement is what the maker says of one item.
struct Statement {
  std::string item;  ///< 3.4
  bool applies = true;
  std::string reason;  ///< required when it does not apply
  bool operator==(const Statement&) const = default;
};

struct Declaration {
  Identity identity;
  Certification certification;
  std::vector<Address>
      addresses;  ///< of the device; the first is primary, at most one each of v4 and v6 are probed
  Scope scope;
  Authorisation authorisation;
  Hazard permit = kDefaultPermit;
  std::vector<PortName> udp_ports;  ///< further UDP ports in the declared range to be asked
  std::vector<Service> services;
  bool services_declared = false;
  std::vector<Login> logins;
  std::vector<Account> accounts;
  std::vector<PasswordChange> password_changes;
  std::vector<Call> calls;
  std::optional<Records> records;
  PasswordPolicy password_policy;
  LockoutPolicy lockout;
  Session session;
  Update update;
  Support support;
  std::vector<NamedCall> exports;  ///< backups and other files that a user takes out of the device
  std::optional<Wipe> wipe;
  SettingsBackup settings;
  std::vector<FirmwareImage> firmware;
  std::vector<Canary> canaries;
  std::vector<Component> components;
  bool components_declared = false;
  std::optional<Console> console;
  std::vector<Outbound> outbound;
  std::vector<PersonalDatum> personal_data;
  std::vector<Document> documents;
  std::vector<Resource> resources;
  std::vector<ProductInformation> product_information;
  std::optional<SecondUnit> second_unit;
  std::vector<Hook> hooks;
  std::vector<Statement> statements;
  bool operator==(const Declaration&) const = default;

  [[nodiscard]] const Login* login(std::string_view id) const;
  [[nodiscard]] const Call* call(std::string_view id) const;
  [[nodiscard]] const Hook* hook(std::string_view name) const;
};

/// Loaded is a declaration with the text it was read from.
struct Loaded {
  Declaration value;
  std::string text;           ///< as the person wrote it, secrets included
  std::string redacted_text;  ///< every password value replaced by "withheld"
};

/// load() reads a device.xml. Every unknown, missing or doubled name is an error of the form
/// "FILE:LINE: what; allowed: …"; relative file names are taken from the file's folder.
[[nodiscard]] Result<Loaded> load(const std::filesystem::path& file);
[[nodiscard]] Result<Loaded> load_text(std::string_view text, const std::filesystem::path& file);

/// template_text() is the commented device.xml that `haetae device new` writes.
[[nodiscard]] std::string template_text();

/// explain() is a readable summary (`haetae device check`): what will be tested with what, and
/// what is not declared and which items stay unanswered for it. One line per element of the result.
[[nodiscard]] std::vector<std::string> explain(const Declaration& declaration, bool korean = false);

}  // namespace haetae::declaration
