#include "tests/support/sample_catalogue.hpp"

namespace haetae::test {
namespace {

constexpr const char* kCatalogue = R"(<?xml version="1.0" encoding="UTF-8"?>
<catalogue id="sample" edition="1">
  <title><ko>표본</ko><en>Sample</en></title>
  <legal-base>none</legal-base>
  <domains>
    <domain id="1"><ko>영역</ko><en>Domain</en></domain>
  </domains>
  <parameters>
    <parameter name="suite.minimum-bits" type="integer" value="112" unit="bits" source="test"><ko>가</ko><en>a</en></parameter>
    <parameter name="lockout.failures" type="integer" value="5" source="test"><ko>나</ko><en>b</en></parameter>
  </parameters>
  <reasons>
    <reason id="suite-not-listed" cause="tool"><ko>{suite} 목록에 없음</ko><en>{suite} is not in the list</en></reason>
    <reason id="not-tried-enough" cause="lab"><ko>{attempts}회만 시도</ko><en>only {attempts} tries</en></reason>
    <reason id="service-unknown" cause="device"><ko>{subject} 서비스 미확인</ko><en>the service at {subject} is unknown</en></reason>
  </reasons>
  <include file="references/suites.xml"/>
  <items>
    <item id="1.1" official="confirmed" domain="1" types="lite basic standard" methods="probe operator">
      <title><ko>암호</ko><en>Suites</en></title>
      <requirement><ko>요구</ko><en>Required</en></requirement>
      <remedy><ko>조치</ko><en>Do</en></remedy>
      <criterion id="1.1-weak" source="probe" kind="seen">
        <title><ko>약한 암호</ko><en>Weak suites</en></title>
        <universe>tls.endpoints</universe>
        <coverage>tls.suites</coverage>
        <subjects>SELECT DISTINCT subject FROM tls_version WHERE offered &lt;&gt; 'no'</subjects>
        <lacks>SELECT t.subject, 'suite-not-listed' AS why, t.suite FROM tls_suite AS t
               WHERE t.suite NOT IN (SELECT suite FROM ref_suite_strength)
               UNION ALL SELECT subject, 'service-unknown' AS why, subject AS suite FROM service WHERE tls = 'unknown'
               UNION ALL SELECT subject, 'service-unknown' AS why, version AS suite FROM tls_version WHERE offered = 'unknown'</lacks>
        <breach>SELECT t.subject, t.suite AS key, t.evidence, t.suite, r.bits FROM tls_suite AS t
                JOIN ref_suite_strength AS r ON r.suite = t.suite WHERE r.bits &lt; :suite_minimum_bits</breach>
        <cites>SELECT subject, evidence FROM tls_suite</cites>
        <says><ko>{suite} ({bits}비트)</ko><en>offers {suite} with {bits} bits</en></says>
        <remedy><ko>{suite} 끄기</ko><en>Switch off {suite}</en></remedy>
      </criterion>
      <criterion id="1.1-asked" source="operator">
        <title><ko>질문</ko><en>Question</en></title>
        <step><task><ko>연다.</ko><en>Open it.</en></task><look><ko>본다.</ko><en>Look at it.</en></look></step>
      </criterion>
    </item>
    <item id="1.2" official="reconstructed" domain="1" types="standard" methods="firmware document">
      <title><ko>계획</ko><en>Planned</en></title>
      <requirement><ko>요구</ko><en>Required</en></requirement>
      <remedy><ko>조치</ko><en>Do</en></remedy>
      <criterion id="1.2-image" source="firmware" planned="yes"><title><ko>펌웨어</ko><en>Image</en></title></criterion>
      <criterion id="1.2-paper" source="document" planned="yes"><title><ko>문서</ko><en>Paper</en></title></criterion>
    </item>
    <item id="1.3" official="reconstructed" domain="1" types="standard" optional="yes" methods="probe">
      <title><ko>선택</ko><en>Optional</en></title>
      <requirement><ko>요구</ko><en>Required</en></requirement>
      <remedy><ko>조치</ko><en>Do</en></remedy>
      <applies>SELECT subject, evidence FROM service WHERE protocol = 'telnet'</applies>
      <criterion id="1.3-telnet" source="probe">
        <title><ko>텔넷</ko><en>Telnet</en></title>
        <universe>ports.tcp services</universe>
        <subjects>SELECT subject FROM port WHERE state = 'open'</subjects>
        <lacks>SELECT p.subject, 'service-unknown' AS why FROM port AS p WHERE p.state = 'open' AND NOT EXISTS
               (SELECT 1 FROM service AS s WHERE s.subject = p.subject AND s.protocol &lt;&gt; 'unknown')</lacks>
        <breach>SELECT subject, protocol AS key, evidence, product FROM service WHERE protocol = 'telnet'</breach>
        <cites>SELECT subject, evidence FROM service</cites>
        <says><ko>텔넷 {product}</ko><en>telnet {product}</en></says>
        <remedy><ko>끄기</ko><en>Switch it off</en></remedy>
      </criterion>
    </item>
    <item id="1.4" official="reconstructed" domain="1" types="basic standard" methods="probe">
      <title><ko>차단</ko><en>Lockout</en></title>
      <requirement><ko>요구</ko><en>Required</en></requirement>
      <remedy><ko>조치</ko><en>Do</en></remedy>
      <criterion id="1.4-block" source="probe" kind="absent">
        <title><ko>차단</ko><en>Block</en></title>
        <universe>login.surfaces</universe>
        <coverage>lockout</coverage>
        <subjects>SELECT DISTINCT subject FROM login_surface</subjects>
        <lacks>SELECT s.subject, 'not-tried-enough' AS why, coalesce(t.attempts, 0) AS attempts FROM login_surface AS s
               LEFT JOIN lockout_trial AS t ON t.subject = s.subject AND t.method = s.method
               WHERE t.subject IS NULL OR t.blocked = 'unknown' OR (t.blocked = 'no' AND t.attempts &lt; :lockout_failures)</lacks>
        <breach>SELECT subject, account AS key, evidence, attempts FROM lockout_trial WHERE blocked = 'no' OR failures &gt; :lockout_failures</breach>
        <cites>SELECT subject, evidence FROM lockout_trial WHERE blocked = 'yes'</cites>
        <says><ko>{attempts}회 실패에도 차단 없음</ko><en>no block after {attempts} failures</en></says>
        <remedy><ko>차단</ko><en>Block it</en></remedy>
      </criterion>
    </item>
  </items>
</catalogue>
)";

constexpr const char* kReferences = R"(<references>
  <reference name="suite_strength" source="test" date="2026-11-01">
    <title><ko>강도</ko><en>Strength</en></title>
    <columns><column name="suite" type="text"/><column name="bits" type="integer"/></columns>
    <row suite="TLS_STRONG" bits="256"/>
    <row suite="TLS_WEAK" bits="40"/>
  </reference>
</references>
)";

constexpr const char* kProfile = R"(<profile id="strict" base="sample">
  <title><ko>엄격</ko><en>Strict</en></title>
  <set parameter="suite.minimum-bits" value="300" source="test profile"/>
  <reason id="more" cause="operator"><ko>더</ko><en>more</en></reason>
  <criteria item="1.2">
    <criterion id="1.2-extra" source="operator"><title><ko>추가</ko><en>Extra</en></title></criterion>
  </criteria>
</profile>
)";

}  // namespace

std::vector<catalogue::SourceText> sample_sources() {
  return {{"sample.xml", kCatalogue},
          {"references/suites.xml", kReferences},
          {"profiles/strict.xml", kProfile}};
}

}  // namespace haetae::test
