"""The second laboratory: other people's printers, pens, seals, scanners and forgeries.

`python -m tests.second_lab --genuine 60 --forged 120` prints its table; every trial is rebuilt from (kind, number).
By a hand that never read the verifier (`services/documents/verify`) or the first laboratory: written from how paper
differs. What it uses of the service is how a form is issued and the one function that judges an upload.
"""
