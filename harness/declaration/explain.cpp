#include <fmt/format.h>

#include <algorithm>

#include "harness/declaration/declaration.hpp"
#include "harness/model/bytes.hpp"

namespace haetae::declaration {
namespace {

template <class List, class Text>
std::string joined(const List& list, const Text& text) {
  std::string out;
  for (const auto& one : list) out += (out.empty() ? "" : ", ") + text(one);
  return out;
}

/// Summary writes the lines of explain() in one language. Words of device.xml stay as they are.
class Summary {
 public:
  Summary(const Declaration& declaration, bool korean) : d_(declaration), korean_(korean) {}

  [[nodiscard]] std::vector<std::string> write() {
    target();
    access();
    update();
    support();
    gaps();
    update_gaps();
    support_gaps();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string in(std::string_view ko, std::string_view en) const {
    return std::string(korean_ ? ko : en);
  }
  template <class... Values>
  void line(std::string_view ko, std::string_view en, const Values&... values) {
    out_.push_back(fmt::format(fmt::runtime(korean_ ? ko : en), values...));
  }
  void gap(bool missing, std::string_view ko, std::string_view en) {
    if (missing) line("선언하지 않음: {}", "not declared: {}", in(ko, en));
  }
  [[nodiscard]] std::string in_tls(bool tls) const { return tls ? in("(TLS)", " in TLS") : ""; }

  void target();
  void access();
  void update();
  void support();
  void gaps();
  void update_gaps();
  void support_gaps();
  [[nodiscard]] bool update_can_be_driven() const;

  const Declaration& d_;
  bool korean_;
  std::vector<std::string> out_;
};

void Summary::target() {
  line("시료: {} {}, {}, 펌웨어 {}", "device: {} {}, {}, firmware {}", printable(d_.identity.maker),
       printable(d_.identity.model), printable(d_.identity.category),
       printable(d_.identity.firmware));
  line("인증 유형: {}{}", "certification: {} type{}", d_.certification.type,
       d_.certification.profile.empty()
           ? in(", 제품군 기준 없음", ", no profile")
           : in(", 제품군 기준 ", ", profile ") + printable(d_.certification.profile));
  const auto text = [](const auto& one) { return one.text(); };
  line("주소: {} (시험 범위: {}; 그 밖에는 접속하지 않음)",
       "reached at: {} (scope: {}; nothing else is contacted)", joined(d_.addresses, text),
       joined(d_.scope.networks, text));
  const std::string organisation = d_.authorisation.organisation.empty()
                                       ? ""
                                       : " (" + printable(d_.authorisation.organisation) + ")";
  line("허가: {}{}, {}부터 {}까지", "authorised by {}{}, from {} until {}",
       printable(d_.authorisation.by), organisation, d_.authorisation.from, d_.authorisation.until);
  line("허용한 위험도: {}까지", "permitted up to hazard: {}", word(d_.permit));
}

void Summary::access() {
  for (const Service& service : d_.services) {
    line("서비스 {}: {}{}{}{}", "service {}: {}{}{}{}", service.port.text(), service.protocol,
         in_tls(service.tls), service.management ? in(", 관리용", ", management") : "",
         service.purpose.empty() ? "" : ", " + printable(service.purpose));
  }
  for (const Login& login : d_.logins) {
    std::vector<std::string> accounts;
    for (const Account& account : d_.accounts) {
      if (std::ranges::find(account.logins, login.id) != account.logins.end())
        accounts.push_back(printable(account.name));
    }
    line("로그인 {0}: {1}의 {2}{3}, 계정: {4}", "login {0}: {2} on {1}{3}, accounts: {4}",
         printable(login.id), login.port.text(), login.method, in_tls(login.tls),
         accounts.empty() ? in("없음", "none")
                          : joined(accounts, [](const std::string& name) { return name; }));
  }
  for (const PasswordChange& change : d_.password_changes) {
    line("비밀번호 변경: {2} 로그인 뒤 {0} {1}", "password change: {} {} after login {}",
         change.http_method, printable(change.path), printable(change.login));
  }
  for (const Call& call : d_.calls) {
    line("기능 {}: {} {}, 허용된 역할: {}", "call {}: {} {}, allowed roles: {}", call.id,
         call.http.method, printable(call.http.path),
         call.roles.empty() ? in("없음", "none")
                            : joined(call.roles, [](const std::string& role) { return role; }));
  }
  if (d_.records) {
    const Records& records = *d_.records;
    line("감사기록: {}{}{}", "record of events: {}{}{}",
         records.read ? printable(records.read->path)
                      : in("요청으로 읽지 않음", "not read by a request"),
         records.listen ? in(", syslog 서버 ", ", syslog server ") + records.listen->at.text() : "",
         records.erasable ? "" : in(", 지우는 기능 없음", ", nothing erases it"));
  } else {
    line("감사기록을 읽는 방법이 선언되지 않음: 4.7과 4.8은 판정하지 않음",
         "how the record of events is read is not declared: 4.7 and 4.8 stay unanswered");
  }
  if (d_.second_unit)
    line("두 번째 시료: {}, 공장 비밀번호 {}개", "second unit: {}, factory passwords: {}",
         d_.second_unit->address.text(), d_.second_unit->accounts.size());
  for (const Statement& statement : d_.statements) {
    if (statement.applies)
      line("항목 {}: 해당한다고 선언함", "item {}: said to apply", statement.item);
    else
      line("항목 {}: 해당 없다고 선언함: {}", "item {}: said not to apply: {}", statement.item,
           printable(statement.reason));
  }
}

void Summary::support() {
  const auto at = [](const PublicPage& page) {
    return fmt::format("{} {}{}", page.port.text(), page.address ? page.address->text() + " " : "",
                       printable(page.path));
  };
  if (d_.support.security_txt)
    line("security.txt: {}", "security.txt: {}", at(*d_.support.security_txt));
  if (d_.support.period)
    line("지원 종료일 {}: {}", "end of support {}: {}", d_.support.period->until,
         at(d_.support.period->page));
  if (d_.support.notice)
    line("업데이트 알림: {}", "update notice: {}", printable(d_.support.notice->look.path));
  for (const NamedCall& one : d_.exports)
    line("내보내기 {}: {}", "export {}: {}", one.name, printable(one.http.path));
  if (d_.wipe)
    line("초기화: 넣을 값 {}개, 찾을 곳 {}개, 방법: {}",
         "reset: values to plant: {}, places to look at: {}, by: {}", d_.wipe->plants.size(),
         d_.wipe->looks.size(),
         d_.wipe->reset ? printable(d_.wipe->reset->path) : in("훅", "hook"));
}

void Summary::support_gaps() {
  gap(!d_.support.security_txt && !d_.support.period,
      "security.txt나 기술지원 기간 안내 페이지. 공개된 안내를 시험하지 못함",
      "security.txt or a page with the support period; what is published stays unanswered");
  gap(!d_.support.notice, "업데이트 알림. 새 버전을 알리는지 시험하지 못함",
      "the update notice; whether the device tells of a new version stays unanswered");
  gap(d_.exports.empty(), "내보내기. 내보낸 파일에 평문 비밀정보가 있는지 시험하지 못함",
      "exports; whether a backup holds secrets in clear text stays unanswered");
  gap(!d_.wipe, "초기화 방법. 초기화한 뒤 데이터가 남는지 시험하지 못함",
      "how the device is wiped; what a reset leaves stays unanswered");
  gap(d_.wipe && d_.permit < Hazard::disruptive, "disruptive 허가. 기기를 초기화하지 않음",
      "the permission for disruptive; the device is not reset");
}

void Summary::update() {
  if (!d_.update.mechanism.empty() && d_.update.mechanism != "none") {
    line("업데이트: {}, 파일 {}개", "update: {}, files: {}", d_.update.mechanism,
         d_.update.images.size());
  }
  for (const FirmwareImage& image : d_.firmware) {
    line("열어 볼 펌웨어 {}: {} ({})", "firmware to be opened, {}: {} ({})", image.id,
         printable(image.file.filename().string()), image.kind);
  }
  if (d_.console) {
    line("콘솔: {}", "console: {}",
         d_.console->endpoint ? d_.console->endpoint->text()
                              : fmt::format("{}, {} baud", printable(d_.console->device.string()),
                                            d_.console->baud));
  }
}

/// gaps() names what is not declared and what cannot be answered for it.
void Summary::gaps() {
  const bool password = std::ranges::any_of(d_.accounts, [](const Account& account) {
    return account.has_password && !account.logins.empty();
  });
  const bool sacrificial =
      std::ranges::any_of(d_.accounts, [](const Account& account) { return account.sacrificial; });
  gap(!d_.services_declared, "서비스. 열린 포트가 필요한 것인지 알 수 없음",
      "services; whether open ports are needed stays unanswered");
  gap(d_.logins.empty(), "로그인. 비밀번호, 반복 실패 차단, 로그인 뒤의 기능을 시험하지 못함",
      "logins; passwords, lockout and what lies behind a login are not tested by login");
  gap(!d_.logins.empty() && !password,
      "비밀번호와 로그인이 있는 계정. 대조가 없어 로그인 시험이 판정보류로 남음",
      "an account with password and login; no positive control, so login tests stay inconclusive");
  gap(d_.password_changes.empty(), "비밀번호를 바꾸는 방법. 비밀번호 규칙을 시험하지 못함",
      "how a password is changed; the password policy stays unanswered");
  gap(!d_.password_policy.declared, "비밀번호 규칙. 시험 기준의 한계값만 시험함",
      "the password policy; only the catalogue's limits are tried");
  gap(!d_.lockout.declared, "반복 실패 차단 규칙. 시험 기준의 한계값만 시험함",
      "the lockout policy; only the catalogue's limits are tried");
  gap(d_.permit < Hazard::lockout_risk, "lockout-risk 허가. 반복 실패를 시험하지 않음",
      "the permission for lockout-risk; repeated failures are not tested");
  gap(d_.permit >= Hazard::lockout_risk && !sacrificial,
      "잠겨도 되는 계정. 반복 실패 시험이 선언한 계정을 쓰거나 하지 않음",
      "a sacrificial account; the lockout test uses a declared account or stays out");
  gap(!d_.session.declared, "세션. 유휴 시간과 동시 접속을 시험하지 못함",
      "sessions; idle time and simultaneous sessions stay unanswered");
  gap(d_.session.declared && d_.session.idle.count() == 0,
      "세션 만료 시간. 사용하지 않는 세션이 끝나는지 재지 못함",
      "the idle time of a session; its end is not measured");
  gap(d_.session.declared && d_.session.simultaneous == 0,
      "동시 접속 수. 동시 접속 제한을 시험하지 못함",
      "the number of simultaneous sessions; their limit is not tested");
  gap(d_.outbound.empty(), "기기가 접속하는 곳. 관찰한 목적지와 비교할 것이 없음",
      "outbound endpoints; what the device contacts has nothing to compare with");
  gap(d_.personal_data.empty(), "개인정보. 개인정보 항목은 사람의 답변을 기다림",
      "personal data; items on personal data wait for an answer");
  gap(d_.documents.empty(), "제출 문서. 문서로 확인하는 항목이 답변을 기다림",
      "documents; items answered by documents stay pending");
  gap(d_.resources.empty(), "로그인이 필요한 자원. 로그인 없이는 잘 알려진 경로만 요청함",
      "resources that need a login; only well-known paths are asked for without login");
  gap(d_.product_information.empty(), "모델과 버전을 보여 주는 곳. 제품정보를 시험하지 못함",
      "where the device shows model and version; product information stays unanswered");
  gap(!d_.second_unit, "두 번째 시료. 키와 공장 비밀번호가 제품마다 다른지 시험하지 못함",
      "a second unit; whether keys and factory passwords differ from unit to unit stays "
      "unanswered");
  gap(d_.hook("factory-state") == nullptr && d_.hook("factory-reset") == nullptr,
      "공장 초기 상태로 만드는 명령. 평상 상태만 시험함",
      "a hook for the factory state; the device is tested in its normal state only");
  gap(d_.hook("power-cycle") == nullptr, "전원을 다시 켜는 명령. 멈춘 기기는 사람이 다시 켜야 함",
      "a hook for the power; a device that hangs has to be restarted by a person");
}

bool Summary::update_can_be_driven() const {
  const Update& update = d_.update;
  if (update.mechanism == "tftp") return update.tftp.has_value();
  if (update.mechanism == "scp") return update.scp.has_value();
  if (update.mechanism == "pull") return update.pull.has_value();
  if (update.mechanism == "hook") return d_.hook("install") != nullptr;
  return update.upload.has_value();
}

void Summary::update_gaps() {
  const bool updates = !d_.update.mechanism.empty() && d_.update.mechanism != "none";
  gap(d_.update.mechanism.empty(), "업데이트 방식. 업데이트 항목을 시험하지 못함",
      "the update mechanism; update items stay unanswered");
  gap(updates && !update_can_be_driven(), "업데이트를 넣는 방법. 업데이트를 수행할 수 없음",
      "how an update is given; the update cannot be driven");
  gap(updates && d_.update.images.empty(), "업데이트 파일. 변조한 파일을 거부하는지 시험하지 못함",
      "the update images; whether altered ones are refused stays unanswered");
  gap(!d_.update.images.empty() && d_.permit < Hazard::may_brick,
      "may-brick 허가. 변조한 업데이트 파일을 넣지 않음",
      "the permission for may-brick; altered update images are not offered");
  gap(d_.settings.backup.empty(), "설정의 저장과 복원. 변조한 설정 파일을 거부하는지 시험하지 못함",
      "how settings are saved and restored; whether altered ones are refused stays unanswered");
  gap(d_.firmware.empty(), "펌웨어 이미지. 이미지에서만 보이는 것을 시험하지 못함",
      "firmware images; what only an image shows stays unanswered");
  gap(!d_.components_declared, "소프트웨어 구성요소. 이미지의 목록과 비교할 것이 없음",
      "the components; the list has nothing to compare with");
  gap(!d_.console.has_value(), "콘솔. 기판의 디버그 포트는 사람이 확인함",
      "a console; the debug port of the board is left to a person");
  gap(d_.console && d_.permit < Hazard::disruptive,
      "disruptive 허가. 콘솔에서 부팅을 중단하는 시험을 하지 않음",
      "the permission for disruptive; the boot is not interrupted at the console");
  gap(d_.console && d_.hook("power-cycle") == nullptr,
      "power-cycle 훅. 콘솔을 보는 동안 사람이 기기를 껐다 켜야 함",
      "the hook power-cycle; somebody has to switch the device off and on while the console is "
      "watched");
}

}  // namespace

std::vector<std::string> explain(const Declaration& declaration, bool korean) {
  return Summary(declaration, korean).write();
}

}  // namespace haetae::declaration
