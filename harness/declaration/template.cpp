#include "harness/declaration/declaration.hpp"

namespace haetae::declaration {

std::string template_text() {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- What the maker states about the device under test. Replace the values, remove what the device
     does not have, and say "haetae device check FILE". The order of the elements is fixed.
     A part that is left out is "not declared": what depends on it stays unanswered. -->
<device format="1">
  <!-- As on the label and on the settings page. -->
  <identity maker="Example Maker" model="Model 1" category="ip-camera" serial="0001" hardware="1.0" firmware="1.0.0"/>
  <!-- type: lite, basic, standard. profile: id of a catalogue profile, such as ip-camera. -->
  <certification type="standard"/>
  <!-- At most one IPv4 and one IPv6 address are probed. -->
  <addresses>
    <address>192.0.2.10</address>
  </addresses>
  <!-- Nothing outside these networks is ever contacted. -->
  <scope>
    <network>192.0.2.10/32</network>
  </scope>
  <!-- Who allows this test, and when; both days are included. -->
  <authorisation by="Name of a person" organisation="Example Maker" from="2026-01-01" until="2099-12-31"/>
  <!-- The worst that the test may do: passive, safe, state-changing, lockout-risk, disruptive, may-brick. -->
  <permit hazard="state-changing"/>
  <!-- Further UDP ports to be asked.
  <udp-ports>
    <port>udp/5000</port>
  </udp-ports> -->
  <!-- Every service that the device offers and needs. An open port that is not listed is a breach. -->
  <services>
    <service port="tcp/80" protocol="http" purpose="redirects to HTTPS"/>
    <service port="tcp/443" protocol="http" tls="yes" purpose="web interface" management="yes"/>
  </services>
  <!-- method: http-basic, http-digest, http-form, http-json, ssh, telnet, ftp, mqtt, snmp. -->
  <logins>
    <login id="web" port="tcp/443" tls="yes" method="http-form" path="/login" user-field="user" password-field="password" check-path="/status"/>
    <!-- <login id="shell" port="tcp/22" method="ssh"/> -->
  </logins>
  <!-- role: administrator, user, viewer, service. Passwords are kept apart from the report. An account
       without 'password' is known, but cannot be used. sacrificial: the lockout test may lock it. -->
  <accounts>
    <account name="admin" password="the password in force" factory-password="the shipped one" factory="yes" role="administrator" logins="web"/>
    <account name="guest" password="another password" role="viewer" logins="web" sacrificial="yes"/>
  </accounts>
  <!-- How the password of the logged-in account is changed. body: form, json. -->
  <password-change login="web" method="POST" path="/password" body="form" old-field="old" new-field="new" confirm-field="confirm"/>
  <!-- What the device can be asked to do, and which roles may ask it: administrator, user, viewer, service.
       kind: view, data, management, credential, reset, update, records, time. A call that changes something
       is made by others than these roles only where 'undo' names the call that takes it back, or where it is
       refused. proof-field: the member that carries the password anew. owner: the account whose own object
       the path names. body: multipart, raw, form, json, none. <token> in a call, a login (for its logout, and
       a login by JSON) or a password change: a value against request forgery that is read anew before each
       request, from the page, as the one who makes it. from: field (of a form), meta, json, header, cookie,
       with that name; to: field, header, query, under the name 'as'. Name a page that every account may
       see. Requests of another site are tried without it. -->
  <calls>
    <call id="users" port="tcp/443" tls="yes" method="GET" path="/users" login="web" roles="administrator"/>
    <!-- <call id="own-notes" port="tcp/443" tls="yes" method="GET" path="/users/guest" login="web" kind="data" roles="viewer" owner="guest"/>
    <call id="rename" port="tcp/443" tls="yes" method="POST" path="/settings" login="web" body="json" roles="administrator" changes="yes" undo="rename-back"><field name="name" value="another name"/><token page="/settings" name="csrf"/></call> -->
  </calls>
  <!-- How the record of security events is read: by a request, or as what the device sends to our syslog
       server (listen, udp or tcp). event: kind login, login-failure, change, update; text and outcome stand in
       its record where they are known, call or <cause> causes it (login and login-failure are caused by every
       declared login). wait-seconds: until a record appears. erasable="no": nothing erases the record.
       {time} in a field of set-time is replaced (time-form iso or unix). time-server: where the device asks
       us for the time (NTP), <ask> makes it ask. roles: who may. -->
  <!-- <records wait-seconds="5">
    <read port="tcp/443" tls="yes" path="/log" login="web"/>
    <listen address="192.0.2.1" port="514" transport="udp"/>
    <event kind="change" call="rename" text="setting"/>
    <event kind="update"><cause port="tcp/443" tls="yes" method="POST" path="/update" login="web" body="raw"/></event>
    <erase port="tcp/443" tls="yes" method="POST" path="/log/clear" login="web" roles="administrator"/>
    <show-time port="tcp/443" tls="yes" path="/time" login="web"/>
    <set-time port="tcp/443" tls="yes" method="POST" path="/time" login="web" body="json" roles="administrator"><field name="time" value="{time}"/></set-time>
  </records> -->
  <password-policy minimum-length="8" classes="3" maximum-length="64" text="eight or more characters of three classes"/>
  <!-- counts: account, address, both. -->
  <lockout failures="5" block-seconds="60" counts="account" success-resets="yes"/>
  <!-- What carries a session: cookies (names), or bearer-field (member of the answer to the login that holds
       the token; sent as Authorization: Bearer, or in the field that 'header' names), or url-parameter. -->
  <session idle-seconds="600" simultaneous="2" cookies="SESSION"/>
  <!-- mechanism: none, http-upload, swupdate, rauc, tftp, scp, pull, hook. Altered images are offered only
       where 'may-brick' is permitted; then 'recovery' says how the device comes back. role of an image:
       current, newer, older, other-model, expired-signer. body: multipart, raw, form, none. -->
  <update mechanism="http-upload" description="signed image on the settings page">
    <!-- <image file="firmware-1.0.0.bin" version="1.0.0" role="current"/>
    <signature offset="-256" length="256"/>
    <key file="maker.pem"/> -->
    <upload port="tcp/443" tls="yes" method="POST" path="/update" login="web" body="multipart" field="file"/>
    <!-- A device that fetches its update (mechanism="pull"): our server at an address inside the scope,
         and how the device is made to ask it now.
    <pull address="192.0.2.1" port="8443" tls="yes" version-path="/version" image-path="/image" wait-seconds="300">
      <ask port="tcp/443" tls="yes" method="POST" path="/update/check" login="web"/>
    </pull> -->
  </update>
  <!-- How the settings are saved to a file and restored from it. backup: file, none. 'value' is a text in
       the file that the test may change; 'shown' is where the settings in force can be read, if not by
       saving them again. Altered files are restored where 'disruptive' is permitted. -->
  <!-- <settings backup="file" settle-seconds="30">
    <save port="tcp/443" tls="yes" method="GET" path="/settings.cfg" login="web"/>
    <restore port="tcp/443" tls="yes" method="POST" path="/settings" login="web" body="multipart" field="file"/>
    <value from="timezone=UTC" to="timezone=KST"/>
  </settings> -->
  <!-- What the maker tells the world: security.txt (RFC 9116), the page that says until when there are
       security updates (text: as it is written there), and where the device tells of a new version:
       success-text of <update-notice> stands there then and only then; <ask> makes the device look for
       one without installing it. address and host: of a server beside the device, inside the scope. -->
  <!-- <support>
    <security-txt port="tcp/443" tls="yes" path="/.well-known/security.txt"/>
    <period port="tcp/443" tls="yes" path="/support" until="2031-12-31"/>
    <update-notice port="tcp/443" tls="yes" path="/status" login="web" success-text="new version"/>
  </support> -->
  <!-- Backups and other files that a user takes out of the device. -->
  <!-- <exports>
    <export name="backup" port="tcp/443" tls="yes" path="/backup" login="web"/>
  </exports> -->
  <!-- How a value of the user comes into the device ({canary}: made up for the test), where it shows, and
       how the device is reset (or the hook factory-reset) and set up again (or the hook normal-state).
       {password}: the one with which the login was made; {new-password}: the declared one. Tried where
       'disruptive' is permitted. -->
  <!-- <wipe settle-seconds="60">
    <plant name="device-name" port="tcp/443" tls="yes" path="/settings" method="POST" login="web" body="json"><field name="name" value="{canary}"/></plant>
    <look name="settings" port="tcp/443" tls="yes" path="/settings" login="web"/>
    <reset port="tcp/443" tls="yes" path="/reset" method="POST" login="web" body="json"><field name="password" value="{password}"/></reset>
    <set-up port="tcp/443" tls="yes" path="/password" method="POST" login="web" body="json"><field name="old" value="{password}"/><field name="new" value="{new-password}"/></set-up>
  </wipe> -->
  <!-- What is opened and read: images, root file system archives, dumps. kind: image, dump, after-reset. -->
  <!-- <firmware>
    <file id="main" file="firmware-1.0.0.bin" version="1.0.0"/>
    <file id="flash" file="flash.bin" kind="dump"/>
    <canary name="wireless network" value="stored before the dump was taken"/>
  </firmware> -->
  <!-- Other people's software in it. -->
  <!-- <components>
    <component name="busybox" version="1.36.1"/>
  </components> -->
  <!-- The debug port of the board, where something comes out of it: kind serial with device and baud, or
       tcp with address and port of a console server inside the scope. boot-seconds: from power-on to the
       login prompt, at most. The boot is interrupted where 'disruptive' is permitted and a hook
       power-cycle, or somebody beside the device, cuts the power. -->
  <!-- <console kind="serial" device="/dev/ttyUSB0" baud="115200" login-prompt="login:" boot-seconds="60"/> -->
  <!-- Whom the device contacts by itself. -->
  <outbound>
    <endpoint host="update.example" port="443" protocol="https" purpose="update check"/>
  </outbound>
  <personal-data>
    <datum name="video" purpose="surveillance by the owner" stored="on the memory card" sent-to="the owner's browser"/>
  </personal-data>
  <!-- File names count from the folder of this file. -->
  <documents>
    <!-- <document kind="manual" title="User manual" file="manual.pdf"/> -->
  </documents>
  <!-- What must not be had without login. protocol: http, rtsp, mqtt, coap, ftp. kind: view, control,
       management, data. -->
  <resources>
    <resource port="tcp/443" tls="yes" protocol="http" target="/status" kind="management"/>
  </resources>
  <!-- Where the device shows its model and its version. -->
  <product-information>
    <shown field="model" port="tcp/443" tls="yes" path="/status" login="web"/>
    <shown field="firmware" port="tcp/443" tls="yes" path="/status" login="web"/>
  </product-information>
  <!-- Another unit of the same model, as it is shipped, at an address inside the scope: its host keys,
       certificates and factory passwords must be others. It is asked on the same ports by the same logins. -->
  <!-- <second-unit address="192.0.2.11" serial="0002"><account name="admin" factory-password="the one it was shipped with"/></second-unit> -->
  <!-- Commands that act in place of a person: power-cycle, factory-reset, version, factory-state,
       normal-state, recover; install and media get the name of the update file as last word, and media
       presents it to the device on a removable medium. -->
  <hooks>
    <!-- <hook name="power-cycle" command="/usr/local/bin/switch-socket 3" timeout-seconds="60"/> -->
  </hooks>
  <!-- Items that do not apply to the product, each with the reason. -->
  <statements>
    <!-- <statement item="7.5" applies="no">The product has no secure element.</statement> -->
  </statements>
</device>
)";
}

}  // namespace haetae::declaration
