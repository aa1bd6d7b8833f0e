#!/usr/bin/env python3
"""A second verifier of run files, written from harness/evidence/FORMAT.md alone.

Usage: run_file_verifier.py FILE [REPORT…]   prints "links=M sealed=N root=HEX" and for each report
"NUMBER FORMAT LANGUAGE LINK" or "foreign"; or what is wrong (status 1)
"""
import hashlib
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tempfile

OUTSIDE = {"link", "leaf", "seal", "stamp", "evidence_salt", "evidence_chunk", "secret_value"}
PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32", "-sigopt", "rsa_mgf1_md:sha256"]
ALGORITHMS = {b"ed25519": ("ED25519 Public-Key", None),
              b"ecdsa-sha256": ("NIST CURVE: P-256", ["-sha256"]),
              b"ecdsa-sha384": ("NIST CURVE: P-384", ["-sha384"]),
              b"rsa-pss-sha256": ("Modulus:", ["-sha256", *PSS])}
ORDERS = {b"ecdsa-sha256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
          b"ecdsa-sha384": int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
                               "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16)}
wrong = []


def u(number):
    return struct.pack(">q", number)


def c(data):
    return u(len(data)) + data


def h(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def cell(value, kind):
    if kind == "integer":
        return b"i" + u(value)
    if kind == "real":
        return b"f" + struct.pack(">d", value)
    if kind == "text":
        return b"t" + c(value)
    return b"b" + c(value) if kind == "blob" else b"n"


def rows(db, table):
    """Cells of each row as bytes, by the order of the digest."""
    columns = [row[1].decode() for row in db.execute(f'PRAGMA table_info("{table}")')]
    pairs = ", ".join(f'"{name}", typeof("{name}")' for name in columns)
    for row in db.execute(f'SELECT {pairs} FROM "{table}" ORDER BY 1'):
        yield columns, row[0::2], [kind.decode() for kind in row[1::2]]


def row_digest(table, values, kinds):
    return h(b"R", c(table.encode()), u(len(values)), *map(cell, values, kinds))


def check_schema(db):
    held = dict(db.execute("SELECT name, text FROM document WHERE kind = 'schema'"))
    found = {kind + b" " + name: sql for kind, name, sql in
             db.execute("SELECT type, name, sql FROM sqlite_master") if sql is not None}
    if held != found:
        wrong.append("schema")
    return sorted(name.split(b" ")[1].decode() for name in held if name.startswith(b"table "))


def check_links(db, tables):
    """Recomputes the chain and the leaves; returns n -> hash."""
    by_link, leaves = {}, []
    for table in tables:
        if table in OUTSIDE - {"link"}:
            continue
        for columns, values, kinds in rows(db, table):
            digest = row_digest(table, values, kinds)
            n = values[0] if table == "link" else values[columns.index("link")]
            if table != "link":
                by_link.setdefault(n, []).append(digest)
            marks = b"".join(h(b"V", cell(v, k))[:4] for v, k in zip(values, kinds))
            leaves.append((n, table.encode(), values[0], digest, marks))
    hashes, prev = {}, bytes(32)
    for n, at, what, before, digest, link_hash in db.execute("SELECT * FROM link ORDER BY n"):
        if n != len(hashes) + 1 or before != prev or digest != h(b"L", *by_link.pop(n, [])):
            wrong.append(f"link {n}")
        if link_hash != h(b"H", u(n), c(at), c(what), c(before), c(digest)):
            wrong.append(f"link {n} hash")
        hashes[n] = prev = link_hash
    if by_link:
        wrong.append(f"rows of links {sorted(by_link)}")
    kept = db.execute("SELECT id, link, tbl, row, digest, cells FROM leaf ORDER BY id").fetchall()
    if kept != [(i, *leaf) for i, leaf in enumerate(sorted(leaves), 1)]:
        wrong.append("leaves")
    return hashes


def check_contents(db):
    salts = {row[0]: row[1:] for row in db.execute("SELECT evidence, link, salt FROM evidence_salt")}
    chunks = {}
    for number, link, owner, n, data in db.execute("SELECT * FROM evidence_chunk ORDER BY id"):
        parts = chunks.setdefault(owner, [])
        if number != owner * 2**20 + n or n != len(parts):
            wrong.append(f"chunk {number}")
        parts.append((link, data))
    for number, link, size, promised in db.execute("SELECT id, link, size, commitment FROM evidence"):
        parts, salt = chunks.pop(number, []), salts.pop(number, None)
        if salt is None and not parts:
            continue
        content = b"".join(data for _, data in parts)
        if (salt is None or salt[0] != link or any(other != link for other, _ in parts)
                or len(content) != size or any(len(data) != 2**20 for _, data in parts[:-1])
                or promised != h(b"C", c(salt[1]), h(content))):
            wrong.append(f"evidence {number}")
    values = {row[0]: row[1:] for row in db.execute("SELECT * FROM secret_value")}
    for number, link, promised in db.execute("SELECT id, link, commitment FROM secret"):
        held = values.pop(number, None)
        if held and (held[0] != link or promised != h(b"C", c(held[1]), h(held[2]))):
            wrong.append(f"secret {number}")
    if chunks or salts or values:
        wrong.append("contents of nothing")


def low_s(signature, algorithm):
    """Only the smaller of the two values of s is written."""
    half = ORDERS[algorithm] // 2
    r_size = signature[3]
    s = int.from_bytes(signature[6 + r_size:], "big")
    return signature[0] == 0x30 and signature[4 + r_size] == 0x02 and s <= half


def signed(folder, algorithm, key, message, signature):
    for name, data in (("key", key), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(data)
    shown = subprocess.run(["openssl", "pkey", "-pubin", "-inform", "DER", "-in", folder / "key", "-noout", "-text"],
                           capture_output=True).stdout.decode(errors="replace")
    kind, options = ALGORITHMS.get(algorithm, ("no such algorithm", None))
    if kind not in shown:
        return False
    if algorithm == b"rsa-pss-sha256" and not 2048 <= int(shown.split("Public-Key: (")[1].split(" ")[0]) <= 8192:
        return False
    if algorithm in ORDERS and not low_s(signature, algorithm):
        return False
    if options is None:
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-inkey", folder / "key",
                   "-in", folder / "message", "-sigfile", folder / "signature"]
    else:
        command = ["openssl", "dgst", *options, "-keyform", "DER", "-verify", folder / "key",
                   "-signature", folder / "signature", folder / "message"]
    return subprocess.run(command, capture_output=True).returncode == 0


def check_seals(db, hashes):
    newest = 0
    seals = db.execute("SELECT id, n, at, algorithm, public_key, signature FROM seal ORDER BY id").fetchall()
    for index, (number, n, at, algorithm, key, signature) in enumerate(seals, 1):
        message = (b"haetae seal 2\n" + u(number) + u(n) + c(at) + c(hashes.get(n, b"")) + c(algorithm) + c(key))
        with tempfile.TemporaryDirectory() as folder:
            good = signed(pathlib.Path(folder), algorithm, key, message, signature)
        if not good or index != number:
            wrong.append(f"seal {number}")
        else:
            newest = max(newest, n)
    return newest


def stamp_holds(folder, token, signature):
    """What the token's own certificate says about it; which digest it takes, openssl reads from it."""
    for name, data in (("token", token), ("signature", signature)):
        (folder / name).write_bytes(data)
    shown = subprocess.run(["openssl", "ts", "-reply", "-token_in", "-in", folder / "token", "-text"],
                           capture_output=True)
    if not any(b"Hash Algorithm: sha" + size in shown.stdout for size in (b"256", b"384", b"512")):
        return False
    certificates = subprocess.run(["openssl", "pkcs7", "-inform", "DER", "-in", folder / "token", "-print_certs",
                                   "-out", folder / "certificates"], capture_output=True)
    return certificates.returncode == 0 and subprocess.run(
        ["openssl", "ts", "-verify", "-token_in", "-in", folder / "token", "-data", folder / "signature",
         "-CAfile", folder / "certificates", "-partial_chain", "-no_check_time"], capture_output=True).returncode == 0


def check_stamps(db):
    signatures = dict(db.execute("SELECT id, signature FROM seal"))
    newest = 0
    for index, (number, seal, token) in enumerate(db.execute("SELECT id, seal, token FROM stamp ORDER BY id"), 1):
        with tempfile.TemporaryDirectory() as folder:
            good = stamp_holds(pathlib.Path(folder), token, signatures.get(seal, b""))
        if not good or index != number or seal < newest:
            wrong.append(f"stamp {number}")
        newest = max(newest, seal)


def reports(db, files):
    for file in files:
        digest = hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest().encode()
        row = db.execute("SELECT report, format, language, link FROM report_file WHERE sha256 = ?",
                         (digest.decode(),)).fetchone()
        yield f"{row[0].decode()} {row[1].decode()} {row[2].decode()} {row[3]}" if row else "foreign"


def main():
    db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    db.text_factory = bytes
    if db.execute("PRAGMA application_id").fetchone()[0] != 0x48414554:
        wrong.append("application_id")
    if db.execute("PRAGMA user_version").fetchone()[0] != 2:
        wrong.append("user_version")
    hashes = check_links(db, check_schema(db))
    check_contents(db)
    sealed = check_seals(db, hashes)
    check_stamps(db)
    if wrong:
        print("; ".join(wrong))
        return 1
    print(f"links={len(hashes)} sealed={sealed} root={hashes[len(hashes)].hex()}")
    for line in reports(db, sys.argv[2:]):
        print(line)
    return 0


sys.exit(main())
