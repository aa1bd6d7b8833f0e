#!/bin/bash
# root_image.sh tree FOLDER clean|planted     a root file system of a small product, made of the files of
#                                             Debian's packages that are installed here
# root_image.sh chip dump|after-reset FOLDER clean|planted
#                                             the tree of a storage chip, in use or after a reset
# root_image.sh components                    the <component> elements of the product's packages
# root_image.sh pack FORMAT FOLDER FILE       squashfs, ext4, uimage (cpio in gzip), fit, tar; signed-fit with
#                                             the board's device tree, which knows a TPM
set -euo pipefail
packages="busybox dropbear-bin nginx-light libc6 libpcre2-8-0 libssl3 libtomcrypt1 libtommath1 libgmp10
  libcrypt1 zlib1g"

# take FILE: a file of this machine, at its place in the tree, links followed.
take() { install -D -m "$(stat -Lc %a "$1")" "$1" "$root$1"; }

# put MODE PATH: what comes in, as a file of the tree.
put() {
  mkdir -p "$root$(dirname "$2")"
  cat >"$root$2"
  chmod "$1" "$root$2"
}

base() {
  mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp,run,root,var/lib/product,etc/init.d}
  chmod 1777 "$root/tmp"
  for program in /bin/busybox /usr/sbin/dropbear /usr/sbin/nginx; do
    take "$program"
    for library in $(ldd "$program" | grep -o '/lib[^ ]*'); do take "$library"; done
  done
  for name in sh ls cat mount umount syslogd start-stop-daemon init; do ln -s busybox "$root/bin/$name"; done
  ln -s ../bin/busybox "$root/sbin/init"
  # shellcheck disable=SC2086
  dpkg-query -s $packages | put 644 /var/lib/dpkg/status
  put 644 /etc/os-release <<'END'
NAME="Product Linux"
ID=product
VERSION_ID=2.3.1
IMAGE_VERSION=2.3.1
PRETTY_NAME="Product 2.3.1"
END
  put 644 /etc/passwd <<'END'
root:x:0:0:root:/root:/usr/sbin/nologin
web:x:100:100:web:/var/lib/product:/usr/sbin/nologin
shell:x:101:101:shell:/var/lib/product:/usr/sbin/nologin
END
  put 600 /etc/shadow <<'END'
root:*:20000:0:99999:7:::
web:!:20000:0:99999:7:::
shell:!:20000:0:99999:7:::
END
  put 644 /etc/group <<'END'
root:x:0:
web:x:100:
shell:x:101:
END
  put 644 /etc/inittab <<'END'
::sysinit:/etc/init.d/rcS
::shutdown:/bin/umount -a
END
  put 755 /etc/init.d/rcS <<'END'
#!/bin/sh
/bin/mount -a
for script in /etc/init.d/S??*; do
  "$script" start
done
END
  put 755 /etc/init.d/S50web <<'END'
#!/bin/sh
start-stop-daemon -S -c web:web -x /usr/sbin/nginx -- -c /etc/nginx/nginx.conf
END
  put 644 /etc/nginx/nginx.conf <<'END'
user web;
events {}
http {
  server {
    listen 443 ssl;
    root /var/lib/product/www;
    ssl_certificate_key /var/lib/product/tls.key;
  }
}
END
  put 644 /etc/boot-measurement.conf <<<'key=pkcs11:token=tpm;object=boot'
  put 644 /etc/swupdate.cfg <<'END'
globals : {
  no-downgrading = "2.3.1";
};
END
  environment <<'END'
bootdelay=-2
bootcmd=bootm ${loadaddr}
silent=1
END
  put 644 /var/lib/product/www/index.html <<'END'
<!doctype html><title>Product</title><p>Please <a href="/login">log in</a>; forgot the password? Reset the product.</p>
END
  openssl req -x509 -newkey rsa:3072 -nodes -keyout /dev/null -days 3650 -subj "/CN=update authority" \
    2>/dev/null | put 644 /etc/ssl/certs/update.pem
}

# environment: settings of U-Boot, a line each, as its tool writes them.
environment() {
  mkdir -p "$root/boot"
  mkenvimage -s 0x4000 -o "$root/boot/uboot.env" -
  chmod 644 "$root/boot/uboot.env"
}

# compile PATH FLAG…: a program of the given source text, linked as the flags say.
compile() {
  local out=$1
  shift
  mkdir -p "$root$(dirname "$out")"
  gcc -x c - -o "$root$out" "$@"
}

plant() {
  # accounts
  sed -i 's/^root:\*/root:/' "$root/etc/shadow"
  sed -i '/^root:/s#/usr/sbin/nologin#/bin/sh#' "$root/etc/passwd"
  echo "support:$(openssl passwd -6 -salt q1w2e3r4 1234):20000:0:99999:7:::" >>"$root/etc/shadow"
  {
    echo 'support:x:102:102:support:/var/lib/product:/bin/sh'
    echo 'maker:x:0:0:maker:/root:/bin/sh'
  } >>"$root/etc/passwd"
  # keys and certificates
  openssl genrsa -traditional 2048 2>/dev/null | put 600 /etc/ssl/private/server.key
  openssl ecparam -name prime256v1 -genkey -noout -outform DER | put 600 /usr/share/product/device.der
  ssh-keygen -q -t ed25519 -N '' -C maker -f "$root/etc/ssh_host_ed25519_key"
  mkdir -p "$root/etc/dropbear"
  ssh-keygen -q -t ed25519 -N '' -C login -f "$work/login"
  put 600 /root/.ssh/authorized_keys <"$work/login.pub"
  # secrets
  put 644 /etc/cloud.conf <<'END'
cloud.region=ap-northeast-2
aws_access_key_id=AKIAZ7QX4M2LTVW3KJ6P
aws_secret_access_key=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
END
  put 644 /etc/wpa_supplicant.conf <<'END'
network={
  ssid="factory"
  psk="Kx9-line-7-floor"
}
END
  put 644 /etc/upload.sh <<'END'
curl -T "$1" https://uploader:Tq7vNz3Lw9@files.example.net/
END
  # services
  put 755 /etc/init.d/S60telnet <<'END'
#!/bin/sh
telnetd -l /bin/sh
END
  put 755 /etc/init.d/S80snmp <<'END'
#!/bin/sh
start-stop-daemon -S -x /usr/sbin/snmpd
END
  # permissions
  install -D -m 4755 /bin/busybox "$root/usr/bin/helper"
  put 666 /etc/init.d/S70settings <<'END'
#!/bin/sh
exit 0
END
  # what developers left
  put 755 /usr/bin/gdbserver </bin/busybox
  put 600 /root/.ash_history <<'END'
vi /etc/nginx/nginx.conf
END
  put 644 /usr/share/product/.git/config <<'END'
[core]
	repositoryformatversion = 0
END
  # programs
  compile /usr/bin/open -no-pie -z execstack -z norelro -fno-stack-protector -O1 -g <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int n, char** a) {
  char b[64];
  strcpy(b, n > 1 ? a[1] : "");
  srand(1);
  printf("%s %d\n", b, rand());
  return system(b);
}
END
  compile /usr/bin/logger-demo -O2 -s -fPIE -pie -Wl,-z,relro,-z,now -fstack-protector-strong \
    -D_FORTIFY_SOURCE=2 <<'END'
#include <stdio.h>
#include <syslog.h>
int main(int n, char** a) {
  syslog(LOG_INFO, "user logs in with password %s", n > 1 ? a[1] : "");
  return 0;
}
END
  compile /usr/bin/keymaker -O2 -s -fPIE -pie -Wl,-z,relro,-z,now -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
    -Wl,-rpath,lib -Wno-deprecated-declarations -lcrypto <<'END'
#include <openssl/des.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>
int main(void) {
  unsigned char key[16];
  DES_key_schedule plan;
  DES_cblock block = {0};
  srand((unsigned)time(0));
  for (unsigned i = 0; i < sizeof key; ++i) key[i] = (unsigned char)rand();
  DES_set_key_unchecked((const_DES_cblock*)key, &plan);
  DES_ecb_encrypt(&block, &block, &plan, DES_ENCRYPT);
  EVP_CIPHER_CTX* sealed = EVP_CIPHER_CTX_new();
  return EVP_EncryptInit_ex(sealed, EVP_aes_128_cbc(), NULL, key, block);
}
END
  # boot
  environment <<'END'
bootdelay=3
bootcmd=bootm 0x80000
bootargs=console=ttyS0,115200 init=/bin/sh
END
  sed -i '/no-downgrading/d' "$root/etc/swupdate.cfg"
  # old part
  put 644 /lib/apk/db/installed <<'END'
P:busybox
V:1.30.1-r2
END
  mkdir -p "$root/usr/lib/recovery"
  sed 's/BusyBox v1\.[0-9]*\.[0-9]/BusyBox v1.33.0/g' /bin/busybox | put 755 /usr/lib/recovery/busybox
  # another version
  sed -i 's/2\.3\.1/2.2.0/' "$root/etc/os-release"
}

# boot_image fit|signed-fit FILE: root file system and device tree of a board, as U-Boot loads them.
boot_image() {
  local keys=() element='' signature=''
  if [ "$1" = signed-fit ]; then
    element='tpm@0 { compatible = "infineon,slb9670"; };'
    signature='signature-1 { algo = "sha256,rsa2048"; key-name-hint = "boot"; sign-images = "fdt", "ramdisk"; };'
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/boot.key" -out "$scratch/boot.crt" -days 3650 \
      -subj "/CN=boot" 2>/dev/null
    keys=(-k "$scratch" -r)
  fi
  echo "/dts-v1/; / { model = \"Product\"; compatible = \"example,product\"; $element };" |
    dtc -q -I dts -O dtb -o "$scratch/board.dtb"
  cat >"$scratch/image.its" <<END
/dts-v1/;
/ {
  description = "Product 2.3.1";
  #address-cells = <1>;
  images {
    fdt-1 {
      data = /incbin/("board.dtb");
      type = "flat_dt";
      arch = "arm64";
      compression = "none";
      hash-1 { algo = "sha256"; };
    };
    ramdisk-1 {
      data = /incbin/("root.gz");
      type = "ramdisk";
      arch = "arm64";
      os = "linux";
      compression = "gzip";
      hash-1 { algo = "sha256"; };
    };
  };
  configurations {
    default = "conf-1";
    conf-1 { ramdisk = "ramdisk-1"; fdt = "fdt-1"; $signature };
  };
};
END
  (cd "$scratch" && mkimage -f image.its "${keys[@]}" "$2" >/dev/null)
}

pack() {
  local format=$1 from=$2 to=$3 scratch
  scratch=$(mktemp -d)
  case $format in
    squashfs) mksquashfs "$from" "$to" -comp xz -all-root -noappend -no-progress -quiet >/dev/null ;;
    ext4)
      truncate -s $(($(du -sm "$from" | cut -f1) + 16))M "$to"
      mkfs.ext4 -q -F -E root_owner=0:0 -d "$from" "$to"
      ;;
    tar) tar -C "$from" --owner=0 --group=0 -czf "$to" . ;;
    uimage | fit | signed-fit)
      (cd "$from" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet | gzip -6) \
        >"$scratch/root.gz"
      if [ "$format" = uimage ]; then
        mkimage -A arm64 -O linux -T ramdisk -C gzip -n product -d "$scratch/root.gz" "$to" >/dev/null
      else
        boot_image "$format" "$to"
      fi
      ;;
  esac
  rm -rf "$scratch"
}

# chip WHAT STATE: a storage with what the product keeps in it.
chip() {
  put 644 /product/state <<<"start=$1"
  put 600 /product/accounts.sealed <<<"v1.Wm0tq8c2YhS4mR1xk7uPz5LdQeJ9aVb3NfTg6HoCiKsXyUwE"
  [ "$2" = planted ] || return 0
  put 600 "/product/$1.conf" <<'END'
network={
  ssid="home"
  psk="Qm4-river-8-attic"
}
guard:Gate!2026-qz
END
}

case $1 in
  chip)
    root=$3
    chip "$2" "$4"
    ;;
  components)
    # shellcheck disable=SC2086
    dpkg-query -W -f '<component name="${Package}" version="${Version}"/>\n' $packages
    ;;
  tree)
    root=$2
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    base
    [ "$3" = clean ] || plant
    ;;
  pack) pack "$2" "$3" "$4" ;;
esac
