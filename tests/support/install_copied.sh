#!/bin/sh
# install_copied.sh FILE SLOT [CA]: installs the application of a .swu that was copied to the device.
# With CA, a certificate, it checks signature, digest, model (1.0) and version (1.4.2 or newer) before;
# without it, nothing. The last line of what it says tells how it went.
set -eu
file=$1
slot=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

refuse() {
  echo "refused: $1"
  exit 1
}

# value NAME: of a line NAME = "VALUE"; in sw-description.
value() {
  sed -n "s/.*$1[ :=[]*\"\([^\"]*\)\".*/\1/p" sw-description | head -n 1
}

cpio -i --quiet --no-absolute-filenames sw-description sw-description.sig app.img <"$file" 2>/dev/null ||
  refuse "the archive is damaged"
[ -s app.img ] || refuse "no application in this file"
if [ $# -gt 2 ]; then
  [ -s sw-description.sig ] || refuse "no signature"
  openssl cms -verify -binary -inform DER -in sw-description.sig -content sw-description -CAfile "$3" \
    -out /dev/null 2>/dev/null || refuse "the signature is wrong"
  [ "$(sha256sum app.img | cut -d' ' -f1)" = "$(value sha256)" ] || refuse "the digest is wrong"
  [ "$(value hardware-compatibility)" = 1.0 ] || refuse "another model"
  lowest=$(printf '%s\n1.4.2\n' "$(value version)" | sort -V | head -n 1)
  [ "$lowest" = 1.4.2 ] || refuse "an older version"
fi
cat app.img >"$slot"
echo installed
