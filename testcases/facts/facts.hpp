#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/model/record.hpp"
#include "testcases/facts/binary_facts.hpp"
#include "testcases/facts/call_facts.hpp"
#include "testcases/facts/console_facts.hpp"
#include "testcases/facts/firmware_facts.hpp"
#include "testcases/facts/input_facts.hpp"
#include "testcases/facts/leftover_facts.hpp"
#include "testcases/facts/login_facts.hpp"
#include "testcases/facts/record_facts.hpp"
#include "testcases/facts/restore_facts.hpp"
#include "testcases/facts/session_facts.hpp"
#include "testcases/facts/support_facts.hpp"
#include "testcases/facts/unit_facts.hpp"
#include "testcases/facts/update_facts.hpp"
#include "testcases/facts/update_file_facts.hpp"
#include "testcases/facts/wipe_facts.hpp"

/// One struct for each fact table; the tables' files say what the columns mean. A contract test
/// keeps both equal. Word members start as "unknown".
namespace haetae::facts {

/// DeclaredIdentity is what the maker says the device is.
struct DeclaredIdentity {
  static constexpr std::string_view table = "declared_identity";
  EvidenceId evidence = 0;
  std::string field = "unknown";
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("field", self.field);
    visit("text", self.text);
  }
};

/// DeclaredService is a service that the maker declares as needed.
struct DeclaredService {
  static constexpr std::string_view table = "declared_service";
  EvidenceId evidence = 0;
  std::string subject;
  std::string protocol = "unknown";
  std::string tls = "unknown";
  std::string management = "unknown";
  std::string purpose;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("protocol", self.protocol);
    visit("tls", self.tls);
    visit("management", self.management);
    visit("purpose", self.purpose);
  }
};

/// DeclaredPart is whether a part of the declaration was given at all, so that its absence is not
/// taken for an empty list.
struct DeclaredPart {
  static constexpr std::string_view table = "declared_part";
  EvidenceId evidence = 0;
  std::string part = "unknown";
  std::string given = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("part", self.part);
    visit("given", self.given);
  }
};

/// DeclaredAccount is an account that the maker declares.
struct DeclaredAccount {
  static constexpr std::string_view table = "declared_account";
  EvidenceId evidence = 0;
  std::string account;
  std::string role = "unknown";
  std::string factory = "unknown";
  std::string password_given = "unknown";
  std::string factory_password_given = "unknown";
  std::string sacrificial = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("account", self.account);
    visit("role", self.role);
    visit("factory", self.factory);
    visit("password_given", self.password_given);
    visit("factory_password_given", self.factory_password_given);
    visit("sacrificial", self.sacrificial);
  }
};

/// DeclaredLockout is what the maker says happens after failed logins.
struct DeclaredLockout {
  static constexpr std::string_view table = "declared_lockout";
  EvidenceId evidence = 0;
  std::string scope = "unknown";
  std::int64_t failures = 0;
  std::int64_t block_seconds = 0;
  std::string counts = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("scope", self.scope);
    visit("failures", self.failures);
    visit("block_seconds", self.block_seconds);
    visit("counts", self.counts);
  }
};

/// DeclaredSession is what the maker says of sessions.
struct DeclaredSession {
  static constexpr std::string_view table = "declared_session";
  EvidenceId evidence = 0;
  std::string scope = "unknown";
  std::int64_t idle_seconds = 0;
  std::int64_t simultaneous = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("scope", self.scope);
    visit("idle_seconds", self.idle_seconds);
    visit("simultaneous", self.simultaneous);
  }
};

/// DeclaredOutbound is a peer that the device contacts by itself, as declared.
struct DeclaredOutbound {
  static constexpr std::string_view table = "declared_outbound";
  EvidenceId evidence = 0;
  std::string host;
  std::int64_t port = 0;
  std::string protocol;
  std::string purpose;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("host", self.host);
    visit("port", self.port);
    visit("protocol", self.protocol);
    visit("purpose", self.purpose);
  }
};

/// DeclaredDocument is a document that the maker handed over.
struct DeclaredDocument {
  static constexpr std::string_view table = "declared_document";
  EvidenceId evidence = 0;
  std::string document;
  std::string kind;
  std::string sha256;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("document", self.document);
    visit("kind", self.kind);
    visit("sha256", self.sha256);
  }
};

/// Statement is what the maker says of one item.
struct Statement {
  static constexpr std::string_view table = "statement";
  EvidenceId evidence = 0;
  std::string item;
  std::string applies = "unknown";
  std::string reason;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("item", self.item);
    visit("applies", self.applies);
    visit("reason", self.reason);
  }
};

/// Answer is an answer of a person or a document reviewer to one criterion.
struct Answer {
  static constexpr std::string_view table = "answer";
  EvidenceId evidence = 0;
  std::string criterion;
  std::int64_t revision = 0;
  std::string outcome = "unknown";
  std::string who;
  std::string second;
  std::string text;
  std::string method = "unknown";
  std::string at;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("criterion", self.criterion);
    visit("revision", self.revision);
    visit("outcome", self.outcome);
    visit("who", self.who);
    visit("second", self.second);
    visit("text", self.text);
    visit("method", self.method);
    visit("at", self.at);
  }
};

/// AnswerAttachment is a file that belongs to an answer; its content is the evidence.
struct AnswerAttachment {
  static constexpr std::string_view table = "answer_attachment";
  EvidenceId evidence = 0;
  std::string criterion;
  std::int64_t revision = 0;
  std::int64_t position = 0;
  std::string name;
  std::string media_type;
  std::string sha256;
  std::int64_t size = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("criterion", self.criterion);
    visit("revision", self.revision);
    visit("position", self.position);
    visit("name", self.name);
    visit("media_type", self.media_type);
    visit("sha256", self.sha256);
    visit("size", self.size);
  }
};

/// DocumentHit is where a submitted document holds a phrase that a criterion asks for.
struct DocumentHit {
  static constexpr std::string_view table = "document_hit";
  EvidenceId evidence = 0;
  std::string criterion;
  std::string document;
  std::string phrase;
  std::int64_t page = 0;
  std::string excerpt;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("criterion", self.criterion);
    visit("document", self.document);
    visit("phrase", self.phrase);
    visit("page", self.page);
    visit("excerpt", self.excerpt);
  }
};

/// Port is one TCP or UDP port of the device; closed TCP ports are not listed one by one unless
/// declared.
struct Port {
  static constexpr std::string_view table = "port";
  EvidenceId evidence = 0;
  std::string subject;
  std::string transport = "unknown";
  std::int64_t number = 0;
  std::string state = "unknown";
  std::string over_ipv4 = "unknown";
  std::string over_ipv6 = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("transport", self.transport);
    visit("number", self.number);
    visit("state", self.state);
    visit("over_ipv4", self.over_ipv4);
    visit("over_ipv6", self.over_ipv6);
  }
};

/// Liveness is whether the device answered and was the same at a moment of the run.
struct Liveness {
  static constexpr std::string_view table = "liveness";
  EvidenceId evidence = 0;
  std::string moment;
  std::string alive = "unknown";
  std::string identity = "unknown";
  std::int64_t connect_us = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("moment", self.moment);
    visit("alive", self.alive);
    visit("identity", self.identity);
    visit("connect_us", self.connect_us);
  }
};

/// Service is what speaks on an open port.
struct Service {
  static constexpr std::string_view table = "service";
  EvidenceId evidence = 0;
  std::string subject;
  std::string protocol = "unknown";
  std::string tls = "unknown";
  std::string starttls = "unknown";
  std::string product;
  std::string version;
  std::string banner;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("protocol", self.protocol);
    visit("tls", self.tls);
    visit("starttls", self.starttls);
    visit("product", self.product);
    visit("version", self.version);
    visit("banner", self.banner);
  }
};

/// TlsVersion is whether an endpoint accepts a protocol version.
struct TlsVersion {
  static constexpr std::string_view table = "tls_version";
  EvidenceId evidence = 0;
  std::string subject;
  std::string version = "unknown";
  std::string offered = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("version", self.version);
    visit("offered", self.offered);
  }
};

/// TlsSuite is a cipher suite that an endpoint accepted.
struct TlsSuite {
  static constexpr std::string_view table = "tls_suite";
  EvidenceId evidence = 0;
  std::string subject;
  std::string version = "unknown";
  std::string suite;
  std::int64_t code = 0;
  std::int64_t preference = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("version", self.version);
    visit("suite", self.suite);
    visit("code", self.code);
    visit("preference", self.preference);
  }
};

/// TlsGroup is a key exchange group that an endpoint accepted or chose.
struct TlsGroup {
  static constexpr std::string_view table = "tls_group";
  EvidenceId evidence = 0;
  std::string subject;
  std::string version = "unknown";
  std::string name;
  std::int64_t bits = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("version", self.version);
    visit("name", self.name);
    visit("bits", self.bits);
  }
};

/// TlsSignature is a signature scheme with which an endpoint signed a handshake.
struct TlsSignature {
  static constexpr std::string_view table = "tls_signature";
  EvidenceId evidence = 0;
  std::string subject;
  std::string version = "unknown";
  std::string scheme;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("version", self.version);
    visit("scheme", self.scheme);
  }
};

/// TlsProperty is a property of an endpoint beside versions and suites.
struct TlsProperty {
  static constexpr std::string_view table = "tls_property";
  EvidenceId evidence = 0;
  std::string subject;
  std::string property = "unknown";
  std::string present = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("property", self.property);
    visit("present", self.present);
  }
};

/// Certificate is a certificate that an endpoint sent.
struct Certificate {
  static constexpr std::string_view table = "certificate";
  EvidenceId evidence = 0;
  std::string subject;
  std::int64_t position = 0;
  std::string sha256;
  std::string subject_name;
  std::string issuer_name;
  std::string key_algorithm = "unknown";
  std::string key_curve;
  std::int64_t key_bits = 0;
  std::string key_sha256;
  std::string signature_algorithm;
  std::string not_before;
  std::string not_after;
  std::string self_signed = "unknown";
  std::string ca = "unknown";
  std::string covers_host = "unknown";
  std::string chain = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("position", self.position);
    visit("sha256", self.sha256);
    visit("subject_name", self.subject_name);
    visit("issuer_name", self.issuer_name);
    visit("key_algorithm", self.key_algorithm);
    visit("key_curve", self.key_curve);
    visit("key_bits", self.key_bits);
    visit("key_sha256", self.key_sha256);
    visit("signature_algorithm", self.signature_algorithm);
    visit("not_before", self.not_before);
    visit("not_after", self.not_after);
    visit("self_signed", self.self_signed);
    visit("ca", self.ca);
    visit("covers_host", self.covers_host);
    visit("chain", self.chain);
  }
};

/// SshServer is what an SSH server says of itself.
struct SshServer {
  static constexpr std::string_view table = "ssh_server";
  EvidenceId evidence = 0;
  std::string subject;
  std::string protocol = "unknown";
  std::string software;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("protocol", self.protocol);
    visit("software", self.software);
  }
};

/// SshAlgorithm is an algorithm that an SSH server offers in KEXINIT.
struct SshAlgorithm {
  static constexpr std::string_view table = "ssh_algorithm";
  EvidenceId evidence = 0;
  std::string subject;
  std::string category = "unknown";
  std::string direction = "unknown";
  std::string name;
  std::int64_t preference = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("category", self.category);
    visit("direction", self.direction);
    visit("name", self.name);
    visit("preference", self.preference);
  }
};

/// SshHostKey is a host key of an SSH server.
struct SshHostKey {
  static constexpr std::string_view table = "ssh_host_key";
  EvidenceId evidence = 0;
  std::string subject;
  std::string algorithm;
  std::int64_t bits = 0;
  std::string fingerprint;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("algorithm", self.algorithm);
    visit("bits", self.bits);
    visit("fingerprint", self.fingerprint);
  }
};

/// SshAuthMethod is an authentication method that an SSH server offers to an unknown user.
struct SshAuthMethod {
  static constexpr std::string_view table = "ssh_auth_method";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
  }
};

/// HttpAnswer is an answer of a web service to a request without login.
struct HttpAnswer {
  static constexpr std::string_view table = "http_answer";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string purpose = "unknown";
  std::int64_t status = 0;
  std::string clear_text = "unknown";
  std::string redirect = "unknown";
  std::string kind = "unknown";
  std::string asks = "unknown";
  std::string body_sha256;
  std::int64_t length = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("purpose", self.purpose);
    visit("status", self.status);
    visit("clear_text", self.clear_text);
    visit("redirect", self.redirect);
    visit("kind", self.kind);
    visit("asks", self.asks);
    visit("body_sha256", self.body_sha256);
    visit("length", self.length);
  }
};

/// HttpHeader is a header of the answer to the request for /.
struct HttpHeader {
  static constexpr std::string_view table = "http_header";
  EvidenceId evidence = 0;
  std::string subject;
  std::string path;
  std::string name;
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("name", self.name);
    visit("text", self.text);
  }
};

/// HttpCookie is a cookie that a web service sets.
struct HttpCookie {
  static constexpr std::string_view table = "http_cookie";
  EvidenceId evidence = 0;
  std::string subject;
  std::string name;
  std::string session = "unknown";
  std::string secure = "unknown";
  std::string http_only = "unknown";
  std::string same_site = "unknown";
  std::string clear_text = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("name", self.name);
    visit("session", self.session);
    visit("secure", self.secure);
    visit("http_only", self.http_only);
    visit("same_site", self.same_site);
    visit("clear_text", self.clear_text);
  }
};

/// LoginSurface is a place that takes credentials.
struct LoginSurface {
  static constexpr std::string_view table = "login_surface";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string path;
  std::string origin = "unknown";
  std::string clear_text = "unknown";
  std::string usable = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("path", self.path);
    visit("origin", self.origin);
    visit("clear_text", self.clear_text);
    visit("usable", self.usable);
  }
};

/// LoginControl is what a login surface answered to a credential of which the answer is known
/// beforehand.
struct LoginControl {
  static constexpr std::string_view table = "login_control";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string path;
  std::string control = "unknown";
  std::string outcome = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("path", self.path);
    visit("control", self.control);
    visit("outcome", self.outcome);
  }
};

/// LoginTrial is a credential that was tried on a login surface.
struct LoginTrial {
  static constexpr std::string_view table = "login_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string path;
  std::string account;
  std::string credential;
  std::string origin = "unknown";
  std::string list;
  std::int64_t secret = 0;
  std::string outcome = "unknown";
  std::string right = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("path", self.path);
    visit("account", self.account);
    visit("credential", self.credential);
    visit("origin", self.origin);
    visit("list", self.list);
    visit("secret", self.secret);
    visit("outcome", self.outcome);
    visit("right", self.right);
  }
};

/// PasswordTrial is a new password that the change function was asked to take.
struct PasswordTrial {
  static constexpr std::string_view table = "password_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string account;
  std::string sample;
  std::string property = "unknown";
  std::int64_t length = 0;
  std::int64_t classes = 0;
  std::int64_t secret = 0;
  std::string outcome = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("account", self.account);
    visit("sample", self.sample);
    visit("property", self.property);
    visit("length", self.length);
    visit("classes", self.classes);
    visit("secret", self.secret);
    visit("outcome", self.outcome);
  }
};

/// PasswordRestore is whether the old password was in force again after the trials.
struct PasswordRestore {
  static constexpr std::string_view table = "password_restore";
  EvidenceId evidence = 0;
  std::string subject;
  std::string account;
  std::string restored = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("account", self.account);
    visit("restored", self.restored);
  }
};

/// LockoutTrial is what a login surface does against repeated failures.
struct LockoutTrial {
  static constexpr std::string_view table = "lockout_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string method = "unknown";
  std::string account;
  std::int64_t attempts = 0;
  std::string blocked = "unknown";
  std::int64_t failures = 0;
  std::int64_t block_seconds = 0;
  std::string block_ended = "unknown";
  std::int64_t watched_seconds = 0;
  std::string right_refused = "unknown";
  std::string counts = "unknown";
  std::int64_t delay_ms = 0;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("method", self.method);
    visit("account", self.account);
    visit("attempts", self.attempts);
    visit("blocked", self.blocked);
    visit("failures", self.failures);
    visit("block_seconds", self.block_seconds);
    visit("block_ended", self.block_ended);
    visit("watched_seconds", self.watched_seconds);
    visit("right_refused", self.right_refused);
    visit("counts", self.counts);
    visit("delay_ms", self.delay_ms);
  }
};

/// AccessTrial is something asked for without login.
struct AccessTrial {
  static constexpr std::string_view table = "access_trial";
  EvidenceId evidence = 0;
  std::string subject;
  std::string state = "unknown";
  std::string target;
  std::string kind = "unknown";
  std::string outcome = "unknown";
  std::string declared = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("state", self.state);
    visit("target", self.target);
    visit("kind", self.kind);
    visit("outcome", self.outcome);
    visit("declared", self.declared);
  }
};

/// AccessControl is what a service answered to a request of which the answer is known beforehand (a
/// random path, a login).
struct AccessControl {
  static constexpr std::string_view table = "access_control";
  EvidenceId evidence = 0;
  std::string subject;
  std::string state = "unknown";
  std::string control = "unknown";
  std::string outcome = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("subject", self.subject);
    visit("state", self.state);
    visit("control", self.control);
    visit("outcome", self.outcome);
  }
};

/// FactoryState is how the device was brought to its factory state and back.
struct FactoryState {
  static constexpr std::string_view table = "factory_state";
  EvidenceId evidence = 0;
  std::string step = "unknown";
  std::string done = "unknown";
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("step", self.step);
    visit("done", self.done);
  }
};

/// ProductInformation is a part of its identity that the device shows.
struct ProductInformation {
  static constexpr std::string_view table = "product_information";
  EvidenceId evidence = 0;
  std::string field = "unknown";
  std::string subject;
  std::string path;
  std::string shown = "unknown";
  std::string text;
  template <class Self, class Visit>
  static void columns(Self& self, Visit&& visit) {
    visit("evidence", self.evidence);
    visit("field", self.field);
    visit("subject", self.subject);
    visit("path", self.path);
    visit("shown", self.shown);
    visit("text", self.text);
  }
};

}  // namespace haetae::facts
