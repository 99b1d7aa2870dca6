# SPDX-License-Identifier: BSD-2-Clause
"""Mail servers and programs that send one mail and are refused: what a person gets.

RELAYGUARD_SENDERS is a folder with packages that shut each other out, each unpacked
in a folder of its name by dpkg -x; RELAYGUARD_SENDMAIL is that of Sendmail.  What
can be installed beside Postfix is.  All of them are to be run where apart.py leads.
"""
import os
import shutil
import subprocess

from . import apart, check, postfix, sendmail, server, smtp, syslog

FOLDER = os.environ.get("RELAYGUARD_SENDERS", "")
RECIPIENT = "bob@strict.example"


class Seen:
    """person: what the sender reads; record: what else there is, by its kind."""

    def __init__(self, person, **record):
        self.person = " ".join(person.split())
        self.record = {kind: " ".join(text.split()) for kind, text in record.items()}


def address(name):
    """The sender's, at the server of that name."""
    return f"{apart.PERSON}@{name}.home.example"


def message(name):
    """A mail of such a sender."""
    return (f"From: {address(name)}\nTo: {RECIPIENT}\nSubject: {name}\n"
            f"Message-Id: <{name}@home.example>\n\nhello\n")


def unpacked(name, path=""):
    """A program of a package that is unpacked, or its folder."""
    return os.path.join(FOLDER, name, path)


def run(argv, text="", env=None):
    """Run a program to its end; what it has written."""
    done = subprocess.run([str(word) for word in argv], input=text, check=False, text=True,
                          errors="replace", env=env, cwd=server.workdir(), timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def read(path):
    """A file's text, or nothing."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def submit(port, name, host="127.0.0.1", source=None):
    """Hand a mail to a server by SMTP."""
    with smtp.Client(port, host, source) as client:
        client.ehlo()
        client.mail(address(name))
        client.rcpt(RECIPIENT)
        client.data(message(name).replace("\n", "\r\n"))
        client.quit()


def bounce(sink, name, log=""):
    """What came back to the sender: the text part, and the delivery status."""
    mail = sink.take_mail(address(name))
    if mail is None:
        return Seen("nothing came back:\n" + log)
    parts = list(mail.walk())
    text = next(part.get_payload(decode=True).decode("utf-8", "replace") for part in parts
                if part.get_content_type() == "text/plain")
    status = "".join(str(field) for part in parts
                     if part.get_content_type() == "message/delivery-status"
                     for field in part.get_payload())
    return Seen(text, DSN=status)


# --- Servers ---

def from_postfix(sink):
    """Postfix."""
    more = (f"default_transport = smtp\nrelayhost = [{apart.SERVER}]\n"
            f"transport_maps = inline:{{ {{ postfix.home.example = "
            f"smtp:[127.0.0.1]:{sink.port} }} }}\nmyhostname = postfix.home.example\n"
            "mydestination =\nsmtp_host_lookup = native\nsmtp_address_preference = ipv4\n"
            "smtpd_relay_restrictions = permit_mynetworks, reject\ninet_interfaces = 127.0.0.1\n")
    with postfix.Postfix(more=more, domains="", client=True) as mta:
        submit(mta.port, "postfix", source="127.0.0.9")
        seen = bounce(sink, "postfix", mta.log())
        seen.record["log"] = mta.log()
        return seen


EXIM = """
spool_directory = {top}/spool
log_file_path = {top}/log/%slog
pid_file_path = {top}/pid
exim_path = {program}
primary_hostname = exim.home.example
disable_ipv6
keep_environment =
trusted_users = root
host_lookup =
begin routers
home:
  driver = manualroute
  domains = *.home.example
  transport = home
  route_list = * 127.0.0.1 byname
  self = send
out:
  driver = manualroute
  transport = out
  route_list = * {server} byname
  self = send
begin transports
home:
  driver = smtp
  port = {sink}
  allow_localhost
out:
  driver = smtp
  allow_localhost
begin retry
* * F,1h,1h
"""


def from_exim(sink):
    """Exim."""
    top = server.new_dir("exim")
    program = unpacked("exim4-daemon-light", "usr/sbin/exim4")
    for name in ("spool", "log"):
        os.mkdir(os.path.join(top, name))
        shutil.chown(os.path.join(top, name), "Debian-exim", "Debian-exim")
    conf = server.write(os.path.join(top, "conf"), EXIM.format(
        top=top, program=program, server=apart.SERVER, sink=sink.port))
    said = run([program, "-C", conf, "-odf", "-oi", "-f", address("exim"), RECIPIENT],
               message("exim"), server.libraries(unpacked("exim4-daemon-light")))
    log = os.path.join(top, "log", "mainlog")
    seen = bounce(sink, "exim", said + read(log))
    seen.record["log"] = read(log)
    return seen


SENDMAIL = """divert(-1)
include(`{cf}/m4/cf.m4')
OSTYPE(`linux')
define(`confDOMAIN_NAME', `sendmail.home.example')
define(`confPID_FILE', `{top}/pid')
define(`confTO_IDENT', `0')
define(`confDONT_PROBE_INTERFACES', `True')
define(`QUEUE_DIR', `{top}/queue')
define(`STATUS_FILE', `{top}/statistics')
define(`confQUEUE_LA', `10000')
define(`HELP_FILE', `{top}/helpfile')
define(`ALIAS_FILE', `')
define(`confCW_FILE', `{top}/names')
define(`confSERVICE_SWITCH_FILE', `{top}/switch')
define(`SMART_HOST', `esmtp:[{server}]')
define(`SMTP_MAILER_ARGS', `TCP $h {sink}')
FEATURE(`no_default_msa')
FEATURE(`accept_unresolvable_domains')
FEATURE(`nocanonify')
MAILER(`smtp')
LOCAL_RULE_0
R$* <@ sendmail.home.example . > $*	$#smtp $@ [127.0.0.1] $: $1 <@ sendmail.home.example . > $2
R$* <@ sendmail.home.example > $*	$#smtp $@ [127.0.0.1] $: $1 <@ sendmail.home.example > $2
"""


def from_sendmail(sink, recipient=RECIPIENT):
    """Sendmail."""
    top = server.new_dir("sendmail")
    os.mkdir(os.path.join(top, "queue"), 0o700)
    for name in ("names", "helpfile", "statistics"):
        server.write(os.path.join(top, name), "")
    server.write(os.path.join(top, "switch"), "hosts files\n")
    cf = sendmail.compile_cf(top, SENDMAIL.format(cf=sendmail.CF, top=top, server=apart.SERVER,
                                                  sink=sink.port))
    program = sendmail.copy_program(top)
    with syslog.Syslog() as log:
        run([*log.prefix, program, "-C", cf, "-i", "-odi", "-f", address("sendmail"), recipient],
            message("sendmail"), server.libraries(sendmail.FOLDER))
        seen = bounce(sink, "sendmail", log.text())
        check.wait_for(lambda: "stat=" in log.text())
        seen.record["log"] = log.text()
        return seen


OPENSMTPD = """
listen on 127.0.0.1 port {port}
smtp max-message-size 1M
action "home" relay host smtp://127.0.0.1:{sink}
action "out" relay host smtp://{server}:25
match from any for domain "opensmtpd.home.example" action "home"
match from any for any action "out"
"""


def from_opensmtpd(sink):
    """OpenSMTPD."""
    port = server.free_port()
    conf = server.write(os.path.join(server.new_dir("opensmtpd"), "conf"), OPENSMTPD.format(
        port=port, sink=sink.port, server=apart.SERVER))
    os.makedirs("/var/lib/opensmtpd/empty", mode=0o755)
    program = unpacked("opensmtpd", "usr/sbin/smtpd")
    with server.Server("opensmtpd", [program, "-d", "-f", conf],
                       env=server.libraries(unpacked("opensmtpd"))) as mta:
        mta.wait_ready(lambda: server.listens(port))
        submit(port, "opensmtpd")
        seen = bounce(sink, "opensmtpd", mta.output())
        seen.record = {"log": " ".join(mta.output().split())}
        return seen


# --- Programs ---

def from_ssmtp(_):
    """ssmtp."""
    top = server.new_dir("ssmtp")
    conf = server.write(os.path.join(top, "conf"),
                        f"mailhub={apart.SERVER}:25\nhostname=ssmtp.home.example\n"
                        "FromLineOverride=YES\n")
    with syslog.Syslog() as log:
        said = run([*log.prefix, unpacked("ssmtp", "usr/sbin/ssmtp"), "-C", conf,
                    "-f", address("ssmtp"), RECIPIENT], message("ssmtp"),
                   server.libraries(unpacked("ssmtp")))
        return Seen(said, log=log.text())


def from_mutt(_):
    """mutt, which speaks SMTP by itself."""
    conf = server.write(os.path.join(server.new_dir("mutt"), "conf"),
                        f'set smtp_url="smtp://{apart.SERVER}:25"\n'
                        'set ssl_starttls=no\nset ssl_force_tls=no\n'
                        f'set from="{address("mutt")}"\nset use_envelope_from=yes\n'
                        'set envelope_from_address="$from"\nset copy=no\n')
    env = {**os.environ, "HOME": os.path.dirname(conf), "TERM": "dumb"}
    return Seen(run(["mutt", "-n", "-F", conf, "-s", "hello", "--", RECIPIENT], "hello\n", env))


def from_nmh(_):
    """nmh's send."""
    top = server.new_dir("nmh")
    os.mkdir(os.path.join(top, "Mail"))
    server.write(os.path.join(top, ".mh_profile"), f"Path: {top}/Mail\n")
    draft = server.write(os.path.join(top, "draft"), message("nmh").replace(
        "Message-Id: <nmh@home.example>\n", ""))
    return Seen(run(["/usr/bin/mh/send", "-mts", "smtp", "-server", apart.SERVER, "-port", "25",
                     "-notls", draft], env={**os.environ, "HOME": top}))


def from_msmtp(_):
    """msmtp."""
    log = os.path.join(server.new_dir("msmtp"), "log")
    said = run(["msmtp", "-C", "/dev/null", f"--host={apart.SERVER}", "--port=25", "--tls=off",
                "--auth=off", f"--logfile={log}", f"--from={address('msmtp')}", RECIPIENT],
               message("msmtp"))
    return Seen(said, log=read(log))


RUBY = """
require 'net/smtp'
Net::SMTP.start(ARGV[0], 25, 'ruby.home.example') do |smtp|
  smtp.send_message(STDIN.read, ARGV[1], ARGV[2])
end
"""


def from_ruby(_):
    """Ruby's Net::SMTP."""
    return Seen(run(["ruby", "-e", RUBY, apart.SERVER, address("ruby"), RECIPIENT],
                    message("ruby")))


def from_dma(_):
    """dma, which writes what came back into a mailbox."""
    os.makedirs("/etc/dma", exist_ok=True)
    server.write("/etc/dma/dma.conf",
                 f"SMARTHOST {apart.SERVER}\nMAILNAME dma.home.example\n")
    os.mkdir("/var/spool/dma")
    shutil.chown("/var/spool/dma", "root", "mail")
    os.chmod("/var/spool/dma", 0o2775)
    mailbox = server.write(os.path.join("/var/mail", apart.PERSON), "", 0o660)
    shutil.chown(mailbox, apart.PERSON, "mail")
    with syslog.Syslog() as log:
        said = run([*log.prefix, unpacked("dma", "usr/sbin/dma"), "-D", "-f", apart.PERSON,
                    RECIPIENT], message("dma"), server.libraries(unpacked("dma")))
        text = check.wait_for(lambda: read(mailbox), 10) or said + log.text()
        return Seen(text, log=log.text())
