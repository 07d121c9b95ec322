#!/usr/bin/env python3
"""Real servers for the tests of channels: a mail server (exim4) behind a proxy that fails as it is told, and an HTTPS endpoint.

    servers.py serve DIR     certificates, exim, both servers; writes DIR/ports ("smtp=N https=N smtps=N") when they listen; ends with its
                             standard input. DIR/smtp.mode and DIR/https.mode say what goes wrong, looked at for each connection.
    servers.py mails DIR     each mail that exim has put into a mailbox, as a line: recipient, Message-ID, In-Reply-To, parts
    servers.py mail FILE     one mail, taken apart by Python's own parser: headers, then each part decoded

Modes of both: ok, refuse (nobody listens), slow, close-mid, close-after (taken, but closed before the answer), strange (a certificate of
another authority), expired, wrong-name, mixed SEED (one connection in two fails in one of the ways, by lot).
SMTP: greeting-421, mail-550, rcpt-451, rcpt-550, data-452, data-554, no-tls.  HTTPS: the status, 400 and so on; redirect.
What was taken is noted, in its order, in DIR/smtp.log (recipient, Message-ID) and DIR/https.log (key, signature, JSON)."""
import base64, email, email.policy, hashlib, hmac, http.server, json, os, pathlib, random, re, shutil, signal, socket, ssl, subprocess, sys, threading, time

SECRET = b"a secret of the tests, long enough"
HOLD_S = 5                                  # what "slow" means: longer than any time limit of a test


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def certificates(dir):
    def authority(name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{dir}/{name}.key",
                "-out", f"{dir}/{name}.pem", "-days", "2", "-subj", f"/CN={name}")

    def certificate(name, issuer, alt, dates):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{dir}/{name}.key",
                "-out", f"{dir}/{name}.csr", "-subj", "/CN=server")
        (dir / f"{name}.db").write_text("")
        (dir / f"{name}.cnf").write_text(
            f"[ca]\ndefault_ca=c\n[c]\ndatabase={dir}/{name}.db\nnew_certs_dir={dir}\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n"
            f"unique_subject=no\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName={alt}\n")
        openssl("ca", "-batch", "-notext", "-config", f"{dir}/{name}.cnf", "-cert", f"{dir}/{issuer}.pem", "-keyfile", f"{dir}/{issuer}.key",
                "-in", f"{dir}/{name}.csr", "-out", f"{dir}/{name}.pem", "-startdate", dates[0], "-enddate", dates[1])

    authority("ca")
    authority("other-ca")
    now = ("200101000000Z", "491231235959Z")
    here = "DNS:localhost,IP:127.0.0.1"
    certificate("ok", "ca", here, now)
    certificate("strange", "other-ca", here, now)
    certificate("expired", "ca", here, ("200101000000Z", "200201000000Z"))
    certificate("wrong-name", "ca", "DNS:elsewhere.example", now)


class Trouble:
    """What goes wrong with the next connection."""
    def __init__(self, file, lots):
        self.file, self.lots, self.random, self.lock = file, lots, None, threading.Lock()

    def mode(self):
        try:
            words = self.file.read_text().split()
        except FileNotFoundError:
            words = []
        return words or ["ok"]

    def draw(self):
        words = self.mode()
        with self.lock:
            if words[0] != "mixed":
                self.random = None
                return words[0]
            if self.random is None:
                self.random = random.Random(int(words[1]))
            return self.random.choice(self.lots) if self.random.random() < 0.5 else "ok"


class Server:
    """Listens, but not while the mode is "refuse"."""
    def __init__(self, dir, name, lots):
        self.dir, self.trouble = dir, Trouble(dir / f"{name}.mode", lots)
        self.log, self.lock = open(dir / f"{name}.log", "a"), threading.Lock()
        self.tls = {}
        for cert in ("ok", "strange", "expired", "wrong-name"):
            self.tls[cert] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls[cert].load_cert_chain(dir / f"{cert}.pem", dir / f"{cert}.key")
        self.port = 0
        self.listener = self.listen()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def listen(self):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", self.port))
        s.listen(64)
        s.settimeout(0.005)
        return s

    def accept(self):
        while True:
            refuses = self.trouble.mode()[0] == "refuse"
            if refuses and self.listener:
                self.listener.close()
                self.listener = None
                (self.dir / "refusing").touch()
            elif not refuses and not self.listener:
                self.listener = self.listen()
                (self.dir / "refusing").unlink(missing_ok=True)
            if not self.listener:
                time.sleep(0.005)
                continue
            try:
                peer = self.listener.accept()[0]
            except (TimeoutError, socket.timeout):
                continue
            peer.settimeout(30)
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        try:
            self.talk(peer, self.trouble.draw())
        except (OSError, ssl.SSLError, ValueError):
            pass
        finally:
            peer.close()

    def has_changed(self, mode):
        """On a connection that was kept: what goes wrong now goes wrong for it too."""
        return self.trouble.draw() != mode

    def certificate_for(self, mode):
        return self.tls[mode if mode in self.tls else "ok"]

    def note(self, *words):
        with self.lock:
            print(*words, file=self.log, flush=True)


class Smtp(Server):
    """Passes every line on to exim and back, but where the mode says otherwise. TLS ends here, and begins anew behind."""
    exim_port = 0

    @staticmethod
    def read_reply(f):
        lines = []
        while True:
            line = f.readline()
            if not line:
                raise ValueError("closed")
            lines.append(line)
            if line[3:4] != b"-":
                return b"".join(lines)

    def talk(self, peer, mode):
        if mode == "slow":
            time.sleep(HOLD_S)
            return
        behind = socket.create_connection(("127.0.0.1", self.exim_port), 30)
        front, back = peer.makefile("rb"), behind.makefile("rb")
        greeting = self.read_reply(back)
        if mode == "greeting-421":
            peer.sendall(b"421 4.3.2 too busy\r\n")
            return
        peer.sendall(greeting)
        recipient, mails = b"", 0
        faults = {"mail-550": (b"MAIL", b"550 5.7.1 not from you\r\n"), "rcpt-451": (b"RCPT", b"451 4.2.2 <x@y> mailbox full\r\n"),
                  "rcpt-550": (b"RCPT", b"550 5.1.1 <x@y> no such user\r\n")}
        while True:
            line = front.readline()
            if not line:
                return
            verb = line[:4].upper()
            if verb == b"MAIL" and mails and self.has_changed(mode):
                return
            mails += verb == b"MAIL"
            if mode in faults and verb == faults[mode][0]:
                peer.sendall(faults[mode][1])
                continue
            behind.sendall(line)
            reply = self.read_reply(back)
            if verb == b"EHLO" and mode == "no-tls":
                reply = b"".join(l for l in reply.splitlines(True) if b"STARTTLS" not in l)
                reply = re.sub(rb"250-([^\r]*\r\n)$", rb"250 \1", reply)
            if verb == b"STAR" and reply.startswith(b"220"):
                peer.sendall(reply)
                peer = self.certificate_for(mode).wrap_socket(peer, server_side=True)
                context = ssl.create_default_context(cafile=str(self.dir / "ca.pem"))
                behind = context.wrap_socket(behind, server_hostname="localhost")
                front, back = peer.makefile("rb"), behind.makefile("rb")
                continue
            if verb == b"RCPT":
                recipient = re.search(rb"<([^>]*)>", line).group(1)
            peer.sendall(reply)
            if verb == b"DATA" and reply.startswith(b"354"):
                if not self.data(peer, front, behind, back, recipient, mode):
                    return

    def data(self, peer, front, behind, back, recipient, mode):
        lines = []
        while (line := front.readline()) != b".\r\n":
            if not line or (mode == "close-mid" and len(lines) > 20):
                return False
            lines.append(line)
        if mode in ("data-452", "data-554"):
            peer.sendall(b"452 4.3.1 disk full\r\n" if mode == "data-452" else b"554 5.6.0 not this one\r\n")
            return False
        behind.sendall(b"".join(lines) + b".\r\n")
        reply = self.read_reply(back)
        if reply.startswith(b"250"):
            id = re.search(rb"^Message-ID:\s*<([^>]*)>", b"".join(lines), re.M).group(1)
            self.note(recipient.decode(), id.decode())
        if mode == "close-after":
            return False
        peer.sendall(reply)
        return True


class Https(Server):
    def talk(self, peer, mode):
        if mode == "slow":
            time.sleep(HOLD_S)
            return
        peer = self.certificate_for(mode).wrap_socket(peer, server_side=True)
        f, requests = peer.makefile("rb"), 0
        while request := f.readline():
            if requests and self.has_changed(mode):
                return
            requests += 1
            header = {}
            while (line := f.readline()) not in (b"\r\n", b""):
                name, value = line.decode().split(":", 1)
                header[name.lower()] = value.strip()
            length = int(header.get("content-length", 0))
            if mode == "close-mid":
                f.read(length // 2)
                return
            body = f.read(length)
            code = int(mode) if mode.isdigit() else 307 if mode == "redirect" else 204
            if code == 204:
                self.take(request, header, body)
            if mode == "close-after":
                return
            extra = b"Location: https://elsewhere.example/\r\n" if code == 307 else b""
            peer.sendall(b"HTTP/1.1 %d Whatever\r\n%sContent-Length: 0\r\n\r\n" % (code, extra))

    def take(self, request, header, body):
        signed = f"{header.get('webhook-id')}.{header.get('webhook-timestamp')}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
        good = header.get("webhook-signature") == wanted and abs(time.time() - int(header.get("webhook-timestamp", 0))) < 60
        key = header.get("idempotency-key", "-")
        self.note(key, "signed" if good else "unsigned", body.decode())


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_exim(dir):
    root = os.geteuid() == 0
    user, group = ("Debian-exim",) * 2 if root else (subprocess.check_output(["id", f"-{w}n"], text=True).strip() for w in "ug")
    port, tls_port = free_port(), free_port()
    (dir / "spool").mkdir()
    (dir / "mail").mkdir()
    (dir / "exim.conf").write_text(f"""
primary_hostname = mail.test
exim_user = {user}
exim_group = {group}
spool_directory = {dir}/spool
log_file_path = {dir}/spool/log_%s
pid_file_path =
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = {dir}/ok.pem
tls_privatekey = {dir}/ok.key
acl_smtp_rcpt = rcpt
acl_smtp_data = data
qualify_domain = police.example
keep_environment =
disable_ipv6
smtp_accept_max = 200
smtp_accept_queue_per_connection = 0
queue_run_max = 10
begin acl
rcpt:
  accept authenticated = *
  deny message = 5.7.0 authentication required
data:
  deny condition = ${{if >{{$max_received_linelength}}{{998}}}}
       message = a line is too long
  accept verify = header_syntax
  deny message = a header is not as it should be
begin routers
local:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = {dir}/mail/all
  maildir_format
  create_directory
  envelope_to_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{alerts}}}}{{eq{{$auth3}}{{let me in}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
""")
    if root:
        os.chmod(dir, 0o711)
        for name in ("spool", "mail", "ok.key", "ok.pem"):
            shutil.chown(dir / name, user)
    os.chmod(dir / "exim.conf", 0o644)
    exim = subprocess.Popen(["/usr/sbin/exim4", "-C", str(dir / "exim.conf"), "-bdf"], start_new_session=True,
                            stderr=open(dir / "exim.err", "w"))
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return exim, port, tls_port
        except OSError:
            time.sleep(0.01)
    sys.exit("exim does not listen")


def serve(dir):
    (dir / "secret").write_bytes(SECRET + b"\n")
    (dir / "password").write_text("let me in\n")
    for name in ("secret", "password"):
        os.chmod(dir / name, 0o600)
    certificates(dir)
    exim, Smtp.exim_port, smtps = start_exim(dir)
    tls = ["strange", "expired", "wrong-name"]
    smtp = Smtp(dir, "smtp", ["greeting-421", "mail-550", "rcpt-451", "data-452", "close-mid", "close-after", "no-tls"] + tls)
    https = Https(dir, "https", ["401", "429", "500", "503", "close-mid", "close-after", "redirect"] + tls)
    (dir / "ports.new").write_text(f"smtp={smtp.port} https={https.port} smtps={smtps}\n")
    (dir / "ports.new").rename(dir / "ports")
    sys.stdin.read()
    os.killpg(exim.pid, signal.SIGTERM)
    exim.wait()


def load(path):
    with open(path, "rb") as f:
        return email.message_from_binary_file(f, policy=email.policy.default)


def mails(dir):
    for path in sorted(dir.glob("mail/*/new/*")):
        m = load(path)
        parts = [p.get_content_type() for p in m.walk() if not p.is_multipart()]
        print(m["Envelope-To"].strip(), m["Message-ID"].strip().strip("<>"), (m["In-Reply-To"] or "-").strip().strip("<>"), ",".join(parts))


def mail(path):
    m = load(path)
    for name, value in m.items():
        if name not in ("Received", "Return-path", "Envelope-to", "Delivery-date"):
            print(f"{name}: {value}")
    assert not m.defects, m.defects
    for part in m.walk():
        if not part.is_multipart():
            assert not part.defects, part.defects
            print(f"=== {part.get_content_type()} {part.get_content_charset()}")
            print(part.get_content())


if __name__ == "__main__":
    {"serve": serve, "mails": mails, "mail": mail}[sys.argv[1]](pathlib.Path(sys.argv[2]).resolve())
