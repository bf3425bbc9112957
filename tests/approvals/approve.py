"""The approval round trip of the Python package, one step a run.

    approve.py request POLICY INTENT OUT.json
    approve.py approve REQUEST.json PRIVATE_KEY APPROVER REASON OUT.json
    approve.py decide  POLICY INTENT PUBLIC_KEY TOKEN.json…

``request`` writes what a held decision asks for; ``approve`` signs it for an hour; ``decide`` prints verdict and reason
codes. ``request`` and ``decide`` end with the verdict's exit code (0, 3, 4).
"""

from __future__ import annotations

import sys
from pathlib import Path

import gait


def request(policy: str, intent: str, out: str) -> int:
    """Evaluates, and writes what a held decision asks for."""
    decision = gait.Gate(gait.Policy.load(policy)).evaluate(gait.Intent.load(intent))
    asked = decision.approval_request()
    if asked is not None:
        asked.write(Path(out))
    return decision.exit_code


def approve(asked: str, private_key: str, approver: str, reason: str, out: str) -> int:
    """Signs an approval of a request."""
    key = gait.SigningKey.load(private_key)
    token = gait.approve(gait.ApprovalRequest.load(asked), key, approver=approver, reason=reason, ttl=3600)
    token.write(Path(out))
    return 0


def decide(policy: str, intent: str, public_key: str, *tokens: str) -> int:
    """Evaluates with approvals at hand."""
    gate = gait.Gate(gait.Policy.load(policy), approvers=gait.VerifyingKey.load(public_key))
    approvals = [gait.ApprovalToken.load(token) for token in tokens]
    decision = gate.evaluate(gait.Intent.load(intent), approvals=approvals)
    print(decision.verdict, ",".join(decision.reason_codes))
    return decision.exit_code


def main() -> int:
    """Takes the step that the command line names; a fault is told on standard error with its code."""
    steps = {"request": request, "approve": approve, "decide": decide}
    try:
        return steps[sys.argv[1]](*sys.argv[2:])
    except (IndexError, KeyError, TypeError):
        print(__doc__, file=sys.stderr)
        return 6
    except gait.GaitError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
