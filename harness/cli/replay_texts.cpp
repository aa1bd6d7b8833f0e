#include "harness/cli/replay_texts.hpp"

namespace haetae::cli {

const std::string_view kReplayReadme = R"(# 재현 묶음 · Replay pack

각 스크립트는 공개 도구(curl, openssl, ssh, nmap, snmpget, socat, xxd)만으로 보고서의 위반 하나를 다시
보여 준다. 종료 코드: 0 위반이 보임, 1 보이지 않음, 2 알 수 없음(기기 응답 없음, 도구나 비밀번호 없음).
`./run-all.sh`는 모두 실행한다. 계정을 잠글 수 있는 스크립트는 뒤에 두고, 하나가 끝날 때마다 선언된 차단
시간만큼 기다려 다음 스크립트가 잠긴 계정을 만나지 않게 한다. 기기를 초기화하거나 멈출 수 있는 스크립트는 맨 뒤에
두며, 하나가 끝나면 기기를 되돌린 뒤에 다음으로 간다. 기기의 상태를 바꾸거나 계정을 잠글 수 있는 스크립트는 먼저 묻는다
(`REPLAY_YES=1`이면 묻지 않음). 비밀번호는 파일에 없으며 환경변수 SECRET, PASSWORD 등 스크립트가 이름을
대는 것으로 준다.
다른 사람에게서 받은 시험기록의 스크립트는 실행하기 전에 읽는다. 권한을 받은 기기에만 실행한다.

Each script shows one breach of the report again, with public tools alone. Exit code: 0 the breach was
seen, 1 it was not, 2 it could not be told (device silent, a tool or a password missing).
`./run-all.sh` runs all: those that may lock an account come late, each followed by a wait of the declared
block, so that none meets an account that another one locked; those that may reset or stop the device come
last: bring it back before the next. A script that changes the device's state or
may lock an account asks first (`REPLAY_YES=1` answers). Passwords stand in no file: hand them over in SECRET, PASSWORD and
whatever else a script names. Read a
script before you run it if the run came from somebody else, and run it only where you are authorised.

| 스크립트 script | 항목 item | 대상 subject | 위반 | breach | hazard |
| --- | --- | --- | --- | --- | --- |
)";

const std::string_view kReplayLibrary = R"sh(# Functions of the scripts beside this file.
LC_ALL=C; export LC_ALL

# needs TOOL …: 2 where one is missing.
needs() {
  for tool; do
    command -v "$tool" >/dev/null 2>&1 || { echo "needed and not installed: $tool" >&2; exit 2; }
  done
}

# wants NAME HOW: 2 where the environment does not give NAME.
wants() {
  eval "[ -n \"\${$1+x}\" ]" || { echo "set $1: $2" >&2; exit 2; }
}

# ask HAZARD: a person agrees, or REPLAY_YES=1.
ask() {
  [ "$REPLAY_YES" = 1 ] && return
  [ -t 0 ] || { echo "hazard $1: set REPLAY_YES=1 to agree" >&2; exit 2; }
  printf 'Hazard %s. Go on? Type yes: ' "$1"; read -r answer
  [ "$answer" = yes ] || exit 2
}

# alive: the device answers on a port that it declares.
alive() {
  [ -n "$PORTS" ] || { ping -c 1 -W 3 "$ADDRESS" >/dev/null 2>&1; return; }
  case $ADDRESS in *:*) host="[$ADDRESS]" ;; *) host=$ADDRESS ;; esac
  for port in $PORTS; do
    socat -u OPEN:/dev/null "TCP:$host:$port,connect-timeout=3" 2>/dev/null && return 0
  done
  return 1
}

# conclude: runs replay() between two looks whether the device is there.
conclude() {
  needs socat
  alive || { echo 'the device does not answer' >&2; exit 2; }
  replay
  seen=$?
  [ $seen -ne 0 ] || { echo 'breach seen'; exit 0; }
  alive || { echo 'the device does not answer' >&2; exit 2; }
  [ $seen -eq 1 ] || { echo 'it could not be told' >&2; exit 2; }
  echo 'breach not seen'; exit 1
}

quoted() { printf %s "$1" | sed 's/[\\"]/\\&/g'; }

# without TEXT: the input with BY in place of every TEXT.
without() {
  TEXT=$1 BY=$BY awk '{ out = ""
    while (length(ENVIRON["TEXT"]) && (at = index($0, ENVIRON["TEXT"]))) {
      out = out substr($0, 1, at - 1) ENVIRON["BY"]; $0 = substr($0, at + length(ENVIRON["TEXT"])) }
    print out $0 }'
}

# forms_of TEXT: it and how it is written in base64, hexadecimal, URLs and JSON, a line each.
forms_of() {
  {
    printf '%s\n' "$1"; quoted "$1"; echo
    printf %s "$1" | xxd -p | tr -d '\n'; echo
    printf %s "$1" | xxd -p | tr -d '\n' | sed 's/../%&/g'; echo
    # In base64 a text looks otherwise at each of three offsets, and its last letter depends on what follows.
    printf %s "$1" | base64 -w 0 | sed 's/.=*$//'; echo
    printf x%s "$1" | base64 -w 0 | sed 's/.=*$//' | cut -c 3-; echo
    printf xx%s "$1" | base64 -w 0 | sed 's/.=*$//' | cut -c 4-; echo
  } | grep .
}

# web_login ACCOUNT PASSWORD [JAR [COOKIE]]: prints the headers of the answer; 0 if it was accepted.
# COOKIE (name=value) is sent with it; PAGE names a file for what the answer says.
web_login() {
  cookies=${3:-/dev/null}
  case $LOGIN_METHOD in
    http-json)
      body=$(printf '{"%s":"%s","%s":"%s"}' "$USER_FIELD" "$(quoted "$1")" "$PASSWORD_FIELD" "$(quoted "$2")")
      headers=$(curl -sk -m 20 -D - -o "${PAGE:-/dev/null}" -c "$cookies" ${4:+-b "$4"} \
        -H 'Content-Type: application/json' --data-binary "$body" "$LOGIN_URL") ;;
    http-form)
      headers=$(curl -sk -m 20 -D - -o "${PAGE:-/dev/null}" -c "$cookies" ${4:+-b "$4"} --data-urlencode "$USER_FIELD=$1" \
        --data-urlencode "$PASSWORD_FIELD=$2" "$LOGIN_URL") ;;
    *) return 2 ;;
  esac
  printf '%s\n' "$headers"
  printf '%s\n' "$headers" | grep -qE '^HTTP/[0-9.]+ [23]'
}

# web_get URL: the page after a login with ACCOUNT and PASSWORD.
web_get() {
  jar=$(mktemp) || return 2
  if web_login "$ACCOUNT" "$PASSWORD" "$jar" >/dev/null; then
    curl -skgf -m 20 -b "$jar" "$1"; status=$?
  else
    status=2
  fi
  rm -f "$jar"; return $status
}

# page_as ACCOUNT URL: the page after a login of ACCOUNT with PASSWORD, or without one if it is empty.
page_as() {
  as=$(mktemp) || return 2
  if [ -z "$1" ] || web_login "$1" "$PASSWORD" "$as" >/dev/null; then
    curl -skgf -m 20 -b "$as" "$2"; status=$?
  else
    status=2
  fi
  rm -f "$as"; return $status
}

# web_open JAR|COOKIE: 0 if the session opens the page that is declared to need the login.
web_open() {
  curl -skg -m 20 -D - -o /dev/null -b "$1" "$CHECK_URL" | head -n 1 | grep -qE '^HTTP/[0-9.]+ 2'
}

# web_reset ACCOUNT PASSWORD: resets the device by the declared request, or a person does.
web_reset() {
  if [ -z "$RESET_URL" ]; then
    [ -t 0 ] || { echo 'no request that resets the device is declared' >&2; return 2; }
    printf 'Reset the device, wait until it answers, and press Enter. '; read -r answer; return
  fi
  jar_of_reset=$(mktemp) || return 2
  web_login "$1" "$2" "$jar_of_reset" >/dev/null &&
    curl -skgf -m 60 -o /dev/null -b "$jar_of_reset" -X "$RESET_METHOD" -H "Content-Type: $RESET_TYPE" \
      --data-binary "$(printf %s "$RESET_BODY" | BY=$(quoted "$2") without '{password}')" "$RESET_URL"
  status=$?
  rm -f "$jar_of_reset"
  [ $status -eq 0 ] || return 2
  for second in 1 2 3 4 5 6 7 8 9 10; do ! alive || return 0; sleep 1; done
  return 2
}

# web_time JAR SECONDS: offers a time, in seconds since 1970.
web_time() {
  case $TIME_FORM in unix) offered=$2 ;; *) offered=$(date -u -d "@$2" +%Y-%m-%dT%H:%M:%SZ) ;; esac
  curl -skg -m 20 -o /dev/null -b "$1" -X "$SET_TIME_METHOD" -H 'Content-Type: application/json' \
    --data-binary "$(printf %s "$SET_TIME_BODY" | BY=$offered without '{time}')" "$SET_TIME_URL"
}

# ssh_stay ACCOUNT PASSWORD SECONDS: a login that stays, with the shell or program that it is given.
ssh_stay() {
  sleep "$3" | SSHPASS=$2 sshpass -e ssh -o PreferredAuthentications=password,keyboard-interactive \
    -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -p "$SSH_PORT" -l "$1" "$ADDRESS" >/dev/null 2>&1
}

# web_change JAR OLD NEW: asks for another password; 0 if the device took it.
web_change() {
  if [ "$CHANGE_BODY" = json ]; then
    body=$(printf '{"%s":"%s","%s":"%s"}' "$OLD_FIELD" "$(quoted "$2")" "$NEW_FIELD" "$(quoted "$3")")
    curl -skf -m 20 -o /dev/null -b "$1" -c "$1" -X "$CHANGE_METHOD" -H 'Content-Type: application/json' \
      --data-binary "$body" "$CHANGE_URL"
  else
    curl -skf -m 20 -o /dev/null -b "$1" -c "$1" -X "$CHANGE_METHOD" --data-urlencode "$OLD_FIELD=$2" \
      --data-urlencode "$NEW_FIELD=$3" "$CHANGE_URL"
  fi
}

# new_password ACCOUNT OLD NEW: 0 if the device took NEW and a login with it works; puts OLD back.
new_password() {
  [ -n "$CHANGE_URL" ] || return 2
  jar=$(mktemp) || return 2
  status=2
  if web_login "$1" "$2" "$jar" >/dev/null; then
    status=1
    if web_change "$jar" "$2" "$3" && web_login "$1" "$3" "$jar" >/dev/null; then
      status=0
      web_change "$jar" "$3" "$2" || echo "the password of $1 is still the new one: put it back" >&2
    fi
  fi
  rm -f "$jar"; return $status
}

mqtt_text() { printf "\\000\\$(printf %03o "${#1}")%s" "$1"; }
mqtt_body() { printf '\000\004MQTT\004\302\000\074'; mqtt_text replay; mqtt_text "$1"; mqtt_text "$2"; }
md5() { printf %s "$1" | md5sum | cut -d' ' -f1; }
asked_for() { printf %s "$asked" | sed -n "s/.*[ ,]$1=\"\([^\"]*\)\".*/\1/p"; }
rtsp_ask() {
  { printf 'DESCRIBE %s RTSP/1.0\r\nCSeq: 1\r\n' "$RTSP_URL"; [ -z "$1" ] || printf '%s\r\n' "$1"; printf '\r\n'; } |
    socat -t3 - "$RTSP_AT"
}

# try METHOD ACCOUNT PASSWORD: one login; 0 accepted, 1 refused.
try() {
  case $1 in
    http-json|http-form) web_login "$2" "$3" >/dev/null ;;
    http-basic) curl -sk --basic -u "$2:$3" -m 20 -D - -o /dev/null "$BASIC_URL" | grep -qE '^HTTP/[0-9.]+ 2' ;;
    http-digest) curl -sk --digest -u "$2:$3" -m 20 -D - -o /dev/null "$DIGEST_URL" | grep -qE '^HTTP/[0-9.]+ 2' ;;
    ssh)
      SSHPASS=$3 sshpass -e ssh -o PreferredAuthentications=password,keyboard-interactive \
        -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -v -p "$SSH_PORT" -l "$2" "$ADDRESS" exit 2>&1 |
        grep -qa '^Authenticated to' ;;
    mqtt)
      { printf "\\020\\$(printf %03o "$(mqtt_body "$2" "$3" | wc -c)")"; mqtt_body "$2" "$3"; } |
        socat -t3 - "$MQTT_AT" | xxd -p | grep -q '^20020000' ;;
    rtsp)
      asked=$(rtsp_ask '' | tr -d '\r' | grep -ai '^www-authenticate: *digest' | grep -avi sha-256 | head -n 1)
      proof=$(md5 "$(md5 "$2:$(asked_for realm):$3"):$(asked_for nonce):$(md5 "DESCRIBE:$RTSP_URL")")
      rtsp_ask "Authorization: Digest username=\"$2\", realm=\"$(asked_for realm)\", nonce=\"$(asked_for nonce)\", uri=\"$RTSP_URL\", response=\"$proof\"" |
        grep -qa '^RTSP/1.0 200' ;;
    *) echo "logins by $1 are not replayed" >&2; exit 2 ;;
  esac
}
)sh";

const std::string_view kReplayAll = R"sh(#!/bin/sh
# Runs every script of this folder; 0 if each could tell.
cd "$(dirname -- "$0")" || exit 2
. ./device.env
unclear=0
run() {{
  ./"$1" >/dev/null; case $? in
    0) echo "$1  breach seen" ;;
    1) echo "$1  not seen" ;;
    *) echo "$1  could not tell"; unclear=1 ;;
  esac
}}
for script in {0}; do run "$script"; done
# These may lock an account: each is followed by a wait for the declared end of the block.
for script in {1}; do run "$script"; sleep "${{BLOCK_SECONDS:-0}}"; done
# These may reset or stop the device: after each, bring it back before the next.
for script in {2}; do run "$script"; done
exit $unclear
)sh";

}  // namespace haetae::cli
