"""Fact sets of the criteria about programs, components and boot settings in a firmware image; factsets.py runs it."""

IMAGE = "firmware:main"
PLACE = dict(subject=IMAGE, inside="squashfs@64")

DEFAULTS = {
    "firmware_image": dict(subject=IMAGE, file="main.bin", sha256="aa", size=4096, kind="image", version="1.4.2",
                           opened="whole", files=12),
    "elf_file": dict(PLACE, path="/bin/app", kind="program", bits="32", byte_order="little", machine="ARM", nx="present",
                     pie="present", relro="full", canary="present", fortify="present", symbols="no", debug="no",
                     imports="known", unbounded_copies=0, shell_calls=0),
    "elf_import": dict(PLACE, path="/bin/app", name="rand"),
    "elf_library_path": dict(PLACE, path="/bin/app", tag="runpath", entry="/usr/lib/app", shape="absolute"),
    "crypto_use": dict(PLACE, path="/bin/app", library="openssl", needed="libcrypto.so.3"),
    "crypto_primitive": dict(PLACE, path="/bin/app", primitive="des", seen_by="import", name="DES_set_key", expected="no"),
    "component": dict(PLACE, path="/usr/lib/libcrypto.so.3", name="openssl", version="3.5.1", origin="text",
                      component="openssl", release="3.5.1"),
    "vulnerability_list": dict(subject=IMAGE, name="lab", dated="2026-11-01", age_days=21, entries=9, scope="whole"),
    "vulnerability_coverage": dict(subject=IMAGE, list="lab", component="openssl", complete="yes"),
    "vulnerability_match": dict(PLACE, path="/usr/lib/libcrypto.so.3", name="openssl", version="3.5.1",
                                entry="CVE-2022-0778", list="lab", kind="vulnerability", component="openssl",
                                fixed="3.0.2", outcome="not-affected"),
    "declared_component": dict(name="openssl", version="3.5.1", origin="declaration", component="openssl", release="3.5.1"),
    "boot_setting": dict(PLACE, path="/raw@0x80000", source="u-boot-environment", setting="boot-delay", text="-2",
                         number=-2, login="not-applicable"),
    "boot_loader": dict(PLACE, path="/raw@0x0", name="u-boot", version="2021.07"),
    "boot_integrity": dict(PLACE, path="/boot/fitImage", sign="fit-signature", name="conf-1", state="present",
                           algorithm="sha256,rsa2048"),
    "rollback_counter": dict(PLACE, path="/raw@0x0", format="mcuboot", name="security counter", state="present", value="3"),
    "image_version": dict(PLACE, path="/etc/version", field="", place="product", text="1.4.2", wanted="1.4.2", same="yes"),
    "secure_element": dict(PLACE, path="/lib/modules/tpm.ko", element="tpm", seen_by="module", text="tpm.ko"),
}


def add(tools):
    row, passes, breaks, lacks = tools.row, tools.passes, tools.breaks, tools.lacks
    image = row("firmware_image")
    elf = row("elf_file")
    # Without an image there is nothing to judge.
    image_words = ["firmware_image.0"]
    described = [f"elf_file.0.{w}" for w in ("bits", "byte_order")]

    def others(*used):
        words = ("nx", "pie", "relro", "canary", "fortify", "symbols", "debug", "imports")
        return image_words + described + [f"elf_file.0.{w}" for w in words if w not in used]

    def programs(kind):
        """Gaps that every criterion about programs has."""
        lacks(kind, "no-programs", image)
        lacks(kind, "program-unclear", image, elf, row("elf_file", path="/bin/odd", kind="unknown"))

    hardening = ("nx", "pie", "relro", "canary")
    passes("4.1-hardening", "all", image, elf, irrelevant=others(*hardening))
    passes("4.1-hardening", "partial-relro", image, row("elf_file", relro="partial"), irrelevant=others(*hardening))
    passes("4.1-hardening", "library", image, row("elf_file", kind="library", pie="not-applicable"),
           irrelevant=others(*hardening))
    ten = [row("elf_file", path=f"/bin/{n}") for n in range(9)]
    loose = image_words + ["elf_file.9"] + [f"elf_file.{n}.{w}" for n in range(9) for w in (
        "bits", "byte_order", "relro", "canary", "fortify", "symbols", "debug", "imports")]
    passes("4.1-hardening", "one-of-ten-without-pie", image, ten, row("elf_file", pie="absent"), irrelevant=loose)
    breaks("4.1-hardening", "two-of-eleven-without-pie", image, ten, row("elf_file", pie="absent"),
           row("elf_file", path="/bin/more", pie="absent"))
    breaks("4.1-hardening", "one-executable-stack", image, ten, row("elf_file", nx="absent"))
    breaks("4.1-hardening", "no-relro", image, row("elf_file", relro="absent"))
    breaks("4.1-hardening", "no-canary", image, row("elf_file", canary="absent"))
    breaks("4.1-hardening", "static", image, row("elf_file", kind="static-program", pie="absent", relro="not-applicable",
                                                 canary="unknown", fortify="unknown"))
    lacks("4.1-hardening", "stack-unclear", image, ten, row("elf_file", nx="unknown"))
    programs("4.1-hardening")

    passes("4.1-library-path", "none", image, elf, irrelevant=others())
    passes("4.1-library-path", "fixed", image, elf, row("elf_library_path"),
           irrelevant=others() + ["elf_library_path.0"])
    passes("4.1-library-path", "beside-itself", image, elf,
           row("elf_library_path", entry="$ORIGIN/../lib", shape="origin"),
           irrelevant=others() + ["elf_library_path.0"])
    passes("4.1-library-path", "other-folder", image, elf, row("elf_library_path", entry="/tmpfiles/lib"),
           irrelevant=others() + ["elf_library_path.0"])
    breaks("4.1-library-path", "relative", image, elf, row("elf_library_path", entry="lib", shape="relative"))
    breaks("4.1-library-path", "empty", image, elf, row("elf_library_path", entry="", shape="empty"))
    breaks("4.1-library-path", "writable", image, elf, row("elf_library_path", entry="/tmp/lib"))
    breaks("4.1-library-path", "writable-itself", image, elf, row("elf_library_path", tag="rpath", entry="/tmp"))
    lacks("4.1-library-path", "shape-unclear", image, elf, row("elf_library_path", shape="unknown"))
    programs("4.1-library-path")

    passes("4.2-symbols", "stripped", image, elf, irrelevant=others("symbols", "debug"))
    passes("4.2-symbols", "module", image, elf, row("elf_file", path="/lib/x.ko", kind="module", symbols="yes"),
           irrelevant=others("symbols", "debug") + [
               "elf_file.1"] )
    breaks("4.2-symbols", "symbols", image, elf, row("elf_file", path="/bin/x", symbols="yes"))
    breaks("4.2-symbols", "debug", image, elf, row("elf_file", path="/lib/x.so", kind="library", debug="yes"))
    lacks("4.2-symbols", "unclear", image, elf, row("elf_file", path="/bin/x", debug="unknown"))
    programs("4.2-symbols")

    passes("3.3-generators", "none", image, elf, irrelevant=others("imports"))
    passes("3.3-generators", "sound-beside-weak", image, elf, row("elf_import"),
           row("elf_import", name="EVP_EncryptInit_ex"), row("elf_import", name="getrandom"),
           irrelevant=others("imports") + ["elf_import.0", "elf_import.1"])
    passes("3.3-generators", "weak-without-keys", image, elf, row("elf_import"),
           irrelevant=others("imports") + ["elf_import.0"])
    breaks("3.3-generators", "weak-with-keys", image, elf, row("elf_import"), row("elf_import", name="EVP_EncryptInit_ex"))
    breaks("3.3-generators", "sound-in-another-program", image, elf, row("elf_import"), row("elf_import", name="crypt"),
           row("elf_import", path="/bin/other", name="getrandom"))
    lacks("3.3-generators", "static", image, elf, row("elf_file", path="/bin/s", kind="static-program", imports="unknown"))
    programs("3.3-generators")

    ended = dict(kind="end-of-support", list="end_of_support", entry="openssl before 1.1.1")
    supported = dict(kind="supported", list="supported_series", entry="openssl 3.5", fixed="3.6", outcome="affected")
    library = [row("crypto_use"), row("component"), row("vulnerability_match", **ended),
               row("vulnerability_match", **supported)]
    loose = others("imports") + ["crypto_use.0", "component.0.origin"]
    passes("3.1-libraries", "looked-after", image, elf, library, irrelevant=loose)
    passes("3.1-libraries", "expected", image, elf, library, row("crypto_primitive", expected="yes"),
           irrelevant=loose + ["crypto_primitive.0"])
    passes("3.1-libraries", "hash", image, elf, library, row("crypto_primitive", primitive="md5", name="MD5_Init"),
           irrelevant=loose + ["crypto_primitive.0"])
    passes("3.1-libraries", "table-only", image, elf, library, row("crypto_primitive", seen_by="table", name="IP"),
           irrelevant=loose + ["crypto_primitive.0"])
    breaks("3.1-libraries", "des", image, elf, library, row("crypto_primitive"))
    breaks("3.1-libraries", "old-library", image, elf, row("crypto_use"), row("component", release="1.0.2k"),
           row("vulnerability_match", kind="end-of-support", list="end_of_support", outcome="affected"))
    lacks("3.1-libraries", "version-unknown", image, elf, row("crypto_use"))
    lacks("3.1-libraries", "not-compared", image, elf, row("crypto_use"), row("component"))
    lacks("3.1-libraries", "by-a-distribution", image, elf, row("crypto_use"), row("component"),
          row("vulnerability_match", kind="end-of-support", list="end_of_support", outcome="unknown"))
    newer = dict(version="3.6.1")
    lacks("3.1-libraries", "series-unlisted", image, elf, row("crypto_use"), row("component", release="3.6.1", **newer),
          row("vulnerability_match", **ended, **newer), row("vulnerability_match", **dict(supported, outcome="not-affected"), **newer))
    lacks("3.1-libraries", "series-of-another-version", image, elf, library, row("component", release="3.6.1", **newer),
          row("vulnerability_match", **ended, **newer))
    lacks("3.1-libraries", "series-run-out", image, elf, library, tested_at="2030-04-09T00:00:00Z")
    lacks("3.1-libraries", "unlisted", image, elf, library, row("crypto_primitive", primitive="rot13", name="ROT13"))
    lacks("3.1-libraries", "maker-unlisted", image, elf, library, row("crypto_use", library="gnutls", needed="libgnutls.so.30"),
          row("component", component="gnutls", name="gnutls", version="3.7.9", release="3.7.9"))
    lacks("3.1-libraries", "static", image, elf, library, row("elf_file", path="/bin/s", imports="unknown"))
    programs("3.1-libraries")

    listed = [row("vulnerability_list"), row("vulnerability_coverage")]
    part = row("component")
    passes("4.4-components", "none-known", image, part, listed, irrelevant=image_words)
    passes("4.4-components", "fixed", image, part, listed, row("vulnerability_match"),
           irrelevant=image_words + ["vulnerability_match.0"] )
    passes("4.4-components", "list-of-31-days", image, part, row("vulnerability_list", age_days=31),
           row("vulnerability_coverage"), irrelevant=image_words)
    breaks("4.4-components", "affected", image, part, listed, row("vulnerability_match", outcome="affected"))
    breaks("4.4-components", "affected-by-starter", image, part, row("vulnerability_list", scope="excerpt"),
           row("vulnerability_match", outcome="affected", fixed=""))
    lacks("4.4-components", "list-of-32-days", image, part, row("vulnerability_list", age_days=32),
          row("vulnerability_coverage"))
    lacks("4.4-components", "no-list", image, part)
    lacks("4.4-components", "starter", image, part, row("vulnerability_list", scope="excerpt"),
          row("vulnerability_coverage", complete="no"))
    lacks("4.4-components", "not-in-the-list", image, part, listed, row("component", name="x", component="x"))
    lacks("4.4-components", "by-a-distribution", image, part, listed, row("vulnerability_match", outcome="unknown"))
    lacks("4.4-components", "no-version", image, part, listed, row("component", path="/b", version="", release=""))
    lacks("4.4-components", "nothing", image, listed)

    declared = row("declared_component")
    loose = image_words
    passes("4.6-cross-check", "listed", image, part, declared, irrelevant=loose)
    passes("4.6-cross-check", "by-package-name", image, row("component", name="libssl3", component="openssl"),
           row("declared_component", name="libssl3", component="libssl3"), irrelevant=loose)
    breaks("4.6-cross-check", "not-listed", image, part, row("component", name="busybox", component="busybox"), declared)
    breaks("4.6-cross-check", "other-version", image, row("component", version="1.1.1", release="1.1.1"), declared)
    lacks("4.6-cross-check", "nothing-declared", image, part)
    lacks("4.6-cross-check", "nothing-found", image, declared)
    lacks("4.6-cross-check", "no-version", image, part, row("component", path="/b", version="", release=""), declared)

    boot(tools, image, image_words)


def boot(tools, image, image_words):
    row, passes, breaks, lacks = tools.row, tools.passes, tools.breaks, tools.lacks
    delay = row("boot_setting")
    shell = dict(path="/etc/inittab", source="inittab", setting="shell", number=0)
    asked = row("boot_setting", **shell, text="::respawn:/sbin/getty ttyS0", login="asked")
    loose = image_words + ["boot_setting.0.login"]
    passes("7.2-console", "closed", image, delay, asked, irrelevant=loose)
    keyed = dict(number=5, text="5")
    passes("7.2-console", "stop-key", image, row("boot_setting", **keyed), asked,
           row("boot_setting", setting="stop-key", text="bootstopkeysha256", number=0),
           irrelevant=loose + ["boot_setting.2.login"])
    breaks("7.2-console", "delay", image, row("boot_setting", **keyed), asked)
    breaks("7.2-console", "delay-0", image, row("boot_setting", number=0, text="0"), asked)
    breaks("7.2-console", "delay-minus-1", image, row("boot_setting", number=-1, text="-1"), asked)
    breaks("7.2-console", "key-of-another-block", image, row("boot_setting", **keyed), asked,
           row("boot_setting", path="/other", setting="stop-key", text="bootstopkey", number=0))
    breaks("7.2-console", "shell", image, delay, row("boot_setting", **shell, text="::askfirst:/bin/sh", login="none"))
    breaks("7.2-console", "automatic", image, delay, row("boot_setting", **shell, text="getty -a root", login="automatic"))
    breaks("7.2-console", "init-shell", image, delay, asked,
           row("boot_setting", setting="boot-arguments-shell", text="init=/bin/sh", number=0, login="none"))
    lacks("7.2-console", "no-boot-loader", image, asked)
    lacks("7.2-console", "no-terminal", image, delay)
    lacks("7.2-console", "terminal-unclear", image, delay, asked,
          row("boot_setting", **shell, text="::respawn:/usr/libexec/login.sh", login="unknown"))

    sign = row("boot_integrity")
    passes("6.6-secure-boot", "signed", image, sign, irrelevant=image_words)
    for name in ("required-key", "mcuboot-signature", "android-vbmeta", "dm-verity", "verity-arguments", "ima-signature"):
        passes("6.6-secure-boot", name, image, row("boot_integrity", sign=name), irrelevant=image_words)
    breaks("6.6-secure-boot", "none", image)
    breaks("6.6-secure-boot", "not-signed", image, row("boot_integrity", state="absent"))
    breaks("6.6-secure-boot", "modules-only", image, row("boot_integrity", sign="module-signature"))
    lacks("6.6-secure-boot", "unclear", image, row("boot_integrity", state="unknown"))

    passes("5.5-counter", "used", image, row("rollback_counter"), irrelevant=image_words)
    breaks("5.5-counter", "unused", image, row("rollback_counter", state="absent", value=""))
    lacks("5.5-counter", "no-place", image)
    lacks("5.5-counter", "unclear", image, row("rollback_counter"), row("rollback_counter", path="/x", state="unknown"))

    system = dict(path="/etc/os-release", field="VERSION_ID", place="system")
    passes("5.7-image-version", "same", image, row("image_version"), irrelevant=image_words)
    passes("5.7-image-version", "system-has-its-own", image, row("image_version"),
           row("image_version", **system, text="12", same="no"), irrelevant=image_words + ["image_version.1"])
    breaks("5.7-image-version", "other", image, row("image_version", text="1.4.1", same="no"))
    lacks("5.7-image-version", "system-only", image, row("image_version", **system, text="12", same="no"))
    lacks("5.7-image-version", "nowhere", image)
    lacks("5.7-image-version", "not-declared", image, row("image_version", wanted="", same="unknown"))

    key = row("secure_element", path="/etc/tls.conf", element="pkcs11", seen_by="key-reference", text="pkcs11:")
    passes("7.5-driver", "driver-and-key", image, row("secure_element"), key, irrelevant=image_words)
    breaks("7.5-driver", "none", image)
    breaks("7.5-driver", "key-only", image, key)
    lacks("7.5-driver", "driver-only", image, row("secure_element"))

    module = dict(name="magiccrypto", version="2.2.0", component="magiccrypto", release="2.2.0")
    library = row("component", path="/lib/libMagicCrypto.so.2.2.0", origin="file-name", **module)
    declared = row("declared_component", **module)
    passes("3.4-library", "same", image, declared, library, irrelevant=image_words)
    breaks("3.4-library", "absent", image, declared)
    breaks("3.4-library", "other-version", image, declared,
           row("component", **{**module, "version": "2.0.0", "release": "2.0.0"}))
    lacks("3.4-library", "not-declared", image, row("component"))
    lacks("3.4-library", "no-version", image, declared, row("component", **{**module, "version": "", "release": ""}))
