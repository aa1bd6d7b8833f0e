#!/bin/bash
# update_files.sh swu|raucb FOLDER SLOT BITS: the update files that a maker would hand over, made by the
# tools of SWUpdate and RAUC: current, newer, older, other-model and expired-signer, each signed (CMS,
# RSA of so many bits), with the certificate ca.pem that the device trusts.
set -euo pipefail
kind=$1
slot=$3
bits=$4
cd "$2"

authority() {
  openssl req -x509 -newkey rsa:$bits -nodes -keyout ca.key -out ca.pem -subj "/CN=SimCam authority" \
    -days 3650 2>/dev/null
  printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection\nbasicConstraints=CA:FALSE\n' >ext
}

# signer NAME NOT-BEFORE NOT-AFTER: a key and a certificate of the authority, YYYYMMDDHHMMSSZ.
signer() {
  openssl req -newkey rsa:$bits -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  mkdir -p issued
  : >issued/index
  printf '[ca]\ndefault_ca=own\n[own]\ndatabase=issued/index\nnew_certs_dir=issued\nrand_serial=yes\npolicy=any\ndefault_md=sha256\n[any]\ncommonName=supplied\n' >ca.conf
  openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -startdate "$2" -enddate "$3" \
    -extfile ext -in "$1.csr" -out "$1.pem" 2>/dev/null
}

# application VERSION: what is installed; its last line tells its version.
application() {
  head -c 15000 /dev/urandom | base64 >part/app.img
  printf 'SimCam version %s\n' "$1" >>part/app.img
}

# swu NAME VERSION BOARD SIGNER
swu() {
  local hash
  hash=$(sha256sum part/app.img | cut -d' ' -f1)
  cat >part/sw-description <<END
software =
{
	version = "$2";
	description = "SimCam $2";
	hardware-compatibility: [ "$3" ];
	files: (
		{ filename = "app.img"; path = "$slot"; sha256 = "$hash"; }
	);
}
END
  openssl cms -sign -in part/sw-description -out part/sw-description.sig -signer "$4.pem" -inkey "$4.key" \
    -outform DER -nosmimecap -binary
  (cd part && printf '%s\n' sw-description sw-description.sig app.img | cpio -o -H crc --quiet) >"$1.swu"
}

# raucb NAME VERSION BOARD SIGNER
raucb() {
  cat >part/manifest.raucm <<END
[update]
compatible=simcam-$3
version=$2

[bundle]
format=plain

[image.app]
filename=app.img
END
  rauc bundle --cert="$4.pem" --key="$4.key" part "$1.raucb" 2>/dev/null >&2
}

file() {
  rm -rf part
  mkdir part
  application "$2"
  "$kind" "$@"
}

authority
signer signer 20260101000000Z 20991231000000Z
signer expired 20200101000000Z 20200201000000Z
file current 1.4.2 1.0 signer
file newer 1.5.0 1.0 signer
file older 1.3.0 1.0 signer
file other-model 1.5.0 9.9 signer
file expired-signer 1.5.0 1.0 expired
rm -rf part issued
