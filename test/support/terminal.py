"""Runs a command at a terminal of its own and types a line once it is asked: terminal.py TYPED COMMAND..."""
import os
import pty
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said, typed = b"", False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    said += part
    sys.stdout.buffer.write(part)
    if not typed and b"[y/N]" in said:
        os.write(terminal, sys.argv[1].encode())
        typed = True
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
